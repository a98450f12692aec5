//! CTAP2 byte for byte: ceremonies with a token for a PIN beside those without, what the token itself takes, and getInfo.

use std::borrow::Cow;
use std::hint::black_box;

use chacha20::ChaCha20Rng;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use stuntkey::authenticator::{Authenticator, Model};
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{
    ClientPinRequest, ClientPinResponse, ClientPinSubCommand, Command, GetAssertionRequest, KeyAgreementKey,
    MakeCredentialRequest, Permissions, PinUvAuth, PinUvAuthProtocol, SharedSecret,
};
use stuntkey::webauthn::User;

const PIN: &str = "1234";
const RP_ID: &str = "example.org";
const HASH: [u8; 32] = [1; 32];

struct Platform {
    authenticator: Authenticator,
    own: KeyAgreement,
    random: ChaCha20Rng,
    protocol: PinUvAuthProtocol,
}

impl Platform {
    /// The platform of a new security key without a PIN.
    fn new(protocol: PinUvAuthProtocol) -> Self {
        let model = Model::named("security_key_ctap2_3").expect("a model of this name");
        let mut random = ChaCha20Rng::from_seed([7; 32]);
        Self {
            authenticator: model.builder().build().expect("randomness"),
            own: KeyAgreement::generate(&mut random),
            random,
            protocol,
        }
    }

    fn with_pin(protocol: PinUvAuthProtocol) -> Self {
        let mut platform = Self::new(protocol);
        let (mut request, secret) = platform.agreed(ClientPinSubCommand::SetPin);
        let mut padded = PIN.as_bytes().to_vec();
        padded.resize(64, 0);
        let new_pin_enc = secret.encrypt(&padded, &mut platform.random).expect("whole blocks");
        request.pin_uv_auth_param = Some(secret.authenticate(&[&new_pin_enc]));
        request.new_pin_enc = Some(new_pin_enc);
        platform.client_pin(&request);
        platform
    }

    fn call(&mut self, request: &[u8]) -> Vec<u8> {
        let response = self.authenticator.call(1, request);
        assert_eq!(response.first(), Some(&0), "the status is OK");
        response
    }

    fn client_pin(&mut self, request: &ClientPinRequest) -> ClientPinResponse {
        let response = self.call(&message(Command::ClientPin, &request.to_cbor()));
        ClientPinResponse::from_cbor(response.get(1..).unwrap_or_default()).expect("a response")
    }

    fn agreed(&mut self, sub_command: ClientPinSubCommand) -> (ClientPinRequest, SharedSecret) {
        let mut request = ClientPinRequest::new(ClientPinSubCommand::GetKeyAgreement);
        request.pin_uv_auth_protocol = Some(self.protocol.number());
        let theirs = self.client_pin(&request).key_agreement.expect("a key");
        request.sub_command = sub_command.number();
        request.key_agreement = Some(KeyAgreementKey(self.own.public_key()));
        (request, theirs.agree(&self.own, self.protocol).expect("a point"))
    }

    fn token(&mut self, permissions: Permissions) -> Vec<u8> {
        let (mut request, secret) = self.agreed(ClientPinSubCommand::GetTokenUsingPin);
        let hash = Sha256::digest(PIN);
        let hash = hash.get(..16).unwrap_or_default();
        request.pin_hash_enc = secret.encrypt(hash, &mut self.random);
        request.permissions = Some(permissions.bits());
        request.rp_id = Some(RP_ID.to_owned());
        let token = self.client_pin(&request).pin_uv_auth_token.expect("a token");
        secret.decrypt(&token).expect("whole blocks").to_vec()
    }

    /// The proof of a ceremony, if it is to have one.
    fn proof(&mut self, permissions: Option<Permissions>) -> Option<PinUvAuth<'static>> {
        let token = self.token(permissions?);
        let param = self.protocol.authenticate(&token, &[&HASH]).into();
        Some(PinUvAuth { param, protocol: Some(self.protocol.number()) })
    }

    fn make_credential(&mut self, permissions: Option<Permissions>) -> Vec<u8> {
        let user = User { id: vec![1], name: "alice".into(), display_name: "Alice".into() };
        let mut request = MakeCredentialRequest::new(HASH, RP_ID, Cow::Owned(user), vec![-7]);
        request.resident_key = true;
        request.pin_uv_auth = self.proof(permissions);
        message(Command::MakeCredential, &request.to_cbor())
    }

    fn get_assertion(&mut self, permissions: Option<Permissions>) -> Vec<u8> {
        let mut request = GetAssertionRequest::new(HASH, RP_ID);
        request.pin_uv_auth = self.proof(permissions);
        message(Command::GetAssertion, &request.to_cbor())
    }
}

fn message(command: Command, parameters: &[u8]) -> Vec<u8> {
    [&[command.number()], parameters].concat()
}

fn ctap(c: &mut Criterion) {
    let mut group = c.benchmark_group("ctap");
    let mut free = Platform::new(PinUvAuthProtocol::Two);
    group.bench_function("getInfo", |b| b.iter(|| free.call(black_box(&[Command::GetInfo.number()]))));
    let request = free.make_credential(None);
    group.bench_function("makeCredential", |b| b.iter(|| free.call(black_box(&request))));
    let request = free.get_assertion(None);
    group.bench_function("getAssertion", |b| b.iter(|| free.call(black_box(&request))));
    for (name, protocol) in [("one", PinUvAuthProtocol::One), ("two", PinUvAuthProtocol::Two)] {
        let platform = std::cell::RefCell::new(Platform::with_pin(protocol));
        let make = Permissions::MAKE_CREDENTIAL;
        group.bench_function(format!("makeCredential with a token of protocol {name}"), |b| {
            b.iter_batched(
                || platform.borrow_mut().make_credential(Some(make)),
                |request| platform.borrow_mut().call(&request),
                BatchSize::PerIteration,
            );
        });
        let get = Permissions::GET_ASSERTION;
        group.bench_function(format!("getAssertion with a token of protocol {name}"), |b| {
            b.iter_batched(
                || platform.borrow_mut().get_assertion(Some(get)),
                |request| platform.borrow_mut().call(&request),
                BatchSize::PerIteration,
            );
        });
        group.bench_function(format!("a token for the PIN, both sides, protocol {name}"), |b| {
            b.iter(|| platform.borrow_mut().token(get));
        });
    }
    group.finish();
}

criterion_group!(benches, ctap);
criterion_main!(benches);
