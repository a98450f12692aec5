//! What can go wrong with the persistent token, and with what its holder learns.

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::sub_command::credentials as sub;

/// Takes no persistent token for what it reads.
macro_rules! refuses {
    ($sub:expr, $id:literal) => {
        says!(CREDENTIAL_MANAGEMENT / $sub, $id, "takes no persistent token", s::OK, s::PIN_AUTH_INVALID)
    };
}

/// Takes the persistent token for what it changes.
macro_rules! permits {
    ($sub:expr, $id:literal) => {
        says!(
            CREDENTIAL_MANAGEMENT / $sub,
            $id,
            "takes the persistent token for everything",
            s::PIN_AUTH_INVALID,
            s::OK
        )
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    refuses!(sub::GET_CREDS_METADATA, "credential-management/read-only/metadata"),
    refuses!(sub::ENUMERATE_RPS_BEGIN, "credential-management/read-only/relying-parties"),
    refuses!(sub::ENUMERATE_CREDENTIALS_BEGIN, "credential-management/read-only/credentials"),
    refuses!(sub::GET_CREDS_METADATA, "credential-management/read-only/power-cycle"),
    permits!(sub::DELETE_CREDENTIAL, "credential-management/read-only/delete"),
    permits!(sub::UPDATE_USER_INFORMATION, "credential-management/read-only/update"),
    AuthenticatorFlaw::new(
        "credential-management/store-state/same",
        "tells another credential store state each time",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                if call.command == command::GET_INFO && reply.get(0x1e).is_some() {
                    memory.count += 1;
                    let byte = u8::try_from(memory.count % 251).unwrap_or_default();
                    reply.set(0x1e, vec![byte; 32]);
                }
            },
        ),
    ),
    stale("credential-management/store-state/created"),
    stale("credential-management/store-state/deleted"),
    stale("credential-management/store-state/updated"),
];

/// Tells the same credential store state for ever.
const fn stale(id: &'static str) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        "tells the same credential store state for ever",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                let told = reply.get(0x1e).and_then(ciborium::Value::as_bytes).cloned();
                if let (command::GET_INFO, Some(told)) = (call.command, told) {
                    if memory.kept.is_empty() {
                        memory.kept.push(told);
                    }
                    reply.set(0x1e, memory.kept.first().cloned().unwrap_or_default());
                }
            },
        ),
    )
}
