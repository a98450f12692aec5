//! How users are verified in ceremonies: when a token is asked for, and built-in verification (CTAP 2.1 §6.1.2, §6.2.2).

#![cfg(feature = "ctap")]

mod common;

use common::codes::{permission, status};
use common::device::{PIN, Person, attended, device, with_pin};
use common::platform::{OK, Platform};
use stuntkey::authenticator::{Answer, Model};
use stuntkey::ctap2::{GetAssertionRequest, MakeCredentialRequest, PinUvAuth};
use stuntkey::webauthn::{AuthenticatorData, Flags};

const HERE: Option<&str> = Some("example.org");
const VERIFIED: Flags = Flags(0x05);

/// One that verifies its user by itself, without fingers that would have to be enrolled first.
fn verifying(change: impl FnOnce(&mut Model)) -> (Platform, Person) {
    attended("full", |model| {
        (model.bio_enrollment, model.uv_bio_enroll) = (false, false);
        change(model);
    })
}

/// The flags of a credential that need not be discoverable, or the status.
fn make(
    key: &mut Platform,
    token: Option<&[u8]>,
    change: impl FnOnce(&mut MakeCredentialRequest<'static>),
) -> Result<Flags, u8> {
    let made = key.make_with(token, |request| {
        request.resident_key = false;
        change(request);
    });
    Ok(AuthenticatorData::parse(&made?.auth_data).unwrap().flags.with(Flags::AT, false))
}

fn get(key: &mut Platform, change: impl FnOnce(&mut GetAssertionRequest<'static>)) -> Result<Flags, u8> {
    Ok(AuthenticatorData::parse(&key.get_with(None, change)?.auth_data).unwrap().flags)
}

/// CTAP 2.0 asks for a touch first (§5.2); from 2.1 on nobody has to touch for nothing (§6.2.2 step 7).
#[test]
fn a_user_without_a_credential_is_not_asked_from_ctap_2_1_on() {
    let models = ["security_key_ctap2_0", "security_key_ctap2_1", "security_key_ctap2_3"];
    for (name, questions) in models.into_iter().zip([1, 0, 0]) {
        let (mut key, person) = attended(name, |_| ());
        assert_eq!(get(&mut key, |_| ()), Err(status::NO_CREDENTIALS), "{name}");
        assert_eq!(person.questions(), questions, "{name}");
    }
}

#[test]
fn where_nothing_is_protected_a_touch_is_enough() {
    let mut key = device("security_key_ctap2_3", |_| ());
    assert_eq!(make(&mut key, None, |_| ()), Ok(Flags::UP));
    assert_eq!(key.make(None), Ok(Flags::UP), "a discoverable one, too");
    assert_eq!(get(&mut key, |_| ()), Ok(Flags::UP));
}

#[test]
fn a_token_is_asked_for_what_is_discoverable() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    assert_eq!(key.option("makeCredUvNotRqd"), Some(true));
    assert_eq!(make(&mut key, None, |_| ()), Ok(Flags::UP));
    assert_eq!(key.make(None), Err(status::PUAT_REQUIRED));
    let token = key.permitted(permission::MAKE, HERE).unwrap();
    assert_eq!(key.make(Some(&token)), Ok(VERIFIED));
    assert_eq!(get(&mut key, |_| ()), Ok(Flags::UP), "never for an assertion");
}

#[test]
fn a_token_is_asked_for_every_credential_where_the_option_is_off() {
    let mut key = with_pin("security_key_ctap2_3", |model| model.make_cred_uv_not_rqd = false);
    assert_ne!(key.option("makeCredUvNotRqd"), Some(true));
    assert_eq!(make(&mut key, None, |_| ()), Err(status::PUAT_REQUIRED));
    let token = key.permitted(permission::MAKE, HERE).unwrap();
    assert_eq!(make(&mut key, Some(&token), |_| ()), Ok(VERIFIED));
}

/// Where no PIN could give the token, asking for one would be of no use.
#[test]
fn what_no_token_could_help_is_denied() {
    let mut key = with_pin("full", |model| model.no_mc_ga_permissions_with_client_pin = true);
    assert_eq!(key.make(None), Err(status::OPERATION_DENIED));
    let mut key = with_pin("full", |_| ());
    assert_eq!(key.make(None), Err(status::PUAT_REQUIRED));
}

#[test]
fn verification_by_the_device_is_asked_for_where_it_is() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let wanted = |request: &mut MakeCredentialRequest<'static>| request.user_verification = true;
    assert_eq!(make(&mut key, None, wanted), Err(status::INVALID_OPTION));
    let refused = get(&mut key, |request| request.user_verification = true);
    assert_eq!(refused, Err(status::INVALID_OPTION));
    // Beside a proof the option means nothing (step 5).
    let token = key.permitted(permission::MAKE, HERE).unwrap();
    assert_eq!(make(&mut key, Some(&token), wanted), Ok(VERIFIED));
    // Nor is it there before a finger is enrolled.
    let mut key = with_pin("with_fingers", |_| ());
    assert_eq!(make(&mut key, None, wanted), Err(status::INVALID_OPTION));
    key.enroll_finger();
    assert_eq!(make(&mut key, None, wanted), Ok(VERIFIED));
}

