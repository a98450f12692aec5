package peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.yubico.webauthn.AssertionRequest;
import com.yubico.webauthn.AssertionResult;
import com.yubico.webauthn.CredentialRepository;
import com.yubico.webauthn.FinishAssertionOptions;
import com.yubico.webauthn.FinishRegistrationOptions;
import com.yubico.webauthn.RegisteredCredential;
import com.yubico.webauthn.RegistrationResult;
import com.yubico.webauthn.RelyingParty;
import com.yubico.webauthn.attestation.AttestationTrustSource.TrustRootsResult;
import com.yubico.webauthn.data.AttestationConveyancePreference;
import com.yubico.webauthn.data.ByteArray;
import com.yubico.webauthn.data.PublicKeyCredential;
import com.yubico.webauthn.data.PublicKeyCredentialCreationOptions;
import com.yubico.webauthn.data.PublicKeyCredentialDescriptor;
import com.yubico.webauthn.data.PublicKeyCredentialParameters;
import com.yubico.webauthn.data.PublicKeyCredentialRequestOptions;
import com.yubico.webauthn.data.RelyingPartyIdentity;
import com.yubico.webauthn.data.UserIdentity;
import com.yubico.webauthn.data.UserVerificationRequirement;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** java-webauthn-server, which verifies. */
final class JavaWebauthnServer {

  private JavaWebauthnServer() {}

  static Map<String, Peer.Work> works(JsonNode fixture) throws Exception {
    String registration = fixture.get("registration").asText();
    String login = fixture.get("login").asText();
    RelyingPartyIdentity identity =
        RelyingPartyIdentity.builder().id(fixture.get("rpId").asText()).name("Example").build();
    ByteArray challenge = ByteArray.fromBase64Url(fixture.get("challenge").asText());
    UserIdentity user =
        UserIdentity.builder()
            .name("u_1654")
            .displayName("John Doe")
            .id(ByteArray.fromBase64Url(fixture.get("userHandle").asText()))
            .build();
    TrustRootsResult trusted =
        TrustRootsResult.builder()
            .trustRoots(Set.of(root(fixture)))
            // The root of tests publishes no revocation lists.
            .enableRevocationChecking(false)
            .build();
    Repository repository = new Repository(user);
    RelyingParty relyingParty =
        RelyingParty.builder()
            .identity(identity)
            .credentialRepository(repository)
            .origins(Set.of(fixture.get("origin").asText()))
            .attestationConveyancePreference(AttestationConveyancePreference.DIRECT)
            .attestationTrustSource((chain, aaguid) -> trusted)
            .build();

    // What the application has kept of the ceremonies.
    PublicKeyCredentialCreationOptions creation =
        PublicKeyCredentialCreationOptions.builder()
            .rp(identity)
            .user(user)
            .challenge(challenge)
            .pubKeyCredParams(List.of(PublicKeyCredentialParameters.ES256))
            .attestation(AttestationConveyancePreference.DIRECT)
            .build();
    AssertionRequest assertion =
        AssertionRequest.builder()
            .publicKeyCredentialRequestOptions(
                PublicKeyCredentialRequestOptions.builder()
                    .challenge(challenge)
                    .rpId(identity.getId())
                    .userVerification(UserVerificationRequirement.PREFERRED)
                    .build())
            .build();

    repository.stored = Optional.of(stored(user, register(relyingParty, creation, registration)));
    return Map.of(
        "verify registration",
        // Before its credential is there: it may not be registered twice.
        new Peer.Verification(
            registration,
            reply -> {
              Optional<RegisteredCredential> stored = repository.stored;
              repository.stored = Optional.empty();
              try {
                register(relyingParty, creation, reply);
              } finally {
                repository.stored = stored;
              }
            }),
        "verify login",
        new Peer.Verification(login, reply -> authenticate(relyingParty, assertion, reply)));
  }

  private static RegistrationResult register(
      RelyingParty relyingParty, PublicKeyCredentialCreationOptions request, String reply) throws Exception {
    RegistrationResult result =
        relyingParty.finishRegistration(
            FinishRegistrationOptions.builder()
                .request(request)
                .response(PublicKeyCredential.parseRegistrationResponseJson(reply))
                .build());
    // "If you care about authenticator attestation, check that the attestationTrusted field satisfies your policy."
    if (!result.isAttestationTrusted()) {
      throw new Exception("attestationTrusted is false");
    }
    return result;
  }

  private static void authenticate(RelyingParty relyingParty, AssertionRequest request, String reply) throws Exception {
    AssertionResult result =
        relyingParty.finishAssertion(
            FinishAssertionOptions.builder()
                .request(request)
                .response(PublicKeyCredential.parseAssertionResponseJson(reply))
                .build());
    if (!result.isSuccess()) {
      throw new Exception("success is false");
    }
  }

  private static RegisteredCredential stored(UserIdentity user, RegistrationResult result) {
    return RegisteredCredential.builder()
        .credentialId(result.getKeyId().getId())
        .userHandle(user.getId())
        .publicKeyCose(result.getPublicKeyCose())
        .signatureCount(result.getSignatureCount())
        .build();
  }

  static X509Certificate root(JsonNode fixture) throws CertificateException {
    byte[] pem = fixture.get("root").asText().getBytes(StandardCharsets.UTF_8);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
  }

  /** One user with at most one credential, which no ceremony changes. */
  private static final class Repository implements CredentialRepository {

    private final UserIdentity user;
    private Optional<RegisteredCredential> stored = Optional.empty();

    private Repository(UserIdentity user) {
      this.user = user;
    }

    @Override
    public Set<PublicKeyCredentialDescriptor> getCredentialIdsForUsername(String username) {
      return Set.of();
    }

    @Override
    public Optional<ByteArray> getUserHandleForUsername(String username) {
      return Optional.of(user.getId()).filter(id -> username.equals(user.getName()));
    }

    @Override
    public Optional<String> getUsernameForUserHandle(ByteArray userHandle) {
      return Optional.of(user.getName()).filter(name -> userHandle.equals(user.getId()));
    }

    @Override
    public Optional<RegisteredCredential> lookup(ByteArray credentialId, ByteArray userHandle) {
      return stored
          .filter(credential -> credential.getCredentialId().equals(credentialId))
          .filter(credential -> credential.getUserHandle().equals(userHandle));
    }

    @Override
    public Set<RegisteredCredential> lookupAll(ByteArray credentialId) {
      return stored
          .filter(credential -> credential.getCredentialId().equals(credentialId))
          .map(Set::of)
          .orElse(Set.of());
    }
  }
}
