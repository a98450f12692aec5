//! authenticatorBioEnrollment, sub-command by sub-command (CTAP 2.1 §6.7).

#![cfg(feature = "ctap")]

mod common;

use ciborium::Value;
use common::codes::{permission, status};
use common::device::{PIN, device, with_pin};
use common::management::{bytes, map, with};
use common::platform::{OK, Platform};
use stuntkey::ctap2::{BioEnrollmentResponse, Command, SampleStatus};

const BEGIN: u8 = 0x01;
const NEXT: u8 = 0x02;
const CANCEL: u8 = 0x03;
const ENUMERATE: u8 = 0x04;
const RENAME: u8 = 0x05;
const REMOVE: u8 = 0x06;
const SENSOR: u8 = 0x07;

fn key() -> Platform {
    with_pin("with_fingers", |model| {
        (model.samples_per_finger, model.max_fingers) = (3, 2);
    })
}

fn token(key: &mut Platform) -> Vec<u8> {
    key.permitted(permission::ENROLL, None).unwrap()
}

fn template(id: &[u8]) -> Option<Value> {
    Some(map([(1, Some(bytes(id)))]))
}

fn named(id: &[u8], name: &str) -> Option<Value> {
    Some(map([(1, Some(bytes(id))), (2, Some(name.into()))]))
}

/// The templates and their names; none where the authenticator says that there are none.
fn enumerated(key: &mut Platform) -> Vec<(Vec<u8>, String)> {
    let token = token(key);
    match key.enroll(ENUMERATE, None, Some(&token)) {
        Err(status) => {
            assert_eq!(status, status::INVALID_OPTION);
            Vec::new()
        }
        Ok(response) => {
            let infos = response.template_infos.unwrap().into_iter();
            infos.map(|info| (info.template_id, info.template_friendly_name)).collect()
        }
    }
}

fn sample(response: &BioEnrollmentResponse) -> (u64, u64) {
    (response.last_enroll_sample_status.unwrap(), response.remaining_samples.unwrap())
}

#[test]
fn the_sensor_and_its_modality_are_told_to_anybody() {
    let mut key = device("with_fingers", |model| model.samples_per_finger = 3);
    let modality = map([(6, Some(true.into()))]);
    let told = key.command(Command::BioEnrollment, &common::management::encoded(&modality)).unwrap();
    assert_eq!(told, [0xa1, 0x01, 0x01]);
    let sensor = key.enroll(SENSOR, None, None).unwrap();
    assert!([1, 2].contains(&sensor.fingerprint_kind.unwrap()));
    assert_eq!(sensor.max_capture_samples_required_for_enroll, Some(3));
    assert!((1..=64).contains(&sensor.max_template_friendly_name.unwrap()));
}

#[test]
fn everything_else_takes_a_token_that_enrolls() {
    let mut key = key();
    let finger = key.enroll_finger();
    for (sub, parameters) in
        [(BEGIN, None), (ENUMERATE, None), (RENAME, named(&finger, "thumb")), (REMOVE, template(&finger))]
    {
        let other = key.permitted(permission::MANAGE, None).unwrap();
        let refused = key.enroll(sub, parameters.clone(), Some(&other)).unwrap_err();
        assert_eq!(refused, status::PIN_AUTH_INVALID, "{sub}");
        let token = token(&mut key);
        let request = key.enrolling(sub, parameters, Some(&token));
        let mut status = |member, value| key.refusal(Command::BioEnrollment, &with(&request, member, value));
        assert_eq!(status(5, None), status::PUAT_REQUIRED, "{sub}");
        assert_eq!(status(4, None), status::MISSING_PARAMETER, "{sub}");
        assert_eq!(status(4, Some(9.into())), status::INVALID_PARAMETER, "{sub}");
        assert_eq!(status(5, Some(bytes(&[0; 32]))), status::PIN_AUTH_INVALID, "{sub}");
        assert_eq!(status(1, None), status::MISSING_PARAMETER, "{sub}: the modality");
        assert_eq!(status(4, Some(2.into())), OK, "{sub}");
    }
}

#[test]
fn the_next_sample_takes_a_token_too() {
    let mut key = key();
    let token = token(&mut key);
    let begun = key.enroll(BEGIN, None, Some(&token)).unwrap();
    let parameters = template(&begun.template_id.unwrap());
    assert_eq!(key.enroll(NEXT, parameters.clone(), None).unwrap_err(), status::PUAT_REQUIRED);
    assert_eq!(key.enroll(NEXT, None, Some(&token)).unwrap_err(), status::MISSING_PARAMETER);
    assert_eq!(sample(&key.enroll(NEXT, parameters, Some(&token)).unwrap()), (0, 1));
}

