//! authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.1 §6.2, §6.3).

use ciborium::Value;

use super::ceremony::{Member, flags, of_members, refuses, takes};
use super::get_next_assertion::discoverable;
use super::proofs;
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::status as s;
use crate::authenticator::platform::data::{AuthData, flag};
use crate::authenticator::platform::parameters::members;
use crate::authenticator::stage::ceremony::Getting;
use crate::authenticator::stage::{Hand, Stage};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::Stop;

const MEMBERS: &[Member] = &[
    (0x01, "rpId", true, || Value::from(1)),
    (0x02, "clientDataHash", true, || Value::from("text")),
    (0x03, "allowList", false, || Value::from(1)),
    (0x04, "extensions", false, || Value::from("text")),
    (0x05, "options", false, || Value::Array(Vec::new())),
    (0x06, "pinUvAuthParam", false, || Value::from("text")),
    (0x07, "pinUvAuthProtocol", false, || Value::from("text")),
];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = parameters();
    cases.extend(options());
    cases.extend(super::options::of_assertions());
    cases.extend(proofs::cases::<Getting>());
    cases.extend(proofs::of_assertions());
    cases.extend(credentials());
    cases.extend(answers());
    cases
}

fn parameters() -> Vec<AuthenticatorCase> {
    let mut cases = of_members::<Getting>("CTAP 2.1 §6.2", MEMBERS);
    cases.extend([
        refuses::<Getting>(
            "get-assertion/length/client-data-hash",
            "refuse a clientDataHash that has not 32 bytes",
            "CTAP 2.1 §6.2",
            &[s::INVALID_PARAMETER, s::INVALID_LENGTH, s::CBOR_UNEXPECTED_TYPE, s::INVALID_CBOR],
            &[s::PIN_AUTH_INVALID],
            |assertion| assertion.with(2, vec![7; 31]),
        )
        .should(),
        takes::<Getting>(
            "get-assertion/unknown/member",
            "pass over members that it does not know",
            "CTAP 2.1 §8",
            |assertion| assertion.with(0x5f, 1),
        ),
        takes::<Getting>(
            "get-assertion/unknown/extension",
            "pass over extensions that it does not know",
            "CTAP 2.1 §6.2.2 step 10",
            |assertion| assertion.extension("stuntkey.example", true),
        ),
    ]);
    cases
}

fn options() -> Vec<AuthenticatorCase> {
    vec![
        refuses::<Getting>(
            "get-assertion/options/rk",
            "refuse the option rk, which is none of assertions",
            "CTAP 2.1 §6.2.2 step 4",
            &[s::UNSUPPORTED_OPTION],
            &[s::INVALID_OPTION],
            |assertion| assertion.option("rk", true),
        )
        .only_in(FROM_2_1),
        refuses::<Getting>(
            "get-assertion/options/uv",
            "refuse to verify a user where it cannot do that by itself",
            "CTAP 2.1 §6.2.2 step 4",
            // CTAP 2.0 has the second for an option that is known, and not supported.
            &[s::INVALID_OPTION, s::UNSUPPORTED_OPTION],
            &[],
            |assertion| assertion.unproven().option("uv", true),
        )
        .if_the_target(Need::NoBuiltInUv),
        takes::<Getting>(
            "get-assertion/options/unknown",
            "pass over options that it does not know",
            "CTAP 2.1 §6.2.2 step 4",
            |assertion| assertion.option("stuntkey", true),
        ),
        AuthenticatorCase::of(
            "get-assertion/options/up-false",
            "sign without a touch, and say so, where the platform asks for none",
            "CTAP 2.1 §6.2.2 step 9",
            |stage| {
                let made = stage.made()?;
                let assertion = stage.assertion_with(&made).option("up", false);
                stage.waits = 0;
                let answer = stage.expect_ceremony(&assertion, "an assertion without a touch", &[s::OK])?;
                let data = stage.read_assertion(&assertion, &answer, &made)?;
                match (data.has(flag::UP), stage.waits) {
                    (false, 0) => Ok(()),
                    (true, _) => Err(Stop::fail("UP is set, though nobody was asked")),
                    (false, _) => Err(Stop::fail("it waited for a touch")),
                }
            },
        ),
        AuthenticatorCase::of(
            "get-assertion/options/touch",
            "not sign without a touch",
            "CTAP 2.1 §6.2.2 step 9",
            |stage| {
                let made = stage.made()?;
                let assertion = stage.assertion_with(&made);
                let answer = stage.send_with(&assertion.request(), Hand::Cancels)?;
                let accepted = [s::KEEPALIVE_CANCEL, s::OPERATION_DENIED, s::USER_ACTION_TIMEOUT];
                stage.expect_of(&answer, "an assertion that nobody touched", &accepted, &[])
            },
        )
        .if_the_target(Need::WithheldTouch),
    ]
}