#[test]
fn one_gesture_verifies_and_touches() {
    let (mut key, person) = verifying(|_| ());
    assert_eq!(make(&mut key, None, |request| request.user_verification = true), Ok(VERIFIED));
    assert_eq!(person.questions(), 1);
    key.make_with(None, |request| request.user_verification = true).unwrap();
    person.questions();
    assert_eq!(get(&mut key, |request| request.user_verification = true), Ok(VERIFIED));
    assert_eq!(person.questions(), 1);
}

#[test]
fn a_failure_says_what_else_can_be_tried() {
    let wanted = |request: &mut MakeCredentialRequest<'static>| request.user_verification = true;
    let retries = |model: &mut Model| (model.max_uv_retries, model.uv_attempts) = (2, 1);
    let (mut key, person) = verifying(retries);
    person.will(Answer::NoAnswer);
    assert_eq!(make(&mut key, None, wanted), Err(status::USER_ACTION_TIMEOUT));
    // Without a PIN, there is another try, until there is none.
    let (mut key, person) = verifying(retries);
    person.will(Answer::Present);
    assert_eq!(make(&mut key, None, wanted), Err(status::OPERATION_DENIED));
    assert_eq!(make(&mut key, None, wanted), Err(status::PIN_BLOCKED));
    assert_eq!(make(&mut key, None, wanted), Err(status::PIN_BLOCKED));
    // With one, there is the PIN.
    let (mut key, person) = verifying(retries);
    assert_eq!(key.set_pin(PIN), OK);
    person.will(Answer::Present);
    for left in [1, 0, 0] {
        assert_eq!(make(&mut key, None, wanted), Err(status::PUAT_REQUIRED));
        assert_eq!(key.uv_retries(), left);
    }
}

#[test]
fn a_ceremony_tries_as_often_as_the_device_may() {
    let (mut key, person) = verifying(|model| (model.max_uv_retries, model.uv_attempts) = (7, 3));
    person.will(Answer::Present);
    assert!(make(&mut key, None, |request| request.user_verification = true).is_err());
    assert_eq!((person.questions(), key.uv_retries()), (3, 4));
    person.will(Answer::Verified);
    make(&mut key, None, |request| request.user_verification = true).unwrap();
    assert_eq!((person.questions(), key.uv_retries()), (1, 7));
}

#[test]
fn a_touch_that_does_not_come_makes_nothing() {
    let (mut key, person) = attended("security_key_ctap2_3", |_| ());
    key.make(None).unwrap();
    for answer in [Answer::Denied, Answer::NoAnswer] {
        person.will(answer);
        let accepted = [status::OPERATION_DENIED, status::USER_ACTION_TIMEOUT];
        let refused = [make(&mut key, None, |_| ()).unwrap_err(), get(&mut key, |_| ()).unwrap_err()];
        assert!(refused.iter().all(|status| accepted.contains(status)), "{refused:x?}");
        assert_eq!(get(&mut key, |request| request.user_presence = false), Ok(Flags(0)));
    }
}

