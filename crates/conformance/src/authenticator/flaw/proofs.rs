//! What can go wrong with the proofs that a user was verified.

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change};
use crate::authenticator::platform::answer::named;
use crate::authenticator::platform::code::{command, permission, status as s};

/// The flaws that registrations and assertions both can have.
macro_rules! of_both {
    ($command:ident, $chapter:literal, $other:ident) => {
        &[
            answers!(
                $command,
                concat!($chapter, "/empty-proof/no-pin"),
                "says that a PIN is set where none is",
                |call, reply| {
                    if is_empty(call) {
                        reply.instead(s::PIN_NOT_SET, s::PIN_INVALID);
                    }
                }
            ),
            answers!(
                $command,
                concat!($chapter, "/empty-proof/pin"),
                "says that no PIN is set where one is",
                |call, reply| {
                    if is_empty(call) {
                        reply.instead(s::PIN_INVALID, s::PIN_NOT_SET);
                    }
                }
            ),
            AuthenticatorFlaw::new(
                concat!($chapter, "/empty-proof/untouched"),
                "tells whether a PIN is set, though nobody touched it",
                Change::Both(
                    |memory, call| {
                        memory.count = (call.command == command::$command && is_empty(call)).into();
                        if memory.count > 0 {
                            call.set(keys(call).1, vec![0; 32]);
                        }
                    },
                    |memory, _, reply| {
                        if memory.count > 0 {
                            reply.instead(s::PIN_AUTH_INVALID, s::PIN_INVALID);
                        }
                    },
                ),
            ),
            says!(
                $command,
                concat!($chapter, "/token/wrong"),
                "says that the PIN is wrong where a proof is",
                s::PIN_AUTH_INVALID,
                s::PIN_INVALID
            ),
            says!(
                $command,
                concat!($chapter, "/token/other-hash"),
                "takes whatever proof there is",
                s::PIN_AUTH_INVALID,
                s::OK
            ),
            answers!(
                $command,
                concat!($chapter, "/token/short"),
                "takes a proof that begins as it should",
                |call, reply| {
                    if param(call).is_some_and(|param| matches!(param.len(), 15 | 31)) {
                        reply.fail(s::OK);
                    }
                }
            ),
            mends!(
                $command,
                concat!($chapter, "/token/long"),
                "looks at the first bytes of a proof alone",
                |call| {
                    let short = match param(call).map(Vec::as_slice) {
                        Some([short @ .., _]) if matches!(short.len(), 16 | 32) => short.to_vec(),
                        _ => return,
                    };
                    call.set(keys(call).1, short);
                }
            ),
            mends!(
                $command,
                concat!($chapter, "/token/no-protocol"),
                "tells the protocol by the length of the proof where it is not named",
                |call| {
                    if protocol(call).is_none() {
                        by_length(call);
                    }
                }
            ),
            mends!(
                $command,
                concat!($chapter, "/token/unknown-protocol"),
                "tells the protocol by the length of the proof where it does not know it",
                |call| {
                    if protocol(call) == Some(0x7f) {
                        by_length(call);
                    }
                }
            ),
            answers!(
                $command,
                concat!($chapter, "/token/other-protocol"),
                "takes the token of one protocol for the other's",
                |call, reply| {
                    if protocol(call) == Some(1) {
                        reply.instead(s::PIN_AUTH_INVALID, s::OK);
                    }
                }
            ),
            says!(
                $command,
                concat!($chapter, "/token/power"),
                "says that a token is over where it knows none",
                s::PIN_AUTH_INVALID,
                s::PIN_TOKEN_EXPIRED
            ),
            answers!(
                $command,
                concat!($chapter, "/token/verified/one"),
                "does not say that its user was verified, by protocol one",
                |call, reply| {
                    if protocol(call) == Some(1) {
                        reply.change_flags(|flags| flags & !0x04);
                    }
                }
            ),
            answers!(
                $command,
                concat!($chapter, "/token/verified/two"),
                "does not say that its user was verified, by protocol two",
                |call, reply| {
                    if protocol(call) == Some(2) {
                        reply.change_flags(|flags| flags & !0x04);
                    }
                }
            ),
            AuthenticatorFlaw::new(
                concat!($chapter, "/token/permission"),
                "gives tokens that are for everything",
                Change::Request(|call| {
                    if call.command == command::CLIENT_PIN && call.number(0x09) == Some(permission::$other) {
                        call.set(0x09, permission::MAKE_CREDENTIAL | permission::GET_ASSERTION);
                    }
                }),
            ),
            AuthenticatorFlaw::new(
                concat!($chapter, "/token/rp-id"),
                "does not bind tokens to a relying party",
                Change::Request(|call| {
                    if call.command == command::CLIENT_PIN && call.get(0x0a).is_some() {
                        // A token of getPinToken is bound by its first use.
                        call.set(0x02, 5);
                        call.remove(0x09);
                        call.remove(0x0a);
                    }
                }),
            ),
            says!(
                $command,
                concat!($chapter, "/token/once"),
                "says that a token may not do that where it was used",
                s::PIN_AUTH_INVALID,
                s::UNAUTHORIZED_PERMISSION
            ),
            answers!(
                $command,
                concat!($chapter, "/token/uv-too"),
                "does not take the option uv beside a token",
                |call, reply| {
                    if asks(call, "uv") && param(call).is_some() {
                        reply.fail(s::INVALID_OPTION);
                    }
                }
            ),
            answers!(
                $command,
                concat!($chapter, "/uv/verified"),
                "does not say that it verified its user",
                |call, reply| {
                    if asks(call, "uv") {
                        reply.change_flags(|flags| flags & !0x04);
                    }
                }
            ),
            AuthenticatorFlaw::new(
                concat!($chapter, "/uv/untouched"),
                "takes its user for verified where nobody came",
                Change::Request(|call| {
                    if call.command == command::$command && asks(call, "uv") {
                        // It answers at once.
                        (call.command, call.parameters) = (command::GET_INFO, None);
                        call.bytes.clear();
                    }
                }),
            ),
            answers!(
                $command,
                concat!($chapter, "/proof/unprotected"),
                "takes its user for verified where it cannot look at the proof",
                |call, reply| {
                    if param(call).is_some() {
                        reply.change_flags(|flags| flags | 0x04);
                    }
                }
            ),
        ]
    };
}

