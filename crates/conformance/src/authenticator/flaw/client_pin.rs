//! What can go wrong with PINs and tokens.

pub(super) mod lifetimes;

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change, Reply};
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::stage::pin::sub;

const SET: u64 = sub::SET_PIN;
const CHANGE: u64 = sub::CHANGE_PIN;
const TOKEN: u64 = sub::GET_PIN_TOKEN;
const PERMITTED: u64 = sub::GET_TOKEN_USING_PIN;
const KEY: u64 = sub::GET_KEY_AGREEMENT;

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    AuthenticatorFlaw::new(
        "client-pin/sub-command/missing",
        "takes a request without a sub-command for getPINRetries",
        Change::Request(|call| {
            if call.command == command::CLIENT_PIN && call.get(0x02).is_none() {
                call.set(0x02, 1);
            }
        }),
    ),
    says!(
        CLIENT_PIN / 0x7f,
        "client-pin/sub-command/unknown",
        "says that all is well where it does not know a sub-command",
        s::INVALID_SUBCOMMAND,
        s::OK
    ),
    mends!(
        CLIENT_PIN / KEY,
        "client-pin/key-agreement/no-protocol",
        "takes protocol two where none is named",
        |call| {
            if call.get(0x01).is_none() {
                call.set(0x01, 2);
            }
        }
    ),
    mends!(
        CLIENT_PIN / KEY,
        "client-pin/key-agreement/unknown-protocol",
        "takes every protocol for protocol one",
        |call| {
            if call.number(0x01) == Some(0x7f) {
                call.set(0x01, 1);
            }
        }
    ),
    answers!(
        CLIENT_PIN / KEY,
        "client-pin/key-agreement/shape",
        "gives a key of another algorithm",
        |_call, reply| {
            reply.change(0x01, |key| super::set(key, Value::from(3), Some(Value::from(-7))));
        }
    ),
    AuthenticatorFlaw::new(
        "client-pin/key-agreement/stable",
        "gives another key each time",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if is(call, KEY) {
                    memory.count += 1;
                    let x = vec![u8::try_from(memory.count % 251).unwrap_or_default(); 32];
                    reply.change(0x01, |key| super::set(key, Value::from(-2), Some(Value::from(x))));
                }
            },
        ),
    ),
    answers!(
        CLIENT_PIN / sub::GET_PIN_RETRIES,
        "client-pin/retries/told",
        "tells that 99 wrong PINs are left",
        |_call, reply| {
            reply.set(0x03, 99);
        }
    ),
    answers!(
        CLIENT_PIN / sub::GET_PIN_RETRIES,
        "client-pin/retries/no-protocol",
        "tells the retries of a protocol alone",
        |call, reply| {
            if call.get(0x01).is_none() {
                reply.fail(s::INVALID_PARAMETER);
            }
        }
    ),
    AuthenticatorFlaw::new(
        "client-pin/uv-retries/none",
        "tells retries of a verification that it has not",
        Change::Request(|call| {
            if is(call, sub::GET_UV_RETRIES) {
                call.set(0x02, sub::GET_PIN_RETRIES);
            }
        }),
    ),
    missing("client-pin/set-pin/missing/pinUvAuthProtocol", 0x01),
    missing("client-pin/set-pin/missing/keyAgreement", 0x03),
    missing("client-pin/set-pin/missing/pinUvAuthParam", 0x04),
    missing("client-pin/set-pin/missing/newPinEnc", 0x05),
    says!(
        CLIENT_PIN / SET,
        "client-pin/set-pin/proof",
        "says that the PIN is wrong where the proof is",
        s::PIN_AUTH_INVALID,
        s::PIN_INVALID
    ),
    says!(
        CLIENT_PIN / SET,
        "client-pin/set-pin/short",
        "sets a PIN of three digits",
        s::PIN_POLICY_VIOLATION,
        s::OK
    ),
    says!(
        CLIENT_PIN / SET,
        "client-pin/set-pin/code-points",
        "counts bytes in the place of code points",
        s::PIN_POLICY_VIOLATION,
        s::OK
    ),
    answers!(
        CLIENT_PIN / SET,
        "client-pin/set-pin/unpadded",
        "sets a PIN that fills all 64 bytes",
        |_call, reply| {
            if !reply.is_ok() {
                reply.status = s::OK;
            }
        }
    ),
    answers!(
        CLIENT_PIN / SET,
        "client-pin/set-pin/length",
        "sets a PIN of another length",
        |_call, reply| {
            if !reply.is_ok() {
                reply.status = s::OK;
            }
        }
    ),
    says!(
        CLIENT_PIN / SET,
        "client-pin/set-pin/key-agreement",
        "says that there is no such command where a key is no point",
        s::INVALID_PARAMETER,
        s::INVALID_COMMAND
    ),
    AuthenticatorFlaw::new(
        "client-pin/set-pin/sets",
        "says that a PIN is set, and sets none",
        Change::Answer(|call, reply| {
            // Something else is asked for, and the answer taken for this one's.
            if is(call, TOKEN) && reply.is_ok() {
                reply.fail(s::PIN_NOT_SET);
            }
        }),
    ),
    says!(
        CLIENT_PIN / SET,
        "client-pin/set-pin/four-code-points",
        "takes digits alone",
        s::OK,
        s::PIN_POLICY_VIOLATION
    ),
    says!(
        CLIENT_PIN / SET,
        "client-pin/set-pin/longest",
        "takes no PIN of 63 bytes",
        s::OK,
        s::PIN_POLICY_VIOLATION
    ),
    answers!(
        CLIENT_PIN / CHANGE,
        "client-pin/change-pin/none-set",
        "says that all is well where there is no PIN to change",
        |_call, reply| {
            if !reply.is_ok() {
                reply.status = s::OK;
            }
        }
    ),
    answers!(
        CLIENT_PIN / SET,
        "client-pin/set-pin/twice",
        "says that a second PIN is set",
        |_call, reply| {
            if !reply.is_ok() {
                reply.status = s::OK;
            }
        }
    ),
    AuthenticatorFlaw::new(
        "client-pin/change-pin/changes",
        "takes every PIN after the PIN was changed",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(is(call, CHANGE));
                if memory.count == 1 && is(call, TOKEN) {
                    reply.instead(s::PIN_INVALID, s::OK);
                }
            },
        ),
    ),
    says!(
        CLIENT_PIN / CHANGE,
        "client-pin/change-pin/wrong",
        "says that the proof is wrong where the PIN is",
        s::PIN_INVALID,
        s::PIN_AUTH_INVALID
    ),
    says!(
        CLIENT_PIN / CHANGE,
        "client-pin/change-pin/proof",
        "says that the PIN is wrong where the proof is",
        s::PIN_AUTH_INVALID,
        s::PIN_INVALID
    ),
    says!(
        CLIENT_PIN / CHANGE,
        "client-pin/change-pin/short",
        "says that a PIN of three digits is set",
        s::PIN_POLICY_VIOLATION,
        s::OK
    ),
    AuthenticatorFlaw::new(
        "client-pin/change-pin/tokens",
        "says that a token is over by another status",
        Change::Answer(|call, reply| {
            if call.command == command::GET_ASSERTION {
                reply.instead(s::PIN_AUTH_INVALID, s::PIN_TOKEN_EXPIRED);
            }
        }),
    ),
    answers!(CLIENT_PIN / TOKEN, "client-pin/token/given", "gives a token of 31 bytes", |_call, reply| {
        reply.change(0x02, |token| {
            if let Value::Bytes(bytes) = token {
                bytes.pop();
            }
        });
    }),
    says!(
        CLIENT_PIN / TOKEN,
        "client-pin/token/wrong",
        "says that the proof is wrong where the PIN is",
        s::PIN_INVALID,
        s::PIN_AUTH_INVALID
    ),
    AuthenticatorFlaw::new(
        "client-pin/token/restores",
        "gives no retry back",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(is(call, TOKEN) && reply.status == s::PIN_INVALID);
                let left = super::super::platform::answer::number(reply.get(0x03).unwrap_or(&Value::Null));
                if let (true, Some(left)) = (is(call, sub::GET_PIN_RETRIES), left) {
                    reply.set(0x03, left.saturating_sub(memory.count));
                }
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "client-pin/token/key-renewed",
        "gives the same key for key agreement for ever",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if is(call, KEY) && reply.is_ok() {
                    match memory.kept.first() {
                        Some(first) => reply.bytes = Some(first.clone()),
                        None => {
                            let body = reply.body.clone().unwrap_or(Value::Null);
                            memory.kept.push(crate::authenticator::platform::parameters::encode(&body));
                        }
                    }
                }
            },
        ),
    ),
    says!(
        CLIENT_PIN / TOKEN,
        "client-pin/token/blocked",
        "never says that it takes no PIN any more",
        s::PIN_AUTH_BLOCKED,
        s::PIN_INVALID
    ),
    says!(
        CLIENT_PIN / TOKEN,
        "client-pin/token/none-set",
        "says that all is well where no PIN is set",
        s::PIN_NOT_SET,
        s::OK
    ),
    mends!(
        CLIENT_PIN / PERMITTED,
        "client-pin/permissions/missing",
        "gives a permission that nobody asked for",
        |call| {
            if call.get(0x09).is_none() {
                call.set(0x09, 2);
                call.set(0x0a, "example.com");
            }
        }
    ),
    mends!(
        CLIENT_PIN / PERMITTED,
        "client-pin/permissions/zero",
        "gives a permission where none is asked for",
        |call| {
            if call.number(0x09) == Some(0) {
                call.set(0x09, 2);
                call.set(0x0a, "example.com");
            }
        }
    ),
    mends!(
        CLIENT_PIN / TOKEN,
        "client-pin/permissions/get-pin-token",
        "does not look at permissions of getPinToken",
        |call| {
            call.remove(0x09);
        }
    ),
    mends!(
        CLIENT_PIN / PERMITTED,
        "client-pin/permissions/rp-id",
        "gives tokens for every relying party",
        |call| {
            if call.number(0x09) == Some(1) && call.get(0x0a).is_none() {
                call.set(0x0a, "example.com");
            }
        }
    ),
    answers!(
        CLIENT_PIN / PERMITTED,
        "client-pin/permissions/unknown",
        "refuses permissions that no document defines",
        |call, reply| {
            if call.number(0x09).is_some_and(|permissions| permissions & 0x80 != 0) {
                reply.fail(s::UNAUTHORIZED_PERMISSION);
            }
        }
    ),
    AuthenticatorFlaw::new(
        "client-pin/permissions/older-token",
        "says that an older token is over by another status",
        Change::Answer(|call, reply| {
            if call.command == command::GET_ASSERTION {
                reply.instead(s::PIN_AUTH_INVALID, s::NOT_ALLOWED);
            }
        }),
    ),
    permission("client-pin/permissions/credential-management"),
    permission("client-pin/permissions/bio-enrollment"),
    permission("client-pin/permissions/large-blob-write"),
    permission("client-pin/permissions/config"),
    permission("client-pin/permissions/read-credentials"),
];

/// Whether it is this sub-command.
fn is(call: &Call, wanted: u64) -> bool {
    call.command == command::CLIENT_PIN && call.sub_command() == Some(wanted)
}

/// Says another error where a member of setPIN is missing.
const fn missing(id: &'static str, _key: u64) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "says another error where a member of setPIN is missing",
        Change::Answer(|call, reply| {
            if is(call, SET) {
                reply.instead(s::MISSING_PARAMETER, s::INVALID_PARAMETER);
            }
        }),
    )
}

/// Gives and refuses permissions the other way round.
const fn permission(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "refuses a permission that it should give, and gives one that it should refuse",
        Change::Answer(|call, reply| {
            if is(call, PERMITTED) {
                turn(reply);
            }
        }),
    )
}

fn turn(reply: &mut Reply) {
    match reply.status {
        s::OK => reply.fail(s::UNAUTHORIZED_PERMISSION),
        s::UNAUTHORIZED_PERMISSION => reply.status = s::OK,
        _ => {}
    }
}
