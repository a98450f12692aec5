//! A run of the cases against one relying party: sanity first and last, and between them every case.

use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::Model;
use stuntkey::client::Preset;
use stuntkey::webauthn::{Attachment, AttestationConveyance};

use super::catalogue;
use super::stage::{RunSettings, Stage};
use super::suite::{Case, Profile, RelyingParty};
use super::target::{Target, UserNames};
use crate::core::expectation::Expectations;
use crate::core::outcome::{Cause, Outcome, Stop};
use crate::core::report::{CaseReport, Report};
use crate::core::run::{Observer, Run, guarded};
use crate::core::seed;
use crate::core::verdict::Verdict;

/// Nobody waits longer for a case, and a clock can count it.
const LONGEST_DEADLINE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A run of the cases against one target.
#[must_use]
pub struct Harness<'a> {
    target: &'a dyn Target,
    name: String,
    settings: RunSettings,
    jobs: usize,
    profile: Profile,
    strict: bool,
    filters: Vec<String>,
    expectations: Expectations,
    observer: Option<&'a dyn Observer>,
    stop: Option<&'a AtomicBool>,
}

/// What the target's first options ask for.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    attachment: Option<Attachment>,
    no_attestation: bool,
}

impl<'a> Harness<'a> {
    /// Every case of WebAuthn Level 3 against this target, whose pages are at `origin`.
    pub fn new(target: &'a dyn Target, origin: &str) -> Self {
        let jobs = thread::available_parallelism().map_or(1, usize::from);
        Self {
            target,
            name: "in process".into(),
            settings: RunSettings::new(origin, ""),
            jobs,
            profile: Profile::L3,
            strict: false,
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

    /// Whether a failed SHOULD, and a weak refusal, count as failures. Default: no.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
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
        let began = (SystemTime::now(), Instant::now());
        if self.settings.seed.is_empty() {
            self.settings.seed = seed::drawn();
        }
        let mut report = Report {
            tool: format!("stuntkey {}", env!("CARGO_PKG_VERSION")),
            target: self.name.clone(),
            origin: self.settings.origin.clone(),
            profile: self.profile.name().to_owned(),
            strict: self.strict,
            seed: self.settings.seed.clone(),
            began: humantime::format_rfc3339_seconds(began.0).to_string(),
            milliseconds: 0,
            complete: true,
            reached: true,
            trouble: None,
            advice: None,
            attestation: None,
            cases: Vec::new(),
        };
        match self.prepare() {
            Ok(asked) => {
                let shown = match asked.no_attestation {
                    true => AttestationFormat::None,
                    false => self.settings.plain_format.unwrap_or(AttestationFormat::Packed),
                };
                report.attestation = Some(shown.name().to_owned());
                report.cases = self.play_all(cases);
                report.complete = report.cases.len() == cases.len();
                report.advice = self.advice(cases, &report.cases);
                if let Err(stop) = self.sanity("last", self.settings.plain_format) {
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
        report.milliseconds = u64::try_from(began.1.elapsed().as_millis()).unwrap_or(u64::MAX);
        report
    }

    /// Finds out what plain registrations have to be like, so that the target accepts them.
    fn prepare(&mut self) -> Result<Asked, Stop> {
        let asked = self.ask()?;
        self.settings.attachment = asked.attachment;
        self.settings.plain_format = self.find_plain_format()?;
        Ok(asked)
    }

    /// What the target's options ask for, if it sends any.
    fn ask(&self) -> Result<Asked, Stop> {
        let mut stage = Stage::new(self.target, &self.settings, "options");
        let mut asked = Asked::default();
        let outcome = guarded(|| {
            let options = stage.person()?.begin_registration()?.options;
            asked = Asked {
                attachment: options.authenticator_selection.attachment,
                no_attestation: options.attestation == AttestationConveyance::None,
            };
            Ok(())
        });
        match outcome {
            // The target does not answer: asking again would take as long.
            Err(stop) if matches!(stop.cause, Cause::Hung | Cause::Gone | Cause::Busy) => Err(stop),
            // Whatever else is wrong, a sound registration will show it.
            _ => Ok(asked),
        }
    }

    /// The attestation of plain registrations: the default (none named), or one that the target accepts.
    fn find_plain_format(&self) -> Result<Option<AttestationFormat>, Stop> {
        let Err(first) = self.sanity("first", None) else { return Ok(None) };
        if first.cause != Cause::Refused {
            return Err(first);
        }
        for format in [AttestationFormat::None, AttestationFormat::PackedSelf] {
            if self.sanity(&format!("first {}", format.name()), Some(format)).is_ok() {
                return Ok(Some(format));
            }
        }
        Err(first)
    }

    fn sanity(&self, which: &str, format: Option<AttestationFormat>) -> Outcome {
        let settings = RunSettings { plain_format: format, ..self.settings.clone() };
        let mut stage = Stage::new(self.target, &settings, &format!("sanity {which}"));
        guarded(|| {
            let mut person = stage.person()?;
            person.register()?.accepted("the registration")?;
            person.log_in()?.accepted("the login").map(drop)
        })
    }

    /// What would let skipped cases be played.
    fn advice(&self, cases: &[Case], reports: &[CaseReport]) -> Option<String> {
        self.settings.plain_format?;
        let needs_attestation = |case: &&Case| case.needs().iter().any(|need| need.ends_with(" attestation"));
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
            expectations: &self.expectations,
            observer: self.observer,
            stop: self.stop,
            play: &|case: &Case| {
                let mut stage = Stage::new(self.target, &self.settings, case.id());
                let outcome = guarded(|| case.play(&mut stage));
                (outcome, stage.into_exchanges())
            },
        })
    }
}
