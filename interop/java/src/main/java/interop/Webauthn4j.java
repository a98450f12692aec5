package interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.webauthn4j.WebAuthnManager;
import com.webauthn4j.anchor.KeyStoreTrustAnchorRepository;
import com.webauthn4j.converter.util.JsonConverter;
import com.webauthn4j.converter.util.ObjectConverter;
import com.webauthn4j.credential.CredentialRecord;
import com.webauthn4j.credential.CredentialRecordImpl;
import com.webauthn4j.data.AttestationConveyancePreference;
import com.webauthn4j.data.AuthenticationData;
import com.webauthn4j.data.AuthenticationParameters;
import com.webauthn4j.data.AuthenticatorSelectionCriteria;
import com.webauthn4j.data.PublicKeyCredentialCreationOptions;
import com.webauthn4j.data.PublicKeyCredentialDescriptor;
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
import com.webauthn4j.data.extension.client.AuthenticationExtensionsClientInputs;
import com.webauthn4j.data.extension.client.RegistrationExtensionClientInput;
import com.webauthn4j.server.ServerProperty;
import com.webauthn4j.util.Base64UrlUtil;
import com.webauthn4j.util.exception.WebAuthnException;
import com.webauthn4j.verifier.attestation.statement.androidkey.AndroidKeyAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.androidsafetynet.AndroidSafetyNetAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.apple.AppleAnonymousAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.none.NoneAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.packed.PackedAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.tpm.TPMAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.u2f.FIDOU2FAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.trustworthiness.certpath.DefaultCertPathTrustworthinessVerifier;
import com.webauthn4j.verifier.attestation.trustworthiness.self.DefaultSelfAttestationTrustworthinessVerifier;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * webauthn4j as a relying party.
 *
 * <p>What the library leaves to the application is done as in its reference (webauthn4j.github.io/webauthn4j: Quick
 * Start, and Configuration for those who verify attestations). That stores and loads a credential record by its
 * credential id, and leaves all about challenges to the caller; here one is good for one reply.
 */
final class Webauthn4j extends RelyingParty<Webauthn4j.Registration, Webauthn4j.Authentication> {

  record Registration(String username, PublicKeyCredentialCreationOptions options) {}

  record Authentication(PublicKeyCredentialRequestOptions options) {}

  record Stored(String username, CredentialRecord credentialRecord) {}

  private static final List<PublicKeyCredentialParameters> ALGORITHMS =
      Stream.of(
              COSEAlgorithmIdentifier.ES256,
              COSEAlgorithmIdentifier.EdDSA,
              COSEAlgorithmIdentifier.RS256,
              COSEAlgorithmIdentifier.ES384,
              COSEAlgorithmIdentifier.ES512,
              COSEAlgorithmIdentifier.ESP256,
              COSEAlgorithmIdentifier.ESP384,
              COSEAlgorithmIdentifier.ESP512,
              COSEAlgorithmIdentifier.Ed25519,
              COSEAlgorithmIdentifier.Ed448,
              COSEAlgorithmIdentifier.RS384,
              COSEAlgorithmIdentifier.RS512,
              COSEAlgorithmIdentifier.PS256,
              COSEAlgorithmIdentifier.PS384,
              COSEAlgorithmIdentifier.PS512,
              COSEAlgorithmIdentifier.RS1,
              COSEAlgorithmIdentifier.ML_DSA_44,
              COSEAlgorithmIdentifier.ML_DSA_65,
              COSEAlgorithmIdentifier.ML_DSA_87)
          .filter(Webauthn4j::isInThisJava)
          .map(algorithm -> new PublicKeyCredentialParameters(PublicKeyCredentialType.PUBLIC_KEY, algorithm))
          .toList();

