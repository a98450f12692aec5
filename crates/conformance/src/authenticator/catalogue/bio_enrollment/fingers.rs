//! Fingers, enrolled, named and removed (CTAP 2.1 §6.7.4 to §6.7.8).

use ciborium::Value;

use super::super::permissions::refused;
use super::super::reset::reset_now;
use super::{NOBODYS_ID, sub};
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::data::flag;
use crate::authenticator::platform::parameters::members;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::fingers::{capture, of_template, remove, rename, template_id};
use crate::authenticator::stage::management::Management;
use crate::authenticator::stage::pin::sub::GET_UV_RETRIES;
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

/// What a fair reader accepts for a sample that no enrolment waits for: no clause says which.
const NO_ENROLLMENT: &[u8] = &[s::INVALID_PARAMETER, s::INVALID_OPTION, s::NOT_ALLOWED];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_enrolments();
    cases.extend(of_samples());
    cases.extend(of_names());
    cases.extend(of_removals());
    cases.extend(of_parameters());
    cases.extend(of_verification());
    cases
}

fn of_enrolments() -> Vec<AuthenticatorCase> {
    vec![
        with_finger(
            "enroll/option",
            "set the option bioEnroll when a finger is enrolled",
            "§6.7.4",
            |stage, _| option_is(stage, "bioEnroll", true),
        ),
        with_finger("enroll/uv", "set the option uv when a finger is enrolled", "§6.7.4", |stage, _| {
            option_is(stage, "uv", true)
        }),
        with_finger("enumerate/listed", "enumerate an enrolled finger", "§6.7.6", |stage, id| {
            match stage.fingers()?.iter().any(|(known, _)| known == id) {
                true => Ok(()),
                false => Err(Stop::fail("its template is not enumerated")),
            }
        }),
        with_finger(
            "enroll/power-cycle",
            "keep an enrolled finger when its power is taken away",
            "§6.7.4",
            |stage, id| {
                stage.power_cycle()?;
                match stage.fingers()?.iter().any(|(known, _)| known == id) {
                    true => Ok(()),
                    false => Err(Stop::fail("its template is not enumerated")),
                }
            },
        )
        .if_the_target(Need::PowerCycle),
        case("enroll/template-id", "give each enrolment an id of its own", "§6.7.4", |stage| {
            let first = stage.enroll_begin()?;
            let second = stage.enroll_begin();
            stage.cancel_enrollment();
            match template_id(&first)? == template_id(&second?)? {
                false => Ok(()),
                true => Err(Stop::fail("two enrolments have one id")),
            }
        }),
        case(
            "enroll/unfinished",
            "not enumerate a finger whose enrolment is unfinished",
            "§6.7.6",
            |stage| {
                let id = begun(stage)?;
                let fingers = stage.fingers();
                stage.cancel_enrollment();
                match fingers?.iter().any(|(known, _)| *known == id) {
                    false => Ok(()),
                    true => Err(Stop::fail("its template is enumerated")),
                }
            },
        ),
        AuthenticatorCase::of(
            "bio-enrollment/reset",
            "forget the fingers in a reset",
            "CTAP 2.1 §6.6",
            |stage| {
                stage.enroll_samples()?;
                reset_now(stage)?;
                option_is(stage, "bioEnroll", false)
            },
        )
        .if_the_target(Need::Reset)
        .if_the_target(Need::PowerCycle),
    ]
}

fn of_samples() -> Vec<AuthenticatorCase> {
    vec![
        case("enroll/remaining", "count down remainingSamples for good samples only", "§6.7.4", |stage| {
            let first = stage.enroll_begin()?;
            let id = template_id(&first)?.to_vec();
            let outcome = counts_samples(stage, &id, first.number(6));
            stage.cancel_enrollment();
            stage.remove_finger(&id);
            outcome
        }),
        case("capture/not-begun", "refuse a sample when no enrolment is running", "§6.7.4", |stage| {
            stage.cancel_enrollment();
            let request = stage.permitted(capture(NOBODYS_ID))?;
            refused(stage, &request, NO_ENROLLMENT, &[])
        }),
        case(
            "capture/other-template",
            "refuse a sample for another template than the one being enrolled",
            "§6.7.4",
            |stage| {
                begun(stage)?;
                let request = stage.permitted(capture(NOBODYS_ID))?;
                let outcome = refused(stage, &request, NO_ENROLLMENT, &[]);
                stage.cancel_enrollment();
                outcome
            },
        ),
        case(
            "capture/begun-again",
            "refuse a sample for an enrolment that a newer one replaced",
            "§6.7.4",
            |stage| {
                let first = begun(stage)?;
                begun(stage)?;
                let request = stage.permitted(capture(&first))?;
                let outcome = refused(stage, &request, NO_ENROLLMENT, &[]);
                stage.cancel_enrollment();
                outcome
            },
        ),
        case("cancel/capture", "refuse a sample for a cancelled enrolment", "§6.7.5", |stage| {
            let id = begun(stage)?;
            let answer = stage.manage(&Management::bio(sub::CANCEL_CURRENT_ENROLLMENT, None))?;
            stage.control(answer, "cancelCurrentEnrollment")?;
            let request = stage.permitted(capture(&id))?;
            refused(stage, &request, NO_ENROLLMENT, &[])
        }),
    ]
}

