//! hmac-secret (CTAP 2.1 §12.5).

use ciborium::Value;

use super::{next, output_is, registered, signed};
use crate::authenticator::catalogue::get_next_assertion::discoverable;
use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::member;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::data::AuthData;
use crate::authenticator::platform::parameters::members;
use crate::authenticator::platform::pin::{Protocol, Shared};
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::Made;
use crate::authenticator::stage::secrets::{input, with_member};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

const NAME: &str = "hmac-secret";
const ONE: [u8; 32] = [0x11; 32];
const OTHER: [u8; 32] = [0x22; 32];

/// What a fair reader accepts for salts that are not of one or two times 32 bytes.
const WRONG_LENGTH: &[u8] = &[s::INVALID_PARAMETER, s::INVALID_LENGTH, s::PIN_AUTH_INVALID];
/// What a fair reader accepts where a member of the input is missing.
const MISSING: &[u8] = &[s::MISSING_PARAMETER, s::CBOR_UNEXPECTED_TYPE, s::INVALID_CBOR];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = outputs();
    cases.extend(products());
    cases.extend(inputs());
    cases.into_iter().map(|case| case.if_the_target(Need::Extension(NAME))).collect()
}

/// A credential for which secrets were asked.
pub(super) fn made_with_secrets(stage: &mut Stage<'_>) -> Result<Made, Stop> {
    let registration = stage.registration().extension(NAME, true);
    stage.make(registration)
}

/// Holds that two secrets are the same, or that they are not.
pub(super) fn compare(first: &[u8], second: &[u8], are_equal: bool, what: &str) -> Outcome {
    match (first == second, are_equal) {
        (true, true) | (false, false) => Ok(()),
        (false, true) => Err(Stop::fail(format!("the secrets differ {what}"))),
        (true, false) => Err(Stop::fail(format!("the secrets are the same {what}"))),
    }
}

fn of(
    id: &str,
    requirement: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("extensions/hmac-secret/{id}"), requirement, "CTAP 2.1 §12.5", play)
}

fn outputs() -> Vec<AuthenticatorCase> {
    vec![
        of("made", "say that it made secrets for a credential", |stage| {
            let registration = stage.registration().extension(NAME, true);
            let (_, data) = registered(stage, registration)?;
            output_is(&data, NAME, Some(&Value::Bool(true)))
        }),
        of("differs/credential", "have other secrets for another credential", |stage| {
            let protocol = stage.protocol()?;
            let (first, second) = (made_with_secrets(stage)?, made_with_secrets(stage)?);
            let secrets = stage.secrets_of(&first, protocol, &ONE, false)?;
            let others = stage.secrets_of(&second, protocol, &ONE, false)?;
            compare(&secrets, &others, false, "for two credentials")
        }),
        of("differs/salt", "have another secret for another salt", |stage| {
            let made = made_with_secrets(stage)?;
            let shared = stage.share(stage.protocol()?)?;
            let mut secrets = Vec::new();
            for salt in [ONE, OTHER] {
                let input = stage.salts(&shared, &salt);
                let (_, data) = signed(stage, &made, |assertion| assertion.extension(NAME, input))?;
                secrets.push(stage.secrets(&shared, &data, NAME, 1)?);
            }
            compare(
                secrets.first().map_or(&[], Vec::as_slice),
                secrets.get(1).map_or(&[], Vec::as_slice),
                false,
                "for two salts",
            )
        }),
        of("differs/verification", "have other secrets for a user who was verified", |stage| {
            let protocol = stage.protocol()?;
            let made = made_with_secrets(stage)?;
            let unverified = stage.secrets_of(&made, protocol, &ONE, false)?;
            let verified = stage.secrets_of(&made, protocol, &ONE, true)?;
            compare(&unverified, &verified, false, "whether or not the user was verified")
        })
        .only_in(FROM_2_1)
        .if_the_target(Need::PinSet)
        .if_the_target(Need::NoAlwaysUv),
        of("same/protocols", "have the same secret by either protocol", |stage| {
            stage.lists_both_protocols()?;
            let made = made_with_secrets(stage)?;
            let one = stage.secrets_of(&made, Protocol::One, &ONE, false)?;
            let two = stage.secrets_of(&made, Protocol::Two, &ONE, false)?;
            compare(&one, &two, true, "by the two protocols")
        })
        .only_in(FROM_2_1),
        of("same/power", "have the same secret when the power is back", |stage| {
            let protocol = stage.protocol()?;
            let made = made_with_secrets(stage)?;
            let before = stage.secrets_of(&made, protocol, &ONE, false)?;
            stage.power_cycle()?;
            let after = stage.secrets_of(&made, protocol, &ONE, false)?;
            compare(&before, &after, true, "when the power was away")
        })
        .if_the_target(Need::PowerCycle),
        of("unasked", "have secrets for a credential that was made without the extension", |stage| {
            let protocol = stage.protocol()?;
            let made = stage.made()?;
            stage.secrets_of(&made, protocol, &ONE, false).map(drop)
        })
        .only_in(FROM_2_1)
        .should(),
        of("next", "answer with each credential's own secrets", |stage| {
            let made = discoverable(stage, 2)?;
            let [older, newer] = made.as_slice() else { return Err(Stop::error("two were to be made")) };
            let protocol = stage.protocol()?;
            let alone = stage.secrets_of(older, protocol, &ONE, false)?;
            let (asked, shared) = stage.asking(newer, protocol, &ONE)?;
            let assertion = asked.without(3);
            stage.call_ceremony(&assertion)?;
            let (_, data) = next(stage)?;
            let secrets = stage.secrets(&shared, &data, NAME, 1)?;
            compare(&alone, &secrets, true, "when they come second")
        })
        .if_the_target(Need::Enabled("rk"))
        .if_the_target(Need::NoAlwaysUv),
    ]
}

