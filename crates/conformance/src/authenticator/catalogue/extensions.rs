//! Extensions (CTAP 2.1 §12, CTAP 2.3 §12).

mod blobs;
mod cred_protect;
mod hmac_secret;
mod hmac_secret_mc;
mod policies;

use ciborium::Value;

use crate::authenticator::platform::answer::Answer;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::data::AuthData;
use crate::authenticator::platform::parameters::Parameters;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::{Assertion, Made, Registration};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = vec![verifies()];
    cases.extend(cred_protect::cases());
    cases.extend(hmac_secret::cases());
    cases.extend(hmac_secret_mc::cases());
    cases.extend(blobs::cases());
    cases.extend(policies::cases());
    cases
}

/// Signs with a credential after a change. Whether the answer verifies is one case's, so that the others see what they are
/// about.
fn signed(
    stage: &mut Stage<'_>,
    made: &Made,
    change: impl FnOnce(Assertion) -> Assertion,
) -> Result<(Answer, AuthData), Stop> {
    let assertion = change(stage.assertion_with(made));
    let assertion = stage.authorized(assertion)?;
    let answer = stage.call_ceremony(&assertion)?;
    let data = AuthData::of(&answer)?;
    Ok((answer, data))
}

/// Makes a credential. Whether the answer verifies is one case's.
fn registered(stage: &mut Stage<'_>, registration: Registration) -> Result<(Answer, AuthData), Stop> {
    let registration = stage.authorized(registration)?;
    let answer = stage.call_ceremony(&registration)?;
    let data = AuthData::of(&answer)?;
    Ok((answer, data))
}

/// The answer to getNextAssertion.
fn next(stage: &mut Stage<'_>) -> Result<(Answer, AuthData), Stop> {
    let answer = stage.call(command::GET_NEXT_ASSERTION, &Parameters::default())?;
    let answer = stage.control(answer, "getNextAssertion")?;
    let data = AuthData::of(&answer)?;
    Ok((answer, data))
}

/// Extensions with an input that every authenticator takes that has them.
fn inputs(stage: &Stage<'_>) -> Vec<(&'static str, Value)> {
    let known =
        [("credProtect", Value::from(1)), ("hmac-secret", true.into()), ("credBlob", vec![7; 8].into())];
    known.into_iter().filter(|(name, _)| stage.info.has_extension(name)).collect()
}

fn verifies() -> AuthenticatorCase {
    AuthenticatorCase::of(
        "extensions/verifies",
        "sign outputs of extensions so that a relying party can verify them",
        "CTAP 2.1 §6.2.2 step 13, WebAuthn L3 §6.1",
        |stage| {
            let inputs = inputs(stage);
            if inputs.is_empty() {
                return Err(Stop::skip("the target has no extension that signs an output"));
            }
            let mut registration = stage.registration();
            for (name, input) in &inputs {
                registration = registration.extension(name, input.clone());
            }
            let made = stage.make(registration)?;
            let mut assertion = stage.assertion_with(&made);
            if inputs.iter().any(|(name, _)| *name == "hmac-secret") {
                (assertion, _) = stage.asking(&made, stage.protocol()?, &[7; 32])?;
            }
            if inputs.iter().any(|(name, _)| *name == "credBlob") {
                assertion = assertion.extension("credBlob", true);
            }
            let assertion = stage.authorized(assertion)?;
            let answer = stage.expect_ceremony(&assertion, "an assertion with extensions", &[s::OK])?;
            stage.read_assertion(&assertion, &answer, &made).map(drop)
        },
    )
}

/// Holds an extension's output.
fn output_is(data: &AuthData, extension: &str, expected: Option<&Value>) -> Outcome {
    let found = data.output(extension);
    match found == expected {
        true => Ok(()),
        false => {
            let tell = |value: Option<&Value>| {
                value.map_or_else(|| "no output".to_owned(), |value| format!("{value:?}"))
            };
            Err(Stop::fail(format!("{extension}: found {}, expected {}", tell(found), tell(expected))))
        }
    }
}
