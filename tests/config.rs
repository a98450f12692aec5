//! authenticatorConfig, sub-command by sub-command (CTAP 2.1 §6.11, CTAP 2.3 §6.11.5). What the first
//! one does stands in `enterprise.rs`.

#![cfg(feature = "ctap")]

mod common;

use ciborium::Value;
use common::codes::{permission, status};
use common::device::{PIN, device, with_pin};
use common::management::{bytes, map, with};
use common::platform::{OK, Platform};
use stuntkey::authenticator::Model;
use stuntkey::ctap2::Command;

const ENTERPRISE: u8 = 0x01;
const ALWAYS_UV: u8 = 0x02;
const MIN_PIN_LENGTH: u8 = 0x03;
const LONG_TOUCH: u8 = 0x04;
const VENDOR: u8 = 0xff;

fn key() -> Platform {
    with_pin("full", |_| ())
}

/// Runs a sub-command with a new token.
fn run(key: &mut Platform, sub: u8, parameters: Option<Value>) -> u8 {
    let token = key.permitted(permission::CONFIGURE, None).unwrap();
    key.configure(sub, parameters, Some(&token))
}

fn length(length: u64) -> Option<Value> {
    Some(map([(1, Some(length.into()))]))
}

fn rp_ids(rp_ids: &[String]) -> Option<Value> {
    Some(map([(2, Some(Value::Array(rp_ids.iter().cloned().map(Value::Text).collect())))]))
}

#[test]
fn a_request_proves_itself_where_something_is_protected() {
    let mut key = key();
    let token = key.permitted(permission::CONFIGURE, None).unwrap();
    for (sub, parameters) in
        [(ENTERPRISE, None), (ALWAYS_UV, None), (MIN_PIN_LENGTH, length(4)), (LONG_TOUCH, None)]
    {
        let request = key.configuring(sub, parameters, Some(&token));
        let mut status = |member, value| key.refusal(Command::Config, &with(&request, member, value));
        assert_eq!(status(4, None), status::PUAT_REQUIRED, "{sub}");
        assert_eq!(status(3, None), status::MISSING_PARAMETER, "{sub}");
        assert_eq!(status(3, Some(9.into())), status::INVALID_PARAMETER, "{sub}");
        assert_eq!(status(4, Some(bytes(&[0; 32]))), status::PIN_AUTH_INVALID, "{sub}");
        assert_eq!(status(1, None), status::MISSING_PARAMETER, "{sub}");
        assert_eq!(status(3, Some(2.into())), OK, "{sub}");
    }
    let other = key.permitted(permission::MANAGE, None).unwrap();
    assert_eq!(key.configure(MIN_PIN_LENGTH, length(4), Some(&other)), status::PIN_AUTH_INVALID);
}

/// The message is 32 bytes FF, 0D, the sub-command and its parameters (step 4): without one of them it is another.
#[test]
fn a_proof_is_of_the_whole_message() {
    let mut key = key();
    let token = key.permitted(permission::CONFIGURE, None).unwrap();
    let parameters = length(4);
    let encoded = common::management::encoded(parameters.as_ref().unwrap());
    let request = key.configuring(MIN_PIN_LENGTH, parameters, Some(&token));
    for (message, expected) in [
        ([&[0xff; 32][..], &[0x0d, 0x03], &encoded].concat(), OK),
        ([&[0x0d, 0x03][..], &encoded].concat(), status::PIN_AUTH_INVALID),
        ([&[0xff; 32][..], &[0x0d, 0x03]].concat(), status::PIN_AUTH_INVALID),
        ([&[0xff; 32][..], &[0x0d, 0x02], &encoded].concat(), status::PIN_AUTH_INVALID),
        ([&[0xff; 32][..], &[0x03], &encoded].concat(), status::PIN_AUTH_INVALID),
    ] {
        let param = bytes(&key.protocol.authenticate(&token, &[&message]));
        assert_eq!(key.refusal(Command::Config, &with(&request, 4, Some(param))), expected, "{message:x?}");
    }
}

#[test]
fn nothing_is_asked_for_where_nothing_is_protected() {
    let mut key = device("security_key_ctap2_3", |_| ());
    assert_eq!(key.configure(MIN_PIN_LENGTH, length(6), None), OK);
    assert_eq!(key.info().min_pin_length, Some(6));
    assert_eq!(key.configure(ALWAYS_UV, None, None), OK);
    assert_eq!(key.option("alwaysUv"), Some(true));
    // What is always verified is protected, but for the way back (step 3).
    assert_eq!(key.configure(MIN_PIN_LENGTH, length(6), None), status::PUAT_REQUIRED);
    assert_eq!(key.configure(ALWAYS_UV, None, None), OK);
    assert_eq!(key.option("alwaysUv"), Some(false));
}

