package dev.stuntkey.scenarios;

import static dev.stuntkey.scenarios.Server.ORIGIN;
import static dev.stuntkey.scenarios.Server.VERIFIER;
import static dev.stuntkey.scenarios.Server.allowing;
import static dev.stuntkey.scenarios.Server.creation;
import static dev.stuntkey.scenarios.Server.logIn;
import static dev.stuntkey.scenarios.Server.register;
import static dev.stuntkey.scenarios.Server.request;
import static dev.stuntkey.scenarios.Server.required;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stuntkey.Authenticator;
import dev.stuntkey.CeremonyOption;
import dev.stuntkey.CredentialRecord;
import dev.stuntkey.Fault;
import dev.stuntkey.Faults;
import dev.stuntkey.Page;
import dev.stuntkey.Policy;
import dev.stuntkey.VerificationException;
import dev.stuntkey.Verifier;
import dev.stuntkey.junit.Stuntkey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Stuntkey
class FaultsTest {
  /** Another's credential, whose id one of the faults takes. */
  private static final CredentialRecord TAKEN =
      CredentialRecord.of("KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio", "");

  private static Authenticator keyFor(Fault fault) {
    return Authenticator.create(Authenticator.options().preparedFor(fault).seed(fault.id()));
  }

  private static String creationFor(Fault fault) {
    return creation(
        Server.algorithm(Server.identifier(fault.algorithm().orElse("ES256"))),
        "\"authenticatorSelection\": {\"residentKey\": \"preferred\", \"userVerification\": \"required\"}");
  }

  @ParameterizedTest
  @MethodSource("dev.stuntkey.Faults#ofRegistrations")
  void faultsOfRegistrations(Fault fault) {
    try (var key = keyFor(fault)) {
      String options = creationFor(fault);
      var created = key.at(ORIGIN).create(options, fault);
      Verifier verifier =
          VERIFIER
              .trust(key.attestationRoot())
              .registered(TAKEN)
              .policy(fault.policy().orElse(Policy.ofTheStandard()));
      assertThrows(
          VerificationException.class,
          () -> verifier.verifyRegistration(options, created),
          fault::sentence);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.stuntkey.Faults#ofAuthentications")
  void faultsOfAuthentications(Fault fault) {
    try (var key = keyFor(fault)) {
      Page page = key.at(ORIGIN);
      CredentialRecord stored =
          VERIFIER
              .verifyRegistration(creationFor(fault), page.create(creationFor(fault)))
              .credential();
      CredentialRecord registered = known(fault, stored);
      String options =
          fault.id().startsWith("user/allowed-credential/")
              ? request(required("required"), allowing(stored.id()))
              : request(required("required"));
      var asserted = page.get(options, fault);
      Verifier verifier = VERIFIER.policy(fault.policy().orElse(Policy.ofTheStandard()));
      assertThrows(
          VerificationException.class,
          () -> verifier.verifyAuthentication(options, asserted, registered),
          fault::sentence);
    }
  }

  /** What the server has to know of the credential, so that it can refuse the fault. */
  private static CredentialRecord known(Fault fault, CredentialRecord stored) {
    if (fault.id().startsWith("policy/sign-count/")) {
      return stored.withSignCount(1);
    }
    return fault.id().startsWith("policy/backup-") ? stored.withBackup(true, false) : stored;
  }

  @Test
  void soundBesideAFault(Authenticator key) {
    Fault fault = Faults.byId("client-data/origin/subdomain");
    Page page = key.at(ORIGIN);
    var faulty = page.create(creation(), fault);
    assertThrows(
        VerificationException.class, () -> VERIFIER.verifyRegistration(creation(), faulty));
    logIn(key, register(page));
    try (var always = Authenticator.create(Authenticator.options().fault(fault))) {
      var created = always.at(ORIGIN).create(creation());
      assertThrows(
          VerificationException.class, () -> VERIFIER.verifyRegistration(creation(), created));
      VERIFIER.verifyRegistration(
          creation(), always.at(ORIGIN).create(creation(), CeremonyOption.SOUND));
    }
  }
}
