//! Answers that are not of the form that the document has.

use ciborium::Value;

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::{command, status};
use crate::authenticator::platform::data::AuthData;
use crate::authenticator::platform::parameters::encode;
use crate::authenticator::stage::ceremony::descriptor;

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
        "whole-run/counters",
        "counts its signatures backwards",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if call.command == command::GET_ASSERTION {
                    memory.count += 1;
                    let count = u32::MAX.saturating_sub(u32::try_from(memory.count).unwrap_or(u32::MAX));
                    reply.change_data(|data| {
                        if let Some(bytes) = data.get_mut(33..37) {
                            bytes.copy_from_slice(&count.to_be_bytes());
                        }
                    });
                }
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "whole-run/relying-parties",
        "tells every relying party the id of the first one's credential",
        Change::Both(
            |_, _| {},
            |memory, call, reply| match call.command {
                command::MAKE_CREDENTIAL if memory.kept.is_empty() => {
                    let data =
                        reply.get(0x02).and_then(Value::as_bytes).and_then(|data| AuthData::read(data).ok());
                    memory.kept.extend(data.and_then(|data| data.attested).map(|attested| attested.id));
                }
                command::GET_ASSERTION => {
                    if let Some(id) = memory.kept.first() {
                        reply.change(0x01, |credential| *credential = descriptor(id));
                    }
                }
                _ => {}
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
