//! A run of the cases against one relying party: sanity first and last, and between them every case.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use stuntkey::attestation::CertificateAuthority;
use stuntkey::authenticator::Model;
use stuntkey::client::Preset;

use super::hints;
use super::need::Allowance;
use super::plan::Plan;
use super::preparation;
use super::steps::{StepRun, StepTarget};
use super::suite::{Case, Profile, RelyingParty};
use super::target::{Target, UserNames};
use crate::core::expectation::Expectations;
use crate::core::outcome::Stop;
use crate::core::report::{CaseReport, FailOn, Report};
#[cfg(test)]
use crate::core::run::Troubles;
use crate::core::run::{Observer, Run};
use crate::core::verdict::Verdict;

/// Nobody waits longer for a case, and a clock can count it.
const LONGEST_DEADLINE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A run of the cases against one target.
#[must_use]
pub struct Harness<'a> {
    /// `None`, if somebody else carries the requests.
    target: Option<&'a dyn Target>,
    plan: Plan,
    jobs: usize,
    twice: bool,
    observer: Option<&'a dyn Observer>,
    stop: Option<&'a AtomicBool>,
}

impl<'a> Harness<'a> {
    /// Every case of WebAuthn Level 3 against this target, whose pages are at `origin`.
    pub fn new(target: &'a dyn Target, origin: &str) -> Self {
        Self { target: Some(target), ..Self::without_target(origin) }
    }

    /// The same for a target whose requests somebody else carries out: see [`steps`](Self::steps).
    pub fn without_target(origin: &str) -> Self {
        Self {
            target: None,
            plan: Plan::new(origin),
            jobs: thread::available_parallelism().map_or(1, usize::from),
            twice: false,
            observer: None,
            stop: None,
        }
    }

    /// What the report calls the target.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.plan.name);
        self
    }

    /// The library that the target stands on, in upper or lower case: one of those that hints are [known](crate::libraries)
    /// for. Findings then say what to do in code. Default: none.
    pub fn library(mut self, name: &str) -> Self {
        self.plan.library = hints::library_named(name);
        self
    }

    /// Keys, ids, certificates and user names follow from the seed, so that a run can be repeated. A target that keeps
    /// its users knows them the second time. By default it is drawn, and the report names it.
    pub fn seed(mut self, seed: &str) -> Self {
        seed.clone_into(&mut self.plan.settings.seed);
        self
    }

    /// The form of user names. Default: e-mail addresses.
    pub fn user_names(mut self, form: UserNames) -> Self {
        self.plan.settings.user_names = form;
        self
    }

    /// The authenticators that people have, where a case is not about another. Default: the model `every_algorithm`, which
    /// takes the first algorithm that a target offers.
    pub fn model(mut self, model: Model) -> Self {
        self.plan.settings.model = model;
        self
    }

    /// How many cases are played at once. Default: as many as there are processors.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// The document that the target is held to. Default: WebAuthn Level 3.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.plan.profile = profile;
        self
    }

    /// What speaks against the target. Default: failed MUSTs, and failures of critical severity at any level.
    pub fn fail_on(mut self, fail_on: FailOn) -> Self {
        self.plan.fail_on = fail_on;
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
        self.plan.filters = filters.into_iter().map(Into::into).collect();
        self
    }

    /// How long a case may take. Default: ten seconds.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.plan.settings.deadline = deadline.min(LONGEST_DEADLINE);
        self
    }

    /// How long a case may wait for a challenge to expire. Default: five seconds.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.plan.settings.longest_wait = wait.min(LONGEST_DEADLINE);
        self
    }

    /// The shape of replies. Default: the one that goes with the options.
    pub fn reply(mut self, preset: Preset) -> Self {
        self.plan.settings.reply = Some(preset);
        self
    }

    /// The authority at the end of attestation chains, which the target has to trust. Default: stuntkey's test root.
    pub fn attestation_authority(mut self, authority: CertificateAuthority) -> Self {
        self.plan.settings.authority = authority;
        self
    }

    /// What is known of the target.
    pub fn expectations(mut self, expectations: Expectations) -> Self {
        self.plan.expectations = expectations;
        self
    }

    /// What the target's policy allows, though the standard's default is to refuse it. Default: nothing.
    pub fn allows(mut self, allowances: impl IntoIterator<Item = Allowance>) -> Self {
        self.plan.settings.known.allowances = allowances.into_iter().collect();
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
        self.plan.cases()
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
        let clock = Arc::clone(&self.plan.settings.clock);
        let began = clock.now();
        let mut report = self.plan.begin();
        let Some(target) = self.target else {
            let nobody = Stop::gone("the run has no target: its steps are for somebody else to carry out");
            self.plan.prepared(&mut report, &Err(nobody));
            return report;
        };
        let asked = preparation::prepare(target, &mut self.plan.settings, cases);
        self.plan.prepared(&mut report, &asked);
        if asked.is_ok() {
            report.cases = self.play_all(target, cases);
            if self.twice {
                self.play_again(target, cases, &mut report.cases);
            }
            let (last, _) = preparation::sanity(target, &self.plan.settings, "last");
            self.plan.conclude(&mut report, cases, last);
        }
        report.milliseconds = u64::try_from(clock.now().since(began).as_millis()).unwrap_or(u64::MAX);
        report
    }

    /// The run of the cases as steps for somebody else, such as the test framework of the target's own language: without
    /// threads, sockets and a clock, so also in WebAssembly. `since_1970` is the time of day when it begins. What the target's
    /// description says of replies, user names and the library holds where nothing else was said. One case is played after the
    /// other, and once; nobody observes them.
    #[must_use]
    pub fn steps(mut self, target: StepTarget, since_1970: Duration) -> StepRun {
        if let Some(description) = target.description() {
            let settings = &mut self.plan.settings;
            settings.reply = settings.reply.or(description.reply);
            if let Some(form) =
                description.user_names.as_ref().filter(|_| settings.user_names == UserNames::default())
            {
                settings.user_names = form.clone();
            }
            self.plan.library = self.plan.library.or(description.library);
        }
        StepRun::new(self.plan, target, since_1970)
    }

    /// Plays the cases again, with another seed and from the last to the first.
    fn play_again(&mut self, target: &dyn Target, cases: &[Case], reports: &mut [CaseReport]) {
        let seed = format!("{}, again", self.plan.settings.seed);
        let first = std::mem::replace(&mut self.plan.settings.seed, seed);
        let reversed: Vec<Case> = cases.iter().rev().cloned().collect();
        let again = self.play_all(target, &reversed);
        self.plan.settings.seed = first;
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

    fn play_all(&self, target: &dyn Target, cases: &[Case]) -> Vec<CaseReport> {
        self.with_run(target, |run| run.play_all(cases))
    }

    /// Plays one case, without sanity before and after.
    #[cfg(test)]
    pub(crate) fn play(&self, case: &Case) -> CaseReport {
        let target = self.target.expect("who plays a case has a target");
        self.with_run(target, |run| run.play(case, &Troubles::default()))
    }

    fn with_run<T>(&self, target: &dyn Target, act: impl FnOnce(&Run<'_, RelyingParty>) -> T) -> T {
        act(&Run {
            jobs: self.jobs,
            terms: self.plan.terms(),
            clock: &*self.plan.settings.clock,
            observer: self.observer,
            stop: self.stop,
            play: &|case: &Case| case.play_before(target, &self.plan.settings),
        })
    }
}
