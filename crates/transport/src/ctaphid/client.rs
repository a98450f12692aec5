//! The client's side of CTAPHID.

use std::time::{Duration, Instant};

use super::message::{Assembly, reports};
use super::packet::{Packet, Report};
use super::{BROADCAST, Command, ErrorCode, KeepAlive, MOST_DATA, NONCE_LENGTH, capability};
use crate::error::TransportError;

/// How long a device may be silent: its signs of life come every 100 ms (CTAP 2.1 §11.2.9.1.7).
const SILENCE: Duration = Duration::from_secs(5);

/// How long a device that works for another is waited for.
const BUSY: Duration = Duration::from_secs(3);

/// How long a device may work on one request, with signs of life or without.
const LONGEST: Duration = Duration::from_secs(120);

/// What carries reports.
pub trait Reports: Send {
    /// Sends one.
    ///
    /// # Errors
    /// [`TransportError`].
    fn send(&mut self, report: &Report) -> Result<(), TransportError>;

    /// Receives one; `None` if none has come by the time.
    ///
    /// # Errors
    /// [`TransportError`].
    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError>;
}

impl<R: Reports + ?Sized> Reports for Box<R> {
    fn send(&mut self, report: &Report) -> Result<(), TransportError> {
        (**self).send(report)
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        (**self).receive(until)
    }
}

/// A channel to a device.
#[derive(Debug)]
pub struct HidChannel<R> {
    reports: R,
    channel: u32,
    capabilities: u8,
    patience: Duration,
}

impl<R: Reports> HidChannel<R> {
    /// Asks the device for a channel. `nonce` tells its answer from those to others.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn open(mut reports: R, nonce: [u8; NONCE_LENGTH]) -> Result<Self, TransportError> {
        send(&mut reports, BROADCAST, Command::Init, &nonce)?;
        let until = Instant::now() + SILENCE;
        loop {
            let report = reports.receive(until)?.ok_or(TransportError::Silent(SILENCE))?;
            let Packet::Initialization { channel: BROADCAST, command, length, data } = Packet::read(&report)
            else {
                continue;
            };
            match (Command::from_number(command), data) {
                (Some(Command::Error), [code, ..]) => return Err(TransportError::Hid(*code)),
                (Some(Command::Init), [answered @ .., _, _, _, _]) if answered.starts_with(&nonce) => {
                    let [_, _, _, _, _, _, _, _, a, b, c, d, _, _, _, _, capabilities, ..] = *data;
                    let channel = u32::from_be_bytes([a, b, c, d]);
                    if length < 17 || matches!(channel, 0 | BROADCAST) {
                        return Err(TransportError::Malformed(format!(
                            "INIT was answered with {length} bytes and the channel {channel:#010x}, expected 17 bytes and \
                             a channel of its own"
                        )));
                    }
                    return Ok(Self { reports, channel, capabilities, patience: LONGEST });
                }
                _ => {}
            }
        }
    }

    /// How long one request may take. Default: two minutes.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether it speaks CTAP2.
    #[must_use]
    pub fn has_cbor(&self) -> bool {
        self.capabilities & capability::CBOR != 0
    }

    /// Whether it speaks U2F.
    #[must_use]
    pub fn has_msg(&self) -> bool {
        self.capabilities & capability::NMSG == 0
    }

    /// Sends a message, and returns the answer.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn exchange(&mut self, command: Command, data: &[u8]) -> Result<Vec<u8>, TransportError> {
        if data.len() > MOST_DATA {
            return Err(TransportError::TooLong { length: data.len(), most: MOST_DATA });
        }
        let begun = Instant::now();
        loop {
            send(&mut self.reports, self.channel, command, data)?;
            match self.answer(command, begun + self.patience) {
                Err(TransportError::Hid(code))
                    if ErrorCode::from_number(code) == Some(ErrorCode::ChannelBusy)
                        && begun.elapsed() < BUSY =>
                {
                    std::thread::sleep(Duration::from_millis(50));
                }
                answer => return answer,
            }
        }
    }

    /// Ends what a request of this channel waits for. Its answer is still to come.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn cancel(&mut self) -> Result<(), TransportError> {
        send(&mut self.reports, self.channel, Command::Cancel, &[])
    }

    fn answer(&mut self, command: Command, end: Instant) -> Result<Vec<u8>, TransportError> {
        loop {
            let until = Instant::now() + SILENCE;
            let report = self.reports.receive(until)?.ok_or(TransportError::Silent(SILENCE))?;
            let Packet::Initialization { channel, command: answered, length, data } = Packet::read(&report)
            else {
                continue;
            };
            if channel != self.channel {
                continue;
            }
            match Command::from_number(answered) {
                Some(Command::KeepAlive) if KeepAlive::from_number(data[0]).is_some() => {
                    if Instant::now() > end {
                        self.cancel()?;
                        return self.rest_of_cancelled(command);
                    }
                }
                Some(Command::Error) => return Err(TransportError::Hid(data[0])),
                Some(answered) if answered == command => return self.assemble(length, data),
                _ => {
                    return Err(TransportError::Malformed(format!(
                        "the command {answered:#04x} in answer to {:#04x}",
                        command.number()
                    )));
                }
            }
        }
    }

    /// The answer to a request that was given up.
    fn rest_of_cancelled(&mut self, command: Command) -> Result<Vec<u8>, TransportError> {
        let until = Instant::now() + SILENCE;
        while let Some(report) = self.reports.receive(until)? {
            if let Packet::Initialization { channel, command: answered, length, data } = Packet::read(&report)
                && channel == self.channel
                && Command::from_number(answered) == Some(command)
            {
                return self.assemble(length, data);
            }
        }
        Err(TransportError::Endless(self.patience))
    }

    fn assemble(&mut self, length: u16, data: &[u8; 57]) -> Result<Vec<u8>, TransportError> {
        if usize::from(length) > MOST_DATA {
            return Err(TransportError::TooLong { length: length.into(), most: MOST_DATA });
        }
        let mut assembly = Assembly::begin(length, data);
        let until = Instant::now() + SILENCE;
        while !assembly.is_complete() {
            let report = self.reports.receive(until)?.ok_or(TransportError::Incomplete)?;
            match Packet::read(&report) {
                Packet::Continuation { channel, sequence, data } if channel == self.channel => {
                    assembly.push(sequence, data).map_err(|wrong| {
                        TransportError::Malformed(format!(
                            "packet {} of a message, expected {}",
                            wrong.found, wrong.expected
                        ))
                    })?;
                }
                Packet::Initialization { channel, .. } if channel == self.channel => {
                    return Err(TransportError::Malformed("a message within another".to_owned()));
                }
                _ => {}
            }
        }
        Ok(assembly.into_data())
    }
}

fn send(to: &mut impl Reports, channel: u32, command: Command, data: &[u8]) -> Result<(), TransportError> {
    reports(channel, command.number(), data).iter().try_for_each(|report| to.send(report))
}
