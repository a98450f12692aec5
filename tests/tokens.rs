//! What a token is good for, and how long (CTAP 2.1 §6.5.2.1).

#![cfg(feature = "ctap")]

mod common;

use common::codes::{permission, status};
use common::device::{PIN, with_pin};
use common::management::{bytes, map};
use common::platform::{OK, Platform};
use stuntkey::ctap2::{ClientPinSubCommand as Sub, Command, PinUvAuth, PinUvAuthProtocol};
use stuntkey::webauthn::Flags;

const HERE: Option<&str> = Some("example.org");

fn key() -> Platform {
    with_pin("security_key_ctap2_3", |_| ())
}

/// With one discoverable credential.
fn key_with_credential() -> Platform {
    let mut key = key();
    key.make_at("example.org", 1);
    key
}

/// An assertion at a relying party without a touch.
fn silent(key: &mut Platform, token: &[u8], rp_id: &'static str) -> Result<(), u8> {
    let got = key.get_with(Some(token), |request| {
        request.rp_id = rp_id.into();
        request.user_presence = false;
    });
    got.map(|_| ())
}

#[test]
fn a_token_is_good_for_what_it_was_asked_for_and_for_nothing_else() {
    let mut key = key_with_credential();
    let all = [
        permission::MAKE,
        permission::GET,
        permission::MANAGE,
        permission::WRITE_BLOBS,
        permission::CONFIGURE,
    ];
    for asked in all {
        for tried in all {
            let token = key.permitted(asked, HERE).unwrap();
            let status = match tried {
                permission::MAKE => key.make(Some(&token)).err().unwrap_or(OK),
                permission::GET => key.get(Some(&token)).err().unwrap_or(OK),
                // enumerateCredentialsBegin, which a token for a relying party may ask about that one.
                permission::MANAGE => {
                    let hash = bytes(&common::sha256(b"example.org"));
                    key.manage(0x04, Some(map([(1, Some(hash))])), Some(&token)).err().unwrap_or(OK)
                }
                permission::WRITE_BLOBS => {
                    let array = [&[0x80][..], &common::sha256(&[0x80])[..16]].concat();
                    key.write_blobs(&array, Some(&token))
                }
                _ => key.configure(0x03, Some(map([(1, Some(4.into()))])), Some(&token)),
            };
            let expected = if asked == tried { OK } else { status::PIN_AUTH_INVALID };
            assert_eq!(status, expected, "{asked:#x} for {tried:#x}");
        }
    }
}

#[test]
fn a_token_for_one_relying_party_is_none_for_another() {
    let mut key = key_with_credential();
    key.make_at("example.com", 1);
    for permissions in [permission::MAKE, permission::GET] {
        let token = key.permitted(permissions, Some("example.com")).unwrap();
        let status = match permissions {
            permission::MAKE => key.make(Some(&token)).unwrap_err(),
            _ => key.get(Some(&token)).unwrap_err(),
        };
        assert_eq!(status, status::PIN_AUTH_INVALID);
        let token = key.permitted(permissions, HERE).unwrap();
        match permissions {
            permission::MAKE => key.make(Some(&token)).unwrap(),
            _ => key.get(Some(&token)).unwrap(),
        };
    }
}

/// A token without a relying party belongs to the first that uses it (§6.2.2 step 6).
#[test]
fn a_token_of_get_pin_token_binds_itself_to_the_first_relying_party() {
    let mut key = key_with_credential();
    key.make_at("example.com", 1);
    let token = key.token(PIN).unwrap();
    assert_eq!(silent(&mut key, &token, "example.org"), Ok(()));
    assert_eq!(silent(&mut key, &token, "example.com"), Err(status::PIN_AUTH_INVALID));
    let token = key.token(PIN).unwrap();
    assert_eq!(silent(&mut key, &token, "example.com"), Ok(()));
    assert_eq!(silent(&mut key, &token, "example.org"), Err(status::PIN_AUTH_INVALID));
}

