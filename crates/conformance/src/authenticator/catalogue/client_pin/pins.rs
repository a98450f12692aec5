//! PINs, set and changed (CTAP 2.1 §6.5.5.5, §6.5.5.6).

use ciborium::Value;

use super::{protocols, refused};
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::parameters::{Parameters, members};
use crate::authenticator::platform::pin::padded;
use crate::authenticator::stage::pin::sub;
use crate::authenticator::stage::{PinState, Stage};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

/// Mandatory members of setPIN.
const MANDATORY: [(u64, &str); 4] =
    [(0x01, "pinUvAuthProtocol"), (0x03, "keyAgreement"), (0x04, "pinUvAuthParam"), (0x05, "newPinEnc")];

/// A PIN that no other case sets.
const OTHER_PIN: &str = "13579246";

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases: Vec<AuthenticatorCase> =
        without_pin().into_iter().map(|case| case.if_the_target(Need::NoPin)).collect();
    cases.extend(with_pin().into_iter().map(|case| case.if_the_target(Need::PinSet)));
    cases
}

fn without_pin() -> Vec<AuthenticatorCase> {
    let mut cases: Vec<AuthenticatorCase> = MANDATORY
        .map(|(key, name)| {
            AuthenticatorCase::of(
                &format!("client-pin/set-pin/missing/{name}"),
                format!("refuse setPIN without {name}"),
                "CTAP 2.1 §6.5.5.5 step 1",
                move |stage| {
                    let shared = stage.share(stage.protocol()?)?;
                    let mut request = stage.set_pin_request(&shared, &padded(OTHER_PIN));
                    request.remove(key);
                    refused(stage, &request, &[s::MISSING_PARAMETER], &[])
                },
            )
        })
        .into();
    cases.extend([
        AuthenticatorCase::of(
            "client-pin/set-pin/proof",
            "refuse setPIN whose proof is wrong",
            "CTAP 2.1 §6.5.5.5 step 5",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let request = disproved(stage.set_pin_request(&shared, &padded(OTHER_PIN)));
                refused(stage, &request, &[s::PIN_AUTH_INVALID], &[])
            },
        ),
        refuses_pin("short", "three digits", "123", &[s::PIN_POLICY_VIOLATION]),
        refuses_pin("code-points", "three code points of two bytes", "äöü", &[s::PIN_POLICY_VIOLATION])
            .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "client-pin/set-pin/unpadded",
            "refuse a PIN that fills all 64 bytes",
            "CTAP 2.1 §6.5.1",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let request = stage.set_pin_request(&shared, &[b'1'; 64]);
                refused(stage, &request, &[s::PIN_POLICY_VIOLATION, s::INVALID_PARAMETER], &[])
            },
        )
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "client-pin/set-pin/length",
            "refuse a padded PIN that has not 64 bytes",
            "CTAP 2.1 §6.5.5.5 step 7",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let padded = [&b"12345678"[..], &[0; 40]].concat();
                let request = stage.set_pin_request(&shared, &padded);
                let accepted = [s::INVALID_PARAMETER, s::PIN_POLICY_VIOLATION];
                refused(stage, &request, &accepted, &[s::INVALID_LENGTH, s::PIN_AUTH_INVALID])
            },
        )
        .should(),
        AuthenticatorCase::of(
            "client-pin/set-pin/key-agreement",
            "refuse a key for key agreement that is no point on the curve",
            "CTAP 2.1 §6.5.5.5 step 4",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let point = members! {
                    1 => 2, 3 => -25, -1 => 1, -2 => vec![1_u8; 32], -3 => vec![1_u8; 32],
                };
                let request = stage.set_pin_request(&shared, &padded(OTHER_PIN)).with(3, point);
                let tolerated = [s::PIN_AUTH_INVALID, s::INVALID_CBOR, s::CBOR_UNEXPECTED_TYPE];
                refused(stage, &request, &[s::INVALID_PARAMETER], &tolerated)
            },
        ),
        takes_pin("sets", "set a PIN, and say so", OTHER_PIN),
        takes_pin("four-code-points", "take a PIN of four code points of two bytes", "äöüß")
            .only_in(FROM_2_1),
        takes_pin(
            "longest",
            "take a PIN of 63 bytes",
            "123456789012345678901234567890123456789012345678901234567890123",
        ),
        AuthenticatorCase::of(
            "client-pin/change-pin/none-set",
            "refuse to change a PIN where none is set",
            "CTAP 2.1 §6.5.5.6",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let request = stage.change_pin_request(&shared, OTHER_PIN, &padded("24682468"));
                // No step is about it.
                let accepted = [s::PIN_NOT_SET, s::PIN_INVALID, s::NOT_ALLOWED, s::PUAT_REQUIRED];
                refused(stage, &request, &accepted, &[])
            },
        ),
    ]);
    cases
}