fn of_names() -> Vec<AuthenticatorCase> {
    vec![
        with_finger(
            "rename/told",
            "enumerate a finger with the name that it was given",
            "§6.7.7",
            |stage, id| names(stage, id, "left thumb"),
        ),
        with_finger(
            "rename/longest",
            "accept a name of maxTemplateFriendlyName bytes",
            "§6.7.7",
            |stage, id| {
                let longest = "x".repeat(longest_name(stage)?);
                names(stage, id, &longest)
            },
        ),
        with_finger(
            "rename/too-long",
            "refuse a name longer than maxTemplateFriendlyName",
            "§6.7.7",
            |stage, id| {
                let longer = "x".repeat(longest_name(stage)? + 1);
                let request = stage.permitted(rename(id, &longer))?;
                refused(stage, &request, &[s::INVALID_LENGTH, s::INVALID_PARAMETER], &[])
            },
        )
        .should(),
        case("rename/unknown", "refuse setFriendlyName for an unknown template", "§6.7.7", |stage| {
            let request = stage.permitted(rename(NOBODYS_ID, "thumb"))?;
            refused(stage, &request, &[s::INVALID_OPTION], &[s::INVALID_PARAMETER])
        }),
    ]
}

fn of_removals() -> Vec<AuthenticatorCase> {
    vec![
        with_finger("remove/listed", "not enumerate a removed finger any more", "§6.7.8", |stage, id| {
            removes(stage, id)?;
            match stage.fingers()?.iter().any(|(known, _)| known == id) {
                false => Ok(()),
                true => Err(Stop::fail("its template is enumerated")),
            }
        }),
        case("remove/unknown", "refuse removeEnrollment for an unknown template", "§6.7.8", |stage| {
            let request = stage.permitted(remove(NOBODYS_ID))?;
            refused(stage, &request, &[s::INVALID_OPTION], &[s::INVALID_PARAMETER])
        }),
    ]
}

/// Parameters that are missing.
fn of_parameters() -> Vec<AuthenticatorCase> {
    let missing = |id: &str, requirement: &str, sub_command: u64, parameters: fn() -> Value| {
        AuthenticatorCase::of(&format!("bio-enrollment/{id}"), requirement, "CTAP 2.1 §6.7", move |stage| {
            let request = stage.permitted(Management::bio(sub_command, Some(parameters())))?;
            refused(stage, &request, &[s::MISSING_PARAMETER], &[s::INVALID_PARAMETER])
        })
    };
    vec![
        missing(
            "capture/no-template-id",
            "refuse enrollCaptureNextSample without templateId",
            sub::ENROLL_CAPTURE_NEXT_SAMPLE,
            || Value::Map(Vec::new()),
        ),
        missing(
            "rename/no-template-id",
            "refuse setFriendlyName without templateId",
            sub::SET_FRIENDLY_NAME,
            || members! { 2 => "thumb" },
        ),
        missing(
            "rename/no-name",
            "refuse setFriendlyName without templateFriendlyName",
            sub::SET_FRIENDLY_NAME,
            || of_template(NOBODYS_ID),
        ),
        missing(
            "remove/no-template-id",
            "refuse removeEnrollment without templateId",
            sub::REMOVE_ENROLLMENT,
            || Value::Map(Vec::new()),
        ),
    ]
}

/// What an enrolled finger is good for.
fn of_verification() -> Vec<AuthenticatorCase> {
    vec![
        with_finger(
            "verification/make-credential",
            "register a user who is verified by a finger",
            "§6.1.2",
            |stage, _| {
                let registration = stage.registration().option("uv", true);
                let answer = stage.expect_ceremony(&registration, "a registration", &[s::OK])?;
                let made = stage.read_made(&registration, answer)?;
                match made.data.has(flag::UV) {
                    true => Ok(()),
                    false => Err(Stop::fail("the flag UV is not set")),
                }
            },
        ),
        with_finger(
            "verification/get-assertion",
            "sign for a user who is verified by a finger",
            "§6.2.2",
            |stage, _| {
                let made = stage.made()?;
                let assertion = stage.assertion_with(&made).option("uv", true);
                let answer = stage.expect_ceremony(&assertion, "an assertion", &[s::OK])?;
                match stage.read_assertion(&assertion, &answer, &made)?.has(flag::UV) {
                    true => Ok(()),
                    false => Err(Stop::fail("the flag UV is not set")),
                }
            },
        ),
        with_finger(
            "verification/retries",
            "tell at most 25 uvRetries when a finger is enrolled",
            "§6.5.5.3",
            |stage, _| {
                let request = stage.client_pin(GET_UV_RETRIES, stage.protocol()?);
                let answer = stage.expect(command::CLIENT_PIN, &request, "getUVRetries", &[s::OK])?;
                match answer.number(5) {
                    Some(1..=25) => Ok(()),
                    told => Err(Stop::fail(format!("getUVRetries told {told:?}"))),
                }
            },
        ),
    ]
}