/// One salt and two, by each protocol, for a user who was verified and one who was not.
fn products() -> Vec<AuthenticatorCase> {
    let mut cases = Vec::new();
    for (salts, how_many) in [(1, "one-salt"), (2, "two-salts")] {
        for (protocol, by) in [(Protocol::One, "one"), (Protocol::Two, "two")] {
            for (verified, user) in [(true, "verified"), (false, "unverified")] {
                let case = of(
                    &format!("secrets/{how_many}/protocol-{by}/{user}"),
                    &format!(
                        "give the same {} again and again by protocol {by} to a user who is {user}",
                        if salts == 1 { "secret" } else { "two secrets" }
                    ),
                    move |stage| {
                        if !stage.info.protocols().contains(&protocol.number()) {
                            return Err(Stop::skip("the target does not list the protocol"));
                        }
                        let made = made_with_secrets(stage)?;
                        let both = [ONE, OTHER].concat();
                        let asked = both.get(..32 * salts).unwrap_or_default();
                        let first = stage.secrets_of(&made, protocol, asked, verified)?;
                        let again = stage.secrets_of(&made, protocol, asked, verified)?;
                        compare(&first, &again, true, "from one time to the next")?;
                        let alone = stage.secrets_of(&made, protocol, &ONE, verified)?;
                        compare(first.get(..32).unwrap_or_default(), &alone, true, "with a second salt")
                    },
                );
                let case = if protocol == Protocol::Two { case.only_in(FROM_2_1) } else { case };
                cases.push(case.if_the_target(if verified { Need::PinSet } else { Need::NoAlwaysUv }));
            }
        }
    }
    cases
}

/// Sends an assertion whose input is changed, and holds its status.
fn refuses(
    id: &str,
    requirement: &str,
    salts: usize,
    accepted: &'static [u8],
    tolerated: &'static [u8],
    change: impl Fn(&Shared, &Value) -> Value + Send + Sync + 'static,
) -> AuthenticatorCase {
    of(id, requirement, move |stage| {
        let made = made_with_secrets(stage)?;
        let (assertion, shared) = stage.asking(&made, stage.protocol()?, &vec![0x33; salts])?;
        let sound = assertion.input(NAME).cloned().unwrap_or(Value::Null);
        let assertion = assertion.extension(NAME, change(&shared, &sound));
        let assertion = stage.authorized(assertion)?;
        let answer = stage.call(command::GET_ASSERTION, &assertion.parameters)?;
        stage.expect_of(&answer, "an assertion with this input of hmac-secret", accepted, tolerated)?;
        stage.is_alive()
    })
}

