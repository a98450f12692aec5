//! What can go wrong as it is configured.

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change, Memory};
use crate::authenticator::platform::answer::member;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::sub_command::config as sub;
use crate::authenticator::stage::pin::sub as pin;

const MIN_PIN_LENGTH: u64 = sub::SET_MIN_PIN_LENGTH;

/// One status of a command in the place of another, as `says`, for requests that have no pinUvAuthParam.
macro_rules! asks_for_a_proof {
    ($sub:expr, $id:literal) => {
        answers!(CONFIG / $sub, $id, "asks for a proof that nobody can make", |call, reply| {
            if call.get(0x04).is_none() {
                reply.fail(s::PUAT_REQUIRED);
            }
        })
    };
}

/// Refuses a sub-command the second time.
macro_rules! once {
    ($sub:expr, $id:literal) => {
        AuthenticatorFlaw::new(
            $id,
            "says that it is not allowed what is done already",
            Change::Both(
                |_, _| {},
                |memory, call, reply| {
                    let is_it = is(call, $sub);
                    if is_it && memory.count > 0 {
                        reply.fail(s::NOT_ALLOWED);
                    }
                    memory.count += u64::from(is_it);
                },
            ),
        )
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    AuthenticatorFlaw::new(
        "config/sub-command/missing",
        "takes a request without a sub-command for setMinPINLength",
        Change::Request(|call| {
            if call.command == command::CONFIG && call.get(0x01).is_none() {
                call.set(0x01, MIN_PIN_LENGTH);
            }
        }),
    ),
    says!(
        CONFIG / 0x7e,
        "config/sub-command/unknown",
        "says that all is well where it does not know a sub-command",
        s::INVALID_SUBCOMMAND,
        s::OK
    ),
    answers!(
        CONFIG / sub::VENDOR_PROTOTYPE,
        "config/sub-command/vendor",
        "says that a vendor's command is done that it does not know",
        |_call, reply| {
            if !reply.is_ok() {
                reply.status = s::OK;
            }
        }
    ),
    idle("config/enterprise-attestation/enabled"),
    once!(sub::ENABLE_ENTERPRISE_ATTESTATION, "config/enterprise-attestation/twice"),
    stays("config/enterprise-attestation/reset"),
    idle("config/always-uv/toggled"),
    idle("config/always-uv/power-cycle"),
    AuthenticatorFlaw::new(
        "config/always-uv/back",
        "never switches alwaysUv off",
        Change::Both(
            |memory, call| {
                if is(call, sub::TOGGLE_ALWAYS_UV) {
                    if memory.count > 0 {
                        nothing(call);
                    }
                    memory.count += 1;
                }
            },
            |_, _, _| {},
        ),
    ),
    answers!(
        GET_INFO,
        "config/always-uv/make-cred-uv-not-rqd",
        "tells makeCredUvNotRqd whatever is switched on",
        |_call, reply| {
            reply.change(0x04, |options| super::set(options, "makeCredUvNotRqd".into(), Some(true.into())));
        }
    ),
    answers!(
        GET_ASSERTION,
        "config/always-uv/silent",
        "asks for a verified user where nobody is asked",
        |_call, reply| {
            reply.instead(s::OK, s::PUAT_REQUIRED);
        }
    ),
    unverified("config/always-uv/make-credential"),
    unverified("config/always-uv/get-assertion"),
    answers!(
        GET_INFO,
        "config/always-uv/u2f-version",
        "tells U2F_V2 whatever is switched on",
        |_call, reply| {
            reply.change(0x01, |versions| {
                if let Value::Array(versions) = versions {
                    versions.push("U2F_V2".into());
                }
            });
        }
    ),
    idle("config/always-uv/u2f-register"),
    asks_for_a_proof!(sub::TOGGLE_ALWAYS_UV, "config/unprotected/always-uv/on"),
    unverified("config/unprotected/always-uv/make-credential"),
    AuthenticatorFlaw::new(
        "config/unprotected/always-uv/off",
        "asks for a proof that nobody can make to switch alwaysUv off",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if is(call, sub::TOGGLE_ALWAYS_UV) {
                    if memory.count > 0 {
                        reply.fail(s::PUAT_REQUIRED);
                    }
                    memory.count += 1;
                }
            },
        ),
    ),
    says!(
        CONFIG / MIN_PIN_LENGTH,
        "config/min-pin-length/lower",
        "says that the least length is lowered",
        s::PIN_POLICY_VIOLATION,
        s::OK
    ),
    says!(
        CONFIG / MIN_PIN_LENGTH,
        "config/min-pin-length/same",
        "refuses the least length that it has",
        s::OK,
        s::PIN_POLICY_VIOLATION
    ),
    answers!(
        CONFIG / MIN_PIN_LENGTH,
        "config/min-pin-length/no-parameters",
        "breaks down where no parameter is given",
        |call, reply| {
            if call.get(0x02).is_none() {
                reply.fail(s::OTHER);
            }
        }
    ),
    says!(
        CONFIG / MIN_PIN_LENGTH,
        "config/rp-ids/too-many",
        "says that more relying parties are kept than there is room for",
        s::KEY_STORE_FULL,
        s::OK
    ),
    idle("config/min-pin-length/raised"),
    idle("config/min-pin-length/power-cycle"),
    says!(
        CLIENT_PIN / pin::CHANGE_PIN,
        "config/min-pin-length/short-pin",
        "says that a PIN is set that is too short",
        s::PIN_POLICY_VIOLATION,
        s::OK
    ),
    says!(
        CONFIG / MIN_PIN_LENGTH,
        "config/min-pin-length/lower-again",
        "says that the least length is lowered again",
        s::PIN_POLICY_VIOLATION,
        s::OK
    ),
    says!(
        CONFIG / MIN_PIN_LENGTH,
        "config/min-pin-length/too-long",
        "says that PINs are longer than they can be",
        s::PIN_POLICY_VIOLATION,
        s::OK
    ),
    stays("config/min-pin-length/reset"),
    idle("config/force-change-pin/by-length"),
    idle("config/force-change-pin/told"),
    says!(
        CLIENT_PIN / pin::GET_TOKEN_USING_PIN,
        "config/force-change-pin/token",
        "gives tokens by a PIN that has to change",
        s::PIN_POLICY_VIOLATION,
        s::OK
    ),
    says!(
        CLIENT_PIN / pin::GET_PIN_TOKEN,
        "config/force-change-pin/get-pin-token",
        "gives tokens of CTAP 2.0 by a PIN that has to change",
        s::PIN_INVALID,
        s::OK
    ),
    says!(
        CLIENT_PIN / pin::CHANGE_PIN,
        "config/force-change-pin/same-pin",
        "says that a PIN is changed to the same one",
        s::PIN_POLICY_VIOLATION,
        s::OK
    ),
    AuthenticatorFlaw::new(
        "config/force-change-pin/changed",
        "asks for a new PIN for ever",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(is(call, MIN_PIN_LENGTH) && reply.is_ok());
                if memory.count > 0 && call.command == command::GET_INFO {
                    reply.set(0x0c, true);
                }
            },
        ),
    ),
    says!(
        GET_ASSERTION,
        "config/force-change-pin/tokens",
        "says that all is well where a token is over",
        s::PIN_AUTH_INVALID,
        s::OK
    ),
    idle("config/rp-ids/told"),
    AuthenticatorFlaw::new(
        "config/rp-ids/replaced",
        "keeps its first list of relying parties",
        Change::Both(keep_first_list, |_, _, _| {}),
    ),
    AuthenticatorFlaw::new(
        "config/rp-ids/empty",
        "forgets its list of relying parties where an empty one is given",
        Change::Both(forget_the_list, |_, _, _| {}),
    ),
    stays("config/rp-ids/reset"),
    asks_for_a_proof!(MIN_PIN_LENGTH, "config/unprotected/min-pin-length"),
    says!(
        CONFIG / MIN_PIN_LENGTH,
        "config/unprotected/force-change-pin",
        "says that a PIN has to change that is not there",
        s::PIN_NOT_SET,
        s::OK
    ),
    idle("config/pin-complexity-policy/on"),
    stays("config/pin-complexity-policy/reset"),
    idle("config/long-touch/enabled"),
    once!(sub::ENABLE_LONG_TOUCH_FOR_RESET, "config/long-touch/twice"),
    stays("config/long-touch/reset"),
];

