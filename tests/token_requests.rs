//! How a token is had: by a PIN and by built-in verification, and what refuses it (CTAP 2.1 §6.5.5.7).

#![cfg(feature = "ctap")]

mod common;

use common::codes::{permission, status};
use common::device::{PIN, attended, device, with_pin};
use common::management::map;
use common::platform::{OK, Platform};
use stuntkey::authenticator::{Answer, Model};
use stuntkey::ctap2::{ClientPinRequest, ClientPinSubCommand as Sub, KeyAgreementKey};

const HERE: Option<&str> = Some("example.org");

/// One that verifies its user by itself, without fingers that would have to be enrolled first.
fn verifying(model: &mut Model) {
    (model.bio_enrollment, model.uv_bio_enroll) = (false, false);
}

/// The status of a request for a token by a sub-command.
fn status_by(key: &mut Platform, sub: Sub, change: impl FnOnce(&mut ClientPinRequest)) -> u8 {
    let token = key.token_by(sub, PIN, |request| {
        if sub != Sub::GetPinToken {
            request.permissions = Some(permission::MAKE);
            request.rp_id = HERE.map(Into::into);
        }
        change(request);
    });
    token.err().unwrap_or(OK)
}

#[test]
fn each_member_of_a_request_by_pin_has_its_status() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    for sub in [Sub::GetPinToken, Sub::GetTokenUsingPin] {
        let mut status = |change: fn(&mut ClientPinRequest)| status_by(&mut key, sub, change);
        assert_eq!(status(|_| ()), OK);
        assert_eq!(status(|request| request.pin_uv_auth_protocol = None), status::MISSING_PARAMETER);
        assert_eq!(status(|request| request.pin_uv_auth_protocol = Some(3)), status::INVALID_PARAMETER);
        assert_eq!(status(|request| request.key_agreement = None), status::MISSING_PARAMETER);
        assert_eq!(status(|request| request.pin_hash_enc = None), status::MISSING_PARAMETER);
        let off_the_curve = |request: &mut ClientPinRequest| {
            request.key_agreement = Some(KeyAgreementKey([[1; 32]; 2]));
        };
        assert_eq!(status(off_the_curve), status::INVALID_PARAMETER);
    }
    assert_eq!(key.retries(), 8, "none of them says a wrong PIN");
}

#[test]
fn get_pin_token_takes_no_permissions_and_no_relying_party() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let mut status = |change: fn(&mut ClientPinRequest)| status_by(&mut key, Sub::GetPinToken, change);
    assert_eq!(status(|request| request.permissions = Some(1)), status::INVALID_PARAMETER);
    assert_eq!(status(|request| request.rp_id = HERE.map(Into::into)), status::INVALID_PARAMETER);
    assert_eq!(status(|_| ()), OK);
}

#[test]
fn permissions_are_there_and_some() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let mut status = |change: fn(&mut ClientPinRequest)| status_by(&mut key, Sub::GetTokenUsingPin, change);
    assert_eq!(status(|request| request.permissions = None), status::MISSING_PARAMETER);
    assert_eq!(status(|request| request.permissions = Some(0)), status::INVALID_PARAMETER);
    assert_eq!(status(|request| request.permissions = Some(0x81)), OK, "a bit without a meaning");
    // Both are in use for a relying party that is missing.
    let accepted = [status::MISSING_PARAMETER, status::INVALID_PARAMETER];
    assert!(accepted.contains(&status(|request| request.rp_id = None)));
    assert!(accepted.contains(&status(|request| {
        (request.permissions, request.rp_id) = (Some(permission::GET | permission::MANAGE), None);
    })));
    assert_eq!(
        status(|request| (request.permissions, request.rp_id) = (Some(permission::MANAGE), None)),
        OK,
        "only ceremonies need a relying party"
    );
}

type Change = fn(&mut Model);

/// Each permission with a change of the model that takes away what it is for.
#[test]
fn a_permission_for_what_the_authenticator_lacks_is_refused() {
    let cases: [(u64, Change); 6] = [
        (permission::MANAGE, |model| {
            (model.resident_key, model.credential_management) = (false, false);
            model.credential_management_read_only = false;
        }),
        (permission::ENROLL, |model| (model.bio_enrollment, model.uv_bio_enroll) = (false, false)),
        (permission::WRITE_BLOBS, |model| {
            model.large_blobs = None;
            model.extensions.retain(|extension| extension.name() != "largeBlobKey");
        }),
        (permission::CONFIGURE, |model| {
            (model.authenticator_config, model.uv_acfg) = (false, false);
            model.enterprise_attestation = false;
        }),
        (permission::READ, |model| model.credential_management_read_only = false),
        (permission::MAKE, |model| model.no_mc_ga_permissions_with_client_pin = true),
    ];
    for (permission, without) in cases {
        let mut with = with_pin("full", |_| ());
        assert!(with.permitted(permission, HERE).is_ok(), "{permission:#x}");
        let mut without = with_pin("full", without);
        let refused = without.permitted(permission, HERE).unwrap_err();
        assert_eq!(refused, status::UNAUTHORIZED_PERMISSION, "{permission:#x}");
        // One that is refused is refused among others, too.
        if permission != permission::READ {
            let other =
                if permission == permission::MANAGE { permission::CONFIGURE } else { permission::MANAGE };
            assert!(without.permitted(other, None).is_ok());
            let refused = without.permitted(permission | other, HERE).unwrap_err();
            assert_eq!(refused, status::UNAUTHORIZED_PERMISSION, "{permission:#x}");
        }
    }
}