fn inputs() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        of("up-false", "give no secret without a touch", |stage| {
            let made = made_with_secrets(stage)?;
            let (assertion, _) = stage.asking(&made, stage.protocol()?, &ONE)?;
            let assertion = assertion.option("up", false);
            let what = "hmac-secret without a touch";
            stage.expect_ceremony(&assertion, what, &[s::UNSUPPORTED_OPTION]).map(drop)
        })
        .only_in(FROM_2_1),
        of("default-protocol", "take protocol one where none is named", |stage| {
            if !stage.info.protocols().contains(&1) {
                return Err(Stop::skip("the target does not list protocol one"));
            }
            let made = made_with_secrets(stage)?;
            let (assertion, shared) = stage.asking(&made, Protocol::One, &ONE)?;
            let sound = assertion.input(NAME).cloned().unwrap_or(Value::Null);
            let assertion = assertion.extension(NAME, with_member(&sound, input::PROTOCOL, None));
            let assertion = stage.authorized(assertion)?;
            let answer = stage.expect_ceremony(&assertion, "hmac-secret without a protocol", &[s::OK])?;
            let data = AuthData::of(&answer)?;
            stage.secrets(&shared, &data, NAME, 1).map(drop)
        }),
        refuses(
            "salt-auth/wrong",
            "refuse salts whose proof is wrong",
            32,
            &[s::PIN_AUTH_INVALID],
            &[s::INVALID_PARAMETER],
            |_, input| with_member(input, input::SALT_AUTH, Some(vec![7_u8; 32].into())),
        ),
        refuses(
            "salt-auth/short",
            "refuse salts of whose proof the last bytes are missing",
            32,
            &[s::PIN_AUTH_INVALID, s::INVALID_PARAMETER, s::INVALID_LENGTH],
            &[],
            |shared, input| {
                let salt_enc = member_bytes(input, input::SALT_ENC);
                let mut proof = shared.authenticate(&salt_enc);
                proof.truncate(8);
                with_member(input, input::SALT_AUTH, Some(proof.into()))
            },
        ),
        refuses(
            "key-agreement/off-curve",
            "refuse a key that is not on the curve",
            32,
            &[s::INVALID_PARAMETER],
            &[s::CBOR_UNEXPECTED_TYPE, s::INVALID_CBOR, s::PIN_AUTH_INVALID],
            |_, input| {
                let off = members! { 1 => 2, 3 => -25, -1 => 1, -2 => vec![1_u8; 32], -3 => vec![2_u8; 32] };
                with_member(input, input::KEY_AGREEMENT, Some(off))
            },
        ),
        refuses(
            "protocol/unknown",
            "refuse a protocol that it does not list",
            32,
            &[s::INVALID_PARAMETER],
            &[s::PIN_AUTH_INVALID],
            |_, input| with_member(input, input::PROTOCOL, Some(0x7f.into())),
        )
        .only_in(FROM_2_1),
        refuses(
            "input/no-map",
            "refuse an input that is no map",
            32,
            &[s::CBOR_UNEXPECTED_TYPE, s::INVALID_CBOR, s::MISSING_PARAMETER, s::INVALID_PARAMETER],
            &[],
            |_, _| Value::from("salt"),
        )
        .should(),
    ];
    for length in [16_usize, 48, 96] {
        cases.push(refuses(
            &format!("salt-length/{length}"),
            &format!("refuse salts of {length} bytes"),
            length,
            WRONG_LENGTH,
            &[s::INVALID_CBOR, s::CBOR_UNEXPECTED_TYPE, s::LIMIT_EXCEEDED],
            |_, input| input.clone(),
        ));
    }
    for (name, key) in
        [("keyAgreement", input::KEY_AGREEMENT), ("saltEnc", input::SALT_ENC), ("saltAuth", input::SALT_AUTH)]
    {
        cases.push(
            refuses(
                &format!("missing/{name}"),
                &format!("refuse an input without {name}"),
                32,
                MISSING,
                &[s::INVALID_PARAMETER],
                move |_, input| with_member(input, key, None),
            )
            .should(),
        );
    }
    cases
}

fn member_bytes(input: &Value, key: u64) -> Vec<u8> {
    let found = member(input, &Value::from(key));
    found.and_then(Value::as_bytes).cloned().unwrap_or_default()
}
