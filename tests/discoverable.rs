//! Discoverable credentials: what takes the place of what, and what is kept of names (CTAP 2.1 §6.1.2 steps 12 to 18).

#![cfg(feature = "ctap")]

mod common;

use common::codes::{permission, status};
use common::credentials::{CREDENTIALS, METADATA, RPS, listed, of, token};
use common::device::{device, with_pin};
use common::platform::{OK, Platform};
use common::sha256;
use stuntkey::webauthn::CredentialDescriptor;

fn key() -> Platform {
    with_pin("security_key_ctap2_3", |_| ())
}

fn allow(id: &[u8]) -> Vec<CredentialDescriptor> {
    vec![CredentialDescriptor { id: id.to_vec(), transports: Vec::new() }]
}

fn finds(key: &mut Platform, rp_id: &'static str, id: &[u8]) -> bool {
    let got = key.get_with(None, |request| {
        request.rp_id = rp_id.into();
        request.allow_list = Some(allow(id).into());
    });
    match got {
        Ok(got) => got.credential_id == id,
        Err(status) => {
            assert_eq!(status, status::NO_CREDENTIALS);
            false
        }
    }
}

#[test]
fn a_credential_takes_the_place_of_the_account_s_last_one() {
    let mut key = key();
    let old = key.make_at("example.org", 1).credential_id;
    let other = key.make_at("example.org", 2).credential_id;
    let new = key.make_at("example.org", 1).credential_id;
    assert_ne!(new, old);
    let found = [&old, &other, &new].map(|id| finds(&mut key, "example.org", id));
    assert_eq!(found, [false, true, true]);
    let ids: Vec<_> = listed(&mut key, "example.org").into_iter().map(|listed| listed.id).collect();
    assert_eq!(ids, [new, other]);
}

#[test]
fn other_relying_parties_and_second_factors_take_nobody_s_place() {
    let mut key = key();
    let first = key.make_at("example.org", 1).credential_id;
    key.make_at("example.com", 1);
    let second_factor = key.make_with(None, |request| request.resident_key = false).unwrap().credential_id;
    assert!(finds(&mut key, "example.org", &first));
    key.make_at("example.org", 1);
    assert!(finds(&mut key, "example.org", &second_factor));
    let token = token(&mut key, None);
    let metadata = key.manage(METADATA, None, Some(&token)).unwrap();
    assert_eq!(metadata.existing_resident_credentials_count, Some(2));
}

#[test]
fn a_credential_that_is_excluded_is_not_made() {
    let mut key = key();
    let first = key.make_at("example.org", 1).credential_id;
    let token = key.permitted(permission::MAKE, Some("example.org")).unwrap();
    key.user = 2;
    let refused = key.make_with(Some(&token), |request| request.exclude_list = allow(&first).into());
    assert_eq!(refused.unwrap_err(), status::CREDENTIAL_EXCLUDED);
    assert_eq!(listed(&mut key, "example.org").len(), 1);
    // One of another relying party, and one that there is not, exclude nothing.
    for (user, id) in [(2, key.make_at("example.com", 1).credential_id), (3, vec![9; 32])] {
        let token = key.permitted(permission::MAKE, Some("example.org")).unwrap();
        key.user = user;
        key.make_with(Some(&token), |request| request.exclude_list = allow(&id).into()).unwrap();
    }
    assert_eq!(listed(&mut key, "example.org").len(), 3);
}

#[test]
fn a_device_that_keeps_none_does_not_know_the_option() {
    let mut key = device("no_pin", |_| ());
    assert_ne!(key.option("rk"), Some(true));
    assert_eq!(key.make(None), Err(status::UNSUPPORTED_OPTION));
    key.make_with(None, |request| request.resident_key = false).unwrap();
}

/// Names may be cut to 64 bytes or more, and not inside a character.
#[test]
fn long_names_are_taken_and_no_character_of_them_is_cut() {
    let mut key = key();
    let name = "\u{1f511}".repeat(50);
    let token = key.permitted(permission::MAKE, Some("example.org")).unwrap();
    let made = key.make_with(Some(&token), |request| {
        let user = request.user.to_mut();
        (user.name, user.display_name) = (name.clone(), name.clone());
    });
    made.unwrap();
    let kept = listed(&mut key, "example.org").remove(0);
    for kept in [kept.name.unwrap(), kept.display_name.unwrap()] {
        assert!(name.starts_with(&kept) && kept.len() >= 64, "{}", kept.len());
    }
}

#[test]
fn a_user_handle_has_one_to_64_bytes() {
    for (length, accepted) in [(1, true), (64, true), (65, false)] {
        let mut key = key();
        let token = key.permitted(permission::MAKE, Some("example.org")).unwrap();
        let made = key.make_with(Some(&token), |request| request.user.to_mut().id = vec![7; length]);
        assert_eq!(made.is_ok(), accepted, "{length}");
    }
}

/// §6.8.7: an RP ID may be shortened for the list, its hash is of the whole.
#[test]
fn a_long_rp_id_is_listed_with_its_whole_hash() {
    let label = "a".repeat(62);
    let rp_id: &'static str = format!("{}.example.org", [&*label; 3].join(".")).leak();
    let mut key = key();
    key.make_at(rp_id, 1);
    let token = token(&mut key, None);
    let listed = key.manage(RPS, None, Some(&token)).unwrap();
    assert_eq!(listed.rp_id_hash.unwrap(), sha256(rp_id.as_bytes()));
    let id = listed.rp.unwrap().id;
    let shortened = id.strip_prefix('\u{2026}').is_some_and(|end| rp_id.ends_with(end) && id.len() >= 32);
    assert!(id == rp_id || shortened, "{id}");
    key.manage(CREDENTIALS, of(rp_id), Some(&token)).unwrap();
}

/// Where there is no PIN, built-in verification gives the tokens for everything.
#[test]
fn who_is_verified_by_the_device_alone_manages_it() {
    let mut key = device("full", |model| {
        (model.client_pin, model.bio_enrollment, model.uv_bio_enroll) = (false, false, false);
    });
    assert_eq!((key.option("clientPin"), key.option("uv")), (None, Some(true)));
    assert_eq!(key.make(None), Err(status::OPERATION_DENIED), "no PIN could help");
    key.make_with(None, |request| request.user_verification = true).unwrap();
    let array = [&[0x80][..], &sha256(&[0x80])[..16]].concat();
    assert_eq!(key.write_blobs(&array, None), status::PUAT_REQUIRED);
    assert_eq!(key.configure(0x02, None, None), status::PUAT_REQUIRED);
    let all = permission::MANAGE | permission::WRITE_BLOBS | permission::CONFIGURE;
    let token = key.permitted_by_uv(all, None).unwrap();
    let metadata = key.manage(METADATA, None, Some(&token)).unwrap();
    assert_eq!(metadata.existing_resident_credentials_count, Some(1));
    assert_eq!(key.write_blobs(&array, Some(&token)), OK);
    assert_eq!(key.configure(0x02, None, Some(&token)), OK);
    assert_eq!(key.option("alwaysUv"), Some(true));
}
