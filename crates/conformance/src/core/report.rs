//! What came of a run. JSON is the report itself; every other format is made from it, one file each.

mod compare;
mod html;
mod junit;
mod markdown;
mod sarif;
pub(crate) mod standing;
pub(crate) mod subject;
mod terminal;
pub(crate) mod text;

use serde::{Deserialize, Serialize};

pub use compare::{Change, Comparison, compare};
pub use standing::Conclusion;
pub use terminal::TerminalStyle;

use super::case::{Level, Severity};
use super::exchange::Exchange;
use super::expectation::Expected;
use super::verdict::Verdict;
use subject::Subject;

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The tool and its version.
    pub tool: String,
    /// The target.
    pub target: String,
    /// The origin of its pages; empty for a target without pages.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// The name of the profile that it was held to.
    pub profile: String,
    /// Whether failed SHOULDs and weak refusals count.
    pub strict: bool,
    /// What keys and names follow from.
    pub seed: String,
    /// When the run began: RFC 3339, UTC.
    pub began: String,
    /// How long it took.
    pub milliseconds: u64,
    /// Whether every case was played.
    pub complete: bool,
    /// Whether the target could be reached at all.
    pub reached: bool,
    /// What is wrong beyond the cases: a sound ceremony that failed before or after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What to do so that more cases can be played, in a sentence without its full stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The attestation of registrations that are about something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<String>,
    /// Every case that was played.
    pub cases: Vec<CaseReport>,
}

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The case's id.
    pub id: String,
    /// What a relying party does.
    pub requirement: String,
    /// Document, section and step.
    pub clause: String,
    /// How binding it is.
    pub level: Level,
    /// How much harm comes of not keeping to it.
    pub severity: Severity,
    /// The suite of the FIDO Alliance's server tests that has something like it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aligns_with: Option<String>,
    /// What came of it.
    pub verdict: Verdict,
    /// Why; empty for a pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What was known beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// How long it took.
    pub milliseconds: u64,
    /// What went over the wire, unless it passed or was skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
}

/// A form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The report itself.
    Json,
    /// JUnit's XML.
    Junit,
    /// Markdown.
    Markdown,
    /// One page that needs nothing else.
    Html,
    /// SARIF 2.1.0.
    Sarif,
}

impl Format {
    /// Every format, and the end of a file's name that stands for it.
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
        let extension = path.extension()?.to_str()?;
        Self::ALL.iter().find(|(end, _)| end.eq_ignore_ascii_case(extension)).map(|(_, format)| *format)
    }
}

impl Report {
    /// The report in this form, by what is known of the kind of target.
    pub(crate) fn write(&self, format: Format, subject: &dyn Subject) -> String {
        match format {
            Format::Json => {
                let text = serde_json::to_string_pretty(self).expect("a report has string keys only");
                // It may be printed to a terminal, too.
                text::harmless_json(&format!("{text}\n"))
            }
            Format::Junit => junit::write(self),
            Format::Markdown => markdown::write(self),
            Format::Html => html::write(self, subject),
            Format::Sarif => sarif::write(self, subject),
        }
    }

    /// The report for a terminal.
    #[must_use]
    pub fn to_terminal(&self, style: TerminalStyle) -> String {
        terminal::write(self, style)
    }

    /// The report without what is another in every run: when, how long and from which seed. What is left can be compared
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
    /// It is none.
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
        self.cases.iter().filter(|case| case.is_alarm(self.strict))
    }

    /// Whether every case was played, and nothing speaks against the target.
    #[must_use]
    pub fn conforms(&self) -> bool {
        self.complete && self.trouble.is_none() && self.alarms().next().is_none()
    }

    /// Panics with what speaks against the target, if anything does: for tests.
    ///
    /// # Panics
    /// If it does not [conform](Self::conforms).
    #[allow(clippy::panic, reason = "what it is for")]
    #[track_caller]
    pub fn assert_conforms(&self) {
        if !self.conforms() {
            panic!("the relying party does not conform\n{}", self.to_terminal(TerminalStyle::plain(100)));
        }
    }
}

impl CaseReport {
    /// Whether it speaks against the target: it is not as expected, or no exception is known and the requirement
    /// binds.
    #[must_use]
    pub fn is_alarm(&self, strict: bool) -> bool {
        if let Some(expected) = &self.expected {
            return self.verdict != expected.verdict;
        }
        match self.verdict {
            Verdict::Pass | Verdict::Skip => false,
            Verdict::Error => true,
            Verdict::Weak => strict,
            // A target may refuse where the level is MAY, and that is skipped; what failed broke down.
            Verdict::Fail => strict || self.level != Level::Should,
        }
    }

    /// The second part of the id: what the case is about.
    #[must_use]
    pub fn chapter(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or_default()
    }
}
