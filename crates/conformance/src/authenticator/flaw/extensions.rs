//! What can go wrong with extensions.

pub(super) mod blobs;
pub(super) mod cred_protect;
pub(super) mod hmac_secret;
pub(super) mod policies;

use ciborium::Value;

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::command;

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[answers!(
    GET_ASSERTION,
    "extensions/verifies",
    "signs something else where an extension was asked for",
    |call, reply| {
        if call.get(0x04).is_some() {
            reply.change(0x03, |signature| {
                if let Value::Bytes(bytes) = signature
                    && let Some(last) = bytes.last_mut()
                {
                    *last ^= 1;
                }
            });
        }
    }
)];
