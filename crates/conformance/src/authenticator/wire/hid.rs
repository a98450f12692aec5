//! CTAPHID from the client's side (CTAP 2.1 §11.2).

use std::time::{Duration, Instant};

use stuntkey_transport::ctaphid::Reports;

use super::{Heard, Patience, Reaction, Trouble, USER_PRESENCE_NEEDED};

/// Commands, with the bit that marks the first packet of a message.
pub(crate) mod command {
    pub(crate) const PING: u8 = 0x81;
    pub(crate) const MSG: u8 = 0x83;
    pub(crate) const LOCK: u8 = 0x84;
    pub(crate) const INIT: u8 = 0x86;
    pub(crate) const WINK: u8 = 0x88;
    pub(crate) const CBOR: u8 = 0x90;
    pub(crate) const CANCEL: u8 = 0x91;
    pub(crate) const KEEPALIVE: u8 = 0xbb;
    pub(crate) const ERROR: u8 = 0xbf;
}

/// Errors (§11.2.9.1.6).
pub(crate) mod error {
    pub(crate) const INVALID_CMD: u8 = 0x01;
    pub(crate) const INVALID_PAR: u8 = 0x02;
    pub(crate) const INVALID_LEN: u8 = 0x03;
    pub(crate) const INVALID_SEQ: u8 = 0x04;
    pub(crate) const MSG_TIMEOUT: u8 = 0x05;
    pub(crate) const CHANNEL_BUSY: u8 = 0x06;
    pub(crate) const INVALID_CHANNEL: u8 = 0x0b;
}

pub(crate) fn error_name(code: u8) -> String {
    match code {
        error::INVALID_CMD => "ERR_INVALID_CMD",
        error::INVALID_PAR => "ERR_INVALID_PAR",
        error::INVALID_LEN => "ERR_INVALID_LEN",
        error::INVALID_SEQ => "ERR_INVALID_SEQ",
        error::MSG_TIMEOUT => "ERR_MSG_TIMEOUT",
        error::CHANNEL_BUSY => "ERR_CHANNEL_BUSY",
        0x0a => "ERR_LOCK_REQUIRED",
        error::INVALID_CHANNEL => "ERR_INVALID_CHANNEL",
        0x7f => "ERR_OTHER",
        other => return format!("{other:#04x}"),
    }
    .to_owned()
}

pub(crate) const BROADCAST: [u8; 4] = [0xff; 4];

/// How long an authenticator is waited for that is to forget a message.
const ABORT: Duration = Duration::from_millis(500);

/// The bit of the capabilities that says that there is WINK, CBOR, and no MSG.
pub(crate) const CAPABILITY_WINK: u8 = 0x01;
pub(crate) const CAPABILITY_CBOR: u8 = 0x04;
pub(crate) const CAPABILITY_NMSG: u8 = 0x08;

/// A channel.
pub(crate) struct Hid {
    reports: Box<dyn Reports>,
    pub(crate) channel: [u8; 4],
    pub(crate) capabilities: u8,
    nonces: u64,
    pub(crate) patience: Patience,
}

/// The first packet of a message, or a whole one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) channel: [u8; 4],
    pub(crate) command: u8,
    pub(crate) data: Vec<u8>,
}

impl Message {
    /// Its error, if it is one.
    pub(crate) fn error(&self) -> Option<u8> {
        (self.command == command::ERROR).then(|| self.data.first().copied().unwrap_or(0))
    }
}

impl Hid {
    pub(crate) fn open(reports: Box<dyn Reports>, patience: Patience) -> Result<Self, Trouble> {
        let mut hid = Self { reports, channel: BROADCAST, capabilities: 0, nonces: 0, patience };
        hid.restart()?;
        Ok(hid)
    }

    /// Asks for a new channel, and uses it from now on.
    pub(crate) fn restart(&mut self) -> Result<(), Trouble> {
        let message = self.allocate()?;
        self.channel = message.data.get(8..12).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
        self.capabilities = message.data.get(16).copied().unwrap_or_default();
        Ok(())
    }

    /// Has the authenticator forget what came by the channel and is not answered yet (§11.2.9.1.3).
    pub(crate) fn abort(&mut self) {
        let nonce = self.nonce();
        let until = Instant::now() + ABORT;
        if self.send(self.channel, command::INIT, &nonce).is_err() {
            return;
        }
        // One that does not answer is asked for another channel anyway.
        while let Ok(Some(message)) = self.receive(until) {
            let is_answer = message.command == command::INIT && message.data.starts_with(&nonce);
            if is_answer || (message.channel == self.channel && message.error().is_some()) {
                return;
            }
        }
    }

    /// Asks for a new channel, and returns the answer, which has 17 bytes at least.
    pub(crate) fn allocate(&mut self) -> Result<Message, Trouble> {
        let nonce = self.nonce();
        self.send(BROADCAST, command::INIT, &nonce)?;
        let until = Instant::now() + self.patience.silence;
        loop {
            let message = self.receive(until)?.ok_or_else(|| self.silent("INIT"))?;
            if message.channel != BROADCAST {
                continue;
            }
            if let Some(code) = message.error() {
                return Err(Trouble::Hid(code));
            }
            if message.data.starts_with(&nonce) && message.data.len() >= 17 {
                return Ok(message);
            }
        }
    }

