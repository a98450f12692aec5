//! `stuntkey`: a stunt double for a security key, on the command line.

mod arguments;
mod attestation;
mod authenticator;
mod ceremony;
mod conform;
mod credentials;
mod enroll;
mod failure;
mod faults;
mod input;
mod inspect;
mod load;
mod output;
mod relying_party;
mod signal;
mod target;
mod user;
mod version;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and version are what was asked for; anything else is misuse.
        Err(misuse) if misuse.use_stderr() && std::env::args().any(|argument| argument == "--json") => {
            let line = misuse.to_string().lines().next().unwrap_or_default().to_owned();
            let failure = Failure::Usage(line.trim_start_matches("error: ").to_owned());
            Output::new(true).failure(&failure);
            return failure.exit_code();
        }
        Err(other) => other.exit(),
    };
    let output = Output::new(arguments.json);
    match run(arguments, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}

fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    if arguments.version {
        return version::print(arguments.verbose, output);
    }
    let Some(command) = arguments.command else {
        return Err(Failure::Usage("found no command; `stuntkey --help` lists them".into()));
    };
    match command {
        Command::Register(ceremony) => ceremony::register(&ceremony, output),
        Command::Authenticate(ceremony) => ceremony::authenticate(&ceremony, output),
        Command::Inspect(arguments) => inspect::run(&arguments, output),
        Command::Credentials(command) => credentials::run(&command, output),
        Command::Attestation(command) => attestation::run(&command, output),
        Command::Conform(arguments) => conform::run(&arguments, output),
        Command::Load(arguments) => load::run(&arguments, output),
        Command::RelyingParty(arguments) => relying_party::run(&arguments, output),
        Command::Enroll(arguments) => enroll::run(&arguments, output),
        Command::Faults(arguments) => faults::run(&arguments, output),
    }
}
