//! What makes an authenticator of others reachable for `stuntkey conform`: an address, and hands that are signals.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

pub use signal_hook::consts::SIGHUP;
use signal_hook::consts::{SIGUSR1, SIGUSR2};
use signal_hook::iterator::Signals;
use stuntkey::authenticator::Answer;
use stuntkey_transport::Key;
use stuntkey_transport::host::{Event, Presence, Wire, serve, udp};

/// A certificate for attestation, signed by its own key. Nobody trusts it: it stands for the one that is put into an
/// authenticator when it is made.
pub const ATTESTATION_CERTIFICATE: &[u8] = include_bytes!("attestation.der");

/// The private key of [`ATTESTATION_CERTIFICATE`]: a scalar of P-256.
pub const ATTESTATION_KEY: &[u8; 32] = include_bytes!("attestation.key");

/// Clients that are still told of reports.
const MOST_CLIENTS: usize = 8;

/// What happens to an authenticator.
pub type Events = (Sender<Event>, Receiver<Event>);

/// Begins a program. With `--version` it prints its authenticator's name and version instead, and ends.
#[must_use]
pub fn begin(version: &str) -> Events {
    if std::env::args().nth(1).as_deref() == Some("--version") {
        println!("{version}");
        std::process::exit(0);
    }
    mpsc::channel()
}

/// Listens at a free port, and prints the address.
///
/// # Panics
/// There is no free port, or nobody reads the address.
pub fn listen(events: &Sender<Event>) -> impl Wire + use<> {
    let (wire, at) = udp("127.0.0.1:0", events.clone()).expect("a port is free");
    let mut output = std::io::stdout().lock();
    writeln!(output, "udp://{at}").and_then(|()| output.flush()).expect("the address is read");
    wire
}

/// Has SIGUSR1 touch.
///
/// # Panics
/// The system has no signals.
pub fn obey_touches(presence: &Presence) {
    let mut signals = Signals::new([SIGUSR1]).expect("signals can be listened to");
    let presence = presence.clone();
    thread::spawn(move || {
        for _ in signals.forever() {
            presence.give(Answer::Verified);
        }
    });
}

/// A flag that a signal sets. Its handler does, so that it is set before the main thread goes on: a thread that is told may
/// have its turn after what is sent behind the signal.
///
/// # Panics
/// The system has no signals.
#[must_use]
pub fn flag_of(signal: i32) -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal, Arc::clone(&flag)).expect("signals can be listened to");
    flag
}

/// What happens to an authenticator whose power is taken away by SIGUSR2. The main thread has to ask for it.
pub struct Happenings {
    events: Receiver<Event>,
    /// What had come when the power was found to be gone: it may be for who comes up again.
    kept: Option<Event>,
    power_cycles: Arc<AtomicBool>,
}

impl Happenings {
    /// These events, and power cycles.
    ///
    /// # Panics
    /// The system has no signals.
    #[must_use]
    pub fn new(events: Receiver<Event>) -> Self {
        Self { events, kept: None, power_cycles: flag_of(SIGUSR2) }
    }

    /// The next one within so long.
    ///
    /// # Errors
    /// There was none, or there will be none any more.
    pub fn next(&mut self, patience: Duration) -> Result<Event, RecvTimeoutError> {
        let next = match self.kept.take() {
            Some(event) => Ok(event),
            None => self.events.recv_timeout(patience),
        };
        if self.power_cycles.swap(false, Ordering::SeqCst) {
            self.kept = next.ok();
            return Ok(Event::PowerCycle);
        }
        next
    }
}

impl Default for Happenings {
    /// Nothing happens.
    fn default() -> Self {
        let (_, events) = mpsc::channel();
        Self { events, kept: None, power_cycles: Arc::default() }
    }
}

/// Clients of an authenticator that does not know of several. Each hears every report, as each that has a USB device open
/// does.
pub struct Clients<W> {
    wire: W,
    peers: Vec<u32>,
}

impl<W: Wire> Clients<W> {
    /// Nobody has spoken yet.
    pub const fn new(wire: W) -> Self {
        Self { wire, peers: Vec::new() }
    }

    /// This one has spoken.
    pub fn heard(&mut self, peer: u32) {
        self.peers.retain(|known| *known != peer);
        self.peers.push(peer);
        if self.peers.len() > MOST_CLIENTS {
            self.peers.remove(0);
        }
    }

    /// Tells them all.
    pub fn tell(&mut self, report: &[u8; 64]) {
        for peer in &self.peers {
            // One that has gone is no error of the key's.
            drop(self.wire.send(*peer, report));
        }
    }
}

/// Holds out an authenticator that has no CTAPHID of its own, by that of stuntkey.
///
/// # Panics
/// The system takes its port away.
pub fn lend_ctaphid(key: impl Key + 'static, presence: &Presence, events: Events) {
    let wire = listen(&events.0);
    serve(key, presence, wire, events, |_| ()).expect("the port stays");
}