#[test]
fn a_sub_command_that_there_is_not_is_refused() {
    let mut key = with_pin("security_key_ctap2_1", |_| ());
    for sub in [0x7e, ENTERPRISE, LONG_TOUCH, VENDOR] {
        let refused = run(&mut key, sub, None);
        assert!([status::INVALID_SUBCOMMAND, status::INVALID_PARAMETER].contains(&refused), "{refused:#x}");
    }
    let mut key = with_pin("with_fingers", |model| {
        model.authenticator_config = false;
        model.extensions.retain(|extension| extension.name() != "minPinLength");
    });
    assert_eq!(key.configure(MIN_PIN_LENGTH, length(4), None), status::INVALID_COMMAND);
}

#[test]
fn a_user_who_is_always_verified_needs_a_token_for_every_touch() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    key.make_at("example.org", 1);
    assert_eq!((key.option("alwaysUv"), key.option("makeCredUvNotRqd")), (Some(false), Some(true)));
    let second_factor = |key: &mut Platform| key.make_with(None, |request| request.resident_key = false);
    let silent = |key: &mut Platform| key.get_with(None, |request| request.user_presence = false);
    second_factor(&mut key).unwrap();
    key.get(None).unwrap();
    assert_eq!(run(&mut key, ALWAYS_UV, None), OK);
    assert_eq!(key.option("alwaysUv"), Some(true));
    assert_ne!(key.option("makeCredUvNotRqd"), Some(true));
    assert_eq!(second_factor(&mut key).unwrap_err(), status::PUAT_REQUIRED);
    assert_eq!(key.get(None), Err(status::PUAT_REQUIRED));
    silent(&mut key).unwrap();
    let token = key.permitted(permission::GET, Some("example.org")).unwrap();
    key.get(Some(&token)).unwrap();
    assert_eq!(run(&mut key, ALWAYS_UV, None), OK);
    assert_eq!((key.option("alwaysUv"), key.option("makeCredUvNotRqd")), (Some(false), Some(true)));
    second_factor(&mut key).unwrap();
}

#[test]
fn one_who_is_always_verified_and_cannot_be_makes_nothing() {
    let mut key = device("security_key_ctap2_3", |_| ());
    assert_eq!(key.configure(ALWAYS_UV, None, None), OK);
    let refused = key.make_with(None, |request| request.resident_key = false).unwrap_err();
    assert!([status::PUAT_REQUIRED, status::OPERATION_DENIED].contains(&refused), "{refused:#x}");
    assert_eq!(key.set_pin(PIN), OK);
    key.make_at("example.org", 1);
}

#[test]
fn built_in_verification_answers_for_one_who_is_always_verified() {
    let mut key = key();
    key.enroll_finger();
    assert_eq!(run(&mut key, ALWAYS_UV, None), OK);
    let made = key.make_with(None, |request| request.resident_key = false).unwrap();
    let uv = stuntkey::webauthn::AuthenticatorData::parse(&made.auth_data).unwrap().flags;
    assert!(uv.contains(stuntkey::webauthn::Flags::UV));
}

#[test]
fn the_least_length_of_a_pin_grows_until_a_reset() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    assert_eq!(key.info().min_pin_length, Some(4));
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, length(4)), OK);
    assert_ne!(key.info().force_pin_change, Some(true), "the PIN has four code points");
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, length(3)), status::PIN_POLICY_VIOLATION);
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, length(6)), OK);
    let info = key.info();
    assert_eq!((info.min_pin_length, info.force_pin_change), (Some(6), Some(true)));
    assert_eq!(key.change_pin(PIN, "12345"), status::PIN_POLICY_VIOLATION);
    assert_eq!(key.change_pin(PIN, "123456"), OK);
    assert_ne!(key.info().force_pin_change, Some(true));
    key.authenticator.reset().unwrap();
    assert_eq!(key.info().min_pin_length, Some(4));
    assert_eq!(key.set_pin(PIN), OK);
}

#[test]
fn a_length_that_no_pin_can_have_is_refused() {
    let mut key = with_pin("security_key_ctap2_3", |model| model.max_pin_length = Some(10));
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, length(10)), OK);
    let mut key = with_pin("security_key_ctap2_3", |model| model.max_pin_length = Some(10));
    let refused = run(&mut key, MIN_PIN_LENGTH, length(11));
    assert!([status::PIN_POLICY_VIOLATION, status::INVALID_PARAMETER].contains(&refused), "{refused:#x}");
    assert_eq!(key.info().min_pin_length, Some(4));
}

