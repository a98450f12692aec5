//! A program on whose standard input and output reports go, one after the other.

use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Instant;

use super::received::{Received, receive_from};
use crate::ctaphid::{Report, Reports};
use crate::error::TransportError;

#[derive(Debug)]
struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: Received,
}

/// Starts it. It ends when the link does.
pub(super) fn start(command: &[String]) -> Result<impl Reports + use<>, TransportError> {
    let unreachable = |source| TransportError::Unreachable {
        what: format!("{} cannot be started", command.first().map_or("", String::as_str)),
        source,
    };
    let (program, arguments) = match command.split_first() {
        Some(command) => command,
        None => return Err(unreachable(std::io::ErrorKind::InvalidInput.into())),
    };
    let mut started = Command::new(program);
    started.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = started.spawn().map_err(unreachable)?;
    let input = child.stdin.take();
    let output = child.stdout.take().ok_or(TransportError::Closed)?;
    Ok(Program { child, input, output: receive_from(output) })
}

impl Reports for Program {
    fn send(&mut self, report: &Report) -> Result<(), TransportError> {
        let input = self.input.as_mut().ok_or(TransportError::Closed)?;
        input.write_all(report)?;
        Ok(input.flush()?)
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        self.output.receive(until)
    }
}

impl Drop for Program {
    /// The end of its input tells it to end. One that does not is ended.
    fn drop(&mut self) {
        self.input = None;
        for _ in 0..20 {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(std::time::Duration::from_millis(10)),
                _ => return,
            }
        }
        // It may have ended by itself in the meantime.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
