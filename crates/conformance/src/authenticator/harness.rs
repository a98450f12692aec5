//! A run of the cases against one authenticator.

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::catalogue;
use super::sound::sound_model;
use super::stage::{Settings, Stage, World};
use super::subject::{AuthenticatorTarget, InProcessAuthenticator};
use super::suite::{AuthenticatorCase, AuthenticatorProfile, AuthenticatorSuite};
use super::wire::Patience;
use crate::core::clock::SystemClock;
use crate::core::exchange::Exchange;
use crate::core::expectation::Expectations;
use crate::core::outcome::{Cause, Outcome, Stop};
use crate::core::report::{FailOn, Report, finding};
use crate::core::run::{Observer, Run, Terms, guarded};
use crate::core::seed;
use crate::core::verdict::Verdict;

/// A run of the cases against one authenticator.
#[must_use]
pub struct AuthenticatorHarness<'a> {
    target: &'a dyn AuthenticatorTarget,
    name: String,
    settings: Settings,
    profile: Option<AuthenticatorProfile>,
    fail_on: FailOn,
    filters: Vec<String>,
    expectations: Expectations,
    observer: Option<&'a dyn Observer>,
    stop: Option<&'a AtomicBool>,
}

impl std::fmt::Debug for AuthenticatorHarness<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthenticatorHarness").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> AuthenticatorHarness<'a> {
    /// The cases of the newest version that the authenticator speaks, against this authenticator.
    pub fn new(target: &'a dyn AuthenticatorTarget) -> Self {
        Self {
            target,
            name: "in process".into(),
            settings: Settings {
                seed: String::new(),
                pin: None,
                allow_reset: false,
                longest_wait: Duration::from_secs(5),
                patience: Patience::default(),
            },
            profile: None,
            fail_on: FailOn::default(),
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

    /// RP IDs, challenges and the platform's keys follow from the seed. By default it is drawn, and the report names it.
    pub fn seed(mut self, seed: &str) -> Self {
        seed.clone_into(&mut self.settings.seed);
        self
    }

    /// The document that the target is held to. Default: the newest that it says it speaks.
    pub fn profile(mut self, profile: AuthenticatorProfile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// The PIN that is set. Default: none is known.
    pub fn pin(mut self, pin: &str) -> Self {
        self.settings.pin = Some(pin.to_owned());
        self
    }

    /// Lets the run reset the authenticator, which loses everything that it keeps. Default: no; cases that need it are
    /// skipped.
    pub fn allow_reset(mut self, allow: bool) -> Self {
        self.settings.allow_reset = allow;
        self
    }

    /// What speaks against the target. Default: failed MUSTs, and failures of critical severity at any level.
    pub fn fail_on(mut self, fail_on: FailOn) -> Self {
        self.fail_on = fail_on;
        self
    }

    /// Plays only cases that one of these names: an id, its beginning at a slash, or a glob. Default: all.
    pub fn filters<S: Into<String>>(mut self, filters: impl IntoIterator<Item = S>) -> Self {
        self.filters = filters.into_iter().map(Into::into).collect();
        self
    }

    /// How long a case may wait. Default: five seconds.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.settings.longest_wait = wait;
        self
    }

    /// How long one request may take with signs of life before the authenticator is taken for hung; without one it is after
    /// five seconds at most. Default: 45 seconds, as a user is waited for up to half a minute.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.patience = Patience::of(deadline);
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

    /// Plays the cases of the profile that the filters name.
    #[must_use]
    pub fn run(mut self) -> Report {
        let began = (SystemTime::now(), Instant::now());
        if self.settings.seed.is_empty() {
            self.settings.seed = seed::drawn(&SystemClock);
        }
        let world = Mutex::new(World::new());
        let spoken = self.spoken(&world);
        let mut report = Report {
            tool: format!("stuntkey {}", env!("CARGO_PKG_VERSION")),
            target: self.name.clone(),
            origin: String::new(),
            library: None,
            profile: String::new(),
            fail_on: self.fail_on,
            seed: self.settings.seed.clone(),
            began: humantime::format_rfc3339_seconds(began.0).to_string(),
            milliseconds: 0,
            complete: true,
            reached: true,
            trouble: None,
            advice: None,
            attestation: None,
            findings: Vec::new(),
            cases: Vec::new(),
        };
        match spoken {
            Ok(spoken) => {
                let profile = self.profile.unwrap_or(spoken);
                profile.name().clone_into(&mut report.profile);
                let cases = catalogue::select(profile, &self.filters);
                let run: Run<'_, AuthenticatorSuite> = Run {
                    // There is one authenticator.
                    jobs: 1,
                    terms: Terms { profile, expectations: &self.expectations, sound_run: &[] },
                    clock: &SystemClock,
                    observer: self.observer,
                    stop: self.stop,
                    play: &|case| self.play(case, &world),
                };
                report.cases = run.play_all(&cases);
                self.put_back(&world);
                report.complete = report.cases.len() == cases.len();
                report.findings = finding::gather::<AuthenticatorSuite>(&report.cases);
            }
            Err(stop) => {
                report.complete = false;
                report.reached = stop.cause != Cause::Gone;
                report.trouble = Some(stop.why);
            }
        }
        report.milliseconds = u64::try_from(began.1.elapsed().as_millis()).unwrap_or(u64::MAX);
        report
    }

    /// How often somebody has to touch an authenticator that has everything, in a run as long as this one: it is played
    /// before one.
    #[must_use]
    pub fn touches(&self) -> usize {
        let profile = self.profile.unwrap_or(AuthenticatorProfile::V2_3);
        let Ok(target) = InProcessAuthenticator::new(&sound_model(profile), None, "touches") else {
            return 0;
        };
        let mut rehearsal =
            AuthenticatorHarness::new(&target).seed("touches").allow_reset(self.settings.allow_reset);
        rehearsal.profile = Some(profile);
        rehearsal.filters.clone_from(&self.filters);
        drop(rehearsal.run());
        target.touches_given()
    }

    /// What goes over the wire in a case.
    pub(crate) fn exchanges_of(&self, case: &AuthenticatorCase) -> Vec<Exchange> {
        self.play(case, &Mutex::new(World::new())).1
    }

    /// The newest version that the authenticator says it speaks.
    fn spoken(&self, world: &Mutex<World>) -> Result<AuthenticatorProfile, Stop> {
        let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stage = Stage::new(self.target, &self.settings, &mut world);
        if stage.speaks_u2f_alone()? {
            return Ok(AuthenticatorProfile::U2f);
        }
        let info = stage.get_info()?;
        Ok(match (info.has_version("FIDO_2_3"), info.has_version("FIDO_2_1")) {
            (true, _) => AuthenticatorProfile::V2_3,
            (false, true) => AuthenticatorProfile::V2_1,
            (false, false) => AuthenticatorProfile::V2_0,
        })
    }

    /// Leaves the authenticator as it was, as far as that can be done.
    fn put_back(&self, world: &Mutex<World>) {
        let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stage = Stage::new(self.target, &self.settings, &mut world);
        if stage.prepare(&[]).is_ok() {
            stage.put_back();
        }
    }

    fn play(&self, case: &AuthenticatorCase, world: &Mutex<World>) -> (Outcome, Vec<Exchange>) {
        let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stage = Stage::new(self.target, &self.settings, &mut world);
        let mut outcome = guarded(|| {
            stage.prepare(case.needs())?;
            case.play(&mut stage)
        });
        let exchanges = stage.take_exchanges();
        if let Err(stop) = &mut outcome
            && stop.verdict != Verdict::Skip
        {
            stage.begin_anew();
            // An authenticator that starts anew after a crash can still be tested, and a run is given up only before one
            // that cannot.
            if matches!(stop.cause, Cause::Hung | Cause::Gone) && stage.answers_again() {
                (stop.cause, stop.verdict) = (Cause::Other, Verdict::Fail);
            }
        }
        (outcome, exchanges)
    }
}
