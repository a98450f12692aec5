package interop;

import static com.yubico.webauthn.data.AttestationType.NONE;
import static com.yubico.webauthn.data.AttestationType.SELF_ATTESTATION;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.yubico.webauthn.AssertionRequest;
import com.yubico.webauthn.AssertionResult;
import com.yubico.webauthn.CredentialRepository;
import com.yubico.webauthn.FinishAssertionOptions;
import com.yubico.webauthn.FinishRegistrationOptions;
import com.yubico.webauthn.RegisteredCredential;
import com.yubico.webauthn.RegistrationResult;
import com.yubico.webauthn.StartAssertionOptions;
import com.yubico.webauthn.StartRegistrationOptions;
import com.yubico.webauthn.attestation.AttestationTrustSource;
import com.yubico.webauthn.attestation.AttestationTrustSource.TrustRootsResult;
import com.yubico.webauthn.data.AttestationConveyancePreference;
import com.yubico.webauthn.data.AuthenticatorSelectionCriteria;
import com.yubico.webauthn.data.ByteArray;
import com.yubico.webauthn.data.COSEAlgorithmIdentifier;
import com.yubico.webauthn.data.PublicKeyCredential;
import com.yubico.webauthn.data.PublicKeyCredentialCreationOptions;
import com.yubico.webauthn.data.PublicKeyCredentialDescriptor;
import com.yubico.webauthn.data.PublicKeyCredentialParameters;
import com.yubico.webauthn.data.RegistrationExtensionInputs;
import com.yubico.webauthn.data.RelyingPartyIdentity;
import com.yubico.webauthn.data.ResidentKeyRequirement;
import com.yubico.webauthn.data.UserIdentity;
import com.yubico.webauthn.data.UserVerificationRequirement;
import com.yubico.webauthn.exception.AssertionFailedException;
import com.yubico.webauthn.exception.RegistrationFailedException;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * java-webauthn-server as a relying party.
 *
 * <p>What the library leaves to the application is done as the documentation of its package `com.yubico.webauthn` does
 * it, and where that is silent as its demo does it (github.com/Yubico/java-webauthn-server, webauthn-server-demo,
 * WebAuthnServer.java).
 */
final class JavaWebauthnServer extends RelyingParty<JavaWebauthnServer.Registration, AssertionRequest> {

  record Registration(PublicKeyCredentialCreationOptions request, boolean attested) {}

  record Stored(String username, PublicKeyCredentialDescriptor keyId, RegisteredCredential credential) {}

  private final com.yubico.webauthn.RelyingParty relyingParty;
  private final boolean hasRoots;
  private final Map<String, UserIdentity> users = new HashMap<>();
  private final List<Stored> storage = new ArrayList<>();

  public static void main(String[] arguments) throws Exception {
    Class<?> library = com.yubico.webauthn.RelyingParty.class;
    run("java-webauthn-server", library, JavaWebauthnServer::new, arguments);
  }

  private JavaWebauthnServer(List<X509Certificate> roots) {
    JSON.registerModule(new Jdk8Module());
    hasRoots = !roots.isEmpty();
    TrustRootsResult trusted =
        // The roots of tests publish no revocation lists.
        TrustRootsResult.builder().trustRoots(Set.copyOf(roots)).enableRevocationChecking(false).build();
    AttestationTrustSource trustSource = (chain, aaguid) -> trusted;
    relyingParty =
        com.yubico.webauthn.RelyingParty.builder()
            .identity(RelyingPartyIdentity.builder().id(RP_ID).name(RP_NAME).build())
            .credentialRepository(new Repository())
            .origins(Set.of(ORIGIN))
            .preferredPubkeyParams(algorithms())
            .attestationTrustSource(hasRoots ? Optional.of(trustSource) : Optional.empty())
            .build();
  }

  /** The library's own list, and what it knows beyond that. */
  private static List<PublicKeyCredentialParameters> algorithms() {
    Stream<PublicKeyCredentialParameters> preferred =
        Stream.of(
            PublicKeyCredentialParameters.ES256,
            PublicKeyCredentialParameters.EdDSA,
            PublicKeyCredentialParameters.ES384,
            PublicKeyCredentialParameters.ES512,
            PublicKeyCredentialParameters.Ed448,
            PublicKeyCredentialParameters.RS256,
            PublicKeyCredentialParameters.RS384,
            PublicKeyCredentialParameters.RS512);
    Stream<PublicKeyCredentialParameters> known =
        Arrays.stream(COSEAlgorithmIdentifier.values())
            .map(algorithm -> PublicKeyCredentialParameters.builder().alg(algorithm).build());
    return Stream.concat(preferred, known).distinct().toList();
  }

  @Override
  JsonNode registrationOptions(Session<Registration, AssertionRequest> session, JsonNode wanted) throws Exception {
    AttestationConveyancePreference attestation = convert(wanted, "attestation", AttestationConveyancePreference.class);
    String username = wanted.get("username").asText();
    UserIdentity user = users.computeIfAbsent(username, name -> newUser(name, wanted.get("displayName").asText()));
    PublicKeyCredentialCreationOptions request =
        relyingParty.toBuilder()
            .attestationConveyancePreference(attestation)
            .build()
            .startRegistration(
                StartRegistrationOptions.builder()
                    .user(user)
                    .authenticatorSelection(
                        AuthenticatorSelectionCriteria.builder()
                            .residentKey(convert(wanted, "residentKey", ResidentKeyRequirement.class))
                            .userVerification(convert(wanted, "userVerification", UserVerificationRequirement.class))
                            .build())
                    .extensions(convert(wanted, "extensions", RegistrationExtensionInputs.class))
                    .build());
    session.registration = new Registration(request, attestation != AttestationConveyancePreference.NONE);
    return JSON.readTree(request.toCredentialsCreateJson()).get("publicKey");
  }

