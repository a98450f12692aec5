//! What can go wrong as an authenticator goes on to the next credential.

use ciborium::Value;

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::{encode, members};
use crate::authenticator::stage::ceremony::descriptor;

/// It goes on where it must not.
macro_rules! goes_on {
    ($id:literal, $sentence:literal) => {
        says!(GET_NEXT_ASSERTION, $id, $sentence, s::NOT_ALLOWED, s::OK)
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    AuthenticatorFlaw::new(
        "get-next-assertion/order",
        "signs with the credentials in another order",
        Change::Both(
            |_, _| {},
            |memory, call, reply| match call.command {
                // The first and the second answer change places.
                command::GET_ASSERTION if reply.get(0x05).is_some() => {
                    memory.kept = vec![encode(&reply.body.clone().unwrap_or(Value::Null))];
                    reply.change(0x01, |credential| *credential = descriptor(&[1; 32]));
                }
                _ => {}
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "get-next-assertion/number",
        "tells the number of credentials each time",
        Change::Answer(|call, reply| {
            if call.command == command::GET_NEXT_ASSERTION && reply.is_ok() {
                reply.set(0x05, 2);
            }
        }),
    ),
    next("get-next-assertion/end", "says another error behind the last credential"),
    answers!(
        GET_ASSERTION,
        "get-next-assertion/single",
        "tells that there are two credentials where there is one",
        |call, reply| {
            if call.get(0x03).is_none() && reply.get(0x05).is_none() {
                reply.set(0x05, 2);
            }
        }
    ),
    next("get-next-assertion/unasked", "says another error where nothing has begun"),
    answers!(
        GET_ASSERTION,
        "get-next-assertion/privacy",
        "tells the name of the user to everybody",
        |call, reply| {
            if call.get(0x03).is_none() {
                reply.set(0x04, members! { "id" => vec![1_u8], "name" => "alice" });
            }
        }
    ),
    AuthenticatorFlaw::new(
        "get-next-assertion/overwritten",
        "keeps every credential of an account",
        Change::Both(
            |memory, call| {
                // Each user is a new one.
                if call.command == command::MAKE_CREDENTIAL {
                    memory.count += 1;
                    let id = memory.count.to_be_bytes().to_vec();
                    call.set(0x03, members! { "id" => id, "name" => "a", "displayName" => "A" });
                }
            },
            |_, _, _| {},
        ),
    ),
    goes_on!("get-next-assertion/late", "goes on whenever it is asked"),
    goes_on!("get-next-assertion/power", "goes on when the power is back"),
    goes_on!("get-next-assertion/list", "goes on behind an assertion with a list"),
    AuthenticatorFlaw::new(
        "get-next-assertion/interrupted",
        "says that there is no credential behind another command",
        Change::Both(
            |_, _| {},
            |memory, call, reply| match call.command {
                command::GET_NEXT_ASSERTION if memory.count > 0 => reply.fail(s::NO_CREDENTIALS),
                command::GET_INFO => memory.count = 1,
                _ => memory.count = 0,
            },
        ),
    ),
    answers!(
        GET_NEXT_ASSERTION,
        "get-next-assertion/flags",
        "says of the next credential that its user was present, whatever it said of the first",
        |_call, reply| {
            reply.change_flags(|flags| flags | 0x01);
        }
    ),
    answers!(
        GET_NEXT_ASSERTION,
        "get-next-assertion/names",
        "tells nobody the names of accounts",
        |_call, reply| {
            reply.change(0x04, |user| super::set(user, "name".into(), None));
        }
    ),
    AuthenticatorFlaw::new(
        "get-next-assertion/other-rp",
        "keeps one credential of each account id, wherever",
        Change::Request(|call| {
            // There is one relying party for all.
            match call.command {
                command::MAKE_CREDENTIAL => {
                    call.set(0x02, members! { "id" => "one.example", "name" => "One" })
                }
                command::GET_ASSERTION => call.set(0x01, "one.example"),
                _ => {}
            }
        }),
    ),
    AuthenticatorFlaw::new(
        "get-next-assertion/not-discoverable",
        "replaces a discoverable credential by one that is not",
        Change::Request(|call| {
            if call.command == command::MAKE_CREDENTIAL {
                call.set(0x07, members! { "rk" => true });
            }
        }),
    ),
];

/// Another error than NOT_ALLOWED.
const fn next(id: &'static str, sentence: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        sentence,
        Change::Answer(|call, reply| {
            if call.command == command::GET_NEXT_ASSERTION {
                reply.instead(s::NOT_ALLOWED, s::NO_CREDENTIALS);
            }
        }),
    )
}
