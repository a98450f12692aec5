//! stuntkey's ceremonies beside passkey-rs's and the bare primitives: the same work, in turns, in one run.
//! `README.md` says what is compared and how to read the result.
#![forbid(unsafe_code)]

mod check;
mod contenders;
mod measure;
mod ratios;
mod report;
mod setting;

use std::io::{self, Write};
use std::process::ExitCode;

use report::Report;

const HELP: &str = "\
Compares stuntkey with passkey-rs and the bare primitives, in turns, in one run.

usage: cargo run --release --manifest-path benches/peers/Cargo.toml -- [options]

  --rounds N   how often each contender takes its turn (default 500: a minute)
  --json       print the result as JSON
  --help       print this

Exit code: 0 measured, whatever the times; 1 a contender did its work wrong;
2 bad arguments.
";

/// A round is a batch of 5 ms of each of 22 contenders, so these take about a minute.
const ROUNDS: usize = 500;

fn main() -> ExitCode {
    let (text, code) = match Task::from_arguments(std::env::args().skip(1)) {
        Ok(Task::Help) => (HELP.to_owned(), ExitCode::SUCCESS),
        Ok(Task::Measure { rounds, json }) => match measure(rounds, json) {
            Ok(text) => (text, ExitCode::SUCCESS),
            Err(error) => return failure(1, &error),
        },
        Err(error) => return failure(2, &format!("{error}; --help says what can be asked")),
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failure(1, &error.to_string()),
        _ => code,
    }
}

fn measure(rounds: usize, json: bool) -> Result<String, String> {
    if cfg!(debug_assertions) {
        eprintln!("built without --release: these times say nothing");
    }
    eprintln!("checking that each contender does its work");
    let (contenders, lengths) = contenders::all()?;
    eprintln!("measuring: {rounds} rounds of {} contenders", contenders.len());
    let report = Report { rounds, lengths, measured: measure::in_turns(contenders, rounds) };
    Ok(if json { report.json() } else { report.text() })
}

fn failure(code: u8, message: &str) -> ExitCode {
    eprintln!("stuntkey-bench-peers: {message}");
    ExitCode::from(code)
}

#[derive(Debug, PartialEq)]
enum Task {
    Help,
    Measure { rounds: usize, json: bool },
}

impl Task {
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut rounds, mut json) = (ROUNDS, false);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--json" => json = true,
                "--rounds" => {
                    let number = arguments.next().ok_or("--rounds wants a number")?;
                    rounds = match number.parse() {
                        Ok(0) | Err(_) => {
                            return Err(format!("--rounds wants a number from 1, not {number:?}"));
                        }
                        Ok(rounds) => rounds,
                    };
                }
                other => return Err(format!("no such argument: {other:?}")),
            }
        }
        Ok(Self::Measure { rounds, json })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(line: &str) -> Result<Task, String> {
        Task::from_arguments(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn reads_its_arguments() {
        assert_eq!(task(""), Ok(Task::Measure { rounds: ROUNDS, json: false }));
        assert_eq!(task("--json --rounds 3"), Ok(Task::Measure { rounds: 3, json: true }));
        assert_eq!(task("--rounds 3 --help"), Ok(Task::Help));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for line in
            ["--rounds", "--rounds 0", "--rounds -1", "--rounds many", "--rounds --json", "--fast", "3"]
        {
            assert!(task(line).is_err(), "{line}");
        }
    }
}
