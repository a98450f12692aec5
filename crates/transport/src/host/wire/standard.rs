//! One report after the other on standard input and output.

use std::io::{self, Read, Write};
use std::sync::mpsc::Sender;
use std::thread;

use super::{Event, Report, Wire};
use crate::ctaphid::REPORT_LENGTH;

struct StandardStreams;

impl Wire for StandardStreams {
    fn send(&mut self, _: u32, report: &Report) -> io::Result<()> {
        let mut output = io::stdout().lock();
        output.write_all(report)?;
        output.flush()
    }
}

/// Reads reports from standard input and writes them to standard output. It closes with its input.
pub fn standard_streams(events: Sender<Event>) -> impl Wire {
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut report: Report = [0; REPORT_LENGTH];
        while input.read_exact(&mut report).is_ok() {
            if events.send(Event::Report { peer: 0, report }).is_err() {
                return;
            }
        }
        drop(events.send(Event::Closed));
    });
    StandardStreams
}
