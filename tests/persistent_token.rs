//! The token that reads credentials until the PIN changes, and what its holders know the device by (CTAP 2.2 §6.5.2.2).

#![cfg(feature = "ctap")]

mod common;

use aes::Aes128;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use common::codes::{permission, status};
use common::credentials::{
    CREDENTIALS, DELETE, METADATA, NEXT_CREDENTIAL, NEXT_RP, RPS, UPDATE, named, of, one, renamed,
};
use common::device::{PIN, with_pin};
use common::platform::{OK, Platform};
use sha2::Sha256;
use stuntkey::ctap2::ClientPinSubCommand as Sub;

fn key() -> Platform {
    with_pin("security_key_ctap2_3", |_| ())
}

fn persistent(key: &mut Platform) -> Vec<u8> {
    key.permitted(permission::READ, None).unwrap()
}

/// The one block behind the initialisation vector, under the key that follows from the token.
fn decrypted(token: &[u8], name: &str, member: Option<Vec<u8>>) -> [u8; 16] {
    let member = member.expect(name);
    assert_eq!(member.len(), 32, "{name}");
    let mut key = [0; 16];
    hkdf::Hkdf::<Sha256>::new(Some(&[0; 32]), token).expand(name.as_bytes(), &mut key).unwrap();
    let mut block = <[u8; 16]>::try_from(&member[16..]).unwrap();
    let iv = <[u8; 16]>::try_from(&member[..16]).unwrap();
    cbc::Decryptor::<Aes128>::new(&key.into(), &iv.into()).decrypt_block((&mut block).into());
    block
}

fn identifier(key: &mut Platform, token: &[u8]) -> [u8; 16] {
    let member = key.info().enc_identifier;
    decrypted(token, "encIdentifier", member)
}

fn state(key: &mut Platform, token: &[u8]) -> [u8; 16] {
    let member = key.info().enc_cred_store_state;
    decrypted(token, "encCredStoreState", member)
}

/// Appendix A of the reference: values that were computed without this library.
#[test]
fn the_members_are_decrypted_as_another_implementation_encrypts_them() {
    let token: Vec<u8> = (0..32).collect();
    let value: Vec<u8> = (0xf0..=0xff).collect();
    for (name, ciphertext) in [
        ("encIdentifier", 0x0646_ebd4_c5e6_29ea_f2a3_943e_3347_ac7d_u128),
        ("encCredStoreState", 0x6e7a_c1ea_3a13_af77_73fa_92da_b53d_11cf),
    ] {
        let member = [[0; 16], ciphertext.to_be_bytes()].concat();
        assert_eq!(decrypted(&token, name, Some(member))[..], value, "{name}");
    }
}

#[test]
fn it_reads_and_changes_nothing() {
    let mut key = key();
    let made = key.make_at("example.org", 1);
    key.make_at("example.org", 2);
    key.make_at("example.com", 1);
    let token = persistent(&mut key);
    let metadata = key.manage(METADATA, None, Some(&token)).unwrap();
    assert_eq!(metadata.existing_resident_credentials_count, Some(3));
    assert_eq!(key.manage(RPS, None, Some(&token)).unwrap().total_rps, Some(2));
    key.manage(NEXT_RP, None, None).unwrap();
    let listed = key.manage(CREDENTIALS, of("example.org"), Some(&token)).unwrap();
    assert_eq!(listed.total_credentials, Some(2));
    key.manage(NEXT_CREDENTIAL, None, None).unwrap();
    let id = &made.credential_id;
    for (sub, parameters) in [(UPDATE, renamed(id, named(1, "new", "N"))), (DELETE, one(id))] {
        let refused = key.manage(sub, parameters, Some(&token)).unwrap_err();
        assert_eq!(refused, status::PIN_AUTH_INVALID, "{sub}");
    }
    assert_eq!(key.make(Some(&token)), Err(status::PIN_AUTH_INVALID));
    assert_eq!(key.get(Some(&token)), Err(status::PIN_AUTH_INVALID));
    assert_eq!(key.configure(0x03, None, Some(&token)), status::PIN_AUTH_INVALID);
}

#[test]
fn it_outlives_power_time_and_other_tokens() {
    let mut key = key();
    let token = persistent(&mut key);
    assert_eq!(persistent(&mut key), token, "the device has one");
    key.authenticator.power_cycle();
    key.manage(METADATA, None, Some(&token)).unwrap();
    key.permitted(permission::MANAGE, None).unwrap();
    key.manage(METADATA, None, Some(&token)).unwrap();
    key.at(100_000);
    key.manage(METADATA, None, Some(&token)).unwrap();
    assert_eq!(persistent(&mut key), token);
}

