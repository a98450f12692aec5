//! What tokens are good for, and what they and the retries outlive (CTAP 2.1 §6.5.2, §6.5.5.7).

use super::{WRONG, key_agreement, refused};
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::pin::{Protocol, Token};
use crate::authenticator::platform::sub_command::credentials;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::management::Management;
use crate::authenticator::stage::pin::sub;
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1, FROM_2_3};
use crate::core::outcome::{Outcome, Stop};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_retries();
    cases.extend(of_get_pin_token());
    cases.extend(of_persistent_tokens());
    cases.into_iter().map(|case| case.if_the_target(Need::PinSet)).collect()
}

fn of_retries() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "client-pin/retries/power",
            "remember wrong PINs when the power goes",
            "CTAP 2.1 §6.5.2.2",
            |stage| {
                let most = stage.pin_retries()?;
                stage.token_status(WRONG)?;
                let before = stage.pin_retries()?;
                stage.power_cycle()?;
                let after = stage.pin_retries()?;
                let pin = stage.pin()?;
                let restored = stage.token_status(&pin)?;
                match (before < most, after == before, restored) {
                    (true, true, s::OK) => Ok(()),
                    (_, _, s::OK) => Err(Stop::fail(format!(
                        "of {most} retries {before} were left after a wrong PIN, and {after} after a power cycle"
                    ))),
                    _ => Err(Stop::error("the right PIN was not taken afterwards")),
                }
            },
        )
        .if_the_target(Need::PowerCycle),
        AuthenticatorCase::of(
            "client-pin/key-agreement/protocols",
            "have a key for each protocol",
            "CTAP 2.1 §6.5.4",
            |stage| {
                stage.lists_both_protocols()?;
                let one = key_agreement(stage, Protocol::One)?;
                match one == key_agreement(stage, Protocol::Two)? {
                    false => Ok(()),
                    true => Err(Stop::fail("both protocols have the same key")),
                }
            },
        )
        .should()
        .only_in(FROM_2_1),
    ]
}

/// A token of getPinToken, which has no permissions.
fn old_token(stage: &mut Stage<'_>) -> Result<Token, Stop> {
    let (pin, shared) = (stage.pin()?, stage.share(stage.protocol()?)?);
    let request = stage.token_request(&shared, sub::GET_PIN_TOKEN, &pin);
    let answer = stage.call(command::CLIENT_PIN, &request)?;
    let answer = stage.control(answer, "getPinToken")?;
    stage.read_token(&shared, &answer)
}

/// The status of getCredsMetadata with a token.
fn metadata(stage: &mut Stage<'_>, token: &Token) -> Result<u8, Stop> {
    let request = Management::credentials(credentials::GET_CREDS_METADATA, None).proven(token);
    Ok(stage.manage(&request)?.status)
}

fn of_get_pin_token() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "client-pin/get-pin-token/ceremonies",
            "give tokens by getPinToken that are for registrations and for assertions",
            "CTAP 2.1 §6.5.5.7.1",
            |stage| {
                let token = old_token(stage)?;
                let registration = stage.registration().proven(&token);
                let answer =
                    stage.expect_ceremony(&registration, "a registration with the token", &[s::OK])?;
                let made = stage.read_made(&registration, answer)?;
                let token = old_token(stage)?;
                let assertion = stage.assertion_with(&made).proven(&token);
                let answer = stage.expect_ceremony(&assertion, "an assertion with the token", &[s::OK])?;
                stage.read_assertion(&assertion, &answer, &made).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "client-pin/get-pin-token/bound",
            "bind a token of getPinToken to the first relying party that it is used for",
            "CTAP 2.1 §6.1.2 step 11, §6.2.2 step 6",
            |stage| {
                let (first, second) = (stage.made()?, stage.made()?);
                let token = old_token(stage)?;
                // Without a touch the token lasts.
                let silent = stage.assertion_with(&first).option("up", false).proven(&token);
                stage.call_ceremony(&silent)?;
                let other = stage.assertion_with(&second).option("up", false).proven(&token);
                let what = "the token at another relying party";
                stage.expect_ceremony(&other, what, &[s::PIN_AUTH_INVALID]).map(drop)
            },
        )
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "client-pin/get-pin-token/management",
            "not manage credentials with a token of getPinToken",
            "CTAP 2.1 §6.5.5.7.1",
            |stage| {
                let token = old_token(stage)?;
                match metadata(stage, &token)? {
                    s::PIN_AUTH_INVALID => Ok(()),
                    other => {
                        Err(Stop::fail(format!("getCredsMetadata was answered with {}", s::name(other))))
                    }
                }
            },
        )
        .only_in(FROM_2_1)
        .if_the_target(Need::Enabled("credMgmt")),
    ]
}

/// Whether getCredsMetadata is answered as it should be.
fn reads(stage: &mut Stage<'_>, token: &Token, status: u8, when: &str) -> Outcome {
    match metadata(stage, token)? {
        found if found == status => Ok(()),
        found => Err(Stop::fail(format!(
            "getCredsMetadata was answered with {} {when}, expected {}",
            s::name(found),
            s::name(status)
        ))),
    }
}

/// Tokens that only read credentials (CTAP 2.2).
fn of_persistent_tokens() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "client-pin/read-only/mixed",
            "give no token that reads credentials and does something else, too",
            "CTAP 2.2 §6.5.5.7.2",
            |stage| {
                let (pin, shared) = (stage.pin()?, stage.share(stage.protocol()?)?);
                let both = permission::READ_CREDENTIALS | permission::CREDENTIAL_MANAGEMENT;
                let request = stage.token_request(&shared, sub::GET_TOKEN_USING_PIN, &pin).with(9, both);
                refused(stage, &request, &[s::UNAUTHORIZED_PERMISSION], &[s::INVALID_PARAMETER])
            },
        ),
        AuthenticatorCase::of(
            "client-pin/read-only/other-token",
            "take other tokens still when it has given one that only reads credentials",
            "CTAP 2.2 §6.5.5.7.2",
            |stage| {
                let made = stage.made()?;
                let token = stage.token(permission::GET_ASSERTION, Some(&made.rp_id))?;
                stage.persistent_token()?;
                let assertion = stage.assertion_with(&made).proven(&token);
                stage.expect_ceremony(&assertion, "an assertion with the older token", &[s::OK]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "client-pin/read-only/kept",
            "take a token that only reads credentials still when it has given another one",
            "CTAP 2.2 §6.5.2.2",
            |stage| {
                let token = stage.persistent_token()?;
                let rp_id = stage.new_rp_id();
                stage.token(permission::GET_ASSERTION, Some(&rp_id))?;
                reads(stage, &token, s::OK, "after another token")
            },
        ),
        AuthenticatorCase::of(
            "client-pin/read-only/ceremony",
            "not sign with a token that only reads credentials",
            "CTAP 2.2 §6.5.2.2",
            |stage| {
                let made = stage.made()?;
                let token = stage.persistent_token()?;
                let assertion = stage.assertion_with(&made).proven(&token);
                let what = "an assertion with a token that only reads";
                stage.expect_ceremony(&assertion, what, &[s::PIN_AUTH_INVALID]).map(drop)
            },
        ),
    ]
    .into_iter()
    .map(|case| case.only_in(FROM_2_3).if_the_target(Need::Enabled("perCredMgmtRO")))
    .collect()
}
