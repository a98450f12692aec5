//! `stuntkey conform`.

mod authenticator;
mod cases;
mod progress;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use stuntkey::client::Preset;
use stuntkey_conformance::report::{Format, TerminalStyle, compare};
use stuntkey_conformance::{
    Allowance, AuthenticatorProfile, Case, Conclusion, Expectations, FailOn, Harness, Profile, Report,
    Target, UserNames, cases as all_cases, libraries, select_cases,
};

use crate::arguments::{Authority, duration};
use crate::failure::Failure;
use crate::output::Output;
use crate::report_files::{self, ReportFiles};
use crate::secret::Seed;
use crate::target::{self, Http, Second};
use crate::{authority, input, origin, signal};

/// How long a run waits for a challenge to expire, so that the run stays short.
const LONGEST_WAIT: &str = "5s";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// The server's URL, such as http://localhost:8080; or the address of an authenticator: udp://HOST:PORT, tcp://HOST:PORT,
    /// hid:PATH, reader:NAME, exec:PROGRAM
    #[arg(required_unless_present_any = ["list", "command_line"])]
    pub(crate) url: Option<String>,

    /// Test a program that reads and writes JSON lines, instead of a server
    #[arg(long = "command", id = "command_line", value_name = "PROGRAM", conflicts_with = "url")]
    pub(crate) program: Option<String>,

    /// Print the cases instead of playing them
    #[arg(long)]
    pub(crate) list: bool,

    /// Play only the cases with this id or below it; * stands for any text
    #[arg(long = "only", value_name = "ID")]
    pub(crate) filters: Vec<String>,

    /// The document that the target is held to [default: l3 for a server; for an authenticator the newest that it says it
    /// speaks]
    #[arg(long, value_name = "PROFILE", value_parser = PossibleValuesParser::new(profiles()))]
    pub(crate) profile: Option<String>,

    /// What fails a run: critical failures alone; failed MUSTs, too; or failed SHOULDs and weak refusals, too
    #[arg(long, value_name = "WHAT", default_value = "must", value_parser = PossibleValuesParser::new(FailOn::ALL.iter().map(|what| what.name())))]
    pub(crate) fail_on: String,

    /// Count failed SHOULDs and weak refusals, too: --fail-on should
    #[arg(long, conflicts_with = "fail_on")]
    pub(crate) strict: bool,

    /// Play every case twice, with two seeds and in two orders; one that comes out otherwise is an error
    #[arg(long)]
    pub(crate) twice: bool,

    /// What the server's policy allows, though the standard's default is to refuse it: subdomain-origins, other-ports or embedding
    #[arg(long = "allows", value_name = "POLICY", value_parser = PossibleValuesParser::new(Allowance::ALL.iter().map(|a| a.name())))]
    pub(crate) allowances: Vec<String>,

    /// The library that the server stands on, for hints in its code [default: the target's]
    #[arg(long, value_name = "NAME", ignore_case = true, value_parser = PossibleValuesParser::new(libraries()))]
    pub(crate) library: Option<String>,

    /// Read the expected failures of the server: case ids, verdicts and reasons (TOML)
    #[arg(long = "expect", value_name = "FILE")]
    pub(crate) expectations: Option<PathBuf>,

    /// Write a report; the file's extension chooses the format: .json, .xml (JUnit), .md, .html or .sarif
    #[arg(long = "report", value_name = "FILE")]
    pub(crate) reports: Vec<PathBuf>,

    /// Write a badge with the verdict: JSON for the endpoint of a badge service
    #[arg(long, value_name = "FILE")]
    pub(crate) badge: Option<PathBuf>,

    /// How many cases to play at once [default: the number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,

    #[command(flatten)]
    pub(crate) seed: Seed,

    /// How long a case may wait, such as for a challenge to expire; those that would take longer are skipped
    #[arg(long, value_name = "TIME", default_value = LONGEST_WAIT, value_parser = duration)]
    pub(crate) wait: Duration,

    /// The form of user names; {} becomes a different text for each user, {number} digits [default: the target's, or {}@example.org]
    #[arg(long, value_name = "FORM", value_parser = target::user_names)]
    pub(crate) user_names: Option<UserNames>,

    /// The origin of the server's pages [default: the URL's, or https:// and the RP ID]
    #[arg(long, value_name = "URL", value_parser = origin::of_page)]
    pub(crate) origin: Option<String>,

    /// The shape of replies [default: the target's]
    #[arg(long, value_name = "PRESET", value_parser = PossibleValuesParser::new(Preset::all().map(Preset::name)))]
    pub(crate) reply: Option<String>,

    #[command(flatten)]
    pub(crate) authority: Authority,

    #[command(flatten)]
    pub(crate) http: Http,

    #[command(flatten)]
    pub(crate) second: Second,

    #[command(flatten)]
    pub(crate) hands: authenticator::Hands,
}

