//! Running stuntkey, and keeping the tally of checks.

use serde_json::Value;
use std::env;
use std::error::Error;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const ORIGIN: &str = "https://login.example.com";
pub const OTHER_ORIGIN: &str = "https://other.example.com";
pub const RP_ID: &str = "example.com";
/// A plausible mistake: also a legitimate RP ID for `ORIGIN`.
pub const OTHER_RP_ID: &str = "login.example.com";

pub type Outcome<T> = Result<T, Box<dyn Error>>;

pub fn expect(condition: bool, complaint: impl fmt::Display) -> Outcome<()> {
    if condition { Ok(()) } else { Err(complaint.to_string().into()) }
}

/// The command, with its credentials in a store file of its own.
pub struct Stuntkey {
    program: PathBuf,
    store: PathBuf,
}

impl Stuntkey {
    pub fn register(&self, options: &Value, flags: &[&str]) -> Outcome<Value> {
        self.ceremony("register", options, flags)
    }

    pub fn authenticate(&self, options: &Value, flags: &[&str]) -> Outcome<Value> {
        self.ceremony("authenticate", options, flags)
    }

    /// The PEM root certificate that attestation chains to.
    pub fn root(&self, flags: &[&str]) -> Outcome<Vec<u8>> {
        self.run(Command::new(&self.program).args(["attestation", "root"]).args(flags), "")
    }

    fn ceremony(&self, name: &str, options: &Value, flags: &[&str]) -> Outcome<Value> {
        let mut command = Command::new(&self.program);
        command.arg(name).arg("--store").arg(&self.store).args(["--origin", ORIGIN]).args(flags).arg("-");
        Ok(serde_json::from_slice(&self.run(&mut command, &options.to_string())?)?)
    }

    fn run(&self, command: &mut Command, input: &str) -> Outcome<Vec<u8>> {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        // A program that stops before reading is told apart by its exit status below.
        let _ = child.stdin.take().ok_or("no standard input")?.write_all(input.as_bytes());
        let done = child.wait_with_output()?;
        let complaint = String::from_utf8_lossy(&done.stderr);
        expect(done.status.success(), format_args!("{command:?}: {}: {}", done.status, complaint.trim()))?;
        Ok(done.stdout)
    }
}

/// Runs checks, each with a fresh store, and prints one line for each.
pub struct Checks {
    peer: String,
    program: PathBuf,
    passed: usize,
    failed: usize,
}

impl Checks {
    pub fn new(peer: String) -> Outcome<Self> {
        let given = env::args_os()
            .nth(1)
            .or_else(|| env::var_os("STUNTKEY"))
            .ok_or("give the path of stuntkey as the argument, or in STUNTKEY")?;
        let given = Path::new(&given);
        let program = given.canonicalize().map_err(|error| format!("{}: {error}", given.display()))?;
        Ok(Self { peer, program, passed: 0, failed: 0 })
    }

    /// Runs `body`. What it returns, if anything, is shown.
    pub fn check(&mut self, sentence: &str, body: impl FnOnce(&Stuntkey) -> Outcome<String>) {
        let peer = &self.peer;
        match self.with_store(body) {
            Ok(detail) => {
                let colon = if detail.is_empty() { "" } else { ": " };
                println!("{peer}: {sentence}{colon}{detail} ... ok");
                self.passed += 1;
            }
            Err(error) => {
                println!("{peer}: {sentence} ... FAILED: {error}");
                self.failed += 1;
            }
        }
    }

    fn with_store(&self, body: impl FnOnce(&Stuntkey) -> Outcome<String>) -> Outcome<String> {
        let directory = tempfile::tempdir()?;
        body(&Stuntkey { program: self.program.clone(), store: directory.path().join("store") })
    }

    /// Prints the tally. True when every check passed.
    pub fn finish(&self) -> bool {
        println!("{} passed, {} failed", self.passed, self.failed);
        self.failed == 0
    }
}