  private static UserIdentity newUser(String username, String displayName) {
    byte[] handle = new byte[64];
    new SecureRandom().nextBytes(handle);
    return UserIdentity.builder().name(username).displayName(displayName).id(new ByteArray(handle)).build();
  }

  private static <T> T convert(JsonNode wanted, String name, Class<T> type) {
    return JSON.convertValue(wanted.get(name), type);
  }

  @Override
  void registrationResult(Session<Registration, AssertionRequest> session, String reply) throws Exception {
    // "Regardless of whether it succeeds, you should remove" the request.
    Registration pending = session.takeRegistration();
    RegistrationResult result =
        relyingParty.finishRegistration(
            FinishRegistrationOptions.builder()
                .request(pending.request())
                .response(PublicKeyCredential.parseRegistrationResponseJson(reply))
                .build());
    // "If you care about authenticator attestation, check that the attestationTrusted field satisfies your attestation
    // policy": that of §7.1 step 24, where none and self attestation need no root.
    boolean needsRoot = result.getAttestationType() != NONE && result.getAttestationType() != SELF_ATTESTATION;
    if (hasRoots && pending.attested() && needsRoot && !result.isAttestationTrusted()) {
      throw new Refused("attestationTrusted is false, attestationType " + result.getAttestationType());
    }
    UserIdentity user = pending.request().getUser();
    @SuppressWarnings("deprecation") // what is experimental is deprecated in this library
    RegisteredCredential credential =
        RegisteredCredential.builder()
            .credentialId(result.getKeyId().getId())
            .userHandle(user.getId())
            .publicKeyCose(result.getPublicKeyCose())
            .signatureCount(result.getSignatureCount())
            .backupEligible(result.isBackupEligible())
            .backupState(result.isBackedUp())
            .build();
    storage.add(new Stored(user.getName(), result.getKeyId(), credential));
  }

  @Override
  JsonNode authenticationOptions(Session<Registration, AssertionRequest> session, JsonNode wanted) throws Exception {
    Optional<String> username = Optional.ofNullable(wanted.path("username").asText(null));
    if (username.isPresent() && storage.stream().noneMatch(stored -> stored.username().equals(username.get()))) {
      throw new Refused("The username \"" + username.get() + "\" is not registered.");
    }
    session.authentication =
        relyingParty.startAssertion(
            StartAssertionOptions.builder()
                .username(username)
                .userVerification(convert(wanted, "userVerification", UserVerificationRequirement.class))
                .build());
    return JSON.readTree(session.authentication.toCredentialsGetJson()).get("publicKey");
  }

  @Override
  void authenticationResult(Session<Registration, AssertionRequest> session, String reply) throws Exception {
    AssertionRequest request = session.takeAuthentication();
    AssertionResult result =
        relyingParty.finishAssertion(
            FinishAssertionOptions.builder()
                .request(request)
                .response(PublicKeyCredential.parseAssertionResponseJson(reply))
                .build());
    if (!result.isSuccess()) {
      throw new Refused("success is false");
    }
    storage.replaceAll(stored -> stored.credential().equals(result.getCredential()) ? updated(stored, result) : stored);
  }

  private static Stored updated(Stored stored, AssertionResult result) {
    @SuppressWarnings("deprecation")
    RegisteredCredential credential =
        stored.credential().toBuilder()
            .signatureCount(result.getSignatureCount())
            .backupState(result.isBackedUp())
            .build();
    return new Stored(stored.username(), stored.keyId(), credential);
  }

  @Override
  boolean isRefusal(Exception exception) {
    return exception instanceof RegistrationFailedException
        || exception instanceof AssertionFailedException
        // What the functions throw that parse a reply.
        || exception instanceof IOException;
  }

  private final class Repository implements CredentialRepository {

    @Override
    public Set<PublicKeyCredentialDescriptor> getCredentialIdsForUsername(String username) {
      return storage.stream()
          .filter(stored -> stored.username().equals(username))
          .map(Stored::keyId)
          .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @Override
    public Optional<ByteArray> getUserHandleForUsername(String username) {
      return Optional.ofNullable(users.get(username)).map(UserIdentity::getId);
    }

    @Override
    public Optional<String> getUsernameForUserHandle(ByteArray userHandle) {
      return users.values().stream()
          .filter(user -> user.getId().equals(userHandle))
          .map(UserIdentity::getName)
          .findAny();
    }

    @Override
    public Optional<RegisteredCredential> lookup(ByteArray credentialId, ByteArray userHandle) {
      return lookupAll(credentialId).stream()
          .filter(credential -> credential.getUserHandle().equals(userHandle))
          .findAny();
    }

    @Override
    public Set<RegisteredCredential> lookupAll(ByteArray credentialId) {
      return storage.stream()
          .map(Stored::credential)
          .filter(credential -> credential.getCredentialId().equals(credentialId))
          .collect(Collectors.toSet());
    }
  }
}
