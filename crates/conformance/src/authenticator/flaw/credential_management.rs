//! What can go wrong as credentials are managed.

use ciborium::Value;

use super::{AuthenticatorFlaw, Call, Change, Memory, Reply};
use crate::authenticator::platform::answer::named;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::data::AuthData;
use crate::authenticator::platform::parameters::encode;
use crate::authenticator::platform::sub_command::credentials as sub;
use crate::authenticator::stage::ceremony::descriptor;
use crate::authenticator::stage::management::rp_id_hash;

const METADATA: u64 = sub::GET_CREDS_METADATA;
const RPS: u64 = sub::ENUMERATE_RPS_BEGIN;
const NEXT_RP: u64 = sub::ENUMERATE_RPS_GET_NEXT_RP;
const CREDENTIALS: u64 = sub::ENUMERATE_CREDENTIALS_BEGIN;
const NEXT_CREDENTIAL: u64 = sub::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL;
const DELETE: u64 = sub::DELETE_CREDENTIAL;
const UPDATE: u64 = sub::UPDATE_USER_INFORMATION;

/// Something else is told of a credential.
macro_rules! tells {
    ($id:literal, $sentence:literal, |$reply:ident| $body:expr) => {
        AuthenticatorFlaw::new(
            $id,
            $sentence,
            Change::Answer(|call, $reply| {
                if is(call, CREDENTIALS) || is(call, NEXT_CREDENTIAL) {
                    $body
                }
            }),
        )
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    AuthenticatorFlaw::new(
        "credential-management/sub-command/missing",
        "takes a request without a sub-command for getCredsMetadata",
        Change::Request(|call| {
            if call.command == command::CREDENTIAL_MANAGEMENT && call.get(0x01).is_none() {
                call.set(0x01, METADATA);
            }
        }),
    ),
    says!(
        CREDENTIAL_MANAGEMENT / 0x7f,
        "credential-management/sub-command/unknown",
        "says that all is well where it does not know a sub-command",
        s::INVALID_SUBCOMMAND,
        s::OK
    ),
    answers!(
        CREDENTIAL_MANAGEMENT / METADATA,
        "credential-management/metadata/new",
        "counts a credential that is not there",
        |_call, reply| {
            reply.set(0x01, 1);
        }
    ),
    answers!(
        CREDENTIAL_MANAGEMENT / METADATA,
        "credential-management/metadata/up",
        "always counts no credential",
        |_call, reply| {
            reply.set(0x01, 0);
        }
    ),
    AuthenticatorFlaw::new(
        "credential-management/metadata/down",
        "counts credentials that are deleted",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(is(call, DELETE) && reply.is_ok());
                count_more(memory, call, reply);
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "credential-management/metadata/not-discoverable",
        "counts credentials that are not discoverable",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(call.command == command::MAKE_CREDENTIAL && reply.is_ok());
                count_more(memory, call, reply);
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "credential-management/metadata/again",
        "takes a token once",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(is(call, METADATA));
                if memory.count > 1 && is(call, METADATA) {
                    reply.fail(s::PIN_AUTH_INVALID);
                }
            },
        ),
    ),
    says!(
        CREDENTIAL_MANAGEMENT / RPS,
        "credential-management/relying-parties/none",
        "says that it is not allowed where there is nothing to enumerate",
        s::NO_CREDENTIALS,
        s::NOT_ALLOWED
    ),
    AuthenticatorFlaw::new(
        "credential-management/relying-parties/listed",
        "tells the hash of something else",
        Change::Answer(|call, reply| {
            if is(call, RPS) || is(call, NEXT_RP) {
                reply.change(0x04, |hash| *hash = vec![7; 32].into());
            }
        }),
    ),
    AuthenticatorFlaw::new(
        "credential-management/relying-parties/once",
        "enumerates a relying party again for its second credential",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if is(call, RPS) && reply.is_ok() {
                    memory.kept = reply.body.iter().map(encode).collect();
                    reply.change(0x05, |total| *total = plus_one(total));
                } else if is(call, NEXT_RP)
                    && !reply.is_ok()
                    && let Some(first) = memory.kept.pop()
                {
                    (reply.status, reply.bytes) = (s::OK, Some(first));
                }
            },
        ),
    ),
    answers!(
        CREDENTIAL_MANAGEMENT / NEXT_RP,
        "credential-management/relying-parties/total",
        "tells the total again and again",
        |_call, reply| {
            reply.set(0x05, 2);
        }
    ),
    AuthenticatorFlaw::new(
        "credential-management/relying-parties/not-discoverable",
        "enumerates relying parties whose credentials are not discoverable",
        Change::Both(
            |memory, call| {
                let rp_id = call.get(0x02).and_then(|rp| named(rp, "id")).and_then(Value::as_text);
                if let (command::MAKE_CREDENTIAL, Some(rp_id)) = (call.command, rp_id) {
                    memory.kept = vec![rp_id_hash(rp_id)];
                }
            },
            |memory, call, reply| {
                if is(call, RPS)
                    && let Some(last) = memory.kept.last()
                {
                    reply.set(0x04, last.clone());
                }
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "credential-management/relying-parties/long-id",
        "tells the first 16 bytes of an RP ID",
        Change::Answer(|call, reply| {
            if is(call, RPS) || is(call, NEXT_RP) {
                reply.change(0x03, |rp| {
                    let cut = named(rp, "id").and_then(Value::as_text).and_then(|id| id.get(..16));
                    if let Some(cut) = cut.map(Value::from) {
                        super::set(rp, "id".into(), Some(cut));
                    }
                });
            }
        }),
    ),
    says!(
        CREDENTIAL_MANAGEMENT / NEXT_RP,
        "credential-management/relying-parties/next-without-begin",
        "says that there are no credentials where nothing was begun",
        s::NOT_ALLOWED,
        s::NO_CREDENTIALS
    ),
    says!(
        CREDENTIAL_MANAGEMENT / NEXT_RP,
        "credential-management/relying-parties/past-the-end",
        "says that all is well after the last relying party",
        s::NOT_ALLOWED,
        s::OK
    ),
    says!(
        CREDENTIAL_MANAGEMENT / NEXT_RP,
        "credential-management/relying-parties/power-cycle",
        "goes on with an enumeration of before its power was away",
        s::NOT_ALLOWED,
        s::OK
    ),
    says!(
        CREDENTIAL_MANAGEMENT / NEXT_CREDENTIAL,
        "credential-management/credentials/next-without-begin",
        "says that there are no credentials where nothing was begun",
        s::NOT_ALLOWED,
        s::NO_CREDENTIALS
    ),
    says!(
        CREDENTIAL_MANAGEMENT / NEXT_CREDENTIAL,
        "credential-management/credentials/past-the-end",
        "says that all is well after the last credential",
        s::NOT_ALLOWED,
        s::OK
    ),
    says!(
        CREDENTIAL_MANAGEMENT / NEXT_CREDENTIAL,
        "credential-management/credentials/next-of-relying-parties",
        "goes on with credentials where relying parties are enumerated",
        s::NOT_ALLOWED,
        s::OK
    ),
    says!(
        CREDENTIAL_MANAGEMENT / NEXT_CREDENTIAL,
        "credential-management/credentials/interrupted",
        "says that the sequence is wrong where another command came in",
        s::NOT_ALLOWED,
        s::INVALID_SEQ
    ),
    answers!(
        CREDENTIAL_MANAGEMENT / CREDENTIALS,
        "credential-management/credentials/listed",
        "leaves the last credential out",
        |_call, reply| {
            reply.change(0x09, |total| *total = Value::from(1));
        }
    ),
    answers!(
        CREDENTIAL_MANAGEMENT / NEXT_CREDENTIAL,
        "credential-management/credentials/total",
        "tells the total again and again",
        |_call, reply| {
            reply.set(0x09, 2);
        }
    ),
    remembers("credential-management/credentials/other-rp-listed"),
    remembers("credential-management/credentials/replaced"),
    AuthenticatorFlaw::new(
        "credential-management/credentials/not-discoverable",
        "enumerates credentials that are not discoverable",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                let data = reply.get(0x02).and_then(Value::as_bytes).map(|data| AuthData::read(data));
                let attested = data.and_then(Result::ok).and_then(|data| data.attested);
                if let (command::MAKE_CREDENTIAL, Some(attested)) = (call.command, attested) {
                    memory.kept = vec![attested.id];
                } else if is(call, CREDENTIALS)
                    && let Some(last) = memory.kept.last()
                {
                    reply.change(0x07, |told| *told = descriptor(last));
                }
            },
        ),
    ),
    says!(
        CREDENTIAL_MANAGEMENT / CREDENTIALS,
        "credential-management/credentials/none",
        "says that a credential is invalid where there is none",
        s::NO_CREDENTIALS,
        s::INVALID_CREDENTIAL
    ),
    says!(
        CREDENTIAL_MANAGEMENT / CREDENTIALS,
        "credential-management/credentials/no-hash",
        "says that there are no credentials where no relying party is named",
        s::MISSING_PARAMETER,
        s::NO_CREDENTIALS
    ),
    tells!("credential-management/credentials/user", "leaves displayName out", |reply| {
        reply.change(0x06, |user| super::set(user, "displayName".into(), None));
    }),
    tells!("credential-management/credentials/public-key", "tells another public key", |reply| {
        reply.change(0x08, |key| super::set(key, Value::from(-2), Some(vec![0; 32].into())));
    }),
    tells!("credential-management/credentials/descriptor", "tells a descriptor of another type", |reply| {
        reply.change(0x07, |told| super::set(told, "type".into(), Some("private-key".into())));
    }),
    tells!(
        "credential-management/credentials/no-large-blob-key",
        "tells a largeBlobKey of every credential",
        |reply| {
            reply.set(0x0b, vec![7; 32]);
        }
    ),
    tells!("credential-management/credentials/large-blob-key", "tells another largeBlobKey", |reply| {
        reply.change(0x0b, |key| *key = vec![7; 32].into());
    }),
    tells!("credential-management/credentials/third-party-payment", "tells nothing of payments", |reply| {
        reply.remove(0x0c);
    }),
    tells!(
        "credential-management/credentials/no-third-party-payment",
        "tells that every credential is for payments by others",
        |reply| {
            reply.set(0x0c, true);
        }
    ),
    tells!(
        "credential-management/credentials/protection/1",
        "tells that every credential is of level 2",
        |reply| reply.set(0x0a, 2)
    ),
    tells!(
        "credential-management/credentials/protection/2",
        "tells that every credential is of level 1",
        |reply| reply.set(0x0a, 1)
    ),
    tells!(
        "credential-management/credentials/protection/3",
        "tells that every credential is of level 1",
        |reply| reply.set(0x0a, 1)
    ),
    idle("credential-management/delete/listed"),
    idle("credential-management/delete/signs"),
    idle("credential-management/delete/discovered"),
    idle("credential-management/delete/excludes"),
    idle("credential-management/delete/last"),
    idle("credential-management/delete/twice"),
    AuthenticatorFlaw::new(
        "credential-management/delete/others",
        "deletes every credential of a relying party",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(is(call, DELETE));
                if memory.count > 0 && call.command == command::GET_ASSERTION {
                    reply.fail(s::NO_CREDENTIALS);
                }
            },
        ),
    ),
    says!(
        CREDENTIAL_MANAGEMENT / DELETE,
        "credential-management/delete/protected",
        "finds no credential of the strictest protection",
        s::OK,
        s::NO_CREDENTIALS
    ),
    says!(
        CREDENTIAL_MANAGEMENT / DELETE,
        "credential-management/delete/same-rp",
        "takes no token that is for a relying party",
        s::OK,
        s::PIN_AUTH_INVALID
    ),
    says!(
        CREDENTIAL_MANAGEMENT / DELETE,
        "credential-management/delete/unknown",
        "says that a credential is deleted that is not there",
        s::NO_CREDENTIALS,
        s::OK
    ),
    says!(
        CREDENTIAL_MANAGEMENT / DELETE,
        "credential-management/delete/no-credential-id",
        "says that nothing is deleted, and that this is well",
        s::MISSING_PARAMETER,
        s::OK
    ),
    idle("credential-management/update/listed"),
    idle("credential-management/update/absent"),
    idle("credential-management/update/empty"),
    idle("credential-management/update/assertion"),
    AuthenticatorFlaw::new(
        "credential-management/update/same-key",
        "gives a credential a new key as its user changes",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(is(call, UPDATE));
                if memory.count > 0 && is(call, CREDENTIALS) {
                    reply.change(0x08, |key| super::set(key, Value::from(-2), Some(vec![0; 32].into())));
                }
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "credential-management/update/signs",
        "loses a credential as its user changes",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += u64::from(is(call, UPDATE));
                if memory.count > 0 && call.command == command::GET_ASSERTION {
                    reply.fail(s::NO_CREDENTIALS);
                }
            },
        ),
    ),
    says!(
        CREDENTIAL_MANAGEMENT / UPDATE,
        "credential-management/update/other-user",
        "makes a credential another user's",
        s::INVALID_PARAMETER,
        s::OK
    ),
    says!(
        CREDENTIAL_MANAGEMENT / UPDATE,
        "credential-management/update/same-rp",
        "takes no token that is for a relying party",
        s::OK,
        s::PIN_AUTH_INVALID
    ),
    says!(
        CREDENTIAL_MANAGEMENT / UPDATE,
        "credential-management/update/unknown",
        "says that a user is updated who is not there",
        s::NO_CREDENTIALS,
        s::OK
    ),
    says!(
        CREDENTIAL_MANAGEMENT / UPDATE,
        "credential-management/update/no-credential-id",
        "says that no user is updated, and that this is well",
        s::MISSING_PARAMETER,
        s::OK
    ),
    says!(
        CREDENTIAL_MANAGEMENT / UPDATE,
        "credential-management/update/no-user",
        "updates a user by nothing",
        s::MISSING_PARAMETER,
        s::OK
    ),
];

