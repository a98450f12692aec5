package dev.stuntkey.scenarios;

import static dev.stuntkey.scenarios.Server.ORIGIN;
import static dev.stuntkey.scenarios.Server.VERIFIER;
import static dev.stuntkey.scenarios.Server.creation;
import static dev.stuntkey.scenarios.Server.logIn;
import static dev.stuntkey.scenarios.Server.register;
import static dev.stuntkey.scenarios.Server.request;
import static dev.stuntkey.scenarios.Server.required;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stuntkey.Authenticator;
import dev.stuntkey.CredentialRecord;
import dev.stuntkey.Faults;
import dev.stuntkey.StuntkeyException;
import dev.stuntkey.UserAnswer;
import dev.stuntkey.VerificationException;
import dev.stuntkey.junit.Stuntkey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

@Stuntkey
class RefusalsTest {
  private static StuntkeyException refused(String name, Executable ceremony) {
    var refusal = assertThrows(StuntkeyException.class, ceremony);
    assertEquals(name, refusal.name());
    return refusal;
  }

  @Test
  void userDenies(Authenticator key) {
    refused("NotAllowedError", () -> key.at(ORIGIN).create(creation(), UserAnswer.DENIED));
    assertEquals(List.of(), key.credentials().list());
    register(key);
  }

  @Test
  void userNotVerified(Authenticator key) {
    CredentialRecord registered = register(key);
    refused(
        "NotAllowedError",
        () -> key.at(ORIGIN).get(request(required("required")), UserAnswer.PRESENT));
    var present = key.at(ORIGIN).get(request(required("discouraged")), UserAnswer.PRESENT);
    VERIFIER.verifyAuthentication(request(), present, registered);
    var refusal =
        assertThrows(
            VerificationException.class,
            () ->
                VERIFIER
                    .userVerification(true)
                    .verifyAuthentication(request(), present, registered));
    assertEquals(17, refusal.step());
  }

  @Test
  void excludedCredential(Authenticator key) {
    String id = register(key).id();
    String exclude = "\"excludeCredentials\": [{\"type\": \"public-key\", \"id\": \"" + id + "\"}]";
    refused("InvalidStateError", () -> key.at(ORIGIN).create(creation(exclude)));
  }

  @Test
  void noCredential(Authenticator key) {
    var refusal = refused("NotAllowedError", () -> key.at(ORIGIN).get(request()));
    assertTrue(refusal.hint().orElseThrow().contains("register"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(refusal.hint().orElseThrow()));
  }

  @Test
  void wrongRpId(Authenticator key) {
    var refusal = refused("SecurityError", () -> key.at("https://example.net").create(creation()));
    assertTrue(refusal.hint().orElseThrow().contains("https://example.com"), refusal.getMessage());
  }

  @Test
  void misuse(Authenticator key) {
    var option =
        refused(
            "RequestError",
            () -> Authenticator.create(Authenticator.options().set("modle", "phone")));
    assertEquals("$.modle", option.path().orElseThrow());
    var model =
        refused("RequestError", () -> Authenticator.create(Authenticator.options().model("phon")));
    assertEquals("$.model", model.path().orElseThrow());
    var fault = refused("FaultError", () -> Faults.byId("client-data/origin/nowhere"));
    assertEquals("$.fault", fault.path().orElseThrow());
    assertTrue(fault.hint().orElseThrow().contains("client-data/"), fault.getMessage());
    var unknown = refused("TypeError", () -> key.at(ORIGIN).create("{\"nothing\": 1}"));
    assertEquals("$", unknown.path().orElseThrow());
    refused("TypeError", () -> key.at(ORIGIN).create("no JSON"));
    key.close();
    key.close();
    var closed = refused("HandleError", () -> key.at(ORIGIN).get(request()));
    assertEquals("$.client", closed.path().orElseThrow());
    assertTrue(closed.hint().orElseThrow().contains("Authenticator.create"), closed.getMessage());
  }

  @Test
  void signals(Authenticator key) {
    CredentialRecord registered = register(key);
    logIn(key, registered);
    byte[] id = key.credentials().list().get(0).idBytes();
    key.at(ORIGIN).signalUnknownCredential("example.com", id);
    assertEquals(List.of(), key.credentials().list());
    refused("NotAllowedError", () -> logIn(key, registered));
  }
}