/// What holds of an authenticator that has no finger.
pub(super) fn of_new() -> Vec<AuthenticatorCase> {
    vec![
        case(
            "enumerate/none",
            "answer enumerateEnrollments with INVALID_OPTION when no finger is enrolled",
            "§6.7.6",
            |stage| {
                let request = stage.permitted(Management::bio(sub::ENUMERATE_ENROLLMENTS, None))?;
                refused(stage, &request, &[s::INVALID_OPTION], &[s::OK])
            },
        ),
        with_finger(
            "remove/option",
            "clear the option bioEnroll when the last finger is removed",
            "§6.7.8",
            |stage, id| {
                removes(stage, id)?;
                option_is(stage, "bioEnroll", false)
            },
        ),
        with_finger(
            "remove/uv",
            "clear the option uv when the last finger is removed",
            "§6.7.8",
            |stage, id| {
                removes(stage, id)?;
                option_is(stage, "uv", false)
            },
        ),
    ]
}

fn case(
    id: &str,
    requirement: &str,
    section: &str,
    play: fn(&mut Stage<'_>) -> Outcome,
) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("bio-enrollment/{id}"), requirement, format!("CTAP 2.1 {section}"), play)
}

/// A case that is played after a finger is enrolled.
fn with_finger(
    id: &str,
    requirement: &str,
    section: &str,
    play: fn(&mut Stage<'_>, &[u8]) -> Outcome,
) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("bio-enrollment/{id}"),
        requirement,
        format!("CTAP 2.1 {section}"),
        move |stage| stage.with_finger(play),
    )
}

/// Begins an enrolment that one sample does not finish, and returns the id of its template.
fn begun(stage: &mut Stage<'_>) -> Result<Vec<u8>, Stop> {
    let answer = stage.enroll_begin()?;
    let id = template_id(&answer)?.to_vec();
    if answer.number(6) == Some(0) {
        stage.remove_finger(&id);
        return Err(Stop::skip("the target takes one sample of a finger"));
    }
    Ok(id)
}

/// Holds that each good sample lowers the number of those that are missing, and no other does.
fn counts_samples(stage: &mut Stage<'_>, id: &[u8], first: Option<u64>) -> Outcome {
    let mut before = first.ok_or_else(|| Stop::fail("enrollBegin told no number of missing samples"))?;
    let token = stage.token(permission::BIO_ENROLLMENT, None)?;
    // Somebody without a finger is not asked for ever.
    for _ in 0..40 {
        if before == 0 {
            return Ok(());
        }
        let answer = stage.manage(&capture(id).proven(&token))?;
        let answer = stage.control(answer, "enrollCaptureNextSample")?;
        match (answer.number(5), answer.number(6)) {
            (Some(0), Some(after)) if after < before => before = after,
            (Some(1..), Some(after)) if after == before => {}
            (status, after) => {
                return Err(Stop::fail(format!(
                    "after a sample of the status {status:?} the missing ones went from {before} to {after:?}"
                )));
            }
        }
    }
    Err(Stop::skip("no finger was enrolled: whoever touches the target needs one"))
}

/// Names a finger, which has to work, and to be told.
fn names(stage: &mut Stage<'_>, id: &[u8], name: &str) -> Outcome {
    stage.expect_managed(rename(id, name), "setFriendlyName", &[s::OK])?;
    match stage.fingers()?.into_iter().find(|(known, _)| known == id) {
        Some((_, told)) if told == name => Ok(()),
        Some((_, told)) => Err(Stop::fail(format!("its name is {told:?}, expected {name:?}"))),
        None => Err(Stop::fail("its template is not enumerated")),
    }
}

/// The length of the longest name, in bytes.
fn longest_name(stage: &mut Stage<'_>) -> Result<usize, Stop> {
    let answer = stage.manage(&Management::bio(sub::GET_FINGERPRINT_SENSOR_INFO, None))?;
    let answer = stage.control(answer, "getFingerprintSensorInfo")?;
    let longest = answer.number(8).and_then(|length| usize::try_from(length).ok());
    longest
        .filter(|length| *length < 256)
        .ok_or_else(|| Stop::skip("the target does not tell how long a name can be"))
}

/// removeEnrollment, which has to work.
fn removes(stage: &mut Stage<'_>, id: &[u8]) -> Outcome {
    let answer = stage.manage_permitted(remove(id))?;
    stage.control(answer, "removeEnrollment").map(drop)
}

/// Holds that an option of getInfo has this value now.
fn option_is(stage: &mut Stage<'_>, name: &str, expected: bool) -> Outcome {
    match stage.get_info()?.option(name) {
        Some(found) if found == expected => Ok(()),
        found => Err(Stop::fail(format!("{name} is {found:?}, expected {expected}"))),
    }
}