#[test]
fn a_token_of_get_pin_token_manages_nothing() {
    let mut key = key();
    let token = key.token(PIN).unwrap();
    assert_eq!(key.manage(0x01, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
    assert_eq!(key.configure(0x03, Some(map([])), Some(&token)), status::PIN_AUTH_INVALID);
}

#[test]
fn a_token_makes_one_credential_or_one_assertion() {
    let mut key = key_with_credential();
    let verified = Flags::UP.with(Flags::UV, true);
    let both = permission::MAKE | permission::GET;
    let token = key.permitted(both, HERE).unwrap();
    assert_eq!(key.make(Some(&token)), Ok(verified));
    assert_eq!(key.make(Some(&token)), Err(status::PIN_AUTH_INVALID));
    assert_eq!(key.get(Some(&token)), Err(status::PIN_AUTH_INVALID));
    let token = key.permitted(both, HERE).unwrap();
    assert_eq!(key.get(Some(&token)), Ok(verified));
    assert_eq!(key.get(Some(&token)), Err(status::PIN_AUTH_INVALID));
    assert_eq!(key.make(Some(&token)), Err(status::PIN_AUTH_INVALID));
}

#[test]
fn a_silent_assertion_takes_nothing_from_a_token() {
    let mut key = key_with_credential();
    let token = key.permitted(permission::GET, HERE).unwrap();
    for _ in 0..3 {
        assert_eq!(silent(&mut key, &token, "example.org"), Ok(()));
    }
    assert_eq!(key.get(Some(&token)), Ok(Flags::UP.with(Flags::UV, true)));
    assert_eq!(silent(&mut key, &token, "example.org"), Err(status::PIN_AUTH_INVALID));
}

#[test]
fn a_ceremony_leaves_a_token_the_writing_of_large_blobs() {
    let mut key = key();
    let token = key.permitted(permission::MAKE | permission::MANAGE | permission::WRITE_BLOBS, HERE).unwrap();
    key.make(Some(&token)).unwrap();
    let array = [&[0x80][..], &common::sha256(&[0x80])[..16]].concat();
    assert_eq!(key.write_blobs(&array, Some(&token)), OK);
    let hash = bytes(&common::sha256(b"example.org"));
    let refused = key.manage(0x04, Some(map([(1, Some(hash))])), Some(&token));
    assert_eq!(refused.unwrap_err(), status::PIN_AUTH_INVALID);
    // And so does an assertion.
    let token = key.permitted(permission::GET | permission::WRITE_BLOBS, HERE).unwrap();
    key.get(Some(&token)).unwrap();
    assert_eq!(key.write_blobs(&array, Some(&token)), OK);
    assert_eq!(key.get(Some(&token)), Err(status::PIN_AUTH_INVALID));
}

#[test]
fn management_does_not_use_a_token_up() {
    let mut key = key();
    let token = key.permitted(permission::MANAGE | permission::CONFIGURE, None).unwrap();
    for _ in 0..2 {
        key.manage(0x01, None, Some(&token)).unwrap();
        assert_eq!(key.configure(0x03, Some(map([(1, Some(4.into()))])), Some(&token)), OK);
    }
}

#[test]
fn a_token_without_a_use_dies_after_thirty_seconds() {
    let mut key = key();
    let token = key.permitted(permission::MANAGE, None).unwrap();
    key.at(29);
    key.manage(0x01, None, Some(&token)).unwrap();
    key.at(100);
    let token = key.permitted(permission::MANAGE, None).unwrap();
    key.at(131);
    assert_eq!(key.manage(0x01, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
    key.at(101);
    assert_eq!(key.manage(0x01, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID, "dead");
}

#[test]
fn a_token_in_use_dies_after_ten_minutes() {
    let mut key = key();
    let token = key.permitted(permission::MANAGE, None).unwrap();
    for seconds in (20..=580).step_by(20) {
        key.at(seconds);
        key.manage(0x01, None, Some(&token)).unwrap_or_else(|status| panic!("{status:#x} at {seconds}"));
    }
    key.at(601);
    assert_eq!(key.manage(0x01, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
}

/// What is enumerated ends with the token that began it (§6).
#[test]
fn an_enumeration_dies_with_its_token() {
    let mut key = key();
    for rp_id in ["example.org", "example.com", "example.net"] {
        key.make_at(rp_id, 1);
    }
    let token = key.permitted(permission::MANAGE, None).unwrap();
    for seconds in (20..=580).step_by(20) {
        key.at(seconds);
        key.manage(0x01, None, Some(&token)).unwrap();
    }
    key.at(595);
    key.manage(0x02, None, Some(&token)).unwrap();
    key.manage(0x03, None, None).unwrap();
    key.at(601);
    assert_eq!(key.manage(0x03, None, None).unwrap_err(), status::NOT_ALLOWED);
}

/// The same of assertions, though thirty seconds have not passed between two of them.
#[test]
fn an_enumeration_of_assertions_dies_with_its_token() {
    let mut key = key();
    for user in 1..=3 {
        key.make_at("example.org", user);
    }
    let token = key.permitted(permission::GET, HERE).unwrap();
    for seconds in (20..=580).step_by(20) {
        key.at(seconds);
        silent(&mut key, &token, "example.org").unwrap();
    }
    key.at(595);
    key.get(Some(&token)).unwrap();
    key.command(Command::GetNextAssertion, &[]).unwrap();
    key.at(601);
    assert_eq!(key.command(Command::GetNextAssertion, &[]), Err(status::NOT_ALLOWED));
}

#[test]
fn a_new_token_of_any_protocol_ends_the_others() {
    let protocols = [PinUvAuthProtocol::One, PinUvAuthProtocol::Two];
    for (old, new) in protocols.into_iter().flat_map(|old| protocols.map(|new| (old, new))) {
        let mut key = key();
        key.protocol = old;
        let token = key.permitted(permission::MANAGE, None).unwrap();
        key.manage(0x01, None, Some(&token)).unwrap();
        key.protocol = new;
        key.permitted(permission::MANAGE, None).unwrap();
        key.protocol = old;
        let refused = key.manage(0x01, None, Some(&token)).unwrap_err();
        assert_eq!(refused, status::PIN_AUTH_INVALID, "{old:?}, {new:?}");
    }
}

#[test]
fn a_token_of_one_protocol_is_none_of_the_other() {
    let protocols = [PinUvAuthProtocol::One, PinUvAuthProtocol::Two];
    for (own, other) in [(0, 1), (1, 0)].map(|(own, other)| (protocols[own], protocols[other])) {
        let mut key = key();
        key.protocol = own;
        let token = key.permitted(permission::MANAGE, None).unwrap();
        key.protocol = other;
        assert_eq!(key.manage(0x01, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID, "{other:?}");
        key.protocol = own;
        key.manage(0x01, None, Some(&token)).unwrap();
    }
}

#[test]
fn a_proof_has_the_length_that_its_protocol_gives_it() {
    let mut key = key();
    for (own, other) in
        [(PinUvAuthProtocol::One, PinUvAuthProtocol::Two), (PinUvAuthProtocol::Two, PinUvAuthProtocol::One)]
    {
        key.protocol = own;
        let token = key.permitted(permission::MAKE, HERE).unwrap();
        let prove = |protocol: PinUvAuthProtocol| {
            let param = protocol.authenticate(&token, &[&[1; 32]]).into();
            Some(PinUvAuth { param, protocol: Some(own.number()) })
        };
        let refused = key.make_with(None, |request| request.pin_uv_auth = prove(other));
        assert_eq!(refused.unwrap_err(), status::PIN_AUTH_INVALID);
        key.make_with(None, |request| request.pin_uv_auth = prove(own)).unwrap();
    }
}

#[test]
fn power_and_a_changed_pin_end_tokens() {
    let mut key = key();
    let token = key.permitted(permission::MANAGE, None).unwrap();
    key.authenticator.power_cycle();
    assert_eq!(key.manage(0x01, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
    let token = key.permitted(permission::MANAGE, None).unwrap();
    assert_eq!(key.change_pin(PIN, "5678"), OK);
    assert_eq!(key.manage(0x01, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
    let again = key.token_by(Sub::GetTokenUsingPin, "5678", |request| {
        request.permissions = Some(permission::MANAGE);
    });
    assert_ne!(again.unwrap(), token);
}
