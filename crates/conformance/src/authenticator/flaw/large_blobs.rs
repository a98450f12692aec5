//! What can go wrong as large blobs are read and written.

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change};
use crate::authenticator::platform::code::{command, status as s};

const GET: u64 = 0x01;
const SET: u64 = 0x02;
const OFFSET: u64 = 0x03;
const LENGTH: u64 = 0x04;
const PARAM: u64 = 0x05;
const PROTOCOL: u64 = 0x06;

/// Takes one error for no error.
macro_rules! takes {
    ($id:literal, $sentence:literal, $status:expr) => {
        says!(LARGE_BLOBS, $id, $sentence, $status, s::OK)
    };
}

/// Passes over a member of reads.
macro_rules! passes_over {
    ($id:literal, $key:expr) => {
        mends!(LARGE_BLOBS, $id, "passes over a member that reads do not have", |call| {
            if call.get(GET).is_some() {
                call.remove($key);
            }
        })
    };
}

/// Changes what is read, or how a read is answered.
macro_rules! reads {
    ($id:literal, $sentence:literal, |$call:ident, $reply:ident| $body:block) => {
        answers!(LARGE_BLOBS, $id, $sentence, |$call, $reply| {
            if $call.get(GET).is_some() $body
        })
    };
}

/// Gives another array after something happened.
macro_rules! loses {
    ($id:literal, $sentence:literal, |$call:ident, $reply:ident| $happens:expr) => {
        AuthenticatorFlaw::new(
            $id,
            $sentence,
            Change::Both(
                |_, _| {},
                |memory, $call, $reply| {
                    let is_it = $call.command == command::LARGE_BLOBS;
                    memory.count += u64::from(is_it && $call.get(SET).is_some() && $happens);
                    if is_it && memory.count > 0 && $call.get(GET).is_some() {
                        $reply.change(0x01, |array| *array = vec![7; 20].into());
                    }
                },
            ),
        )
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    reads!("large-blobs/get/new", "has no byte when it is new", |_call, reply| {
        reply.change(0x01, |array| *array = Value::Bytes(Vec::new()));
    }),
    mends!(LARGE_BLOBS, "large-blobs/get/offset", "gives the beginning, wherever it is read", |call| {
        if call.number(OFFSET) == Some(1) && call.get(GET).is_some() {
            call.set(OFFSET, 0);
        }
    }),
    reads!("large-blobs/get/short", "fills up with zeros what is not there", |call, reply| {
        let asked = call.number(GET).and_then(|asked| usize::try_from(asked).ok()).unwrap_or_default();
        if asked == 10 {
            reply.change(0x01, |array| {
                if let Value::Bytes(bytes) = array {
                    bytes.resize(asked, 0);
                }
            });
        }
    }),
    reads!("large-blobs/get/end", "refuses to read at the end", |_call, reply| {
        if reply.get(0x01).and_then(Value::as_bytes).is_some_and(Vec::is_empty) {
            reply.fail(s::INVALID_PARAMETER);
        }
    }),
    takes!("large-blobs/get/beyond", "says that all is well behind the end", s::INVALID_PARAMETER),
    takes!("large-blobs/get/too-much", "reads as much as is asked for", s::INVALID_LENGTH),
    passes_over!("large-blobs/get/with-length", LENGTH),
    passes_over!("large-blobs/get/with-param", PARAM),
    passes_over!("large-blobs/get/with-protocol", PROTOCOL),
    mends!(LARGE_BLOBS, "large-blobs/request/neither", "reads where nothing is asked for", |call| {
        if call.get(GET).is_none() && call.get(SET).is_none() {
            call.set(GET, 1);
        }
    }),
    mends!(LARGE_BLOBS, "large-blobs/request/both", "reads where it should write, too", |call| {
        if call.get(GET).is_some() {
            call.remove(SET);
            call.remove(LENGTH);
        }
    }),
    mends!(LARGE_BLOBS, "large-blobs/request/no-offset", "begins where no offset is told", |call| {
        if call.get(OFFSET).is_none() {
            call.set(OFFSET, 0);
        }
    }),
    idle("large-blobs/set/one"),
    idle("large-blobs/set/power-cycle/kept"),
    mends!(LARGE_BLOBS, "large-blobs/set/many", "keeps nothing but the first fragment", |call| {
        if call.number(OFFSET) > Some(0) {
            instead_read(call);
        }
    }),
    answers!(LARGE_BLOBS, "large-blobs/set/largest", "has less room than it tells", |call, reply| {
        if call.number(LENGTH) > Some(1000) {
            reply.fail(s::LARGE_BLOB_STORAGE_FULL);
        }
    }),
    answers!(
        LARGE_BLOBS,
        "large-blobs/set/longest-fragment",
        "takes no fragment as long as a message holds",
        |call, reply| {
            if call.get(SET).and_then(Value::as_bytes).is_some_and(|fragment| fragment.len() > 500) {
                reply.fail(s::INVALID_LENGTH);
            }
        }
    ),
    takes!("large-blobs/set/integrity", "says that a spoilt array is written", s::INTEGRITY_FAILURE),
    loses!("large-blobs/set/integrity-keeps", "loses its array to a spoilt one", |call, reply| {
        reply.status == s::INTEGRITY_FAILURE && call.get(SET).is_some()
    }),
    takes!("large-blobs/set/no-length", "takes a fragment for the whole", s::INVALID_PARAMETER),
    takes!("large-blobs/set/short-length", "takes an array without a byte", s::INVALID_PARAMETER),
    mends!(LARGE_BLOBS, "large-blobs/set/late-length", "passes over a length that comes late", |call| {
        if call.number(OFFSET) > Some(0) {
            call.remove(LENGTH);
        }
    }),
    takes!("large-blobs/set/overrun", "says that more is written than there is", s::INVALID_PARAMETER),
    says!(
        LARGE_BLOBS,
        "large-blobs/set/too-big",
        "says that the length is wrong where there is no room",
        s::LARGE_BLOB_STORAGE_FULL,
        s::INVALID_LENGTH
    ),
    takes!("large-blobs/set/long-fragment", "takes fragments of any length", s::INVALID_LENGTH),
    takes!("large-blobs/set/not-begun", "says that a fragment of nothing is written", s::INVALID_SEQ),
    takes!("large-blobs/set/gap", "says that a fragment is written behind a gap", s::INVALID_SEQ),
    takes!("large-blobs/set/back", "says that a fragment is written twice", s::INVALID_SEQ),
    AuthenticatorFlaw::new(
        "large-blobs/set/begun-again",
        "begins no write while one is begun",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                let begins = call.get(SET).is_some() && call.number(OFFSET) == Some(0);
                memory.count += u64::from(call.command == command::LARGE_BLOBS && begins);
                if begins && memory.count > 1 {
                    reply.fail(s::INVALID_SEQ);
                }
            },
        ),
    ),
    loses!("large-blobs/set/begun-keeps", "loses its array when a new one is begun", |call, reply| {
        reply.is_ok() && call.number(OFFSET) == Some(0)
    }),
    takes!("large-blobs/set/power-cycle/begun", "goes on after its power was away", s::INVALID_SEQ),
    answers!(
        LARGE_BLOBS,
        "large-blobs/set/unprotected",
        "asks for a proof that nobody can make",
        |call, reply| {
            if call.get(SET).is_some() && call.get(PARAM).is_none() {
                reply.fail(s::PUAT_REQUIRED);
            }
        }
    ),
    AuthenticatorFlaw::new(
        "large-blobs/reset",
        "keeps its array in a reset",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(call.command == command::RESET && reply.is_ok());
                if memory.count > 0 && call.command == command::LARGE_BLOBS {
                    reply.change(0x01, |array| *array = vec![7; 20].into());
                }
            },
        ),
    ),
];

/// Says that something is written, and writes nothing.
const fn idle(id: &'static str) -> AuthenticatorFlaw {
    mends!(LARGE_BLOBS, id, "says that an array is written, and writes nothing", |call| {
        if call.get(SET).is_some() {
            instead_read(call);
        }
    })
}

/// Makes a read of a write.
fn instead_read(call: &mut Call) {
    for key in [SET, LENGTH, PARAM, PROTOCOL] {
        call.remove(key);
    }
    call.set(OFFSET, 0);
    call.set(GET, 1);
}
