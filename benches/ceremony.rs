//! Whole ceremonies, from JSON text to JSON text, beside the primitives that they contain: by the fastest backend of
//! this processor, and by the portable one.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stuntkey::Client;
use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::Authenticator;
use stuntkey::crypto::{Algorithm, Backend, KeyPair};

const CREATION: &str = include_str!("samples/creation.json");
const REQUEST: &str = include_str!("samples/request.json");

/// One account: each registration takes the place of the one before. RSA keys are those that ship.
fn client(backend: Backend, format: AttestationFormat, algorithm: Algorithm) -> Client {
    let authenticator = Authenticator::builder()
        .backend(backend)
        .rsa_pool(true)
        .format(format)
        .algorithms([algorithm])
        .build()
        .expect("randomness");
    Client::builder("https://login.example.com").authenticator(authenticator).build().expect("an origin")
}

fn creation(algorithm: Algorithm) -> String {
    CREATION.replace("-7", &algorithm.cose_identifier().to_string())
}

/// ES256, by each backend.
fn ceremonies(c: &mut Criterion) {
    for backend in backends() {
        let mut group = c.benchmark_group(format!("ceremony, {}", backend.name()));
        for format in [AttestationFormat::None, AttestationFormat::PackedSelf, AttestationFormat::Packed] {
            let mut client = client(backend, format, Algorithm::Es256);
            group.bench_function(format!("register {}", format.name()), |b| {
                b.iter(|| client.register(black_box(CREATION)).expect("registers").into_text());
            });
        }
        let mut client = client(backend, AttestationFormat::None, Algorithm::Es256);
        client.register(CREATION).expect("registers");
        group.bench_function("authenticate", |b| {
            b.iter(|| client.authenticate(black_box(REQUEST)).expect("logs in").into_text());
        });
        group.finish();
    }
}

/// A registration in every format with every algorithm that it supports.
fn formats(c: &mut Criterion) {
    let mut group = c.benchmark_group("register");
    for format in AttestationFormat::ALL {
        for algorithm in Algorithm::available().iter().filter(|algorithm| format.supports(**algorithm)) {
            let mut client = client(Backend::fastest(), *format, *algorithm);
            let options = creation(*algorithm);
            group.bench_function(format!("{} {}", format.name(), algorithm.name()), |b| {
                b.iter(|| client.register(black_box(&options)).expect("registers").into_text());
            });
        }
    }
    group.finish();
}

/// What no ceremony can be quicker than: `register packed` is a key generation and a signature, `register none` a
/// key generation, `authenticate` a signature.
fn primitives(c: &mut Criterion) {
    let mut rng = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::from_seed([7; 32]);
    for backend in backends() {
        let mut group = c.benchmark_group(format!("primitive, {}", backend.name()));
        for algorithm in Algorithm::available().iter().filter(|a| backend.computes(**a)) {
            let pair = match algorithm.is_rsa() {
                true => KeyPair::from_rsa_pool(*algorithm, &mut rng).expect("it is available"),
                false => {
                    group.bench_function(format!("key {algorithm}"), |b| {
                        b.iter(|| KeyPair::generate_with(backend, *algorithm, black_box(&mut rng)));
                    });
                    KeyPair::generate_with(backend, *algorithm, &mut rng).expect("it is available")
                }
            };
            group.bench_function(format!("signature {algorithm}"), |b| {
                b.iter(|| pair.sign(black_box(&[&[1; 196], &[2; 32]])));
            });
        }
        group.finish();
    }
}

fn backends() -> impl Iterator<Item = Backend> {
    Backend::ALL.iter().copied().filter(|backend| backend.is_available())
}

criterion_group!(benches, ceremonies, primitives, formats);
criterion_main!(benches);
