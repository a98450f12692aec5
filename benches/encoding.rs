//! The stages of a ceremony on their own: readers, encoders, the store in memory.

mod samples;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stuntkey::authenticator::{Credential, CredentialStore, MemoryStore};
use stuntkey::client::{find_creation_options, find_request_options};
use stuntkey::crypto::KeyPair;
use stuntkey::encoding::cbor::Writer;
use stuntkey::encoding::{base64url, cose, json};
use stuntkey::webauthn::{AttestationObject, User};

const ENROLMENT: &str = include_str!("../examples/nevis-enroll-response.json");
const REQUEST: &str = include_str!("samples/request.json");

fn encoding(c: &mut Criterion) {
    let mut group = c.benchmark_group("encoding");
    let client_data = samples::client_data();
    group.bench_function("client data", |b| b.iter(|| black_box(&client_data).to_json()));

    let public_key = samples::public_key();
    group.bench_function("COSE key", |b| {
        b.iter(|| {
            let mut writer = Writer::with_capacity(77);
            cose::write_public_key(&mut writer, black_box(&public_key));
            writer.into_bytes()
        });
    });

    let data = samples::authenticator_data();
    group.bench_function("authenticator data", |b| b.iter(|| black_box(&data).to_bytes()));

    let object =
        AttestationObject { fmt: "packed".into(), att_stmt: vec![0xa0; 720], auth_data: data.to_bytes() };
    group.bench_function("attestation object", |b| b.iter(|| black_box(&object).to_bytes()));

    group.bench_function("base64url of 1 KiB", |b| b.iter(|| base64url::encode(black_box(&[0x5a; 1024]))));
    let text = base64url::encode(&[0x5a; 1024]);
    group.bench_function("base64url to 1 KiB", |b| {
        b.iter(|| base64url::decode(black_box(&text)).expect("base64url"))
    });
    group.finish();
}

fn reading(c: &mut Criterion) {
    let mut group = c.benchmark_group("reading");
    group.bench_function("JSON", |b| b.iter(|| json::parse(black_box(ENROLMENT)).expect("JSON")));
    group.bench_function("creation options in a body", |b| {
        b.iter(|| find_creation_options(black_box(ENROLMENT)).expect("options"));
    });
    group.bench_function("request options in a body", |b| {
        b.iter(|| find_request_options(black_box(REQUEST)).expect("options"));
    });
    group.finish();
}

/// Among 10,000.
fn store(c: &mut Criterion) {
    let mut group = c.benchmark_group("store");
    let key = KeyPair::from_p256_scalar(&[7; 32]).expect("a scalar");
    let credential = |number: u32| {
        let id = [&[0x5a; 28], &number.to_be_bytes()[..]].concat();
        let user = User {
            id: number.to_be_bytes().to_vec(),
            name: "u_1654".into(),
            display_name: "John Doe".into(),
        };
        let mut credential = Credential::new(id, "login.example.com", user, key.clone());
        credential.discoverable = true;
        credential
    };
    let mut store = MemoryStore::default();
    let put = |store: &mut MemoryStore, credential: &Credential| {
        let mut transaction = store.begin().expect("a transaction");
        transaction.put(credential).expect("room");
        transaction.commit().expect("room");
    };
    (0..10_000).for_each(|number| put(&mut store, &credential(number)));
    let one = credential(5_000);
    group.bench_function("put", |b| b.iter(|| put(&mut store, black_box(&one))));
    group.bench_function("find", |b| {
        b.iter(|| store.begin().expect("a transaction").find(black_box(&one.id)).expect("a store"));
    });
    group.finish();
}

criterion_group!(benches, encoding, reading, store);
criterion_main!(benches);
