//! authenticatorMakeCredential (CTAP 2.1 §6.1).

mod enterprise;
mod exclusion;

use ciborium::Value;

use super::ceremony::{Member, flags, of_members, refuses, takes};
use super::proofs;
use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::member;
use crate::authenticator::platform::code::status as s;
use crate::authenticator::platform::data::flag;
use crate::authenticator::platform::parameters::members;
use crate::authenticator::stage::ceremony::{ES256, Making, parameter};
use crate::authenticator::stage::{Hand, Stage};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1, FROM_2_3};
use crate::core::outcome::{Outcome, Stop};

const MEMBERS: &[Member] = &[
    (0x01, "clientDataHash", true, || Value::from("text")),
    (0x02, "rp", true, || Value::from(1)),
    (0x03, "user", true, || Value::Array(Vec::new())),
    (0x04, "pubKeyCredParams", true, || Value::Map(Vec::new())),
    (0x05, "excludeList", false, || Value::Map(Vec::new())),
    (0x06, "extensions", false, || Value::from("text")),
    (0x07, "options", false, || Value::Array(Vec::new())),
    (0x08, "pinUvAuthParam", false, || Value::from("text")),
    (0x09, "pinUvAuthProtocol", false, || Value::from("text")),
];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = parameters();
    cases.extend(algorithms());
    cases.extend(options());
    cases.extend(super::options::of_registrations());
    cases.extend(proofs::cases::<Making>());
    cases.extend(proofs::of_registrations());
    cases.extend(enterprise::cases());
    cases.extend(exclusion::cases());
    cases.extend(answers());
    cases
}

fn parameters() -> Vec<AuthenticatorCase> {
    let mut cases = of_members::<Making>("CTAP 2.1 §6.1", MEMBERS);
    let inside: &[u8] = &[s::MISSING_PARAMETER, s::INVALID_CBOR, s::CBOR_UNEXPECTED_TYPE];
    cases.extend([
        refuses::<Making>(
            "make-credential/missing/rp.id",
            "refuse a request whose rp has no id",
            "CTAP 2.1 §6.1",
            inside,
            &[s::INVALID_PARAMETER],
            |registration| registration.with(2, members! { "name" => "A relying party" }),
        ),
        refuses::<Making>(
            "make-credential/missing/user.id",
            "refuse a request whose user has no id",
            "CTAP 2.1 §6.1",
            inside,
            &[s::INVALID_PARAMETER],
            |registration| registration.with(3, members! { "name" => "alice" }),
        ),
        refuses::<Making>(
            "make-credential/length/client-data-hash",
            "refuse a clientDataHash that has not 32 bytes",
            "CTAP 2.1 §6.1",
            &[s::INVALID_PARAMETER, s::INVALID_LENGTH, s::CBOR_UNEXPECTED_TYPE, s::INVALID_CBOR],
            &[s::PIN_AUTH_INVALID],
            |registration| registration.with(1, vec![7; 31]),
        )
        .should(),
        refuses::<Making>(
            "make-credential/length/user.id",
            "refuse a user.id of 65 bytes",
            "WebAuthn L3 §5.4.3",
            &[
                s::INVALID_PARAMETER,
                s::INVALID_LENGTH,
                s::CBOR_UNEXPECTED_TYPE,
                s::INVALID_CBOR,
                s::LIMIT_EXCEEDED,
            ],
            &[],
            |registration| {
                registration.with(3, members! { "id" => vec![7_u8; 65], "name" => "a", "displayName" => "A" })
            },
        )
        .should(),
        takes::<Making>(
            "make-credential/user/64-bytes",
            "take a user.id of 64 bytes",
            "WebAuthn L3 §5.4.3",
            |registration| {
                registration.with(3, members! { "id" => vec![7_u8; 64], "name" => "a", "displayName" => "A" })
            },
        ),
        takes::<Making>(
            "make-credential/user/long-names",
            "take names of 200 bytes, if only their beginnings",
            "CTAP 2.1 §6.1.2 step 17",
            |registration| {
                let id = registration.user_id();
                let long = "ä".repeat(100);
                registration.with(3, members! { "id" => id, "name" => long.clone(), "displayName" => long })
            },
        ),
        takes::<Making>(
            "make-credential/user/id-alone",
            "take a user without names",
            "CTAP 2.1 §6.1",
            |registration| {
                let id = registration.user_id();
                registration.with(3, members! { "id" => id })
            },
        )
        .only_in(FROM_2_1),
        takes::<Making>(
            "make-credential/rp/id-alone",
            "take a relying party without a name",
            "CTAP 2.1 §6.1",
            |registration| {
                let id = registration.rp_id().to_owned();
                registration.with(2, members! { "id" => id })
            },
        )
        .only_in(FROM_2_1),
        takes::<Making>(
            "make-credential/unknown/member",
            "pass over members that it does not know",
            "CTAP 2.1 §8",
            |registration| registration.with(0x5f, 1),
        ),
        takes::<Making>(
            "make-credential/unknown/extension",
            "pass over extensions that it does not know",
            "CTAP 2.1 §6.1.2 step 15",
            |registration| registration.extension("stuntkey.example", true),
        ),
    ]);
    cases
}

