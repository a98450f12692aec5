//! The grammar of the command line: global options and commands.

use clap::{ColorChoice, Parser, Subcommand};

use crate::arguments::{Attestation, Ceremony, Credentials, Faults};
use crate::{completions, conform, device, enroll, inspect, load, man, relying_party};

/// A stunt double for a security key: answers WebAuthn options as a browser and an authenticator would.
///
/// Data goes to standard output, everything else to standard error.
#[derive(Debug, Parser)]
#[command(
    name = "stuntkey",
    version,
    disable_version_flag = true,
    arg_required_else_help = true,
    after_long_help = EXIT_STATUS
)]
pub(crate) struct CommandLine {
    /// Write messages, lists and errors as JSON, one value per line
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// When to use colours; auto uses none if NO_COLOR is set in the environment
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,

    /// Print the version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,

    /// With --version: also print which backend signs, and what is built in
    #[arg(short, long, requires = "version")]
    pub(crate) verbose: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The exit statuses, on which scripts rely. README.md has the same table.
const EXIT_STATUS: &str = "\
Exit status:
  0  the command did its work
  1  a ceremony was refused, a verification failed, or a target does not
     conform
  2  the arguments or the input cannot be used
  3  the target could not be reached, or the tool failed
  4  a filter matched nothing
  5  there is no verdict: the run was interrupted, or no case could be played";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer creation options with a registration reply
    ///
    /// FILE holds the server's answer, in any known shape. The reply has the shape that the server expects.
    Register(Ceremony),
    /// Answer request options with an authentication reply
    ///
    /// FILE holds the server's answer, in any known shape. The reply has the shape that the server expects.
    Authenticate(Ceremony),
    /// Explain a response, or a part of one; with expectations, verify it step by step
    ///
    /// FILE is a response, an attestation object, authenticator data, client data, a certificate, a public key or any
    /// CBOR: as JSON, base64, base64url, hex, PEM or bytes. The first line says what the input was taken for.
    ///
    /// Exit status: 1 if a step of the verification failed; 2 if the input could not be read to its end.
    Inspect(Box<inspect::Arguments>),
    /// List, export, import and delete the credentials in a store
    #[command(subcommand)]
    Credentials(Credentials),
    /// Print the certificate that a server has to trust, or metadata about the authenticator
    #[command(subcommand)]
    Attestation(Attestation),
    /// Find out what a relying party, or an authenticator, gets wrong
    ///
    /// URL is the server's address; --target says how it is spoken to. Each case is a sound ceremony with one change, which
    /// the server has to refuse, or an unusual one, which it has to accept. The report goes to standard output.
    ///
    /// With the address of an authenticator, such as udp://127.0.0.1:8111, that is held to CTAP, and the options below
    /// "Authenticator under test" say how it is touched, restarted and reset.
    ///
    /// Exit status: 1 if the target does not conform; 3 if it could not be reached; 4 if a filter names no case;
    /// 5 if there is no verdict.
    Conform(Box<conform::Arguments>),
    /// Put load on a relying party: virtual users who register and log in
    ///
    /// Everything about a user follows from the seed and the user's number, so users take no storage, however many they are.
    ///
    /// Exit status: 1 if a sound ceremony was not accepted, or a faulty one was; 3 if the server could not be reached.
    Load(Box<load::Arguments>),
    /// Run a relying party to test against, on loopback
    ///
    /// It has the interfaces of the FIDO conformance REST binding and of Nevis Authentication Cloud, trusts stuntkey's test
    /// root, and forgets everything when it ends. With --flaw it does one thing wrong.
    RelyingParty(relying_party::Arguments),
    /// Be a security key that other software can hold
    ///
    /// The key speaks CTAPHID to whoever comes by, or is a card in a virtual reader, until it is interrupted. Its address goes
    /// to standard output, a line for each request to standard error.
    ///
    /// What its user does says --user: who does not answer is waited for, until a touch comes by SIGUSR1 or by the socket of
    /// --control. SIGUSR2 takes its power away for a moment.
    Device(Box<device::Arguments>),
    /// Enrol a user at a server, register a credential there, and wait until the server says that it is done
    ///
    /// The default target is Nevis Authentication Cloud: enrolment, attestation result, status; with --log-in then
    /// approval, assertion result, status.
    Enroll(Box<enroll::Arguments>),
    /// List the faults that register and authenticate can make
    ///
    /// Each fault is one change to a valid ceremony. A relying party has to refuse it at the step that is named beside it.
    Faults(Faults),
    /// Print the completions of a shell
    ///
    /// For bash: source <(stuntkey completions bash). Other shells read the script from a file in their directory of completions.
    Completions(completions::Arguments),
    /// Print a page of the manual, for `man`
    ///
    /// To read one: stuntkey man conform | man -l -
    Man(man::Arguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::CommandLine;

    #[test]
    fn the_grammar_is_sound() {
        CommandLine::command().debug_assert();
    }
}
