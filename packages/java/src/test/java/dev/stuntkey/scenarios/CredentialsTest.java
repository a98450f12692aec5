package dev.stuntkey.scenarios;

import static dev.stuntkey.scenarios.Server.logIn;
import static dev.stuntkey.scenarios.Server.register;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stuntkey.Authenticator;
import dev.stuntkey.Credential;
import dev.stuntkey.CredentialFilter;
import dev.stuntkey.CredentialRecord;
import dev.stuntkey.NewCredential;
import dev.stuntkey.junit.Stuntkey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

@Stuntkey
class CredentialsTest {
  @Test
  void exportAndImport(Authenticator one, Authenticator other) {
    CredentialRecord registered = register(one);
    String exported = one.credentials().exportWebDriver(CredentialFilter.all().rpId("example.com"));
    assertEquals(List.of(), other.credentials().importFrom(exported));
    logIn(other, registered);
    assertTrue(
        one.credentials().exportPlaywright(CredentialFilter.all()).contains(registered.id()));
    assertTrue(
        one.credentials()
            .exportPkcs8(CredentialFilter.all())
            .get(0)
            .startsWith("-----BEGIN PRIVATE KEY-----"));
  }

  @Test
  void addedCredential(Authenticator key) {
    byte[] handle = "ada".getBytes(StandardCharsets.UTF_8);
    var added =
        key.credentials()
            .add(NewCredential.of("example.com").user(handle, "ada", "Ada").signCount(7));
    Credential listed = key.credentials().list(CredentialFilter.all().userName("ada")).get(0);
    assertEquals(added.id(), listed.id());
    assertEquals(8, logIn(key, added.record().withUserHandle("YWRh")).signCount());
    assertEquals(0, key.credentials().remove(CredentialFilter.all().rpId("example.net")));
    assertEquals(1, key.credentials().remove(CredentialFilter.all()));
  }
}
