//! The extensions that CTAP defines, through the byte codec (CTAP 2.1 §12, CTAP 2.3 §12). Three stand in files of their own:
//! `hmac_secret.rs`, `hmac_secret_mc.rs` and `large_blob_extension.rs`.

#![cfg(feature = "ctap")]

mod common;

use ciborium::{Value, cbor};
use common::codes::{permission, status};
use common::device::{device, with_pin};
use common::extensions::{HERE, allow, key, made, make, outputs};
use common::management::{encoded, map, with};
use common::platform::{OK, Platform};
use stuntkey::authenticator::Extension;
use stuntkey::ctap2::{
    Command, GetAssertionRequest, GetAssertionResponse, MakeCredentialRequest, MakeCredentialResponse,
};
use stuntkey::webauthn::{CredentialDescriptor, User};

fn got(
    key: &mut Platform,
    change: impl FnOnce(&mut GetAssertionRequest<'static>),
) -> (GetAssertionResponse, Option<Value>) {
    let got = key.get_with(None, change).unwrap();
    let outputs = outputs(&got.auth_data);
    (got, outputs)
}

#[test]
fn nothing_is_told_that_was_not_asked() {
    let mut key = key();
    assert_eq!(made(&mut key, |_| ()).1, None);
    let (got, outputs) = got(&mut key, |_| ());
    assert_eq!((outputs, got.large_blob_key, got.unsigned_extension_outputs), (None, None, None));
}

#[test]
fn what_an_authenticator_does_not_know_is_ignored() {
    let mut key = key();
    let user = User { id: vec![1], name: String::new(), display_name: String::new() };
    let mut request = MakeCredentialRequest::new([1; 32], "example.org", user_of(user), vec![-7]);
    request.resident_key = false;
    let request: Value = ciborium::from_reader(&request.to_cbor()[..]).unwrap();
    for inputs in [
        cbor!({"unknown" => true}).unwrap(),
        cbor!({"unknown" => {"a" => [1, 2]}}).unwrap(),
        // One that this model lacks, with an input that it could not have.
        cbor!({"uvm" => 1}).unwrap(),
        cbor!({}).unwrap(),
    ] {
        let request = encoded(&with(&request, 6, Some(inputs)));
        let made = key.command(Command::MakeCredential, &request).unwrap();
        assert_eq!(outputs(&MakeCredentialResponse::from_cbor(&made).unwrap().auth_data), None);
    }
    let wrong = encoded(&with(&request, 6, Some(cbor!({"credProtect" => "1"}).unwrap())));
    assert!(key.command(Command::MakeCredential, &wrong).is_err(), "one that it has is read");
}

fn user_of(user: User) -> std::borrow::Cow<'static, User> {
    std::borrow::Cow::Owned(user)
}

#[test]
fn protection_is_confirmed_and_hides_credentials() {
    // Discoverable without verification, with an allow list, and silent with an allow list.
    for (level, found) in [(1, [true; 3]), (2, [false, true, true]), (3, [false; 3])] {
        let mut key = key();
        let (made, outputs) = made(&mut key, |extensions| extensions.cred_protect = Some(level));
        assert_eq!(outputs, Some(cbor!({"credProtect" => level}).unwrap()));
        let id = &made.credential_id;
        let mut find = |change: &dyn Fn(&mut GetAssertionRequest<'static>)| match key.get_with(None, change) {
            Ok(got) => got.credential_id == *id,
            Err(status) => {
                assert_eq!(status, status::NO_CREDENTIALS);
                false
            }
        };
        let seen = [
            find(&|_| ()),
            find(&|request| allow(request, id)),
            find(&|request| {
                allow(request, id);
                request.user_presence = false;
            }),
        ];
        assert_eq!(seen, found, "{level}");
        let token = key.permitted(permission::GET, HERE).unwrap();
        key.get(Some(&token)).unwrap();
    }
}

