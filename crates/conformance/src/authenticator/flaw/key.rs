//! Keys with flaws.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use stuntkey::authenticator::{Answer, Answers, Authenticator, BuildError, Model};
use stuntkey_transport::Key;
use stuntkey_transport::ctaphid::Offers;
use stuntkey_transport::host::Presence;

use super::message::{Call, Memory, Reply};
use super::{AuthenticatorFlaw, Change};
use crate::authenticator::subject::{InProcessAuthenticator, TimedKey};

/// A key with a flaw.
pub struct FlawedKey<K> {
    key: K,
    flaw: Option<&'static AuthenticatorFlaw>,
    memory: Memory,
}

impl<K> fmt::Debug for FlawedKey<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlawedKey").field("flaw", &self.flaw).finish_non_exhaustive()
    }
}

impl<K: Key> FlawedKey<K> {
    /// The key with a flaw, or without one.
    #[must_use]
    pub fn new(key: K, flaw: Option<&'static AuthenticatorFlaw>) -> Self {
        Self { key, flaw, memory: Memory::default() }
    }
}

impl<K: Key> Key for FlawedKey<K> {
    fn offers(&self) -> Offers {
        self.key.offers()
    }

    fn cbor(&mut self, channel: u32, request: &[u8]) -> Option<Vec<u8>> {
        let change = match self.flaw.map(|flaw| &flaw.change) {
            None | Some(Change::Hid(_) | Change::Card(_) | Change::Msg(_)) => {
                return self.key.cbor(channel, request);
            }
            Some(change) => change,
        };
        let Some(mut call) = Call::read(request) else { return self.key.cbor(channel, request) };
        let before = call.to_bytes();
        match change {
            Change::Request(change) => change(&mut call),
            Change::Both(change, _) => change(&mut self.memory, &mut call),
            _ => {}
        }
        // A request that the flaw leaves alone goes on byte for byte, canonical or not.
        let changed = call.to_bytes();
        let answer = match changed == before {
            true => self.key.cbor(channel, request)?,
            false => self.key.cbor(channel, &changed)?,
        };
        let Some(mut reply) = Reply::read(&answer) else { return Some(answer) };
        match change {
            Change::Answer(change) => change(&call, &mut reply),
            Change::Both(_, change) => change(&mut self.memory, &call, &mut reply),
            _ => return Some(answer),
        }
        Some(reply.to_bytes())
    }

    fn msg(&mut self, apdu: &[u8]) -> Vec<u8> {
        let mut answer = self.key.msg(apdu);
        if let Some(Change::Msg(change)) = self.flaw.map(|flaw| &flaw.change) {
            change(apdu, &mut answer);
        }
        answer
    }

    fn power_cycle(&mut self) {
        self.key.power_cycle();
    }
}

impl<K: TimedKey> TimedKey for FlawedKey<K> {
    fn set_time(&mut self, milliseconds: u64) {
        self.key.set_time(milliseconds);
    }
}

impl InProcessAuthenticator {
    /// An authenticator of a model, with a flaw or without one. Its keys follow from the seed.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn new(
        model: &Model,
        flaw: Option<&'static AuthenticatorFlaw>,
        seed: &str,
    ) -> Result<Self, BuildError> {
        let mut model = model.clone();
        model.user = Answers::Always(Answer::NoAnswer);
        let build = {
            let (seed, made) = (seed.to_owned(), AtomicU64::new(0));
            move |presence: &Presence, patience: Duration| -> Result<Authenticator, BuildError> {
                let user = presence.before(model.user.clone(), patience);
                // Each time that it comes from the factory it is another one.
                let seed = format!("{seed} {}", made.fetch_add(1, Ordering::Relaxed));
                model.clone().builder().seed(&seed).user(user).build()
            }
        };
        // A model that can be built once can be built again.
        build(&Presence::new(), Duration::ZERO)?;
        let make = move |presence: Presence, patience: Duration| -> Box<dyn TimedKey> {
            match build(&presence, patience) {
                Ok(authenticator) => Box::new(FlawedKey::new(authenticator, flaw)),
                Err(_) => Box::new(Absent),
            }
        };
        Ok(Self::of(make, flaw.and_then(AuthenticatorFlaw::hid), flaw.and_then(AuthenticatorFlaw::card)))
    }
}

/// A key that is not there.
struct Absent;

impl Key for Absent {
    fn offers(&self) -> Offers {
        Offers { cbor: false, msg: false }
    }

    fn cbor(&mut self, _: u32, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn msg(&mut self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn power_cycle(&mut self) {}
}

impl TimedKey for Absent {
    fn set_time(&mut self, _: u64) {}
}
