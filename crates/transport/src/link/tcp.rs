//! One report after the other in a stream.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::udp::is_timeout;
use crate::ctaphid::{REPORT_LENGTH, Report, Reports};
use crate::error::TransportError;

#[derive(Debug)]
struct Tcp {
    stream: TcpStream,
    /// The beginning of a report of which the rest has yet to come.
    begun: Vec<u8>,
}

pub(super) fn connect(at: &str) -> Result<impl Reports + use<>, TransportError> {
    let stream = TcpStream::connect(at).map_err(|source| TransportError::Unreachable {
        what: format!("tcp://{at} cannot be reached"),
        source,
    })?;
    stream.set_nodelay(true)?;
    Ok(Tcp { stream, begun: Vec::new() })
}

impl Reports for Tcp {
    fn send(&mut self, report: &Report) -> Result<(), TransportError> {
        Ok(self.stream.write_all(report)?)
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            let mut bytes = [0; REPORT_LENGTH];
            let missing = REPORT_LENGTH - self.begun.len();
            match self.stream.read(bytes.get_mut(..missing).unwrap_or_default()) {
                Ok(0) => return Err(TransportError::Closed),
                Ok(length) => self.begun.extend_from_slice(bytes.get(..length).unwrap_or_default()),
                Err(error) if is_timeout(&error) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
            if let Ok(report) = Report::try_from(self.begun.as_slice()) {
                self.begun.clear();
                return Ok(Some(report));
            }
        }
    }
}
