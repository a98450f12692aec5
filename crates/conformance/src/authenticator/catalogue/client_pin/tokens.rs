//! Tokens for a PIN (CTAP 2.1 §6.5.5.7), and how often one may be wrong (§6.5.2).

use super::{WRONG, key_agreement, protocols, refused};
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::pin::Protocol;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::pin::sub;
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

/// Permissions that go with a feature: the name, the bit, and the option that has to be there.
const PERMISSIONS: [(&str, u64, &str); 5] = [
    ("credential-management", permission::CREDENTIAL_MANAGEMENT, "credMgmt"),
    ("bio-enrollment", permission::BIO_ENROLLMENT, "bioEnroll"),
    ("large-blob-write", permission::LARGE_BLOB_WRITE, "largeBlobs"),
    ("config", permission::CONFIG, "authnrCfg"),
    ("read-credentials", permission::READ_CREDENTIALS, "perCredMgmtRO"),
];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases: Vec<AuthenticatorCase> =
        of_every_version().into_iter().map(|case| case.if_the_target(Need::PinSet)).collect();
    cases.extend(permissions().into_iter().map(|case| {
        case.only_in(FROM_2_1).if_the_target(Need::Enabled("pinUvAuthToken")).if_the_target(Need::PinSet)
    }));
    cases.push(
        AuthenticatorCase::of(
            "client-pin/token/none-set",
            "give no token where no PIN is set",
            "CTAP 2.1 §6.5.5.7.1",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let request = stage.token_request(&shared, sub::GET_PIN_TOKEN, WRONG);
                refused(stage, &request, &[s::PIN_NOT_SET, s::PUAT_REQUIRED, s::PIN_INVALID], &[])
            },
        )
        .if_the_target(Need::NoPin),
    );
    cases
}

