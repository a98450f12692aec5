package dev.stuntkey.scenarios;

import static dev.stuntkey.scenarios.Server.ORIGIN;
import static dev.stuntkey.scenarios.Server.VERIFIER;
import static dev.stuntkey.scenarios.Server.creation;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stuntkey.AttestationRoot;
import dev.stuntkey.Authenticator;
import dev.stuntkey.Inspection;
import dev.stuntkey.Model;
import dev.stuntkey.RegistrationResponse;
import dev.stuntkey.VerificationException;
import dev.stuntkey.junit.Stuntkey;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Stuntkey
class AttestationTest {
  @Test
  void directAttestation(Authenticator key) {
    RegistrationResponse created = key.at(ORIGIN).create(creation());
    var registered =
        VERIFIER.trust(AttestationRoot.ofTests()).verifyRegistration(creation(), created);
    assertEquals("packed", registered.format());
    var other = VERIFIER.trust(AttestationRoot.ofSeed("another"));
    var refused =
        assertThrows(
            VerificationException.class, () -> other.verifyRegistration(creation(), created));
    assertEquals(24, refused.step());
  }

  static Stream<String> formats() {
    return Model.settings().stream()
        .filter(setting -> setting.name().equals("attestation.format"))
        .flatMap(setting -> setting.values().stream().map(value -> value.get(0)));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void everyAttestationFormat(String format) {
    try (var key = Authenticator.create(Authenticator.options().attestationFormat(format))) {
      var registered =
          VERIFIER
              .trust(AttestationRoot.ofTests())
              .verifyRegistration(creation(), key.at(ORIGIN).create(creation()));
      assertEquals(format.equals("packed-self") ? "packed" : format, registered.format());
    }
  }

  @Test
  void rootAndMetadata(@Stuntkey(seed = "42") Authenticator key) {
    assertEquals(AttestationRoot.ofSeed("42"), key.attestationRoot());
    assertEquals(
        "CN=stuntkey test root, OU=Authenticator Attestation CA, O=stuntkey test attestation, C=AQ",
        key.attestationRoot().certificate().getSubjectX500Principal().toString());
    assertTrue(key.metadata().contains("\"aaguid\":\"5354554e-544b-4559-8001-000000000001\""));
    assertEquals(3, key.metadataBlob("ES256").split("\\.").length);
  }

  @Test
  void inspect(Authenticator key) {
    Inspection inspected = Inspection.of(key.at(ORIGIN).create(creation()).attestationObject());
    assertEquals("attestation object", inspected.kind().orElseThrow());
    assertTrue(inspected.stop().isEmpty());
    String aaguid = inspected.tree().find("aaguid").orElseThrow().value().orElseThrow();
    assertEquals("5354554e544b45598001000000000001", aaguid.replace("-", ""));
  }
}
