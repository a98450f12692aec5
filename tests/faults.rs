//! Every fault of the catalogue is refused at its own check, by the verifier, and not before.
//! `STUNTKEY_TABLE=1 cargo test --all-features --test faults -- --nocapture` prints them.
#![cfg(all(feature = "verifier", feature = "all-algorithms"))]

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use stuntkey::attestation::{AttestationFormat, CertificateAuthority, Clock};
use stuntkey::authenticator::{Authenticator, AuthenticatorBuilder, Credential, Model};
use stuntkey::crypto::Algorithm;
use stuntkey::fault::{Fault, FaultError};
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, Check, CredentialRecord, FailedCheck,
    RegisteredCredential, RegistrationExpectations, RelyingParty, RelyingPartyPolicy, Trust,
};
use stuntkey::webauthn::Ceremony;
use stuntkey::{Client, Error};

const ORIGIN: &str = "https://login.example.com";
const RP_ID: &str = "login.example.com";
const SEED: &str = "faults";
const CHALLENGE: [u8; 16] = [7; 16];
const REQUEST: &str =
    r#"{"challenge":"BwcHBwcHBwcHBwcHBwcHBw","rpId":"login.example.com","userVerification":"required"}"#;

#[test]
fn every_fault_is_refused_at_its_own_check() {
    let mut count = 0;
    for (fault, ceremony) in all() {
        let refusal = attempt(fault, ceremony, true, &[]).expect_err(fault.id());
        let expected = check_of(fault);
        assert_eq!(refusal.check, expected, "{}: {refusal}", fault.id());
        assert_eq!(Some(refusal.step), fault.step(ceremony), "{}", fault.id());
        assert_eq!(Some(refusal.clause()), fault.clause(ceremony));
        count += 1;
        if std::env::var_os("STUNTKEY_TABLE").is_some() {
            println!("| {} | {} | {} | {} |", fault.id(), refusal.clause(), refusal.found, refusal.expected);
        }
    }
    assert!(count > 200, "{count}");
    println!("{} faults, {count} with the ceremonies", Fault::all().count());
}

/// What the fault changes is what is refused: without it, the same ceremony holds.
#[test]
fn without_the_edit_each_ceremony_holds() {
    for (fault, ceremony) in all().filter(|(fault, _)| fault.changes_ceremony()) {
        if let Err(refusal) = attempt(fault, ceremony, false, &[]) {
            panic!("{}: {refusal}", fault.id());
        }
    }
}

/// A relying party that leaves the one check out is caught by the fault: it accepts, or goes on to another check.
#[test]
fn without_the_check_the_fault_goes_further() {
    for (fault, ceremony) in all() {
        let check = check_of(fault);
        match attempt(fault, ceremony, true, &[check]) {
            Ok(()) => {}
            // Nothing can be looked at in what cannot be read.
            Err(refusal) if refusal.check == check => assert!(UNREADABLE.contains(&check), "{}", fault.id()),
            Err(_) => {}
        }
    }
}

/// Checks whose failure leaves nothing to go on with.
const UNREADABLE: &[Check] = &[
    Check::ReplyObject,
    Check::CredentialId,
    Check::ClientDataMember,
    Check::AttestationObjectMember,
    Check::AuthenticatorDataMember,
    Check::SignatureMember,
    Check::UserHandleMember,
    Check::ClientDataJson,
    Check::AttestationObjectCbor,
    Check::AttestationObjectFmt,
    Check::AttestationObjectStatement,
    Check::AttestationObjectAuthData,
    Check::AuthenticatorDataLayout,
    Check::AttestedCredentialData,
    Check::CredentialPublicKey,
    Check::AttestationFormat,
    Check::PackedSyntax,
    Check::PackedCertificateReadable,
    Check::TpmSyntax,
    Check::TpmPubArea,
    Check::TpmCertInfo,
    Check::TpmCertificateReadable,
    Check::AndroidKeySyntax,
    Check::AndroidKeyCertificateReadable,
    Check::AndroidKeyDescription,
    Check::SafetyNetSyntax,
    Check::SafetyNetResponse,
    Check::FidoU2fSyntax,
    Check::FidoU2fCertificateKey,
    Check::AppleSyntax,
    Check::AppleCertificateReadable,
    Check::CompoundSyntax,
    Check::CompoundFormat,
    Check::CertificateReadable,
    Check::CredentialKnown,
];

