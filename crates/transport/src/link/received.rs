//! Reports that a thread reads, as reading a file takes no time limit.

use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use crate::ctaphid::{REPORT_LENGTH, Report};
use crate::error::TransportError;

#[derive(Debug)]
pub(super) struct Received(Receiver<io::Result<Report>>);

/// Reads one report after the other until there are none any more.
pub(super) fn receive_from(mut from: impl Read + Send + 'static) -> Received {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        loop {
            let mut report = [0; REPORT_LENGTH];
            let read = from.read_exact(&mut report);
            let failed = read.is_err();
            if sender.send(read.map(|()| report)).is_err() || failed {
                return;
            }
        }
    });
    Received(receiver)
}

impl Received {
    pub(super) fn receive(&self, until: Instant) -> Result<Option<Report>, TransportError> {
        match self.0.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(report) => Ok(Some(report?)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(TransportError::Closed),
        }
    }
}
