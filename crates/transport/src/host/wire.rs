//! What reports come and go by.

mod in_process;
mod standard;
mod tcp;
mod udp;
mod uhid;

use std::io;

pub use in_process::{InProcess, in_process};
pub use standard::standard_streams;
pub use tcp::tcp;
pub use udp::udp;
pub use uhid::uhid;

use crate::ctaphid::Report;

/// Sends reports to those who hold the key.
pub trait Wire {
    /// Sends one to a peer, one of those that [`Event::Report`] named. One that has gone is no error.
    ///
    /// # Errors
    /// Nobody can be reached any more.
    fn send(&mut self, peer: u32, report: &Report) -> io::Result<()>;
}

impl<W: Wire + ?Sized> Wire for Box<W> {
    fn send(&mut self, peer: u32, report: &Report) -> io::Result<()> {
        (**self).send(peer, report)
    }
}

/// What happens to a key.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A report came.
    Report {
        /// From whom.
        peer: u32,
        /// The report.
        report: Report,
    },
    /// A command to a card came.
    Command(Vec<u8>),
    /// Nobody holds the key any more.
    Closed,
    /// The power is away for a moment.
    PowerCycle,
    /// The end.
    Stop,
    /// The key waits for its user, or does so no more.
    Waits(bool),
    /// The key has answered; `None` if it never will.
    Done(Option<Vec<u8>>),
    /// Time has gone by.
    Tick,
}
