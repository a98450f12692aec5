//! What can go wrong with credProtect.

use ciborium::Value;

use super::super::{AuthenticatorFlaw, Call, Change};
use crate::authenticator::platform::answer::number;
use crate::authenticator::platform::code::{command, status as s};

const NAME: &str = "credProtect";

/// A lower level than the one that was asked for, or none.
macro_rules! lowers {
    ($id:literal, $level:literal, $lower:expr) => {
        mends!(MAKE_CREDENTIAL, $id, "gives a credential a lower level, or none", |call| {
            if level(call) == Some($level) {
                call.set_input(NAME, $lower);
            }
        })
    };
}

/// A level that is none ends the registration with a status that is of something else.
macro_rules! confuses {
    ($id:literal, $is_it:expr) => {
        answers!(
            MAKE_CREDENTIAL,
            $id,
            "says that there is no such command where a level is none",
            |call, reply| {
                if call.input(NAME).is_some_and($is_it) {
                    reply.fail(s::INVALID_COMMAND);
                }
            }
        )
    };
}

/// A credential of a level is found, or is not found, where the other would be right.
macro_rules! finds {
    ($level:literal, $list:literal, $user:literal, $right:expr, $wrong:expr) => {
        AuthenticatorFlaw::new(
            concat!("extensions/cred-protect/find/", $level, "/", $list, "/", $user),
            "looks for credentials as if their level were another",
            Change::Both(
                |memory, call| {
                    if call.command == command::MAKE_CREDENTIAL {
                        memory.count = level(call).unwrap_or_default();
                    }
                },
                |memory, call, reply| {
                    let list = if call.get(0x03).is_some() { "list" } else { "no-list" };
                    let user = if call.is_verified() { "verified" } else { "unverified" };
                    if call.command == command::GET_ASSERTION
                        && (memory.count, list, user) == ($level, $list, $user)
                    {
                        reply.instead($right, $wrong);
                    }
                },
            ),
        )
    };
}

/// A credential of a level is found without a touch, or is not, where the other would be right.
macro_rules! finds_silently {
    ($level:literal, $right:expr, $wrong:expr) => {
        AuthenticatorFlaw::new(
            concat!("extensions/cred-protect/silent/", $level),
            "looks for credentials without a touch as if their level were another",
            Change::Both(
                |memory, call| {
                    if call.command == command::MAKE_CREDENTIAL {
                        memory.count = level(call).unwrap_or_default();
                    }
                },
                |memory, call, reply| {
                    if call.command == command::GET_ASSERTION && memory.count == $level {
                        reply.instead($right, $wrong);
                    }
                },
            ),
        )
    };
}

pub(in super::super) const FLAWS: &[AuthenticatorFlaw] = &[
    lowers!("extensions/cred-protect/level/1", 1, None),
    lowers!("extensions/cred-protect/level/2", 2, Some(Value::from(1))),
    lowers!("extensions/cred-protect/level/3", 3, Some(Value::from(2))),
    confuses!("extensions/cred-protect/invalid/0", |level| number(level) == Some(0)),
    confuses!("extensions/cred-protect/invalid/4", |level| number(level) == Some(4)),
    confuses!("extensions/cred-protect/invalid/text", Value::is_text),
    finds!(1, "list", "verified", s::OK, s::NO_CREDENTIALS),
    finds!(1, "list", "unverified", s::OK, s::NO_CREDENTIALS),
    finds!(1, "no-list", "verified", s::OK, s::NO_CREDENTIALS),
    finds!(1, "no-list", "unverified", s::OK, s::NO_CREDENTIALS),
    finds!(2, "list", "verified", s::OK, s::NO_CREDENTIALS),
    finds!(2, "list", "unverified", s::OK, s::NO_CREDENTIALS),
    finds!(2, "no-list", "verified", s::OK, s::NO_CREDENTIALS),
    finds!(2, "no-list", "unverified", s::NO_CREDENTIALS, s::OK),
    finds!(3, "list", "verified", s::OK, s::NO_CREDENTIALS),
    finds!(3, "list", "unverified", s::NO_CREDENTIALS, s::OK),
    finds!(3, "no-list", "verified", s::OK, s::NO_CREDENTIALS),
    finds!(3, "no-list", "unverified", s::NO_CREDENTIALS, s::OK),
    finds_silently!(2, s::OK, s::NO_CREDENTIALS),
    finds_silently!(3, s::NO_CREDENTIALS, s::OK),
    answers!(
        GET_ASSERTION,
        "extensions/cred-protect/count",
        "counts credentials that it does not give to a user who was not verified",
        |call, reply| {
            if call.get(0x03).is_none() {
                reply.set(0x05, 2);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "extensions/cred-protect/exclude/unverified",
        "tells every user by the exclude list what credentials there are",
        |call, reply| {
            if call.get(0x05).is_some() && !call.is_verified() {
                reply.instead(s::OK, s::CREDENTIAL_EXCLUDED);
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/cred-protect/exclude/verified",
        "does not look at the exclude list where the user was verified",
        |call| {
            if call.is_verified() {
                call.remove(0x05);
            }
        }
    ),
    AuthenticatorFlaw::new(
        "extensions/cred-protect/u2f",
        "tells by U2F that there is a credential of level 3",
        Change::Msg(|apdu, answer| {
            if apdu.get(1) == Some(&2) && answer.ends_with(&[0x6a, 0x80]) {
                *answer = vec![0x69, 0x85];
            }
        }),
    ),
];

fn level(call: &Call) -> Option<u64> {
    number(call.input(NAME)?)
}
