//! What can go wrong as fingers are enrolled.

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change};
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::members;
use crate::authenticator::platform::sub_command::bio as sub;
use crate::authenticator::stage::pin::sub::GET_UV_RETRIES;

const SENSOR: u64 = sub::GET_FINGERPRINT_SENSOR_INFO;
const BEGIN: u64 = sub::ENROLL_BEGIN;
const CAPTURE: u64 = sub::ENROLL_CAPTURE_NEXT_SAMPLE;
const CANCEL: u64 = sub::CANCEL_CURRENT_ENROLLMENT;
const ENUMERATE: u64 = sub::ENUMERATE_ENROLLMENTS;
const RENAME: u64 = sub::SET_FRIENDLY_NAME;
const REMOVE: u64 = sub::REMOVE_ENROLLMENT;

/// Takes a sample that no enrolment waits for.
macro_rules! takes_sample {
    ($id:literal) => {
        says!(
            BIO_ENROLLMENT / CAPTURE,
            $id,
            "takes a sample that no enrolment waits for",
            s::INVALID_PARAMETER,
            s::OK
        )
    };
}

/// Says that all is well where a parameter is missing.
macro_rules! misses {
    ($sub:expr, $id:literal) => {
        says!(
            BIO_ENROLLMENT / $sub,
            $id,
            "says that all is well where a parameter is missing",
            s::MISSING_PARAMETER,
            s::OK
        )
    };
}

