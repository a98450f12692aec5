//! The encoders and the options reader.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stuntkey::crypto::KeyPair;
use stuntkey::encoding::cbor::Writer;
use stuntkey::encoding::{cose, json};
use stuntkey::webauthn::{
    Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, Ceremony, ClientData,
    CreationOptions, Flags,
};

const ENROLMENT: &str = include_str!("../examples/nevis-enroll-response.json");

fn encoding(c: &mut Criterion) {
    let mut group = c.benchmark_group("encoding");
    let public_key = KeyPair::from_p256_scalar(&[7; 32]).expect("a scalar").public_key().clone();

    let client_data = ClientData {
        ceremony: Ceremony::Create,
        challenge: vec![7; 32],
        origin: "https://login.example.com".into(),
        cross_origin: false,
        top_origin: None,
        extra: vec![],
    };
    group.bench_function("client data", |b| b.iter(|| black_box(&client_data).to_json()));

    group.bench_function("COSE key", |b| {
        b.iter(|| {
            let mut writer = Writer::with_capacity(77);
            cose::write_public_key(&mut writer, black_box(&public_key));
            writer.into_bytes()
        });
    });

    let data = AuthenticatorData {
        rp_id_hash: [1; 32],
        flags: Flags(0x45),
        sign_count: 0,
        attested_credential_data: Some(AttestedCredentialData {
            aaguid: Aaguid::STUNTKEY,
            credential_id: vec![3; 32],
            public_key,
        }),
        extensions: None,
    };
    group.bench_function("authenticator data", |b| b.iter(|| black_box(&data).to_bytes()));

    let object =
        AttestationObject { fmt: "packed".into(), att_stmt: vec![0xa0; 720], auth_data: data.to_bytes() };
    group.bench_function("attestation object", |b| b.iter(|| black_box(&object).to_bytes()));

    group.bench_function("options parse", |b| {
        b.iter(|| {
            let body = json::parse(black_box(ENROLMENT)).expect("JSON");
            let options = body.member("enrollment").and_then(|e| e.member("credentialCreationOptions"));
            CreationOptions::from_json(options.expect("options"), "$", &mut Vec::new()).expect("valid")
        });
    });
    group.finish();
}

criterion_group!(benches, encoding);
criterion_main!(benches);
