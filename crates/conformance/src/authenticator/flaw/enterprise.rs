//! What can go wrong with enterprise attestation.

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change};
use crate::authenticator::platform::code::{command, status as s};

const ENTERPRISE_ATTESTATION: u64 = 0x0a;
const EP_ATT: u64 = 0x04;

/// A kind of enterprise attestation that there is not is passed over.
macro_rules! passes_over {
    ($id:literal, $value:literal) => {
        mends!(
            MAKE_CREDENTIAL,
            $id,
            "passes over a kind of enterprise attestation that there is not",
            |call| {
                if asked(call) == Some($value) {
                    call.remove(ENTERPRISE_ATTESTATION);
                }
            }
        )
    };
}

/// An answer that says that it is an enterprise attestation.
macro_rules! claims {
    ($id:literal, $sentence:literal, $asked:expr) => {
        answers!(MAKE_CREDENTIAL, $id, $sentence, |call, reply| {
            if asked(call) == $asked && reply.is_ok() {
                reply.set(EP_ATT, true);
            }
        })
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    mends!(
        MAKE_CREDENTIAL,
        "make-credential/enterprise/disabled",
        "passes over what it has not enabled",
        |call| {
            call.remove(ENTERPRISE_ATTESTATION);
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/enterprise/disabled-value",
        "says that there is no such command where a kind of attestation is none",
        |call, reply| {
            if asked(call) == Some(3) {
                reply.fail(s::INVALID_COMMAND);
            }
        }
    ),
    passes_over!("make-credential/enterprise/value/0", 0),
    passes_over!("make-credential/enterprise/value/3", 3),
    claims!(
        "make-credential/enterprise/unlisted",
        "tells every relying party which authenticator it is",
        Some(1)
    ),
    answers!(
        MAKE_CREDENTIAL,
        "make-credential/enterprise/platform",
        "says by a number what came of a request for enterprise attestation",
        |call, reply| {
            if asked(call) == Some(2) && reply.is_ok() {
                reply.set(EP_ATT, Value::from(1));
            }
        }
    ),
    claims!("make-credential/enterprise/unasked", "tells which authenticator it is where nobody asked", None),
];

fn asked(call: &Call) -> Option<u64> {
    call.number(ENTERPRISE_ATTESTATION)
}
