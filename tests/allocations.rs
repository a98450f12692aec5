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