/// Whether it is this sub-command.
fn is(call: &Call, wanted: u64) -> bool {
    call.command == command::CONFIG && call.sub_command() == Some(wanted)
}

/// Makes a request of it that has no effect at all.
fn nothing(call: &mut Call) {
    (call.command, call.parameters) = (command::GET_INFO, None);
    call.bytes.clear();
}

fn keep_first_list(memory: &mut Memory, call: &mut Call) {
    if is(call, MIN_PIN_LENGTH) {
        if memory.count > 0 {
            nothing(call);
        }
        memory.count += 1;
    }
}

/// Tells relying parties nothing any more after an empty list.
fn forget_the_list(memory: &mut Memory, call: &mut Call) {
    let rp_ids = call.get(0x02).and_then(|parameters| member(parameters, &Value::from(2)));
    let is_empty = rp_ids.and_then(Value::as_array).is_some_and(Vec::is_empty);
    memory.count += u64::from(is(call, MIN_PIN_LENGTH) && is_empty);
    if memory.count > 0 && call.command == command::MAKE_CREDENTIAL {
        call.remove(0x06);
    }
}

/// Says that it is configured, and is as before.
const fn idle(id: &'static str) -> AuthenticatorFlaw {
    mends!(CONFIG, id, "says that it is configured, and is as before", |call| {
        nothing(call);
    })
}

/// Says that it has reset itself, and keeps everything.
const fn stays(id: &'static str) -> AuthenticatorFlaw {
    mends!(RESET, id, "says that it has reset itself, and keeps its settings", |call| {
        // A selection waits for a touch, and has no other effect.
        call.command = command::SELECTION;
    })
}

/// Says that all is well where the user is not verified.
const fn unverified(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "says that all is well where the user is not verified",
        Change::Answer(|call, reply| {
            if matches!(call.command, command::MAKE_CREDENTIAL | command::GET_ASSERTION) {
                reply.instead(s::PUAT_REQUIRED, s::OK);
            }
        }),
    )
}
