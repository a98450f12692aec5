//! Stateful commands (CTAP 2.1 §6): what a command began and the next one on its channel continues.

use std::collections::VecDeque;

use super::Authenticator;
use super::extensions::Asserted;
use super::state::Secret;
use crate::webauthn::Flags;

/// The longest time between one command and the next, in milliseconds (§6.3).
const NEXT_WITHIN: u64 = 30_000;

/// What waits to be continued.
#[derive(Debug)]
pub(super) struct Pending {
    /// The channel that it was begun on; 0 for a call of a typed method.
    channel: u32,
    /// When the last of its commands was answered, in milliseconds of the clock.
    since: u64,
    /// The PIN that was set when it began, by its hash: another one ends it.
    pin: Option<Secret<16>>,
    /// When the token ends that was there when it began: what it authorised ends with it (§6).
    until: Option<u64>,
    what: Continuation,
}

/// What can be continued.
#[derive(Debug)]
pub(super) enum Continuation {
    Assertions(Box<PendingAssertions>),
    /// The relying parties that are left to enumerate.
    RelyingParties(VecDeque<String>),
    /// The ids of the credentials that are left to enumerate.
    Credentials(VecDeque<Vec<u8>>),
    LargeBlobs(PendingWrite),
}

/// What getNextAssertion continues: a request, and the credentials that are left, newest first.
#[derive(Debug)]
pub(super) struct PendingAssertions {
    pub(super) credential_ids: VecDeque<Vec<u8>>,
    pub(super) request: Sealed,
}

/// What each assertion of a request has in common.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) rp_id: String,
    pub(super) client_data_hash: [u8; 32],
    pub(super) flags: Flags,
    pub(super) extensions: Option<Box<Asserted>>,
    /// Whether the user has several accounts to choose from.
    pub(super) choosing: bool,
}

/// An array of large blobs of which fragments are missing.
#[derive(Debug)]
pub(super) struct PendingWrite {
    /// The length of the whole array, in bytes.
    pub(super) length: usize,
    pub(super) written: Vec<u8>,
}

impl Authenticator {
    /// Takes what waits on this channel, if the command is in time. Every command takes it: what it does not continue ends.
    pub(super) fn take_pending(&mut self) -> Option<Continuation> {
        let channel = self.channel;
        let pending = self.pending.take_if(|pending| pending.channel == channel)?;
        let now = self.now();
        let lives = pending.until.is_none_or(|until| now <= until);
        let in_time = lives && now.saturating_sub(pending.since) <= NEXT_WITHIN;
        let goes_on = in_time && self.state().is_ok_and(|state| state.pin_hash == pending.pin);
        goes_on.then_some(pending.what)
    }

    /// Lets the next command on this channel continue.
    pub(super) fn keep_pending(&mut self, what: Continuation) {
        let until = self.token_ends();
        let pin = self.state().ok().and_then(|state| state.pin_hash.clone());
        self.pending = Some(Pending { channel: self.channel, since: self.now(), pin, until, what });
    }
}
