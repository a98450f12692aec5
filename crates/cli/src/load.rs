//! `stuntkey load`.

use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stuntkey::client::Preset;
use stuntkey_conformance::{Load, LoadReport, Progress, StepReport, UserNames};

use stuntkey_inspect::text::harmless;

use crate::arguments::{Authority, duration};
use crate::authority;
use crate::failure::Failure;
use crate::origin;
use crate::output::Output;
use crate::secret::Seed;
use crate::signal;
use crate::target::{self, Http};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
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
        true => {
            let text = serde_json::to_string(&report).map_err(|error| Failure::Tool(error.to_string()))?;
            output.data(&text)?;
        }
        false => output.data(&page(&report))?,
    }
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

fn page(report: &LoadReport) -> String {
    let mut text = format!("{}, seed {}\n\n", report.target, report.seed);
    text.push_str(&format!(
        "registered {}, logged in {} in {:.1} s:\n{:.0} ceremonies a second, {} users at once\n\n",
        report.registered, report.logged_in, report.seconds, report.throughput, report.users
    ));
    text.push_str(&table_row(
        "ms until the answer",
        ["count", "p50", "p90", "p99", "p99.9", "max"].map(str::to_owned),
    ));
    for step in report.steps.iter().chain(&report.late) {
        text.push_str(&row(step));
    }
    if report.missed > 0 {
        text.push_str(&format!(
            "\n{} ceremonies were due and never begun, as every user was busy: try more --users\n",
            report.missed
        ));
    }
    if !report.errors.is_empty() {
        text.push_str("\nSound ceremonies that failed:\n");
    }
    for error in &report.errors {
        let first: String = error.first.chars().map(harmless).collect();
        text.push_str(&format!("  {} {}: {} ({first})\n", error.step, error.kind, error.count));
    }
    if report.bad > 0 {
        let accepted: u64 = report.wrongly_accepted.values().sum();
        text.push_str(&format!("\nwith a fault: {} sent, {accepted} wrongly accepted\n", report.bad));
    }
    for (fault, count) in &report.wrongly_accepted {
        text.push_str(&format!("  {fault}: {count}\n"));
    }
    text
}

fn row(step: &StepReport) -> String {
    let ms = |micros: u64| {
        // Microseconds of an hour fit 32 bits.
        let micros = u32::try_from(micros).unwrap_or(u32::MAX);
        format!("{:.2}", f64::from(micros) / 1000.0)
    };
    let times = [step.p50, step.p90, step.p99, step.p999, step.max].map(ms);
    let [p50, p90, p99, p999, max] = times;
    table_row(&step.step, [step.count.to_string(), p50, p90, p99, p999, max])
}

/// At most 80 columns wide, unless a server is slower than ten minutes.
fn table_row(name: &str, cells: [String; 6]) -> String {
    let mut row = format!("{name:22}");
    for cell in cells {
        row.push_str(&format!(" {cell:>8}"));
    }
    row + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_a_terminal() {
        let step = StepReport {
            step: "authentication options".into(),
            count: 10_000_000,
            p50: 1,
            p90: 10,
            p99: 100_000,
            p999: 10_000_000,
            max: 99_999_990,
        };
        let row = row(&step);
        assert!(row.trim_end().chars().count() <= 80, "{row}");
    }

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
