//! Reports that stay in the process.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Instant;

use super::{Event, Report, Wire};
use crate::ctaphid::Reports;
use crate::error::TransportError;

struct ToClient(Sender<Report>);

impl Wire for ToClient {
    fn send(&mut self, _: u32, report: &Report) -> io::Result<()> {
        // A client that has gone is no error; the next event says so.
        let _ = self.0.send(*report);
        Ok(())
    }
}

/// The client's end. The key goes when it does.
#[derive(Debug)]
pub struct InProcess {
    to_key: Sender<Event>,
    received: Receiver<Report>,
}

/// A wire, and the client's end of it.
pub fn in_process(events: Sender<Event>) -> (impl Wire, InProcess) {
    let (to_client, received) = mpsc::channel();
    (ToClient(to_client), InProcess { to_key: events, received })
}

impl Reports for InProcess {
    fn send(&mut self, report: &Report) -> Result<(), TransportError> {
        let event = Event::Report { peer: 0, report: *report };
        self.to_key.send(event).map_err(|_| TransportError::Closed)
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        match self.received.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(report) => Ok(Some(report)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(TransportError::Closed),
        }
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        // The key may have gone already.
        drop(self.to_key.send(Event::Closed));
    }
}
