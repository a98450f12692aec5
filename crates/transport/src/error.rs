//! Why a device could not be spoken to.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::ctaphid::ErrorCode;

/// Why a device could not be spoken to.
#[derive(Debug)]
#[non_exhaustive]
pub enum TransportError {
    /// It could not be opened.
    Unreachable {
        /// What was to be opened, and how.
        what: String,
        /// Why not.
        source: io::Error,
    },
    /// Sending or receiving failed.
    Io(io::Error),
    /// It went away.
    Closed,
    /// It said nothing for so long.
    Silent(Duration),
    /// It gave signs of life for so long, and no answer.
    Endless(Duration),
    /// The rest of a message did not come.
    Incomplete,
    /// A message is longer than the transport allows.
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The most.
        most: usize,
    },
    /// What it sent is not what the transport defines.
    Malformed(String),
    /// CTAPHID answered with this error.
    Hid(u8),
    /// A card answered with this status.
    StatusWord(u16),
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { what, .. } => f.write_str(what),
            Self::Io(_) => f.write_str("the device cannot be read or written"),
            Self::Closed => f.write_str("the device went away"),
            Self::Silent(time) => write!(f, "the device said nothing for {} s", time.as_secs_f32()),
            Self::Endless(time) => {
                write!(f, "the device gave signs of life for {} s, and no answer", time.as_secs_f32())
            }
            Self::Incomplete => f.write_str("the rest of the device's answer did not come"),
            Self::TooLong { length, most } => {
                write!(f, "found a message of {length} bytes, expected at most {most}")
            }
            Self::Malformed(what) => write!(f, "found {what}"),
            Self::Hid(code) => match ErrorCode::from_number(*code) {
                Some(known) => write!(f, "the device answered with the error {known}"),
                None => write!(f, "the device answered with the error {code:#04x}"),
            },
            Self::StatusWord(word) => write!(f, "the card answered with the status {word:04X}"),
        }
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // A mere kind says less than the words before it.
            Self::Unreachable { source, .. } => {
                let says_more = source.raw_os_error().is_some() || source.get_ref().is_some();
                says_more.then_some(source)
            }
            Self::Io(source) => Some(source),
            _ => None,
        }
    }
}

impl From<io::Error> for TransportError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::Io(error),
        }
    }
}
