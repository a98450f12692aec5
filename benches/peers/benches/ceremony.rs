//! The same ceremonies by stuntkey and by passkey-rs: from JSON text to JSON text, in memory, one account, no
//! attestation (passkey-rs makes none).

use std::hint::black_box;

use async_trait::async_trait;
use criterion::{Criterion, criterion_group, criterion_main};
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use url::Url;

const ORIGIN: &str = "https://login.example.com";
const CREATION: &str = r#"{"publicKey":{"rp":{"id":"login.example.com","name":"Example"},
    "user":{"id":"MzE1NjdhZTI","name":"u_1654","displayName":"John Doe"},"challenge":"GVeXqotfQOWSaaWZuWj94Q",
    "pubKeyCredParams":[{"type":"public-key","alg":-7}],"timeout":10000,
    "authenticatorSelection":{"residentKey":"required","requireResidentKey":true,"userVerification":"preferred"},
    "attestation":"none"}}"#;
const REQUEST: &str = r#"{"publicKey":{"challenge":"GVeXqotfQOWSaaWZuWj94Q","rpId":"login.example.com",
    "userVerification":"preferred"}}"#;

fn ceremonies(c: &mut Criterion) {
    let mut ours = stuntkey::Client::new(ORIGIN).expect("an origin");
    let mut theirs =
        Client::new(Authenticator::new(Aaguid::new_empty(), None::<Passkey>, AlwaysYes, RustCryptoBackend));
    let origin = Url::parse(ORIGIN).expect("an origin");

    let mut group = c.benchmark_group("register none");
    group.bench_function("stuntkey", |b| {
        b.iter(|| ours.register(black_box(CREATION)).expect("registers").to_string());
    });
    group.bench_function("passkey-rs", |b| {
        b.iter(|| {
            let options: CredentialCreationOptions =
                serde_json::from_str(black_box(CREATION)).expect("options");
            let created = pollster::block_on(theirs.register(&origin, options, DefaultClientData));
            serde_json::to_string(&created.expect("registers")).expect("JSON")
        });
    });
    group.finish();

    let mut group = c.benchmark_group("authenticate");
    group.bench_function("stuntkey", |b| {
        b.iter(|| ours.authenticate(black_box(REQUEST)).expect("logs in").to_string());
    });
    group.bench_function("passkey-rs", |b| {
        b.iter(|| {
            let options: CredentialRequestOptions =
                serde_json::from_str(black_box(REQUEST)).expect("options");
            let got = pollster::block_on(theirs.authenticate(&origin, options, DefaultClientData));
            serde_json::to_string(&got.expect("logs in")).expect("JSON")
        });
    });
    group.finish();
}

struct AlwaysYes;

#[async_trait]
impl UserValidationMethod for AlwaysYes {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        _: bool,
        _: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: true })
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }
}

criterion_group!(benches, ceremonies);
criterion_main!(benches);
