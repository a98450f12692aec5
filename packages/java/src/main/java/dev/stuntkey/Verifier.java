package dev.stuntkey;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A relying party's side of both ceremonies, as WebAuthn L3 §7 has it. Each method that sets
 * something gives a new verifier, so that it can be shared.
 *
 * <pre>{@code
 * var verifier = Verifier.at("https://login.example.com");
 * CredentialRecord stored = verifier.verifyRegistration(creationOptions, page.create(creationOptions)).credential();
 * stored = verifier.verifyAuthentication(requestOptions, page.get(requestOptions), stored);
 * }</pre>
 */
public final class Verifier {
  private final Map<String, Object> members;
  private final Map<String, Object> ofRegistrations;
  private final Map<String, Object> ofAuthentications;

  private Verifier(
      Map<String, Object> members,
      Map<String, Object> ofRegistrations,
      Map<String, Object> ofAuthentications) {
    this.members = members;
    this.ofRegistrations = ofRegistrations;
    this.ofAuthentications = ofAuthentications;
  }

  /**
   * A relying party with pages at these origins.
   *
   * @param origins such as {@code https://login.example.com}
   * @return the verifier
   */
  public static Verifier at(String... origins) {
    return new Verifier(Map.of("origin", List.of(origins)), Map.of(), Map.of());
  }

  /**
   * The RP ID, where the options do not say it.
   *
   * @param rpId the RP ID
   * @return this verifier, with it
   */
  public Verifier rpId(String rpId) {
    return set("rpId", rpId);
  }

  /**
   * The challenge that was issued, where there are no options.
   *
   * @param challenge bytes
   * @return this verifier, with it
   */
  public Verifier challenge(byte[] challenge) {
    return set("challenge", challenge);
  }

  /**
   * Expects to be in frames of pages of other origins.
   *
   * @param topOrigins the origins of those pages; none: of any
   * @return this verifier, with it
   */
  public Verifier inFramesOf(String... topOrigins) {
    return set("crossOrigin", true).set("topOrigins", List.of(topOrigins));
  }

  /**
   * Whether user verification is required. Without it, it is what the options say.
   *
   * @param required yes or no
   * @return this verifier, with it
   */
  public Verifier userVerification(boolean required) {
    return set("userVerification", required);
  }

  /**
   * What the standard leaves to the relying party.
   *
   * @param policy the policy
   * @return this verifier, with it
   */
  public Verifier policy(Policy policy) {
    return set("policy", policy);
  }

  /**
   * Trusts attestation that ends in one of these roots, and no other. Without it, anybody may
   * attest.
   *
   * @param roots the roots
   * @return this verifier, with them
   */
  public Verifier trust(AttestationRoot... roots) {
    return new Verifier(
        members,
        with(ofRegistrations, "trust", List.of(roots).stream().map(AttestationRoot::pem).toList()),
        ofAuthentications);
  }

  /**
   * The algorithms that were asked for. Without it, they are those of the options.
   *
   * @param names such as {@code ES256}
   * @return this verifier, with them
   */
  public Verifier algorithms(String... names) {
    return new Verifier(
        members, with(ofRegistrations, "algorithms", List.of(names)), ofAuthentications);
  }

  /**
   * Registrations are conditional creates, in which nobody is asked.
   *
   * @return this verifier, with it
   */
  public Verifier conditional() {
    return new Verifier(members, with(ofRegistrations, "conditional", true), ofAuthentications);
  }

  /**
   * What is registered already, so that a registration cannot take the id of another's credential.
   *
   * @param credentials the records of those credentials
   * @return this verifier, with them
   */
  public Verifier registered(CredentialRecord... credentials) {
    return new Verifier(
        members, with(ofRegistrations, "credentials", List.of(credentials)), ofAuthentications);
  }

  /**
   * The user who was identified before the login.
   *
   * @param userHandle the user handle
   * @return this verifier, with it
   */
  public Verifier userHandle(byte[] userHandle) {
    return new Verifier(
        members, ofRegistrations, with(ofAuthentications, "userHandle", userHandle));
  }

