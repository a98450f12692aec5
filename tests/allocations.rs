//! How often a ceremony allocates: `STUNTKEY_TABLE=1 cargo test --test allocations -- --nocapture` prints it.

use stuntkey::Client;
use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::Authenticator;
use stuntkey::crypto::Backend;

const CREATION: &str = include_str!("../benches/samples/creation.json");
const REQUEST: &str = include_str!("../benches/samples/request.json");

#[test]
fn a_registration_without_attestation() {
    let mut client = client(AttestationFormat::None);
    counts("register none", 21, || drop(client.register(CREATION).unwrap().into_text()));
}

#[test]
fn a_registration_with_a_certificate() {
    let mut client = client(AttestationFormat::Packed);
    counts("register packed", 22, || drop(client.register(CREATION).unwrap().into_text()));
}

#[test]
fn a_login() {
    let mut client = client(AttestationFormat::None);
    client.register(CREATION).unwrap();
    counts("authenticate", 17, || drop(client.authenticate(REQUEST).unwrap().into_text()));
}

/// What the judge keeps is the record, the trust path and what it read; a report that nobody reads is not among it.
#[cfg(feature = "verifier")]
#[test]
fn what_the_judge_does() {
    use stuntkey::attestation::CertificateAuthority;
    use stuntkey::client::{find_creation_options, find_request_options};
    use stuntkey::verifier::{
        AttestationPolicy, AuthenticationExpectations, RegisteredCredential, RegistrationExpectations,
        RelyingParty, RelyingPartyPolicy, Trust,
    };
    let root = CertificateAuthority::test_root().certificate_der().to_vec();
    let judge = RelyingParty::new(RelyingPartyPolicy::new("login.example.com", "https://login.example.com"))
        .attestation(AttestationPolicy { trust: Trust::Anchors(vec![root]), ..AttestationPolicy::default() })
        .with_backend(Backend::RustCrypto);
    let mut client = client(AttestationFormat::Packed);
    let options = find_creation_options(CREATION).unwrap();
    let expected = RegistrationExpectations::new(&options);
    let reply = client.register(CREATION).unwrap().to_string();
    let none: [RegisteredCredential; 0] = [];
    counts("verify registration", 51, || {
        drop(judge.verify_registration(&reply, &expected, &none).unwrap());
    });
    let record = judge.verify_registration(&reply, &expected, &none).unwrap().record;
    let credentials = [RegisteredCredential { user_handle: options.user.id, record }];
    let expected = AuthenticationExpectations::new(&find_request_options(REQUEST).unwrap());
    let reply = client.authenticate(REQUEST).unwrap().to_string();
    counts("verify authentication", 22, || {
        drop(judge.verify_authentication(&reply, &expected, &credentials).unwrap());
    });
}

/// Counts once caches are warm.
fn counts(name: &str, most: u64, mut ceremony: impl FnMut()) {
    for _ in 0..3 {
        ceremony();
    }
    let counted = allocation_counter::measure(ceremony);
    if std::env::var_os("STUNTKEY_TABLE").is_some() {
        println!("{name}: {} allocations, {} bytes", counted.count_total, counted.bytes_total);
    }
    assert!(counted.count_total <= most, "{name}: {} allocations, at most {most}", counted.count_total);
}

fn client(format: AttestationFormat) -> Client {
    // Without optimisation, Graviola looks for switches of its own in the environment, and allocates for that.
    let authenticator = Authenticator::builder().backend(Backend::RustCrypto).format(format).build().unwrap();
    Client::builder("https://login.example.com").authenticator(authenticator).build().unwrap()
}
