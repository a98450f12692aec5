//! What costs a relying party work has a bound: statements in a compound one, certificates in a chain, nesting.
#![cfg(feature = "verifier")]

use std::time::{Duration, SystemTime};

use stuntkey::Client;
use stuntkey::attestation::{AttestationFormat, CertificateAuthority, Clock};
use stuntkey::authenticator::Authenticator;
use stuntkey::crypto::Algorithm;
use stuntkey::draft::Edit;
use stuntkey::encoding::cbor::Item;
use stuntkey::verifier::{
    AttestationPolicy, RegisteredCredential, RegistrationExpectations, RelyingParty, RelyingPartyPolicy,
    Trust,
};

const ORIGIN: &str = "https://login.example.com";
const SEED: &str = "bounds";
const OPTIONS: &str = r#"{"challenge":"BwcHBwcHBwcHBwcHBwcHBw","rp":{"id":"login.example.com","name":"Example"},
    "user":{"id":"AQ","name":"user","displayName":"User"},"pubKeyCredParams":[{"type":"public-key","alg":-7}],
    "attestation":"direct"}"#;

/// What the verifier has against a registration with this edit: each check, and what was found.
fn refusals(format: AttestationFormat, edit: Edit) -> Vec<(&'static str, String)> {
    // Every build has ES256, also for the attestation key.
    let authenticator =
        Authenticator::builder().seed(SEED).format(format).attestation_algorithm(Algorithm::Es256);
    let client = Client::builder(ORIGIN).authenticator(authenticator.build().unwrap()).edit(edit);
    let reply = client.build().unwrap().register(OPTIONS).unwrap().to_string();
    let policy = RelyingPartyPolicy::new("login.example.com", ORIGIN);
    let relying_party = RelyingParty::new(policy).attestation(AttestationPolicy {
        trust: Trust::Anchors(vec![CertificateAuthority::seeded(SEED).certificate_der().to_vec()]),
        time: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(Clock::SEEDED.now())),
        ..AttestationPolicy::default()
    });
    let expected = RegistrationExpectations::with_challenge(&[7; 16]);
    let none: [RegisteredCredential; 0] = [];
    let examination = relying_party.examine_registration(&reply, &expected, &none);
    examination.refusals().map(|refusal| (refusal.check.id(), refusal.found.clone())).collect()
}

/// A compound statement whose parts are so many copies of its first.
fn of_parts(count: usize) -> Edit {
    Edit::statement(move |statement| {
        let parts = statement.items_mut().unwrap();
        *parts = vec![parts[0].clone(); count];
    })
}

#[test]
fn a_compound_statement_has_at_most_16_statements() {
    assert_eq!(refusals(AttestationFormat::Compound, of_parts(16)), []);
    let found = "17 statements, more than 16".to_owned();
    assert_eq!(refusals(AttestationFormat::Compound, of_parts(17)), [("compound/syntax", found)]);
}

#[test]
fn a_compound_statement_inside_another_is_not_looked_into() {
    let nested = |depth: usize| {
        Edit::statement(move |statement| {
            let sound = statement.items_mut().unwrap()[0].clone();
            for _ in 0..depth {
                let inner = std::mem::replace(statement, Item::Null);
                let entries = [("fmt", Item::from("compound")), ("attStmt", inner)];
                let part = Item::Map(entries.map(|(name, value)| (name.into(), value)).to_vec());
                *statement = Item::Array(vec![sound.clone(), part]);
            }
        })
    };
    let found = "a compound statement inside a compound one".to_owned();
    assert_eq!(refusals(AttestationFormat::Compound, nested(1)), [("compound/nested", found)]);
    let deep = refusals(AttestationFormat::Compound, nested(17));
    assert_eq!(deep.first().map(|(check, _)| *check), Some("attestation-object/cbor"), "{deep:?}");
}

#[test]
fn a_chain_has_at_most_16_certificates() {
    let of_certificates = |count: usize| {
        Edit::chain(move |chain| {
            let leaf = chain[0].clone();
            chain.resize(count, leaf);
        })
    };
    for (format, check) in [
        (AttestationFormat::Packed, "packed/syntax"),
        (AttestationFormat::Tpm, "tpm/syntax"),
        (AttestationFormat::AndroidKey, "android-key/syntax"),
        (AttestationFormat::AndroidSafetynet, "android-safetynet/response"),
        (AttestationFormat::Apple, "apple/syntax"),
    ] {
        // The copies are in nobody's order, which is another check.
        let most = refusals(format, of_certificates(16));
        assert!(!most.is_empty() && most.iter().all(|(check, _)| check.starts_with("trust/")), "{most:?}");
        let found = "17 certificates in x5c, more than 16".to_owned();
        assert_eq!(refusals(format, of_certificates(17)), [(check, found)]);
    }
}
