//! One report a datagram, as several simulators have it.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::{Event, Report, Wire};
use crate::ctaphid::REPORT_LENGTH;

/// Peers that are remembered. A thousand clients at once are a mistake.
const MOST_PEERS: usize = 1024;

/// Addresses by the numbers of their peers.
#[derive(Default)]
struct Peers {
    numbers: HashMap<SocketAddr, u32>,
    addresses: Vec<SocketAddr>,
}

impl Peers {
    fn number(&mut self, address: SocketAddr) -> u32 {
        if let Some(known) = self.numbers.get(&address) {
            return *known;
        }
        if self.addresses.len() >= MOST_PEERS {
            *self = Self::default();
        }
        let number = u32::try_from(self.addresses.len()).unwrap_or(u32::MAX);
        self.addresses.push(address);
        self.numbers.insert(address, number);
        number
    }

    fn address(&self, number: u32) -> Option<SocketAddr> {
        self.addresses.get(usize::try_from(number).ok()?).copied()
    }
}

struct Udp {
    socket: UdpSocket,
    peers: Arc<Mutex<Peers>>,
}

impl Wire for Udp {
    fn send(&mut self, peer: u32, report: &Report) -> io::Result<()> {
        let address = self.peers.lock().unwrap_or_else(PoisonError::into_inner).address(peer);
        match address.map(|address| self.socket.send_to(report, address)) {
            // A client that is gone is told so by the next datagram.
            Some(Err(error)) if error.kind() != io::ErrorKind::ConnectionRefused => Err(error),
            _ => Ok(()),
        }
    }
}

/// Listens for reports in datagrams, and says at which address. Datagrams of another length are passed over.
///
/// # Errors
/// The address cannot be listened at.
pub fn udp(at: impl ToSocketAddrs, events: Sender<Event>) -> io::Result<(impl Wire, SocketAddr)> {
    let socket = UdpSocket::bind(at)?;
    let address = socket.local_addr()?;
    let peers = Arc::new(Mutex::new(Peers::default()));
    let (receiving, known) = (socket.try_clone()?, Arc::clone(&peers));
    thread::spawn(move || {
        // One byte more than a report tells that a datagram is too long.
        let mut datagram = [0; REPORT_LENGTH + 1];
        loop {
            match receiving.recv_from(&mut datagram) {
                Ok((length, from)) => {
                    let report = datagram.get(..length).and_then(|bytes| Report::try_from(bytes).ok());
                    let Some(report) = report else { continue };
                    let peer = known.lock().unwrap_or_else(PoisonError::into_inner).number(from);
                    if events.send(Event::Report { peer, report }).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(_) => return drop(events.send(Event::Closed)),
            }
        }
    });
    Ok((Udp { socket, peers }, address))
}
