//! The judge's side of both ceremonies, from the reply's JSON text to what to store, beside the verifications that it
//! contains: by the fastest backend of this processor, and by the portable one.
//!
//! A packed registration with a trusted root is two verifications, of the statement and of the certificate; one without
//! attestation is none, and a login is one.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stuntkey::Client;
use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::Authenticator;
use stuntkey::client::{find_creation_options, find_request_options};
use stuntkey::crypto::{Algorithm, Backend, KeyPair};
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, RegisteredCredential, RegistrationExpectations,
    RelyingParty, RelyingPartyPolicy, Trust, VerifyingKey,
};

const CREATION: &str = include_str!("samples/creation.json");
const REQUEST: &str = include_str!("samples/request.json");
const ORIGIN: &str = "https://login.example.com";

fn judge(backend: Backend) -> RelyingParty {
    let root = CertificateAuthority::test_root().certificate_der().to_vec();
    RelyingParty::new(RelyingPartyPolicy::new("login.example.com", ORIGIN))
        .attestation(AttestationPolicy { trust: Trust::Anchors(vec![root]), ..AttestationPolicy::default() })
        .with_backend(backend)
}

fn client(format: AttestationFormat) -> Client {
    let authenticator = Authenticator::builder().format(format).algorithms([Algorithm::Es256]);
    Client::builder(ORIGIN)
        .authenticator(authenticator.build().expect("randomness"))
        .build()
        .expect("an origin")
}

fn ceremonies(c: &mut Criterion) {
    for backend in backends() {
        let mut group = c.benchmark_group(format!("judge, {backend}"));
        let judge = judge(backend);
        let none: [RegisteredCredential; 0] = [];
        let options = find_creation_options(CREATION).expect("valid");
        let expected = RegistrationExpectations::new(&options);
        for format in [AttestationFormat::None, AttestationFormat::PackedSelf, AttestationFormat::Packed] {
            let reply = client(format).register(CREATION).expect("registers").to_string();
            group.bench_function(format!("registration {}", format.name()), |b| {
                b.iter(|| judge.verify_registration(black_box(&reply), &expected, &none).expect("sound"));
            });
        }
        let mut client = client(AttestationFormat::None);
        let reply = client.register(CREATION).expect("registers").to_string();
        let record = judge.verify_registration(&reply, &expected, &none).expect("sound").record;
        let credentials = [RegisteredCredential { user_handle: options.user.id.clone(), record }];
        let reply = client.authenticate(REQUEST).expect("logs in").to_string();
        let expected = AuthenticationExpectations::new(&find_request_options(REQUEST).expect("valid"));
        group.bench_function("authentication", |b| {
            b.iter(|| {
                judge.verify_authentication(black_box(&reply), &expected, &credentials).expect("sound")
            });
        });
        group.finish();
    }
}

/// What no ceremony can be quicker than. The key is ready; reading it is a row of its own.
fn primitives(c: &mut Criterion) {
    let mut rng = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::from_seed([7; 32]);
    let message: [&[u8]; 2] = [&[1; 196], &[2; 32]];
    for backend in backends() {
        let mut group = c.benchmark_group(format!("verification, {backend}"));
        for algorithm in Algorithm::available() {
            let pair = match algorithm.is_rsa() {
                true => KeyPair::from_rsa_pool(*algorithm, &mut rng),
                false => KeyPair::generate(*algorithm, &mut rng),
            };
            let pair = pair.expect("it is available");
            let (signature, spki) = (pair.sign(&message), pair.public_key().to_spki_der());
            group.bench_function(format!("key {algorithm}"), |b| {
                b.iter(|| VerifyingKey::from_spki(black_box(&spki)).expect("a key"));
            });
            let key = VerifyingKey::from_spki(&spki).expect("a key");
            group.bench_function(format!("signature {algorithm}"), |b| {
                b.iter(|| {
                    key.verify_with(backend, *algorithm, black_box(&message), &signature).expect("sound")
                });
            });
        }
        group.finish();
    }
}

fn backends() -> impl Iterator<Item = Backend> {
    Backend::ALL.iter().copied().filter(|backend| backend.is_available())
}

criterion_group!(benches, ceremonies, primitives);
criterion_main!(benches);
