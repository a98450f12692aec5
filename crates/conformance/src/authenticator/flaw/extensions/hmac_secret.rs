//! What can go wrong with hmac-secret and hmac-secret-mc.

use ciborium::Value;

use super::super::{AuthenticatorFlaw, Call, Change};
use crate::authenticator::platform::answer::{member, number};
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::encode;
use crate::authenticator::stage::secrets::{input, with_member};

const NAME: &str = "hmac-secret";
const MC: &str = "hmac-secret-mc";

/// Secrets that change from one assertion to the next, where a call is of this kind.
macro_rules! wavers {
    ($id:expr, $sentence:literal, $is_it:expr) => {
        AuthenticatorFlaw::new(
            $id,
            $sentence,
            Change::Both(
                |_, _| {},
                |memory, call, reply| {
                    if call.command == command::GET_ASSERTION && $is_it(call) {
                        memory.count += 1;
                        reply.garble_output(NAME, u8::try_from(memory.count).unwrap_or(u8::MAX));
                    }
                },
            ),
        )
    };
}

/// Secrets of one kind that change from one assertion to the next.
macro_rules! products {
    ($salts:literal, $how_many:literal, $protocol:literal, $by:literal, $verified:literal, $user:literal) => {
        wavers!(
            concat!("extensions/hmac-secret/secrets/", $how_many, "/protocol-", $by, "/", $user),
            "gives other secrets each time, of one kind",
            |call: &Call| (salts(call), protocol(call), call.is_verified())
                == (Some($salts), Some($protocol), $verified)
        )
    };
}

/// Secrets after a registration that gave some already.
macro_rules! differs_later {
    ($salts:literal, $how_many:literal, $verified:literal, $user:literal) => {
        wavers!(
            concat!("extensions/hmac-secret-mc/same/", $how_many, "/", $user),
            "has other secrets later than as the credential is made",
            |call: &Call| (salts(call), call.is_verified()) == (Some($salts), $verified)
        )
    };
}

/// Salts of a length that is none are taken.
macro_rules! any_length {
    ($id:literal, $length:literal) => {
        answers!(GET_ASSERTION, $id, "takes salts of whatever length", |call, reply| {
            if salt_bytes(call) == Some($length) {
                reply.fail(s::OK);
            }
        })
    };
}

/// An input without a member is passed over.
macro_rules! passes_over {
    ($id:literal, $key:expr) => {
        mends!(GET_ASSERTION, $id, "passes over an input without a member", |call| {
            if call.input(NAME).is_some_and(|input| member(input, &Value::from($key)).is_none()) {
                call.set_input(NAME, None);
            }
        })
    };
}