#[test]
fn sub_commands_that_there_are_not_and_parameters_that_are_missing_are_refused() {
    let mut key = key();
    let finger = key.enroll_finger();
    let token = token(&mut key);
    let mut status = |sub, parameters| key.enroll(sub, parameters, Some(&token)).err().unwrap_or(OK);
    assert!([status::INVALID_SUBCOMMAND, status::INVALID_PARAMETER].contains(&status(0x7e, None)));
    assert_eq!(status(RENAME, None), status::MISSING_PARAMETER);
    assert_eq!(status(RENAME, template(&finger)), status::MISSING_PARAMETER);
    assert_eq!(status(REMOVE, None), status::MISSING_PARAMETER);
    let mut without = with_pin("security_key_ctap2_3", |_| ());
    assert_eq!(without.enroll(SENSOR, None, None).unwrap_err(), status::INVALID_COMMAND);
}

#[test]
fn a_finger_is_enrolled_sample_by_sample() {
    let mut key = key();
    assert_eq!((key.option("bioEnroll"), key.option("uv")), (Some(false), Some(false)));
    let token = token(&mut key);
    let begun = key.enroll(BEGIN, None, Some(&token)).unwrap();
    assert_eq!(sample(&begun), (0, 2));
    let id = begun.template_id.unwrap();
    assert!(!id.is_empty());
    assert_eq!(sample(&key.enroll(NEXT, template(&id), Some(&token)).unwrap()), (0, 1));
    assert_eq!((key.option("bioEnroll"), key.option("uv")), (Some(false), Some(false)), "one is missing");
    assert_eq!(sample(&key.enroll(NEXT, template(&id), Some(&token)).unwrap()), (0, 0));
    assert_eq!((key.option("bioEnroll"), key.option("uv")), (Some(true), Some(true)));
    assert_eq!(enumerated(&mut key).into_iter().map(|(id, _)| id).collect::<Vec<_>>(), [id]);
    let made = key.make_with(None, |request| request.user_verification = true);
    made.unwrap();
}

#[test]
fn a_bad_sample_leaves_as_many_to_take_as_before() {
    let mut key = with_pin("with_fingers", |model| {
        model.samples_per_finger = 2;
        model.finger_samples = vec![
            SampleStatus::PoorQuality,
            SampleStatus::Good,
            SampleStatus::TooFast,
            SampleStatus::NoUserActivity,
        ];
    });
    let token = token(&mut key);
    let begun = key.enroll(BEGIN, None, Some(&token)).unwrap();
    assert_eq!(sample(&begun), (0x07, 2));
    let id = template(&begun.template_id.unwrap());
    let mut next = || sample(&key.enroll(NEXT, id.clone(), Some(&token)).unwrap());
    assert_eq!([next(), next(), next(), next()], [(0, 1), (0x05, 1), (0x0d, 1), (0, 0)]);
    assert_eq!(enumerated(&mut key).len(), 1);
}

#[test]
fn what_does_not_run_has_no_next_sample() {
    let mut key = key();
    let finger = key.enroll_finger();
    let token = token(&mut key);
    let accepted = [status::INVALID_PARAMETER, status::INVALID_OPTION, status::NOT_ALLOWED];
    let refused = key.enroll(NEXT, template(&finger), Some(&token)).unwrap_err();
    assert!(accepted.contains(&refused), "{refused:#x}: over");
    key.enroll(BEGIN, None, Some(&token)).unwrap();
    let refused = key.enroll(NEXT, template(&[9; 16]), Some(&token)).unwrap_err();
    assert!(accepted.contains(&refused), "{refused:#x}: another");
}

#[test]
fn an_enrolment_is_cancelled_by_anybody_and_by_the_power() {
    let mut key = key();
    key.enroll(CANCEL, None, None).unwrap();
    let token = token(&mut key);
    let begun = key.enroll(BEGIN, None, Some(&token)).unwrap().template_id.unwrap();
    key.enroll(CANCEL, None, None).unwrap();
    assert!(key.enroll(NEXT, template(&begun), Some(&token)).is_err());
    let begun = key.enroll(BEGIN, None, Some(&token)).unwrap().template_id.unwrap();
    key.authenticator.power_cycle();
    let token = self::token(&mut key);
    assert!(key.enroll(NEXT, template(&begun), Some(&token)).is_err());
    assert_eq!(enumerated(&mut key), []);
    assert_eq!(key.option("bioEnroll"), Some(false));
}

