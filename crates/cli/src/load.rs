//! `stuntkey load`.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stuntkey::client::Preset;
use stuntkey_conformance::{Load, LoadComparison, LoadFormat, LoadReport, Progress, UserNames};

use crate::arguments::{Authority, duration};
use crate::authority;
use crate::failure::Failure;
use crate::input;
use crate::origin;
use crate::output::Output;
use crate::report_files::ReportFiles;
use crate::secret::Seed;
use crate::signal;
use crate::target::{self, Http};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// The server's URL, such as http://localhost:8080
    #[arg(required_unless_present = "command_line")]
    pub(crate) url: Option<String>,

    /// Load a program that reads and writes JSON lines, instead of a server
    #[arg(long = "command", id = "command_line", value_name = "PROGRAM", conflicts_with = "url")]
    pub(crate) program: Option<String>,

    /// How many users are active at once; with --rate, the most that may be
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) users: u16,

    /// How many ceremonies to begin per second, whether the server keeps up or not [default: each user begins the next one when the last has ended]
    #[arg(long, value_name = "PER_SECOND", value_parser = positive)]
    pub(crate) rate: Option<f64>,

    /// How long the load lasts
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub(crate) duration: Duration,

    /// How long it takes until all users are active, or the rate is reached
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub(crate) ramp_up: Duration,

    /// Have this many users register and log in once each, however long it takes
    #[arg(long, value_name = "USERS", conflicts_with_all = ["rate", "duration", "logins", "bad"])]
    pub(crate) each_once: Option<u64>,

    /// The share of ceremonies that are logins
    #[arg(long, value_name = "SHARE", default_value = "50%", value_parser = share)]
    pub(crate) logins: f64,

    /// The share of ceremonies that have a fault, so that the server has to refuse them
    #[arg(long, value_name = "SHARE", default_value = "0%", value_parser = share)]
    pub(crate) bad: f64,

    #[command(flatten)]
    pub(crate) reports: Reports,

    #[command(flatten)]
    pub(crate) seed: Seed,

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
}

#[derive(Debug, Args)]
pub(crate) struct Reports {
    /// Write a report; the file's extension chooses the format: .html, .md or .json
    #[arg(long = "report", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show two runs beside each other, from their reports in JSON
    Compare {
        /// The older report
        before: PathBuf,

        /// The newer report
        now: PathBuf,

        #[command(flatten)]
        reports: Reports,
    },
}

impl Reports {
    fn files(&self) -> Result<ReportFiles<LoadFormat>, Failure> {
        ReportFiles::of(&self.files, LoadFormat::ALL, LoadFormat::of_file)
    }
}

/// More ceremonies a second than any machine can make.
const HIGHEST_RATE: f64 = 1_000_000.0;

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= HIGHEST_RATE => Ok(rate),
        _ => Err(format!("expected a number above zero, and at most {HIGHEST_RATE}")),
    }
}

/// `5%` or `0.05`.
fn share(text: &str) -> Result<f64, String> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse::<f64>(),
    };
    match share {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a share from 0% to 100%".into()),
    }
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    match &arguments.command {
        Some(Command::Compare { before, now, reports }) => compare(before, now, reports, output),
        None => load(arguments, output),
    }
}

fn compare(before: &Path, now: &Path, reports: &Reports, output: &Output) -> Result<(), Failure> {
    let files = reports.files()?;
    let comparison = LoadComparison { before: read(before)?, now: read(now)? };
    match output.is_json() {
        true => output.data(&comparison.to_json_line())?,
        false => output.data(&comparison.to_terminal())?,
    }
    files.write(|format| comparison.to_text(format))
}

fn read(file: &Path) -> Result<LoadReport, Failure> {
    LoadReport::from_json(&input::read(file)?).map_err(|error| {
        let what = "this is not a report of load in JSON";
        Failure::Usage(format!("{}: {what}: {error}; load --report FILE.json writes one", file.display()))
    })
}

fn load(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let files = arguments.reports.files()?;
    let url = arguments.url.as_deref();
    let opened =
        // Load shows when a server answers 429 (Too Many Requests), so no request is repeated.
        target::open(url, arguments.program.as_deref(), &arguments.http, arguments.reply.as_deref(), arguments.user_names.as_ref(), Some(Duration::ZERO), None)?;
    let target = opened.target.as_ref();
    let origin = target::origin_or(arguments.origin.as_deref(), target, url, &opened.user_names)?;
    let bar = bar();
    let watch = |progress: Progress| {
        let seconds = progress.elapsed.as_secs_f64().max(f64::MIN_POSITIVE);
        // Far fewer than the 2^53 that a float has room for.
        let accepted = u32::try_from(progress.accepted).map_or(f64::INFINITY, f64::from);
        bar.set_message(format!(
            "{seconds:.0} s  {} accepted, {:.0} a second  {} failed",
            progress.accepted,
            accepted / seconds,
            progress.failed
        ));
        bar.tick();
    };
    let mut load = Load::new(target, &origin)
        .name(&opened.name)
        .user_names(opened.user_names.clone())
        .users(arguments.users.into())
        .logins(arguments.logins)
        .bad(arguments.bad)
        .ramp_up(arguments.ramp_up)
        .duration(arguments.duration)
        .watcher(&watch)
        .stop_when(signal::stopped()?);
    if let Some(seed) = arguments.seed.read()? {
        load = load.seed(&seed);
    }
    if let Some(rate) = arguments.rate {
        load = load.rate(rate);
    }
    if let Some(users) = arguments.each_once {
        load = load.each_once(users);
    }
    if let Some(preset) = opened.reply {
        load = load.reply(preset);
    }
    if let Some(authority) = authority::own(&arguments.authority)? {
        load = load.attestation_authority(authority);
    }
    let report = load.run();
    bar.finish_and_clear();
    match output.is_json() {
        true => output.data(&report.to_json_line())?,
        false => output.data(&report.to_terminal())?,
    }
    files.write(|format| report.to_text(format))?;
    match report.is_clean() {
        true => Ok(()),
        false if !report.was_reached() => Err(Failure::Tool("the target could not be reached".into())),
        false => Err(Failure::Refuted("not every ceremony came out as it has to".into())),
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::hidden();
    if io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percents_or_fractions() {
        assert_eq!(share("5%"), Ok(0.05));
        assert_eq!(share("0.25"), Ok(0.25));
        assert_eq!(share("100 %"), Ok(1.0));
        assert!(
            share("101%").is_err() && share("-1%").is_err() && share("x").is_err() && share("NaN").is_err()
        );
        assert!(positive("0").is_err() && positive("inf").is_err() && positive("1e308").is_err());
    }
}