/// The same request with another bit in its proof, which keeps its length: each protocol has another one.
fn disproved(request: Parameters) -> Parameters {
    let mut proof = request.get(4).and_then(Value::as_bytes).cloned().unwrap_or_default();
    if let Some(first) = proof.first_mut() {
        *first ^= 1;
    }
    request.with(4, proof)
}

fn with_pin() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "client-pin/set-pin/twice",
            "not set a PIN where one is set",
            "CTAP 2.1 §6.5.5.5 step 3",
            |stage| {
                let shared = stage.share(stage.protocol()?)?;
                let request = stage.set_pin_request(&shared, &padded(OTHER_PIN));
                refused(stage, &request, &[s::PIN_AUTH_INVALID, s::NOT_ALLOWED], &[])
            },
        ),
        AuthenticatorCase::of(
            "client-pin/change-pin/changes",
            "take the new PIN after it was changed, and not the old one",
            "CTAP 2.1 §6.5.5.6",
            |stage| {
                let old = stage.pin()?;
                change(stage, &old, OTHER_PIN)?;
                let with_old = stage.token_status(&old)?;
                let with_new = stage.token_status(OTHER_PIN)?;
                change(stage, OTHER_PIN, &old)?;
                match (with_old, with_new) {
                    (s::PIN_INVALID, s::OK) => Ok(()),
                    (old, new) => Err(Stop::fail(format!(
                        "the old PIN was answered with {}, the new one with {}",
                        s::name(old),
                        s::name(new)
                    ))),
                }
            },
        ),
        AuthenticatorCase::of(
            "client-pin/change-pin/wrong",
            "not change a PIN for another, and count that as a wrong one",
            "CTAP 2.1 §6.5.5.6 steps 6 and 7",
            |stage| {
                let before = stage.pin_retries()?;
                let shared = stage.share(stage.protocol()?)?;
                let request = stage.change_pin_request(&shared, OTHER_PIN, &padded("24682468"));
                let answer = stage.call(command::CLIENT_PIN, &request)?;
                let after = stage.pin_retries()?;
                let pin = stage.pin()?;
                stage.token_status(&pin)?;
                stage.expect_of(&answer, "changePIN with a wrong PIN", &[s::PIN_INVALID], &[])?;
                match before.checked_sub(1) == Some(after) {
                    true => Ok(()),
                    false => Err(Stop::fail(format!("the retries went from {before} to {after}"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "client-pin/change-pin/proof",
            "count no wrong PIN where the proof of changePIN is wrong",
            "CTAP 2.1 §6.5.5.6 step 5",
            |stage| {
                let before = stage.pin_retries()?;
                let (pin, shared) = (stage.pin()?, stage.share(stage.protocol()?)?);
                let request = disproved(stage.change_pin_request(&shared, &pin, &padded(OTHER_PIN)));
                let answer = stage.call(command::CLIENT_PIN, &request)?;
                stage.expect_of(&answer, "changePIN with a wrong proof", &[s::PIN_AUTH_INVALID], &[])?;
                let after = stage.pin_retries()?;
                match before == after {
                    true => Ok(()),
                    false => Err(Stop::fail(format!("the retries went from {before} to {after}"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "client-pin/change-pin/short",
            "not change the PIN to one that is too short",
            "CTAP 2.1 §6.5.5.6 step 11",
            |stage| {
                let (pin, shared) = (stage.pin()?, stage.share(stage.protocol()?)?);
                let request = stage.change_pin_request(&shared, &pin, &padded("123"));
                refused(stage, &request, &[s::PIN_POLICY_VIOLATION], &[])
            },
        ),
        AuthenticatorCase::of(
            "client-pin/change-pin/tokens",
            "take no token any more that was given before the PIN was changed",
            "CTAP 2.1 §6.5.5.6 step 19",
            |stage| {
                let made = stage.made()?;
                let token = stage.token(permission::GET_ASSERTION, Some(&made.rp_id))?;
                let pin = stage.pin()?;
                change(stage, &pin, OTHER_PIN)?;
                let assertion = stage.assertion_with(&made).proven(&token);
                let answer = stage.call(command::GET_ASSERTION, &assertion.parameters)?;
                change(stage, OTHER_PIN, &pin)?;
                stage.expect_of(&answer, "an assertion with the older token", &[s::PIN_AUTH_INVALID], &[])
            },
        ),
    ]
}

/// Changes the PIN, which has to work.
fn change(stage: &mut Stage<'_>, old: &str, new: &str) -> Outcome {
    let shared = stage.share(stage.protocol()?)?;
    let request = stage.change_pin_request(&shared, old, &padded(new));
    let answer = stage.call(command::CLIENT_PIN, &request)?;
    stage.control(answer, "changePIN").map(drop)
}

fn refuses_pin(id: &str, what: &str, pin: &'static str, accepted: &'static [u8]) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("client-pin/set-pin/{id}"),
        format!("refuse a PIN of {what}"),
        "CTAP 2.1 §6.5.5.5 step 9",
        move |stage| {
            let shared = stage.share(stage.protocol()?)?;
            let request = stage.set_pin_request(&shared, &padded(pin));
            refused(stage, &request, accepted, &[])
        },
    )
}

/// A PIN that has to be taken, by each protocol.
fn takes_pin(id: &str, requirement: &str, pin: &'static str) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("client-pin/set-pin/{id}"),
        requirement,
        "CTAP 2.1 §6.5.5.5",
        move |stage| {
            for protocol in protocols(stage)? {
                stage.reset(Need::NoPin)?;
                if pin.chars().count() < usize::try_from(stage.info.number(0x0d).unwrap_or(4)).unwrap_or(4) {
                    return Err(Stop::skip("the target asks for longer PINs"));
                }
                let shared = stage.share(protocol)?;
                let request = stage.set_pin_request(&shared, &padded(pin));
                stage.expect(command::CLIENT_PIN, &request, "setPIN", &[s::OK])?;
                stage.world.pin = PinState::Known(pin.to_owned());
                if stage.get_info()?.option("clientPin") != Some(true) {
                    return Err(Stop::fail("clientPin is not true after setPIN"));
                }
                match stage.token_status(pin)? {
                    s::OK => {}
                    other => return Err(Stop::fail(format!("the PIN was answered with {}", s::name(other)))),
                }
            }
            Ok(())
        },
    )
}

impl Stage<'_> {
    /// The status of a request for a token by this PIN, which any version answers.
    pub(super) fn token_status(&mut self, pin: &str) -> Result<u8, Stop> {
        let shared = self.share(self.protocol()?)?;
        let request: Parameters = self.token_request(&shared, sub::GET_PIN_TOKEN, pin);
        Ok(self.call(command::CLIENT_PIN, &request)?.status)
    }
}
