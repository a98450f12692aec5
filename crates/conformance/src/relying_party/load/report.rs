//! What came of a load on a relying party. JSON is the report itself; every other format is made from it, each in its own
//! file, and each shows one run or two beside each other.

mod html;
mod markdown;
mod runs;
mod terminal;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::core::load::Done;
use crate::core::load::report::{
    ErrorReport, IntervalReport, SlowReport, StepReport, errors, late, over_time, slowest, steps,
};
use crate::core::load::schedule::ratio;
use crate::core::report::of_extension;
use crate::core::report::text::harmless_json;
use runs::Runs;

/// What came of a load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadReport {
    /// The tool and its version.
    pub tool: String,
    /// The target.
    pub target: String,
    /// When it began: RFC 3339, UTC.
    #[serde(default)]
    pub began: String,
    /// What virtual users follow from.
    pub seed: String,
    /// How many users there were at once.
    pub users: usize,
    /// The rate that was asked for, in ceremonies a second; none in a closed loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// How long it took until all users were there, or the rate was reached, in seconds.
    #[serde(default)]
    pub ramp_up: f64,
    /// The fraction of ceremonies that were to be logins; none if each user registers and logs in once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logins: Option<f64>,
    /// The fraction of ceremonies that were to have a fault; none if each user registers and logs in once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad_share: Option<f64>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Sound registrations that were accepted.
    pub registered: u64,
    /// Sound logins that were accepted.
    pub logged_in: u64,
    /// Accepted ceremonies a second.
    pub throughput: f64,
    /// The time of each request until its answer.
    pub steps: Vec<StepReport>,
    /// At a rate: how much later than due ceremonies began, as every user was still at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<StepReport>,
    /// At a rate: ceremonies that were due and never begun, as every user was busy until the end.
    #[serde(default)]
    pub missed: u64,
    /// What went wrong with sound ceremonies.
    pub errors: Vec<ErrorReport>,
    /// Ceremonies with a fault that were sent.
    pub bad: u64,
    /// Those that were accepted, by fault.
    pub wrongly_accepted: BTreeMap<String, u64>,
    /// What happened when, in at most a hundred stretches of one length, of which the last may be shorter.
    #[serde(default)]
    pub over_time: Vec<IntervalReport>,
    /// The requests that took longest, the slowest first.
    #[serde(default)]
    pub slowest: Vec<SlowReport>,
}

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadFormat {
    /// The report itself.
    Json,
    /// Markdown.
    Markdown,
    /// One HTML page that loads nothing else and has no script.
    Html,
}

impl LoadFormat {
    /// Every format, with the file extension that stands for it.
    pub const ALL: &[(&str, LoadFormat)] =
        &[("json", LoadFormat::Json), ("md", LoadFormat::Markdown), ("html", LoadFormat::Html)];

    /// The format that a file's name stands for.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        of_extension(Self::ALL, path)
    }
}

/// Two runs beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadComparison {
    /// The older run.
    pub before: LoadReport,
    /// The newer run.
    pub now: LoadReport,
}

impl LoadComparison {
    /// Both runs in this format.
    #[must_use]
    pub fn to_text(&self, format: LoadFormat) -> String {
        write(self, &Runs::two(&self.before, &self.now), format)
    }

    /// The runs for a terminal, in 80 columns.
    #[must_use]
    pub fn to_terminal(&self) -> String {
        terminal::two(&self.before, &self.now)
    }

    /// Both reports themselves on one line.
    #[must_use]
    pub fn to_json_line(&self) -> String {
        json_line(self)
    }
}

fn json_line(json: &impl Serialize) -> String {
    harmless_json(&serde_json::to_string(json).expect("a report has string keys only"))
}

fn write(json: &impl Serialize, runs: &Runs<'_>, format: LoadFormat) -> String {
    match format {
        LoadFormat::Json => {
            let text = serde_json::to_string_pretty(json).expect("a report has string keys only");
            harmless_json(&format!("{text}\n"))
        }
        LoadFormat::Markdown => markdown::write(runs),
        LoadFormat::Html => html::write(runs),
    }
}

impl LoadReport {
    /// The report in this format.
    #[must_use]
    pub fn to_text(&self, format: LoadFormat) -> String {
        write(self, &Runs::one(self), format)
    }

    /// The report for a terminal, in 80 columns.
    #[must_use]
    pub fn to_terminal(&self) -> String {
        terminal::one(self)
    }

    /// The report itself on one line.
    #[must_use]
    pub fn to_json_line(&self) -> String {
        json_line(self)
    }

    /// Reads a report's JSON.
    ///
    /// # Errors
    /// The text is not the JSON of a report.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// How many sound ceremonies failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.errors.iter().fold(0, |sum, error| sum.saturating_add(error.count))
    }

    /// How many ceremonies with a fault were accepted.
    #[must_use]
    pub fn accepted_wrongly(&self) -> u64 {
        self.wrongly_accepted.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Whether every sound ceremony was accepted, and nothing else.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty() && self.wrongly_accepted.is_empty()
    }

    /// Whether any request reached the target.
    #[must_use]
    pub fn was_reached(&self) -> bool {
        !self.steps.is_empty()
    }
}

/// What a report needs to know of the settings.
pub(super) struct Settings<'a> {
    pub(super) target: &'a str,
    pub(super) began: String,
    pub(super) seed: &'a str,
    pub(super) users: usize,
    pub(super) rate: Option<f64>,
    pub(super) ramp_up: Duration,
    /// The fractions of logins and of faults.
    pub(super) shares: Option<(f64, f64)>,
}

pub(super) fn make(settings: Settings<'_>, done: Done) -> LoadReport {
    let accepted = |kind: &str| done.tally.accepted.get(kind).copied().unwrap_or_default();
    let (registered, logged_in) = (accepted(super::REGISTRATION), accepted(super::LOGIN));
    let seconds = done.took.as_secs_f64();
    LoadReport {
        tool: format!("stuntkey {}", env!("CARGO_PKG_VERSION")),
        target: settings.target.to_owned(),
        began: settings.began,
        seed: settings.seed.to_owned(),
        users: settings.users,
        rate: settings.rate,
        ramp_up: settings.ramp_up.as_secs_f64(),
        logins: settings.shares.map(|(logins, _)| logins),
        bad_share: settings.shares.map(|(_, bad)| bad),
        seconds,
        registered,
        logged_in,
        throughput: ratio(registered + logged_in, 1) / seconds.max(f64::MIN_POSITIVE),
        steps: steps(&done.tally),
        late: settings.rate.map(|_| late(&done.tally)),
        missed: done.missed,
        errors: errors(&done.tally),
        over_time: over_time(&done),
        slowest: slowest(&done.tally),
        bad: done.tally.bad,
        wrongly_accepted: done.tally.wrongly_accepted,
    }
}
