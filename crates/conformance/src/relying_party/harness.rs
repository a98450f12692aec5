//! A run of the cases against one relying party: sanity first and last, and between them every case.

mod preparation;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, SystemTime};

use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::Model;
use stuntkey::client::Preset;

use super::catalogue;
use super::hints;
use super::need::{Allowance, Need};
use super::stage::RunSettings;
use super::suite::{Case, Profile, RelyingParty};
use super::target::{Target, UserNames};
use crate::core::expectation::Expectations;
use crate::core::outcome::Cause;
use crate::core::report::{CaseReport, FailOn, Report, finding};
use crate::core::run::{Observer, Run};
use crate::core::seed;
use crate::core::verdict::Verdict;

/// Nobody waits longer for a case, and a clock can count it.
const LONGEST_DEADLINE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A run of the cases against one target.
#[must_use]
pub struct Harness<'a> {
    target: &'a dyn Target,
    name: String,
    library: Option<&'static str>,
    settings: RunSettings,
    jobs: usize,
    profile: Profile,
    fail_on: FailOn,
    twice: bool,
    filters: Vec<String>,
    expectations: Expectations,
    observer: Option<&'a dyn Observer>,
    stop: Option<&'a AtomicBool>,
}

impl<'a> Harness<'a> {
    /// Every case of WebAuthn Level 3 against this target, whose pages are at `origin`.
    pub fn new(target: &'a dyn Target, origin: &str) -> Self {
        let jobs = thread::available_parallelism().map_or(1, usize::from);
        Self {
            target,
            name: "in process".into(),
            library: None,
            settings: RunSettings::new(origin, ""),
            jobs,
            profile: Profile::L3,
            fail_on: FailOn::default(),
            twice: false,
            filters: Vec::new(),
            expectations: Expectations::default(),
            observer: None,
            stop: None,
        }
    }

    /// What the report calls the target.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The library that the target stands on, in upper or lower case: one of those that hints are [known](crate::libraries)
    /// for. Findings then say what to do in code. Default: none.
    pub fn library(mut self, name: &str) -> Self {
        self.library = hints::library_named(name);
        self
    }

    /// Keys, ids, certificates and user names follow from the seed, so that a run can be repeated. A target that keeps
    /// its users knows them the second time. By default it is drawn, and the report names it.
    pub fn seed(mut self, seed: &str) -> Self {
        seed.clone_into(&mut self.settings.seed);
        self
    }

    /// The form of user names. Default: e-mail addresses.
    pub fn user_names(mut self, form: UserNames) -> Self {
        self.settings.user_names = form;
        self
    }

    /// The authenticators that people have, where a case is not about another. Default: the model `every_algorithm`, which
    /// takes the first algorithm that a target offers.
    pub fn model(mut self, model: Model) -> Self {
        self.settings.model = model;
        self
    }

    /// How many cases are played at once. Default: as many as there are processors.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// The document that the target is held to. Default: WebAuthn Level 3.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// What speaks against the target. Default: failed MUSTs, and failures of critical severity at any level.
    pub fn fail_on(mut self, fail_on: FailOn) -> Self {
        self.fail_on = fail_on;
        self
    }

    /// Plays every case twice, with two seeds and in two orders. A case that comes out otherwise the second time is an error:
    /// neither outcome says anything. Default: no.
    pub fn twice(mut self, twice: bool) -> Self {
        self.twice = twice;
        self
    }

    /// Plays only cases that one of these names: an id, its beginning at a slash, or a glob. Default: all.
    pub fn filters<S: Into<String>>(mut self, filters: impl IntoIterator<Item = S>) -> Self {
        self.filters = filters.into_iter().map(Into::into).collect();
        self
    }

