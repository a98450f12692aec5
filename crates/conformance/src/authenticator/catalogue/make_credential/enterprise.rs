//! Enterprise attestation (CTAP 2.1 §6.1.2 step 9, §7.1).

use ciborium::Value;

use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::Answer;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::sub_command::config as sub;
use crate::authenticator::stage::Stage;
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

/// The member of the request, and that of the answer.
const ENTERPRISE_ATTESTATION: u64 = 0x0a;
const EP_ATT: u64 = 0x04;

/// Which authenticator decides for which relying parties it is (§7.1.2).
const VENDOR_FACILITATED: u64 = 1;
const PLATFORM_MANAGED: u64 = 2;

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        of("disabled", "refuse enterprise attestation where it is not enabled", |stage| {
            refused(stage, VENDOR_FACILITATED, &[s::INVALID_PARAMETER], &[])
        })
        .if_the_target(Need::Disabled("ep")),
        of(
            "disabled-value",
            "refuse a kind of enterprise attestation that there is not, where none is enabled",
            |stage| refused(stage, 3, &[s::INVALID_PARAMETER], &[s::INVALID_OPTION]),
        )
        .should()
        .if_the_target(Need::Disabled("ep")),
    ];
    for value in [0_u64, 3] {
        cases.push(enabled(
            &format!("value/{value}"),
            &format!("refuse {value}, which is no kind of enterprise attestation"),
            move |stage| refused(stage, value, &[s::INVALID_OPTION], &[s::INVALID_PARAMETER]),
        ));
    }
    cases.extend([
        enabled("unlisted", "attest as ever to a relying party that is not on its list", |stage| {
            let answer = made(stage, Some(VENDOR_FACILITATED))?;
            is_ordinary(&answer)
        }),
        enabled(
            "platform",
            "take a request of a platform that manages it, and say what came of it",
            |stage| {
                let answer = made(stage, Some(PLATFORM_MANAGED))?;
                match answer.get(EP_ATT) {
                    None | Some(Value::Bool(_)) => Ok(()),
                    found => Err(Stop::fail(format!("epAtt: found {found:?}, expected a boolean"))),
                }
            },
        ),
        enabled("unasked", "attest as ever where enterprise attestation was not asked for", |stage| {
            let answer = made(stage, None)?;
            is_ordinary(&answer)
        }),
    ]);
    cases.into_iter().map(|case| case.only_in(FROM_2_1)).collect()
}

fn of(
    id: &str,
    requirement: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    let clause = "CTAP 2.1 §6.1.2 step 9, §7.1";
    AuthenticatorCase::of(&format!("make-credential/enterprise/{id}"), requirement, clause, play)
}

/// A case about an authenticator whose enterprise attestation is enabled, which only a reset takes back.
fn enabled(
    id: &str,
    requirement: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    of(id, requirement, move |stage| {
        stage.then_reset(|stage| {
            if stage.info.option("ep") != Some(true) {
                stage.configure(sub::ENABLE_ENTERPRISE_ATTESTATION, None)?;
            }
            play(stage)
        })
    })
    .if_the_target(Need::Option("ep"))
    .if_the_target(Need::Enabled("authnrCfg"))
    .if_the_target(Need::Fresh)
    .if_the_target(Need::PinSet)
}

fn refused(stage: &mut Stage<'_>, value: u64, accepted: &[u8], tolerated: &[u8]) -> Outcome {
    let registration = stage.registration().with(ENTERPRISE_ATTESTATION, value);
    let registration = stage.authorized(registration)?;
    let answer = stage.call(command::MAKE_CREDENTIAL, &registration.parameters)?;
    stage.expect_of(&answer, "a registration with enterprise attestation", accepted, tolerated)
}

/// The answer to a registration that has to be taken, and verifies unless it is an enterprise attestation, which a relying
/// party has to ask for.
fn made(stage: &mut Stage<'_>, value: Option<u64>) -> Result<Answer, Stop> {
    let registration = stage.registration();
    let registration = match value {
        Some(value) => registration.with(ENTERPRISE_ATTESTATION, value),
        None => registration,
    };
    let registration = stage.authorized(registration)?;
    let answer = stage.expect_ceremony(&registration, "the registration", &[s::OK])?;
    if answer.get(EP_ATT) != Some(&Value::Bool(true)) {
        stage.read_made(&registration, answer.clone())?;
    }
    Ok(answer)
}

fn is_ordinary(answer: &Answer) -> Outcome {
    match answer.get(EP_ATT) {
        None | Some(Value::Bool(false)) => Ok(()),
        found => Err(Stop::fail(format!("epAtt: found {found:?}, expected none"))),
    }
}
