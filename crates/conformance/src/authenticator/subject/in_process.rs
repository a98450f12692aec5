//! An authenticator in the same process.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use stuntkey::authenticator::{Answer, Authenticator, Clock};
use stuntkey_transport::ctaphid::Offers;
use stuntkey_transport::host::{Event, Presence, in_process, serve};
use stuntkey_transport::{Key, Link, TransportError};

use super::{AuthenticatorTarget, Touches, virtual_reader};
use crate::authenticator::flaw::{CardChange, FlawedReader, FlawedReports, HidChange};

/// How long it waits for a touch.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes an authenticator as it comes from the factory, whose user is reached by the presence.
type Factory = dyn Fn(Presence, Duration) -> Box<dyn TimedKey> + Sync;

/// A key whose clock can be set.
pub(crate) trait TimedKey: Key {
    /// Sets the clock to this many milliseconds since 1970.
    fn set_time(&mut self, milliseconds: u64);
}

impl TimedKey for Authenticator {
    fn set_time(&mut self, milliseconds: u64) {
        self.set_clock(Clock::Fixed(milliseconds));
    }
}

/// An authenticator in the same process: touched, restarted and made anew in no time, and with a clock that goes on only
/// when a case waits.
pub struct InProcessAuthenticator {
    make: Box<Factory>,
    presence: Presence,
    key: Arc<Mutex<Box<dyn TimedKey>>>,
    now: Arc<AtomicU64>,
    host: Mutex<Option<Sender<Event>>>,
    touches: AtomicUsize,
    /// What is done to its reports.
    hid: Option<HidChange>,
    /// What is done between it and a reader.
    card: Option<CardChange>,
    /// Whether it is a card.
    is_card: bool,
}

impl std::fmt::Debug for InProcessAuthenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InProcessAuthenticator").finish_non_exhaustive()
    }
}

impl InProcessAuthenticator {
    pub(crate) fn of(
        make: impl Fn(Presence, Duration) -> Box<dyn TimedKey> + Sync + 'static,
        hid: Option<HidChange>,
        card: Option<CardChange>,
    ) -> Self {
        let presence = Presence::new();
        let key = Arc::new(Mutex::new(make(presence.clone(), PATIENCE)));
        let now = Arc::new(AtomicU64::new(Clock::System.now()));
        Self {
            make: Box::new(make),
            presence,
            key,
            now,
            host: Mutex::new(None),
            touches: AtomicUsize::new(0),
            hid,
            card,
            is_card: false,
        }
    }

    /// The same as a card in a reader.
    #[must_use]
    pub fn as_card(mut self) -> Self {
        self.is_card = true;
        self
    }

    /// How often it was touched.
    pub(crate) fn touches_given(&self) -> usize {
        self.touches.load(Ordering::Relaxed)
    }

    /// Lets a key begin, by our clock.
    fn begin(&self, key: &mut dyn TimedKey) {
        key.set_time(self.now.load(Ordering::Relaxed));
        key.power_cycle();
    }

    fn happen(&self, event: Event) {
        if let Some(host) = self.host.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            // A host that has gone is made anew by the next connection.
            drop(host.send(event));
        }
    }
}

/// The key on its clock, shared by the connections.
struct Shared {
    key: Arc<Mutex<Box<dyn TimedKey>>>,
    now: Arc<AtomicU64>,
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut dyn TimedKey) -> T) -> T {
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        key.set_time(self.now.load(Ordering::Relaxed));
        act(key.as_mut())
    }
}

impl Key for Shared {
    fn offers(&self) -> Offers {
        self.key.lock().unwrap_or_else(PoisonError::into_inner).offers()
    }

    fn cbor(&mut self, channel: u32, request: &[u8]) -> Option<Vec<u8>> {
        self.with(|key| key.cbor(channel, request))
    }

    fn msg(&mut self, apdu: &[u8]) -> Vec<u8> {
        self.with(|key| key.msg(apdu))
    }

    fn power_cycle(&mut self) {
        // The target has done it, at a time that is known.
    }
}

impl AuthenticatorTarget for InProcessAuthenticator {
    fn connect(&self) -> Result<Link, TransportError> {
        if self.is_card {
            let key = Shared { key: Arc::clone(&self.key), now: Arc::clone(&self.now) };
            let (reader, to_host) = virtual_reader::insert(key, self.presence.clone())?;
            *self.host.lock().unwrap_or_else(PoisonError::into_inner) = Some(to_host);
            return Ok(Link::Reader(match self.card {
                None => Box::new(reader),
                Some(change) => Box::new(FlawedReader::new(reader, change)),
            }));
        }
        let (to_host, events) = mpsc::channel();
        let (wire, client) = in_process(to_host.clone());
        let key = Shared { key: Arc::clone(&self.key), now: Arc::clone(&self.now) };
        let presence = self.presence.clone();
        *self.host.lock().unwrap_or_else(PoisonError::into_inner) = Some(to_host.clone());
        // A wire in the process does not fail.
        thread::spawn(move || drop(serve(key, &presence, wire, (to_host, events), |_| {})));
        Ok(Link::Reports(match self.hid {
            None => Box::new(client),
            Some(change) => Box::new(FlawedReports::new(client, change)),
        }))
    }

    fn touches(&self) -> Touches {
        Touches::Given
    }

    fn touch(&self, _: &str) -> Result<(), String> {
        self.touches.fetch_add(1, Ordering::Relaxed);
        self.presence.give(Answer::Verified);
        Ok(())
    }

    fn power_cycle(&self) -> Option<Result<(), String>> {
        // A card without power is none.
        self.happen(if self.is_card { Event::Stop } else { Event::PowerCycle });
        self.begin(self.key.lock().unwrap_or_else(PoisonError::into_inner).as_mut());
        Some(Ok(()))
    }

    fn restore(&self) -> Option<Result<(), String>> {
        let mut key = (self.make)(self.presence.clone(), PATIENCE);
        self.begin(key.as_mut());
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = key;
        self.happen(if self.is_card { Event::Stop } else { Event::PowerCycle });
        Some(Ok(()))
    }

    fn wait(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.now.fetch_add(milliseconds, Ordering::Relaxed);
    }

    fn waits_in_no_time(&self) -> bool {
        true
    }
}
