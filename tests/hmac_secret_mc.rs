//! The extension hmac-secret-mc: secrets of a credential at once when it is made (CTAP 2.2 §12.8).

#![cfg(feature = "ctap")]

mod common;

use ciborium::Value;
use common::codes::{permission, status};
use common::device::device;
use common::extensions::{HERE, allow, key, made, make, outputs};
use common::platform::{OK, Platform};
use stuntkey::ctap2::{
    ClientPinSubCommand as Sub, HmacSecretInput, KeyAgreementKey, MakeCredentialExtensions,
    PinUvAuthProtocol, SharedSecret,
};

/// The input of `hmac-secret` with these salts.
fn salted(key: &mut Platform, salts: &[u8]) -> (HmacSecretInput, SharedSecret) {
    let (_, secret) = key.request(Sub::GetKeyAgreement);
    let salt_enc = key.encrypt(&secret, salts);
    let salt_auth = secret.authenticate(&[&salt_enc]);
    let own = KeyAgreementKey(key.own.public_key());
    let mut input = HmacSecretInput::new(own, salt_enc, salt_auth);
    input.pin_uv_auth_protocol = Some(key.protocol.number());
    (input, secret)
}

fn result(outputs: Option<Value>, name: &str, secret: &SharedSecret) -> Vec<u8> {
    let outputs = outputs.unwrap();
    let output = common::member(outputs.as_map().unwrap(), name);
    secret.decrypt(output.as_bytes().unwrap()).unwrap().to_vec()
}

#[test]
fn secrets_at_once_are_those_that_an_assertion_gives_later() {
    let mut key = key();
    let salts = [[1; 32], [2; 32]].concat();
    let (input, secret) = salted(&mut key, &salts);
    let (made, told) = made(&mut key, |extensions| {
        (extensions.hmac_secret, extensions.hmac_secret_mc) = (true, Some(Box::new(input)));
    });
    let confirmed = told.clone().unwrap();
    assert_eq!(common::member(confirmed.as_map().unwrap(), "hmac-secret"), &Value::Bool(true));
    let at_once = result(told, "hmac-secret-mc", &secret);
    assert_eq!(at_once.len(), 64);
    let mut later = |verified: bool| {
        let token = key.permitted(permission::GET, HERE).unwrap();
        let (input, secret) = salted(&mut key, &salts);
        let got = key.get_with(verified.then_some(&token), |request| {
            allow(request, &made.credential_id);
            request.extensions.hmac_secret = Some(Box::new(input));
        });
        result(outputs(&got.unwrap().auth_data), "hmac-secret", &secret)
    };
    assert_eq!(later(true), at_once);
    let without = later(false);
    assert_ne!(without[..32], at_once[..32], "another secret for users who were not verified");
    assert_ne!(without[32..], at_once[32..]);
}

#[test]
fn secrets_at_once_are_refused_as_an_assertion_would_refuse_them() {
    let mut key = key();
    let mut status = |salts: &[u8], change: &dyn Fn(&mut MakeCredentialExtensions)| {
        let (input, _) = salted(&mut key, salts);
        let made = make(&mut key, |request| {
            let extensions = &mut request.extensions;
            (extensions.hmac_secret, extensions.hmac_secret_mc) = (true, Some(Box::new(input)));
            change(extensions);
        });
        made.err().unwrap_or(OK)
    };
    assert_eq!(status(&[1; 32], &|_| ()), OK);
    assert_eq!(status(&[1; 32], &|extensions| extensions.hmac_secret = false), status::MISSING_PARAMETER);
    assert_eq!(status(&[1; 48], &|_| ()), status::INVALID_PARAMETER);
    let wrong = |change: fn(&mut HmacSecretInput)| {
        move |extensions: &mut MakeCredentialExtensions| change(extensions.hmac_secret_mc.as_mut().unwrap())
    };
    assert_eq!(status(&[1; 32], &wrong(|input| input.salt_auth[0] ^= 1)), status::PIN_AUTH_INVALID);
    let off_the_curve = |input: &mut HmacSecretInput| input.key_agreement = KeyAgreementKey([[1; 32]; 2]);
    assert_eq!(status(&[1; 32], &wrong(off_the_curve)), status::INVALID_PARAMETER);
}

/// Where no protocol is named it is protocol one, of which an authenticator without it knows no secret (§12.5).
#[test]
fn without_a_protocol_it_is_the_first() {
    let both = [PinUvAuthProtocol::Two, PinUvAuthProtocol::One];
    for (protocols, expected) in [(&both[..], OK), (&both[..1], status::PIN_AUTH_INVALID)] {
        let mut key = device("security_key_ctap2_3", |model| {
            model.pin_uv_auth_protocols = Some(protocols.to_vec());
        });
        assert_eq!(key.info().pin_uv_auth_protocols.len(), protocols.len());
        key.make(None).unwrap();
        key.protocol = protocols[protocols.len() - 1];
        let (mut input, _) = salted(&mut key, &[1; 32]);
        input.pin_uv_auth_protocol = None;
        let got = key.get_with(None, |request| request.extensions.hmac_secret = Some(Box::new(input)));
        assert_eq!(got.err().unwrap_or(OK), expected);
    }
}
