//! PINs of CTAP 2.1 and later, by both protocols: what they may be, and how they are counted (CTAP 2.1 §6.5.1, §6.5.5).

#![cfg(feature = "ctap")]

mod common;

use common::codes::{permission, status};
use common::device::{PIN, device, with_pin};
use common::management::map;
use common::platform::{OK, Platform};
use stuntkey::ctap2::{ClientPinRequest, ClientPinSubCommand as Sub, KeyAgreementKey, PinUvAuthProtocol};

const PROTOCOLS: [PinUvAuthProtocol; 2] = [PinUvAuthProtocol::One, PinUvAuthProtocol::Two];

/// A code point of four bytes.
const WIDE: &str = "\u{1f511}";

fn key(protocol: PinUvAuthProtocol) -> Platform {
    let mut key = device("security_key_ctap2_3", |_| ());
    key.protocol = protocol;
    key
}

#[test]
fn a_pin_is_set_changed_and_used_by_either_protocol() {
    for (set, used) in PROTOCOLS.into_iter().flat_map(|set| PROTOCOLS.map(|used| (set, used))) {
        let mut key = key(set);
        assert_eq!(key.option("clientPin"), Some(false));
        assert_eq!(key.set_pin("5678"), OK);
        assert_eq!(key.option("clientPin"), Some(true));
        key.protocol = used;
        assert_eq!(key.set_pin(PIN), status::PIN_AUTH_INVALID, "one is set");
        assert_eq!(key.change_pin("5678", PIN), OK);
        assert_eq!(key.token(PIN).unwrap().len(), 32);
        assert_eq!(key.permitted(permission::MANAGE, None).unwrap().len(), 32);
    }
}

#[test]
fn each_protocol_has_its_own_key_and_no_vector_comes_twice() {
    let mut keys = Vec::new();
    for protocol in PROTOCOLS {
        let mut key = key(protocol);
        keys.push(key.key_agreement());
        assert_eq!(key.key_agreement(), keys[keys.len() - 1]);
    }
    let mut one = key(PinUvAuthProtocol::One);
    let first = one.key_agreement();
    one.protocol = PinUvAuthProtocol::Two;
    assert_ne!(one.key_agreement(), first);
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let mut vectors = Vec::new();
    for _ in 0..4 {
        let (mut request, secret) = key.request(Sub::GetPinToken);
        request.pin_hash_enc = Some(key.encrypt(&secret, &common::sha256(PIN.as_bytes())[..16]));
        let token = key.call(&request).unwrap().pin_uv_auth_token.unwrap();
        assert_eq!(token.len(), 48);
        assert!(!vectors.contains(&token[..16].to_vec()));
        vectors.push(token[..16].to_vec());
    }
}

#[test]
fn each_member_of_a_request_has_its_status_by_either_protocol() {
    for protocol in PROTOCOLS {
        let mut key = key(protocol);
        assert_eq!(key.set_pin(PIN), OK);
        let other = key.changing("0000", "5678");
        // A wrong PIN makes a new key, so each request is made anew.
        let mut status = |change: fn(&mut ClientPinRequest)| {
            let mut request = key.changing(PIN, PIN);
            change(&mut request);
            key.status(&request)
        };
        assert_eq!(status(|request| request.pin_uv_auth_protocol = None), status::MISSING_PARAMETER);
        assert_eq!(status(|request| request.pin_uv_auth_protocol = Some(9)), status::INVALID_PARAMETER);
        assert_eq!(status(|request| request.key_agreement = None), status::MISSING_PARAMETER);
        assert_eq!(status(|request| request.pin_uv_auth_param = None), status::MISSING_PARAMETER);
        assert_eq!(status(|request| request.new_pin_enc = None), status::MISSING_PARAMETER);
        assert_eq!(status(|request| request.pin_hash_enc = None), status::MISSING_PARAMETER);
        let off_the_curve = |request: &mut ClientPinRequest| {
            request.key_agreement = Some(KeyAgreementKey([[1; 32]; 2]));
        };
        assert_eq!(status(off_the_curve), status::INVALID_PARAMETER);
        let wrong = |request: &mut ClientPinRequest| {
            request.pin_uv_auth_param.as_mut().unwrap()[0] ^= 1;
        };
        assert_eq!(status(wrong), status::PIN_AUTH_INVALID);
        assert_eq!(status(|_| ()), OK);
        assert_eq!(key.retries(), 8, "none of them said a PIN");
        assert_eq!(key.status(&other), status::PIN_INVALID);
        assert_eq!(key.retries(), 7);
    }
}