#[test]
fn one_that_begins_drops_one_that_has_not_ended() {
    let mut key = key();
    let token = token(&mut key);
    let old = key.enroll(BEGIN, None, Some(&token)).unwrap().template_id.unwrap();
    let new = key.enroll(BEGIN, None, Some(&token)).unwrap();
    let id = new.template_id.clone().unwrap();
    assert_eq!(sample(&new), (0, 2));
    assert_ne!(id, old);
    assert!(key.enroll(NEXT, template(&old), Some(&token)).is_err());
}

#[test]
fn a_template_has_the_name_that_it_was_given() {
    let mut key = key();
    let [one, other] = [key.enroll_finger(), key.enroll_finger()];
    let token = token(&mut key);
    key.enroll(RENAME, named(&one, "thumb"), Some(&token)).unwrap();
    let names = |key: &mut Platform| {
        let named = enumerated(key);
        [&one, &other].map(|id| named.iter().find(|(known, _)| known == id).unwrap().1.clone())
    };
    assert_eq!(names(&mut key), ["thumb", ""]);
    let longest = key.enroll(SENSOR, None, None).unwrap().max_template_friendly_name.unwrap();
    let longest = "n".repeat(longest.try_into().unwrap());
    let token = self::token(&mut key);
    key.enroll(RENAME, named(&one, &longest), Some(&token)).unwrap();
    let refused = key.enroll(RENAME, named(&other, &format!("{longest}n")), Some(&token)).unwrap_err();
    assert_eq!(refused, status::INVALID_LENGTH);
    assert_eq!(names(&mut key), [longest, String::new()]);
}

#[test]
fn a_template_that_there_is_not_is_not_changed() {
    let mut key = key();
    key.enroll_finger();
    let token = token(&mut key);
    for (sub, parameters) in [(RENAME, named(&[9; 16], "thumb")), (REMOVE, template(&[9; 16]))] {
        let refused = key.enroll(sub, parameters, Some(&token)).unwrap_err();
        assert_eq!(refused, status::INVALID_OPTION, "{sub}");
    }
}

#[test]
fn without_a_finger_nobody_is_verified() {
    let mut key = key();
    assert_eq!(enumerated(&mut key), []);
    let [one, other] = [key.enroll_finger(), key.enroll_finger()];
    let token = token(&mut key);
    key.enroll(REMOVE, template(&one), Some(&token)).unwrap();
    assert_eq!((key.option("bioEnroll"), key.option("uv")), (Some(true), Some(true)));
    let again = key.enroll(REMOVE, template(&one), Some(&token)).unwrap_err();
    assert_eq!(again, status::INVALID_OPTION);
    key.enroll(REMOVE, template(&other), Some(&token)).unwrap();
    assert_eq!((key.option("bioEnroll"), key.option("uv")), (Some(false), Some(false)));
    let made = key.make_with(None, |request| request.user_verification = true);
    assert_eq!(made.unwrap_err(), status::INVALID_OPTION);
}

#[test]
fn there_is_room_for_so_many_fingers() {
    let mut key = key();
    for _ in 0..2 {
        key.enroll_finger();
    }
    let token = token(&mut key);
    assert_eq!(key.enroll(BEGIN, None, Some(&token)).unwrap_err(), status::FP_DATABASE_FULL);
    let (id, _) = enumerated(&mut key).remove(0);
    let token = self::token(&mut key);
    key.enroll(REMOVE, template(&id), Some(&token)).unwrap();
    key.enroll_finger();
}

#[test]
fn a_reset_forgets_the_fingers() {
    let mut key = key();
    key.enroll_finger();
    key.authenticator.reset().unwrap();
    assert_eq!((key.option("bioEnroll"), key.option("uv")), (Some(false), Some(false)));
    assert_eq!(key.set_pin(PIN), OK);
    assert_eq!(enumerated(&mut key), []);
}

#[test]
fn the_prototype_answers_where_the_model_has_it() {
    let mut key = key();
    assert_eq!(key.option("userVerificationMgmtPreview"), Some(false));
    key.enroll_finger();
    assert_eq!(key.option("userVerificationMgmtPreview"), Some(true));
    let token = token(&mut key);
    let request = key.enrolling(ENUMERATE, None, Some(&token));
    assert_eq!(key.refusal(Command::BioEnrollmentPreview, &request), OK);
    let mut key = with_pin("with_fingers", |model| model.previews = false);
    let request = key.enrolling(SENSOR, None, None);
    assert_eq!(key.refusal(Command::BioEnrollment, &request), OK);
    assert_eq!(key.refusal(Command::BioEnrollmentPreview, &request), status::INVALID_COMMAND);
}
