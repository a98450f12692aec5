//! authenticatorClientPIN (CTAP 2.1 §6.5).

mod built_in;
mod lifetimes;
mod pins;
mod tokens;

use ciborium::Value;

use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::member;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::Parameters;
use crate::authenticator::platform::pin::Protocol;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::pin::sub;
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

/// A PIN that is never set.
const WRONG: &str = "99999999";

/// What a fair reader accepts for a sub-command that is not known: two clauses disagree.
const UNKNOWN_SUB_COMMAND: &[u8] = &[s::INVALID_SUBCOMMAND, s::INVALID_PARAMETER];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_every_state();
    cases.extend(pins::cases());
    cases.extend(tokens::cases());
    cases.extend(lifetimes::cases());
    cases = cases.into_iter().map(|case| case.if_the_target(Need::Option("clientPin"))).collect();
    cases.extend(built_in::cases());
    cases
}

/// What does not depend on whether a PIN is set.
fn of_every_state() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "client-pin/sub-command/missing",
            "refuse a request without a sub-command",
            "CTAP 2.1 §6.5.5",
            |stage| refused(stage, &Parameters::default().with(1, 1), &[s::MISSING_PARAMETER], &[]),
        ),
        AuthenticatorCase::of(
            "client-pin/sub-command/unknown",
            "refuse a sub-command that it does not know",
            "CTAP 2.1 §8.1",
            |stage| {
                let request = stage.client_pin(0x7f, stage.protocol()?);
                refused(stage, &request, UNKNOWN_SUB_COMMAND, &[s::INVALID_COMMAND])
            },
        )
        // CTAP 2.0 has no status for it.
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "client-pin/key-agreement/no-protocol",
            "refuse getKeyAgreement without a protocol",
            "CTAP 2.1 §6.5.5.4",
            |stage| {
                let request = Parameters::default().with(2, sub::GET_KEY_AGREEMENT);
                refused(stage, &request, &[s::MISSING_PARAMETER], &[s::INVALID_PARAMETER])
            },
        ),
        AuthenticatorCase::of(
            "client-pin/key-agreement/unknown-protocol",
            "refuse a protocol that it does not list",
            "CTAP 2.1 §6.5.5.4",
            |stage| {
                let request = Parameters::default().with(1, 0x7f).with(2, sub::GET_KEY_AGREEMENT);
                refused(stage, &request, &[s::INVALID_PARAMETER], &[s::PIN_AUTH_INVALID])
            },
        ),
        AuthenticatorCase::of(
            "client-pin/key-agreement/shape",
            "give a COSE_Key on P-256 of five members for key agreement",
            "CTAP 2.1 §6.5.6",
            |stage| {
                for protocol in protocols(stage)? {
                    let key = key_agreement(stage, protocol)?;
                    let number = |label: i64| {
                        member(&key, &Value::from(label)).and_then(Value::as_integer).map(i128::from)
                    };
                    let length = |label: i64| {
                        member(&key, &Value::from(label)).and_then(Value::as_bytes).map(Vec::len)
                    };
                    let is_fair = key.as_map().is_some_and(|map| map.len() == 5)
                        && (number(1), number(3), number(-1)) == (Some(2), Some(-25), Some(1))
                        && (length(-2), length(-3)) == (Some(32), Some(32));
                    if !is_fair {
                        return Err(Stop::fail(format!("protocol {} gave another key", protocol.number())));
                    }
                }
                Ok(())
            },
        ),
        AuthenticatorCase::of(
            "client-pin/key-agreement/stable",
            "give the same key for key agreement until it is used up",
            "CTAP 2.1 §6.5.5.4",
            |stage| {
                let protocol = stage.protocol()?;
                let (first, second) = (key_agreement(stage, protocol)?, key_agreement(stage, protocol)?);
                match first == second {
                    true => Ok(()),
                    false => Err(Stop::fail("two calls gave two keys")),
                }
            },
        )
        .should(),
        AuthenticatorCase::of(
            "client-pin/retries/told",
            "tell how many wrong PINs are left, of 8 at most",
            "CTAP 2.1 §6.5.5.2",
            |stage| match stage.pin_retries()? {
                0..=8 => Ok(()),
                told => Err(Stop::fail(format!("getPINRetries told {told}"))),
            },
        ),
        AuthenticatorCase::of(
            "client-pin/retries/no-protocol",
            "tell how many wrong PINs are left without a protocol",
            "CTAP 2.1 §6.5.5.2",
            |stage| {
                let request = Parameters::default().with(2, sub::GET_PIN_RETRIES);
                let answer = stage.call(command::CLIENT_PIN, &request)?;
                stage.expect_of(
                    &answer,
                    "getPINRetries without a protocol",
                    &[s::OK],
                    &[s::MISSING_PARAMETER],
                )
            },
        )
        // CTAP 2.0 requires pinProtocol in every request (§5.5).
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "client-pin/uv-retries/none",
            "refuse getUVRetries where it cannot verify its user by itself",
            "CTAP 2.1 §6.5.5.3",
            |stage| {
                if stage.info.option("uv").is_some() {
                    return Err(Stop::skip("the target has verification of its own"));
                }
                let request = stage.client_pin(sub::GET_UV_RETRIES, stage.protocol()?);
                let accepted =
                    [s::INVALID_SUBCOMMAND, s::INVALID_PARAMETER, s::NOT_ALLOWED, s::INVALID_COMMAND];
                refused(stage, &request, &accepted, &[])
            },
        )
        .only_in(FROM_2_1),
    ]
}

/// A request that has to be refused so, and has no other effect.
fn refused(stage: &mut Stage<'_>, request: &Parameters, accepted: &[u8], tolerated: &[u8]) -> Outcome {
    let answer = stage.call(command::CLIENT_PIN, request)?;
    stage.expect_of(&answer, "the request", accepted, tolerated)?;
    stage.is_alive()
}

/// The protocols of the document that the authenticator lists.
fn protocols(stage: &Stage<'_>) -> Result<Vec<Protocol>, Stop> {
    let listed: Vec<Protocol> =
        stage.info.protocols().into_iter().filter_map(Protocol::from_number).collect();
    match listed.is_empty() {
        true => Err(Stop::error("getInfo lists no PIN/UV auth protocol that the document defines")),
        false => Ok(listed),
    }
}

/// The authenticator's public key for key agreement.
fn key_agreement(stage: &mut Stage<'_>, protocol: Protocol) -> Result<Value, Stop> {
    let request = stage.client_pin(sub::GET_KEY_AGREEMENT, protocol);
    let answer = stage.call(command::CLIENT_PIN, &request)?;
    let answer = stage.control(answer, "getKeyAgreement")?;
    Ok(answer.get(1).cloned().unwrap_or(Value::Null))
}