fn algorithms() -> Vec<AuthenticatorCase> {
    let unknown = |algorithm: i64| parameter(algorithm);
    vec![
        refuses::<Making>(
            "make-credential/algorithm/none",
            "refuse a request of whose algorithms it has none",
            "CTAP 2.1 §6.1.2 step 3",
            &[s::UNSUPPORTED_ALGORITHM],
            &[],
            move |registration| registration.with(4, Value::Array(vec![unknown(-65_000), unknown(-65_001)])),
        ),
        refuses::<Making>(
            "make-credential/algorithm/unknown-types",
            "refuse a request whose credentials are all of types that it does not know",
            "CTAP 2.1 §6.1.2 step 3",
            &[s::UNSUPPORTED_ALGORITHM],
            &[],
            |registration| {
                let entry = members! { "alg" => ES256, "type" => "private-key" };
                registration.with(4, Value::Array(vec![entry]))
            },
        ),
        refuses::<Making>(
            "make-credential/algorithm/empty",
            "refuse a request without any algorithm",
            "CTAP 2.1 §6.1.2 step 3",
            &[s::UNSUPPORTED_ALGORITHM, s::MISSING_PARAMETER, s::INVALID_PARAMETER, s::INVALID_CBOR],
            &[],
            |registration| registration.with(4, Value::Array(Vec::new())),
        )
        .should(),
        refuses::<Making>(
            "make-credential/algorithm/malformed-later",
            "refuse a request with a malformed entry behind an algorithm that it has",
            "CTAP 2.1 §6.1.2 step 3",
            &[s::INVALID_CBOR, s::CBOR_UNEXPECTED_TYPE, s::MISSING_PARAMETER],
            &[s::INVALID_PARAMETER],
            |registration| {
                let broken = members! { "alg" => "text", "type" => "public-key" };
                registration.with(4, Value::Array(vec![parameter(ES256), broken]))
            },
        )
        .only_in(FROM_2_1),
        takes::<Making>(
            "make-credential/algorithm/unknown-first",
            "pass over algorithms that it does not know",
            "CTAP 2.1 §6.1.2 step 3",
            |registration| registration.with(4, Value::Array(vec![parameter(-65_000), parameter(ES256)])),
        ),
        takes::<Making>(
            "make-credential/algorithm/unknown-type-first",
            "pass over types of credentials that it does not know",
            "CTAP 2.1 §6.1.2 step 3",
            |registration| {
                let entry = members! { "alg" => ES256, "type" => "private-key" };
                registration.with(4, Value::Array(vec![entry, parameter(ES256)]))
            },
        ),
        AuthenticatorCase::of(
            "make-credential/algorithm/first",
            "take the first algorithm of the request that it has, and not its favourite",
            "CTAP 2.1 §6.1.2 step 3",
            |stage| {
                let mut algorithms = stage.info.algorithms();
                if algorithms.len() < 2 {
                    return Err(Stop::skip("the target lists fewer than two algorithms"));
                }
                first_is_taken(stage, &algorithms)?;
                algorithms.reverse();
                first_is_taken(stage, &algorithms)
            },
        ),
    ]
}

/// Makes a credential by the first of these algorithms.
fn first_is_taken(stage: &mut Stage<'_>, algorithms: &[i64]) -> Outcome {
    let wanted = algorithms.first().copied().unwrap_or_default();
    let list = algorithms.iter().copied().map(parameter).collect();
    let registration = stage.registration().with(4, Value::Array(list));
    let made = stage.make(registration)?;
    let key: Value = ciborium::from_reader(made.record.public_key.as_slice())
        .map_err(|_| Stop::fail("the public key is no CBOR"))?;
    let taken = member(&key, &Value::from(3)).and_then(Value::as_integer).map(i128::from);
    match taken == Some(wanted.into()) {
        true => Ok(()),
        false => Err(Stop::fail(format!("it took {taken:?}, the first was {wanted}"))),
    }
}

