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

/// Addresses by the numbers of their peers. No number is given twice: it may be that of somebody who still waits.
#[derive(Default)]
struct Peers {
    numbers: HashMap<SocketAddr, u32>,
    addresses: HashMap<u32, SocketAddr>,
    next: u32,
}

impl Peers {
    fn number(&mut self, address: SocketAddr) -> u32 {
        if let Some(known) = self.numbers.get(&address) {
            return *known;
        }
        if self.addresses.len() >= MOST_PEERS {
            *self = Self { next: self.next, ..Self::default() };
        }
        let number = self.next;
        self.next = number.wrapping_add(1);
        self.addresses.insert(number, address);
        self.numbers.insert(address, number);
        number
    }

    fn address(&self, number: u32) -> Option<SocketAddr> {
        self.addresses.get(&number).copied()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_never_anothers() {
        let mut peers = Peers::default();
        let address = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let first = peers.number(address(1));
        assert_eq!((peers.number(address(1)), peers.address(first)), (first, Some(address(1))));
        for port in 2..3000 {
            let number = peers.number(address(port));
            assert_ne!(number, first);
            assert_eq!(peers.address(number), Some(address(port)));
        }
        // The first one is forgotten, and nobody gets what was for it.
        assert_eq!(peers.address(first), None);
    }
}