#[test]
fn a_pin_has_to_be_there_to_be_changed() {
    let mut key = device("security_key_ctap2_3", |_| ());
    let force = Some(map([(3, Some(true.into()))]));
    assert_eq!(key.configure(MIN_PIN_LENGTH, force.clone(), None), status::PIN_NOT_SET);
    assert_eq!(key.set_pin(PIN), OK);
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, Some(map([(3, Some(false.into()))]))), OK);
    assert_ne!(key.info().force_pin_change, Some(true));
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, force), OK);
    assert_eq!(key.info().force_pin_change, Some(true));
    key.authenticator.reset().unwrap();
    assert_ne!(key.info().force_pin_change, Some(true));
}

/// `minPinLength` tells who is on the list.
fn told(key: &mut Platform, rp_id: &'static str) -> bool {
    let token = key.permitted(permission::MAKE, Some(rp_id)).unwrap();
    let made = key.make_with(Some(&token), |request| {
        request.rp_id = rp_id.into();
        request.extensions.min_pin_length = true;
    });
    let made = made.unwrap().auth_data;
    stuntkey::webauthn::AuthenticatorData::parse(&made).unwrap().extensions.is_some()
}

#[test]
fn the_list_of_relying_parties_is_replaced_and_those_of_the_vendor_stay() {
    let change = |model: &mut Model| {
        model.max_rpids_for_set_min_pin_length = 2;
        model.min_pin_length_rp_ids = vec!["example.net".into()];
    };
    let mut key = with_pin("security_key_ctap2_3", change);
    let names = ["example.org", "example.com", "example.net"];
    let all = |key: &mut Platform| names.map(|name| told(key, name));
    assert_eq!(all(&mut key), [false, false, true]);
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, rp_ids(&["example.org".into()])), OK);
    assert_eq!(all(&mut key), [true, false, true]);
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, rp_ids(&["example.com".into()])), OK);
    assert_eq!(all(&mut key), [false, true, true]);
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, rp_ids(&[])), OK);
    assert_eq!(all(&mut key), [false, true, true], "an empty list changes nothing");
    let many: Vec<String> = (0..3).map(|number| format!("{number}.example")).collect();
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, rp_ids(&many)), status::KEY_STORE_FULL);
    assert_eq!(all(&mut key), [false, true, true]);
    key.authenticator.reset().unwrap();
    assert_eq!(key.set_pin(PIN), OK);
    assert_eq!(all(&mut key), [false, false, true]);
}

#[test]
fn a_complex_pin_is_asked_for_once_the_rule_is_set() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let complex = |complex: bool| Some(map([(4, Some(complex.into()))]));
    assert_eq!(key.info().pin_complexity_policy, Some(false));
    assert_eq!(run(&mut key, MIN_PIN_LENGTH, complex(true)), OK);
    assert_eq!(key.info().pin_complexity_policy, Some(true));
    assert_eq!(key.change_pin(PIN, "1111"), status::PIN_POLICY_VIOLATION);
    assert_eq!(key.change_pin(PIN, "Tr0ub4dor&3"), OK);
    key.authenticator.reset().unwrap();
    assert_eq!(key.info().pin_complexity_policy, Some(false));
    assert_eq!(key.set_pin("1111"), OK);
    // Where there is no such rule, the member is ignored.
    let mut without = with_pin("security_key_ctap2_1", |_| ());
    assert_eq!(run(&mut without, MIN_PIN_LENGTH, complex(true)), OK);
    assert_eq!(without.info().pin_complexity_policy, None);
}

#[test]
fn a_reset_takes_a_long_touch_from_now_on() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    assert_eq!(key.info().long_touch_for_reset, Some(false));
    for _ in 0..2 {
        assert_eq!(run(&mut key, LONG_TOUCH, None), OK);
        assert_eq!(key.info().long_touch_for_reset, Some(true));
    }
    key.authenticator.reset().unwrap();
    assert_eq!(key.info().long_touch_for_reset, Some(false));
}

#[test]
fn a_vendor_has_the_commands_it_lists() {
    let mut key = with_pin("full", |model| model.vendor_config_commands = Some(vec![1, u64::MAX]));
    assert_eq!(key.info().vendor_prototype_config_commands, Some(vec![1, u64::MAX]));
    for command in [1, u64::MAX] {
        assert_eq!(run(&mut key, VENDOR, length(command)), OK);
    }
    assert_ne!(run(&mut key, VENDOR, length(2)), OK);
    assert_eq!(run(&mut key, VENDOR, None), status::MISSING_PARAMETER);
}
