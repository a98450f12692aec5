package consumer;

import dev.stuntkey.Authenticator;
import dev.stuntkey.Verifier;

/** A registration from another module. */
public final class Main {
  private static final String OPTIONS =
      """
      {"rp": {"id": "example.com", "name": "Example"},
       "user": {"id": "YWRh", "name": "ada", "displayName": "Ada"},
       "challenge": "dGhlIGNoYWxsZW5nZSBvZiBhIHNlcnZlcg",
       "pubKeyCredParams": [{"type": "public-key", "alg": -7}]}
      """;

  private Main() {}

  /**
   * Registers, and verifies it.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    if (!Authenticator.class.getModule().isNamed()) {
      throw new IllegalStateException("stuntkey is no module here");
    }
    try (var key = Authenticator.create()) {
      String origin = "https://example.com";
      Verifier.at(origin).verifyRegistration(OPTIONS, key.at(origin).create(OPTIONS));
      System.out.println("registered from " + Main.class.getModule());
    }
  }
}
