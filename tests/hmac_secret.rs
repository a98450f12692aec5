//! The extension hmac-secret, step by step, through the byte codec (CTAP 2.1 §12.5).

#![cfg(feature = "ctap")]

mod common;

use std::borrow::Cow;

use ciborium::{Value, cbor};
use common::platform::{OK, Platform};
use stuntkey::authenticator::{Authenticator, AuthenticatorBuilder, Extension};
use stuntkey::crypto::KeyPair;
use stuntkey::ctap2::{
    ClientPinSubCommand as Sub, Command, GetAssertionRequest, GetAssertionResponse, HmacSecretInput,
    KeyAgreementKey, MakeCredentialRequest, MakeCredentialResponse, PinUvAuthProtocol,
};
use stuntkey::webauthn::{AuthenticatorData, CredentialDescriptor, User};

const INVALID_PARAMETER: u8 = 0x02;
const UNSUPPORTED_OPTION: u8 = 0x2b;
const PIN_AUTH_INVALID: u8 = 0x33;

fn platform(builder: AuthenticatorBuilder) -> Platform {
    Platform::new(builder.build().unwrap(), PinUvAuthProtocol::One)
}

fn with_extension() -> Platform {
    platform(Authenticator::builder().extensions([Extension::HmacSecret]))
}

/// The extension outputs, by another implementation of CBOR.
fn outputs(auth_data: &[u8]) -> Option<ciborium::Value> {
    let outputs = AuthenticatorData::parse(auth_data).unwrap().extensions?;
    Some(ciborium::from_reader(&outputs[..]).unwrap())
}

fn make(platform: &mut Platform, user: u8, wanted: bool) -> (Vec<u8>, Option<ciborium::Value>) {
    let user = User { id: vec![user], name: String::new(), display_name: String::new() };
    let mut request = MakeCredentialRequest::new([1; 32], "example.org", Cow::Owned(user), vec![-7]);
    request.resident_key = true;
    request.extensions.hmac_secret = wanted;
    let made = platform.command(Command::MakeCredential, &request.to_cbor()).unwrap();
    let made = MakeCredentialResponse::from_cbor(&made).unwrap();
    (made.credential_id, outputs(&made.auth_data))
}