/// Whether it is this sub-command.
fn is(call: &Call, wanted: u64) -> bool {
    call.command == command::CREDENTIAL_MANAGEMENT && call.sub_command() == Some(wanted)
}

/// Counts so many credentials more than there are.
fn count_more(memory: &Memory, call: &Call, reply: &mut Reply) {
    if is(call, METADATA) {
        let more = memory.count;
        reply.change(0x01, |count| *count = (0..more).fold(count.clone(), |count, _| plus_one(&count)));
    }
}

fn plus_one(number: &Value) -> Value {
    Value::from(crate::authenticator::platform::answer::number(number).unwrap_or_default() + 1)
}

/// Enumerates the credential that it enumerated first, whichever relying party is asked for.
const fn remembers(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "goes on enumerating the credential that it enumerated first",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if is(call, CREDENTIALS) && reply.is_ok() {
                    match memory.kept.first() {
                        Some(first) => reply.bytes = Some(first.clone()),
                        None => memory.kept.extend(reply.body.as_ref().map(encode)),
                    }
                }
            },
        ),
    )
}

/// Says that something is changed, and changes nothing.
const fn idle(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "says that a credential is changed or deleted, and leaves it as it is",
        Change::Request(|call| {
            if is(call, DELETE) || is(call, UPDATE) {
                // getInfo has no effect at all.
                (call.command, call.parameters) = (command::GET_INFO, None);
                call.bytes.clear();
            }
        }),
    )
}
