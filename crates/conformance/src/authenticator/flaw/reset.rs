//! What can go wrong as it is reset or selected.

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::{command, status as s};

/// Says that it has reset itself, and has not.
const fn idle(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "says that it has reset itself, and keeps everything",
        Change::Request(|call| {
            // A selection waits for a touch, and has no other effect.
            if call.command == command::RESET {
                call.command = command::SELECTION;
            }
        }),
    )
}

/// Says that all is well where nobody touched it.
const fn untouched(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "says that all is well where nobody touched it",
        Change::Answer(|call, reply| {
            if matches!(call.command, command::RESET | command::SELECTION) && !reply.is_ok() {
                reply.status = s::OK;
            }
        }),
    )
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    idle("reset/forgets/credential"),
    idle("reset/forgets/discoverable"),
    idle("reset/forgets/pin"),
    AuthenticatorFlaw::new(
        "reset/forgets/token",
        "says that a token of before a reset is over by another status",
        Change::Answer(|call, reply| {
            if call.command == command::MAKE_CREDENTIAL {
                reply.instead(s::PIN_AUTH_INVALID, s::PIN_TOKEN_EXPIRED);
            }
        }),
    ),
    AuthenticatorFlaw::new(
        "reset/keeps/model",
        "is another model after a reset",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(call.command == command::RESET);
                if memory.count > 0 && call.command == command::GET_INFO {
                    reply.set(0x03, vec![7; 16]);
                }
            },
        ),
    ),
    untouched("reset/touch"),
    AuthenticatorFlaw::new(
        "reset/late",
        "resets itself at any time",
        Change::Answer(|call, reply| {
            if call.command == command::RESET {
                reply.instead(s::NOT_ALLOWED, s::OK);
            }
        }),
    ),
    AuthenticatorFlaw::new(
        "selection/touch",
        "says that it was not touched",
        Change::Answer(|call, reply| {
            if call.command == command::SELECTION {
                reply.instead(s::OK, s::OPERATION_DENIED);
            }
        }),
    ),
    untouched("selection/withheld"),
];
