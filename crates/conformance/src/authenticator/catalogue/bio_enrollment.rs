//! authenticatorBioEnrollment (CTAP 2.1 §6.7).

mod fingers;

use super::permissions::{Protected, of_proofs, of_protocols, refused};
use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::Answer;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::Parameters;
use crate::authenticator::platform::sub_command::bio as sub;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::fingers::{capture, remove, rename};
use crate::authenticator::stage::management::{FINGERPRINT, Management};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

/// What a fair reader accepts for a sub-command that is not known: two clauses disagree.
const UNKNOWN_SUB_COMMAND: &[u8] = &[s::INVALID_SUBCOMMAND, s::INVALID_PARAMETER];

/// The id of a template that nobody enrolled.
const NOBODYS_ID: &[u8] = &[7; 3];

const ENUMERATE: Protected = Protected {
    id: "bio-enrollment/enumerate",
    name: "enumerateEnrollments",
    clause: "CTAP 2.1 §6.7.6",
    request: |_| Ok(Management::bio(sub::ENUMERATE_ENROLLMENTS, None)),
};

const RENAME: Protected = Protected {
    id: "bio-enrollment/rename",
    name: "setFriendlyName",
    clause: "CTAP 2.1 §6.7.7",
    request: |_| Ok(rename(NOBODYS_ID, "thumb")),
};

const REMOVE: Protected = Protected {
    id: "bio-enrollment/remove",
    name: "removeEnrollment",
    clause: "CTAP 2.1 §6.7.8",
    request: |_| Ok(remove(NOBODYS_ID)),
};

const PROTECTED: [Protected; 5] = [
    Protected {
        id: "bio-enrollment/enroll",
        name: "enrollBegin",
        clause: "CTAP 2.1 §6.7.4",
        request: |_| Ok(Management::bio(sub::ENROLL_BEGIN, None)),
    },
    Protected {
        id: "bio-enrollment/capture",
        name: "enrollCaptureNextSample",
        clause: "CTAP 2.1 §6.7.4",
        request: |_| Ok(capture(NOBODYS_ID)),
    },
    ENUMERATE,
    RENAME,
    REMOVE,
];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let of_fingers =
        |case: AuthenticatorCase| case.only_in(FROM_2_1).if_the_target(Need::Option("bioEnroll"));
    let mut cases: Vec<AuthenticatorCase> =
        of_requests().into_iter().chain(of_sensors()).map(of_fingers).collect();
    let mut with_pin = of_proofs(&PROTECTED);
    with_pin.extend(of_modalities());
    with_pin.extend(of_protocols(ENUMERATE));
    with_pin.extend(of_messages());
    with_pin.extend(fingers::cases());
    cases.extend(with_pin.into_iter().map(|case| of_fingers(case).if_the_target(Need::PinSet)));
    cases.extend(
        fingers::of_new()
            .into_iter()
            .map(|case| of_fingers(case).if_the_target(Need::Fresh).if_the_target(Need::PinSet)),
    );
    cases
}

/// What needs no proof.
fn of_requests() -> Vec<AuthenticatorCase> {
    let case = |id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome| {
        AuthenticatorCase::of(&format!("bio-enrollment/request/{id}"), requirement, "CTAP 2.1 §6.7", play)
    };
    vec![
        case("no-sub-command", "refuse a request without a sub-command", |stage| {
            let request = Parameters::default().with(1, FINGERPRINT);
            // A proof is missing as well.
            let tolerated = [s::INVALID_PARAMETER, s::INVALID_SUBCOMMAND, s::PUAT_REQUIRED];
            refuses(stage, &request, &[s::MISSING_PARAMETER], &tolerated)
        }),
        case("unknown-sub-command", "refuse a sub-command that it does not know", |stage| {
            let request = Parameters::default().with(1, FINGERPRINT).with(2, 0x7f);
            refuses(stage, &request, UNKNOWN_SUB_COMMAND, &[s::INVALID_COMMAND, s::PUAT_REQUIRED])
        }),
    ]
}