#[test]
fn the_persistent_permission_comes_alone() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    assert!(key.permitted(permission::READ, None).is_ok());
    for other in [permission::MAKE, permission::MANAGE, permission::CONFIGURE] {
        let refused = key.permitted(permission::READ | other, HERE).unwrap_err();
        assert_eq!(refused, status::UNAUTHORIZED_PERMISSION, "{other:#x}");
    }
}

#[test]
fn without_permissions_by_pin_get_pin_token_gives_a_token_for_nothing() {
    let mut key = with_pin("full", |model| model.no_mc_ga_permissions_with_client_pin = true);
    assert_eq!(key.option("noMcGaPermissionsWithClientPin"), Some(true));
    let token = key.token(PIN).unwrap();
    assert_eq!(key.make(Some(&token)), Err(status::PIN_AUTH_INVALID));
}

#[test]
fn a_pin_that_is_wrong_or_not_set_gives_no_token() {
    let mut key = device("security_key_ctap2_3", |_| ());
    assert_eq!(key.permitted(permission::MANAGE, None).unwrap_err(), status::PIN_NOT_SET);
    assert_eq!(key.set_pin("5678"), OK);
    assert_eq!(key.permitted(permission::MANAGE, None).unwrap_err(), status::PIN_INVALID);
    assert_eq!(key.retries(), 7);
}

#[test]
fn a_pin_that_has_to_be_changed_gives_no_token_until_it_is_another() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let old = key.permitted(permission::CONFIGURE | permission::MANAGE, None).unwrap();
    assert_ne!(key.info().force_pin_change, Some(true));
    assert_eq!(key.configure(0x03, Some(map([(3, Some(true.into()))])), Some(&old)), OK);
    assert_eq!(key.info().force_pin_change, Some(true));
    // Since CTAP 2.3 it ends the tokens that there are.
    assert_eq!(key.manage(0x01, None, Some(&old)).unwrap_err(), status::PIN_AUTH_INVALID);
    assert_eq!(key.token(PIN).unwrap_err(), status::PIN_INVALID);
    assert_eq!(key.permitted(permission::MANAGE, None).unwrap_err(), status::PIN_POLICY_VIOLATION);
    assert_eq!(key.retries(), 8, "it was the right one");
    assert_eq!(key.change_pin(PIN, PIN), status::PIN_POLICY_VIOLATION);
    assert_eq!(key.info().force_pin_change, Some(true));
    assert_eq!(key.change_pin(PIN, "5678"), OK);
    assert_ne!(key.info().force_pin_change, Some(true));
    assert_eq!(key.change_pin("5678", PIN), OK);
    key.permitted(permission::MANAGE, None).unwrap();
}

#[test]
fn each_member_of_a_request_by_built_in_verification_has_its_status() {
    let mut key = device("full", verifying);
    let mut status = |change: fn(&mut ClientPinRequest)| {
        let (mut request, _) = key.request(Sub::GetTokenUsingUv);
        request.permissions = Some(permission::MAKE);
        request.rp_id = HERE.map(Into::into);
        change(&mut request);
        key.status(&request)
    };
    assert_eq!(status(|_| ()), OK);
    assert_eq!(status(|request| request.permissions = None), status::MISSING_PARAMETER);
    assert_eq!(status(|request| request.permissions = Some(0)), status::INVALID_PARAMETER);
    assert_eq!(status(|request| request.pin_uv_auth_protocol = None), status::MISSING_PARAMETER);
    assert_eq!(status(|request| request.pin_uv_auth_protocol = Some(3)), status::INVALID_PARAMETER);
    assert_eq!(status(|request| request.key_agreement = None), status::MISSING_PARAMETER);
    let off_the_curve = |request: &mut ClientPinRequest| {
        request.key_agreement = Some(KeyAgreementKey([[1; 32]; 2]));
    };
    assert_eq!(status(off_the_curve), status::INVALID_PARAMETER);
    let accepted = [status::MISSING_PARAMETER, status::INVALID_PARAMETER];
    assert!(accepted.contains(&status(|request| request.rp_id = None)));
}

