//! A key on a wire, whose user does what a test has them do.
#![allow(dead_code, unreachable_pub, reason = "each test file takes what it needs")]

use std::io;
use std::net::UdpSocket;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use stuntkey::authenticator::{Answer, Model};
use stuntkey::client::{Channel, RemoteDevice};
use stuntkey_transport::ctaphid::{HidChannel, Report, Reports};
use stuntkey_transport::host::{self, Attended, Event, Notice, Presence};
use stuntkey_transport::{Address, Key, TransportError, open};

/// authenticatorGetInfo and authenticatorSelection (CTAP 2.1 §6.4, §6.9).
pub const GET_INFO: &[u8] = &[0x04];
pub const SELECTION: &[u8] = &[0x0b];

/// The last guard against a test that never ends.
pub const LONG: Duration = Duration::from_secs(30);

/// A key on a wire of this process.
pub struct Held {
    pub address: Address,
    pub presence: Presence,
    pub events: Sender<Event>,
    pub notices: Receiver<Notice>,
    pub host: Option<JoinHandle<io::Result<()>>>,
}

impl Held {
    pub fn new(key: impl Key + 'static, presence: &Presence, scheme: &str) -> Self {
        let (events, received) = channel();
        let (to_watcher, notices) = channel();
        let watch = move |notice| drop(to_watcher.send(notice));
        let (to_host, presence) = (events.clone(), presence.clone());
        let to_user = presence.clone();
        macro_rules! serve {
            ($wire:path) => {{
                let (wire, at) = $wire("127.0.0.1:0", events.clone()).unwrap();
                let host = move || host::serve(key, &to_user, wire, (to_host, received), watch);
                (at, thread::spawn(host))
            }};
        }
        let (at, host) = if scheme == "udp" { serve!(host::udp) } else { serve!(host::tcp) };
        let address = format!("{scheme}://{at}").parse().unwrap();
        Self { address, presence, events, notices, host: Some(host) }
    }

    pub fn client(&self) -> RemoteDevice<Box<dyn Channel + Send>> {
        RemoteDevice::open(open(&self.address).unwrap()).unwrap()
    }

    /// A channel whose packets the test can see, and a second way to the device in its name.
    pub fn raw(&self) -> (HidChannel<Datagrams>, Datagrams) {
        let Address::Udp(at) = &self.address else { panic!("a test over UDP") };
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(at).unwrap();
        let beside = Datagrams(socket.try_clone().unwrap());
        (HidChannel::open(Datagrams(socket), [7; 8]).unwrap(), beside)
    }

    pub fn until_it_waits(&self) {
        until_it_waits(&self.presence, true);
    }

    pub fn until_it_waits_no_more(&self) {
        until_it_waits(&self.presence, false);
    }

    /// The name of the status of the next request that is answered, and what it was.
    pub fn served(&self) -> (String, String) {
        loop {
            if let Notice::Served(served) = self.notices.recv_timeout(LONG).unwrap() {
                return (served.request, served.status);
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.events.send(Event::Stop));
        let outcome = self.host.take().unwrap().join();
        if !thread::panicking() {
            outcome.unwrap().unwrap();
        }
    }
}

pub fn until_it_waits(presence: &Presence, waits: bool) {
    let end = Instant::now() + LONG;
    while presence.waits() != waits {
        assert!(Instant::now() < end, "waiting for its user: {}", !waits);
        thread::sleep(Duration::from_millis(1));
    }
}

/// Reports over UDP, which the test can send beside a channel.
pub struct Datagrams(pub UdpSocket);

impl Reports for Datagrams {
    fn send(&mut self, report: &Report) -> Result<(), TransportError> {
        self.0.send(report)?;
        Ok(())
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        self.0.set_read_timeout(Some(left))?;
        let mut report = [0; 64];
        match self.0.recv(&mut report) {
            Ok(64) => Ok(Some(report)),
            Ok(length) => panic!("a datagram of {length} bytes"),
            Err(error) if [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut].contains(&error.kind()) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

pub fn key(model: &str, user: Attended) -> stuntkey::Authenticator {
    Model::named(model).unwrap().builder().user(user).build().unwrap()
}

/// A key whose user does nothing unless told to.
pub fn waiting(model: &str, patience: Duration) -> Held {
    let presence = Presence::new();
    Held::new(key(model, presence.before(Answer::NoAnswer, patience)), &presence, "udp")
}

/// A key whose user agrees at once.
pub fn willing(model: &str, scheme: &str) -> Held {
    let presence = Presence::new();
    Held::new(key(model, presence.before(Answer::Verified, LONG)), &presence, scheme)
}
