package dev.stuntkey.scenarios;

import static dev.stuntkey.scenarios.Server.ORIGIN;
import static dev.stuntkey.scenarios.Server.VERIFIER;
import static dev.stuntkey.scenarios.Server.allowing;
import static dev.stuntkey.scenarios.Server.creation;
import static dev.stuntkey.scenarios.Server.logIn;
import static dev.stuntkey.scenarios.Server.register;
import static dev.stuntkey.scenarios.Server.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stuntkey.Authenticator;
import dev.stuntkey.Build;
import dev.stuntkey.CredentialRecord;
import dev.stuntkey.Model;
import dev.stuntkey.Page;
import dev.stuntkey.RegistrationResponse;
import dev.stuntkey.VerificationException;
import dev.stuntkey.VerifiedRegistration;
import dev.stuntkey.Verifier;
import dev.stuntkey.junit.Stuntkey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Stuntkey
class CeremoniesTest {
  @Test
  void registersAndLogsIn(Authenticator key) {
    Page page = key.at(ORIGIN);
    RegistrationResponse created = page.create(creation());
    VerifiedRegistration registered = VERIFIER.verifyRegistration(creation(), created);
    assertEquals(created.id(), registered.credential().id());
    assertEquals(-7, created.publicKeyAlgorithm());
    assertEquals(List.of("internal"), created.transports());
    assertEquals("application/json", created.contentType());
    CredentialRecord stored =
        VERIFIER.verifyAuthentication(request(), page.get(request()), registered.credential());
    assertEquals(1, stored.signCount());
  }

  static Stream<String> algorithms() {
    return Build.current().algorithms().stream();
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void everyAlgorithm(String algorithm) {
    String creation = creation(Server.algorithm(Server.identifier(algorithm)));
    try (var key = Authenticator.create(Authenticator.options().algorithms(algorithm))) {
      RegistrationResponse created = key.at(ORIGIN).create(creation);
      assertEquals(Server.identifier(algorithm), created.publicKeyAlgorithm());
      logIn(key, VERIFIER.verifyRegistration(creation, created).credential());
    }
  }

  @Test
  void discoverableLogin(Authenticator key) {
    CredentialRecord registered = register(key);
    var asserted = key.at(ORIGIN).get(request());
    assertEquals(registered.id(), asserted.id());
    assertArrayEquals("ada".getBytes(StandardCharsets.UTF_8), asserted.userHandle().orElseThrow());
    VERIFIER.verifyAuthentication(request(), asserted, registered);
  }

  @Test
  void twoPagesOneKey(Authenticator key) {
    String elsewhere = "https://example.net";
    String rp = "\"rp\": {\"id\": \"example.net\", \"name\": \"Elsewhere\"}";
    CredentialRecord here = register(key);
    CredentialRecord there =
        Verifier.at(elsewhere)
            .verifyRegistration(creation(rp), key.at(elsewhere).create(creation(rp)))
            .credential();
    assertNotEquals(here.id(), there.id());
    logIn(key, here, there);
    String request = request("\"rpId\": \"example.net\"");
    var asserted = key.at(elsewhere).get(request);
    assertEquals(there.id(), asserted.id());
    Verifier.at(elsewhere).verifyAuthentication(request, asserted, here, there);
  }

  @Test
  void iframe(Authenticator key) {
    String top = "https://shop.example.net";
    RegistrationResponse created = key.inFrame(ORIGIN, top).create(creation());
    String clientData = new String(created.clientDataJson(), StandardCharsets.UTF_8);
    assertTrue(clientData.contains("\"crossOrigin\":true"), clientData);
    assertTrue(clientData.contains("\"topOrigin\":\"" + top + "\""), clientData);
    var refused =
        assertThrows(
            VerificationException.class, () -> VERIFIER.verifyRegistration(creation(), created));
    assertEquals(10, refused.step());
    VERIFIER.inFramesOf(top).verifyRegistration(creation(), created);
  }

  @Test
  void counter(Authenticator key) {
    CredentialRecord registered = register(key);
    CredentialRecord first = logIn(key, registered);
    CredentialRecord second = logIn(key, first);
    assertEquals(
        List.of(0L, 1L, 2L),
        List.of(registered.signCount(), first.signCount(), second.signCount()));
    var refused =
        assertThrows(VerificationException.class, () -> logIn(key, first.withSignCount(9)));
    assertEquals(22, refused.step());
    VERIFIER
        .staleSignCount()
        .verifyAuthentication(request(), key.at(ORIGIN).get(request()), first.withSignCount(9));
  }

  @Test
  void prf() {
    Model model = Model.named("platform").set("extensions", List.of("hmac-secret"));
    try (var key = Authenticator.create(Authenticator.options().model(model))) {
      String id =
          VERIFIER
              .verifyRegistration(
                  creation(), key.at(ORIGIN).create(creation("\"extensions\": {\"prf\": {}}")))
              .credential()
              .id();
      String secret = secret(key, id, "AAAA");
      assertEquals(secret, secret(key, id, "AAAA"));
      assertNotEquals(secret, secret(key, id, "BBBB"));
    }
  }

  private static String secret(Authenticator key, String id, String salt) {
    String request =
        request(
            allowing(id), "\"extensions\": {\"prf\": {\"eval\": {\"first\": \"" + salt + "\"}}}");
    Map<?, ?> prf = (Map<?, ?>) key.at(ORIGIN).get(request).clientExtensionResults().get("prf");
    return (String) ((Map<?, ?>) prf.get("results")).get("first");
  }
}
