//! authenticatorClientPIN, step by step, through the byte codec (CTAP 2.1 §6.5.5).

#![cfg(feature = "ctap")]

mod common;

use chacha20::ChaCha20Rng;
use common::platform::{OK, Platform};
use rand_core::SeedableRng;
use stuntkey::authenticator::Authenticator;
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{ClientPinRequest, ClientPinSubCommand as Sub, KeyAgreementKey, PinUvAuthProtocol};
use stuntkey::webauthn::Flags;

const INVALID_COMMAND: u8 = 0x01;
const INVALID_PARAMETER: u8 = 0x02;
const MISSING_PARAMETER: u8 = 0x14;
const NOT_ALLOWED: u8 = 0x30;
const PIN_INVALID: u8 = 0x31;
const PIN_BLOCKED: u8 = 0x32;
const PIN_AUTH_INVALID: u8 = 0x33;
const PIN_AUTH_BLOCKED: u8 = 0x34;
const PIN_NOT_SET: u8 = 0x35;
const PUAT_REQUIRED: u8 = 0x36;
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
    // Whatever follows the command (CTAP 2.1 §8.1).
    for parameters in [&[][..], &[0x80], &[0xa0], &[0xff]] {
        assert_eq!(platform.authenticator.call(1, &[&[0x06], parameters].concat()), [INVALID_COMMAND]);
    }
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

/// A token verifies the user at the relying party, in both ceremonies, and nothing else does.
#[test]
fn a_token_verifies_the_user() {
    let mut platform = with_pin();
    assert_eq!(platform.make(None).unwrap_err(), PUAT_REQUIRED);
    let token = platform.token("1234").unwrap();
    assert_eq!(platform.make(Some(&token)), Ok(Flags::UP.with(Flags::UV, true)));
    assert_eq!(platform.get(Some(&token)), Ok(Flags::UP.with(Flags::UV, true)));
    assert_eq!(platform.get(None), Ok(Flags::UP));
    for wrong in [vec![0; 32], token[..16].to_vec(), [&token[..31], &[!token[31]]].concat()] {
        assert_eq!(platform.make(Some(&wrong)).unwrap_err(), PIN_AUTH_INVALID);
        assert_eq!(platform.get(Some(&wrong)).unwrap_err(), PIN_AUTH_INVALID);
    }
    // A touch to find out which key the user means tells whether a PIN is set (§6.1.2 step 1).
    assert_eq!(platform.make(Some(&[])).unwrap_err(), PIN_INVALID);
    assert_eq!(platform.get(Some(&[])).unwrap_err(), PIN_INVALID);
}

#[test]
fn a_token_ends_with_its_pin_and_with_the_power() {
    let mut platform = with_pin();
    let token = platform.token("1234").unwrap();
    assert_eq!(platform.token("1234").unwrap(), token, "CTAP 2.0 has one token");
    platform.make(Some(&token)).unwrap();
    assert_eq!(platform.change_pin("1234", "5678"), OK);
    assert_eq!(platform.make(Some(&token)).unwrap_err(), PIN_AUTH_INVALID);
    let token = platform.token("5678").unwrap();
    platform.make(Some(&token)).unwrap();
    platform.authenticator.power_cycle();
    assert_eq!(platform.make(Some(&token)).unwrap_err(), PIN_AUTH_INVALID);
    let token = platform.token("5678").unwrap();
    platform.authenticator.reset().unwrap();
    assert_eq!(platform.set_pin("5678"), OK);
    assert_eq!(platform.make(Some(&token)).unwrap_err(), PIN_AUTH_INVALID);
}

/// Where nobody can have made a parameter, it is neither checked nor an error; where built-in verification could give a
/// token, it is checked (§6.1.2 step 11).
#[test]
fn a_parameter_without_a_pin_is_ignored_or_wrong() {
    let without = Authenticator::builder().client_pin(true).user_verification(false).build().unwrap();
    let mut platform = Platform::new(without, PinUvAuthProtocol::One);
    assert_eq!(platform.make(Some(&[1; 32])), Ok(Flags::UP));
    assert_eq!(platform.get(Some(&[1; 32])), Ok(Flags::UP));
    assert_eq!(self::platform().make(Some(&[1; 32])).unwrap_err(), PIN_AUTH_INVALID);
}

/// What began with a token ends with it, whoever ended it.
#[test]
fn an_enumeration_ends_with_its_token() {
    let mut platform = with_pin();
    let token = platform.token("1234").unwrap();
    for user in 1..=3 {
        platform.user = user;
        platform.make(Some(&token)).unwrap();
    }
    platform.get(Some(&token)).unwrap();
    assert_eq!(platform.authenticator.call(1, &[0x08])[0], OK);
    platform.get(Some(&token)).unwrap();
    platform.channel = 2;
    assert_eq!(platform.change_pin("1234", "5678"), OK);
    assert_eq!(platform.authenticator.call(1, &[0x08]), [NOT_ALLOWED]);
}

/// Two authenticators on one store share the PIN and its retries, and each finds out what the other did.
#[cfg(feature = "store")]
#[test]
fn a_store_that_is_shared_gives_no_retry_twice() {
    use stuntkey::authenticator::FileStore;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let open = || {
        let store = FileStore::open(&path).unwrap();
        let builder = Authenticator::builder().client_pin(true).store(store);
        Platform::new(builder.build().unwrap(), PinUvAuthProtocol::One)
    };
    let (mut one, mut other) = (open(), open());
    assert_eq!(one.set_pin("1234"), OK);
    assert_eq!(other.set_pin("5678"), PIN_AUTH_INVALID);
    let token = one.token("1234").unwrap();
    one.make(Some(&token)).unwrap();
    assert_eq!(other.change_pin("1234", "5678"), OK);
    assert_eq!(one.make(Some(&token)).unwrap_err(), PIN_AUTH_INVALID, "of a PIN that is none any more");
    for left in (0..8).rev() {
        let platform = if left % 2 == 0 { &mut one } else { &mut other };
        platform.authenticator.power_cycle();
        assert_eq!(platform.token("1234").unwrap_err(), if left == 0 { PIN_BLOCKED } else { PIN_INVALID });
        assert_eq!(platform.retries(), left);
    }
    for platform in [&mut one, &mut other] {
        platform.authenticator.power_cycle();
        assert_eq!(platform.token("5678").unwrap_err(), PIN_BLOCKED);
    }
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