#[test]
fn every_check_has_a_fault() {
    let covered: BTreeSet<Check> = all().map(|(fault, _)| check_of(fault)).collect();
    let missing: Vec<&str> = Check::ALL.iter().filter(|c| !covered.contains(c)).map(|c| c.id()).collect();
    assert_eq!(missing, [""; 0]);
    for ceremony in [Ceremony::Create, Ceremony::Get] {
        let covered: BTreeSet<Check> =
            all().filter(|(_, of)| *of == ceremony).map(|(fault, _)| check_of(fault)).collect();
        let missing = Check::ALL.iter().filter(|c| c.step(ceremony).is_some() && !covered.contains(c));
        assert_eq!(missing.map(|c| c.id()).collect::<Vec<_>>(), [""; 0], "{ceremony:?}");
    }
}

#[test]
fn ids_are_unique_and_found() {
    let ids: BTreeSet<&str> = Fault::all().map(Fault::id).collect();
    assert_eq!(ids.len(), Fault::all().count());
    for fault in Fault::all() {
        assert_eq!(Fault::from_id(fault.id()).unwrap().id(), fault.id());
        assert!(!fault.sentence().ends_with('.') && fault.is_available());
    }
}

/// A fault that did nothing would be taken for a server that accepts it.
#[test]
fn every_fault_changes_what_is_sent() {
    for (fault, ceremony) in all() {
        let algorithm = fault.credential_algorithm().unwrap_or(Algorithm::Es256);
        let creation = creation_options(&[algorithm.cose_identifier()]);
        let sound = Authenticator::builder().seed(SEED).algorithms([algorithm]);
        let mut sound = Client::builder(ORIGIN).authenticator(sound).build().unwrap();
        let mut faulty = client(authenticator(), fault);
        let (expected, found) = match ceremony {
            Ceremony::Create => {
                let found = faulty.register(&creation).unwrap();
                (sound.register(&creation).unwrap().to_string(), found.to_string())
            }
            Ceremony::Get => {
                sound.register(&creation).unwrap();
                faulty.unedited(|client| client.register(&creation)).unwrap();
                let found = faulty.authenticate(REQUEST).unwrap();
                (sound.authenticate(REQUEST).unwrap().to_string(), found.to_string())
            }
        };
        assert_ne!(found, expected, "{fault}");
    }
}

/// A relying party chooses the order of its algorithms; a fault is the same fault in any.
#[test]
fn every_fault_of_registrations_is_the_same_whatever_is_asked_for_first() {
    // Of these each looks at a part of the catalogue, as RSA and ML-DSA take their time without optimisation.
    for (first, chapters) in [
        (Algorithm::EdDsa, ""),
        (Algorithm::Rs256, "packed-self/"),
        (Algorithm::Rs256, "credential-public-key/"),
        (Algorithm::Es384, "credential-public-key/"),
        (Algorithm::MlDsa44, "credential-public-key/"),
        (Algorithm::MlDsa44, "packed"),
        (Algorithm::Es384, "android-key/"),
    ] {
        let offered = [first, Algorithm::Es256, Algorithm::Rs256].map(Algorithm::cose_identifier);
        let of_chapters = Fault::all().filter(|fault| fault.id().starts_with(chapters));
        for fault in of_chapters.filter(|fault| fault.step(Ceremony::Create).is_some()) {
            let device = Model::named("every_algorithm").unwrap().builder().seed(SEED);
            let outcome = register_offered(fault, true, &[], device, &offered);
            let refusal = outcome.expect_err(fault.id());
            assert_eq!(refusal.check, check_of(fault), "{first} first, {fault}: {refusal}");
        }
    }
}