/// What is no whole number of blocks cannot be decrypted, though it is proved (§6.5.5.5 step 6, §6.5.5.6 steps 7 and 9).
#[test]
fn what_cannot_be_decrypted_is_no_pin() {
    for protocol in PROTOCOLS {
        let mut key = key(protocol);
        let set = |key: &mut Platform, length: usize| {
            let (mut request, secret) = key.request(Sub::SetPin);
            let new_pin_enc = vec![7; length];
            request.pin_uv_auth_param = Some(secret.authenticate(&[&new_pin_enc]));
            request.new_pin_enc = Some(new_pin_enc);
            key.status(&request)
        };
        assert_eq!(set(&mut key, 65), status::PIN_AUTH_INVALID);
        assert_eq!(set(&mut key, 112), status::INVALID_PARAMETER, "another number of blocks");
        assert_eq!(key.option("clientPin"), Some(false));
        assert_eq!(key.set_pin(PIN), OK);
        let change = |key: &mut Platform, cut: fn(&mut ClientPinRequest)| {
            let (mut request, secret) = key.request(Sub::ChangePin);
            let mut padded = PIN.as_bytes().to_vec();
            padded.resize(64, 0);
            request.new_pin_enc = Some(key.encrypt(&secret, &padded));
            request.pin_hash_enc = Some(key.encrypt(&secret, &common::sha256(PIN.as_bytes())[..16]));
            cut(&mut request);
            let members = [&request.new_pin_enc, &request.pin_hash_enc].map(|member| member.clone().unwrap());
            request.pin_uv_auth_param = Some(secret.authenticate(&[&members[0], &members[1]]));
            key.status(&request)
        };
        let cut = change(&mut key, |request| request.new_pin_enc.as_mut().unwrap().truncate(63));
        assert_eq!((cut, key.retries()), (status::PIN_AUTH_INVALID, 8));
        let cut = change(&mut key, |request| request.pin_hash_enc.as_mut().unwrap().truncate(15));
        assert_eq!((cut, key.retries()), (status::PIN_INVALID, 7));
        assert_eq!((change(&mut key, |_| ()), key.retries()), (OK, 8));
    }
}

#[test]
fn a_sub_command_that_there_is_not_is_refused() {
    let mut key = key(PinUvAuthProtocol::Two);
    let mut request = ClientPinRequest::new(Sub::GetPinRetries);
    assert_eq!(key.status(&request), OK, "without a protocol");
    request.sub_command = 0x7e;
    let refused = key.status(&request);
    assert!([status::INVALID_SUBCOMMAND, status::INVALID_PARAMETER].contains(&refused), "{refused:#x}");
    let missing = map([(1, Some(2.into()))]);
    assert_eq!(key.refusal(stuntkey::ctap2::Command::ClientPin, &missing), status::MISSING_PARAMETER);
    let mut agreement = ClientPinRequest::new(Sub::GetKeyAgreement);
    assert_eq!(key.status(&agreement), status::MISSING_PARAMETER);
    agreement.pin_uv_auth_protocol = Some(9);
    assert_eq!(key.status(&agreement), status::INVALID_PARAMETER);
    agreement.pin_uv_auth_protocol = Some(1);
    assert_eq!(key.status(&agreement), OK);
}

#[test]
fn lengths_are_counted_in_code_points() {
    let limited = || {
        device("security_key_ctap2_3", |model| (model.min_pin_length, model.max_pin_length) = (6, Some(10)))
    };
    let info = limited().info();
    assert_eq!((info.min_pin_length, info.max_pin_length), (Some(6), Some(10)));
    for (pin, expected) in [
        (WIDE.repeat(5), status::PIN_POLICY_VIOLATION),
        (WIDE.repeat(6), OK),
        (WIDE.repeat(10), OK),
        (WIDE.repeat(11), status::PIN_POLICY_VIOLATION),
        ("12345".into(), status::PIN_POLICY_VIOLATION),
        ("123456".into(), OK),
        ("1234567890".into(), OK),
        ("12345678901".into(), status::PIN_POLICY_VIOLATION),
    ] {
        let mut key = limited();
        assert_eq!(key.set_pin(&pin), expected, "{pin}");
        let mut key = limited();
        assert_eq!(key.set_pin("abcdefg"), OK);
        assert_eq!(key.change_pin("abcdefg", &pin), expected, "{pin}");
    }
}

/// The authenticator remembers how many code points a PIN has, and not how many bytes (§6.5.5.5 step 11).
#[test]
fn a_pin_whose_code_points_are_too_few_has_to_be_changed() {
    for (length, forced) in [(4, false), (5, true)] {
        let mut key = key(PinUvAuthProtocol::Two);
        assert_eq!(key.set_pin(&WIDE.repeat(4)), OK);
        let token = key.token_by(Sub::GetTokenUsingPin, &WIDE.repeat(4), |request| {
            request.permissions = Some(permission::CONFIGURE);
        });
        let parameters = map([(1, Some(length.into()))]);
        assert_eq!(key.configure(0x03, Some(parameters), Some(&token.unwrap())), OK);
        assert_eq!(key.info().force_pin_change.unwrap_or(false), forced, "{length}");
    }
}

#[test]
fn three_wrong_pins_in_a_row_are_told_and_a_reset_forgets_them() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    for expected in [status::PIN_INVALID, status::PIN_INVALID, 0x34, 0x34] {
        assert_eq!(key.token("0000").unwrap_err(), expected);
    }
    let told = key.call(&ClientPinRequest::new(Sub::GetPinRetries)).unwrap();
    assert_eq!(told.pin_retries, Some(5));
    assert_ne!(told.power_cycle_state, Some(false));
    assert_eq!(key.permitted(permission::MANAGE, None).unwrap_err(), 0x34);
    key.authenticator.reset().unwrap();
    assert_eq!(key.set_pin(PIN), OK);
    key.permitted(permission::MANAGE, None).unwrap();
    let told = key.call(&ClientPinRequest::new(Sub::GetPinRetries)).unwrap();
    assert_eq!(told.pin_retries, Some(8));
    assert_ne!(told.power_cycle_state, Some(true));
}

/// The right one between two wrong ones begins the row anew.
#[test]
fn wrong_pins_are_a_row_only_without_the_right_one_between() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    for _ in 0..3 {
        assert_eq!(key.token("0000").unwrap_err(), status::PIN_INVALID);
        assert_eq!(key.token("0000").unwrap_err(), status::PIN_INVALID);
        key.permitted(permission::MANAGE, None).unwrap();
    }
}