#[test]
fn it_leaves_the_other_token_as_it_is() {
    let mut key = key();
    let other = key.permitted(permission::MANAGE | permission::CONFIGURE, None).unwrap();
    let token = persistent(&mut key);
    assert_ne!(token, other);
    key.manage(METADATA, None, Some(&other)).unwrap();
    assert_eq!(key.configure(0x03, Some(common::management::map([])), Some(&other)), OK);
    key.manage(METADATA, None, Some(&token)).unwrap();
}

#[test]
fn a_changed_pin_ends_it() {
    let mut key = key();
    let token = persistent(&mut key);
    let identity = identifier(&mut key, &token);
    assert_eq!(key.change_pin(PIN, "5678"), OK);
    assert_eq!(key.manage(METADATA, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
    let info = key.info();
    assert_eq!((info.enc_identifier, info.enc_cred_store_state), (None, None));
    let new = key.token_by(Sub::GetTokenUsingPin, "5678", |request| {
        request.permissions = Some(permission::READ);
    });
    let new = new.unwrap();
    assert_ne!(new, token);
    key.manage(METADATA, None, Some(&new)).unwrap();
    assert_eq!(identifier(&mut key, &new), identity, "the device is the same");
}

#[test]
fn a_wrong_pin_and_a_pin_that_is_not_changed_leave_it() {
    let mut key = key();
    let token = persistent(&mut key);
    assert_eq!(key.change_pin("0000", "5678"), status::PIN_INVALID);
    assert_eq!(key.change_pin(PIN, "123"), status::PIN_POLICY_VIOLATION);
    key.manage(METADATA, None, Some(&token)).unwrap();
}

#[test]
fn a_reset_ends_it_and_makes_another_device() {
    let mut key = key();
    let token = persistent(&mut key);
    let (identity, known) = (identifier(&mut key, &token), state(&mut key, &token));
    key.authenticator.reset().unwrap();
    let info = key.info();
    assert_eq!((info.enc_identifier, info.enc_cred_store_state), (None, None));
    assert_eq!(key.set_pin(PIN), OK);
    assert_eq!(key.manage(METADATA, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
    let new = persistent(&mut key);
    assert_ne!(new, token);
    assert_ne!(identifier(&mut key, &new), identity);
    assert_ne!(state(&mut key, &new), known);
}

#[test]
fn nobody_is_told_anything_before_there_is_one() {
    let mut key = key();
    key.make_at("example.org", 1);
    key.permitted(permission::MANAGE, None).unwrap();
    let info = key.info();
    assert_eq!((info.enc_identifier, info.enc_cred_store_state), (None, None));
    persistent(&mut key);
    let info = key.info();
    assert!(info.enc_identifier.is_some() && info.enc_cred_store_state.is_some());
    // One who has no token reads nothing twice.
    let again = key.info();
    assert_ne!(again.enc_identifier.unwrap()[..16], info.enc_identifier.unwrap()[..16]);
    assert_ne!(again.enc_cred_store_state, info.enc_cred_store_state);
}

#[test]
fn the_state_changes_with_the_credentials_and_the_identifier_does_not() {
    let mut key = key();
    let made = key.make_at("example.org", 1);
    let token = persistent(&mut key);
    let identity = identifier(&mut key, &token);
    let mut known = vec![state(&mut key, &token)];
    assert_eq!(state(&mut key, &token), known[0]);
    key.get(None).unwrap();
    assert_eq!(state(&mut key, &token), known[0], "an assertion changes nothing");
    let once = key.permitted(permission::MAKE, Some("example.org")).unwrap();
    key.make_with(Some(&once), |request| request.resident_key = false).unwrap();
    assert_eq!(state(&mut key, &token), known[0], "nor does what is not listed");
    key.make_at("example.com", 1);
    known.push(state(&mut key, &token));
    let manage = key.permitted(permission::MANAGE, None).unwrap();
    key.manage(UPDATE, renamed(&made.credential_id, named(1, "new", "N")), Some(&manage)).unwrap();
    known.push(state(&mut key, &token));
    key.manage(DELETE, one(&made.credential_id), Some(&manage)).unwrap();
    known.push(state(&mut key, &token));
    let mut different = known.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), known.len(), "{known:x?}");
    key.authenticator.power_cycle();
    assert_eq!(state(&mut key, &token), known[3]);
    assert_eq!(identifier(&mut key, &token), identity);
}

/// Before CTAP 2.3 there is the identifier alone.
#[test]
fn a_device_of_ctap_2_1_tells_no_state() {
    let mut key = with_pin("security_key_ctap2_1", |model| model.credential_management_read_only = true);
    assert_eq!(key.option("perCredMgmtRO"), Some(true));
    let token = persistent(&mut key);
    identifier(&mut key, &token);
    assert_eq!(key.info().enc_cred_store_state, None);
}
