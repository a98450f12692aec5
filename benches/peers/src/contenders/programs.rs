//! Libraries in other languages: programs that answer over a pipe, line by line in JSON. `README.md` has the protocol.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{Contender, Peer, Runs, Work};
use crate::check::{self, Attestation};
use crate::fixture::{Fixture, Verdict};

/// A program that has been given the fixture, and the works that it has.
pub(super) struct Program {
    peer: Peer,
    works: Vec<Work>,
    pipe: Rc<RefCell<Pipe>>,
}

/// One work of a program.
pub(crate) struct Running {
    pipe: Rc<RefCell<Pipe>>,
    work: Work,
}

impl Program {
    /// Starts a command, whose words are separated by spaces.
    ///
    /// # Errors
    /// It does not start, or does not answer.
    pub(super) fn start(command: &str, fixture: &Fixture) -> Result<Self, String> {
        let mut pipe = Pipe::start(command)?;
        let answer = pipe.ask(&fixture.json())?;
        let member = |name: &str| {
            let text = answer.get(name).and_then(Json::as_str);
            text.map(str::to_owned).ok_or_else(|| format!("{command}: no {name:?} in {answer}"))
        };
        let peer = Peer { name: member("name")?, version: member("version")?, runtime: member("runtime")? };
        let works = answer.get("works").and_then(Json::as_array).into_iter().flatten();
        let works = works.map(|work| {
            let work = work.as_str().unwrap_or_default();
            Work::named(work).ok_or_else(|| format!("{command}: there is no work {work:?}"))
        });
        let works: Vec<Work> = works.collect::<Result<_, _>>()?;
        if works.is_empty() {
            return Err(format!("{command}: has no works"));
        }
        Ok(Self { peer, works, pipe: Rc::new(RefCell::new(pipe)) })
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Its works, after each has been checked.
    ///
    /// # Errors
    /// It does one wrong.
    pub(super) fn contenders(self, fixture: &Fixture) -> Result<Vec<Contender>, String> {
        let contender = |work: &Work| {
            let running = Running { pipe: Rc::clone(&self.pipe), work: *work };
            running.check(fixture).map_err(|error| format!("{}: {error}", self.peer.name))?;
            Ok(Contender { who: self.peer.name.clone(), work: *work, runs: Runs::There(running) })
        };
        self.works.iter().map(contender).collect()
    }
}

impl Running {
    /// Does the work so many times, and says how long it took by its own clock.
    ///
    /// # Errors
    /// It failed.
    pub(crate) fn batch(&mut self, count: u32) -> Result<Duration, String> {
        let answer = self.ask("count", count.into())?;
        let nanoseconds = answer.get("nanoseconds").and_then(Json::as_u64);
        let elapsed = nanoseconds.map(Duration::from_nanos);
        elapsed.filter(|elapsed| !elapsed.is_zero()).ok_or_else(|| format!("no time in {answer}"))
    }

    fn check(&self, fixture: &Fixture) -> Result<(), String> {
        let name = self.work.name();
        let attestation = match self.work {
            Work::VerifyRegistration | Work::VerifyLogin => {
                return fixture.check(self.work, |reply| self.judge(reply));
            }
            Work::RegisterPacked => Attestation::Packed,
            Work::RegisterSelf => Attestation::PackedSelf,
            Work::RegisterNone => Attestation::None,
            Work::Authenticate => self.own_attestation()?,
            _ => return Err(format!("{name} is no work of a library")),
        };
        let mut keys = Vec::new();
        for _ in 0..2 {
            let answer = self.ask("show", true.into())?;
            let reply = |name: &str| {
                let text = answer.get(name).and_then(Json::as_str);
                text.ok_or_else(|| format!("no {name} in {answer}"))
            };
            let wrong = |error| format!("{name}: {error}");
            let registered = check::registration(reply("registration")?, attestation).map_err(wrong)?;
            if self.work == Work::Authenticate {
                check::authentication(reply("login")?, &registered.key).map_err(wrong)?;
            }
            keys.push(registered.key);
        }
        match keys.as_slice() {
            [one, other] if one == other => Err(format!("{name}: gives the same key twice")),
            _ => Ok(()),
        }
    }

    /// How the program attests the key that it then logs in with.
    fn own_attestation(&self) -> Result<Attestation, String> {
        let answer = self.ask("show", true.into())?;
        let registration = answer.get("registration").and_then(Json::as_str).unwrap_or_default();
        [Attestation::None, Attestation::PackedSelf, Attestation::Packed]
            .into_iter()
            .find(|attestation| check::registration(registration, *attestation).is_ok())
            .ok_or_else(|| format!("{}: no sound registration in {answer}", self.work.name()))
    }

    fn judge(&self, reply: &str) -> Result<Verdict, String> {
        let answer = self.ask("reply", reply.into())?;
        match (answer.get("accepted"), answer.get("refused").and_then(Json::as_str)) {
            (Some(Json::Bool(true)), None) => Ok(Verdict::Accepted),
            (None, Some(why)) => Ok(Verdict::Refused(why.to_owned())),
            _ => Err(format!("neither accepts nor refuses: {answer}")),
        }
    }

    fn ask(&self, what: &str, value: Json) -> Result<Json, String> {
        self.pipe.borrow_mut().ask(&json!({ "work": self.work.name(), what: value }))
    }
}

/// A process that answers each line with one.
struct Pipe {
    command: String,
    process: Child,
    /// Until it is to end.
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Pipe {
    fn start(command: &str) -> Result<Self, String> {
        let mut words = command.split_whitespace();
        let program = words.next().ok_or("--peer wants a command")?;
        let mut process = Command::new(program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{command}: {error}; benches/peers/run builds the programs"))?;
        let requests = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().ok_or("the process has no output")?);
        Ok(Self { command: command.to_owned(), process, requests, answers })
    }

    fn ask(&mut self, request: &Json) -> Result<Json, String> {
        let failed = |error: String| format!("{}: {error}", self.command);
        let requests = self.requests.as_mut().ok_or("the process has ended")?;
        writeln!(requests, "{request}").map_err(|error| failed(error.to_string()))?;
        requests.flush().map_err(|error| failed(error.to_string()))?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer).map_err(|error| failed(error.to_string()))?;
        let parsed: Json = serde_json::from_str(&answer)
            .map_err(|error| failed(format!("answers {:?}: {error}", answer.trim_end())))?;
        match parsed.get("failed").and_then(Json::as_str) {
            Some(why) => Err(failed(why.to_owned())),
            None => Ok(parsed),
        }
    }
}

impl Drop for Pipe {
    /// It ends when there are no more requests.
    fn drop(&mut self) {
        self.requests = None;
        drop(self.process.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(command: &str) -> String {
        match Program::start(command, &Fixture::new().unwrap()) {
            Ok(_) => panic!("{command} starts"),
            Err(error) => error,
        }
    }

    #[test]
    fn says_who_does_not_start_or_answer() {
        assert!(refusal("no-such-program-of-all").contains("benches/peers/run"));
        assert!(refusal("true").starts_with("true: "));
        // Answers with the fixture, in which there is no name.
        assert!(refusal("cat").starts_with("cat: no \"name\""));
        assert!(refusal("").contains("command"));
    }
}
