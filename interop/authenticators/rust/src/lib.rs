//! What makes an authenticator of others reachable for `stuntkey conform`: an address, and hands that are signals.

use std::io::Write;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGUSR1, SIGUSR2};
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

/// Has signals be hands: SIGUSR1 touches, SIGUSR2 takes the power away, SIGHUP does what `reset` does.
///
/// # Panics
/// The system has no signals.
pub fn obey_signals(presence: &Presence, events: &Sender<Event>, mut reset: impl FnMut() + Send + 'static) {
    let mut signals = Signals::new([SIGHUP, SIGUSR1, SIGUSR2]).expect("signals can be listened to");
    let (presence, events) = (presence.clone(), events.clone());
    thread::spawn(move || {
        for signal in signals.forever() {
            match signal {
                SIGUSR1 => presence.give(Answer::Verified),
                SIGHUP => reset(),
                // It may have gone.
                _ => drop(events.send(Event::PowerCycle)),
            }
        }
    });
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