    /// A nonce that no INIT of this run had.
    pub(crate) fn nonce(&mut self) -> [u8; 8] {
        self.nonces += 1;
        (self.nonces ^ 0x5eed_0000_0000_0000).to_be_bytes()
    }

    pub(crate) fn send_report(&mut self, report: &[u8; 64]) -> Result<(), Trouble> {
        Ok(self.reports.send(report)?)
    }

    /// The next report; `None` when the time is over, however many still come.
    pub(crate) fn receive_report(&mut self, until: Instant) -> Result<Option<[u8; 64]>, Trouble> {
        match Instant::now() < until {
            true => Ok(self.reports.receive(until)?),
            false => Ok(None),
        }
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, channel: [u8; 4], command: u8, data: &[u8]) -> Result<(), Trouble> {
        packets(channel, command, data).iter().try_for_each(|report| self.send_report(report))
    }

    /// The next whole message, on whatever channel; `None` if none has begun by the time.
    pub(crate) fn receive(&mut self, until: Instant) -> Result<Option<Message>, Trouble> {
        let Some(first) = self.receive_report(until)? else { return Ok(None) };
        let [a, b, c, d, command, high, low, data @ ..] = first;
        let channel = [a, b, c, d];
        if command & 0x80 == 0 {
            return Err(Trouble::Malformed(format!("packet {command} of a message that has not begun")));
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > 7609 {
            return Err(Trouble::Malformed(format!("a message of {length} bytes")));
        }
        let mut received = data.to_vec();
        let mut expected = 0;
        let until = Instant::now() + self.patience.silence;
        while received.len() < length {
            let next = self.receive_report(until)?;
            let [e, f, g, h, sequence, data @ ..] =
                next.ok_or_else(|| Trouble::Hung("the rest of an answer did not come".to_owned()))?;
            if [e, f, g, h] != channel || sequence != expected {
                return Err(Trouble::Malformed(format!(
                    "packet {sequence:#04x} of an answer, expected packet {expected}"
                )));
            }
            received.extend_from_slice(&data);
            expected += 1;
        }
        if received.get(length..).unwrap_or_default().iter().any(|byte| *byte != 0) {
            return Err(Trouble::Malformed("bytes behind a message that are not zero".to_owned()));
        }
        received.truncate(length);
        Ok(Some(Message { channel, command, data: received }))
    }

    /// Sends a message on the channel, and waits for the answer.
    pub(crate) fn call(
        &mut self,
        command: u8,
        data: &[u8],
        waits: &mut dyn FnMut() -> Reaction,
    ) -> Result<Heard, Trouble> {
        let begun = Instant::now();
        self.send(self.channel, command, data)?;
        let mut signs = Vec::new();
        let (mut asked, mut elsewhere) = (false, false);
        let mut until = begun + self.patience.silence;
        loop {
            let Some(message) = self.receive(until)? else {
                return Err(match elsewhere {
                    true => Trouble::Malformed("an answer on a channel that asked nothing".to_owned()),
                    false => self.silent("the request"),
                });
            };
            if message.channel != self.channel {
                // Another program may speak to it, too.
                elsewhere = true;
                continue;
            }
            until = Instant::now() + self.patience.silence;
            match message.command {
                command::KEEPALIVE => {
                    let status = message.data.first().copied().unwrap_or_default();
                    signs.push((begun.elapsed(), status));
                    // It may wait for its user more than once.
                    let begins = status == USER_PRESENCE_NEEDED && !asked;
                    asked = status == USER_PRESENCE_NEEDED;
                    if begins && waits() == Reaction::Cancel {
                        self.send(self.channel, command::CANCEL, &[])?;
                    }
                    if begun.elapsed() > self.patience.request {
                        self.send(self.channel, command::CANCEL, &[])?;
                        return Err(Trouble::Hung(format!(
                            "signs of life for {} s, and no answer",
                            self.patience.request.as_secs_f32()
                        )));
                    }
                }
                command::ERROR => return Err(Trouble::Hid(message.error().unwrap_or_default())),
                answered if answered == command => {
                    return Ok(Heard { answer: message.data, signs, took: begun.elapsed() });
                }
                other => {
                    return Err(Trouble::Malformed(format!("the command {other:#04x} in an answer")));
                }
            }
        }
    }

    fn silent(&self, to: &str) -> Trouble {
        Trouble::Hung(format!("no answer to {to} within {} s", self.patience.silence.as_secs_f32()))
    }
}

/// A message in reports, whatever its length.
pub(crate) fn packets(channel: [u8; 4], command: u8, data: &[u8]) -> Vec<[u8; 64]> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut reports =
        vec![report(channel, &[&[command], &length[..], data.get(..57).unwrap_or(data)].concat())];
    let rest = data.get(57..).unwrap_or_default();
    for (sequence, part) in (0..=0x7f).zip(rest.chunks(59)) {
        reports.push(report(channel, &[&[sequence], part].concat()));
    }
    reports
}

/// A report with this behind the channel, and zeros.
pub(crate) fn report(channel: [u8; 4], rest: &[u8]) -> [u8; 64] {
    let mut report = [0; 64];
    let bytes = channel.iter().chain(rest);
    for (place, byte) in report.iter_mut().zip(bytes) {
        *place = *byte;
    }
    report
}
