package dev.stuntkey.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.yubico.webauthn.AssertionRequest;
import com.yubico.webauthn.AssertionResult;
import com.yubico.webauthn.CredentialRepository;
import com.yubico.webauthn.FinishAssertionOptions;
import com.yubico.webauthn.FinishRegistrationOptions;
import com.yubico.webauthn.RegisteredCredential;
import com.yubico.webauthn.RegistrationResult;
import com.yubico.webauthn.RelyingParty;
import com.yubico.webauthn.StartAssertionOptions;
import com.yubico.webauthn.StartRegistrationOptions;
import com.yubico.webauthn.attestation.AttestationTrustSource.TrustRootsResult;
import com.yubico.webauthn.data.AttestationConveyancePreference;
import com.yubico.webauthn.data.ByteArray;
import com.yubico.webauthn.data.PublicKeyCredential;
import com.yubico.webauthn.data.PublicKeyCredentialCreationOptions;
import com.yubico.webauthn.data.PublicKeyCredentialDescriptor;
import com.yubico.webauthn.data.RelyingPartyIdentity;
import com.yubico.webauthn.data.UserIdentity;
import com.yubico.webauthn.exception.AssertionFailedException;
import com.yubico.webauthn.exception.RegistrationFailedException;
import dev.stuntkey.AttestationRoot;
import dev.stuntkey.Authenticator;
import dev.stuntkey.CeremonyOption;
import dev.stuntkey.Fault;
import dev.stuntkey.Faults;
import dev.stuntkey.Page;
import dev.stuntkey.StuntkeyException;
import dev.stuntkey.junit.Stuntkey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Yubico's java-webauthn-server. */
class JavaWebauthnServerTest {
  static final String ORIGIN = "https://login.example.com";
  static final UserIdentity ADA =
      UserIdentity.builder()
          .name("ada")
          .displayName("Ada")
          .id(new ByteArray("ada".getBytes(StandardCharsets.UTF_8)))
          .build();

  private final Users users = new Users();
  final RelyingParty server =
      RelyingParty.builder()
          .identity(RelyingPartyIdentity.builder().id("example.com").name("Example").build())
          .credentialRepository(users)
          .origins(Set.of(ORIGIN))
          .attestationConveyancePreference(AttestationConveyancePreference.DIRECT)
          .attestationTrustSource((chain, aaguid) -> trusted())
          .build();

  private static TrustRootsResult trusted() {
    return TrustRootsResult.builder()
        .trustRoots(Set.of(AttestationRoot.ofTests().certificate()))
        .enableRevocationChecking(false)
        .build();
  }

  private RegistrationResult register(Page page, CeremonyOption... with)
      throws IOException, RegistrationFailedException {
    PublicKeyCredentialCreationOptions options =
        server.startRegistration(StartRegistrationOptions.builder().user(ADA).build());
    String body = page.create(options.toCredentialsCreateJson(), with).body();
    RegistrationResult result =
        server.finishRegistration(
            FinishRegistrationOptions.builder()
                .request(options)
                .response(PublicKeyCredential.parseRegistrationResponseJson(body))
                .build());
    users.stored =
        RegisteredCredential.builder()
            .credentialId(result.getKeyId().getId())
            .userHandle(ADA.getId())
            .publicKeyCose(result.getPublicKeyCose())
            .signatureCount(result.getSignatureCount())
            .build();
    return result;
  }

  private AssertionResult logIn(Page page, CeremonyOption... with)
      throws IOException, AssertionFailedException {
    AssertionRequest request =
        server.startAssertion(StartAssertionOptions.builder().username("ada").build());
    String body = page.get(request.toCredentialsGetJson(), with).body();
    return server.finishAssertion(
        FinishAssertionOptions.builder()
            .request(request)
            .response(PublicKeyCredential.parseAssertionResponseJson(body))
            .build());
  }

  @Test
  void registersAndLogsIn(@Stuntkey(origin = ORIGIN) Page page) throws Exception {
    assertTrue(register(page).isAttestationTrusted());
    AssertionResult result = logIn(page);
    assertTrue(result.isSuccess());
    assertEquals("ada", result.getUsername());
  }

  @Test
  void trustsNoOtherRoot(@Stuntkey(origin = ORIGIN, seed = "another root") Page page)
      throws Exception {
    assertFalse(register(page).isAttestationTrusted());
  }

  static Stream<Fault> refused() {
    return Stream.of("client-data/origin", "client-data/challenge", "client-data/type")
        .flatMap(Faults::under)
        // The parser takes the last of two members of one name, and base64url with padding too.
        .filter(fault -> !fault.id().endsWith("/twice") && !fault.id().endsWith("/padded"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refuses(Fault fault) throws Exception {
    try (var key = Authenticator.create()) {
      Page page = key.at(ORIGIN);
      assertRefused(() -> register(page, fault));
      register(page);
      assertRefused(() -> logIn(page, fault));
      assertTrue(logIn(page).isSuccess());
    }
  }

  /**
   * By the server, and not by the authenticator. Of what it cannot read, it says so by several
   * exceptions.
   */
  private static void assertRefused(Executable ceremony) {
    var refusal = assertThrows(Exception.class, ceremony);
    assertFalse(refusal instanceof StuntkeyException, refusal::toString);
  }

  /** One user with one credential. */
  private static final class Users implements CredentialRepository {
    private RegisteredCredential stored;

    @Override
    public Set<PublicKeyCredentialDescriptor> getCredentialIdsForUsername(String username) {
      return stored == null
          ? Set.of()
          : Set.of(PublicKeyCredentialDescriptor.builder().id(stored.getCredentialId()).build());
    }

    @Override
    public Optional<ByteArray> getUserHandleForUsername(String username) {
      return Optional.of(ADA.getId());
    }

    @Override
    public Optional<String> getUsernameForUserHandle(ByteArray userHandle) {
      return Optional.of(ADA.getName());
    }

    @Override
    public Optional<RegisteredCredential> lookup(ByteArray credentialId, ByteArray userHandle) {
      return Optional.ofNullable(stored)
          .filter(known -> known.getCredentialId().equals(credentialId));
    }

    @Override
    public Set<RegisteredCredential> lookupAll(ByteArray credentialId) {
      return stored != null && stored.getCredentialId().equals(credentialId)
          ? Set.of(stored)
          : Set.of();
    }
  }
}
