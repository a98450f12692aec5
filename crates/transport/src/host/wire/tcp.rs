//! One report after the other in a stream.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Event, Report, Wire};
use crate::ctaphid::REPORT_LENGTH;

/// How long a client may leave what it is sent unread. The others wait in the meantime.
const PATIENCE: Duration = Duration::from_millis(500);

type Streams = Arc<Mutex<HashMap<u32, TcpStream>>>;

struct Tcp(Streams);

impl Wire for Tcp {
    fn send(&mut self, peer: u32, report: &Report) -> io::Result<()> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = streams.get_mut(&peer)
            && stream.write_all(report).is_err()
        {
            // Part of a report may have been written, and nothing can follow that.
            drop(stream.shutdown(Shutdown::Both));
            streams.remove(&peer);
        }
        Ok(())
    }
}

/// Listens for connections, and says at which address. Each carries reports, without anything between them.
///
/// # Errors
/// The address cannot be listened at.
pub fn tcp(at: impl ToSocketAddrs, events: Sender<Event>) -> io::Result<(impl Wire, SocketAddr)> {
    let listener = TcpListener::bind(at)?;
    let address = listener.local_addr()?;
    let streams = Streams::default();
    let known = Arc::clone(&streams);
    thread::spawn(move || {
        for (peer, stream) in (0..).zip(listener.incoming()) {
            let Ok(stream) = stream else { continue };
            // A report that waits for the next one is of no use.
            drop(stream.set_nodelay(true));
            if stream.set_write_timeout(Some(PATIENCE)).is_err() {
                continue;
            }
            let Ok(receiving) = stream.try_clone() else { continue };
            known.lock().unwrap_or_else(PoisonError::into_inner).insert(peer, stream);
            let (known, events) = (Arc::clone(&known), events.clone());
            thread::spawn(move || {
                receive(receiving, peer, &events);
                known.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer);
            });
        }
    });
    Ok((Tcp(streams), address))
}

fn receive(mut from: TcpStream, peer: u32, events: &Sender<Event>) {
    let mut report: Report = [0; REPORT_LENGTH];
    while from.read_exact(&mut report).is_ok() {
        if events.send(Event::Report { peer, report }).is_err() {
            return;
        }
    }
}
