package dev.stuntkey;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A page in the browser around an authenticator. {@link #create} and {@link #get} are {@code
 * navigator.credentials.create()} and {@code navigator.credentials.get()} there.
 *
 * <p>Options are what the server sent: a JSON text in any known shape, or a map with lists, maps,
 * texts, numbers and truth values in it. A JSON library's own value goes as its text: {@code
 * page.create(node.toString())}.
 */
public final class Page {
  private final Authenticator authenticator;
  private final String origin;
  private final Optional<String> topOrigin;

  Page(Authenticator authenticator, String origin, Optional<String> topOrigin) {
    this.authenticator = authenticator;
    this.origin = origin;
    this.topOrigin = topOrigin;
  }

  /**
   * Registers a credential.
   *
   * @param options the creation options that the server sent
   * @param with what this ceremony has that others have not
   * @return what to send to the server
   * @throws StuntkeyException what a browser would refuse, under the name of its DOMException
   */
  public RegistrationResponse create(String options, CeremonyOption... with) {
    return new RegistrationResponse(perform("client.register", options, with));
  }

  /**
   * Registers a credential.
   *
   * @param options the creation options that the server sent
   * @param with what this ceremony has that others have not
   * @return what to send to the server
   * @throws StuntkeyException what a browser would refuse, under the name of its DOMException
   */
  public RegistrationResponse create(Map<String, ?> options, CeremonyOption... with) {
    return create(Json.write(options), with);
  }

  /**
   * Logs in with a credential.
   *
   * @param options the request options that the server sent
   * @param with what this ceremony has that others have not
   * @return what to send to the server
   * @throws StuntkeyException what a browser would refuse, under the name of its DOMException
   */
  public AuthenticationResponse get(String options, CeremonyOption... with) {
    return new AuthenticationResponse(perform("client.authenticate", options, with));
  }

  /**
   * Logs in with a credential.
   *
   * @param options the request options that the server sent
   * @param with what this ceremony has that others have not
   * @return what to send to the server
   * @throws StuntkeyException what a browser would refuse, under the name of its DOMException
   */
  public AuthenticationResponse get(Map<String, ?> options, CeremonyOption... with) {
    return get(Json.write(options), with);
  }

  private ReplyParts perform(String operation, String options, CeremonyOption... with) {
    Request request =
        authenticator
            .request(operation)
            .with("options", options)
            .with("origin", origin)
            .with("topOrigin", topOrigin);
    List<String> faults = new ArrayList<>();
    for (CeremonyOption option : with) {
      if (option instanceof Fault fault) {
        faults.add(fault.id());
      } else if (option instanceof UserAnswer answer) {
        request.with("user", answer.word());
      } else {
        request.with("sound", true);
      }
    }
    return request.with("fault", faults).send(authenticator.door(), ReplyParts.class);
  }

  /**
   * Tells the authenticator that the relying party does not know a credential: {@code
   * PublicKeyCredential.signalUnknownCredential()}.
   *
   * @param rpId the RP ID
   * @param credentialId the credential id
   */
  public void signalUnknownCredential(String rpId, byte[] credentialId) {
    signal(
        authenticator
            .request("client.signal")
            .with("rpId", rpId)
            .with("signal", "unknownCredential")
            .with("credentialId", credentialId));
  }

  /**
   * Tells the authenticator which credentials of a user the relying party accepts: {@code
   * PublicKeyCredential.signalAllAcceptedCredentials()}.
   *
   * @param rpId the RP ID
   * @param userId the user handle
   * @param credentialIds the ids of all credentials that are accepted
   */
  public void signalAllAcceptedCredentials(String rpId, byte[] userId, List<byte[]> credentialIds) {
    signal(
        authenticator
            .request("client.signal")
            .with("rpId", rpId)
            .with("signal", "allAcceptedCredentials")
            .with("userId", userId)
            .with("allAcceptedCredentialIds", credentialIds));
  }

  /**
   * Tells the authenticator what a user is called now: {@code
   * PublicKeyCredential.signalCurrentUserDetails()}.
   *
   * @param rpId the RP ID
   * @param userId the user handle
   * @param name the name of the account
   * @param displayName the name for people to read
   */
  public void signalCurrentUserDetails(
      String rpId, byte[] userId, String name, String displayName) {
    signal(
        authenticator
            .request("client.signal")
            .with("rpId", rpId)
            .with("signal", "currentUserDetails")
            .with("userId", userId)
            .with("name", name)
            .with("displayName", displayName));
  }

  private void signal(Request signal) {
    Door door = authenticator.door();
    ReentrantLock lock = door.lock();
    // Nobody else may lead the browser to another page in between.
    lock.lock();
    try {
      authenticator
          .request("client.navigate")
          .with("origin", origin)
          .with("topOrigin", topOrigin)
          .sendForJson(door);
      signal.sendForJson(door);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return topOrigin.map(top -> origin + " in " + top).orElse(origin);
  }
}