#[test]
fn hidden_credentials_are_not_counted() {
    let mut key = key();
    for (user, level) in [(1, 1), (2, 2), (3, 3), (4, 1)] {
        key.user = user;
        made(&mut key, |extensions| extensions.cred_protect = Some(level));
    }
    let number = |got: GetAssertionResponse| got.number_of_credentials;
    assert_eq!(number(key.get_with(None, |_| ()).unwrap()), Some(2));
    let token = key.permitted(permission::GET, HERE).unwrap();
    assert_eq!(number(key.get_with(Some(&token), |_| ()).unwrap()), Some(4));
}

#[test]
fn a_credential_for_verified_users_excludes_only_those() {
    let mut key = key();
    let (secret, _) = made(&mut key, |extensions| extensions.cred_protect = Some(3));
    let exclude = |request: &mut MakeCredentialRequest<'static>| {
        let id = secret.credential_id.clone();
        request.exclude_list = vec![CredentialDescriptor { id, transports: Vec::new() }].into();
        request.resident_key = false;
    };
    key.make_with(None, exclude).unwrap();
    assert_eq!(make(&mut key, exclude).unwrap_err(), status::CREDENTIAL_EXCLUDED);
}

#[test]
fn a_level_that_there_is_not_protects_nothing() {
    for level in [0, 4] {
        match make(&mut key(), |request| request.extensions.cred_protect = Some(level)) {
            Ok(made) => assert!([None, cbor!({"credProtect" => 1}).ok()].contains(&outputs(&made.auth_data))),
            Err(status) => {
                let accepted = [status::INVALID_PARAMETER, status::INVALID_OPTION, status::INVALID_CBOR];
                assert!(accepted.contains(&status), "{status:#x}");
            }
        }
    }
}

#[test]
fn a_small_blob_is_kept_and_read() {
    let mut key = key();
    let longest = usize::try_from(key.info().max_cred_blob_length.unwrap()).unwrap();
    assert!(longest >= 32);
    let blob = vec![5; longest];
    let (kept, told) = made(&mut key, |extensions| extensions.cred_blob = Some(blob.clone()));
    assert_eq!(told, Some(cbor!({"credBlob" => true}).unwrap()));
    key.user = 2;
    let too_long = [&blob[..], &[5]].concat();
    let (lost, told) = made(&mut key, |extensions| extensions.cred_blob = Some(too_long));
    assert_eq!(told, Some(cbor!({"credBlob" => false}).unwrap()), "no error");
    for (id, expected) in [(&kept.credential_id, blob), (&lost.credential_id, Vec::new())] {
        let (_, told) = got(&mut key, |request| {
            allow(request, id);
            request.extensions.cred_blob = true;
        });
        assert_eq!(told, Some(cbor!({"credBlob" => Value::Bytes(expected)}).unwrap()));
    }
    // Each assertion of an enumeration has its own.
    let (_, first) = got(&mut key, |request| request.extensions.cred_blob = true);
    let next = key.command(Command::GetNextAssertion, &[]).unwrap();
    let second = outputs(&GetAssertionResponse::from_cbor(&next).unwrap().auth_data);
    let length = |outputs: Option<Value>| outputs.unwrap().as_map().unwrap()[0].1.as_bytes().unwrap().len();
    assert_eq!([length(first), length(second)], [0, longest]);
}

#[test]
fn a_key_for_large_blobs_is_given_beside_the_authenticator_data() {
    let mut key = key();
    let (one, told) = made(&mut key, |extensions| extensions.large_blob_key = Some(true));
    assert_eq!(told, None);
    key.user = 2;
    let (other, _) = made(&mut key, |extensions| extensions.large_blob_key = Some(true));
    let keys = [one.large_blob_key.unwrap(), other.large_blob_key.unwrap()];
    assert_eq!([keys[0].len(), keys[1].len()], [32, 32]);
    assert_ne!(keys[0], keys[1]);
    let (got_one, told) = got(&mut key, |request| {
        allow(request, &one.credential_id);
        request.extensions.large_blob_key = Some(true);
    });
    assert_eq!((got_one.large_blob_key, told), (Some(keys[0].clone()), None));
    assert_eq!(got(&mut key, |_| ()).0.large_blob_key, None);
    // A credential without one has none.
    key.user = 3;
    let (without, _) = made(&mut key, |_| ());
    assert_eq!(without.large_blob_key, None);
    let (got_none, _) = got(&mut key, |request| request.extensions.large_blob_key = Some(true));
    assert_eq!((got_none.credential_id, got_none.large_blob_key), (without.credential_id, None));
}

