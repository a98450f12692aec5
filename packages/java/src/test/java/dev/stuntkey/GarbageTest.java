package dev.stuntkey;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GarbageTest {
  @Test
  void anAuthenticatorThatNobodyClosesIsFreed() {
    Authenticator key = Authenticator.create();
    Door door = key.door();
    String capabilities =
        "{\"op\": \"client.capabilities\", \"client\": " + key.handle() + ", \"now\": 0}";
    key = null;
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          while (!door.call(capabilities).contains("HandleError")) {
            System.gc();
            Thread.sleep(20);
          }
        });
  }

  @Test
  void aClosedAuthenticatorIsFreedAtOnce() {
    Authenticator key = Authenticator.create();
    Request request = key.request("client.capabilities");
    key.close();
    assertThrows(StuntkeyException.class, () -> request.sendForJson(key.door()));
  }
}
