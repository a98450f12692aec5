//! `stuntkey`: a stunt double for a security key, on the command line.

mod arguments;
mod attestation;
mod authenticator;
mod authority;
mod ceremony;
mod command_line;
mod completions;
mod conform;
mod credentials;
mod device;
mod enroll;
mod failure;
mod faults;
mod input;
mod inspect;
mod load;
mod man;
mod misuse;
mod origin;
mod output;
mod relying_party;
mod report_files;
mod secret;
mod server;
mod signal;
mod store;
mod target;
mod user;
mod version;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use command_line::{Command, CommandLine};
use failure::Failure;
use misuse::Manner;
use output::Output;

fn main() -> ExitCode {
    signal::report_a_file_that_is_too_large();
    let manner = Manner::of(std::env::args_os());
    let arguments = CommandLine::command()
        .color(manner.color)
        .try_get_matches()
        .and_then(|matches| CommandLine::from_arg_matches(&matches));
    let arguments = match arguments {
        Ok(arguments) => arguments,
        // Help and version are what was asked for; anything else is misuse.
        Err(misuse) if misuse.use_stderr() && manner.json => {
            let failure = misuse::failure(&misuse);
            Output::new(true, manner.color).failure(&failure);
            return failure.exit_code();
        }
        Err(other) => other.exit(),
    };
    let output = Output::new(arguments.json, arguments.color);
    match run(arguments, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}

fn run(arguments: CommandLine, output: &Output) -> Result<(), Failure> {
    if arguments.version {
        return version::print(arguments.verbose, output);
    }
    let Some(command) = arguments.command else {
        return Err(Failure::Usage("found no command".into()).hint("`stuntkey --help` lists the commands"));
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
        Command::Device(arguments) => device::run(&arguments, output),
        Command::Enroll(arguments) => enroll::run(&arguments, output),
        Command::Faults(arguments) => faults::run(&arguments, output),
        Command::Completions(arguments) => completions::run(&arguments, CommandLine::command(), output),
        Command::Man(arguments) => man::run(&arguments, CommandLine::command(), output),
    }
}
