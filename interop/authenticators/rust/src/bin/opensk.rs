//! OpenSK, as the firmware of its repository runs it: its own CTAPHID, its default settings, and a certificate for U2F.
//!
//! What it wants from its board is here: a clock, random numbers, a store that forgets with the process, a button, and the
//! wire. CTAPHID waits for the button and reads the wire at once, so that all of it is one thread.

use std::collections::BTreeMap;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use opensk::api::clock::Clock;
use opensk::api::connection::{HidConnection, RecvStatus, UsbEndpoint};
use opensk::api::crypto::software_crypto::SoftwareCrypto;
use opensk::api::customization::{CustomizationImpl, DEFAULT_CUSTOMIZATION};
use opensk::api::key_store;
use opensk::api::persist::{Attestation, AttestationId, Persist, PersistIter};
use opensk::api::rng::Rng;
use opensk::api::user_presence::{UserPresence, UserPresenceError, UserPresenceWaitResult};
use opensk::ctap::status_code::CtapResult;
use opensk::env::Env;
use opensk::{Ctap, Transport};
use rand::{CryptoRng, RngCore, SeedableRng, rngs::StdRng};
use stuntkey_interop_authenticators::{
    ATTESTATION_CERTIFICATE, ATTESTATION_KEY, Clients, Happenings, begin, listen, obey_touches,
};
use stuntkey_transport::host::{Event, Presence, Wire};

/// How long nobody looks at the button.
const GLANCE: Duration = Duration::from_millis(5);

fn main() {
    let (to_host, events) = begin("OpenSK 0.1.0");
    let presence = Presence::new();
    obey_touches(&presence);
    let happenings = Happenings::new(events);
    let wire: Box<dyn Wire> = Box::new(listen(&to_host));
    let mut board = Board {
        stored: BTreeMap::new(),
        random: Random(StdRng::from_entropy()),
        clock: Wall,
        presence,
        clients: Clients::new(wire),
        happenings,
        power_cycles: false,
    };
    // OpenSK's `configure.py` does this to a new key; U2F cannot register without.
    let attestation = Attestation {
        wrapped_private_key: ATTESTATION_KEY.to_vec(),
        certificate: ATTESTATION_CERTIFICATE.to_vec(),
    };
    board.set_attestation(AttestationId::Batch, Some(&attestation)).expect("the store takes it");
    while let Some(next) = power_up(board) {
        board = next;
    }
}

/// Runs it until the power goes: what is left then, or `None` at the end.
fn power_up(board: Board) -> Option<Board> {
    let mut ctap = Ctap::new(board);
    loop {
        if ctap.env().power_cycles {
            ctap.env().power_cycles = false;
            return Some(ctap.env().taken_out());
        }
        // U2F does not wait for its user: the button is looked at in between.
        if ctap.u2f_needs_user_presence() && ctap.env().is_pressed() {
            ctap.u2f_grant_user_presence();
        }
        let Some(report) = ctap.env().report(GLANCE)? else { continue };
        let answers: Vec<_> = ctap.process_hid_packet(&report, Transport::MainHid).collect();
        for answer in answers {
            ctap.env().send(&answer, UsbEndpoint::MainHid).ok()?;
        }
    }
}

struct Board {
    stored: BTreeMap<usize, Vec<u8>>,
    random: Random,
    clock: Wall,
    presence: Presence,
    clients: Clients<Box<dyn Wire>>,
    happenings: Happenings,
    power_cycles: bool,
}

impl Board {
    /// The board without the program that ran on it, which is dropped.
    fn taken_out(&mut self) -> Self {
        Self {
            stored: std::mem::take(&mut self.stored),
            random: Random(StdRng::from_entropy()),
            clock: Wall,
            presence: self.presence.clone(),
            clients: std::mem::replace(&mut self.clients, Clients::new(Box::new(NoWire))),
            happenings: std::mem::take(&mut self.happenings),
            power_cycles: false,
        }
    }

    fn is_pressed(&self) -> bool {
        self.presence.wait(Duration::ZERO).is_some()
    }

    /// The next report within so long, if one comes; nothing at the end.
    fn report(&mut self, patience: Duration) -> Option<Option<[u8; 64]>> {
        match self.happenings.next(patience) {
            Ok(Event::Report { peer, report }) => {
                self.clients.heard(peer);
                Some(Some(report))
            }
            Ok(Event::PowerCycle) => {
                self.power_cycles = true;
                Some(None)
            }
            Ok(Event::Stop | Event::Closed) | Err(RecvTimeoutError::Disconnected) => None,
            Ok(_) | Err(RecvTimeoutError::Timeout) => Some(None),
        }
    }
}

