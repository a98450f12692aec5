//! A relying party in another process, which reads and writes JSON lines: for any language, without HTTP.
//! `docs/conform.md` says what they are. A process that hangs or ends is started again, without what it knew.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::ask::{self, Ask, Asked};
use super::{Answer, AuthenticationRequest, RegistrationRequest, Session, Target};

/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// A relying party in another process.
#[derive(Debug)]
pub struct ProcessTarget {
    program: String,
    arguments: Vec<String>,
    process: Mutex<Option<Process>>,
    sessions: AtomicU64,
    timeout: Duration,
}

#[derive(Debug)]
struct Process {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<io::Result<String>>,
}

impl ProcessTarget {
    /// The program, and its arguments. It is started when it is needed.
    #[must_use]
    pub fn new<S: Into<String>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            process: Mutex::new(None),
            sessions: AtomicU64::new(0),
            timeout: Duration::from_secs(10),
        }
    }

    /// How long one answer may take. Default: ten seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn ask(&self, request: &Asked, deadline: Option<Instant>) -> Answer {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        if process.is_none() {
            match self.start() {
                Ok(started) => *process = Some(started),
                Err(error) => {
                    return Answer::Unreachable(format!("cannot start {:?}: {error}", self.program));
                }
            }
        }
        let Some(running) = process.as_mut() else {
            return Answer::Unreachable("no process, though one was started".into());
        };
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let timeout = left.unwrap_or(self.timeout).min(self.timeout);
        let answer = running.ask(request, timeout);
        if matches!(answer, Answer::Hung(_)) || running.has_ended() {
            // Answers out of step would be taken for those of the next request.
            *process = None;
        }
        answer
    }

    fn start(&self) -> io::Result<Process> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("no pipes to it"));
        };
        let (sender, lines) = channel();
        thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            loop {
                let mut line = String::new();
                match reader.by_ref().take(LONGEST_LINE).read_line(&mut line) {
                    Ok(0) => break,
                    Ok(_) if sender.send(Ok(line)).is_ok() => {}
                    Ok(_) => break,
                    Err(error) => {
                        // With nobody listening any more, nobody needs to know.
                        drop(sender.send(Err(error)));
                        break;
                    }
                }
            }
        });
        Ok(Process { child, stdin, lines })
    }
}

impl Process {
    fn ask(&mut self, request: &Asked, timeout: Duration) -> Answer {
        let line = serde_json::to_string(request).map_err(io::Error::from);
        let written = line.and_then(|line| writeln!(self.stdin, "{line}")).and_then(|()| self.stdin.flush());
        if let Err(error) = written {
            return Answer::Crashed(format!("the process no longer reads ({error})"));
        }
        match self.lines.recv_timeout(timeout) {
            Ok(Ok(line)) => read(&line),
            Ok(Err(error)) => Answer::Crashed(format!("the process writes no text ({error})")),
            Err(RecvTimeoutError::Timeout) => {
                Answer::Hung(format!("no answer within {:.1} s", timeout.as_secs_f32()))
            }
            Err(RecvTimeoutError::Disconnected) => Answer::Crashed("the process has ended".into()),
        }
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, or is not needed any more: there is nothing to do about an error.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read(line: &str) -> Answer {
    let Ok(Value::Object(answer)) = serde_json::from_str(line) else {
        return Answer::Crashed(format!("no JSON object: {}", line.chars().take(200).collect::<String>()));
    };
    let unclear =
        || Answer::Crashed("an answer with none or several of accepted, refused and crashed".into());
    ask::answer(&answer).unwrap_or_else(unclear)
}

impl Target for ProcessTarget {
    fn session(&self) -> Box<dyn Session + '_> {
        let number = self.sessions.fetch_add(1, Ordering::Relaxed) + 1;
        Box::new(ProcessSession { target: self, number, deadline: None })
    }
}

struct ProcessSession<'a> {
    target: &'a ProcessTarget,
    number: u64,
    deadline: Option<Instant>,
}

impl ProcessSession<'_> {
    fn ask(&self, ask: Ask) -> Answer {
        self.target.ask(&Asked { session: self.number, ask }, self.deadline)
    }
}

impl Session for ProcessSession<'_> {
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
        self.ask(Ask::to_register(wanted))
    }

    fn register(&mut self, reply: &str) -> Answer {
        self.ask(Ask::to_end_registration(reply))
    }

    fn authentication_options(&mut self, wanted: &AuthenticationRequest<'_>) -> Answer {
        self.ask(Ask::to_log_in(wanted))
    }

    fn authenticate(&mut self, reply: &str) -> Answer {
        self.ask(Ask::to_end_login(reply))
    }

    fn set_time_left(&mut self, left: Duration) {
        self.deadline = Instant::now().checked_add(left);
    }
}
