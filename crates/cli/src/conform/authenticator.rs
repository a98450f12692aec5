//! `stuntkey conform` before an authenticator.

use std::io::{self, IsTerminal, Write};

use clap::Args;
use stuntkey_conformance::report::Format;
use stuntkey_conformance::{
    AuthenticatorHarness, AuthenticatorProfile, Conclusion, Expectations, FailOn, Hooks, RemoteAuthenticator,
    authenticator_cases, select_authenticator_cases,
};
use stuntkey_transport::Address;

use super::progress::Progress;
use super::{Arguments, cases, style};
use crate::failure::Failure;
use crate::output::Output;
use crate::report_files::{self, ReportFiles};
use crate::secret::Pin;
use crate::{input, signal};

/// What hands do with an authenticator under test.
#[derive(Debug, Args)]
#[command(next_help_heading = "Authenticator under test")]
pub(crate) struct Hands {
    /// Touch the authenticator by this command; `ask` asks a person [default: for hid: and reader: on a terminal ask, else
    /// it takes itself for touched]
    #[arg(long, value_name = "COMMAND|ask")]
    touch: Option<String>,

    /// Take its power away for a moment by this command; `ask` asks a person
    #[arg(long, value_name = "COMMAND|ask")]
    power_cycle: Option<String>,

    /// Bring it back to what it was when it was made by this command, instead of by authenticatorReset
    #[arg(long, value_name = "COMMAND", requires = "allow_reset")]
    reset: Option<String>,

    /// Let the run reset the authenticator, which loses everything that it keeps
    #[arg(long)]
    allow_reset: bool,

    #[command(flatten)]
    pin: Pin,
}

const ASK: &str = "ask";

/// Whether the arguments are about an authenticator: by the address, or by the profile where cases are listed.
pub(super) fn concerns(arguments: &Arguments) -> Result<bool, Failure> {
    let profile = arguments.profile.as_deref();
    let by_profile = profile.and_then(AuthenticatorProfile::from_name).is_some();
    let url = arguments.url.as_deref().unwrap_or_default();
    let scheme = url.split(':').next().unwrap_or_default();
    let by_address = ["udp", "tcp", "hid", "reader", "exec"].contains(&scheme) && url.contains(':');
    match (by_address, by_profile, profile) {
        (true, false, Some(profile)) => Err(Failure::Usage(format!(
            "--profile: found {profile}, which is one for servers, expected one of {}",
            names().join(", ")
        ))),
        (false, true, Some(profile)) if !arguments.list => Err(Failure::Usage(format!(
            "--profile {profile} is one for authenticators: found {url:?}, expected an address such as udp://127.0.0.1:8111"
        ))),
        _ => Ok(by_address || by_profile),
    }
}

fn names() -> Vec<&'static str> {
    AuthenticatorProfile::ALL.iter().map(|profile| profile.name()).collect()
}

/// The name of an option that is about servers, and was given.
fn option_of_servers(arguments: &Arguments) -> Option<&'static str> {
    let Arguments { http, second, .. } = arguments;
    let given = [
        (arguments.program.is_some(), "--command"),
        (arguments.twice, "--twice"),
        (!arguments.allowances.is_empty(), "--allows"),
        (arguments.library.is_some(), "--library"),
        (arguments.jobs.is_some(), "--jobs"),
        (arguments.user_names.is_some(), "--user-names"),
        (arguments.origin.is_some(), "--origin"),
        (arguments.reply.is_some(), "--reply"),
        (arguments.authority.attestation_ca.is_some(), "--attestation-ca"),
        (http.target.is_some(), "--target"),
        (!http.variables.is_empty(), "--set"),
        (!http.headers.is_empty(), "--header"),
        (http.ca.is_some(), "--ca"),
        (second.second_url.is_some(), "--second-url"),
    ];
    given.iter().find(|(is_given, _)| *is_given).map(|(_, name)| *name)
}