/// The names of every profile.
fn profiles() -> impl Iterator<Item = &'static str> {
    let of_servers = Profile::ALL.iter().map(|profile| profile.name());
    of_servers.chain(AuthenticatorProfile::ALL.iter().map(|profile| profile.name()))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Explain a case: what it requires, what it does, and what it catches
    Explain {
        /// The id of a case, or the beginning of several ids
        id: String,
    },

    /// Show what changed between two runs, from their reports in JSON
    ///
    /// Exit status: 1 if something got worse.
    Compare {
        /// The older report
        old: PathBuf,

        /// The newer report
        new: PathBuf,
    },
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    match &arguments.command {
        Some(Command::Compare { old, new }) => {
            let comparison = compare(&read(old)?, &read(new)?);
            output.data(&comparison.to_terminal(style(output)))?;
            match comparison.is_worse() {
                true => Err(Failure::Refuted("the newer run is worse".into())),
                false => Ok(()),
            }
        }
        Some(Command::Explain { id }) => cases::explain(id, profile(arguments), output),
        None => match authenticator::concerns(arguments)? {
            true => authenticator::conform(arguments, output),
            false => conform(arguments, output),
        },
    }
}

fn profile(arguments: &Arguments) -> Profile {
    arguments.profile.as_deref().and_then(Profile::from_name).unwrap_or(Profile::L3)
}

fn read(file: &Path) -> Result<Report, Failure> {
    Report::from_json(&input::read(file)?)
        .map_err(|error| Failure::Usage(format!("{}: this is not a report: {error}", file.display())))
}

fn conform(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let cases = cases(arguments)?;
    if arguments.list {
        return cases::list(&cases, profile(arguments), Profile::name, output);
    }
    let reports = ReportFiles::of(&arguments.reports, Format::ALL, Format::of_file)?;
    let expectations = match &arguments.expectations {
        Some(file) => Expectations::from_toml(&input::read(file)?, &all_cases())
            .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?,
        None => Expectations::default(),
    };
    let url = arguments.url.as_deref();
    let opened = target::open(
        url,
        arguments.program.as_deref(),
        &arguments.http,
        arguments.reply.as_deref(),
        arguments.user_names.as_ref(),
        None,
        Some(&arguments.second),
    )?;
    let target = opened.target.as_ref();
    let origin = target::origin_or(arguments.origin.as_deref(), target, url, &opened.user_names)?;
    arguments.second.expect_other_origin(target, &origin)?;

    let progress = progress::Progress::new();
    let mut harness = harness(arguments, target, &origin)
        .name(&opened.name)
        .user_names(opened.user_names.clone())
        .expectations(expectations)
        .observer(&progress)
        .stop_when(signal::stopped()?);
    if let Some(seed) = arguments.seed.read()? {
        harness = harness.seed(&seed);
    }
    if let Some(preset) = opened.reply {
        harness = harness.reply(preset);
    }
    if let Some(library) = arguments.library.as_deref().or(opened.library) {
        harness = harness.library(library);
    }
    if let Some(authority) = authority::own(&arguments.authority)? {
        harness = harness.attestation_authority(authority);
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
    verdict(&report, &origin)
}

/// What the exit status is to say.
fn verdict(report: &Report, origin: &str) -> Result<(), Failure> {
    let trouble = || report.trouble.clone().unwrap_or_else(|| "the run was stopped".into());
    match report.conclusion() {
        Conclusion::Conforms => Ok(()),
        Conclusion::DoesNotConform => Err(Failure::Refuted("the target does not conform".into())),
        Conclusion::NoVerdict if !report.reached => Err(Failure::Tool(trouble())),
        Conclusion::NoVerdict if report.cases.is_empty() && report.trouble.is_some() => {
            let failure = Failure::NoVerdict(format!("nothing could be tested: {}", trouble()));
            Err(failure
                .hint(format!("if the server's pages are not at {origin}, say where: --origin https://…")))
        }
        Conclusion::NoVerdict => {
            Err(Failure::NoVerdict(format!("no verdict: {} cases were played", report.cases.len())))
        }
    }
}

fn harness<'a>(arguments: &Arguments, target: &'a dyn Target, origin: &str) -> Harness<'a> {
    let mut harness = Harness::new(target, origin)
        .profile(profile(arguments))
        .fail_on(match arguments.strict {
            true => FailOn::Should,
            false => FailOn::from_name(&arguments.fail_on).unwrap_or_default(),
        })
        .twice(arguments.twice)
        .allows(arguments.allowances.iter().filter_map(|name| Allowance::from_name(name)))
        .filters(&arguments.filters)
        .deadline(arguments.http.deadline())
        .longest_wait(arguments.wait);
    if let Some(jobs) = arguments.jobs {
        harness = harness.jobs(jobs.into());
    }
    harness
}

/// Every filter names a case.
fn cases(arguments: &Arguments) -> Result<Vec<Case>, Failure> {
    let cases = select_cases(profile(arguments), &arguments.filters);
    let unused = arguments.filters.iter().find(|filter| !cases.iter().any(|case| case.matches(filter)));
    match unused {
        Some(filter) => Err(Failure::NothingMatched(format!(
            "no case of the profile {} is {filter:?} or below it: --list shows them",
            profile(arguments).name()
        ))),
        None => Ok(cases),
    }
}

fn style(output: &Output) -> TerminalStyle {
    TerminalStyle { width: output.width().clamp(40, 120), colour: output.colors_data() }
}