fn options() -> Vec<AuthenticatorCase> {
    vec![
        refuses::<Making>(
            "make-credential/options/up-false",
            "refuse a registration without its user",
            "CTAP 2.1 §6.1.2 step 5",
            &[s::INVALID_OPTION],
            &[s::UNSUPPORTED_OPTION],
            |registration| registration.option("up", false),
        ),
        refuses::<Making>(
            "make-credential/options/uv",
            "refuse to verify a user where it cannot do that by itself",
            "CTAP 2.1 §6.1.2 step 5",
            // CTAP 2.0 has the second for an option that is known, and not supported.
            &[s::INVALID_OPTION, s::UNSUPPORTED_OPTION],
            &[],
            |registration| registration.unproven().option("uv", true),
        )
        .if_the_target(Need::NoBuiltInUv),
        refuses::<Making>(
            "make-credential/options/rk",
            "refuse a discoverable credential where it keeps none",
            "CTAP 2.1 §6.1.2 step 5",
            &[s::UNSUPPORTED_OPTION],
            &[s::INVALID_OPTION],
            |registration| registration.option("rk", true),
        )
        .if_the_target(Need::Disabled("rk")),
        takes::<Making>(
            "make-credential/options/unknown",
            "pass over options that it does not know",
            "CTAP 2.1 §6.1.2 step 5",
            |registration| registration.option("stuntkey", true),
        ),
        takes::<Making>(
            "make-credential/options/up-true",
            "take the option up with the value true",
            "CTAP 2.1 §6.1.2 step 5",
            |registration| registration.option("up", true),
        )
        .only_in(FROM_2_1),
    ]
}

fn answers() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "make-credential/answer/verifies",
            "attest what a relying party can verify",
            "CTAP 2.1 §6.1.2 step 19",
            |stage| stage.made().map(drop),
        ),
        AuthenticatorCase::of(
            "make-credential/answer/user-present",
            "say that its user was present",
            "CTAP 2.1 §6.1.2 step 14",
            |stage| {
                let made = stage.made()?;
                flags(made.data.has(flag::UP), "UP is not set")
            },
        ),
        AuthenticatorCase::of(
            "make-credential/answer/reserved-flags",
            "leave flags clear that have no meaning",
            "WebAuthn L3 §6.1",
            |stage| {
                let made = stage.made()?;
                flags(!made.data.has(flag::RESERVED), "a flag is set that has no meaning")
            },
        ),
        AuthenticatorCase::of(
            "make-credential/answer/no-extensions",
            "send no extension outputs that were not asked for",
            "CTAP 2.1 §6.1.2 step 15",
            |stage| {
                let made = stage.made()?;
                flags(!made.data.has(flag::ED), "extension outputs came unasked")
            },
        ),
        AuthenticatorCase::of(
            "make-credential/answer/not-verified",
            "not say that its user was verified where that was not asked for",
            "CTAP 2.1 §6.1.2 step 4",
            |stage| {
                if stage.info.option("alwaysUv") == Some(true) {
                    return Err(Stop::skip("the target always verifies its user"));
                }
                let registration = stage.registration();
                let proven = stage.authorized(registration)?;
                if proven.parameters.get(8).is_some() || proven.parameters.get(7).is_some() {
                    return Err(Stop::skip("the target asks to verify its user"));
                }
                let made = stage.make(proven)?;
                flags(!made.data.has(flag::UV), "UV is set")
            },
        )
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "make-credential/answer/touch",
            "make no credential without a touch",
            "CTAP 2.1 §6.1.2 step 14",
            |stage| {
                let registration = stage.registration();
                let registration = stage.authorized(registration)?;
                let answer = stage.send_with(&registration.request(), Hand::Cancels)?;
                let accepted = [s::KEEPALIVE_CANCEL, s::OPERATION_DENIED, s::USER_ACTION_TIMEOUT];
                stage.expect_of(&answer, "a registration that nobody touched", &accepted, &[])
            },
        )
        .if_the_target(Need::WithheldTouch),
        AuthenticatorCase::of(
            "make-credential/attestation/none",
            "attest nothing where the platform prefers none",
            "CTAP 2.2 §6.1.2 step 19",
            |stage| {
                let registration = stage.registration().with(0x0b, Value::Array(vec!["none".into()]));
                let made = stage.make(registration)?;
                match made.answer.get(1).and_then(Value::as_text) {
                    Some("none") => Ok(()),
                    other => Err(Stop::fail(format!("the format is {other:?}"))),
                }
            },
        )
        .only_in(FROM_2_3),
        takes::<Making>(
            "make-credential/attestation/unknown",
            "take a preference of formats that it does not know",
            "CTAP 2.2 §6.1.2 step 19",
            |registration| registration.with(0x0b, Value::Array(vec!["stuntkey".into()])),
        )
        .only_in(FROM_2_3),
    ]
}