  private final JsonConverter json = new ObjectConverter().getJsonConverter();
  private final WebAuthnManager webAuthnManager;
  private final Map<String, byte[]> userHandles = new HashMap<>();
  private final Map<String, Stored> storage = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    run("webauthn4j", WebAuthnManager.class, Webauthn4j::new, arguments);
  }

  private Webauthn4j(List<X509Certificate> roots) throws GeneralSecurityException, IOException {
    webAuthnManager =
        roots.isEmpty()
            ? WebAuthnManager.createNonStrictWebAuthnManager()
            : new WebAuthnManager(
                List.of(
                    new NoneAttestationStatementVerifier(),
                    new FIDOU2FAttestationStatementVerifier(),
                    new PackedAttestationStatementVerifier(),
                    new TPMAttestationStatementVerifier(),
                    new AndroidKeyAttestationStatementVerifier(),
                    new AndroidSafetyNetAttestationStatementVerifier(),
                    new AppleAnonymousAttestationStatementVerifier()),
                new DefaultCertPathTrustworthinessVerifier(new KeyStoreTrustAnchorRepository(keyStore(roots))),
                new DefaultSelfAttestationTrustworthinessVerifier());
  }

  private static KeyStore keyStore(List<X509Certificate> roots) throws GeneralSecurityException, IOException {
    KeyStore keyStore = KeyStore.getInstance(KeyStore.getDefaultType());
    keyStore.load(null, null);
    for (X509Certificate root : roots) {
      keyStore.setCertificateEntry("root " + keyStore.size(), root);
    }
    return keyStore;
  }

  /** ML-DSA comes with Java 24. */
  private static boolean isInThisJava(COSEAlgorithmIdentifier algorithm) {
    try {
      Signature.getInstance(algorithm.toSignatureAlgorithm().getJcaName());
      return true;
    } catch (GeneralSecurityException exception) {
      return false;
    }
  }

  @Override
  JsonNode registrationOptions(Session<Registration, Authentication> session, JsonNode wanted) throws Exception {
    String username = wanted.get("username").asText();
    byte[] userHandle = userHandles.computeIfAbsent(username, name -> SecureRandom.getSeed(32));
    AuthenticationExtensionsClientInputs<RegistrationExtensionClientInput> extensions =
        json.readValue(wanted.get("extensions").toString(), new TypeReference<>() {});
    PublicKeyCredentialCreationOptions options =
        new PublicKeyCredentialCreationOptions(
            new PublicKeyCredentialRpEntity(RP_ID, RP_NAME),
            new PublicKeyCredentialUserEntity(userHandle, username, wanted.get("displayName").asText()),
            new DefaultChallenge(),
            ALGORITHMS,
            null,
            descriptors(username),
            new AuthenticatorSelectionCriteria(
                null,
                ResidentKeyRequirement.create(wanted.get("residentKey").asText()),
                UserVerificationRequirement.create(wanted.get("userVerification").asText())),
            AttestationConveyancePreference.create(wanted.get("attestation").asText()),
            extensions);
    session.registration = new Registration(username, options);
    return JSON.readTree(json.writeValueAsString(options));
  }

  private List<PublicKeyCredentialDescriptor> descriptors(String username) {
    return storage.values().stream()
        .filter(stored -> stored.username().equals(username))
        .map(Stored::credentialRecord)
        .map(
            credentialRecord ->
                new PublicKeyCredentialDescriptor(
                    PublicKeyCredentialType.PUBLIC_KEY,
                    credentialRecord.getAttestedCredentialData().getCredentialId(),
                    credentialRecord.getTransports()))
        .toList();
  }

  @Override
  void registrationResult(Session<Registration, Authentication> session, String reply) throws Exception {
    Registration pending = session.takeRegistration();
    PublicKeyCredentialCreationOptions options = pending.options();
    RegistrationData data = webAuthnManager.parseRegistrationResponseJSON(reply);
    webAuthnManager.verify(
        data,
        new RegistrationParameters(
            serverProperty(options.getChallenge()),
            options.getPubKeyCredParams(),
            isRequired(options.getAuthenticatorSelection().getUserVerification())));
    // The reference saves the record, and does not ask whether there is one with this id.
    CredentialRecord credentialRecord =
        new CredentialRecordImpl(
            data.getAttestationObject(), data.getCollectedClientData(), data.getClientExtensions(), data.getTransports());
    storage.put(
        Base64UrlUtil.encodeToString(credentialRecord.getAttestedCredentialData().getCredentialId()),
        new Stored(pending.username(), credentialRecord));
  }

  @Override
  JsonNode authenticationOptions(Session<Registration, Authentication> session, JsonNode wanted) throws Exception {
    String username = wanted.path("username").asText(null);
    List<PublicKeyCredentialDescriptor> allowed = username == null ? null : descriptors(username);
    if (username != null && allowed.isEmpty()) {
      throw new Refused("there is no credential of " + username);
    }
    PublicKeyCredentialRequestOptions options =
        new PublicKeyCredentialRequestOptions(
            new DefaultChallenge(),
            null,
            RP_ID,
            allowed,
            UserVerificationRequirement.create(wanted.get("userVerification").asText()),
            null);
    session.authentication = new Authentication(options);
    return JSON.readTree(json.writeValueAsString(options));
  }

  @Override
  void authenticationResult(Session<Registration, Authentication> session, String reply) throws Exception {
    PublicKeyCredentialRequestOptions options = session.takeAuthentication().options();
    AuthenticationData data = webAuthnManager.parseAuthenticationResponseJSON(reply);
    // The reference loads the record by its id, and does not look at the user handle.
    Stored stored = storage.get(Base64UrlUtil.encodeToString(data.getCredentialId()));
    if (stored == null) {
      throw new Refused("there is no such credential");
    }
    List<PublicKeyCredentialDescriptor> allowed = options.getAllowCredentials();
    webAuthnManager.verify(
        data,
        new AuthenticationParameters(
            serverProperty(options.getChallenge()),
            stored.credentialRecord(),
            allowed == null ? null : allowed.stream().map(PublicKeyCredentialDescriptor::getId).toList(),
            isRequired(options.getUserVerification())));
    // The verification has updated the record's counter and flags.
  }

  private static ServerProperty serverProperty(Challenge challenge) {
    return ServerProperty.builder().origin(new Origin(ORIGIN)).rpId(RP_ID).challenge(challenge).build();
  }

  private static boolean isRequired(UserVerificationRequirement requirement) {
    return UserVerificationRequirement.REQUIRED.equals(requirement);
  }

  /** DataConversionException, VerificationException, and what Jackson throws at what it cannot read. */
  @Override
  boolean isRefusal(Exception exception) {
    return exception instanceof WebAuthnException || exception instanceof JacksonException;
  }
}