#[test]
fn a_key_for_large_blobs_is_asked_for_with_true_and_for_discoverable_credentials() {
    let mut key = key();
    let refused = make(&mut key, |request| request.extensions.large_blob_key = Some(false));
    assert_eq!(refused.unwrap_err(), status::INVALID_OPTION);
    let refused = make(&mut key, |request| {
        request.resident_key = false;
        request.extensions.large_blob_key = Some(true);
    });
    assert_eq!(refused.unwrap_err(), status::INVALID_OPTION);
    made(&mut key, |extensions| extensions.large_blob_key = Some(true));
    let refused = key.get_with(None, |request| request.extensions.large_blob_key = Some(false));
    assert_eq!(refused.unwrap_err(), status::INVALID_OPTION);
}

#[test]
fn the_rules_for_pins_are_told_to_those_on_the_list() {
    let ask = |key: &mut Platform| {
        made(key, |extensions| {
            (extensions.min_pin_length, extensions.pin_complexity_policy) = (true, true);
        })
    };
    let mut listed = listed_by_default();
    let told = |length, policy| cbor!({"minPinLength" => length, "pinComplexityPolicy" => policy}).ok();
    assert_eq!(ask(&mut listed).1, told(4, false));
    let token = listed.permitted(permission::CONFIGURE, None).unwrap();
    let parameters = map([(1, Some(6.into())), (4, Some(true.into()))]);
    assert_eq!(listed.configure(0x03, Some(parameters), Some(&token)), OK);
    let made = listed.make_with(None, |request| {
        request.resident_key = false;
        (request.extensions.min_pin_length, request.extensions.pin_complexity_policy) = (true, true);
    });
    assert_eq!(outputs(&made.unwrap().auth_data), told(6, true));
    assert_eq!(ask(&mut key()).1, None, "one that is not on the list");
    assert_eq!(self::made(&mut listed_by_default(), |_| ()).1, None, "one that does not ask");
}

fn listed_by_default() -> Platform {
    with_pin("security_key_ctap2_3", |model| model.min_pin_length_rp_ids = vec!["example.org".into()])
}

#[test]
fn payments_by_others_are_allowed_when_a_credential_is_made() {
    let mut key = key();
    let (allowed, told) = made(&mut key, |extensions| extensions.third_party_payment = true);
    assert_eq!(told, Some(cbor!({"thirdPartyPayment" => true}).unwrap()));
    key.user = 2;
    let (own, _) = made(&mut key, |_| ());
    for (id, expected) in [(&allowed.credential_id, true), (&own.credential_id, false)] {
        let (_, told) = got(&mut key, |request| {
            allow(request, id);
            request.extensions.third_party_payment = true;
        });
        assert_eq!(told, Some(cbor!({"thirdPartyPayment" => expected}).unwrap()));
    }
}

/// An array of methods, each of three numbers (WebAuthn L2 §10.3), and only for those who ask.
#[test]
fn how_the_user_was_verified_is_told() {
    let mut key = device("full", |model| {
        (model.bio_enrollment, model.uv_bio_enroll) = (false, false);
        model.uv_modality = Some(0x0004);
    });
    assert!(key.authenticator.model().extensions.contains(&Extension::Uvm));
    let made = key.make_with(None, |request| {
        (request.user_verification, request.extensions.uvm) = (true, true);
    });
    let told = outputs(&made.unwrap().auth_data).unwrap();
    let (_, told_again) = got(&mut key, |request| {
        (request.user_verification, request.extensions.uvm) = (true, true);
    });
    for told in [told, told_again.unwrap()] {
        let methods = common::member(told.as_map().unwrap(), "uvm").as_array().unwrap();
        assert!((1..=3).contains(&methods.len()));
        let method: Vec<u64> = methods[0].as_array().unwrap().iter().map(number).collect();
        assert_eq!((method.len(), method[0]), (3, 0x0004), "by a PIN of its own");
    }
}

fn number(value: &Value) -> u64 {
    value.as_integer().unwrap().try_into().unwrap()
}
