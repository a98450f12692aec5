//! What can go wrong with what tokens and retries outlive, and with verification by the authenticator itself.

use ciborium::Value;

use super::super::{AuthenticatorFlaw, Change};
use super::is;
use crate::authenticator::platform::answer::number;
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::parameters::encode;
use crate::authenticator::stage::pin::sub;

const UV: u64 = sub::GET_TOKEN_USING_UV;

/// A token is not taken where it is to be taken, or is where it is not.
macro_rules! tokens {
    ($command:ident, $id:literal, $sentence:literal) => {
        answers!($command, $id, $sentence, |_call, reply| {
            let wrong = if reply.is_ok() { s::PIN_AUTH_INVALID } else { s::OK };
            reply.fail(wrong);
        })
    };
}

pub(in super::super) const FLAWS: &[AuthenticatorFlaw] = &[
    AuthenticatorFlaw::new(
        "client-pin/retries/power",
        "forgets wrong PINs by and by",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if !is(call, sub::GET_PIN_RETRIES) || !reply.is_ok() {
                    return;
                }
                memory.count += 1;
                // The third time that it is asked.
                if memory.count > 2 {
                    reply.set(0x03, 8);
                }
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "client-pin/key-agreement/protocols",
        "has one key for both protocols",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if is(call, sub::GET_KEY_AGREEMENT) && reply.is_ok() {
                    match memory.kept.first() {
                        Some(first) => reply.bytes = Some(first.clone()),
                        None => memory.kept.push(encode(&reply.body.clone().unwrap_or(Value::Null))),
                    }
                }
            },
        ),
    ),
    tokens!(
        GET_ASSERTION,
        "client-pin/get-pin-token/ceremonies",
        "takes tokens of getPinToken for registrations alone"
    ),
    AuthenticatorFlaw::new(
        "client-pin/get-pin-token/bound",
        "does not bind tokens of getPinToken",
        Change::Answer(|call, reply| {
            if call.command == command::GET_ASSERTION {
                reply.instead(s::PIN_AUTH_INVALID, s::OK);
            }
        }),
    ),
    tokens!(
        CREDENTIAL_MANAGEMENT,
        "client-pin/get-pin-token/management",
        "lets tokens of getPinToken manage credentials"
    ),
    mends!(
        CLIENT_PIN / sub::GET_TOKEN_USING_PIN,
        "client-pin/read-only/mixed",
        "gives a token that reads where one was asked for that does more",
        |call| {
            let wanted = call.number(0x09).unwrap_or_default();
            if wanted & permission::READ_CREDENTIALS != 0 {
                call.set(0x09, permission::READ_CREDENTIALS);
            }
        }
    ),
    tokens!(
        GET_ASSERTION,
        "client-pin/read-only/other-token",
        "takes no other token any more after one that only reads"
    ),
    tokens!(
        CREDENTIAL_MANAGEMENT,
        "client-pin/read-only/kept",
        "forgets tokens that only read when it gives another"
    ),
    tokens!(GET_ASSERTION, "client-pin/read-only/ceremony", "signs with tokens that only read"),
    answers!(
        CLIENT_PIN / sub::GET_UV_RETRIES,
        "client-pin/built-in/retries",
        "tells more retries than there may be",
        |_call, reply| {
            if reply.get(0x05).and_then(number).is_some() {
                reply.set(0x05, 26);
            }
        }
    ),
    answers!(CLIENT_PIN / UV, "client-pin/built-in/token", "gives a token that is none", |_call, reply| {
        reply.change(0x02, |token| {
            if let Value::Bytes(bytes) = token
                && let Some(last) = bytes.last_mut()
            {
                *last ^= 1;
            }
        });
    }),
    AuthenticatorFlaw::new(
        "client-pin/built-in/untouched",
        "gives a token before anybody came",
        Change::Request(|call| {
            if is(call, UV) {
                // It answers at once.
                (call.command, call.parameters) = (command::GET_INFO, None);
                call.bytes.clear();
            }
        }),
    ),
    mends!(
        CLIENT_PIN / UV,
        "client-pin/built-in/no-permissions",
        "gives a permission where none was asked for",
        |call| {
            if matches!(call.number(0x09), None | Some(0)) {
                call.set(0x09, permission::GET_ASSERTION);
                call.set(0x0a, "example.com");
            }
        }
    ),
    mends!(
        CLIENT_PIN / UV,
        "client-pin/built-in/no-rp-id",
        "gives a token for assertions anywhere",
        |call| {
            if call.get(0x0a).is_none() {
                call.set(0x0a, "example.com");
            }
        }
    ),
];