/// What a PIN may do, built-in verification may do only where the options say so (§6.5.5.7.3).
#[test]
fn built_in_verification_gives_the_permissions_that_the_options_name() {
    let mut with = with_pin("full", |_| ());
    with.enroll_finger();
    let all = permission::MAKE
        | permission::GET
        | permission::MANAGE
        | permission::ENROLL
        | permission::WRITE_BLOBS
        | permission::CONFIGURE;
    assert!(with.permitted_by_uv(all, HERE).is_ok());
    assert!(with.permitted_by_uv(permission::READ, None).is_ok());
    let refused = with.permitted_by_uv(permission::READ | permission::MANAGE, None).unwrap_err();
    assert_eq!(refused, status::UNAUTHORIZED_PERMISSION);
    let mut without = with_pin("full", |model| {
        (model.uv_bio_enroll, model.uv_acfg) = (false, false);
        model.no_mc_ga_permissions_with_client_pin = true;
    });
    without.enroll_finger();
    for permission in [permission::ENROLL, permission::CONFIGURE] {
        let refused = without.permitted_by_uv(permission, None).unwrap_err();
        assert_eq!(refused, status::UNAUTHORIZED_PERMISSION, "{permission:#x}");
        assert!(without.permitted(permission, None).is_ok());
    }
    assert!(without.permitted_by_uv(permission::MAKE | permission::GET, HERE).is_ok());
}

#[test]
fn built_in_verification_has_to_be_there_and_set_up() {
    let mut key = device("security_key_ctap2_3", |_| ());
    let refused = key.permitted_by_uv(permission::MAKE, HERE).unwrap_err();
    let accepted = [status::INVALID_SUBCOMMAND, status::INVALID_PARAMETER, status::NOT_ALLOWED];
    assert!(accepted.contains(&refused), "{refused:#x}");
    let mut key = with_pin("with_fingers", |_| ());
    assert_eq!(key.option("uv"), Some(false));
    assert_eq!(key.permitted_by_uv(permission::MAKE, HERE).unwrap_err(), status::NOT_ALLOWED);
    key.enroll_finger();
    assert_eq!(key.option("uv"), Some(true));
    assert!(key.permitted_by_uv(permission::MAKE, HERE).is_ok());
}

/// Where a platform is to try several times, each try takes one retry (§6.5.3.1).
#[test]
fn failures_of_built_in_verification_block_it_until_the_right_pin() {
    let (mut key, person) = attended("full", |model| {
        verifying(model);
        (model.max_uv_retries, model.preferred_platform_uv_attempts) = (3, Some(3));
    });
    assert_eq!(key.set_pin(PIN), OK);
    assert_eq!(key.uv_retries(), 3);
    person.will(Answer::Present);
    for left in [2, 1] {
        assert_eq!(key.permitted_by_uv(permission::MANAGE, None).unwrap_err(), status::UV_INVALID);
        assert_eq!(key.uv_retries(), left);
    }
    // One that succeeds brings them back.
    person.will(Answer::Verified);
    key.permitted_by_uv(permission::MANAGE, None).unwrap();
    assert_eq!(key.uv_retries(), 3);
    person.will(Answer::Present);
    for expected in [status::UV_INVALID, status::UV_INVALID, status::UV_BLOCKED] {
        assert_eq!(key.permitted_by_uv(permission::MANAGE, None).unwrap_err(), expected);
    }
    assert_eq!(key.uv_retries(), 0);
    person.will(Answer::Verified);
    key.authenticator.power_cycle();
    assert_eq!(key.permitted_by_uv(permission::MANAGE, None).unwrap_err(), status::UV_BLOCKED);
    let made = key.make_with(None, |request| request.user_verification = true);
    assert_eq!(made.unwrap_err(), status::PUAT_REQUIRED, "a PIN can still give a token");
    key.permitted(permission::MANAGE, None).unwrap();
    assert_eq!(key.uv_retries(), 3);
    key.permitted_by_uv(permission::MANAGE, None).unwrap();
}

#[test]
fn one_request_may_try_several_times() {
    let (mut key, person) = attended("full", |model| {
        verifying(model);
        (model.max_uv_retries, model.uv_attempts) = (5, 2);
        model.preferred_platform_uv_attempts = Some(1);
    });
    person.will(Answer::Present);
    assert_eq!(key.permitted_by_uv(permission::MANAGE, None).unwrap_err(), status::UV_INVALID);
    assert_eq!((person.questions(), key.uv_retries()), (2, 3));
}

#[test]
fn a_user_who_does_not_answer_has_a_status_of_their_own() {
    let (mut key, person) = attended("full", verifying);
    person.will(Answer::NoAnswer);
    assert_eq!(key.permitted_by_uv(permission::MANAGE, None).unwrap_err(), status::USER_ACTION_TIMEOUT);
}

/// Where no PIN is left, nothing but a reset helps (§6.5.3.1).
#[test]
fn a_blocked_pin_blocks_built_in_verification() {
    let mut key = device("full", verifying);
    assert_eq!(key.set_pin(PIN), OK);
    key.permitted_by_uv(permission::MANAGE, None).unwrap();
    for _ in 0..8 {
        key.authenticator.power_cycle();
        assert!(key.token("0000").is_err());
    }
    assert_eq!(key.retries(), 0);
    let refused = key.permitted_by_uv(permission::MANAGE, None).unwrap_err();
    assert!([status::UV_BLOCKED, status::PIN_BLOCKED].contains(&refused), "{refused:#x}");
}
