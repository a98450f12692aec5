//! One report a datagram.

use std::io;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use crate::ctaphid::{REPORT_LENGTH, Report, Reports};
use crate::error::TransportError;

#[derive(Debug)]
struct Udp(UdpSocket);

pub(super) fn connect(at: &str) -> Result<impl Reports + use<>, TransportError> {
    let local = if at.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" };
    let connected = UdpSocket::bind(local).and_then(|socket| socket.connect(at).map(|()| socket));
    let unreachable =
        |source| TransportError::Unreachable { what: format!("udp://{at} cannot be reached"), source };
    Ok(Udp(connected.map_err(unreachable)?))
}

impl Reports for Udp {
    fn send(&mut self, report: &Report) -> Result<(), TransportError> {
        match self.0.send(report) {
            Ok(_) => Ok(()),
            Err(error) => Err(of_udp(error)),
        }
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.0.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            let mut datagram = [0; REPORT_LENGTH + 1];
            match self.0.recv(&mut datagram) {
                Ok(length) => {
                    if let Some(report) =
                        datagram.get(..length).and_then(|bytes| Report::try_from(bytes).ok())
                    {
                        return Ok(Some(report));
                    }
                }
                Err(error) if is_timeout(&error) => return Ok(None),
                Err(error) => return Err(of_udp(error)),
            }
        }
    }
}

/// Nobody listens there.
fn of_udp(error: io::Error) -> TransportError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => TransportError::Unreachable {
            what: "nothing listens at this UDP address".to_owned(),
            source: error,
        },
        _ => error.into(),
    }
}

pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
