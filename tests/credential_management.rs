//! authenticatorCredentialManagement: what it asks for, and what it tells (CTAP 2.1 §6.8).

#![cfg(feature = "ctap")]

mod common;

use common::codes::{permission, status};
use common::credentials::{
    self, CREDENTIALS, DELETE, METADATA, NEXT_CREDENTIAL, NEXT_RP, RPS, UPDATE, key, listed, named, of, one,
    renamed, token,
};
use common::device::{device, with_pin};
use common::management::{bytes, map, with};
use common::platform::{OK, Platform};
use common::sha256;
use stuntkey::ctap2::Command;

#[test]
fn every_sub_command_that_begins_something_takes_a_token_that_manages() {
    let (mut key, made) = key();
    let id = &made[2].credential_id;
    for (sub, parameters) in [
        (METADATA, None),
        (RPS, None),
        (CREDENTIALS, of("example.com")),
        (UPDATE, renamed(id, named(3, "new", "N"))),
        (DELETE, one(id)),
    ] {
        let token = key.permitted(permission::MAKE, Some("example.com")).unwrap();
        let other = key.managing(sub, parameters.clone(), Some(&token));
        let status = key.refusal(Command::CredentialManagement, &other);
        assert_eq!(status, status::PIN_AUTH_INVALID, "{sub}: a token for something else");
        let token = credentials::token(&mut key, None);
        let request = key.managing(sub, parameters, Some(&token));
        let mut status = |member, value| {
            let request = with(&request, member, value);
            key.refusal(Command::CredentialManagement, &request)
        };
        assert_eq!(status(4, None), status::PUAT_REQUIRED, "{sub}");
        assert_eq!(status(3, None), status::MISSING_PARAMETER, "{sub}");
        assert_eq!(status(3, Some(9.into())), status::INVALID_PARAMETER, "{sub}");
        assert_eq!(status(4, Some(bytes(&[0; 32]))), status::PIN_AUTH_INVALID, "{sub}");
        assert_eq!(status(3, Some(2.into())), OK, "{sub}");
    }
}

#[test]
fn a_token_is_asked_for_even_where_nothing_is_protected() {
    let mut key = device("security_key_ctap2_3", |_| ());
    assert_eq!(key.manage(METADATA, None, None).unwrap_err(), status::PUAT_REQUIRED);
    assert_eq!(key.manage(RPS, None, None).unwrap_err(), status::PUAT_REQUIRED);
}

#[test]
fn a_sub_command_that_there_is_not_is_refused() {
    let (mut key, _) = key();
    let token = token(&mut key, None);
    let refused = key.manage(0x7e, None, Some(&token)).unwrap_err();
    assert!([status::INVALID_SUBCOMMAND, status::INVALID_PARAMETER].contains(&refused), "{refused:#x}");
    let request = with(&key.managing(METADATA, None, Some(&token)), 1, None);
    assert_eq!(key.refusal(Command::CredentialManagement, &request), status::MISSING_PARAMETER);
}

#[test]
fn metadata_counts_discoverable_credentials() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let count = |key: &mut Platform| {
        let token = token(key, None);
        let response = key.manage(METADATA, None, Some(&token)).unwrap();
        let remaining = response.max_possible_remaining_resident_credentials_count.unwrap();
        (response.existing_resident_credentials_count.unwrap(), remaining)
    };
    let (none, room) = count(&mut key);
    assert_eq!(none, 0);
    assert!((1..=100).contains(&room), "the model has room for 100, and not for {room}");
    key.make_at("example.org", 1);
    let (one, less) = count(&mut key);
    assert_eq!(one, 1);
    assert!(less < room);
    let made = key.permitted(permission::MAKE, Some("example.org")).unwrap();
    key.make_with(Some(&made), |request| request.resident_key = false).unwrap();
    assert_eq!(count(&mut key).0, 1);
    assert_eq!(key.info().remaining_discoverable_credentials, Some(less));
}

#[test]
fn what_is_about_every_relying_party_takes_no_token_for_one() {
    let (mut key, _) = key();
    let token = token(&mut key, Some("example.org"));
    for sub in [METADATA, RPS] {
        assert_eq!(key.manage(sub, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID, "{sub}");
    }
}

#[test]
fn each_relying_party_is_enumerated_once() {
    let (mut key, _) = key();
    let token = token(&mut key, None);
    let first = key.manage(RPS, None, Some(&token)).unwrap();
    assert_eq!(first.total_rps, Some(2));
    let second = key.manage(NEXT_RP, None, None).unwrap();
    assert_eq!(second.total_rps, None);
    assert_eq!(key.manage(NEXT_RP, None, None).unwrap_err(), status::NOT_ALLOWED);
    let mut ids = Vec::new();
    for response in [first, second] {
        let id = response.rp.unwrap().id;
        assert_eq!(response.rp_id_hash.unwrap(), sha256(id.as_bytes()));
        ids.push(id);
    }
    ids.sort();
    assert_eq!(ids, ["example.com", "example.org"]);
}

#[test]
fn where_nothing_is_kept_nothing_is_enumerated() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let token = token(&mut key, None);
    assert_eq!(key.manage(RPS, None, Some(&token)).unwrap_err(), status::NO_CREDENTIALS);
    let refused = key.manage(CREDENTIALS, of("example.org"), Some(&token)).unwrap_err();
    assert_eq!(refused, status::NO_CREDENTIALS);
    for sub in [NEXT_RP, NEXT_CREDENTIAL] {
        assert_eq!(key.manage(sub, None, None).unwrap_err(), status::NOT_ALLOWED);
    }
}