fn of_every_version() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "client-pin/token/given",
            "give a token for the PIN, by each protocol that it lists",
            "CTAP 2.1 §6.5.5.7.1",
            |stage| {
                for protocol in protocols(stage)? {
                    let (pin, shared) = (stage.pin()?, stage.share(protocol)?);
                    let request = stage.token_request(&shared, sub::GET_PIN_TOKEN, &pin);
                    let answer = stage.expect(command::CLIENT_PIN, &request, "getPinToken", &[s::OK])?;
                    let token = stage.read_token(&shared, &answer)?;
                    // Protocol two's are of 32 bytes, protocol one's of 16 or 32 (§6.5.6, §6.5.7).
                    if protocol == Protocol::Two && token.bytes.len() != 32 {
                        return Err(Stop::fail(format!("a token of protocol 2 has {} bytes", token.bytes.len())));
                    }
                }
                Ok(())
            },
        ),
        AuthenticatorCase::of(
            "client-pin/token/wrong",
            "give no token for a wrong PIN, and count it",
            "CTAP 2.1 §6.5.5.7.1",
            |stage| {
                let before = stage.pin_retries()?;
                let status = stage.token_status(WRONG)?;
                let after = stage.pin_retries()?;
                right(stage)?;
                match (status, before.checked_sub(1) == Some(after)) {
                    (s::PIN_INVALID, true) => Ok(()),
                    (s::PIN_INVALID, false) => {
                        Err(Stop::fail(format!("the retries went from {before} to {after}")))
                    }
                    (other, _) => Err(Stop::fail(format!("a wrong PIN was answered with {}", s::name(other)))),
                }
            },
        ),
        AuthenticatorCase::of(
            "client-pin/token/restores",
            "give all retries back for the right PIN",
            "CTAP 2.1 §6.5.5.7.1",
            |stage| {
                right(stage)?;
                let most = stage.pin_retries()?;
                stage.token_status(WRONG)?;
                right(stage)?;
                let after = stage.pin_retries()?;
                match after == most {
                    true => Ok(()),
                    false => Err(Stop::fail(format!("{after} of {most} retries were there afterwards"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "client-pin/token/key-renewed",
            "use another key for key agreement after a wrong PIN",
            "CTAP 2.1 §6.5.5.7.1",
            |stage| {
                let protocol = stage.protocol()?;
                let before = key_agreement(stage, protocol)?;
                stage.token_status(WRONG)?;
                let after = key_agreement(stage, protocol)?;
                let restored = right(stage);
                match before == after {
                    false => restored,
                    true => Err(Stop::fail("the key is the same")),
                }
            },
        ),
        AuthenticatorCase::of(
            "client-pin/token/blocked",
            "take no PIN any more after three wrong ones until its power was away",
            "CTAP 2.1 §6.5.2.3",
            |stage| {
                right(stage)?;
                let statuses =
                    [stage.token_status(WRONG)?, stage.token_status(WRONG)?, stage.token_status(WRONG)?];
                let pin = stage.pin()?;
                let blocked = stage.token_status(&pin)?;
                stage.power_cycle()?;
                let after = stage.token_status(&pin)?;
                match (statuses, blocked, after) {
                    ([s::PIN_INVALID, s::PIN_INVALID, s::PIN_AUTH_BLOCKED], s::PIN_AUTH_BLOCKED, s::OK) => {
                        Ok(())
                    }
                    ([first, second, third], blocked, after) => Err(Stop::fail(format!(
                        "wrong PINs were answered with {}, {} and {}, the right one with {}, and after a power cycle \
                         with {}",
                        s::name(first),
                        s::name(second),
                        s::name(third),
                        s::name(blocked),
                        s::name(after)
                    ))),
                }
            },
        )
        .if_the_target(Need::PowerCycle),
    ]
}

fn permissions() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        AuthenticatorCase::of(
            "client-pin/permissions/missing",
            "refuse a request for permissions without them",
            "CTAP 2.1 §6.5.5.7.2",
            |stage| with_permissions(stage, None, &[s::MISSING_PARAMETER]),
        ),
        AuthenticatorCase::of(
            "client-pin/permissions/zero",
            "refuse a request for no permission",
            "CTAP 2.1 §6.5.5.7.2",
            |stage| with_permissions(stage, Some(0), &[s::INVALID_PARAMETER]),
        ),
        AuthenticatorCase::of(
            "client-pin/permissions/get-pin-token",
            "refuse permissions in getPinToken, which has none",
            "CTAP 2.1 §6.5.5.7.1",
            |stage| {
                let (pin, shared) = (stage.pin()?, stage.share(stage.protocol()?)?);
                let request = stage.token_request(&shared, sub::GET_PIN_TOKEN, &pin).with(9, 1);
                refused(stage, &request, &[s::INVALID_PARAMETER], &[])
            },
        ),
        AuthenticatorCase::of(
            "client-pin/permissions/rp-id",
            "refuse a token for making credentials that is for no relying party",
            "CTAP 2.1 §6.5.5.7.2",
            |stage| {
                let accepted = [s::MISSING_PARAMETER, s::INVALID_PARAMETER];
                with_permissions(stage, Some(permission::MAKE_CREDENTIAL), &accepted)
            },
        ),
        AuthenticatorCase::of(
            "client-pin/permissions/unknown",
            "pass over permissions that no document defines",
            "CTAP 2.1 §6.5.5.7.2",
            |stage| {
                let (pin, shared) = (stage.pin()?, stage.share(stage.protocol()?)?);
                let request = stage
                    .token_request(&shared, sub::GET_TOKEN_USING_PIN, &pin)
                    .with(9, permission::GET_ASSERTION | 0x80)
                    .with(10, "example.com");
                stage.expect(command::CLIENT_PIN, &request, "a request with 0x80 in it", &[s::OK]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "client-pin/permissions/older-token",
            "take no token any more when it has given a new one",
            "CTAP 2.1 §6.5.5.7",
            |stage| {
                let made = stage.made()?;
                let older = stage.token(permission::GET_ASSERTION, Some(&made.rp_id))?;
                stage.token(permission::GET_ASSERTION, Some(&made.rp_id))?;
                let assertion = stage.assertion_with(&made).proven(&older);
                let what = "an assertion with the older token";
                stage.expect_ceremony(&assertion, what, &[s::PIN_AUTH_INVALID]).map(drop)
            },
        ),
    ];
    cases.extend(PERMISSIONS.map(|(name, bit, option)| {
        AuthenticatorCase::of(
            &format!("client-pin/permissions/{name}"),
            format!("give the permission {bit:#04x} exactly if it has {option}"),
            "CTAP 2.1 §6.5.5.7.2",
            move |stage| {
                let has_it = match option {
                    "bioEnroll" => stage.info.option(option).is_some(),
                    _ => stage.info.option(option) == Some(true),
                };
                if bit == permission::READ_CREDENTIALS && !has_it && !stage.info.has_version("FIDO_2_3") {
                    // It came with CTAP 2.2, which has no version of its own. One that is not defined is passed over.
                    return Err(Stop::skip(
                        "the target may be of CTAP 2.1, which does not define the permission",
                    ));
                }
                let accepted: &[u8] = if has_it { &[s::OK] } else { &[s::UNAUTHORIZED_PERMISSION] };
                with_permissions(stage, Some(bit), accepted)
            },
        )
    }));
    cases
}

/// A request for these permissions, for no relying party.
fn with_permissions(stage: &mut Stage<'_>, permissions: Option<u64>, accepted: &[u8]) -> Outcome {
    let (pin, shared) = (stage.pin()?, stage.share(stage.protocol()?)?);
    let mut request = stage.token_request(&shared, sub::GET_TOKEN_USING_PIN, &pin);
    if let Some(permissions) = permissions {
        request.set(9, permissions);
    }
    refused(stage, &request, accepted, &[])
}

/// The right PIN, which gives all retries back.
fn right(stage: &mut Stage<'_>) -> Outcome {
    let pin = stage.pin()?;
    match stage.token_status(&pin)? {
        s::OK => Ok(()),
        other => Err(Stop::error(format!("the right PIN was answered with {}", s::name(other)))),
    }
}
