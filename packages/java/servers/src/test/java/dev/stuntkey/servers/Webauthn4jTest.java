package dev.stuntkey.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.webauthn4j.WebAuthnManager;
import com.webauthn4j.anchor.KeyStoreTrustAnchorRepository;
import com.webauthn4j.converter.util.ObjectConverter;
import com.webauthn4j.credential.CredentialRecord;
import com.webauthn4j.credential.CredentialRecordImpl;
import com.webauthn4j.data.AttestationConveyancePreference;
import com.webauthn4j.data.AuthenticationParameters;
import com.webauthn4j.data.AuthenticatorSelectionCriteria;
import com.webauthn4j.data.PublicKeyCredentialCreationOptions;
import com.webauthn4j.data.PublicKeyCredentialParameters;
import com.webauthn4j.data.PublicKeyCredentialRequestOptions;
import com.webauthn4j.data.PublicKeyCredentialRpEntity;
import com.webauthn4j.data.PublicKeyCredentialType;
import com.webauthn4j.data.PublicKeyCredentialUserEntity;
import com.webauthn4j.data.RegistrationData;
import com.webauthn4j.data.RegistrationParameters;
import com.webauthn4j.data.ResidentKeyRequirement;
import com.webauthn4j.data.UserVerificationRequirement;
import com.webauthn4j.data.attestation.statement.COSEAlgorithmIdentifier;
import com.webauthn4j.data.client.Origin;
import com.webauthn4j.data.client.challenge.Challenge;
import com.webauthn4j.data.client.challenge.DefaultChallenge;
import com.webauthn4j.server.ServerProperty;
import com.webauthn4j.util.exception.WebAuthnException;
import com.webauthn4j.verifier.attestation.statement.packed.PackedAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.trustworthiness.certpath.DefaultCertPathTrustworthinessVerifier;
import com.webauthn4j.verifier.attestation.trustworthiness.self.DefaultSelfAttestationTrustworthinessVerifier;
import com.webauthn4j.verifier.exception.BadOriginException;
import com.webauthn4j.verifier.exception.BadSignatureException;
import dev.stuntkey.AttestationRoot;
import dev.stuntkey.Authenticator;
import dev.stuntkey.CeremonyOption;
import dev.stuntkey.Faults;
import dev.stuntkey.Page;
import dev.stuntkey.junit.Stuntkey;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** WebAuthn4J, which Spring Security stands on. */
@Stuntkey(origin = Webauthn4jTest.ORIGIN)
class Webauthn4jTest {
  static final String ORIGIN = "https://login.example.com";
  private static final List<PublicKeyCredentialParameters> ES256 =
      List.of(
          new PublicKeyCredentialParameters(
              PublicKeyCredentialType.PUBLIC_KEY, COSEAlgorithmIdentifier.ES256));

  private final ObjectConverter converter = new ObjectConverter();
  private final Challenge challenge = new DefaultChallenge();
  private WebAuthnManager server;

  @BeforeEach
  void trustsTheTestRoot() throws Exception {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    roots.setCertificateEntry("stuntkey", AttestationRoot.ofTests().certificate());
    server =
        new WebAuthnManager(
            List.of(new PackedAttestationStatementVerifier()),
            new DefaultCertPathTrustworthinessVerifier(new KeyStoreTrustAnchorRepository(roots)),
            new DefaultSelfAttestationTrustworthinessVerifier());
  }

  private CredentialRecord register(Page page, CeremonyOption... with) {
    var options =
        new PublicKeyCredentialCreationOptions(
            new PublicKeyCredentialRpEntity("example.com", "Example"),
            new PublicKeyCredentialUserEntity("ada".getBytes(StandardCharsets.UTF_8), "ada", "Ada"),
            challenge,
            ES256,
            null,
            List.of(),
            new AuthenticatorSelectionCriteria(null, ResidentKeyRequirement.REQUIRED, null),
            AttestationConveyancePreference.DIRECT,
            null);
    String body =
        page.create(converter.getJsonConverter().writeValueAsString(options), with).body();
    RegistrationData data = server.parseRegistrationResponseJSON(body);
    server.verify(data, new RegistrationParameters(property(), ES256, true));
    return new CredentialRecordImpl(
        data.getAttestationObject(),
        data.getCollectedClientData(),
        data.getClientExtensions(),
        data.getTransports());
  }

  private void logIn(Page page, CredentialRecord stored, CeremonyOption... with) {
    var options =
        new PublicKeyCredentialRequestOptions(
            challenge, null, "example.com", null, UserVerificationRequirement.REQUIRED, null);
    String body = page.get(converter.getJsonConverter().writeValueAsString(options), with).body();
    var data = server.parseAuthenticationResponseJSON(body);
    server.verify(data, new AuthenticationParameters(property(), stored, null, true));
  }

  private ServerProperty property() {
    return ServerProperty.builder()
        .origin(new Origin(ORIGIN))
        .rpId("example.com")
        .challenge(challenge)
        .build();
  }

  @Test
  void registersAndLogsIn(Page page) {
    CredentialRecord stored = register(page);
    logIn(page, stored);
    assertEquals(1, stored.getCounter());
  }

  @Test
  void trustsNoOtherRoot(@Stuntkey(seed = "another root") Authenticator key) {
    assertThrows(WebAuthnException.class, () -> register(key.at(ORIGIN)));
  }

  @Test
  void refusesFaults(Page page) {
    var origin = Faults.byId("client-data/origin/subdomain");
    assertThrows(BadOriginException.class, () -> register(page, origin));
    CredentialRecord stored = register(page);
    assertThrows(BadOriginException.class, () -> logIn(page, stored, origin));
    var signature = Faults.byId("signature/value/corrupted");
    assertThrows(BadSignatureException.class, () -> logIn(page, stored, signature));
    logIn(page, stored);
  }
}