/// Modalities other than the one of fingers.
fn of_modalities() -> [AuthenticatorCase; 2] {
    [
        AuthenticatorCase::of(
            "bio-enrollment/request/no-modality",
            "refuse a request without a modality",
            "CTAP 2.1 §6.7",
            |stage| {
                let request = (ENUMERATE.request)(stage)?;
                let mut request = stage.permitted(request)?;
                request.parameters.remove(1);
                let tolerated = [s::INVALID_PARAMETER, s::PIN_AUTH_INVALID];
                refused(stage, &request, &[s::MISSING_PARAMETER], &tolerated)
            },
        ),
        AuthenticatorCase::of(
            "bio-enrollment/request/unknown-modality",
            "refuse a modality that it does not have",
            "CTAP 2.1 §6.7",
            |stage| {
                let request = (ENUMERATE.request)(stage)?;
                let token = stage.token(request.permission, None)?;
                let message = [&[0x7f], request.message.get(1..).unwrap_or_default()].concat();
                let mut request = request.proven_over(&token, &message);
                request.parameters.set(1, 0x7f);
                // No clause says which.
                let accepted = [s::INVALID_PARAMETER, s::INVALID_OPTION, s::UNSUPPORTED_OPTION];
                refused(stage, &request, &accepted, &[s::INVALID_SUBCOMMAND, s::PIN_AUTH_INVALID])
            },
        )
        .should(),
    ]
}

fn of_sensors() -> Vec<AuthenticatorCase> {
    let told = |id: &str, requirement: &str, holds: fn(&Answer) -> Option<u64>| {
        AuthenticatorCase::of(
            &format!("bio-enrollment/sensor/{id}"),
            requirement,
            "CTAP 2.1 §6.7.3",
            move |stage| {
                let request = Management::bio(sub::GET_FINGERPRINT_SENSOR_INFO, None);
                let answer = stage.manage(&request)?;
                stage.expect_of(&answer, "getFingerprintSensorInfo", &[s::OK], &[])?;
                match holds(&answer) {
                    Some(_) => Ok(()),
                    None => Err(Stop::fail(format!("found {:?}", answer.body))),
                }
            },
        )
    };
    vec![
        AuthenticatorCase::of(
            "bio-enrollment/sensor/modality",
            "tell the modality of fingers without pinUvAuthParam",
            "CTAP 2.1 §6.7.2",
            |stage| {
                let request = Parameters::default().with(6, true);
                let answer = stage.expect(command::BIO_ENROLLMENT, &request, "getModality", &[s::OK])?;
                match answer.number(1) {
                    Some(FINGERPRINT) => Ok(()),
                    told => Err(Stop::fail(format!("found the modality {told:?}"))),
                }
            },
        ),
        told("kind", "tell whether the sensor is touched or swiped", |answer| {
            answer.number(2).filter(|kind| matches!(kind, 1 | 2))
        }),
        told("samples", "tell how many samples of a finger it takes", |answer| {
            answer.number(3).filter(|samples| *samples > 0)
        }),
        told("name-length", "tell how long the name of a finger can be", |answer| {
            answer.number(8).filter(|length| *length > 0)
        }),
        AuthenticatorCase::of(
            "bio-enrollment/cancel/idle",
            "accept cancelCurrentEnrollment when no enrolment is running",
            "CTAP 2.1 §6.7.5",
            |stage| {
                let answer = stage.manage(&Management::bio(sub::CANCEL_CURRENT_ENROLLMENT, None))?;
                stage.expect_of(&answer, "cancelCurrentEnrollment", &[s::OK], &[])
            },
        ),
    ]
}

/// Proofs over other messages than the one that is written down: modality, sub-command and parameters.
fn of_messages() -> Vec<AuthenticatorCase> {
    let case = |protected: Protected, what: &str, message: fn(&[u8]) -> &[u8]| {
        AuthenticatorCase::of(
            &format!("{}/message", protected.id),
            format!("refuse {} whose pinUvAuthParam leaves {what} out", protected.name),
            protected.clause,
            move |stage| {
                let request = (protected.request)(stage)?;
                let token = stage.token(request.permission, None)?;
                let message = message(&request.message).to_vec();
                refused(stage, &request.proven_over(&token, &message), &[s::PIN_AUTH_INVALID], &[])
            },
        )
    };
    vec![
        case(ENUMERATE, "the modality", |message| message.get(1..).unwrap_or_default()),
        case(RENAME, "its parameters", |message| message.get(..2).unwrap_or_default()),
        case(REMOVE, "its parameters", |message| message.get(..2).unwrap_or_default()),
    ]
}

fn refuses(stage: &mut Stage<'_>, request: &Parameters, accepted: &[u8], tolerated: &[u8]) -> Outcome {
    let answer = stage.call(command::BIO_ENROLLMENT, request)?;
    stage.expect_of(&answer, "the request", accepted, tolerated)?;
    stage.is_alive()
}