impl HidConnection for Board {
    fn send(&mut self, report: &[u8; 64], _: UsbEndpoint) -> CtapResult<()> {
        self.clients.tell(report);
        Ok(())
    }

    fn recv(&mut self, report: &mut [u8; 64], timeout_ms: usize) -> CtapResult<RecvStatus> {
        match self.report(milliseconds(timeout_ms)) {
            Some(Some(received)) => {
                *report = received;
                Ok(RecvStatus::Received(UsbEndpoint::MainHid))
            }
            _ => Ok(RecvStatus::Timeout),
        }
    }
}

impl UserPresence for Board {
    fn check_init(&mut self) {}

    fn wait_with_timeout(&mut self, packet: &mut [u8; 64], timeout_ms: usize) -> UserPresenceWaitResult {
        let end = Instant::now() + milliseconds(timeout_ms);
        while Instant::now() < end {
            if self.is_pressed() {
                return Ok((Ok(()), RecvStatus::Timeout));
            }
            if let Some(Some(report)) = self.report(GLANCE) {
                *packet = report;
                return Ok((Err(UserPresenceError::Timeout), RecvStatus::Received(UsbEndpoint::MainHid)));
            }
            if self.power_cycles {
                // What waits is forgotten by the power, and its answer is for nobody.
                return Ok((Err(UserPresenceError::Canceled), RecvStatus::Timeout));
            }
        }
        Ok((Err(UserPresenceError::Timeout), RecvStatus::Timeout))
    }

    fn check_complete(&mut self) {}
}

impl Persist for Board {
    fn find(&self, key: usize) -> CtapResult<Option<Vec<u8>>> {
        Ok(self.stored.get(&key).cloned())
    }

    fn insert(&mut self, key: usize, value: &[u8]) -> CtapResult<()> {
        self.stored.insert(key, value.to_vec());
        Ok(())
    }

    fn remove(&mut self, key: usize) -> CtapResult<()> {
        self.stored.remove(&key);
        Ok(())
    }

    fn iter(&self) -> CtapResult<PersistIter<'_>> {
        Ok(Box::new(self.stored.keys().map(|key| Ok(*key))))
    }
}

/// The time that goes by. The default of a timer is one that has run out.
struct Wall;

impl Clock for Wall {
    type Timer = Option<Instant>;

    fn make_timer(&mut self, milliseconds: usize) -> Self::Timer {
        Some(Instant::now() + self::milliseconds(milliseconds))
    }

    fn is_elapsed(&mut self, timer: &Self::Timer) -> bool {
        timer.is_none_or(|end| Instant::now() >= end)
    }
}

struct Random(StdRng);

impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        self.0.try_fill_bytes(bytes)
    }
}

impl CryptoRng for Random {}
impl Rng for Random {}

/// What is written for those who look for mistakes in OpenSK.
struct Nowhere;

impl std::fmt::Write for Nowhere {
    fn write_str(&mut self, _: &str) -> std::fmt::Result {
        Ok(())
    }
}

struct NoWire;

impl Wire for NoWire {
    fn send(&mut self, _: u32, _: &[u8; 64]) -> std::io::Result<()> {
        Ok(())
    }
}

impl key_store::Helper for Board {}

impl Env for Board {
    type Rng = Random;
    type UserPresence = Self;
    type Persist = Self;
    type KeyStore = Self;
    type Write = Nowhere;
    type Customization = CustomizationImpl;
    type HidConnection = Self;
    type Clock = Wall;
    type Crypto = SoftwareCrypto;

    fn rng(&mut self) -> &mut Random {
        &mut self.random
    }

    fn user_presence(&mut self) -> &mut Self {
        self
    }

    fn persist(&mut self) -> &mut Self {
        self
    }

    fn key_store(&mut self) -> &mut Self {
        self
    }

    fn clock(&mut self) -> &mut Wall {
        &mut self.clock
    }

    fn write(&mut self) -> Nowhere {
        Nowhere
    }

    fn customization(&self) -> &CustomizationImpl {
        &DEFAULT_CUSTOMIZATION
    }

    fn hid_connection(&mut self) -> &mut Self {
        self
    }

    fn boots_after_soft_reset(&self) -> bool {
        false
    }
}

fn milliseconds(number: usize) -> Duration {
    Duration::from_millis(number.try_into().unwrap_or(u64::MAX))
}