pub(super) const OF_REGISTRATIONS: &[AuthenticatorFlaw] =
    of_both!(MAKE_CREDENTIAL, "make-credential", GET_ASSERTION);

pub(super) const OF_ASSERTIONS: &[AuthenticatorFlaw] =
    of_both!(GET_ASSERTION, "get-assertion", MAKE_CREDENTIAL);

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    says!(
        MAKE_CREDENTIAL,
        "make-credential/proof/required",
        "says that no PIN is set where a proof is missing",
        s::PUAT_REQUIRED,
        s::PIN_NOT_SET
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/proof/required-discoverable",
        "says that a proof is wrong where none is there",
        |call, reply| {
            if asks(call, "rk") {
                reply.instead(s::PUAT_REQUIRED, s::PIN_AUTH_INVALID);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/proof/not-required",
        "asks for a proof though it says that it needs none",
        |call, reply| {
            if param(call).is_none() && !asks(call, "rk") {
                reply.instead(s::OK, s::PUAT_REQUIRED);
            }
        }
    ),
    answers!(
        GET_ASSERTION,
        "get-assertion/proof/not-required",
        "asks every user for a PIN",
        |call, reply| {
            if param(call).is_none() {
                reply.instead(s::OK, s::PUAT_REQUIRED);
            }
        }
    ),
    AuthenticatorFlaw::new(
        "get-assertion/token/silent",
        "spends a token without a touch",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if call.command != command::GET_ASSERTION || param(call).is_none() {
                    return;
                }
                memory.count += 1;
                if memory.count > 1 {
                    reply.fail(s::PIN_AUTH_INVALID);
                }
            },
        ),
    ),
];

/// The keys of options, pinUvAuthParam and pinUvAuthProtocol.
fn keys(call: &Call) -> (u64, u64, u64) {
    match call.command {
        command::MAKE_CREDENTIAL => (0x07, 0x08, 0x09),
        _ => (0x05, 0x06, 0x07),
    }
}

fn param(call: &Call) -> Option<&Vec<u8>> {
    call.get(keys(call).1)?.as_bytes()
}

fn is_empty(call: &Call) -> bool {
    param(call).is_some_and(Vec::is_empty)
}

fn protocol(call: &Call) -> Option<u64> {
    call.number(keys(call).2)
}

fn asks(call: &Call, option: &str) -> bool {
    let option = call.get(keys(call).0).and_then(|options| named(options, option));
    option.and_then(Value::as_bool) == Some(true)
}

/// Names the protocol whose proofs are so long.
fn by_length(call: &mut Call) {
    let Some(length) = param(call).map(Vec::len) else { return };
    call.set(keys(call).2, if length == 16 { 1 } else { 2 });
}
