//! authenticatorClientPIN, step by step, through the byte codec (CTAP 2.1 §6.5.5).

#![cfg(feature = "ctap")]

mod common;

use chacha20::ChaCha20Rng;
use common::platform::{OK, Platform};
use rand_core::SeedableRng;
use stuntkey::authenticator::Authenticator;
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{ClientPinRequest, ClientPinSubCommand as Sub, KeyAgreementKey, PinUvAuthProtocol};

const INVALID_COMMAND: u8 = 0x01;
const INVALID_PARAMETER: u8 = 0x02;
const MISSING_PARAMETER: u8 = 0x14;
const PIN_INVALID: u8 = 0x31;
const PIN_BLOCKED: u8 = 0x32;
const PIN_AUTH_INVALID: u8 = 0x33;
const PIN_AUTH_BLOCKED: u8 = 0x34;
const PIN_NOT_SET: u8 = 0x35;
const PIN_POLICY_VIOLATION: u8 = 0x37;

fn platform() -> Platform {
    Platform::new(Authenticator::builder().client_pin(true).build().unwrap(), PinUvAuthProtocol::One)
}

fn with_pin() -> Platform {
    let mut platform = platform();
    assert_eq!(platform.set_pin("1234"), OK);
    platform
}

#[test]
fn an_authenticator_without_pins_does_not_know_the_command() {
    let authenticator = Authenticator::builder().build().unwrap();
    let mut platform = Platform::new(authenticator, PinUvAuthProtocol::One);
    assert_eq!(platform.status(&ClientPinRequest::new(Sub::GetPinRetries)), INVALID_COMMAND);
}

#[test]
fn a_pin_has_at_least_four_code_points_and_at_most_63_bytes() {
    let key = "\u{1f511}";
    for (pin, expected) in [
        (String::new(), PIN_POLICY_VIOLATION),
        ("123".into(), PIN_POLICY_VIOLATION),
        (key.repeat(3), PIN_POLICY_VIOLATION),
        (key.repeat(4), OK),
        ("1234".into(), OK),
        ("p".repeat(63), OK),
        ("p".repeat(64), PIN_POLICY_VIOLATION),
    ] {
        let mut platform = platform();
        assert_eq!(platform.set_pin(&pin), expected, "{pin:?}");
        assert_eq!(platform.token(&pin).is_ok(), expected == OK, "{pin:?}");
    }
    let mut not_text = [0; 64];
    not_text[..4].copy_from_slice(&[0xff; 4]);
    assert_eq!(platform().set_padded_pin(&not_text), PIN_POLICY_VIOLATION);
    assert_eq!(platform().set_padded_pin(&[b'p'; 48]), INVALID_PARAMETER);
}

#[test]
fn each_member_has_its_status() {
    let mut platform = platform();
    let request = platform.setting("1234");
    let mut status = |change: &dyn Fn(&mut ClientPinRequest)| {
        let mut request = request.clone();
        change(&mut request);
        platform.status(&request)
    };
    assert_eq!(status(&|request| request.pin_uv_auth_protocol = None), MISSING_PARAMETER);
    assert_eq!(status(&|request| request.pin_uv_auth_protocol = Some(2)), INVALID_PARAMETER);
    assert_eq!(status(&|request| request.key_agreement = None), MISSING_PARAMETER);
    assert_eq!(
        status(&|request| request.key_agreement = Some(KeyAgreementKey([[1; 32]; 2]))),
        INVALID_PARAMETER
    );
    assert_eq!(status(&|request| request.pin_uv_auth_param = None), MISSING_PARAMETER);
    assert_eq!(status(&|request| request.pin_uv_auth_param = Some(vec![0; 16])), PIN_AUTH_INVALID);
    assert_eq!(status(&|request| request.new_pin_enc = None), MISSING_PARAMETER);
    assert_eq!(status(&|request| request.sub_command = 0x7e), INVALID_PARAMETER);
    assert_eq!(status(&|request| request.sub_command = Sub::GetTokenUsingPin.number()), INVALID_PARAMETER);
    assert_eq!(status(&|_| ()), OK);
    assert_eq!(status(&|_| ()), PIN_AUTH_INVALID, "a PIN is set already");
}

