//! Lies of an authenticator: each is told where its command is answered, and nothing else changes.

#![cfg(feature = "ctap")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod common;

use std::borrow::Cow;
use std::collections::HashSet;

use common::platform::Platform;
use stuntkey::authenticator::{Authenticator, Model};
use stuntkey::ctap2::{
    Command, GetAssertionRequest, HmacSecretInput, KeyAgreementKey, MakeCredentialRequest,
    MakeCredentialResponse, PinUvAuthProtocol,
};
use stuntkey::fault::{AnswerFault, LyingAuthenticator};
use stuntkey::webauthn::{CredentialDescriptor, User};

fn authenticator() -> Authenticator {
    Model::named("full").unwrap().builder().seed("lies").build().unwrap()
}

/// What a platform asks for that registers, logs in, and uses what there is to use.
fn requests() -> Vec<Vec<u8>> {
    let mut platform = Platform::new(authenticator(), PinUvAuthProtocol::Two);
    platform.command(Command::GetInfo, &[]).unwrap();
    let make = |platform: &mut Platform, id: u8, excluded: &[Vec<u8>]| {
        let user = User { id: vec![id], name: "alice".into(), display_name: "Alice".into() };
        let mut request = MakeCredentialRequest::new([1; 32], "example.org", Cow::Owned(user), vec![-7]);
        request.resident_key = id > 0;
        let descriptor = |id: &Vec<u8>| CredentialDescriptor { id: id.clone(), transports: Vec::new() };
        request.exclude_list = excluded.iter().map(descriptor).collect::<Vec<_>>().into();
        request.extensions.large_blob_key = (id > 0).then_some(true);
        let made = platform.command(Command::MakeCredential, &request.to_cbor()).unwrap();
        MakeCredentialResponse::from_cbor(&made).unwrap().credential_id
    };
    let first = make(&mut platform, 1, &[vec![9; 32]]);
    let second = make(&mut platform, 2, &[]);
    let get = |platform: &mut Platform, allowed: &[&Vec<u8>]| {
        let mut request = GetAssertionRequest::new([2; 32], "example.org");
        let descriptor = |id: &&Vec<u8>| CredentialDescriptor { id: id.to_vec(), transports: Vec::new() };
        request.allow_list =
            (!allowed.is_empty()).then(|| allowed.iter().map(descriptor).collect::<Vec<_>>().into());
        request.extensions.large_blob_key = Some(true);
        let (pin, secret) = platform.request(stuntkey::ctap2::ClientPinSubCommand::GetPinToken);
        let salt_enc = platform.encrypt(&secret, &[3; 32]);
        let salt_auth = secret.authenticate(&[&salt_enc]);
        let own = KeyAgreementKey(platform.own.public_key());
        let mut input = HmacSecretInput::new(own, salt_enc, salt_auth);
        input.pin_uv_auth_protocol = pin.pin_uv_auth_protocol;
        request.extensions.hmac_secret = Some(Box::new(input));
        platform.command(Command::GetAssertion, &request.to_cbor()).unwrap();
    };
    get(&mut platform, &[]);
    get(&mut platform, &[&first]);
    get(&mut platform, &[&first, &second]);
    assert_eq!(platform.set_pin("1234"), 0);
    assert_eq!(platform.retries(), 8);
    let token = platform.token("1234").unwrap();
    platform.make(Some(&token)).unwrap();
    let token = platform.token("1234").unwrap();
    platform.get(Some(&token)).unwrap();
    platform.sent
}

#[test]
fn every_lie_is_told_and_nothing_else_changes() {
    let requests = requests();
    for fault in AnswerFault::all() {
        let mut sound = authenticator();
        let mut lying = LyingAuthenticator::new(authenticator(), fault);
        for request in &requests {
            let (expected, before) = (sound.call(1, request), lying.lies());
            let answer = lying.call(1, request);
            let lied = lying.lies() > before;
            assert_eq!(answer.as_ref() != Some(&expected), lied, "{fault}");
            let command = Command::from_number(request[0]).unwrap();
            assert!(!lied || fault.command().is_none_or(|concerned| concerned == command), "{fault}");
        }
        assert!(lying.lies() > 0, "{fault}: was not told");
    }
}

#[test]
fn ids_are_unique_and_sentences_are_sentences() {
    let mut ids = HashSet::new();
    for fault in AnswerFault::all() {
        assert!(ids.insert(fault.id()), "{fault} is there twice");
        assert_eq!(AnswerFault::from_id(fault.id()).unwrap().id(), fault.id());
        assert!(fault.id().bytes().all(|byte| byte.is_ascii_lowercase() || b"-/0123456789".contains(&byte)));
        assert!(!fault.sentence().is_empty() && !fault.sentence().ends_with('.'), "{fault}");
        assert!(fault.clause().contains('§'), "{fault}");
    }
    assert!(ids.len() >= 60, "{}", ids.len());
}
