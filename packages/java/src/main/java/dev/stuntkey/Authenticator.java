package dev.stuntkey;

import java.lang.ref.Cleaner;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A FIDO2 authenticator without a device, and the browser around it.
 *
 * <pre>{@code
 * try (var key = Authenticator.create()) {
 *   var page = key.at("https://login.example.com");
 *   String body = page.create(optionsOfTheServer).body();
 * }
 * }</pre>
 *
 * <p>It may be used by several threads: one call is carried out after the other. An authenticator
 * that is not closed is freed when it is garbage.
 */
public final class Authenticator implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Held held;
  private final Cleaner.Cleanable cleanable;

  /**
   * The client behind a door. It knows nothing of its authenticator, so that this can become
   * garbage.
   */
  private static final class Held implements Runnable {
    private final Door door;
    private final long client;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Held(Door door, long client) {
      this.door = door;
      this.client = client;
    }

    @Override
    public void run() {
      closed.set(true);
      Doors.release(door);
      if (!door.isBroken()) {
        new Request("client.free").with("client", client).sendForJson(door);
      }
    }
  }

  private record Made(long client) {}

  private Authenticator(AuthenticatorOptions options) {
    Door door = Doors.take();
    try {
      Made made = new Request("client.new").withAll(options.members()).send(door, Made.class);
      held = new Held(door, made.client());
    } catch (RuntimeException error) {
      Doors.release(door);
      throw error;
    }
    cleanable = CLEANER.register(this, held);
  }

  /**
   * Makes an authenticator: a platform authenticator that signs by ES256, verifies its user, and
   * attests as the server wishes.
   *
   * @return the authenticator
   */
  public static Authenticator create() {
    return create(options());
  }

  /**
   * Makes an authenticator.
   *
   * @param options what it is
   * @return the authenticator
   * @throws StuntkeyException if there is no such model, setting or fault, or they do not go
   *     together
   */
  public static Authenticator create(AuthenticatorOptions options) {
    return new Authenticator(options);
  }

  /**
   * Options, to set further ones on.
   *
   * @return the default options
   */
  public static AuthenticatorOptions options() {
    return AuthenticatorOptions.DEFAULT;
  }

  /**
   * A page at this origin, whose ceremonies this authenticator answers.
   *
   * @param origin such as {@code https://login.example.com}
   * @return the page
   */
  public Page at(String origin) {
    return new Page(this, origin, Optional.empty());
  }

  /**
   * A page in a frame.
   *
   * @param origin the origin of the page in the frame
   * @param topOrigin the origin of the page at the top
   * @return the page in the frame
   */
  public Page inFrame(String origin, String topOrigin) {
    return new Page(this, origin, Optional.of(topOrigin));
  }

  /**
   * The credentials on this authenticator.
   *
   * @return a view of them, which is always current
   */
  public Credentials credentials() {
    return new Credentials(this);
  }

  /**
   * What {@code PublicKeyCredential.getClientCapabilities()} says.
   *
   * @return the names of the capabilities that there are
   */
  public List<String> capabilities() {
    return request("client.capabilities").send(door(), Json.listOf(String.class));
  }

  /**
   * The certificate that a server has to trust, so that this authenticator's attestation is
   * trusted.
   *
   * @return the root of its attestation chains
   */
  public AttestationRoot attestationRoot() {
    return request("attestation.root").send(door(), AttestationRoot.class);
  }

  /**
   * The metadata statement of this authenticator, in the form of the FIDO Metadata Service.
   *
   * @return a JSON object
   */
  public String metadata() {
    return request("attestation.metadata").sendForJson(door()).toString();
  }

  /**
   * A metadata BLOB with this authenticator's statement, signed under its attestation root.
   *
   * @param algorithm the algorithm of the signature, such as {@code ES256}
   * @return a JWT
   */
  public String metadataBlob(String algorithm) {
    return request("attestation.metadata").with("blob", algorithm).send(door(), String.class);
  }

  /**
   * Carries out one CTAP2 command, as a platform sends it.
   *
   * @param command the command byte, and CBOR after it
   * @return the status byte, and CBOR after it
   */
  public byte[] ctap(byte[] command) {
    return ctap(request("ctap"), command);
  }

  /**
   * Carries out one CTAP2 command while the user answers so.
   *
   * @param command the command byte, and CBOR after it
   * @param channel the channel: what one has begun, another cannot go on with
   * @param user what the user does
   * @return the status byte, and CBOR after it
   */
  public byte[] ctap(byte[] command, int channel, UserAnswer user) {
    return ctap(request("ctap").with("channel", channel).with("user", user.word()), command);
  }

  private record CtapResponse(byte[] response) {}

  private byte[] ctap(Request request, byte[] command) {
    return request
        .with("request", command)
        .<CtapResponse>send(door(), CtapResponse.class)
        .response();
  }

  /** Takes the authenticator's power away and gives it back. */
  public void powerCycle() {
    request("client.powerCycle").sendForJson(door());
  }

  /** Forgets the authenticator and its credentials. Closing it twice does nothing. */
  @Override
  public void close() {
    cleanable.clean();
  }

  /** A request about this authenticator. */
  Request request(String operation) {
    if (held.closed.get()) {
      throw new StuntkeyException(
          new StuntkeyException.Parts(
              "HandleError",
              "$.client: found an authenticator that was closed, expected an open one",
              Optional.of("$.client"),
              Optional.of(
                  "use it before its try block ends, or make another by Authenticator.create()")));
    }
    return new Request(operation, this).with("client", held.client);
  }

  Door door() {
    return held.door;
  }

  /** The handle by which the door knows this. */
  long handle() {
    return held.client;
  }
}
