//! What a run is made of, whoever carries its requests: its settings, and the report that follows from them.

use std::time::SystemTime;

use stuntkey::attestation::AttestationFormat;

use super::catalogue;
use super::hints;
use super::need::Need;
use super::preparation::Asked;
use super::stage::RunSettings;
use super::suite::{Case, Profile, RelyingParty};
use crate::core::expectation::Expectations;
use crate::core::outcome::{Cause, Outcome, Stop};
use crate::core::report::{CaseReport, FailOn, Report, finding};
use crate::core::run::Terms;
use crate::core::seed;
use crate::core::verdict::Verdict;

/// What a run is made of.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) library: Option<&'static str>,
    pub(crate) settings: RunSettings,
    pub(crate) profile: Profile,
    pub(crate) fail_on: FailOn,
    pub(crate) filters: Vec<String>,
    pub(crate) expectations: Expectations,
}

impl Plan {
    /// Every case of WebAuthn Level 3 against a target whose pages are at this origin.
    pub(crate) fn new(origin: &str) -> Self {
        Self {
            name: "in process".into(),
            library: None,
            settings: RunSettings::new(origin, ""),
            profile: Profile::L3,
            fail_on: FailOn::default(),
            filters: Vec::new(),
            expectations: Expectations::default(),
        }
    }

    /// The cases of the profile that the filters name.
    pub(crate) fn cases(&self) -> Vec<Case> {
        catalogue::select(self.profile, &self.filters)
    }

    /// What the outcomes of cases are judged by.
    pub(crate) fn terms(&self) -> Terms<'_, RelyingParty> {
        Terms {
            profile: self.profile,
            expectations: &self.expectations,
            sound_run: &self.settings.known.sound_run,
        }
    }

    /// The report of a run that begins now. Draws the seed, if there is none.
    pub(crate) fn begin(&mut self) -> Report {
        let clock = &*self.settings.clock;
        if self.settings.seed.is_empty() {
            self.settings.seed = seed::drawn(clock);
        }
        Report {
            tool: format!("stuntkey {}", env!("CARGO_PKG_VERSION")),
            target: self.name.clone(),
            origin: self.settings.origin.clone(),
            library: self.library.map(str::to_owned),
            profile: self.profile.name().to_owned(),
            fail_on: self.fail_on,
            seed: self.settings.seed.clone(),
            began: humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + clock.since_1970()).to_string(),
            milliseconds: 0,
            complete: true,
            reached: true,
            trouble: None,
            advice: None,
            attestation: None,
            findings: Vec::new(),
            cases: Vec::new(),
        }
    }

    /// Notes what the preparation came to. If it stopped, no case is played.
    pub(crate) fn prepared(&self, report: &mut Report, asked: &Result<Asked, Stop>) {
        match asked {
            Ok(asked) => {
                let shown = match asked.no_attestation {
                    true => AttestationFormat::None,
                    false => self.settings.plain_format.unwrap_or(AttestationFormat::Packed),
                };
                report.attestation = Some(shown.name().to_owned());
            }
            Err(stop) => {
                report.complete = false;
                report.reached = stop.cause != Cause::Gone;
                report.trouble =
                    Some(format!("a sound registration and login at the beginning: {}", stop.why));
            }
        }
    }

    /// Says what follows from the cases that were played, and from sound ceremonies after them.
    pub(crate) fn conclude(&self, report: &mut Report, cases: &[Case], last: Outcome) {
        report.findings = finding::gather::<RelyingParty>(&report.cases);
        if let Some(library) = self.library {
            report.findings = hints::with_hints(std::mem::take(&mut report.findings), library);
        }
        report.complete = report.cases.len() == cases.len();
        report.advice = self.advice(cases, &report.cases);
        if let Err(stop) = last {
            report.trouble = Some(format!("a sound registration and login at the end: {}", stop.why));
        }
    }

    /// What would let skipped cases be played.
    fn advice(&self, cases: &[Case], reports: &[CaseReport]) -> Option<String> {
        self.settings.plain_format?;
        let needs_attestation = |case: &&Case| {
            case.needs().iter().any(|need| matches!(need, Need::Format(_) | Need::Attestation))
        };
        let skipped = cases
            .iter()
            .filter(needs_attestation)
            .filter(|case| {
                reports.iter().any(|report| report.id == case.id() && report.verdict == Verdict::Skip)
            })
            .count();
        (skipped > 0).then(|| {
            format!(
                "{skipped} of the skipped cases are about attestation, which the target does not trust: give it the root \
                 that `stuntkey attestation root` prints"
            )
        })
    }
}
