//! toggleAlwaysUv, and what users who are always verified make of other commands (CTAP 2.1 §6.11.2, §7.2).

use super::{option_is, sub};
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::status as s;
use crate::authenticator::stage::management::Management;
use crate::authenticator::stage::u2f::{apdu, application, word};
use crate::authenticator::stage::{Hand, Stage};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

/// The statuses of a request that nobody proves: which of them depends on whether a PIN can give a token for it.
const UNVERIFIED: &[u8] = &[s::PUAT_REQUIRED, s::OPERATION_DENIED];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "config/always-uv/toggled",
            "flip the option alwaysUv",
            "CTAP 2.1 §6.11.2",
            |stage| {
                let before = stage.info.option("alwaysUv") == Some(true);
                if !toggle(stage, before)? {
                    return Ok(());
                }
                let outcome = option_is(stage, "alwaysUv", !before);
                stage.restore_always_uv(Some(before))?;
                outcome
            },
        ),
        AuthenticatorCase::of(
            "config/always-uv/back",
            "flip the option alwaysUv back",
            "CTAP 2.1 §6.11.2",
            |stage| {
                let before = stage.info.option("alwaysUv") == Some(true);
                if !toggle(stage, before)? || !toggle(stage, !before)? {
                    return Ok(());
                }
                option_is(stage, "alwaysUv", before)
            },
        ),
        with_always_uv(
            "power-cycle",
            "keep alwaysUv when its power is taken away",
            "CTAP 2.1 §7.2",
            |stage| {
                stage.power_cycle()?;
                option_is(stage, "alwaysUv", true)
            },
        )
        .if_the_target(Need::PowerCycle),
        with_always_uv(
            "make-cred-uv-not-rqd",
            "not tell makeCredUvNotRqd true while alwaysUv is true",
            "CTAP 2.1 §7.2",
            |stage| match stage.get_info()?.option("makeCredUvNotRqd") {
                Some(true) => Err(Stop::fail("makeCredUvNotRqd is true")),
                _ => Ok(()),
            },
        ),
        with_always_uv(
            "silent",
            "sign without a verified user while alwaysUv is true if the option up is false",
            "CTAP 2.1 §6.2.2 step 5",
            |stage| {
                let made = stage.made()?;
                let assertion = stage.assertion_with(&made).option("up", false);
                stage.expect_ceremony(&assertion, "an assertion without a touch", &[s::OK]).map(drop)
            },
        ),
    ]
}

/// What is refused while nothing but a token can tell that the user was verified.
pub(super) fn of_verification() -> Vec<AuthenticatorCase> {
    vec![
        with_always_uv(
            "make-credential",
            "make no credential without a verified user while alwaysUv is true",
            "CTAP 2.1 §6.1.2 step 6",
            |stage| {
                let registration = stage.registration();
                stage.expect_ceremony(&registration, "a registration", UNVERIFIED).map(drop)
            },
        ),
        with_always_uv(
            "get-assertion",
            "sign nothing without a verified user while alwaysUv is true",
            "CTAP 2.1 §6.2.2 step 5",
            |stage| {
                let made = stage.made()?;
                let assertion = stage.assertion_with(&made);
                stage.expect_ceremony(&assertion, "an assertion", UNVERIFIED).map(drop)
            },
        ),
        with_always_uv(
            "u2f-version",
            "not list U2F_V2 while alwaysUv is true and only a PIN verifies its user",
            "CTAP 2.1 §7.2.4",
            |stage| match stage.get_info()?.has_version("U2F_V2") {
                false => Ok(()),
                true => Err(Stop::fail("U2F_V2 is one of its versions")),
            },
        )
        .if_the_target(Need::U2f),
        with_always_uv(
            "u2f-register",
            "register nothing by U2F while alwaysUv is true and only a PIN verifies its user",
            "CTAP 2.1 §7.2.4",
            |stage| {
                let rp_id = stage.new_rp_id();
                let data = [stage.random().to_vec(), application(&rp_id)].concat();
                // Where the interface is gone, that is an error of the transport.
                match stage.u2f("U2F_REGISTER", &apdu(0, 1, 3, &data), Hand::Touches) {
                    Ok(reply) if reply.word == word::NO_ERROR => {
                        Err(Stop::fail("it registered a credential"))
                    }
                    _ => stage.is_alive(),
                }
            },
        )
        .if_the_target(Need::U2f),
    ]
}

/// Where no PIN is set and nothing else verifies the user.
pub(super) fn unprotected() -> Vec<AuthenticatorCase> {
    let case = |id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome| {
        AuthenticatorCase::of(
            &format!("config/unprotected/always-uv/{id}"),
            requirement,
            "CTAP 2.1 §6.11 steps 3 and 4",
            move |stage| stage.then_reset(play),
        )
    };
    vec![
        case("on", "accept toggleAlwaysUv without pinUvAuthParam while nothing protects it", |stage| {
            let answer = stage.manage(&Management::config(sub::TOGGLE_ALWAYS_UV, None))?;
            stage.expect_of(&answer, "toggleAlwaysUv", &[s::OK], &[])?;
            option_is(stage, "alwaysUv", true)
        }),
        case(
            "make-credential",
            "make no credential while alwaysUv is true and nothing can verify its user",
            |stage| {
                let answer = stage.manage(&Management::config(sub::TOGGLE_ALWAYS_UV, None))?;
                stage.control(answer, "toggleAlwaysUv")?;
                let registration = stage.registration();
                stage.expect_ceremony(&registration, "a registration", UNVERIFIED).map(drop)
            },
        ),
        case(
            "off",
            "not ask for pinUvAuthParam to toggle alwaysUv back while nothing can verify its user",
            |stage| {
                let answer = stage.manage(&Management::config(sub::TOGGLE_ALWAYS_UV, None))?;
                stage.control(answer, "toggleAlwaysUv")?;
                let answer = stage.manage(&Management::config(sub::TOGGLE_ALWAYS_UV, None))?;
                // Some cannot be switched off.
                stage.expect_of(&answer, "toggleAlwaysUv", &[s::OK, s::OPERATION_DENIED], &[])
            },
        ),
    ]
}

/// Toggles the option, and says whether that was done: an authenticator need not let it be switched off.
fn toggle(stage: &mut Stage<'_>, is_on: bool) -> Result<bool, Stop> {
    let accepted: &[u8] = if is_on { &[s::OK, s::OPERATION_DENIED] } else { &[s::OK] };
    let request = Management::config(sub::TOGGLE_ALWAYS_UV, None);
    let answer = stage.expect_managed(request, "toggleAlwaysUv", accepted)?;
    Ok(answer.status == s::OK)
}

/// A case that is played while users are always verified.
fn with_always_uv(
    id: &str,
    requirement: &str,
    clause: &str,
    play: fn(&mut Stage<'_>) -> Outcome,
) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("config/always-uv/{id}"), requirement, clause, move |stage| {
        let before = stage.info.option("alwaysUv");
        if before == Some(false) {
            stage.configure(sub::TOGGLE_ALWAYS_UV, None)?;
        }
        let outcome = play(stage);
        outcome.and(stage.restore_always_uv(before))
    })
}
