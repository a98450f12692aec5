//! What an authenticator knows until its power goes: key agreement keys, the token, and how many wrong PINs came in a row.

use std::fmt;

use rand_core::Rng as _;
use zeroize::Zeroizing;

use super::Authenticator;
use super::model::CtapVersion;
use super::state::Pin;
use crate::crypto::KeyAgreement;
use crate::ctap2::{Permissions, PinUvAuthProtocol};

/// How long a token may wait for its first use, in milliseconds (CTAP 2.1 §6.5.2.1, the initial usage time limit).
const FIRST_USE_WITHIN: u64 = 30_000;
/// How long it lives at most (the same, the maximum usage time period).
const LIVES: u64 = 600_000;

/// The volatile part of an authenticator.
#[derive(Default)]
pub(super) struct Session {
    /// The keys of each protocol, made when they are first asked for.
    key_agreement: [Option<KeyAgreement>; 2],
    /// The token in use. Issuing one of any protocol ends the one before.
    token: Option<Token>,
    /// Wrong PINs in a row since the power came.
    pub(super) mismatches: u8,
}

/// A pinUvAuthToken and its state (§6.5.2.1).
struct Token {
    /// The PIN that it was issued for. When another is set, by whomever, the token is none any more.
    pin: Pin,
    protocol: PinUvAuthProtocol,
    secret: Zeroizing<[u8; 32]>,
    permissions: Permissions,
    rp_id: Option<String>,
    /// When it was issued, in milliseconds of the clock.
    issued: u64,
    used: bool,
    /// Whether it still stands for a verified user: until the first operation that tests for presence.
    user_verified: bool,
    /// Whether it has the limits that CTAP 2.1 gave tokens: permissions, times, and one use for a ceremony.
    limited: bool,
}

impl Token {
    fn lives(&self, now: u64) -> bool {
        let age = now.saturating_sub(self.issued);
        !self.limited || (age <= LIVES && (self.used || age <= FIRST_USE_WITHIN))
    }

    /// Whether it may be used for this relying party. A token that is for none yet is then for this one.
    fn is_for(&mut self, rp_id: &str) -> bool {
        !self.limited || self.rp_id.get_or_insert_with(|| rp_id.to_owned()) == rp_id
    }
}

impl Authenticator {
    /// The key of a protocol, for key agreement.
    pub(super) fn key_agreement(&mut self, protocol: PinUvAuthProtocol) -> KeyAgreement {
        let ((PinUvAuthProtocol::One, [slot, _]) | (PinUvAuthProtocol::Two, [_, slot])) =
            (protocol, &mut self.session.key_agreement);
        slot.get_or_insert_with(|| KeyAgreement::generate(&mut self.random.ceremony(&[b"key agreement"])))
            .clone()
    }

    /// Makes new keys the next time (`regenerate`, §6.5.4).
    pub(super) fn forget_key_agreement(&mut self) {
        self.session.key_agreement = Default::default();
    }

    /// Ends the token (`resetPinUvAuthToken`, §6.5.4).
    pub(super) fn end_token(&mut self) {
        self.session.token = None;
        // What an operation with it began ends, too (§6).
        self.pending = None;
    }

    /// Issues a token, which ends the one before. In CTAP 2.0 there is one token from the first to the last.
    pub(super) fn issue_token(
        &mut self,
        protocol: PinUvAuthProtocol,
        pin: Pin,
        permissions: Permissions,
        rp_id: Option<String>,
    ) -> Zeroizing<[u8; 32]> {
        let limited = self.model.ctap_version > CtapVersion::V2_0;
        let issued = self.session.token.as_ref().filter(|token| !token.limited && token.pin == pin);
        if let Some(token) = issued {
            return token.secret.clone();
        }
        self.end_token();
        let mut secret = Zeroizing::new([0; 32]);
        self.random.ceremony(&[b"token", &pin.hash]).fill_bytes(&mut *secret);
        self.session.token = Some(Token {
            pin,
            protocol,
            secret: secret.clone(),
            permissions,
            rp_id,
            issued: self.now(),
            used: false,
            user_verified: true,
            limited,
        });
        secret
    }

    /// Whether `param` is the message under the token, and the token is of the PIN that is set, has the permission and may
    /// be used for the relying party (§6.1.2 step 11.1).
    pub(super) fn token_allows(
        &mut self,
        protocol: PinUvAuthProtocol,
        pin: Option<&Pin>,
        (message, param): (&[&[u8]], &[u8]),
        permission: Permissions,
        rp_id: Option<&str>,
    ) -> bool {
        let now = self.now();
        let Some(token) = self.session.token.as_mut().filter(|token| token.protocol == protocol) else {
            return false;
        };
        if !token.lives(now) || pin != Some(&token.pin) {
            self.end_token();
            return false;
        }
        if !protocol.verify(&*token.secret, message, param) {
            return false;
        }
        token.used = true;
        !token.limited
            || (token.permissions.contains(permission)
                && rp_id.is_none_or(|rp_id| token.user_verified && token.is_for(rp_id)))
    }

    /// What an operation that tested for presence leaves of the token: only large blobs may still be written
    /// (§6.1.2 step 14).
    pub(super) fn spend_token(&mut self) {
        if let Some(token) = self.session.token.as_mut().filter(|token| token.limited) {
            token.user_verified = false;
            token.permissions = token.permissions.and(Permissions::LARGE_BLOB_WRITE);
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("mismatches", &self.mismatches).finish_non_exhaustive()
    }
}
