//! authenticatorReset and authenticatorSelection (CTAP 2.1 §6.6, §6.9).

use std::time::Duration;

use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::parameters::Parameters;
use crate::authenticator::stage::{Hand, PinState, Stage};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

/// How soon after power-up a reset has to come (§6.6).
const WINDOW: Duration = Duration::from_secs(10);

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases: Vec<AuthenticatorCase> = of_resets()
        .into_iter()
        .map(|case| case.if_the_target(Need::Reset).if_the_target(Need::PowerCycle))
        .collect();
    cases.extend([
        AuthenticatorCase::of("selection/touch", "be selected by a touch", "CTAP 2.1 §6.9", |stage| {
            let none = Parameters::default();
            stage.expect(command::SELECTION, &none, "authenticatorSelection", &[s::OK]).map(drop)
        })
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "selection/withheld",
            "not be selected without a touch",
            "CTAP 2.1 §6.9",
            |stage| {
                let answer = stage.send_with(&[command::SELECTION], Hand::Cancels)?;
                let accepted = [s::KEEPALIVE_CANCEL, s::OPERATION_DENIED, s::USER_ACTION_TIMEOUT];
                stage.expect_of(&answer, "a selection that nobody touched", &accepted, &[])
            },
        )
        .only_in(FROM_2_1)
        .if_the_target(Need::WithheldTouch),
    ]);
    cases
}

fn of_resets() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "reset/forgets/credential",
            "forget a credential that is not discoverable",
            "CTAP 2.1 §6.6",
            |stage| {
                let made = stage.made()?;
                reset_now(stage)?;
                let assertion = stage.assertion_with(&made);
                let what = "an assertion with a credential of before the reset";
                stage.expect_ceremony(&assertion, what, &[s::NO_CREDENTIALS]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "reset/forgets/discoverable",
            "forget a discoverable credential",
            "CTAP 2.1 §6.6",
            |stage| {
                let registration = stage.registration().discoverable();
                let made = stage.make(registration)?;
                reset_now(stage)?;
                let assertion = stage.assertion(&made.rp_id);
                let what = "an assertion without a list after the reset";
                stage.expect_ceremony(&assertion, what, &[s::NO_CREDENTIALS]).map(drop)
            },
        )
        .if_the_target(Need::Enabled("rk")),
        AuthenticatorCase::of("reset/forgets/pin", "forget its PIN", "CTAP 2.1 §6.6", |stage| {
            reset_now(stage)?;
            match stage.get_info()?.option("clientPin") {
                Some(false) => Ok(()),
                other => Err(Stop::fail(format!("clientPin is {other:?} after the reset"))),
            }
        })
        .if_the_target(Need::PinSet),
        AuthenticatorCase::of(
            "reset/forgets/token",
            "take no token any more that was given before",
            "CTAP 2.1 §6.6",
            |stage| {
                let rp_id = stage.new_rp_id();
                let token = stage.token(permission::MAKE_CREDENTIAL, Some(&rp_id))?;
                reset_now(stage)?;
                stage.set_pin("86421357")?;
                let registration = stage.registration_at(&rp_id).proven(&token);
                let what = "a registration with a token of before the reset";
                stage.expect_ceremony(&registration, what, &[s::PIN_AUTH_INVALID]).map(drop)
            },
        )
        .if_the_target(Need::PinSet),
        AuthenticatorCase::of("reset/keeps/model", "stay the same model", "CTAP 2.1 §6.6", |stage| {
            let before = stage.get_info()?;
            reset_now(stage)?;
            let after = stage.get_info()?;
            match (before.get(1), before.get(3)) == (after.get(1), after.get(3)) {
                true => Ok(()),
                false => Err(Stop::fail("versions or aaguid are others after the reset")),
            }
        }),
        AuthenticatorCase::of("reset/touch", "not reset itself without a touch", "CTAP 2.1 §6.6", |stage| {
            stage.power_cycle()?;
            let answer = stage.send_with(&[command::RESET], Hand::Cancels)?;
            let accepted = [s::KEEPALIVE_CANCEL, s::OPERATION_DENIED, s::USER_ACTION_TIMEOUT, s::NOT_ALLOWED];
            stage.expect_of(&answer, "a reset that nobody touched", &accepted, &[])
        })
        .if_the_target(Need::WithheldTouch),
        AuthenticatorCase::of(
            "reset/late",
            "refuse a reset that comes more than ten seconds after power-up",
            "CTAP 2.1 §6.6",
            |stage| {
                stage.power_cycle()?;
                // An answer shows that the power is there again, from which the time counts.
                stage.is_alive()?;
                stage.wait(WINDOW + Duration::from_secs(1));
                let answer = stage.send_with(&[command::RESET], Hand::Touches)?;
                if answer.status == s::OK {
                    stage.world.pin = PinState::Unset;
                }
                stage.expect_of(&answer, "a reset after eleven seconds", &[s::NOT_ALLOWED], &[])
            },
        )
        .only_in(FROM_2_1)
        // It is the rule of authenticators that are plugged in and have no display.
        .should()
        .if_the_target(Need::Time(Duration::from_secs(12))),
    ]
}

/// A power cycle and a reset, which has to work.
pub(super) fn reset_now(stage: &mut Stage<'_>) -> Outcome {
    stage.power_cycle()?;
    let answer = stage.send(&[command::RESET])?;
    stage.control(answer, "a reset")?;
    stage.world.pin = PinState::Unset;
    stage.info = stage.get_info()?;
    Ok(())
}
