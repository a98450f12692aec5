//! hmac-secret-mc (CTAP 2.2 §12.8): secrets as a credential is made.

use ciborium::Value;

use super::hmac_secret::compare;
use super::output_is;
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::data::AuthData;
use crate::authenticator::platform::pin::Protocol;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::Made;
use crate::authenticator::stage::secrets::{input, with_member};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_3};
use crate::core::outcome::{Outcome, Stop};

const NAME: &str = "hmac-secret-mc";
const SALTS: [u8; 64] = [0x44; 64];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        of("beside", "say that it made secrets, too, where it gives some", |stage| {
            made_with_secrets(stage, stage.protocol()?, 1, false).map(drop)
        })
        .if_the_target(Need::NoAlwaysUv),
        of("alone", "refuse hmac-secret-mc without hmac-secret", |stage| {
            let shared = stage.share(stage.protocol()?)?;
            let input = stage.salts(&shared, &[0x44; 32]);
            let registration = stage.registration().extension(NAME, input);
            let registration = stage.authorized(registration)?;
            let answer = stage.call(command::MAKE_CREDENTIAL, &registration.parameters)?;
            let what = "hmac-secret-mc without hmac-secret";
            stage.expect_of(&answer, what, &[s::MISSING_PARAMETER], &[s::INVALID_PARAMETER])
        }),
        of("salt-auth", "refuse salts whose proof is wrong", |stage| {
            let shared = stage.share(stage.protocol()?)?;
            let input = stage.salts(&shared, &[0x44; 32]);
            let wrong = with_member(&input, input::SALT_AUTH, Some(vec![7_u8; 32].into()));
            let registration = stage.registration().extension("hmac-secret", true).extension(NAME, wrong);
            let registration = stage.authorized(registration)?;
            let answer = stage.call(command::MAKE_CREDENTIAL, &registration.parameters)?;
            stage.expect_of(&answer, "wrong salts", &[s::PIN_AUTH_INVALID], &[s::INVALID_PARAMETER])
        }),
    ];
    for (salts, how_many) in [(1, "one-salt"), (2, "two-salts")] {
        for (verified, user) in [(true, "verified"), (false, "unverified")] {
            let case = of(
                &format!("same/{how_many}/{user}"),
                &format!(
                    "give a user who is {user} {} that {} later, too",
                    if salts == 1 { "the secret" } else { "the two secrets" },
                    if salts == 1 { "comes" } else { "come" },
                ),
                move |stage| {
                    let protocol = stage.protocol()?;
                    let (made, secrets) = made_with_secrets(stage, protocol, salts, verified)?;
                    let asked = SALTS.get(..32 * salts).unwrap_or_default();
                    let later = stage.secrets_of(&made, protocol, asked, verified)?;
                    compare(&secrets, &later, true, "as the credential is made and later")
                },
            );
            cases.push(match verified {
                true => case.if_the_target(Need::PinSet),
                // A registration without a proof.
                false => case
                    .if_the_target(Need::NoPin)
                    .if_the_target(Need::NoBuiltInUv)
                    .if_the_target(Need::NoAlwaysUv),
            });
        }
    }
    cases.into_iter().map(|case| case.only_in(FROM_2_3).if_the_target(Need::Extension(NAME))).collect()
}

fn of(
    id: &str,
    requirement: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("extensions/hmac-secret-mc/{id}"), requirement, "CTAP 2.2 §12.8", play)
}

/// A new credential, and its secrets as they came with it.
fn made_with_secrets(
    stage: &mut Stage<'_>,
    protocol: Protocol,
    salts: usize,
    verified: bool,
) -> Result<(Made, Vec<u8>), Stop> {
    let shared = stage.share(protocol)?;
    let input = stage.salts(&shared, SALTS.get(..32 * salts).unwrap_or_default());
    let registration = stage.registration().extension("hmac-secret", true).extension(NAME, input);
    let registration =
        if verified { stage.verified(registration)? } else { stage.authorized(registration)? };
    let answer = stage.call_ceremony(&registration)?;
    // What it says comes before whether a relying party believes it.
    let data = AuthData::of(&answer)?;
    output_is(&data, "hmac-secret", Some(&Value::Bool(true)))?;
    let secrets = stage.secrets(&shared, &data, NAME, salts)?;
    let made = stage.read_made(&registration, answer)?;
    Ok((made, secrets))
}
