//! Answers that are not of the form that the document has.

use ciborium::Value;

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::{command, status};
use crate::authenticator::platform::parameters::encode;

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    AuthenticatorFlaw::new(
        "whole-run/encoding/canonical",
        "encodes its answers with the keys the wrong way round",
        Change::Answer(|call, reply| {
            if call.command == command::MAKE_CREDENTIAL
                && let Some(Value::Map(entries)) = &mut reply.body
            {
                entries.reverse();
            }
        }),
    ),
    AuthenticatorFlaw::new(
        "whole-run/status/known",
        "answers with a status that no document defines",
        Change::Answer(|_, reply| reply.instead(status::INVALID_COMMAND, 0x55)),
    ),
    AuthenticatorFlaw::new(
        "whole-run/unique",
        "gives the same credential again and again",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if call.command == command::MAKE_CREDENTIAL && reply.is_ok() {
                    match memory.kept.first() {
                        Some(first) => reply.bytes = Some(first.clone()),
                        None => memory.kept.extend(reply.body.as_ref().map(encode)),
                    }
                }
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "whole-run/status/no-body",
        "sends an empty map behind errors",
        Change::Answer(|_, reply| {
            if reply.status != status::OK {
                reply.body = Some(Value::Map(Vec::new()));
            }
        }),
    ),
];
