package peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.webauthn4j.WebAuthnManager;
import com.webauthn4j.anchor.KeyStoreTrustAnchorRepository;
import com.webauthn4j.credential.CredentialRecord;
import com.webauthn4j.credential.CredentialRecordImpl;
import com.webauthn4j.data.AuthenticationData;
import com.webauthn4j.data.AuthenticationParameters;
import com.webauthn4j.data.PublicKeyCredentialParameters;
import com.webauthn4j.data.PublicKeyCredentialType;
import com.webauthn4j.data.RegistrationData;
import com.webauthn4j.data.RegistrationParameters;
import com.webauthn4j.data.attestation.statement.COSEAlgorithmIdentifier;
import com.webauthn4j.data.client.Origin;
import com.webauthn4j.data.client.challenge.DefaultChallenge;
import com.webauthn4j.server.ServerProperty;
import com.webauthn4j.verifier.attestation.statement.packed.PackedAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.trustworthiness.certpath.DefaultCertPathTrustworthinessVerifier;
import com.webauthn4j.verifier.attestation.trustworthiness.self.DefaultSelfAttestationTrustworthinessVerifier;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** webauthn4j, which verifies. */
final class Webauthn4j {

  private Webauthn4j() {}

  static Map<String, Peer.Work> works(JsonNode fixture) throws Exception {
    String registration = fixture.get("registration").asText();
    String login = fixture.get("login").asText();
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    roots.setCertificateEntry("root", JavaWebauthnServer.root(fixture));
    WebAuthnManager manager =
        new WebAuthnManager(
            List.of(new PackedAttestationStatementVerifier()),
            new DefaultCertPathTrustworthinessVerifier(new KeyStoreTrustAnchorRepository(roots)),
            new DefaultSelfAttestationTrustworthinessVerifier());

    // What the application has kept of the ceremonies.
    ServerProperty server =
        ServerProperty.builder()
            .origin(new Origin(fixture.get("origin").asText()))
            .rpId(fixture.get("rpId").asText())
            .challenge(new DefaultChallenge(fixture.get("challenge").asText()))
            .build();
    RegistrationParameters creation =
        new RegistrationParameters(
            server,
            List.of(
                new PublicKeyCredentialParameters(
                    PublicKeyCredentialType.PUBLIC_KEY, COSEAlgorithmIdentifier.ES256)),
            false);

    RegistrationData registered = manager.parseRegistrationResponseJSON(registration);
    manager.verify(registered, creation);
    CredentialRecord stored =
        new CredentialRecordImpl(
            registered.getAttestationObject(),
            registered.getCollectedClientData(),
            registered.getClientExtensions(),
            registered.getTransports());
    long counter = stored.getCounter();
    AuthenticationParameters request = new AuthenticationParameters(server, stored, null, false);
    return Map.of(
        "verify registration",
        new Peer.Verification(
            registration, reply -> manager.verify(manager.parseRegistrationResponseJSON(reply), creation)),
        "verify login",
        new Peer.Verification(
            login,
            reply -> {
              AuthenticationData data = manager.parseAuthenticationResponseJSON(reply);
              if (!Arrays.equals(data.getCredentialId(), stored.getAttestedCredentialData().getCredentialId())) {
                throw new Exception("there is no such credential");
              }
              manager.verify(data, request);
              // As it was stored after the registration: the library has updated it.
              stored.setCounter(counter);
            }));
  }
}
