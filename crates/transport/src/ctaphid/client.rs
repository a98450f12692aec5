//! The client's side of CTAPHID.

use std::time::{Duration, Instant};

use super::message::{Assembly, reports};
use super::packet::{Packet, Report};
use super::{BROADCAST, Command, ErrorCode, INITIAL_DATA, KeepAlive, MOST_DATA, NONCE_LENGTH, capability};
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
    nonce: [u8; NONCE_LENGTH],
    patience: Duration,
    /// Whether an answer may still come that nobody waits for any more.
    out_of_step: bool,
}

impl<R: Reports> HidChannel<R> {
    /// Asks the device for a channel. `nonce` tells its answer from those to others.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn open(reports: R, nonce: [u8; NONCE_LENGTH]) -> Result<Self, TransportError> {
        let (patience, out_of_step) = (LONGEST, false);
        let mut opened = Self { reports, channel: BROADCAST, capabilities: 0, nonce, patience, out_of_step };
        let (length, data) = while_busy(|| opened.init())?;
        let [_, _, _, _, _, _, _, _, a, b, c, d, _, _, _, _, capabilities, ..] = data;
        let channel = u32::from_be_bytes([a, b, c, d]);
        if length < 17 || matches!(channel, 0 | BROADCAST) {
            return Err(TransportError::Malformed(format!(
                "INIT was answered with {length} bytes and the channel {channel:#010x}, expected 17 bytes and a channel \
                 of its own"
            )));
        }
        (opened.channel, opened.capabilities) = (channel, capabilities);
        Ok(opened)
    }

    /// Sends INIT, and waits for the answer that has the nonce: its length and its data.
    fn init(&mut self) -> Result<(u16, [u8; INITIAL_DATA]), TransportError> {
        let nonce = self.nonce;
        send(&mut self.reports, self.channel, Command::Init, &nonce)?;
        let until = Instant::now() + SILENCE;
        loop {
            let report = self.receive(until)?.ok_or(TransportError::Silent(SILENCE))?;
            let Packet::Initialization { channel, command, length, data } = Packet::read(&report) else {
                continue;
            };
            if channel != self.channel {
                continue;
            }
            match Command::from_number(command) {
                Some(Command::Error) if channel == BROADCAST || is_of_channel(data[0]) => {
                    return Err(TransportError::Hid(data[0]));
                }
                Some(Command::Init) if data.starts_with(&nonce) => return Ok((length, *data)),
                _ => {}
            }
        }
    }

    /// The next report; `None` when the time has come, however many there are.
    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        match Instant::now() < until {
            true => self.reports.receive(until),
            false => Ok(None),
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
        let end = Instant::now() + self.patience;
        while_busy(|| self.attempt(command, data, end))
    }

    fn attempt(&mut self, command: Command, data: &[u8], end: Instant) -> Result<Vec<u8>, TransportError> {
        if self.out_of_step {
            // The device drops what the channel was at (CTAP 2.1 §11.2.5.3): no late answer is taken for this one's.
            self.init()?;
        }
        self.out_of_step = true;
        send(&mut self.reports, self.channel, command, data)?;
        let answer = self.answer(command, end);
        self.out_of_step = !matches!(answer, Ok(_) | Err(TransportError::Hid(_)));
        answer
    }

    /// Ends what a request of this channel waits for. Its answer is still to come.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn cancel(&mut self) -> Result<(), TransportError> {
        send(&mut self.reports, self.channel, Command::Cancel, &[])
    }

    fn answer(&mut self, command: Command, end: Instant) -> Result<Vec<u8>, TransportError> {
        let mut until = Instant::now() + SILENCE;
        loop {
            let report = self.receive(until)?.ok_or(TransportError::Silent(SILENCE))?;
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
                    until = Instant::now() + SILENCE;
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

    /// The answer to a request that was given up, or an error.
    fn rest_of_cancelled(&mut self, command: Command) -> Result<Vec<u8>, TransportError> {
        let until = Instant::now() + SILENCE;
        while let Some(report) = self.receive(until)? {
            let Packet::Initialization { channel, command: answered, length, data } = Packet::read(&report)
            else {
                continue;
            };
            match Command::from_number(answered).filter(|_| channel == self.channel) {
                Some(Command::Error) => return Err(TransportError::Hid(data[0])),
                Some(answered) if answered == command => return self.assemble(length, data),
                _ => {}
            }
        }
        Err(TransportError::Endless(self.patience))
    }

    fn assemble(&mut self, length: u16, data: &[u8; INITIAL_DATA]) -> Result<Vec<u8>, TransportError> {
        if usize::from(length) > MOST_DATA {
            return Err(TransportError::TooLong { length: length.into(), most: MOST_DATA });
        }
        let mut assembly = Assembly::begin(length, data);
        let until = Instant::now() + SILENCE;
        while !assembly.is_complete() {
            let report = self.receive(until)?.ok_or(TransportError::Incomplete)?;
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

/// Asks again for a while where the device works for another channel.
fn while_busy<T>(mut ask: impl FnMut() -> Result<T, TransportError>) -> Result<T, TransportError> {
    let begun = Instant::now();
    loop {
        match ask() {
            Err(TransportError::Hid(code))
                if code == ErrorCode::ChannelBusy.number() && begun.elapsed() < BUSY =>
            {
                std::thread::sleep(Duration::from_millis(50));
            }
            answer => return answer,
        }
    }
}

/// Whether an error is about the channel itself. Another one may be what an earlier request came to.
const fn is_of_channel(code: u8) -> bool {
    code == ErrorCode::InvalidChannel.number() || code == ErrorCode::ChannelBusy.number()
}

fn send(to: &mut impl Reports, channel: u32, command: Command, data: &[u8]) -> Result<(), TransportError> {
    reports(channel, command.number(), data).iter().try_for_each(|report| to.send(report))
}
