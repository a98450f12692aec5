//! One report.

use super::{CONTINUED_DATA, INITIAL_DATA, REPORT_LENGTH};

/// A report as it travels, without the number that some systems put before it.
pub type Report = [u8; REPORT_LENGTH];

/// The bit that tells an initialization packet from a continuation packet.
const INITIALIZATION: u8 = 0x80;

/// A report taken apart (CTAP 2.1 §11.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'r> {
    /// The first of a message.
    Initialization {
        /// The channel.
        channel: u32,
        /// The number of the command, without the bit that marks the packet.
        command: u8,
        /// The bytes of the whole message.
        length: u16,
        /// The first of them, and zeros.
        data: &'r [u8; INITIAL_DATA],
    },
    /// One that follows.
    Continuation {
        /// The channel.
        channel: u32,
        /// Its number in the message, from 0 to 127.
        sequence: u8,
        /// More bytes, and zeros.
        data: &'r [u8; CONTINUED_DATA],
    },
}

impl<'r> Packet<'r> {
    /// Takes a report apart. Every report is a packet.
    #[must_use]
    pub fn read(report: &'r Report) -> Self {
        let [a, b, c, d, kind, rest @ ..] = report;
        let channel = u32::from_be_bytes([*a, *b, *c, *d]);
        match kind & INITIALIZATION {
            0 => Self::Continuation { channel, sequence: *kind, data: rest },
            _ => {
                let [high, low, data @ ..] = rest;
                let length = u16::from_be_bytes([*high, *low]);
                Self::Initialization { channel, command: kind & !INITIALIZATION, length, data }
            }
        }
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> u32 {
        match self {
            Self::Initialization { channel, .. } | Self::Continuation { channel, .. } => *channel,
        }
    }
}

/// The first report of a message of this length, and how many bytes of it are in there.
pub(super) fn initialization(channel: u32, command: u8, length: u16, data: &[u8]) -> (Report, usize) {
    let [high, low] = length.to_be_bytes();
    filled(channel, &[command | INITIALIZATION, high, low], data)
}

/// A report that follows, and how many bytes are in there.
pub(super) fn continuation(channel: u32, sequence: u8, data: &[u8]) -> (Report, usize) {
    filled(channel, &[sequence], data)
}

fn filled(channel: u32, head: &[u8], data: &[u8]) -> (Report, usize) {
    let mut report = [0; REPORT_LENGTH];
    let before = channel.to_be_bytes().into_iter().chain(head.iter().copied());
    let room = REPORT_LENGTH - 4 - head.len();
    let taken = data.len().min(room);
    for (place, byte) in report.iter_mut().zip(before.chain(data.iter().copied())) {
        *place = byte;
    }
    (report, taken)
}