/// An option of getInfo that is never another.
macro_rules! tells {
    ($id:literal, $option:literal, $value:literal) => {
        answers!(GET_INFO, $id, concat!("always tells ", $option, " ", stringify!($value)), |_call, reply| {
            reply.change(0x04, |options| super::set(options, $option.into(), Some($value.into())));
        })
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    mends!(
        BIO_ENROLLMENT,
        "bio-enrollment/request/no-sub-command",
        "tells its sensor where nothing is asked for",
        |call| {
            if call.get(0x02).is_none() {
                call.set(0x02, SENSOR);
            }
        }
    ),
    says!(
        BIO_ENROLLMENT / 0x7f,
        "bio-enrollment/request/unknown-sub-command",
        "says that all is well where it does not know a sub-command",
        s::INVALID_SUBCOMMAND,
        s::OK
    ),
    mends!(BIO_ENROLLMENT, "bio-enrollment/request/no-modality", "takes fingers for granted", |call| {
        call.set(0x01, 1);
    }),
    says!(
        BIO_ENROLLMENT / ENUMERATE,
        "bio-enrollment/request/unknown-modality",
        "takes everything for fingers",
        s::INVALID_PARAMETER,
        s::OK
    ),
    answers!(BIO_ENROLLMENT, "bio-enrollment/sensor/modality", "tells another modality", |_call, reply| {
        reply.change(0x01, |modality| *modality = Value::from(2));
    }),
    answers!(
        BIO_ENROLLMENT / SENSOR,
        "bio-enrollment/sensor/kind",
        "tells a kind of sensor that nobody knows",
        |_call, reply| {
            reply.set(0x02, 9);
        }
    ),
    answers!(
        BIO_ENROLLMENT / SENSOR,
        "bio-enrollment/sensor/samples",
        "tells no number of samples",
        |_call, reply| {
            reply.remove(0x03);
        }
    ),
    answers!(
        BIO_ENROLLMENT / SENSOR,
        "bio-enrollment/sensor/name-length",
        "tells no length of names",
        |_call, reply| {
            reply.remove(0x08);
        }
    ),
    says!(
        BIO_ENROLLMENT / CANCEL,
        "bio-enrollment/cancel/idle",
        "says that it is not allowed to cancel nothing",
        s::OK,
        s::NOT_ALLOWED
    ),
    tells!("bio-enrollment/enroll/option", "bioEnroll", false),
    tells!("bio-enrollment/enroll/uv", "uv", false),
    tells!("bio-enrollment/remove/option", "bioEnroll", true),
    tells!("bio-enrollment/remove/uv", "uv", true),
    forgets("bio-enrollment/enumerate/listed"),
    forgets("bio-enrollment/enroll/power-cycle"),
    answers!(
        BIO_ENROLLMENT / BEGIN,
        "bio-enrollment/enroll/template-id",
        "gives every enrolment one id",
        |_call, reply| {
            reply.change(0x04, |id| *id = vec![7; 8].into());
        }
    ),
    AuthenticatorFlaw::new(
        "bio-enrollment/enroll/unfinished",
        "enumerates a finger of which samples are missing",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if is(call, BEGIN) {
                    memory.kept = reply.get(0x04).and_then(Value::as_bytes).cloned().into_iter().collect();
                } else if is(call, ENUMERATE)
                    && let Some(id) = memory.kept.first()
                {
                    let template = members! { 1 => id.clone(), 2 => "" };
                    (reply.status, reply.body) =
                        (s::OK, Some(members! { 7 => Value::Array(vec![template]) }));
                }
            },
        ),
    ),
    mends!(RESET, "bio-enrollment/reset", "keeps its fingers in a reset", |call| {
        // A selection waits for a touch, and has no other effect.
        call.command = command::SELECTION;
    }),
    answers!(
        BIO_ENROLLMENT / CAPTURE,
        "bio-enrollment/enroll/remaining",
        "counts no good sample",
        |_call, reply| {
            reply.change(0x06, |remaining| *remaining = Value::from(9));
        }
    ),
    takes_sample!("bio-enrollment/capture/not-begun"),
    takes_sample!("bio-enrollment/capture/other-template"),
    takes_sample!("bio-enrollment/capture/begun-again"),
    mends!(
        BIO_ENROLLMENT / CANCEL,
        "bio-enrollment/cancel/capture",
        "says that an enrolment is cancelled, and goes on",
        |call| {
            call.set(0x02, SENSOR);
        }
    ),
    idle("bio-enrollment/rename/told"),
    answers!(
        BIO_ENROLLMENT / RENAME,
        "bio-enrollment/rename/longest",
        "takes short names alone",
        |call, reply| {
            if call.bytes.len() > 100 {
                reply.fail(s::INVALID_LENGTH);
            }
        }
    ),
    says!(
        BIO_ENROLLMENT / RENAME,
        "bio-enrollment/rename/too-long",
        "says that a name is kept that is too long",
        s::INVALID_LENGTH,
        s::OK
    ),
    says!(
        BIO_ENROLLMENT / RENAME,
        "bio-enrollment/rename/unknown",
        "says that a finger is named that is not there",
        s::INVALID_OPTION,
        s::OK
    ),
    idle("bio-enrollment/remove/listed"),
    says!(
        BIO_ENROLLMENT / REMOVE,
        "bio-enrollment/remove/unknown",
        "says that a finger is removed that is not there",
        s::INVALID_OPTION,
        s::OK
    ),
    misses!(CAPTURE, "bio-enrollment/capture/no-template-id"),
    misses!(RENAME, "bio-enrollment/rename/no-template-id"),
    misses!(RENAME, "bio-enrollment/rename/no-name"),
    misses!(REMOVE, "bio-enrollment/remove/no-template-id"),
    unverified("bio-enrollment/verification/make-credential"),
    unverified("bio-enrollment/verification/get-assertion"),
    answers!(
        CLIENT_PIN / GET_UV_RETRIES,
        "bio-enrollment/verification/retries",
        "tells that 99 fingers may be wrong",
        |_call, reply| {
            reply.set(0x05, 99);
        }
    ),
    says!(
        BIO_ENROLLMENT / ENUMERATE,
        "bio-enrollment/enumerate/none",
        "says that there are no credentials where there is no finger",
        s::INVALID_OPTION,
        s::NO_CREDENTIALS
    ),
];

/// Whether it is this sub-command.
fn is(call: &Call, wanted: u64) -> bool {
    call.command == command::BIO_ENROLLMENT && call.sub_command() == Some(wanted)
}

/// Says that a finger is named or removed, and leaves it as it is.
const fn idle(id: &'static str) -> AuthenticatorFlaw {
    mends!(BIO_ENROLLMENT, id, "says that a finger is named or removed, and leaves it as it is", |call| {
        if is(call, RENAME) || is(call, REMOVE) {
            call.set(0x02, SENSOR);
        }
    })
}

/// Enumerates no finger.
const fn forgets(id: &'static str) -> AuthenticatorFlaw {
    says!(BIO_ENROLLMENT / ENUMERATE, id, "says that no finger is enrolled", s::OK, s::INVALID_OPTION)
}

/// Does not verify users by their fingers.
const fn unverified(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "passes over the option uv",
        Change::Request(|call| {
            if matches!(call.command, command::MAKE_CREDENTIAL | command::GET_ASSERTION) {
                call.without_option("uv", true);
            }
        }),
    )
}
