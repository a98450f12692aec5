//! A message in several reports, there and back.

use super::packet::{continuation, initialization};
use super::{CONTINUED_DATA, INITIAL_DATA, MOST_DATA, Report};

/// The reports of a message, in their order; none if there are more than 7,609 bytes.
#[must_use]
pub fn reports(channel: u32, command: u8, data: &[u8]) -> Vec<Report> {
    let Some(length) = u16::try_from(data.len()).ok().filter(|length| usize::from(*length) <= MOST_DATA)
    else {
        return Vec::new();
    };
    let (first, taken) = initialization(channel, command, length, data);
    let mut rest = data.get(taken..).unwrap_or_default();
    let mut reports = vec![first];
    let mut sequence = 0;
    while !rest.is_empty() {
        let (next, taken) = continuation(channel, sequence, rest);
        reports.push(next);
        rest = rest.get(taken..).unwrap_or_default();
        sequence += 1;
    }
    reports
}

/// A message of which the rest has yet to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembly {
    data: Vec<u8>,
    length: usize,
    next: u8,
}

/// A packet that is not the one that follows (CTAP 2.1 §11.2.5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongSequence {
    /// The number that it has.
    pub found: u8,
    /// The number that it should have.
    pub expected: u8,
}

impl Assembly {
    /// Begins with the first packet of a message of `length` bytes.
    #[must_use]
    pub fn begin(length: u16, data: &[u8; INITIAL_DATA]) -> Self {
        let length = usize::from(length);
        let taken = data.get(..length).unwrap_or(data);
        Self { data: taken.to_vec(), length, next: 0 }
    }

    /// Adds a packet that follows.
    ///
    /// # Errors
    /// [`WrongSequence`].
    pub fn push(&mut self, sequence: u8, data: &[u8; CONTINUED_DATA]) -> Result<(), WrongSequence> {
        if sequence != self.next {
            return Err(WrongSequence { found: sequence, expected: self.next });
        }
        self.next += 1;
        let missing = self.length.saturating_sub(self.data.len());
        self.data.extend_from_slice(data.get(..missing).unwrap_or(data));
        Ok(())
    }

    /// Whether every byte is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.data.len() >= self.length
    }

    /// The message, as far as it has come.
    #[must_use]
    pub fn into_data(self) -> Vec<u8> {
        self.data
    }
}
