//! The report of a run. JSON is the report itself; every other format is made from it, each in its own file.

mod badge;
mod compare;
pub(crate) mod finding;
pub(crate) mod grade;
mod html;
mod junit;
pub(crate) mod markdown;
pub(crate) mod markup;
mod sarif;
pub(crate) mod standing;
pub(crate) mod target_kind;
mod terminal;
pub(crate) mod text;

use serde::{Deserialize, Serialize};

pub use compare::{Change, Comparison, compare};
pub use finding::{Finding, Hint};
pub use standing::Conclusion;
pub use terminal::TerminalStyle;

use super::case::Level;
use super::change::Contrast;
use super::defect::Severity;
use super::exchange::{Exchange, deciding};
use super::expectation::Expected;
use super::verdict::Verdict;
use target_kind::TargetKind;

/// The report of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The tool and its version.
    pub tool: String,
    /// The target.
    pub target: String,
    /// The origin of its pages; empty for a target without pages.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// The library that it stands on, if the run was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// The name of the profile that it was held to.
    pub profile: String,
    /// What speaks against the target.
    #[serde(default)]
    pub fail_on: FailOn,
    /// The seed from which the run derived keys and names.
    pub seed: String,
    /// When the run began: RFC 3339, UTC.
    pub began: String,
    /// How long it took.
    pub milliseconds: u64,
    /// Whether every case was played.
    pub complete: bool,
    /// Whether the target could be reached at all.
    pub reached: bool,
    /// What is wrong apart from the cases: a sound ceremony that failed before or after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What to do so that more cases can be played, in a sentence without its full stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The attestation format of registrations that are not about attestation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<String>,
    /// What is wrong with the target, by what explains it: the most harmful first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Every case that was played.
    pub cases: Vec<CaseReport>,
}

/// The result of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The case's id.
    pub id: String,
    /// The requirement, in a sentence without its subject and full stop.
    pub requirement: String,
    /// Document, section and step.
    pub clause: String,
    /// How binding it is.
    pub level: Level,
    /// How much harm a violation does.
    pub severity: Severity,
    /// The suite of the FIDO Alliance's server tests that has a similar test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aligns_with: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// The reason of the verdict; empty for a pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Of a skip: what to do so that the case can be played, in the imperative and without a full stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_test: Option<String>,
    /// The expectation, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// How long it took.
    pub milliseconds: u64,
    /// What is wrong with a target that fails it: the id of the [defect](crate::Defect).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub defect: String,
    /// The requests and answers. Of a pass, the one that shows it; of a skip, none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
    /// The request that decided the case beside a sound one, if the target did something wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contrast: Option<Contrast>,
}

/// What speaks against a target, from little to much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Failures of critical severity alone.
    Critical,
    /// Failed MUSTs, and failures of critical severity at any level.
    #[default]
    Must,
    /// Failed SHOULDs and weak refusals, too.
    Should,
}

impl FailOn {
    /// Every choice.
    pub const ALL: &[FailOn] = &[FailOn::Critical, FailOn::Must, FailOn::Should];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            FailOn::Critical => "critical",
            FailOn::Must => "must",
            FailOn::Should => "should",
        }
    }

    /// The choice of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.name() == name)
    }
}

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The report itself.
    Json,
    /// JUnit's XML.
    Junit,
    /// Markdown.
    Markdown,
    /// One HTML page that loads nothing else.
    Html,
    /// SARIF 2.1.0.
    Sarif,
}

impl Format {
    /// Every format, with the file extension that stands for it.
    pub const ALL: &[(&str, Format)] = &[
        ("json", Format::Json),
        ("xml", Format::Junit),
        ("md", Format::Markdown),
        ("html", Format::Html),
        ("sarif", Format::Sarif),
    ];

    /// The format that a file's name stands for.
    #[must_use]
    pub fn of_file(path: &std::path::Path) -> Option<Self> {
        of_extension(Self::ALL, path)
    }
}