    /// How long a case may take. Default: ten seconds.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline.min(LONGEST_DEADLINE);
        self
    }

    /// How long a case may wait for a challenge to expire. Default: five seconds.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.settings.longest_wait = wait.min(LONGEST_DEADLINE);
        self
    }

    /// The shape of replies. Default: the one that goes with the options.
    pub fn reply(mut self, preset: Preset) -> Self {
        self.settings.reply = Some(preset);
        self
    }

    /// The authority at the end of attestation chains, which the target has to trust. Default: stuntkey's test root.
    pub fn attestation_authority(mut self, authority: CertificateAuthority) -> Self {
        self.settings.authority = authority;
        self
    }

    /// What is known of the target.
    pub fn expectations(mut self, expectations: Expectations) -> Self {
        self.expectations = expectations;
        self
    }

    /// What the target's policy allows, though the standard's default is to refuse it. Default: nothing.
    pub fn allows(mut self, allowances: impl IntoIterator<Item = Allowance>) -> Self {
        self.settings.known.allowances = allowances.into_iter().collect();
        self
    }

    /// The observer is told of every case that was played.
    pub fn observer(mut self, observer: &'a dyn Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// No more cases begin when this becomes true.
    pub fn stop_when(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// The cases of the profile that the filters name.
    #[must_use]
    pub fn cases(&self) -> Vec<Case> {
        catalogue::select(self.profile, &self.filters)
    }

    /// Plays the cases of the profile that the filters name.
    #[must_use]
    pub fn run(self) -> Report {
        let cases = self.cases();
        self.run_cases(&cases)
    }

    /// Plays these cases, whatever the profile and the filters.
    #[must_use]
    pub fn run_cases(mut self, cases: &[Case]) -> Report {
        let clock = Arc::clone(&self.settings.clock);
        let (began, since_1970) = (clock.now(), clock.since_1970());
        if self.settings.seed.is_empty() {
            self.settings.seed = seed::drawn(&*clock);
        }
        let mut report = Report {
            tool: format!("stuntkey {}", env!("CARGO_PKG_VERSION")),
            target: self.name.clone(),
            origin: self.settings.origin.clone(),
            library: self.library.map(str::to_owned),
            profile: self.profile.name().to_owned(),
            fail_on: self.fail_on,
            seed: self.settings.seed.clone(),
            began: humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since_1970).to_string(),
            milliseconds: 0,
            complete: true,
            reached: true,
            trouble: None,
            advice: None,
            attestation: None,
            findings: Vec::new(),
            cases: Vec::new(),
        };
        match preparation::prepare(self.target, &mut self.settings, cases) {
            Ok(asked) => {
                let shown = match asked.no_attestation {
                    true => AttestationFormat::None,
                    false => self.settings.plain_format.unwrap_or(AttestationFormat::Packed),
                };
                report.attestation = Some(shown.name().to_owned());
                report.cases = self.play_all(cases);
                if self.twice {
                    self.play_again(cases, &mut report.cases);
                }
                report.findings = finding::gather::<RelyingParty>(&report.cases);
                if let Some(library) = self.library {
                    report.findings = hints::with_hints(report.findings, library);
                }
                report.complete = report.cases.len() == cases.len();
                report.advice = self.advice(cases, &report.cases);
                if let Err(stop) = preparation::sanity(self.target, &self.settings, "last").0 {
                    report.trouble = Some(format!("a sound registration and login at the end: {}", stop.why));
                }
            }
            Err(stop) => {
                report.complete = false;
                report.reached = stop.cause != Cause::Gone;
                report.trouble =
                    Some(format!("a sound registration and login at the beginning: {}", stop.why));
            }
        }
        report.milliseconds = u64::try_from(clock.now().since(began).as_millis()).unwrap_or(u64::MAX);
        report
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

    /// Plays the cases again, with another seed and from the last to the first.
    fn play_again(&mut self, cases: &[Case], reports: &mut [CaseReport]) {
        let seed = format!("{}, again", self.settings.seed);
        let first = std::mem::replace(&mut self.settings.seed, seed);
        let reversed: Vec<Case> = cases.iter().rev().cloned().collect();
        let again = self.play_all(&reversed);
        self.settings.seed = first;
        for (report, again) in reports.iter_mut().zip(again.into_iter().rev()) {
            if report.id == again.id && report.verdict != again.verdict {
                let said = |report: &CaseReport| match report.why.as_str() {
                    "" => report.verdict.to_string(),
                    why => format!("{} ({why})", report.verdict),
                };
                report.why = format!("played twice, it came to {} and to {}", said(report), said(&again));
                report.verdict = Verdict::Error;
            }
        }
    }

    fn play_all(&self, cases: &[Case]) -> Vec<CaseReport> {
        self.with_run(|run| run.play_all(cases))
    }

    /// Plays one case, without sanity before and after.
    #[cfg(test)]
    pub(crate) fn play(&self, case: &Case) -> CaseReport {
        self.with_run(|run| run.play(case).0)
    }

    fn with_run<T>(&self, act: impl FnOnce(&Run<'_, RelyingParty>) -> T) -> T {
        act(&Run {
            jobs: self.jobs,
            profile: self.profile,
            expectations: &self.expectations,
            clock: &*self.settings.clock,
            observer: self.observer,
            stop: self.stop,
            sound_run: &self.settings.known.sound_run,
            play: &|case: &Case| case.play_before(self.target, &self.settings),
        })
    }
}
