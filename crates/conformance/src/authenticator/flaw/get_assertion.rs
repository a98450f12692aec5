//! What can go wrong as an assertion is made.

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change, Reply};
use crate::authenticator::platform::answer::named;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::{encode, members};
use crate::authenticator::stage::ceremony::descriptor;

/// A check that is missing: the request is mended before the sound authenticator sees it.
macro_rules! mends {
    ($id:literal, $sentence:literal, |$call:ident| $body:block) => {
        AuthenticatorFlaw::new(
            $id,
            $sentence,
            Change::Request(|$call| {
                if $call.command == command::GET_ASSERTION {
                    $body
                }
            }),
        )
    };
}

/// An answer that is changed.
macro_rules! answers {
    ($id:literal, $sentence:literal, |$call:ident, $reply:ident| $body:block) => {
        AuthenticatorFlaw::new(
            $id,
            $sentence,
            Change::Answer(|$call, $reply| {
                if $call.command == command::GET_ASSERTION {
                    $body
                }
            }),
        )
    };
}

/// Says that another command was meant where a member is of another type.
macro_rules! mistakes {
    ($id:literal, $key:literal, $is_fair:expr) => {
        answers!(
            $id,
            "says that there is no such command where a member is of another type",
            |call, reply| {
                if call.get($key).is_some_and(|value| !$is_fair(value)) {
                    reply.fail(s::INVALID_COMMAND);
                }
            }
        )
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    answers!(
        "get-assertion/missing/rpId",
        "says that there is no credential where no relying party is named",
        |call, reply| {
            if call.get(0x01).is_none() {
                reply.fail(s::NO_CREDENTIALS);
            }
        }
    ),
    mends!("get-assertion/missing/clientDataHash", "signs a hash of zeros where there is none", |call| {
        if call.get(0x02).is_none() {
            call.set(0x02, vec![0; 32]);
        }
    }),
    mistakes!("get-assertion/type/rpId", 0x01, Value::is_text),
    mistakes!("get-assertion/type/clientDataHash", 0x02, Value::is_bytes),
    mistakes!("get-assertion/type/allowList", 0x03, Value::is_array),
    mistakes!("get-assertion/type/extensions", 0x04, Value::is_map),
    mistakes!("get-assertion/type/options", 0x05, Value::is_map),
    mistakes!("get-assertion/type/pinUvAuthParam", 0x06, Value::is_bytes),
    mistakes!("get-assertion/type/pinUvAuthProtocol", 0x07, Value::is_integer),
    mends!("get-assertion/length/client-data-hash", "signs a hash of any length", |call| {
        if call.get(0x02).and_then(Value::as_bytes).is_some_and(|hash| hash.len() != 32) {
            call.set(0x02, vec![0; 32]);
        }
    }),
    answers!("get-assertion/unknown/member", "refuses members that it does not know", |call, reply| {
        if call.get(0x5f).is_some() {
            reply.fail(s::INVALID_PARAMETER);
        }
    }),
    answers!("get-assertion/unknown/extension", "refuses extensions that it does not know", |call, reply| {
        if call.get(0x04).is_some_and(|extensions| named(extensions, "stuntkey.example").is_some()) {
            reply.fail(s::UNSUPPORTED_OPTION);
        }
    }),
    mends!("get-assertion/options/rk", "does not look at the option rk", |call| {
        without_option(call, "rk");
    }),
    mends!("get-assertion/options/uv", "does not look at uv where it verifies nobody", |call| {
        without_option(call, "uv");
    }),
    answers!("get-assertion/options/unknown", "refuses options that it does not know", |call, reply| {
        if call.get(0x05).is_some_and(|options| named(options, "stuntkey").is_some()) {
            reply.fail(s::UNSUPPORTED_OPTION);
        }
    }),
    mends!("get-assertion/options/up-false", "waits for a touch that nobody asked for", |call| {
        without_option(call, "up");
    }),
    mends!("get-assertion/options/touch", "signs without a touch", |call| {
        call.set(0x05, members! { "up" => false });
    }),
    answers!(
        "get-assertion/find/no-credential",
        "says that it is not allowed where there is no credential",
        |_call, reply| {
            reply.instead(s::NO_CREDENTIALS, s::NOT_ALLOWED);
        }
    ),
    AuthenticatorFlaw::new(
        "get-assertion/find/other-rp",
        "signs with every credential, for whatever relying party",
        Change::Both(
            |memory, call| {
                // The last relying party that a credential was made for takes the place of this one.
                match call.command {
                    command::MAKE_CREDENTIAL => {
                        let id = call.get(0x02).and_then(|rp| named(rp, "id")).map(encode);
                        memory.kept = id.into_iter().collect();
                    }
                    command::GET_ASSERTION => {
                        let id: Option<Value> =
                            memory.kept.first().and_then(|id| ciborium::from_reader(id.as_slice()).ok());
                        if let Some(id) = id {
                            call.set(0x01, id);
                        }
                    }
                    _ => {}
                }
            },
            |_, _, _| {},
        ),
    ),
    AuthenticatorFlaw::new(
        "get-assertion/find/tampered-id",
        "compares the first half of a credential id alone",
        Change::Both(
            |memory, call| {
                let Some(id) = first_id(call) else { return };
                let half = |id: &[u8]| id.get(..id.len() / 2).map(<[u8]>::to_vec);
                let known = memory.kept.iter().find(|known| half(known) == half(&id)).cloned();
                if let (command::GET_ASSERTION, Some(known)) = (call.command, known) {
                    call.set(0x03, Value::Array(vec![descriptor(&known)]));
                }
            },
            |memory, call, reply| {
                if call.command == command::MAKE_CREDENTIAL {
                    memory.kept.extend(made_id(reply));
                }
            },
        ),
    ),
    mends!("get-assertion/find/later-entry", "looks at the first credential of the list alone", |call| {
        let first = call.get(0x03).and_then(Value::as_array).and_then(|list| list.first()).cloned();
        if let Some(first) = first {
            call.set(0x03, Value::Array(vec![first]));
        }
    }),
    mends!("get-assertion/find/unknown-type", "does not look at the types of the list", |call| {
        if let Some(id) = first_id(call) {
            call.set(0x03, Value::Array(vec![descriptor(&id)]));
        }
    }),
    AuthenticatorFlaw::new(
        "get-assertion/find/not-discoverable",
        "makes every credential discoverable",
        Change::Request(|call| {
            if call.command == command::MAKE_CREDENTIAL {
                call.set(0x07, members! { "rk" => true });
            }
        }),
    ),
    answers!("get-assertion/find/one-of-several", "counts the credentials of the list", |call, reply| {
        if call.get(0x03).and_then(Value::as_array).is_some_and(|list| list.len() > 1) {
            reply.set(0x05, 2);
        }
    }),
    answers!(
        "get-assertion/find/discoverable",
        "says that a credential is of somebody else",
        |call, reply| {
            if call.get(0x03).is_none() {
                reply.set(0x04, members! { "id" => vec![1_u8] });
            }
        }
    ),
    answers!("get-assertion/answer/verifies", "signs something else", |_call, reply| {
        reply.change(0x03, |signature| {
            if let Value::Bytes(bytes) = signature
                && let Some(last) = bytes.last_mut()
            {
                *last ^= 1;
            }
        });
    }),
    AuthenticatorFlaw::new(
        "get-assertion/answer/no-attested-data",
        "sends the data of the registration with an assertion",
        Change::Both(
            |_, _| {},
            |memory, call, reply| match call.command {
                command::MAKE_CREDENTIAL => {
                    memory.kept = reply.get(0x02).and_then(Value::as_bytes).cloned().into_iter().collect();
                }
                command::GET_ASSERTION if reply.is_ok() => {
                    if let Some(data) = memory.kept.first() {
                        reply.set(0x02, data.clone());
                    }
                }
                _ => {}
            },
        ),
    ),
    answers!(
        "get-assertion/answer/user-present",
        "does not say that its user was present",
        |_call, reply| {
            flag(reply, |flags| flags & !0x01);
        }
    ),
    answers!("get-assertion/answer/not-verified", "says that its user was verified", |_call, reply| {
        flag(reply, |flags| flags | 0x04);
    }),
    answers!("get-assertion/answer/verified", "does not say that its user was verified", |_call, reply| {
        flag(reply, |flags| flags & !0x04);
    }),
    answers!("get-assertion/answer/counter", "has the same signature counter each time", |_call, reply| {
        reply.change(0x02, |data| {
            if let Value::Bytes(bytes) = data
                && let Some(count) = bytes.get_mut(33..37)
            {
                count.copy_from_slice(&[0, 0, 0, 7]);
            }
        });
    }),
    AuthenticatorFlaw::new(
        "get-assertion/token/permission",
        "gives tokens that are for assertions, too",
        Change::Request(|call| {
            if call.command == command::CLIENT_PIN && call.number(0x09) == Some(1) {
                call.set(0x09, 3);
            }
        }),
    ),
    AuthenticatorFlaw::new(
        "get-assertion/token/rp-id",
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
    answers!("get-assertion/token/once", "says that a token is over by another status", |_call, reply| {
        reply.instead(s::PIN_AUTH_INVALID, s::PIN_TOKEN_EXPIRED);
    }),
    answers!("get-assertion/token/wrong", "says that the PIN is wrong where a proof is", |_call, reply| {
        reply.instead(s::PIN_AUTH_INVALID, s::PIN_INVALID);
    }),
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
        "get-next-assertion/single",
        "tells that there are two credentials where there is one",
        |call, reply| {
            if call.get(0x03).is_none() && reply.get(0x05).is_none() {
                reply.set(0x05, 2);
            }
        }
    ),
    next("get-next-assertion/unasked", "says another error where nothing has begun"),
    answers!("get-next-assertion/privacy", "tells the name of the user to everybody", |call, reply| {
        if call.get(0x03).is_none() {
            reply.set(0x04, members! { "id" => vec![1_u8], "name" => "alice" });
        }
    }),
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

/// The id of the first credential of the list.
fn first_id(call: &Call) -> Option<Vec<u8>> {
    named(call.get(0x03)?.as_array()?.first()?, "id")?.as_bytes().cloned()
}

/// The id of a new credential.
fn made_id(reply: &Reply) -> Option<Vec<u8>> {
    let data = reply.get(0x02)?.as_bytes()?;
    let length = u16::from_be_bytes(*data.get(53..)?.first_chunk()?);
    data.get(55..55 + usize::from(length)).map(<[u8]>::to_vec)
}

/// Leaves an option out.
fn without_option(call: &mut Call, name: &str) {
    let Some(options) = call.get(0x05).and_then(Value::as_map).cloned() else { return };
    let left = options.into_iter().filter(|(known, _)| known.as_text() != Some(name)).collect();
    call.set(0x05, Value::Map(left));
}

/// Changes the flags of the authenticator data.
fn flag(reply: &mut Reply, change: impl FnOnce(u8) -> u8) {
    reply.change(0x02, |data| {
        if let Value::Bytes(bytes) = data
            && let Some(flags) = bytes.get_mut(32)
        {
            *flags = change(*flags);
        }
    });
}