#[test]
fn a_ceremony_that_is_none_of_the_faults_is_refused() {
    for fault in Fault::all() {
        let mut client = client(authenticator(), fault);
        let played: Vec<Ceremony> = fault.ceremonies().collect();
        if !played.contains(&Ceremony::Create) {
            let error = client.register(&creation_options(&[-7])).unwrap_err();
            assert!(matches!(error, Error::Fault(FaultError::Ceremony { .. })), "{error}");
        }
        if !played.contains(&Ceremony::Get) {
            let error = client.authenticate(REQUEST).unwrap_err();
            assert!(matches!(error, Error::Fault(FaultError::Ceremony { .. })), "{error}");
        }
        assert_eq!(client.authenticator().credentials().unwrap(), []);
    }
}

#[test]
fn an_authenticator_that_stands_in_the_way_is_refused() {
    let fault = Fault::from_id("tpm/ver/1.2").unwrap();
    let built = Client::builder(ORIGIN).authenticator(authenticator().build().unwrap()).fault(fault).build();
    let error = built.unwrap_err();
    assert!(matches!(error, Error::Fault(FaultError::Built { .. })), "{error}");
    let other = authenticator().format(AttestationFormat::Apple);
    let error = Client::builder(ORIGIN).authenticator(other).fault(fault).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "attestation.format: found apple, expected tpm, as the fault tpm/ver/1.2 needs it"
    );
    // One that is built already, and is what the fault needs.
    let fit = authenticator().format(AttestationFormat::Tpm).build().unwrap();
    Client::builder(ORIGIN).authenticator(fit).fault(fault).build().unwrap();
    let mut client = Client::builder(ORIGIN).authenticator(authenticator()).build().unwrap();
    let refused = client.faulty(fault, |client| client.register(&creation_options(&[-7])));
    assert!(matches!(refused, Err(Error::Fault(FaultError::Built { .. }))));
}

fn all() -> impl Iterator<Item = (&'static Fault, Ceremony)> {
    Fault::all().flat_map(|fault| {
        let applies = move |ceremony: &Ceremony| fault.step(*ceremony).is_some();
        [Ceremony::Create, Ceremony::Get].into_iter().filter(applies).map(move |ceremony| (fault, ceremony))
    })
}

/// The check that a fault's id begins with.
fn check_of(fault: &Fault) -> Check {
    let checks = Check::ALL.iter().filter(|check| fault.id().starts_with(&format!("{}/", check.id())));
    *checks.max_by_key(|check| check.id().len()).unwrap_or_else(|| panic!("{} has no check", fault.id()))
}

fn authenticator() -> AuthenticatorBuilder {
    Authenticator::builder().seed(SEED)
}

/// Registers, or logs in, with the fault or without its edits, before a relying party that leaves `disabled` out.
fn attempt(fault: &Fault, ceremony: Ceremony, faulty: bool, disabled: &[Check]) -> Result<(), FailedCheck> {
    match ceremony {
        Ceremony::Create => register(fault, faulty, disabled),
        Ceremony::Get => authenticate(fault, faulty, disabled),
    }
}

fn register(fault: &Fault, faulty: bool, disabled: &[Check]) -> Result<(), FailedCheck> {
    let algorithm = fault.credential_algorithm().unwrap_or(Algorithm::Es256).cose_identifier();
    register_offered(fault, faulty, disabled, authenticator(), &[algorithm])
}

/// Registers by the first of the algorithms that the fault can do with.
fn register_offered(
    fault: &Fault,
    faulty: bool,
    disabled: &[Check],
    authenticator: AuthenticatorBuilder,
    offered: &[i64],
) -> Result<(), FailedCheck> {
    let mut client = client(authenticator, fault);
    let options = creation_options(offered);
    let reply = match faulty {
        true => client.register(&options),
        false => client.unedited(|client| client.register(&options)),
    };
    let reply = reply.unwrap_or_else(|error| panic!("{fault}: {error}")).to_string();
    let mut algorithms: Vec<i64> =
        Algorithm::ALL.iter().map(|algorithm| algorithm.cose_identifier()).collect();
    if fault.id() == "credential-public-key/algorithm/not-asked-for" {
        algorithms = offered.to_vec();
    }
    let root = CertificateAuthority::seeded(SEED).certificate_der().to_vec();
    let asks = |prefix: &str| fault.id().starts_with(prefix);
    let expected =
        RegistrationExpectations::with_challenge(&CHALLENGE).algorithms(algorithms).user_verification(true);
    let relying_party = relying_party(fault, disabled).attestation(AttestationPolicy {
        none: !asks("trust/none/"),
        self_attestation: !asks("trust/self/"),
        trust: Trust::Anchors(vec![root]),
        packed_root_in_x5c: !asks("trust/root-included/"),
        fido_u2f_zero_aaguid: asks("fido-u2f/aaguid/"),
        // The time of seeded authenticators.
        time: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(Clock::SEEDED.now())),
        ..AttestationPolicy::default()
    });
    let others = [RegisteredCredential { user_handle: vec![9], record: record(vec![0x2a; 32], vec![]) }];
    let none: [RegisteredCredential; 0] = [];
    match asks("credential-id/in-use/") && faulty {
        true => relying_party.verify_registration(&reply, &expected, &others).map(|_| ()),
        false => relying_party.verify_registration(&reply, &expected, &none).map(|_| ()),
    }
}