fn get(
    platform: &mut Platform,
    allowed: Option<&[u8]>,
    salts: &[u8],
    change: impl FnOnce(&mut GetAssertionRequest<'_>),
) -> Result<Vec<u8>, u8> {
    let (_, secret) = platform.request(Sub::GetKeyAgreement);
    let salt_enc = platform.encrypt(&secret, salts);
    let salt_auth = secret.authenticate(&[&salt_enc]);
    let key = KeyAgreementKey(platform.own.public_key());
    let mut request = GetAssertionRequest::new([2; 32], "example.org");
    request.allow_list =
        allowed.map(|id| Cow::Owned(vec![CredentialDescriptor { id: id.to_vec(), transports: Vec::new() }]));
    let input = HmacSecretInput::new(key, salt_enc, salt_auth);
    request.extensions.hmac_secret = Some(Box::new(input));
    change(&mut request);
    let got = platform.command(Command::GetAssertion, &request.to_cbor())?;
    Ok(results(&GetAssertionResponse::from_cbor(&got).unwrap(), &secret))
}

fn results(got: &GetAssertionResponse, secret: &stuntkey::ctap2::SharedSecret) -> Vec<u8> {
    let outputs = outputs(&got.auth_data).unwrap();
    let [(name, output)] = outputs.as_map().unwrap().as_slice() else { panic!("{outputs:?}") };
    assert_eq!(name.as_text(), Some("hmac-secret"));
    secret.decrypt(output.as_bytes().unwrap()).unwrap().to_vec()
}

#[test]
fn it_is_told_and_confirmed() {
    let mut with = with_extension();
    let info = with.authenticator.get_info().unwrap();
    assert_eq!((info.extensions, info.pin_uv_auth_protocols), (vec!["hmac-secret".into()], vec![1]));
    let confirmed = cbor!({"hmac-secret" => true}).unwrap();
    assert_eq!(make(&mut with, 1, true).1, Some(confirmed));
    assert_eq!(make(&mut with, 1, false).1, None);
    let mut without = platform(Authenticator::builder());
    assert_eq!(make(&mut without, 1, true).1, None);
}

#[test]
fn each_credential_has_its_secret_for_each_salt() {
    let mut platform = with_extension();
    // One that was made without the extension has secrets, too.
    let ids = [make(&mut platform, 1, true).0, make(&mut platform, 2, false).0];
    let mut seen = Vec::new();
    for id in &ids {
        for salt in [1, 2] {
            let one = get(&mut platform, Some(id), &[salt; 32], |_| ()).unwrap();
            assert_eq!(one.len(), 32);
            assert_eq!(get(&mut platform, Some(id), &[salt; 32], |_| ()).unwrap(), one);
            let both = get(&mut platform, Some(id), &[[salt; 32], [3; 32]].concat(), |_| ()).unwrap();
            assert_eq!((both.len(), &both[..32]), (64, &one[..]));
            assert!(!seen.contains(&one));
            seen.push(one);
        }
    }
    // CTAP 2.0 has one secret for users who were verified and for others.
    let verified = get(&mut platform, Some(&ids[0]), &[1; 32], |request| request.user_verification = true);
    assert_eq!(verified.unwrap(), seen[0]);
}

/// Two credentials of one key, as a caller may give it, have secrets of their own.
#[test]
fn a_key_that_is_given_twice_has_the_secrets_of_two_credentials() {
    let key = KeyPair::from_p256_scalar(&[1; 32]).unwrap();
    let builder = Authenticator::builder().extensions([Extension::HmacSecret]);
    let mut platform = platform(builder.credential_key(key.clone()).credential_key(key));
    let ids = [make(&mut platform, 1, true).0, make(&mut platform, 2, true).0];
    let [one, other] = ids.map(|id| get(&mut platform, Some(&id), &[1; 32], |_| ()).unwrap());
    assert_ne!(one, other);
}

#[test]
fn every_assertion_of_an_enumeration_has_its_own() {
    let mut platform = with_extension();
    let ids = [make(&mut platform, 1, true).0, make(&mut platform, 2, true).0];
    let alone: Vec<_> =
        ids.iter().map(|id| get(&mut platform, Some(id), &[1; 32], |_| ()).unwrap()).collect();
    assert_eq!(get(&mut platform, None, &[1; 32], |_| ()).unwrap(), alone[1]);
    let next = platform.command(Command::GetNextAssertion, &[]).unwrap();
    let (_, secret) = platform.request(Sub::GetKeyAgreement);
    assert_eq!(results(&GetAssertionResponse::from_cbor(&next).unwrap(), &secret), alone[0]);
}

/// An extension that an authenticator does not have is ignored, whatever its input (CTAP 2.1 §9).
#[test]
fn an_authenticator_without_it_does_not_look_at_its_input() {
    let mut platform = platform(Authenticator::builder());
    let (id, _) = make(&mut platform, 1, true);
    let make = cbor!({
        1 => Value::Bytes(vec![1; 32]),
        2 => {"id" => "example.org"},
        3 => {"id" => Value::Bytes(vec![1])},
        4 => [{"alg" => -7, "type" => "public-key"}],
        6 => {"hmac-secret" => 1},
    });
    let get = cbor!({
        1 => "example.org",
        2 => Value::Bytes(vec![1; 32]),
        3 => [{"id" => Value::Bytes(id), "type" => "public-key"}],
        4 => {"hmac-secret" => {}},
    });
    let mut with = with_extension();
    for (command, parameters) in [(Command::MakeCredential, make), (Command::GetAssertion, get)] {
        let mut bytes = Vec::new();
        ciborium::into_writer(&parameters.unwrap(), &mut bytes).unwrap();
        platform.command(command, &bytes).unwrap();
        assert!(with.command(command, &bytes).is_err());
    }
}

#[test]
fn what_is_wrong_has_its_status_and_moves_no_counter() {
    let mut platform = with_extension();
    let (id, _) = make(&mut platform, 1, true);
    let mut status = |salts: &[u8], change: &dyn Fn(&mut HmacSecretInput)| {
        get(&mut platform, Some(&id), salts, |request| {
            change(request.extensions.hmac_secret.as_mut().unwrap())
        })
        .err()
        .unwrap_or(OK)
    };
    for length in [0, 16, 48, 80] {
        assert_eq!(status(&vec![1; length], &|_| ()), INVALID_PARAMETER, "{length}");
    }
    assert_eq!(status(&[1; 32], &|input| input.salt_auth[0] ^= 1), PIN_AUTH_INVALID);
    assert_eq!(status(&[1; 32], &|input| input.salt_auth.truncate(15)), PIN_AUTH_INVALID);
    assert_eq!(status(&[1; 32], &|input| input.pin_uv_auth_protocol = Some(2)), INVALID_PARAMETER);
    let off_the_curve = KeyAgreementKey([[1; 32]; 2]);
    assert_eq!(status(&[1; 32], &|input| input.key_agreement = off_the_curve), INVALID_PARAMETER);
    let silent = get(&mut platform, Some(&id), &[1; 32], |request| request.user_presence = false);
    assert_eq!(silent, Err(UNSUPPORTED_OPTION));
    assert_eq!(platform.authenticator.credentials().unwrap()[0].sign_count, 0);
    get(&mut platform, Some(&id), &[1; 32], |_| ()).unwrap();
    assert_eq!(platform.authenticator.credentials().unwrap()[0].sign_count, 1);
}