  /**
   * Lets a signature counter pass that does not rise.
   *
   * @return this verifier, with it
   */
  public Verifier staleSignCount() {
    return new Verifier(members, ofRegistrations, with(ofAuthentications, "staleSignCount", true));
  }

  /**
   * Verifies a registration.
   *
   * @param options the creation options that were sent, or null where a challenge was given
   * @param response what came back
   * @return what to store
   * @throws VerificationException if a relying party has to refuse it
   */
  public VerifiedRegistration verifyRegistration(String options, RegistrationResponse response) {
    return verifyRegistration(options, textOf(response));
  }

  /**
   * Verifies a registration.
   *
   * @param options the creation options that were sent, or null where a challenge was given
   * @param response what came back, a {@code RegistrationResponseJSON}
   * @return what to store
   * @throws VerificationException if a relying party has to refuse it
   */
  public VerifiedRegistration verifyRegistration(String options, String response) {
    return Json.read(verified(registration(options, response)), VerifiedRegistration.class);
  }

  /**
   * Verifies a login.
   *
   * @param options the request options that were sent, or null where a challenge was given
   * @param response what came back
   * @param registered the credentials that are registered
   * @return what to store from now on
   * @throws VerificationException if a relying party has to refuse it
   */
  public CredentialRecord verifyAuthentication(
      String options, AuthenticationResponse response, CredentialRecord... registered) {
    return verifyAuthentication(options, textOf(response), registered);
  }

  /**
   * Verifies a login.
   *
   * @param options the request options that were sent, or null where a challenge was given
   * @param response what came back, an {@code AuthenticationResponseJSON}
   * @param registered the credentials that are registered
   * @return what to store from now on
   * @throws VerificationException if a relying party has to refuse it
   */
  public CredentialRecord verifyAuthentication(
      String options, String response, CredentialRecord... registered) {
    return Json.read(
        verified(authentication(options, response, registered)).get("credential"),
        CredentialRecord.class);
  }

  /**
   * Goes through every step of the verification of a registration.
   *
   * @param options the creation options that were sent, or null where a challenge was given
   * @param response what came back, a {@code RegistrationResponseJSON}
   * @return the steps in order
   */
  public List<VerificationStep> examineRegistration(String options, String response) {
    return steps(registration(options, response));
  }

  /**
   * Goes through every step of the verification of a login.
   *
   * @param options the request options that were sent, or null where a challenge was given
   * @param response what came back, an {@code AuthenticationResponseJSON}
   * @param registered the credentials that are registered
   * @return the steps in order
   */
  public List<VerificationStep> examineAuthentication(
      String options, String response, CredentialRecord... registered) {
    return steps(authentication(options, response, registered));
  }

  /** What the server gets: in the standard's shape, it is the body, letter by letter. */
  private static String textOf(Reply response) {
    return response.preset().equals("l3") ? response.body() : response.json();
  }

  private Request registration(String options, String response) {
    return new Request("verify.registration")
        .withAll(members)
        .withAll(ofRegistrations)
        .with("options", options)
        .with("response", response);
  }

  private Request authentication(String options, String response, CredentialRecord... registered) {
    return new Request("verify.authentication")
        .withAll(members)
        .withAll(ofAuthentications)
        .with("options", options)
        .with("response", response)
        .with("credentials", List.of(registered));
  }

  private static JsonObject verified(Request request) {
    JsonObject verdict = request.sendForJson(Doors.any()).getAsJsonObject();
    JsonElement failure = verdict.get("failure");
    if (failure != null) {
      JsonObject members = failure.getAsJsonObject();
      throw new VerificationException(
          members.get("step").getAsInt(),
          members.get("message").getAsString(),
          Json.read(members, VerificationFailure.class));
    }
    return verdict;
  }

  private static List<VerificationStep> steps(Request request) {
    JsonObject verdict = request.with("steps", true).sendForJson(Doors.any()).getAsJsonObject();
    return Json.read(verdict.get("steps"), Json.listOf(VerificationStep.class));
  }

  private Verifier set(String name, Object value) {
    return new Verifier(with(members, name, value), ofRegistrations, ofAuthentications);
  }

  private static Map<String, Object> with(Map<String, Object> members, String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return Collections.unmodifiableMap(more);
  }
}
