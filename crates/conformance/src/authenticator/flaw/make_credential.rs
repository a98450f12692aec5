//! What can go wrong as a credential is made.

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change, Reply};
use crate::authenticator::platform::answer::named;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::members;
use crate::authenticator::stage::ceremony::{ES256, descriptor, parameter};

/// A member of another type is taken for one that is fine.
macro_rules! tolerates {
    ($id:literal, $key:literal, $fair:expr, $is_fair:expr) => {
        mends!(MAKE_CREDENTIAL, $id, "takes a member of another type for a fair one", |call| {
            if let Some(value) = call.get($key)
                && !$is_fair(value)
            {
                call.set($key, $fair);
            }
        })
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/missing/clientDataHash",
        "signs a hash of zeros where there is none",
        |call| {
            absent(call, 0x01, || Value::from(vec![0; 32]));
        }
    ),
    mends!(MAKE_CREDENTIAL, "make-credential/missing/rp", "makes credentials for no relying party", |call| {
        absent(call, 0x02, || members! { "id" => "example.com" });
    }),
    mends!(MAKE_CREDENTIAL, "make-credential/missing/user", "makes credentials for no user", |call| {
        absent(call, 0x03, || members! { "id" => vec![1_u8], "name" => "a" });
    }),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/missing/pubKeyCredParams",
        "takes ES256 where nothing was asked for",
        |call| {
            absent(call, 0x04, || Value::Array(vec![parameter(ES256)]));
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/missing/rp.id",
        "makes credentials for a relying party without an id",
        |call| {
            if call.get(0x02).is_some_and(|rp| named(rp, "id").is_none()) {
                call.set(0x02, members! { "id" => "example.com" });
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/missing/user.id",
        "makes credentials for a user without an id",
        |call| {
            if call.get(0x03).is_some_and(|user| named(user, "id").is_none()) {
                call.set(0x03, members! { "id" => vec![1_u8], "name" => "a" });
            }
        }
    ),
    tolerates!("make-credential/type/clientDataHash", 0x01, Value::from(vec![0; 32]), Value::is_bytes),
    tolerates!("make-credential/type/rp", 0x02, members! { "id" => "example.com" }, Value::is_map),
    tolerates!(
        "make-credential/type/user",
        0x03,
        members! { "id" => vec![1_u8], "name" => "a" },
        Value::is_map
    ),
    tolerates!(
        "make-credential/type/pubKeyCredParams",
        0x04,
        Value::Array(vec![parameter(ES256)]),
        Value::is_array
    ),
    tolerates!("make-credential/type/excludeList", 0x05, Value::Array(Vec::new()), Value::is_array),
    tolerates!("make-credential/type/extensions", 0x06, Value::Map(Vec::new()), Value::is_map),
    tolerates!("make-credential/type/options", 0x07, Value::Map(Vec::new()), Value::is_map),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/type/pinUvAuthParam",
        "says that a param of another type is no command",
        |call, reply| {
            if call.get(0x08).is_some_and(|param| !param.is_bytes()) {
                reply.fail(s::INVALID_COMMAND);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/type/pinUvAuthProtocol",
        "says that a protocol of another type is no command",
        |call, reply| {
            if call.get(0x09).is_some_and(|protocol| !protocol.is_integer()) {
                reply.fail(s::INVALID_COMMAND);
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/length/client-data-hash",
        "signs a hash of any length",
        |call| {
            if call.get(0x01).and_then(Value::as_bytes).is_some_and(|hash| hash.len() != 32) {
                call.set(0x01, vec![0; 32]);
            }
        }
    ),
    mends!(MAKE_CREDENTIAL, "make-credential/length/user.id", "keeps a user.id of any length", |call| {
        let id = call.get(0x03).and_then(|user| named(user, "id")).and_then(Value::as_bytes);
        if id.is_some_and(|id| id.len() > 64) {
            call.set(0x03, members! { "id" => vec![1_u8], "name" => "a" });
        }
    }),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/user/64-bytes",
        "refuses a user.id of 64 bytes",
        |call, reply| {
            let id = call.get(0x03).and_then(|user| named(user, "id")).and_then(Value::as_bytes);
            if id.is_some_and(|id| id.len() == 64) {
                reply.fail(s::INVALID_LENGTH);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/user/long-names",
        "refuses names of more than 64 bytes",
        |call, reply| {
            let name = call.get(0x03).and_then(|user| named(user, "name")).and_then(Value::as_text);
            if name.is_some_and(|name| name.len() > 64) {
                reply.fail(s::LIMIT_EXCEEDED);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/user/id-alone",
        "refuses a user without a name",
        |call, reply| {
            if call.get(0x03).is_some_and(|user| user.is_map() && named(user, "name").is_none()) {
                reply.fail(s::MISSING_PARAMETER);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/rp/id-alone",
        "refuses a relying party without a name",
        |call, reply| {
            if call.get(0x02).is_some_and(|rp| rp.is_map() && named(rp, "name").is_none()) {
                reply.fail(s::MISSING_PARAMETER);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/unknown/member",
        "refuses members that it does not know",
        |call, reply| {
            if call.get(0x5f).is_some() {
                reply.fail(s::INVALID_PARAMETER);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/unknown/extension",
        "refuses extensions that it does not know",
        |call, reply| {
            if call.get(0x06).is_some_and(|extensions| named(extensions, "stuntkey.example").is_some()) {
                reply.fail(s::UNSUPPORTED_OPTION);
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/algorithm/none",
        "takes ES256 where it has none of the algorithms",
        |call| {
            let unknown = |entry: &Value| {
                named(entry, "alg").and_then(Value::as_integer).is_some_and(|alg| i128::from(alg) < -60_000)
            };
            if entries(call).is_some_and(|list| !list.is_empty() && list.iter().all(unknown)) {
                call.set(0x04, Value::Array(vec![parameter(ES256)]));
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/algorithm/unknown-types",
        "takes every type of credential for a public key",
        |call| {
            let of_keys = |entry: &Value| named(entry, "type").and_then(Value::as_text) == Some("public-key");
            if entries(call).is_some_and(|list| !list.is_empty() && !list.iter().any(of_keys)) {
                call.set(0x04, Value::Array(vec![parameter(ES256)]));
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/algorithm/empty",
        "takes ES256 where nothing is listed",
        |call| {
            if entries(call).is_some_and(|list| list.is_empty()) {
                call.set(0x04, Value::Array(vec![parameter(ES256)]));
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/algorithm/malformed-later",
        "stops reading at the first algorithm that it has",
        |call| {
            let is_fair = |entry: &&Value| named(entry, "alg").is_some_and(Value::is_integer);
            if let Some(list) = entries(call) {
                let fair: Vec<Value> = list.iter().filter(is_fair).cloned().collect();
                if !fair.is_empty() && fair.len() < list.len() {
                    call.set(0x04, Value::Array(fair));
                }
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/algorithm/unknown-first",
        "looks at the first algorithm alone",
        |call, reply| {
            let first =
                entries(call).and_then(|list| list.first().and_then(|entry| named(entry, "alg")).cloned());
            if first.and_then(|alg| alg.as_integer()).is_some_and(|alg| i128::from(alg) < -60_000) {
                reply.fail(s::UNSUPPORTED_ALGORITHM);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/algorithm/unknown-type-first",
        "looks at the first type alone",
        |call, reply| {
            let first =
                entries(call).and_then(|list| list.first().and_then(|entry| named(entry, "type")).cloned());
            if first.as_ref().and_then(Value::as_text).is_some_and(|kind| kind != "public-key") {
                reply.fail(s::UNSUPPORTED_ALGORITHM);
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/algorithm/first",
        "takes its favourite algorithm, whatever comes first",
        |call| {
            if let Some(list) = entries(call)
                && list.contains(&parameter(ES256))
            {
                call.set(0x04, Value::Array(vec![parameter(ES256)]));
            }
        }
    ),
    mends!(MAKE_CREDENTIAL, "make-credential/options/up-false", "makes credentials with up false", |call| {
        call.without_option("up", false);
    }),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/options/uv",
        "does not look at uv where it verifies nobody",
        |call| {
            call.without_option("uv", true);
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/options/rk",
        "makes another credential where it keeps no discoverable ones",
        |call| {
            call.without_option("rk", true);
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/options/unknown",
        "refuses options that it does not know",
        |call, reply| {
            if call.get(0x07).is_some_and(|options| named(options, "stuntkey").is_some()) {
                reply.fail(s::UNSUPPORTED_OPTION);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/options/up-true",
        "refuses the option up, whatever its value",
        |call, reply| {
            if call.get(0x07).is_some_and(|options| named(options, "up").is_some()) {
                reply.fail(s::INVALID_OPTION);
            }
        }
    ),
    mends!(MAKE_CREDENTIAL, "make-credential/exclude/known", "does not look at the exclude list", |call| {
        call.remove(0x05);
    }),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/exclude/later-entry",
        "looks at the first entry of the exclude list alone",
        |call| {
            let first = call.get(0x05).and_then(Value::as_array).and_then(|list| list.first()).cloned();
            if let Some(first) = first {
                call.set(0x05, Value::Array(vec![first]));
            }
        }
    ),
    AuthenticatorFlaw::new(
        "make-credential/exclude/touch",
        "says at once that a credential is excluded",
        Change::Request(|call| {
            // An empty command is answered without a touch, and then taken for a credential that is excluded.
            if call.command == command::MAKE_CREDENTIAL && call.get(0x05).is_some() {
                call.remove(0x02);
            }
        }),
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/exclude/other-rp",
        "excludes credentials of every relying party",
        |call, reply| {
            excluded_by_list(call, reply);
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/exclude/unknown-id",
        "excludes credentials that it does not know",
        |call, reply| {
            excluded_by_list(call, reply);
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/exclude/unknown-type",
        "does not look at the types of the exclude list",
        |call| {
            let list = call.get(0x05).and_then(Value::as_array).cloned().unwrap_or_default();
            let ids = list.iter().filter_map(|entry| named(entry, "id")).filter_map(Value::as_bytes);
            let fair: Vec<Value> = ids.map(|id| descriptor(id)).collect();
            if !fair.is_empty() {
                call.set(0x05, Value::Array(fair));
            }
        }
    ),
    answers!(MAKE_CREDENTIAL, "make-credential/answer/verifies", "signs something else", |_call, reply| {
        reply.change_data(|data| {
            if let Some(last) = data.last_mut() {
                *last ^= 1;
            }
        });
    }),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/answer/user-present",
        "does not say that its user was present",
        |_call, reply| {
            reply.change_flags(|flags| flags & !0x01);
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/answer/reserved-flags",
        "sets a flag that has no meaning",
        |_call, reply| {
            reply.change_flags(|flags| flags | 0x02);
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/answer/no-extensions",
        "says that extension outputs follow",
        |_call, reply| {
            reply.change_flags(|flags| flags | 0x80);
            reply.change_data(|data| data.push(0xa0));
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/answer/not-verified",
        "says that its user was verified",
        |_call, reply| {
            reply.change_flags(|flags| flags | 0x04);
        }
    ),
    AuthenticatorFlaw::new(
        "make-credential/answer/touch",
        "answers that all is well where nobody touched it",
        Change::Answer(|call, reply| {
            if call.command == command::MAKE_CREDENTIAL && !reply.is_ok() {
                reply.status = s::OK;
            }
        }),
    ),
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/attestation/none",
        "attests whatever the platform prefers",
        |call| {
            call.remove(0x0b);
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/attestation/unknown",
        "refuses formats that it does not know",
        |call, reply| {
            let list = call.get(0x0b).and_then(Value::as_array);
            if list.is_some_and(|list| list.iter().any(|format| format.as_text() == Some("stuntkey"))) {
                reply.fail(s::UNSUPPORTED_OPTION);
            }
        }
    ),
];

/// Sets a member that is not there.
fn absent(call: &mut Call, key: u64, value: fn() -> Value) {
    if call.get(key).is_none() {
        call.set(key, value());
    }
}

/// The entries of pubKeyCredParams.
fn entries(call: &Call) -> Option<Vec<Value>> {
    call.get(0x04).and_then(Value::as_array).cloned()
}

/// Says that a credential is excluded where the list has an entry.
fn excluded_by_list(call: &Call, reply: &mut Reply) {
    if call.get(0x05).and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
        reply.fail(s::CREDENTIAL_EXCLUDED);
    }
}
