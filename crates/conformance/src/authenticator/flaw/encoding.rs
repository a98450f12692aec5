//! Requests that are read wrongly.

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::{command, status as s};

/// Breaks down where a request cannot be read.
const fn breaks_down(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "breaks down where a request cannot be read",
        Change::Answer(|call, reply| {
            if call.command == command::MAKE_CREDENTIAL && !reply.is_ok() {
                reply.fail(s::OTHER);
            }
        }),
    )
}

/// Is lenient with requests that are not canonical, or breaks down at them.
const fn lenient(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "says that it is not allowed where a request is not canonical",
        Change::Answer(|call, reply| {
            if call.command == command::MAKE_CREDENTIAL && !reply.is_ok() {
                reply.fail(s::NOT_ALLOWED);
            }
        }),
    )
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    AuthenticatorFlaw::new(
        "encoding/command/unknown",
        "says that all is well where it does not know a command",
        Change::Answer(|_, reply| reply.instead(s::INVALID_COMMAND, s::OK)),
    ),
    breaks_down("encoding/malformed/no-map"),
    breaks_down("encoding/malformed/text"),
    breaks_down("encoding/malformed/truncated"),
    breaks_down("encoding/malformed/empty"),
    breaks_down("encoding/malformed/reserved"),
    breaks_down("encoding/malformed/huge-length"),
    breaks_down("encoding/malformed/nested"),
    breaks_down("encoding/malformed/no-text"),
    lenient("encoding/not-canonical/trailing"),
    lenient("encoding/not-canonical/indefinite"),
    lenient("encoding/not-canonical/long-integer"),
    lenient("encoding/not-canonical/order"),
    lenient("encoding/not-canonical/tag"),
    lenient("encoding/not-canonical/duplicate"),
];
