//! Every attestation statement format with every algorithm, before the verifier: registration and login.
//! `STUNTKEY_TABLE=1 cargo test --all-features --test formats -- --nocapture` prints the table.
#![cfg(all(feature = "verifier", feature = "all-algorithms"))]

use std::time::{Duration, SystemTime};

use stuntkey::Client;
use stuntkey::attestation::{AttestationFormat, CertificateAuthority, Clock};
use stuntkey::authenticator::{Authenticator, AuthenticatorBuilder};
use stuntkey::crypto::Algorithm;
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, RegisteredCredential, RegistrationExpectations,
    RelyingParty, RelyingPartyPolicy, Trust, VerifiedRegistration,
};

const ORIGIN: &str = "https://login.example.com";
const SEED: &str = "formats";

#[test]
fn the_verifier_accepts_every_pair_that_the_authenticator_makes() {
    let mut made = 0;
    for format in AttestationFormat::ALL {
        for algorithm in Algorithm::available() {
            let builder = || Authenticator::builder().seed(SEED).format(*format).algorithms([*algorithm]);
            let mut client = client(builder());
            match client.register(&creation_options(*algorithm)) {
                Ok(reply) => {
                    assert!(format.supports(*algorithm), "{} {algorithm}", format.name());
                    let registered = accept(&reply.to_string(), *algorithm);
                    assert_eq!(registered.attestation.format, format.identifier());
                    log_in(&mut client, registered);
                    made += 1;
                }
                Err(error) => {
                    assert!(!format.supports(*algorithm), "{} {algorithm}: {error}", format.name());
                    assert!(client.authenticator().credentials().unwrap().is_empty());
                }
            }
            if std::env::var_os("STUNTKEY_TABLE").is_some() {
                println!("| {} | {algorithm} | {} |", format.name(), format.supports(*algorithm));
            }
        }
    }
    assert!(made >= 70, "{made}");
}

#[test]
fn the_verifier_accepts_every_attestation_key() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256, Algorithm::EdDsa] {
        let builder = Authenticator::builder().seed(SEED).attestation_algorithm(algorithm);
        let mut client = client(builder.attestation_intermediates(1));
        let reply = client.register(&creation_options(Algorithm::Es256)).unwrap();
        let registered = accept(&reply.to_string(), Algorithm::Es256);
        assert_eq!(registered.attestation.trust_path.len(), 2, "{algorithm}");
    }
}

fn client(authenticator: AuthenticatorBuilder) -> Client {
    Client::builder(ORIGIN).authenticator(authenticator.build().unwrap()).build().unwrap()
}

fn accept(reply: &str, algorithm: Algorithm) -> VerifiedRegistration {
    let expected = RegistrationExpectations::with_challenge(&[7; 16])
        .algorithms(vec![algorithm.cose_identifier()])
        .user_verification(true);
    let relying_party = relying_party().attestation(AttestationPolicy {
        trust: Trust::Anchors(vec![CertificateAuthority::seeded(SEED).certificate_der().to_vec()]),
        fido_u2f_zero_aaguid: true,
        time: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(Clock::SEEDED.now())),
        ..AttestationPolicy::default()
    });
    let none: [RegisteredCredential; 0] = [];
    let verified = relying_party.verify_registration(reply, &expected, &none);
    verified.unwrap_or_else(|refusal| panic!("{algorithm}: {refusal}"))
}

fn relying_party() -> RelyingParty {
    RelyingParty::new(RelyingPartyPolicy::new("login.example.com", ORIGIN))
}

fn log_in(client: &mut Client, registered: VerifiedRegistration) {
    let options =
        r#"{"challenge":"CAgICAgICAgICAgICAgICA","rpId":"login.example.com","userVerification":"required"}"#;
    let reply = client.authenticate(options).unwrap().to_string();
    let expected = AuthenticationExpectations::with_challenge(&[8; 16]).user_verification(true);
    let credential = RegisteredCredential { user_handle: vec![1], record: registered.record };
    let verified = relying_party().verify_authentication(&reply, &expected, &[credential]).unwrap();
    assert_eq!((verified.record.sign_count, verified.user_handle), (1, vec![1]));
}

fn creation_options(algorithm: Algorithm) -> String {
    format!(
        r#"{{"challenge":"BwcHBwcHBwcHBwcHBwcHBw","rp":{{"id":"login.example.com","name":"Example"}},
            "user":{{"id":"AQ","name":"user","displayName":"User"}},
            "pubKeyCredParams":[{{"type":"public-key","alg":{}}}],"attestation":"direct",
            "authenticatorSelection":{{"residentKey":"required","userVerification":"required"}}}}"#,
        algorithm.cose_identifier()
    )
}
