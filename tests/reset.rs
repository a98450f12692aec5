//! authenticatorReset and authenticatorSelection (CTAP 2.1 §6.6, §6.9).

#![cfg(feature = "ctap")]

mod common;

use std::sync::{Arc, Mutex};

use common::codes::{permission, status};
use common::device::{PIN, attended, model, with_pin};
use common::platform::{OK, Platform};
use stuntkey::authenticator::{Answer, ConsentRequest};
use stuntkey::ctap2::{Command, PinUvAuthProtocol};

fn reset(key: &mut Platform) -> u8 {
    key.command(Command::Reset, &[]).err().unwrap_or(OK)
}

fn select(key: &mut Platform) -> u8 {
    key.command(Command::Selection, &[]).err().unwrap_or(OK)
}

#[test]
fn both_take_a_touch() {
    let (mut key, person) = attended("security_key_ctap2_3", |_| ());
    for command in [reset, select] {
        for (answer, expected) in [
            (Answer::Denied, status::OPERATION_DENIED),
            (Answer::NoAnswer, status::USER_ACTION_TIMEOUT),
            (Answer::Verified, OK),
            (Answer::Present, OK),
        ] {
            person.will(answer);
            person.questions();
            assert_eq!(command(&mut key), expected, "{answer:?}");
            assert_eq!(person.questions(), 1);
        }
    }
}

#[test]
fn a_selection_leaves_tokens_as_they_are() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let token = key.permitted(permission::MANAGE, None).unwrap();
    assert_eq!(select(&mut key), OK);
    key.manage(0x01, None, Some(&token)).unwrap();
}

#[test]
fn a_reset_that_is_refused_changes_nothing() {
    let (mut key, person) = attended("security_key_ctap2_3", |_| ());
    assert_eq!(key.set_pin(PIN), OK);
    key.make_at("example.org", 1);
    let token = key.permitted(permission::MANAGE, None).unwrap();
    person.will(Answer::Denied);
    assert_eq!(reset(&mut key), status::OPERATION_DENIED);
    assert_eq!(key.option("clientPin"), Some(true));
    let metadata = key.manage(0x01, None, Some(&token)).unwrap();
    assert_eq!(metadata.existing_resident_credentials_count, Some(1));
}

#[test]
fn a_reset_comes_soon_after_the_power() {
    let mut key = with_pin("security_key_ctap2_3", |model| model.reset_within = Some(10));
    key.at(11);
    assert_eq!(reset(&mut key), status::NOT_ALLOWED);
    assert_eq!(key.option("clientPin"), Some(true));
    key.authenticator.power_cycle();
    key.at(22);
    assert_eq!(reset(&mut key), status::NOT_ALLOWED);
    key.authenticator.power_cycle();
    key.at(31);
    assert_eq!(reset(&mut key), OK);
    assert_eq!(key.option("clientPin"), Some(false));
}

#[test]
fn a_reset_needs_no_pin_and_ends_what_there_was() {
    let mut key = with_pin("security_key_ctap2_1", |_| ());
    let discoverable = key.make_at("example.org", 1);
    let token = key.permitted(permission::MAKE, Some("example.org")).unwrap();
    let second_factor = key.make_with(Some(&token), |request| request.resident_key = false).unwrap();
    let token = key.permitted(permission::MANAGE, None).unwrap();
    let before = key.info();
    let agreement = key.key_agreement();
    assert_eq!(reset(&mut key), OK);
    for id in [discoverable.credential_id, second_factor.credential_id] {
        let found = key.get_with(None, |request| {
            let transports = Vec::new();
            request.allow_list =
                Some(vec![stuntkey::webauthn::CredentialDescriptor { id, transports }].into());
        });
        assert_eq!(found.unwrap_err(), status::NO_CREDENTIALS);
    }
    assert_ne!(key.key_agreement(), agreement);
    assert_eq!(key.set_pin(PIN), OK);
    assert_eq!(key.manage(0x01, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
    let after = key.info();
    assert_eq!((after.aaguid, after.versions), (before.aaguid, before.versions));
}

#[test]
fn a_reset_works_while_the_pin_is_blocked() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    for _ in 0..8 {
        key.authenticator.power_cycle();
        assert!(key.token("0000").is_err());
    }
    assert_eq!(key.token(PIN).unwrap_err(), status::PIN_BLOCKED);
    assert_eq!(reset(&mut key), OK);
    assert_eq!(key.retries(), 8);
    assert_eq!(key.set_pin("5678"), OK);
    key.token("5678").unwrap();
}

/// CTAP 2.3 §7.7: the touch of a reset is a long one where the platform enabled that, and no other is.
#[test]
fn the_touch_of_a_reset_is_a_long_one_where_that_is_enabled() {
    for long in [false, true] {
        let touches = Arc::new(Mutex::new(Vec::new()));
        let seen = touches.clone();
        let model = model("security_key_ctap2_3");
        let builder = model.builder().user(move |request: &ConsentRequest<'_>| {
            seen.lock().unwrap().push(request.long_touch);
            Answer::Verified
        });
        let mut key = Platform::new(builder.build().unwrap(), PinUvAuthProtocol::Two);
        if long {
            assert_eq!(key.configure(0x04, None, None), OK);
        }
        assert_eq!(select(&mut key), OK);
        assert_eq!(reset(&mut key), OK);
        assert_eq!(*touches.lock().unwrap(), [false, long]);
    }
}