fn authenticate(fault: &Fault, faulty: bool, disabled: &[Check]) -> Result<(), FailedCheck> {
    let mut first = Client::builder(ORIGIN).authenticator(authenticator()).build().unwrap();
    first.register(&creation_options(&[-7])).unwrap();
    let credential: Credential = first.authenticator().credentials().unwrap().remove(0);
    let mut second = client(authenticator(), fault);
    let mut transaction = second.authenticator().store().begin().unwrap();
    transaction.put(&credential).unwrap();
    transaction.commit().unwrap();
    let reply = match faulty {
        true => second.authenticate(REQUEST),
        false => second.unedited(|client| client.authenticate(REQUEST)),
    };
    let reply = reply.unwrap().to_string();

    let mut writer = stuntkey::encoding::cbor::Writer::new();
    stuntkey::encoding::cose::write_public_key(&mut writer, credential.key.public_key());
    let mut record = record(credential.id.clone(), writer.into_bytes());
    // A counter that has been seen before.
    record.sign_count = u32::from(fault.id() == "policy/sign-count/rolled-back");
    // Otherwise a BE that comes later would be refused first.
    record.backup_eligible = faulty && fault.id().starts_with("policy/backup-");
    let expected = AuthenticationExpectations::with_challenge(&CHALLENGE)
        .user_verification(true)
        .allow_credentials(match fault.id().starts_with("user/allowed-credential/") {
            true => vec![credential.id],
            false => vec![],
        });
    let registered = RegisteredCredential { user_handle: credential.user.id, record };
    relying_party(fault, disabled).verify_authentication(&reply, &expected, &[registered]).map(|_| ())
}

fn client(authenticator: AuthenticatorBuilder, fault: &Fault) -> Client {
    Client::builder(ORIGIN).authenticator(authenticator).fault(fault).build().unwrap()
}

fn relying_party(fault: &Fault, disabled: &[Check]) -> RelyingParty {
    let asks = |prefix: &str| fault.id().starts_with(prefix);
    RelyingParty::new(RelyingPartyPolicy {
        backup_eligible: asks("policy/backup-eligibility/").then_some(false),
        backed_up: asks("policy/backup-state/").then_some(false),
        refuse_unsolicited_extensions: asks("extensions/"),
        disabled: disabled.to_vec(),
        ..RelyingPartyPolicy::new(RP_ID, ORIGIN)
    })
}

fn record(id: Vec<u8>, public_key: Vec<u8>) -> CredentialRecord {
    CredentialRecord {
        id,
        public_key,
        sign_count: 0,
        uv_initialized: true,
        transports: vec![],
        backup_eligible: false,
        backup_state: false,
    }
}

fn creation_options(algorithms: &[i64]) -> String {
    let entry = |algorithm: &i64| format!(r#"{{"type":"public-key","alg":{algorithm}}}"#);
    let entries: Vec<String> = algorithms.iter().map(entry).collect();
    format!(
        r#"{{"challenge":"BwcHBwcHBwcHBwcHBwcHBw","rp":{{"id":"login.example.com","name":"Example"}},
            "user":{{"id":"AQ","name":"user","displayName":"User"}},
            "pubKeyCredParams":[{}],"attestation":"direct",
            "authenticatorSelection":{{"residentKey":"required","userVerification":"required"}}}}"#,
        entries.join(",")
    )
}
