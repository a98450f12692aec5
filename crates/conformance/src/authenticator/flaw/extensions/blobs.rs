//! What can go wrong with credBlob, largeBlobKey and largeBlob.

use ciborium::Value;

use super::super::{AuthenticatorFlaw, Call, Change};
use crate::authenticator::platform::answer::named;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::members;

/// A blob of some length is not stored.
macro_rules! drops_blobs {
    ($id:literal, $sentence:literal, $lengths:pat) => {
        mends!(MAKE_CREDENTIAL, $id, $sentence, |call| {
            if matches!(blob(call), Some($lengths)) {
                call.set_input("credBlob", None);
            }
        })
    };
}

/// An input of largeBlob that is malformed is taken for another one.
macro_rules! guesses {
    ($id:literal, $is_it:expr, $guess:expr) => {
        mends!(GET_ASSERTION, $id, "guesses what an input means that is malformed", |call| {
            if call.input("largeBlob").is_some_and($is_it) {
                call.set_input("largeBlob", $guess);
            }
        })
    };
}

pub(in super::super) const FLAWS: &[AuthenticatorFlaw] = &[
    drops_blobs!("extensions/cred-blob/length/1", "stores no blob of one byte", 1),
    drops_blobs!("extensions/cred-blob/length/32", "stores no blob of 32 bytes", 32),
    drops_blobs!("extensions/cred-blob/length/longest", "stores shorter blobs than it says", 32..),
    answers!(
        MAKE_CREDENTIAL,
        "extensions/cred-blob/length/longer",
        "makes no credential where the blob is too long",
        |call, reply| {
            if blob(call).is_some_and(|length| length > 32) {
                reply.fail(s::LIMIT_EXCEEDED);
            }
        }
    ),
    mends!(
        GET_ASSERTION,
        "extensions/cred-blob/none",
        "sends no output where a credential has no blob",
        |call| {
            call.set_input("credBlob", None);
        }
    ),
    mends!(
        GET_ASSERTION,
        "extensions/cred-blob/unasked",
        "tells a blob whether or not it was asked for",
        |call| {
            call.set_input("credBlob", Some(true.into()));
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/cred-blob/replaced",
        "gives a credential the blob of the one before",
        |call| {
            if call.input("credBlob").is_none() {
                call.set_input("credBlob", Some(vec![7; 16].into()));
            }
        }
    ),
    AuthenticatorFlaw::new(
        "extensions/cred-blob/next",
        "answers with the first credential's blob each time",
        Change::Both(
            |_, _| {},
            |memory, call, reply| match call.command {
                command::GET_ASSERTION => {
                    memory.kept = reply.get(0x02).and_then(Value::as_bytes).cloned().into_iter().collect();
                }
                command::GET_NEXT_ASSERTION => {
                    if let Some(data) = memory.kept.first() {
                        reply.set(0x02, data.clone());
                    }
                }
                _ => {}
            },
        ),
    ),
    answers!(
        MAKE_CREDENTIAL,
        "extensions/large-blob-key/made",
        "keeps the key of a credential to itself",
        |_call, reply| {
            reply.remove(0x05);
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "extensions/large-blob-key/differs",
        "gives all credentials one key",
        |call, reply| {
            if call.input("largeBlobKey").is_some() {
                reply.set(0x05, vec![7; 32]);
            }
        }
    ),
    answers!(
        GET_ASSERTION,
        "extensions/large-blob-key/same",
        "tells another key than at the registration",
        |call, reply| {
            if call.input("largeBlobKey").is_some() {
                reply.set(0x07, vec![7; 32]);
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/large-blob-key/unasked/registration",
        "gives a key whether or not it was asked for",
        |call| {
            call.set_input("largeBlobKey", Some(true.into()));
        }
    ),
    mends!(
        GET_ASSERTION,
        "extensions/large-blob-key/unasked/assertion",
        "tells a key whether or not it was asked for",
        |call| {
            call.set_input("largeBlobKey", Some(true.into()));
        }
    ),
    answers!(
        GET_ASSERTION,
        "extensions/large-blob-key/none",
        "makes up a key for a credential that has none",
        |call, reply| {
            if call.input("largeBlobKey").is_some() && reply.get(0x07).is_none() {
                reply.set(0x07, vec![7; 32]);
            }
        }
    ),
    answers!(
        GET_NEXT_ASSERTION,
        "extensions/large-blob-key/next",
        "tells another key for the next credential",
        |_call, reply| {
            reply.set(0x07, vec![7; 32]);
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/large-blob-key/false/registration",
        "passes over the value false",
        |call| {
            if call.input("largeBlobKey") == Some(&Value::Bool(false)) {
                call.set_input("largeBlobKey", None);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "extensions/large-blob-key/not-discoverable",
        "says that something is missing where a credential is not discoverable",
        |_call, reply| {
            reply.instead(s::INVALID_OPTION, s::MISSING_PARAMETER);
        }
    ),
    mends!(
        GET_ASSERTION,
        "extensions/large-blob-key/false/assertion",
        "passes over the value false in an assertion",
        |call| {
            if call.input("largeBlobKey") == Some(&Value::Bool(false)) {
                call.set_input("largeBlobKey", None);
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "extensions/large-blob/supported",
        "does not say whether a credential can have a blob",
        |_call, reply| {
            reply.remove(0x06);
        }
    ),
    mends!(GET_ASSERTION, "extensions/large-blob/written", "writes nothing", |call| {
        if call.input("largeBlob").is_some_and(|input| named(input, "write").is_some()) {
            call.set_input("largeBlob", None);
        }
    }),
    answers!(
        GET_ASSERTION,
        "extensions/large-blob/none",
        "makes up a blob where none was written",
        |call, reply| {
            if call.input("largeBlob").is_some() && reply.get(0x08).is_none() {
                let output = members! { "blob" => Vec::<u8>::new(), "originalSize" => 0 };
                reply.set(0x08, members! { "largeBlob" => output });
            }
        }
    ),
    guesses!(
        "extensions/large-blob/malformed/empty",
        |input| input.as_map().is_some_and(Vec::is_empty),
        None
    ),
    guesses!(
        "extensions/large-blob/malformed/both",
        |input| named(input, "read").is_some() && named(input, "write").is_some(),
        Some(members! { "read" => true })
    ),
    guesses!(
        "extensions/large-blob/malformed/no-size",
        |input| named(input, "write").is_some() && named(input, "originalSize").is_none(),
        None
    ),
];

/// The length of a blob that is to be stored.
fn blob(call: &Call) -> Option<usize> {
    call.input("credBlob")?.as_bytes().map(Vec::len)
}
