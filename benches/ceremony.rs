//! Whole ceremonies, from JSON text to JSON text, beside the primitives that they contain.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stuntkey::Client;
use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::Authenticator;
use stuntkey::crypto::KeyPair;

const ENROLMENT: &str = include_str!("../examples/nevis-enroll-response.json");
const REQUEST: &str = r#"{"challenge":"GVeXqotfQOWSaaWZuWj94Q","rpId":"login.example.com"}"#;

fn client(format: AttestationFormat) -> Client {
    let authenticator = Authenticator::builder().seed("bench").format(format).build().expect("seeded");
    Client::builder("https://login.example.com").authenticator(authenticator).build().expect("an origin")
}

/// One account: each registration takes the place of the one before.
fn ceremonies(c: &mut Criterion) {
    let mut group = c.benchmark_group("ceremony");
    for format in AttestationFormat::ALL {
        let mut client = client(*format);
        group.bench_function(format!("register {}", format.name()), |b| {
            b.iter(|| client.register(black_box(ENROLMENT)).expect("registers").to_string());
        });
    }
    let mut client = client(AttestationFormat::None);
    client.register(ENROLMENT).expect("registers");
    group.bench_function("authenticate", |b| {
        b.iter(|| client.authenticate(black_box(REQUEST)).expect("logs in").to_string());
    });
    group.finish();
}

/// What no ceremony can be quicker than: `register packed` is a key generation and a signature, `register none` a
/// key generation, `authenticate` a signature.
fn primitives(c: &mut Criterion) {
    let mut group = c.benchmark_group("primitive");
    let mut rng = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::from_seed([7; 32]);
    group.bench_function("key generation", |b| {
        b.iter(|| KeyPair::generate_es256(black_box(&mut rng)));
    });
    let pair = KeyPair::generate_es256(&mut rng);
    group.bench_function("signature", |b| b.iter(|| pair.sign(black_box(&[&[1; 196], &[2; 32]]))));
    group.finish();
}

criterion_group!(benches, ceremonies, primitives);
criterion_main!(benches);
