//! Verification of the user by the authenticator itself (CTAP 2.1 §6.5.5.3, §6.5.5.7.3).

use super::refused;
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::data::flag;
use crate::authenticator::platform::parameters::Parameters;
use crate::authenticator::platform::pin::Shared;
use crate::authenticator::stage::pin::sub;
use crate::authenticator::stage::{Hand, Stage};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::Stop;

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "client-pin/built-in/retries",
            "tell how often it may fail to verify its user, of 25 times at most",
            "CTAP 2.1 §6.5.5.3",
            |stage| {
                let request = stage.client_pin(sub::GET_UV_RETRIES, stage.protocol()?);
                let answer = stage.expect(command::CLIENT_PIN, &request, "getUVRetries", &[s::OK])?;
                match answer.number(5) {
                    Some(1..=25) => Ok(()),
                    told => Err(Stop::fail(format!("getUVRetries told {told:?}"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "client-pin/built-in/token",
            "give a token to a user whom it has verified, which proves that",
            "CTAP 2.1 §6.5.5.7.3",
            |stage| {
                let made = stage.made()?;
                let shared = stage.share(stage.protocol()?)?;
                let request =
                    request(stage, &shared).with(9, permission::GET_ASSERTION).with(10, made.rp_id.as_str());
                let what = "a request for a token by built-in verification";
                let answer = stage.expect(command::CLIENT_PIN, &request, what, &[s::OK])?;
                let token = stage.read_token(&shared, &answer)?;
                let assertion = stage.assertion_with(&made).proven(&token);
                let answer = stage.expect_ceremony(&assertion, "an assertion with the token", &[s::OK])?;
                let data = stage.read_assertion(&assertion, &answer, &made)?;
                match data.has(flag::UV) {
                    true => Ok(()),
                    false => Err(Stop::fail("UV is not set in the authenticator data")),
                }
            },
        ),
        AuthenticatorCase::of(
            "client-pin/built-in/untouched",
            "give no token to a user who did not come",
            "CTAP 2.1 §6.5.5.7.3",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let rp_id = stage.new_rp_id();
                let request =
                    request(stage, &shared).with(9, permission::GET_ASSERTION).with(10, rp_id.as_str());
                let answer = stage.send_with(&request.request(command::CLIENT_PIN), Hand::Cancels)?;
                let accepted = [
                    s::KEEPALIVE_CANCEL,
                    s::OPERATION_DENIED,
                    s::USER_ACTION_TIMEOUT,
                    s::UV_INVALID,
                    s::PUAT_REQUIRED,
                ];
                stage.expect_of(&answer, "a request for a token to which nobody came", &accepted, &[])
            },
        )
        .if_the_target(Need::WithheldTouch),
        AuthenticatorCase::of(
            "client-pin/built-in/no-permissions",
            "give no token for no permission",
            "CTAP 2.1 §6.5.5.7.3",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let request = request(stage, &shared);
                refused(stage, &request, &[s::MISSING_PARAMETER], &[s::INVALID_PARAMETER])?;
                let zero = request.with(9, 0);
                refused(stage, &zero, &[s::INVALID_PARAMETER], &[s::MISSING_PARAMETER])
            },
        ),
        AuthenticatorCase::of(
            "client-pin/built-in/no-rp-id",
            "give no token for assertions at no relying party",
            "CTAP 2.1 §6.5.5.7.3",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let request = request(stage, &shared).with(9, permission::GET_ASSERTION);
                refused(stage, &request, &[s::MISSING_PARAMETER, s::INVALID_PARAMETER], &[])
            },
        ),
    ]
    .into_iter()
    .map(|case| {
        case.only_in(FROM_2_1).if_the_target(Need::BuiltInUv).if_the_target(Need::Enabled("pinUvAuthToken"))
    })
    .collect()
}

/// getPinUvAuthTokenUsingUvWithPermissions, for no permission yet.
fn request(stage: &Stage<'_>, shared: &Shared) -> Parameters {
    stage.client_pin(sub::GET_TOKEN_USING_UV, shared.protocol).with(3, shared.key_agreement.clone())
}