#[test]
fn a_credential_is_listed_with_all_that_is_known_of_it() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let token = key.permitted(permission::MAKE, Some("example.org")).unwrap();
    let made = key.make_with(Some(&token), |request| {
        let user = request.user.to_mut();
        (user.name, user.display_name) = ("somebody".into(), "Some Body".into());
        request.extensions.cred_protect = Some(3);
        request.extensions.large_blob_key = Some(true);
        request.extensions.third_party_payment = true;
    });
    let made = made.unwrap();
    let token = credentials::token(&mut key, None);
    let listed = key.manage(CREDENTIALS, of("example.org"), Some(&token)).unwrap();
    let user = listed.user.unwrap();
    assert_eq!((user.id, user.name.as_deref()), (vec![1], Some("somebody")));
    assert_eq!(user.display_name.as_deref(), Some("Some Body"));
    assert_eq!(listed.credential_id.unwrap().id, made.credential_id);
    assert_eq!(listed.public_key, Some(made.public_key));
    assert_eq!((listed.total_credentials, listed.cred_protect), (Some(1), Some(3)));
    assert_eq!(listed.large_blob_key.unwrap(), made.large_blob_key.unwrap());
    assert_eq!(listed.third_party_payment, Some(true));
    // One that asked for nothing.
    key.make_at("example.com", 1);
    let token = credentials::token(&mut key, None);
    let listed = key.manage(CREDENTIALS, of("example.com"), Some(&token)).unwrap();
    assert_eq!((listed.cred_protect, listed.large_blob_key), (Some(1), None));
    assert_ne!(listed.third_party_payment, Some(true));
}

#[test]
fn the_credentials_of_one_relying_party_are_listed() {
    let (mut key, made) = key();
    let ids: Vec<_> = listed(&mut key, "example.org").into_iter().map(|listed| listed.id).collect();
    assert_eq!(ids, [made[0].credential_id.clone(), made[1].credential_id.clone()]);
    let ids: Vec<_> = listed(&mut key, "example.com").into_iter().map(|listed| listed.id).collect();
    assert_eq!(ids, [made[2].credential_id.clone()]);
    // Without a relying party there is nothing to list.
    let token = token(&mut key, None);
    for parameters in [None, Some(map([]))] {
        let refused = key.manage(CREDENTIALS, parameters, Some(&token)).unwrap_err();
        assert_eq!(refused, status::MISSING_PARAMETER);
    }
    let refused = key.manage(CREDENTIALS, of("example.net"), Some(&token)).unwrap_err();
    assert_eq!(refused, status::NO_CREDENTIALS);
}

#[test]
fn a_token_for_a_relying_party_lists_that_one_alone() {
    let (mut key, _) = key();
    let token = token(&mut key, Some("example.com"));
    key.manage(CREDENTIALS, of("example.com"), Some(&token)).unwrap();
    let refused = key.manage(CREDENTIALS, of("example.org"), Some(&token)).unwrap_err();
    assert_eq!(refused, status::PIN_AUTH_INVALID);
}

/// State is that of the authenticator, and what one channel began another does not go on with (§6).
#[test]
fn one_channel_does_not_continue_what_another_enumerates() {
    let (mut key, _) = key();
    let token = token(&mut key, None);
    for (begin, next) in [((RPS, None), NEXT_RP), ((CREDENTIALS, of("example.org")), NEXT_CREDENTIAL)] {
        key.manage(begin.0, begin.1, Some(&token)).unwrap();
        key.channel = 2;
        assert_eq!(key.manage(next, None, None).unwrap_err(), status::NOT_ALLOWED);
        // A token is good on every channel.
        key.manage(METADATA, None, Some(&token)).unwrap();
        key.channel = 1;
    }
}

#[test]
fn the_two_enumerations_do_not_mix() {
    let (mut key, _) = key();
    let token = token(&mut key, None);
    key.manage(RPS, None, Some(&token)).unwrap();
    assert_eq!(key.manage(NEXT_CREDENTIAL, None, None).unwrap_err(), status::NOT_ALLOWED);
    key.manage(CREDENTIALS, of("example.org"), Some(&token)).unwrap();
    assert_eq!(key.manage(NEXT_RP, None, None).unwrap_err(), status::NOT_ALLOWED);
    key.manage(RPS, None, Some(&token)).unwrap();
    key.authenticator.power_cycle();
    assert_eq!(key.manage(NEXT_RP, None, None).unwrap_err(), status::NOT_ALLOWED);
}
