//! What an authenticator knows until its power goes: key agreement keys, the token, how many wrong PINs came in a row, and
//! what it enumerates or writes in parts.

use std::fmt;

use rand_core::Rng as _;
use zeroize::Zeroizing;

use super::Authenticator;
use super::model::CtapVersion;
use super::state::{Pin, Secret, State};
use crate::crypto::KeyAgreement;
use crate::ctap2::{Permissions, PinUvAuthProtocol, Status};

/// How long a token may wait for its first use, in milliseconds (CTAP 2.1 §6.5.2.1, the initial usage time limit).
const FIRST_USE_WITHIN: u64 = 30_000;
/// How long it lives at most (the same, the maximum usage time period).
const LIVES: u64 = 600_000;
/// How long the touch counts that came with the user verification (the same, the user present time limit).
const PRESENT_FOR: u64 = 30_000;

/// The volatile part of an authenticator.
pub(super) struct Session {
    /// When the power came, in milliseconds of the clock.
    pub(super) since: u64,
    /// The keys of each protocol, made when they are first asked for.
    key_agreement: [Option<KeyAgreement>; 2],
    /// The token in use. Issuing one of any protocol ends the one before.
    token: Option<Token>,
    /// Wrong PINs in a row since the power came.
    pub(super) mismatches: u8,
}

impl Session {
    /// That of an authenticator whose power comes now.
    pub(super) fn new(now: u64) -> Self {
        Self { since: now, key_agreement: Default::default(), token: None, mismatches: 0 }
    }
}

/// A pinUvAuthToken and its state (§6.5.2.1).
struct Token {
    /// The PIN that was set when it was issued. When another is set, by whomever, the token is none any more.
    pin: Option<Pin>,
    protocol: PinUvAuthProtocol,
    secret: Secret<32>,
    permissions: Permissions,
    rp_id: Option<String>,
    /// When it was issued, in milliseconds of the clock.
    issued: u64,
    used: bool,
    /// Whether it still stands for a verified user: until the first operation that tests for presence.
    user_verified: bool,
    user_present: bool,
    /// Whether the authenticator itself verified the user.
    built_in_uv: bool,
    /// Whether it has the limits that CTAP 2.1 gave tokens: permissions, times, and one use for a ceremony.
    limited: bool,
}

impl Token {
    fn lives(&self, now: u64) -> bool {
        let age = now.saturating_sub(self.issued);
        !self.limited || (age <= LIVES && (self.used || age <= FIRST_USE_WITHIN))
    }
}

/// What a token is issued with.
pub(super) struct Grant {
    pub(super) protocol: PinUvAuthProtocol,
    pub(super) permissions: Permissions,
    pub(super) rp_id: Option<String>,
    /// Whether the authenticator itself verified the user, which was a touch, too.
    pub(super) built_in_uv: bool,
}

/// A message and what shall prove that it comes from who has a token.
#[derive(Clone, Copy)]
pub(super) struct Proof<'p> {
    pub(super) protocol: PinUvAuthProtocol,
    pub(super) message: &'p [&'p [u8]],
    pub(super) param: &'p [u8],
}

/// A token that allowed something.
pub(super) struct Allowed {
    /// The relying party that it is for, if it is for one.
    pub(super) rp_id: Option<String>,
    /// Whether the user touched the authenticator to get it, and it was not used for a ceremony since.
    pub(super) user_present: bool,
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

    /// Ends the token (`resetPinUvAuthToken`, §6.5.4), and what an operation with it began (§6).
    pub(super) fn end_token(&mut self) {
        self.session.token = None;
        self.pending = None;
    }

    /// Issues a token, which ends the one before. In CTAP 2.0 there is one token from the first to the last.
    pub(super) fn issue_token(&mut self, pin: Option<Pin>, grant: Grant) -> Secret<32> {
        let limited = self.model.ctap_version > CtapVersion::V2_0;
        let issued = self
            .session
            .token
            .as_ref()
            .filter(|token| !token.limited && token.pin == pin && token.protocol == grant.protocol);
        if let Some(token) = issued {
            return token.secret.clone();
        }
        self.end_token();
        let mut secret = Zeroizing::new([0; 32]);
        let hash = pin.as_ref().map_or(&[][..], |pin| pin.hash.bytes());
        self.random.ceremony(&[b"token", hash]).fill_bytes(&mut *secret);
        let secret = Secret::new(*secret);
        let Grant { protocol, permissions, rp_id, built_in_uv } = grant;
        self.session.token = Some(Token {
            pin,
            protocol,
            secret: secret.clone(),
            permissions,
            rp_id,
            issued: self.now(),
            used: false,
            user_verified: true,
            user_present: built_in_uv,
            built_in_uv,
            limited,
        });
        secret
    }

    /// Checks that the token proves the message, is of the PIN that is set, and has the permission.
    ///
    /// # Errors
    /// [`Status::PinAuthInvalid`].
    pub(super) fn token_allows(
        &mut self,
        state: &State,
        proof: Proof<'_>,
        permission: Permissions,
    ) -> Result<Allowed, Status> {
        let now = self.now();
        let Some(token) = self.session.token.as_mut().filter(|token| token.protocol == proof.protocol) else {
            return Err(Status::PinAuthInvalid);
        };
        if !token.lives(now) || state.pin() != token.pin {
            self.end_token();
            return Err(Status::PinAuthInvalid);
        }
        if !proof.protocol.verify(token.secret.bytes(), proof.message, proof.param) {
            return Err(Status::PinAuthInvalid);
        }
        token.used = true;
        if token.limited && !token.permissions.contains(permission) {
            return Err(Status::PinAuthInvalid);
        }
        Ok(Allowed {
            rp_id: token.rp_id.clone(),
            user_present: token.user_present && now.saturating_sub(token.issued) <= PRESENT_FOR,
        })
    }

    /// Checks that the token may be used for a ceremony of this relying party; one that is for none yet is then for this one
    /// (§6.1.2 step 11.1).
    pub(super) fn token_is_for(&mut self, rp_id: &str) -> Result<(), Status> {
        let token = self.session.token.as_mut().ok_or(Status::PinAuthInvalid)?;
        let is_for = |token: &mut Token| token.rp_id.get_or_insert_with(|| rp_id.to_owned()) == rp_id;
        match !token.limited || (token.user_verified && is_for(token)) {
            true => Ok(()),
            false => Err(Status::PinAuthInvalid),
        }
    }

    /// When the token ends at the latest, in milliseconds of the clock, if there is one that ends.
    pub(super) fn token_ends(&self) -> Option<u64> {
        let token = self.session.token.as_ref().filter(|token| token.limited)?;
        Some(token.issued.saturating_add(LIVES))
    }

    /// Whether the user who has the token was verified by the authenticator itself.
    pub(super) fn token_is_by_built_in_uv(&self) -> bool {
        self.session.token.as_ref().is_some_and(|token| token.built_in_uv)
    }

    /// What an operation that tested for presence leaves of the token: only large blobs may still be written
    /// (§6.1.2 step 14).
    pub(super) fn spend_token(&mut self) {
        if let Some(token) = self.session.token.as_mut().filter(|token| token.limited) {
            (token.user_verified, token.user_present) = (false, false);
            token.permissions = token.permissions.and(Permissions::LARGE_BLOB_WRITE);
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("mismatches", &self.mismatches).finish_non_exhaustive()
    }
}