#[test]
fn a_proof_names_a_protocol_that_the_authenticator_has() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let token = key.permitted(permission::MAKE, HERE).unwrap();
    let mut make = |protocol| {
        let made = key.make_with(Some(&token), |request| {
            request.pin_uv_auth.as_mut().unwrap().protocol = protocol;
        });
        made.err().unwrap_or(OK)
    };
    assert_eq!(make(None), status::MISSING_PARAMETER);
    assert_eq!(make(Some(0x7f)), status::INVALID_PARAMETER);
    assert_eq!(make(Some(2)), OK);
}

/// A proof without a byte asks which key the user means, before anything else is looked at (step 1).
#[test]
fn a_proof_without_a_byte_asks_for_a_touch_and_tells_whether_a_pin_is_set() {
    let (mut key, person) = attended("security_key_ctap2_3", |_| ());
    let select = |protocol| Some(PinUvAuth { param: Vec::new().into(), protocol });
    for (protocol, algorithms) in
        [(Some(2), vec![-7]), (None, vec![-7]), (Some(9), vec![-7]), (Some(2), vec![0])]
    {
        let selected = |key: &mut Platform| {
            make(key, None, |request| {
                request.pin_uv_auth = select(protocol);
                request.pub_key_cred_params = algorithms.clone().into();
            })
        };
        key.authenticator.reset().unwrap();
        person.questions();
        assert_eq!(selected(&mut key), Err(status::PIN_NOT_SET));
        assert_eq!(person.questions(), 1);
        assert_eq!(key.set_pin(PIN), OK);
        assert_eq!(selected(&mut key), Err(status::PIN_INVALID));
        assert_eq!(get(&mut key, |request| request.pin_uv_auth = select(protocol)), Err(status::PIN_INVALID));
        person.will(Answer::Denied);
        assert_eq!(selected(&mut key), Err(status::OPERATION_DENIED));
        person.will(Answer::Verified);
    }
}

/// The gesture that verifies the user shows the user's presence, too (§6.5.5.7.3), so that no touch follows it soon.
#[test]
fn a_token_by_built_in_verification_serves_for_the_touch_for_half_a_minute() {
    let (mut key, person) = verifying(|_| ());
    let token = key.permitted_by_uv(permission::MAKE, HERE).unwrap();
    assert_eq!(person.questions(), 1);
    person.will(Answer::Denied);
    assert_eq!(key.make(Some(&token)), Ok(VERIFIED));
    assert_eq!(person.questions(), 0);
    person.will(Answer::Verified);
    let token = key.permitted_by_uv(permission::GET, HERE).unwrap();
    person.questions();
    key.at(20);
    key.get_with(Some(&token), |request| request.user_presence = false).unwrap();
    key.at(40);
    assert_eq!(key.get(Some(&token)), Ok(VERIFIED));
    assert_eq!(person.questions(), 1, "the presence is over, the verification is not (§6.5.2.1)");
}

#[test]
fn a_token_by_pin_shows_nobody_s_presence() {
    let (mut key, person) = attended("security_key_ctap2_3", |_| ());
    assert_eq!(key.set_pin(PIN), OK);
    let token = key.permitted(permission::MAKE, HERE).unwrap();
    assert_eq!(person.questions(), 0);
    person.will(Answer::Denied);
    assert_eq!(key.make(Some(&token)), Err(status::OPERATION_DENIED));
    person.will(Answer::Verified);
    let token = key.permitted(permission::MAKE, HERE).unwrap();
    assert_eq!(key.make(Some(&token)), Ok(VERIFIED));
}

#[test]
fn verifications_since_the_pin_was_entered_are_counted() {
    let (mut key, _) = verifying(|_| ());
    assert_eq!(key.set_pin(PIN), OK);
    key.token(PIN).unwrap();
    assert_eq!(key.info().uv_count_since_last_pin_entry, Some(0));
    key.permitted_by_uv(permission::MANAGE, None).unwrap();
    make(&mut key, None, |request| request.user_verification = true).unwrap();
    assert_eq!(key.info().uv_count_since_last_pin_entry, Some(2));
    key.token(PIN).unwrap();
    assert_eq!(key.info().uv_count_since_last_pin_entry, Some(0));
}