/// The one of these whose extension a file's name has.
pub(crate) fn of_extension<F: Copy>(all: &[(&str, F)], path: &std::path::Path) -> Option<F> {
    let extension = path.extension()?.to_str()?;
    all.iter().find(|(end, _)| end.eq_ignore_ascii_case(extension)).map(|(_, format)| *format)
}

impl Report {
    /// The report in this format, with what only this kind of target has.
    pub(crate) fn write(&self, format: Format, kind: &dyn TargetKind) -> String {
        match format {
            Format::Json => {
                let text = serde_json::to_string_pretty(self).expect("a report has string keys only");
                // It may be printed to a terminal, too.
                text::harmless_json(&format!("{text}\n"))
            }
            Format::Junit => junit::write(self),
            Format::Markdown => markdown::write(self),
            Format::Html => html::write(self, kind),
            Format::Sarif => sarif::write(self, kind),
        }
    }

    /// The report for a terminal.
    #[must_use]
    pub fn to_terminal(&self, style: TerminalStyle) -> String {
        terminal::write(self, style)
    }

    /// The report without what differs in every run: its time, its duration and its seed. What is left can be compared
    /// with a file.
    #[must_use]
    pub fn without_times(&self) -> Self {
        let case = |case: &CaseReport| CaseReport { milliseconds: 0, ..case.clone() };
        Self {
            seed: String::new(),
            began: String::new(),
            milliseconds: 0,
            cases: self.cases.iter().map(case).collect(),
            ..self.clone()
        }
    }

    /// Reads a report's JSON.
    ///
    /// # Errors
    /// The text is not the JSON of a report.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// How many cases have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases.iter().filter(|case| case.verdict == verdict).count()
    }

    /// The cases that speak against the target.
    pub fn alarms(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| case.is_alarm(self.fail_on))
    }

    /// Whether every case was played, and nothing speaks against the target.
    #[must_use]
    pub fn conforms(&self) -> bool {
        self.complete && self.trouble.is_none() && self.alarms().next().is_none()
    }

    /// For tests: panics with the report if the target does not conform.
    ///
    /// # Panics
    /// If it does not [conform](Self::conforms).
    #[allow(clippy::panic, reason = "what it is for")]
    #[track_caller]
    pub fn assert_conforms(&self) {
        if !self.conforms() {
            panic!("the target does not conform\n{}", self.to_terminal(TerminalStyle::plain(100)));
        }
    }
}

impl CaseReport {
    /// Whether it speaks against the target. A case with an expectation does if its verdict is another; a case without one,
    /// if it failed and its requirement counts.
    #[must_use]
    pub fn is_alarm(&self, fail_on: FailOn) -> bool {
        if let Some(expected) = &self.expected {
            return !expected.is(self.verdict);
        }
        let is_critical = self.severity == Severity::Critical;
        match self.verdict {
            Verdict::Pass | Verdict::Skip | Verdict::Advice => false,
            Verdict::Error => true,
            Verdict::Weak => fail_on == FailOn::Should,
            // What is critical counts at any level. Where the level is MAY or advice, a target that failed hung.
            Verdict::Fail => match fail_on {
                FailOn::Critical => is_critical,
                FailOn::Must => is_critical || self.level != Level::Should,
                FailOn::Should => true,
            },
        }
    }

    /// What the request that decided the case changed, in a sentence without its full stop.
    pub(crate) fn changed(&self) -> Option<String> {
        self.contrast.as_ref().and_then(Contrast::told)
    }

    /// The request whose answer decided the case, and its place.
    pub(crate) fn deciding(&self) -> Option<(usize, &Exchange)> {
        let place = deciding(self.verdict, &self.exchanges).or(self.exchanges.len().checked_sub(1))?;
        Some((place, self.exchanges.get(place)?))
    }

    /// The second part of the id, which says what the case is about.
    #[must_use]
    pub fn chapter(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or_default()
    }
}