pub(in super::super) const FLAWS: &[AuthenticatorFlaw] = &[
    mends!(MAKE_CREDENTIAL, "extensions/hmac-secret/made", "does not say that it made secrets", |call| {
        call.set_input(NAME, None);
    }),
    AuthenticatorFlaw::new(
        "extensions/hmac-secret/differs/credential",
        "gives every credential the secrets of the first",
        Change::Both(
            |memory, call| {
                if call.command == command::GET_ASSERTION
                    && call.input(NAME).is_some()
                    && let [rp_id, list] = memory.kept.as_slice()
                {
                    call.set(0x01, read(rp_id));
                    call.set(0x03, read(list));
                }
            },
            |memory, call, reply| {
                if call.command == command::GET_ASSERTION && reply.is_ok() && memory.kept.is_empty() {
                    memory.kept = [0x01, 0x03].iter().filter_map(|key| call.get(*key)).map(encode).collect();
                }
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "extensions/hmac-secret/differs/salt",
        "has one secret for all salts of a platform",
        Change::Both(
            |memory, call| {
                let key = |input: &Value| member(input, &Value::from(input::KEY_AGREEMENT)).cloned();
                let Some(input) = call.input(NAME).filter(|input| input.is_map()).cloned() else { return };
                let first = memory.kept.first().map(|first| read(first));
                match first {
                    Some(first) if key(&first) == key(&input) => call.set_input(NAME, Some(first)),
                    _ => memory.kept = vec![encode(&input)],
                }
            },
            |_, _, _| {},
        ),
    ),
    mends!(
        GET_ASSERTION,
        "extensions/hmac-secret/differs/verification",
        "has the same secrets whether or not its user was verified",
        |call| {
            if call.input(NAME).is_some() {
                call.remove(0x06);
                call.remove(0x07);
            }
        }
    ),
    wavers!("extensions/hmac-secret/same/protocols", "has other secrets by protocol two", |call: &Call| {
        protocol(call) == Some(2)
    }),
    wavers!("extensions/hmac-secret/same/power", "forgets its secrets", |_: &Call| true),
    AuthenticatorFlaw::new(
        "extensions/hmac-secret/unasked",
        "has no secrets for a credential that was made without the extension",
        Change::Both(
            |memory, call| match call.command {
                command::MAKE_CREDENTIAL => memory.count = call.input(NAME).is_some().into(),
                command::GET_ASSERTION if memory.count == 0 => call.set_input(NAME, None),
                _ => {}
            },
            |_, _, _| {},
        ),
    ),
    answers!(
        GET_NEXT_ASSERTION,
        "extensions/hmac-secret/next",
        "gives the next credential other secrets than it has alone",
        |_call, reply| {
            reply.garble_output(NAME, 1);
        }
    ),
    products!(1, "one-salt", 1, "one", true, "verified"),
    products!(1, "one-salt", 1, "one", false, "unverified"),
    products!(1, "one-salt", 2, "two", true, "verified"),
    products!(1, "one-salt", 2, "two", false, "unverified"),
    products!(2, "two-salts", 1, "one", true, "verified"),
    products!(2, "two-salts", 1, "one", false, "unverified"),
    products!(2, "two-salts", 2, "two", true, "verified"),
    products!(2, "two-salts", 2, "two", false, "unverified"),
    mends!(
        GET_ASSERTION,
        "extensions/hmac-secret/up-false",
        "waits for a touch that was not asked for",
        |call| {
            if call.input(NAME).is_some() {
                call.without_option("up", false);
            }
        }
    ),
    answers!(
        GET_ASSERTION,
        "extensions/hmac-secret/default-protocol",
        "wants the protocol to be named",
        |call, reply| {
            if call.input(NAME).is_some() && protocol(call).is_none() {
                reply.fail(s::MISSING_PARAMETER);
            }
        }
    ),
    answers!(
        GET_ASSERTION,
        "extensions/hmac-secret/salt-auth/wrong",
        "does not look at the proof of the salts",
        |call, reply| {
            if call.input(NAME).is_some() {
                reply.instead(s::PIN_AUTH_INVALID, s::OK);
            }
        }
    ),
    answers!(
        GET_ASSERTION,
        "extensions/hmac-secret/salt-auth/short",
        "looks at the first bytes of the proof alone",
        |call, reply| {
            if bytes(call, input::SALT_AUTH) == Some(8) {
                reply.fail(s::OK);
            }
        }
    ),
    answers!(
        GET_ASSERTION,
        "extensions/hmac-secret/key-agreement/off-curve",
        "takes a point that is not on the curve",
        |call, reply| {
            if call.input(NAME).is_some() {
                reply.instead(s::INVALID_PARAMETER, s::OK);
            }
        }
    ),
    mends!(
        GET_ASSERTION,
        "extensions/hmac-secret/protocol/unknown",
        "takes a protocol that it does not know for protocol two",
        |call| {
            if protocol(call) == Some(0x7f)
                && let Some(input) = call.input(NAME)
            {
                let mended = with_member(input, input::PROTOCOL, Some(2.into()));
                call.set_input(NAME, Some(mended));
            }
        }
    ),
    mends!(
        GET_ASSERTION,
        "extensions/hmac-secret/input/no-map",
        "passes over an input that is no map",
        |call| {
            if call.input(NAME).is_some_and(|input| !input.is_map()) {
                call.set_input(NAME, None);
            }
        }
    ),
    any_length!("extensions/hmac-secret/salt-length/16", 16),
    any_length!("extensions/hmac-secret/salt-length/48", 48),
    any_length!("extensions/hmac-secret/salt-length/96", 96),
    passes_over!("extensions/hmac-secret/missing/keyAgreement", input::KEY_AGREEMENT),
    passes_over!("extensions/hmac-secret/missing/saltEnc", input::SALT_ENC),
    passes_over!("extensions/hmac-secret/missing/saltAuth", input::SALT_AUTH),
    answers!(
        MAKE_CREDENTIAL,
        "extensions/hmac-secret-mc/beside",
        "says nothing of secrets where it gives some",
        |call, reply| {
            if call.input(MC).is_some() {
                reply.set_output(NAME, None);
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/hmac-secret-mc/alone",
        "takes hmac-secret-mc without hmac-secret",
        |call| {
            if call.input(MC).is_some() {
                call.set_input(NAME, Some(true.into()));
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "extensions/hmac-secret-mc/salt-auth",
        "does not look at the proof of the salts of a registration",
        |call, reply| {
            if call.input(MC).is_some() {
                reply.instead(s::PIN_AUTH_INVALID, s::OK);
            }
        }
    ),
    differs_later!(1, "one-salt", true, "verified"),
    differs_later!(1, "one-salt", false, "unverified"),
    differs_later!(2, "two-salts", true, "verified"),
    differs_later!(2, "two-salts", false, "unverified"),
];

fn read(encoded: &[u8]) -> Value {
    ciborium::from_reader(encoded).unwrap_or(Value::Null)
}

fn of_input(call: &Call, key: u64) -> Option<&Value> {
    member(call.input(NAME)?, &Value::from(key))
}

/// The length of a byte string of the input.
fn bytes(call: &Call, key: u64) -> Option<usize> {
    of_input(call, key)?.as_bytes().map(Vec::len)
}

fn protocol(call: &Call) -> Option<u64> {
    number(of_input(call, input::PROTOCOL)?)
}

/// How long the salts are; protocol two has an initialisation vector before them.
fn salt_bytes(call: &Call) -> Option<usize> {
    let vector = if protocol(call) == Some(2) { 16 } else { 0 };
    bytes(call, input::SALT_ENC)?.checked_sub(vector)
}

fn salts(call: &Call) -> Option<usize> {
    salt_bytes(call).map(|length| length / 32)
}