#[test]
fn a_pin_that_is_not_set_is_told() {
    let mut platform = platform();
    assert_eq!(platform.token("1234").unwrap_err(), PIN_NOT_SET);
    assert_eq!(platform.change_pin("1234", "5678"), PIN_NOT_SET);
    assert_eq!(platform.retries(), 8);
}

#[test]
fn a_wrong_pin_costs_a_retry_and_the_right_one_brings_them_back() {
    let mut platform = with_pin();
    assert_eq!(platform.token("0000").unwrap_err(), PIN_INVALID);
    assert_eq!(platform.change_pin("0000", "5678"), PIN_INVALID);
    assert_eq!(platform.retries(), 6);
    platform.token("1234").unwrap();
    assert_eq!(platform.retries(), 8);
    // Whether the platform has the secret is looked at before the PIN (§6.5.5.6 step 5).
    let mut request = platform.changing("1234", "5678");
    request.pin_uv_auth_param = Some(vec![0; 16]);
    assert_eq!(platform.status(&request), PIN_AUTH_INVALID);
    assert_eq!(platform.retries(), 8);
}

#[test]
fn three_wrong_pins_in_a_row_block_until_the_power_is_cycled_and_eight_until_a_reset() {
    let mut platform = with_pin();
    for expected in [PIN_INVALID, PIN_INVALID, PIN_AUTH_BLOCKED, PIN_AUTH_BLOCKED] {
        assert_eq!(platform.token("0000").unwrap_err(), expected);
    }
    assert_eq!(platform.token("1234").unwrap_err(), PIN_AUTH_BLOCKED);
    assert_eq!(platform.retries(), 5, "a PIN that is not compared costs nothing");
    platform.authenticator.power_cycle();
    assert_eq!(platform.retries(), 5, "retries survive");
    for expected in [PIN_INVALID, PIN_INVALID, PIN_AUTH_BLOCKED] {
        assert_eq!(platform.token("0000").unwrap_err(), expected);
    }
    platform.authenticator.power_cycle();
    for expected in [PIN_INVALID, PIN_BLOCKED, PIN_BLOCKED] {
        assert_eq!(platform.token("0000").unwrap_err(), expected);
    }
    platform.authenticator.power_cycle();
    assert_eq!(platform.token("1234").unwrap_err(), PIN_BLOCKED);
    assert_eq!(platform.change_pin("1234", "5678"), PIN_BLOCKED);
    assert_eq!(platform.retries(), 0);
    platform.authenticator.reset().unwrap();
    assert_eq!(platform.retries(), 8);
    assert_eq!(platform.set_pin("5678"), OK);
}

#[test]
fn a_wrong_pin_makes_a_new_key_for_key_agreement() {
    let mut platform = with_pin();
    let before = platform.key_agreement();
    assert_eq!(platform.key_agreement(), before);
    assert_eq!(platform.token("0000").unwrap_err(), PIN_INVALID);
    let after = platform.key_agreement();
    assert_ne!(after, before);
    platform.authenticator.power_cycle();
    assert_ne!(platform.key_agreement(), after);
}

#[test]
fn a_changed_pin_takes_the_place_of_the_old_one() {
    let mut platform = with_pin();
    assert_eq!(platform.change_pin("1234", "123"), PIN_POLICY_VIOLATION);
    assert_eq!(platform.change_pin("1234", "5678"), OK);
    assert_eq!(platform.token("1234").unwrap_err(), PIN_INVALID);
    platform.token("5678").unwrap();
}

/// The other side may be any key of the curve, and the request is read whatever its member says the algorithm is.
#[test]
fn any_platform_key_will_do() {
    let mut random = ChaCha20Rng::from_seed([1; 32]);
    let mut platform = platform();
    for _ in 0..20 {
        platform.own = KeyAgreement::generate(&mut random);
        assert_eq!(platform.set_pin("1234"), OK);
        platform.authenticator.reset().unwrap();
    }
}
