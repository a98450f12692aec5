//! What can go wrong with the options of registrations and assertions.

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change, Reply};
use crate::authenticator::platform::answer::named;
use crate::authenticator::platform::code::{command, status as s};

/// One product of the options of a registration that is answered as if it were another.
macro_rules! of_registration {
    ($rk:ident, $up:ident, $uv:ident) => {
        answers!(
            MAKE_CREDENTIAL,
            concat!(
                "make-credential/options/rk-",
                stringify!($rk),
                "/up-",
                stringify!($up),
                "/uv-",
                stringify!($uv)
            ),
            "takes some options of a registration for others",
            |call, reply| {
                if [("rk", stringify!($rk)), ("up", stringify!($up)), ("uv", stringify!($uv))]
                    .into_iter()
                    .all(|(name, value)| has(call, name, value))
                {
                    mistake(reply);
                }
            }
        )
    };
}

/// The same of an assertion.
macro_rules! of_assertion {
    ($list:literal, $up:ident, $uv:ident) => {
        answers!(
            GET_ASSERTION,
            concat!("get-assertion/options/", $list, "/up-", stringify!($up), "/uv-", stringify!($uv)),
            "takes some options of an assertion for others",
            |call, reply| {
                let list = if call.get(0x03).is_some() { "list" } else { "no-list" };
                if list == $list && has(call, "up", stringify!($up)) && has(call, "uv", stringify!($uv)) {
                    mistake(reply);
                }
            }
        )
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    of_registration!(absent, absent, absent),
    of_registration!(absent, absent, false),
    of_registration!(absent, absent, true),
    of_registration!(absent, false, absent),
    of_registration!(absent, false, false),
    of_registration!(absent, false, true),
    of_registration!(absent, true, absent),
    of_registration!(absent, true, false),
    of_registration!(absent, true, true),
    of_registration!(false, absent, absent),
    of_registration!(false, absent, false),
    of_registration!(false, absent, true),
    of_registration!(false, false, absent),
    of_registration!(false, false, false),
    of_registration!(false, false, true),
    of_registration!(false, true, absent),
    of_registration!(false, true, false),
    of_registration!(false, true, true),
    of_registration!(true, absent, absent),
    of_registration!(true, absent, false),
    of_registration!(true, absent, true),
    of_registration!(true, false, absent),
    of_registration!(true, false, false),
    of_registration!(true, false, true),
    of_registration!(true, true, absent),
    of_registration!(true, true, false),
    of_registration!(true, true, true),
    of_assertion!("list", absent, absent),
    of_assertion!("list", absent, false),
    of_assertion!("list", absent, true),
    of_assertion!("list", false, absent),
    of_assertion!("list", false, false),
    of_assertion!("list", false, true),
    of_assertion!("list", true, absent),
    of_assertion!("list", true, false),
    of_assertion!("list", true, true),
    of_assertion!("no-list", absent, absent),
    of_assertion!("no-list", absent, false),
    of_assertion!("no-list", absent, true),
    of_assertion!("no-list", false, absent),
    of_assertion!("no-list", false, false),
    of_assertion!("no-list", false, true),
    of_assertion!("no-list", true, absent),
    of_assertion!("no-list", true, false),
    of_assertion!("no-list", true, true),
];

/// Whether an option of a request is `absent`, `false` or `true`.
fn has(call: &Call, name: &str, value: &str) -> bool {
    let options = call.get(if call.command == command::MAKE_CREDENTIAL { 0x07 } else { 0x05 });
    let found = match options.and_then(|options| named(options, name)) {
        None => "absent",
        Some(Value::Bool(true)) => "true",
        Some(_) => "false",
    };
    found == value
}

/// Refuses what is to be taken, and takes what is to be refused.
fn mistake(reply: &mut Reply) {
    let wrong = if reply.is_ok() { s::INVALID_COMMAND } else { s::OK };
    reply.fail(wrong);
}
