//! stuntkey beside its peers: ceremonies, their verification and the bare primitives, the same work, in turns, in one
//! run. `README.md` says what is compared and how to read the result.
#![forbid(unsafe_code)]

mod chart;
mod check;
mod contenders;
mod fixture;
mod measure;
mod ratios;
mod report;
mod setting;

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use contenders::Everybody;
use report::Report;

const HELP: &str = "\
Compares stuntkey with other authenticators, verifiers and the bare primitives, in
turns, in one run: those in Rust. benches/peers/run adds those in other languages.

usage: cargo run --release --manifest-path benches/peers/Cargo.toml -- [options]

  --rounds N      how often each contender takes its turn (default 300: a minute)
  --peer COMMAND  add a program in another language; may be repeated
  --json          print the result as JSON
  --save FILE     write the result as JSON to a file as well
  --chart FILE    measure nothing: print the SVG chart of a result in JSON
  --help          print this

Exit code: 0 measured, whatever the times; 1 a contender did its work wrong or a
file cannot be read or written; 2 bad arguments.
";

/// A round is a batch of 5 ms of each of 40 contenders, so these take about a minute.
const ROUNDS: usize = 300;

fn main() -> ExitCode {
    let text = match Task::from_arguments(std::env::args().skip(1)) {
        Ok(Task::Help) => Ok(HELP.to_owned()),
        Ok(Task::Chart(file)) => chart_of(&file),
        Ok(Task::Measure(wanted)) => measure(&wanted),
        Err(error) => return failure(2, &format!("{error}; --help says what can be asked")),
    };
    let text = match text {
        Ok(text) => text,
        Err(error) => return failure(1, &error),
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failure(1, &error.to_string()),
        _ => ExitCode::SUCCESS,
    }
}

fn measure(wanted: &Measure) -> Result<String, String> {
    if cfg!(debug_assertions) {
        eprintln!("built without --release: these times say nothing");
    }
    eprintln!("checking that each contender does its work");
    let Everybody { contenders, lengths, peers } = Everybody::with(&wanted.peers)?;
    let rounds = wanted.rounds;
    eprintln!("measuring: {rounds} rounds of {} contenders", contenders.len());
    let report = Report { rounds, lengths, peers, measured: measure::in_turns(contenders, rounds)? };
    if let Some(file) = &wanted.save {
        fs::write(file, report.json()).map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(if wanted.json { report.json() } else { report.text() })
}

fn chart_of(file: &str) -> Result<String, String> {
    let result = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    chart::of(&result).map_err(|error| format!("{file}: {error}"))
}

fn failure(code: u8, message: &str) -> ExitCode {
    eprintln!("stuntkey-bench-peers: {message}");
    ExitCode::from(code)
}

#[derive(Debug, PartialEq)]
enum Task {
    Help,
    Measure(Measure),
    /// Of the result in this file.
    Chart(String),
}

#[derive(Debug, PartialEq)]
struct Measure {
    rounds: usize,
    json: bool,
    /// The file to write the result to.
    save: Option<String>,
    /// The commands of programs in other languages.
    peers: Vec<String>,
}

impl Default for Measure {
    fn default() -> Self {
        Self { rounds: ROUNDS, json: false, save: None, peers: Vec::new() }
    }
}

impl Task {
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wanted = Measure::default();
        let mut chart = None;
        while let Some(argument) = arguments.next() {
            let mut value = |what: &str| arguments.next().ok_or(format!("{argument} wants {what}"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--json" => wanted.json = true,
                "--save" => wanted.save = Some(value("a file")?),
                "--peer" => wanted.peers.push(value("a command")?),
                "--chart" => chart = Some(value("a file")?),
                "--rounds" => {
                    let number = value("a number")?;
                    wanted.rounds = match number.parse() {
                        Ok(0) | Err(_) => {
                            return Err(format!("--rounds wants a number from 1, not {number:?}"));
                        }
                        Ok(rounds) => rounds,
                    };
                }
                other => return Err(format!("no such argument: {other:?}")),
            }
        }
        match chart {
            None => Ok(Self::Measure(wanted)),
            Some(file) if wanted == Measure::default() => Ok(Self::Chart(file)),
            Some(_) => Err("--chart measures nothing, so it stands alone".to_owned()),
        }
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
        assert_eq!(task(""), Ok(Task::Measure(Measure::default())));
        let wanted = Measure {
            rounds: 3,
            json: true,
            save: Some("f".to_owned()),
            peers: vec!["a".to_owned(), "b".to_owned()],
        };
        assert_eq!(task("--json --rounds 3 --peer a --save f --peer b"), Ok(Task::Measure(wanted)));
        assert_eq!(task("--rounds 3 --help"), Ok(Task::Help));
        assert_eq!(task("--chart f"), Ok(Task::Chart("f".to_owned())));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for line in [
            "--rounds",
            "--rounds 0",
            "--rounds -1",
            "--rounds many",
            "--rounds --json",
            "--fast",
            "3",
            "--peer",
            "--chart",
            "--chart f --json",
        ] {
            assert!(task(line).is_err(), "{line}");
        }
    }
}