pub(super) fn conform(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    if let Some(option) = option_of_servers(arguments) {
        return Err(Failure::Usage(format!("{option} is about servers, and the target is an authenticator")));
    }
    let profile = arguments.profile.as_deref().and_then(AuthenticatorProfile::from_name);
    let newest = profile.unwrap_or(AuthenticatorProfile::V2_3);
    let listed = select_authenticator_cases(newest, &arguments.filters);
    if let Some(filter) =
        arguments.filters.iter().find(|filter| !listed.iter().any(|case| case.matches(filter)))
    {
        return Err(Failure::NothingMatched(format!(
            "no case of the profile {} is {filter:?} or below it: --list --profile {0} shows them",
            newest.name()
        )));
    }
    if arguments.list {
        return cases::list(&listed, newest, AuthenticatorProfile::name, output);
    }
    let url = arguments.url.as_deref().unwrap_or_default();
    let address: Address = url.parse().map_err(|error| Failure::Usage(format!("{error}")))?;
    let reports = ReportFiles::of(&arguments.reports, Format::ALL, Format::of_file)?;
    let expectations = match &arguments.expectations {
        Some(file) => Expectations::from_toml(&input::read(file)?, &authenticator_cases())
            .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?,
        None => Expectations::default(),
    };
    let asks = asks(&arguments.hands, &address)?;
    let progress = Progress::new();
    let target = target(&arguments.hands, address, asks, &progress);
    let mut harness = AuthenticatorHarness::new(&target)
        .name(url)
        .allow_reset(arguments.hands.allow_reset)
        .fail_on(match arguments.strict {
            true => FailOn::Should,
            false => FailOn::from_name(&arguments.fail_on).unwrap_or_default(),
        })
        .filters(&arguments.filters)
        .longest_wait(arguments.wait)
        .expectations(expectations)
        .observer(&progress)
        .stop_when(signal::stopped()?);
    if let Some(profile) = profile {
        harness = harness.profile(profile);
    }
    if let Some(seed) = arguments.seed.read()? {
        harness = harness.seed(&seed);
    }
    if let Some(pin) = arguments.hands.pin.read()? {
        harness = harness.pin(&pin);
    }
    if let Some(deadline) = arguments.http.deadline {
        harness = harness.deadline(deadline);
    }
    if asks {
        let touches = harness.touches();
        output.note(&format!(
            "the run asks for about {touches} touches; an authenticator with less asks for fewer"
        ));
    }
    let report = harness.run();
    progress.finish();
    reports.write(|format| report.to_text(format))?;
    if let Some(file) = &arguments.badge {
        report_files::write(file, &report.to_badge())?;
    }
    match output.is_json() {
        true => output.data(&report.to_text(Format::Json))?,
        false => output.data(&report.to_terminal(style(output)))?,
    }
    let trouble = || report.trouble.clone().unwrap_or_else(|| "the run was stopped".into());
    match report.conclusion() {
        Conclusion::Conforms => Ok(()),
        Conclusion::DoesNotConform => Err(Failure::Refuted("the target does not conform".into())),
        Conclusion::NoVerdict if !report.reached => Err(Failure::Tool(format!("{url}: {}", trouble()))),
        Conclusion::NoVerdict if report.trouble.is_some() => {
            Err(Failure::NoVerdict(format!("nothing could be tested: {}", trouble())))
        }
        Conclusion::NoVerdict => {
            Err(Failure::NoVerdict(format!("no verdict: {} cases were played", report.cases.len())))
        }
    }
}

/// Whether a person is asked.
fn asks(hands: &Hands, address: &Address) -> Result<bool, Failure> {
    let is_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    let is_asked_for =
        [&hands.touch, &hands.power_cycle].into_iter().any(|hand| hand.as_deref() == Some(ASK));
    match (is_asked_for, is_terminal) {
        (true, false) => Err(Failure::Usage("--touch ask: this process has no terminal to ask on".into())
            .hint("a command touches without one: --touch 'kill -USR1 PID'")),
        (true, true) => Ok(true),
        (false, _) => {
            let is_at_hand = matches!(address, Address::Hid(_) | Address::Reader(_));
            Ok(is_terminal && is_at_hand && hands.touch.is_none())
        }
    }
}

fn target<'p>(
    hands: &Hands,
    address: Address,
    asks: bool,
    progress: &'p Progress,
) -> RemoteAuthenticator<'p> {
    let command = |hand: &Option<String>| hand.clone().filter(|hand| hand != ASK);
    let mut hooks = Hooks::default();
    hooks.touch = command(&hands.touch);
    hooks.power_cycle = command(&hands.power_cycle);
    hooks.reset = command(&hands.reset);
    let target = RemoteAuthenticator::new(address).hooks(hooks);
    match asks {
        true => target.person(move |what| progress.suspended(|| ask(what))),
        false => target,
    }
}

/// Tells a person what to do. A touch shows by itself that it was done; all else is confirmed.
fn ask(what: &str) -> bool {
    let mut stderr = io::stderr().lock();
    if writeln!(stderr, "stuntkey: {what}").and_then(|()| stderr.flush()).is_err() {
        return false;
    }
    let is_touch = what.starts_with("touch");
    is_touch || matches!(io::stdin().read_line(&mut String::new()), Ok(1..))
}
