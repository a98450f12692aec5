//! A socket by which a test holds the key in its hands: lines in, one line out for each.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::thread;

use stuntkey::authenticator::Answer;

use super::presence::Presence;
use super::wire::Event;

/// The longest line.
const LONGEST_LINE: u64 = 1024;

/// What a line may be, and what it does.
pub const COMMANDS: &[(&str, &str)] = &[
    ("touch", "the user touches the key, and is verified where that is asked for"),
    ("present", "the user touches the key, and fails to be verified"),
    ("deny", "the user says no"),
    ("power-cycle", "the power is away for a moment"),
    ("status", "answers `waiting` while the key waits for its user, or `idle`"),
    ("stop", "the key goes"),
];

/// A control socket, which goes when this does.
#[derive(Debug)]
pub struct ControlSocket(PathBuf);

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // It may have been removed by somebody else.
        drop(fs::remove_file(&self.0));
    }
}

/// Listens at a new socket, which is its owner's alone. Each line of a connection is one of the [`COMMANDS`]; the answer is
/// `ok`, what was asked for, or `error: ` and why.
///
/// # Errors
/// The socket cannot be made: something is there already, for one.
pub fn control_socket(at: &Path, presence: &Presence, events: &Sender<Event>) -> io::Result<ControlSocket> {
    let listener = UnixListener::bind(at)?;
    let socket = ControlSocket(at.to_owned());
    fs::set_permissions(at, fs::Permissions::from_mode(0o600))?;
    let (presence, events) = (presence.clone(), events.clone());
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let (presence, events) = (presence.clone(), events.clone());
            thread::spawn(move || converse(connection, &presence, &events));
        }
    });
    Ok(socket)
}

/// Answers the lines of a connection until it ends.
fn converse(mut connection: UnixStream, presence: &Presence, events: &Sender<Event>) {
    let Ok(reading) = connection.try_clone() else { return };
    let mut reading = BufReader::new(reading);
    loop {
        let mut line = String::new();
        match reading.by_ref().take(LONGEST_LINE).read_line(&mut line) {
            Ok(1..) => {}
            _ => return,
        }
        // Whoever stops the key hears of it before it goes, as the process may end at once.
        if line.trim() == "stop" {
            drop(writeln!(connection, "ok"));
            drop(events.send(Event::Stop));
            return;
        }
        let answer = obey(line.trim(), presence, events);
        if writeln!(connection, "{answer}").is_err() {
            return;
        }
    }
}

fn obey(command: &str, presence: &Presence, events: &Sender<Event>) -> String {
    let given = |answer| {
        presence.give(answer);
        "ok".to_owned()
    };
    match command {
        "touch" => given(Answer::Verified),
        "present" => given(Answer::Present),
        "deny" => given(Answer::Denied),
        "power-cycle" => match events.send(Event::PowerCycle) {
            Ok(()) => "ok".to_owned(),
            Err(_) => "error: the key has gone".to_owned(),
        },
        "status" => if presence.waits() { "waiting" } else { "idle" }.to_owned(),
        other => {
            let known: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
            format!("error: found {other:?}, expected one of {}", known.join(", "))
        }
    }
}