fn credentials() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "get-assertion/find/no-credential",
            "say that a relying party has no credential here",
            "CTAP 2.1 §6.2.2 step 7",
            |stage| {
                let rp_id = stage.new_rp_id();
                let assertion = stage.assertion(&rp_id).list([&[9; 32][..]]);
                let what = "an assertion at a relying party without a credential";
                stage.expect_ceremony(&assertion, what, &[s::NO_CREDENTIALS]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "get-assertion/find/other-rp",
            "not sign for one relying party with another's credential",
            "CTAP 2.1 §6.2.2 step 7",
            |stage| {
                let made = stage.made()?;
                let rp_id = stage.new_rp_id();
                let assertion = stage.assertion(&rp_id).list([made.id()]);
                let what = "an assertion with another relying party's credential";
                stage.expect_ceremony(&assertion, what, &[s::NO_CREDENTIALS]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "get-assertion/find/tampered-id",
            "not know a credential whose id has another bit",
            "CTAP 2.1 §6.2.2 step 7",
            |stage| {
                let made = stage.made()?;
                for at in [0, made.id().len() / 2, made.id().len().saturating_sub(1)] {
                    let mut id = made.id().to_vec();
                    if let Some(byte) = id.get_mut(at) {
                        *byte ^= 1;
                    }
                    let assertion = stage.assertion(&made.rp_id).list([id.as_slice()]);
                    let what = "an assertion with a credential id of which a bit is another";
                    stage.expect_ceremony(&assertion, what, &[s::NO_CREDENTIALS])?;
                }
                Ok(())
            },
        ),
        AuthenticatorCase::of(
            "get-assertion/find/later-entry",
            "find a credential that is not the first of the list",
            "CTAP 2.1 §6.2.2 step 7",
            |stage| {
                let made = stage.made()?;
                let assertion = stage.assertion(&made.rp_id).list([&[9; 32][..], made.id()]);
                let answer =
                    stage.expect_ceremony(&assertion, "an assertion with the second of two", &[s::OK])?;
                stage.read_assertion(&assertion, &answer, &made).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "get-assertion/find/unknown-type",
            "pass over credentials of types that it does not know",
            "CTAP 2.1 §6.2.2 step 7",
            |stage| {
                let made = stage.made()?;
                let entry = members! { "id" => made.id().to_vec(), "type" => "private-key" };
                let assertion = stage.assertion(&made.rp_id).with(3, Value::Array(vec![entry]));
                let what = "an assertion with a credential of an unknown type";
                stage.expect_ceremony(&assertion, what, &[s::NO_CREDENTIALS]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "get-assertion/find/not-discoverable",
            "not find a credential without its id that is not discoverable",
            "CTAP 2.1 §6.1.2 step 18",
            |stage| {
                let made = stage.made()?;
                let assertion = stage.assertion(&made.rp_id);
                let what = "an assertion without a list";
                stage.expect_ceremony(&assertion, what, &[s::NO_CREDENTIALS]).map(drop)
            },
        )
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "get-assertion/find/one-of-several",
            "sign once where several credentials of the list are there",
            "CTAP 2.1 §6.2.2 step 11",
            |stage| {
                let first = stage.made()?;
                let registration = stage.registration_at(&first.rp_id);
                let second = stage.make(registration)?;
                let assertion = stage.assertion(&first.rp_id).list([first.id(), second.id()]);
                let answer =
                    stage.expect_ceremony(&assertion, "an assertion with two credentials", &[s::OK])?;
                match answer.number(5) {
                    None => Ok(()),
                    Some(number) => Err(Stop::fail(format!("numberOfCredentials is {number}"))),
                }
            },
        )
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "get-assertion/find/discoverable",
            "find a discoverable credential without its id, and say whose it is",
            "CTAP 2.1 §6.2.2 step 12",
            |stage| {
                let made = discoverable(stage, 1)?;
                let made = made.first().ok_or_else(|| Stop::error("no credential was made"))?;
                let assertion = stage.assertion(&made.rp_id);
                let answer = stage.expect_ceremony(&assertion, "an assertion without a list", &[s::OK])?;
                stage.read_assertion(&assertion, &answer, made)?;
                let user =
                    answer.get(4).and_then(|user| crate::authenticator::platform::answer::named(user, "id"));
                match user.and_then(Value::as_bytes) == Some(&made.user_id) {
                    true => Ok(()),
                    false => Err(Stop::fail("user.id is not the one of the registration")),
                }
            },
        )
        .if_the_target(Need::Enabled("rk")),
    ]
}

fn answers() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "get-assertion/answer/verifies",
            "sign what a relying party can verify",
            "CTAP 2.1 §6.2.2 step 13",
            |stage| {
                let made = stage.made()?;
                stage.sign(&made).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "get-assertion/answer/no-attested-data",
            "send no attested credential data with an assertion",
            "CTAP 2.1 §6.2.2 step 13",
            |stage| {
                let data = signed(stage)?;
                flags(!data.has(flag::AT), "AT is set")
            },
        ),
        AuthenticatorCase::of(
            "get-assertion/answer/user-present",
            "say that its user was present",
            "CTAP 2.1 §6.2.2 step 9",
            |stage| {
                let data = signed(stage)?;
                flags(data.has(flag::UP), "UP is not set")
            },
        ),
        AuthenticatorCase::of(
            "get-assertion/answer/not-verified",
            "not say that its user was verified where that was not asked for",
            "CTAP 2.1 §6.2.2 step 3",
            |stage| {
                if stage.info.option("alwaysUv") == Some(true) {
                    return Err(Stop::skip("the target always verifies its user"));
                }
                let data = signed(stage)?;
                flags(!data.has(flag::UV), "UV is set")
            },
        )
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "get-assertion/answer/counter",
            "let no signature counter fall, and let each rise that is not zero",
            "WebAuthn L3 §6.1.1",
            |stage| {
                let made = stage.made()?;
                let mut last = made.data.sign_count;
                for _ in 0..3 {
                    // What was signed is another case's.
                    let assertion = stage.assertion_with(&made);
                    let assertion = stage.authorized(assertion)?;
                    let answer = stage.call_ceremony(&assertion)?;
                    let data = AuthData::of(&answer)?;
                    let count = data.sign_count;
                    if count < last || (count == last && count != 0) {
                        return Err(Stop::fail(format!("the signature counter went from {last} to {count}")));
                    }
                    last = count;
                }
                Ok(())
            },
        ),
    ]
}

/// The authenticator data of a sound assertion.
fn signed(stage: &mut Stage<'_>) -> Result<AuthData, Stop> {
    let made = stage.made()?;
    stage.sign(&made)
}
