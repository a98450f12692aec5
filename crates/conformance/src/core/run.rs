//! Plays cases before a target: sanity first and last, several at once, each with a deadline.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest, Sha256};
use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::Model;
use stuntkey::client::Preset;

pub(crate) use stuntkey_inspect::text::hex;

use crate::core::case::{Case, Level, Profile};
use crate::core::expectation::Expectations;
use crate::core::report::{CaseReport, Report};
use crate::core::verdict::Verdict;
use crate::relying_party::stage::{Cause, Halt, Scene, Scenery, Stage, expect_accepted};
use crate::relying_party::target::Target;

/// How many cases in a row may find the target gone or hanging before the rest is not played.
const MOST_TROUBLES: usize = 6;

/// A run of the cases against one target.
#[must_use]
pub struct Harness<'a> {
    target: &'a dyn Target,
    name: String,
    scenery: Scenery,
    jobs: usize,
    profile: Profile,
    strict: bool,
    filters: Vec<String>,
    expectations: Expectations,
    observer: Option<&'a dyn Observer>,
    stop: Option<&'a AtomicBool>,
}

/// Somebody who watches a run.
pub trait Observer: Sync {
    /// So many cases will be played.
    fn begins(&self, cases: usize);

    /// One has been.
    fn ended(&self, case: &CaseReport);
}

impl<'a> Harness<'a> {
    /// Every case of WebAuthn Level 3 against this target, whose pages are at `origin`.
    pub fn new(target: &'a dyn Target, origin: &str) -> Self {
        let jobs = thread::available_parallelism().map_or(1, usize::from);
        Self {
            target,
            name: "in process".into(),
            scenery: Scenery {
                origin: origin.to_owned(),
                seed: String::new(),
                user_prefix: String::new(),
                reply: None,
                model: Model::named("every_algorithm").unwrap_or_default(),
                authority: CertificateAuthority::test_root(),
                plain_format: None,
                deadline: Duration::from_secs(10),
                longest_wait: Duration::from_secs(5),
            },
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

    /// What keys, ids, certificates and user names follow from, so that a run can be repeated. A target that keeps
    /// its users knows them the second time. Default: drawn, and told in the report.
    pub fn seed(mut self, seed: &str) -> Self {
        seed.clone_into(&mut self.scenery.seed);
        self
    }

    /// The authenticators that people have, where a case is not about another. Default: the model `every_algorithm`, which
    /// takes the first algorithm that a target offers.
    pub fn model(mut self, model: Model) -> Self {
        self.scenery.model = model;
        self
    }

    /// How many cases are played at once. Default: as many as there are processors.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// What the target is held to. Default: WebAuthn Level 3.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Whether a failed SHOULD, and a weak refusal, count as failures. Default: no.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Only cases that one of these names: an id, its beginning at a slash, or a glob. Default: all.
    pub fn filters<S: Into<String>>(mut self, filters: impl IntoIterator<Item = S>) -> Self {
        self.filters = filters.into_iter().map(Into::into).collect();
        self
    }

    /// How long a case may take. Default: ten seconds.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.scenery.deadline = deadline;
        self
    }

    /// How long a case may wait for a challenge to expire. Default: five seconds.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.scenery.longest_wait = wait;
        self
    }

    /// The shape of replies. Default: the one that goes with the options.
    pub fn reply(mut self, preset: Preset) -> Self {
        self.scenery.reply = Some(preset);
        self
    }

    /// The authority at the end of attestation chains, which the target has to trust. Default: stuntkey's test root.
    pub fn attestation_authority(mut self, authority: CertificateAuthority) -> Self {
        self.scenery.authority = authority;
        self
    }

    /// What is known of the target.
    pub fn expectations(mut self, expectations: Expectations) -> Self {
        self.expectations = expectations;
        self
    }

    /// Who watches.
    pub fn observer(mut self, observer: &'a dyn Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Becomes true when no more cases are to begin.
    pub fn stop_when(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// The cases that will be played.
    #[must_use]
    pub fn cases(&self) -> Vec<Case> {
        crate::relying_party::catalogue::select(self.profile, &self.filters)
    }

    /// Plays them.
    #[must_use]
    pub fn run(mut self) -> Report {
        let began = (SystemTime::now(), Instant::now());
        if self.scenery.seed.is_empty() {
            self.scenery.seed = drawn_seed();
        }
        let digest = Sha256::digest(self.scenery.seed.as_bytes());
        self.scenery.user_prefix = format!("stuntkey-{}", hex(digest.get(..4).unwrap_or_default()));

        let mut report = Report {
            tool: format!("stuntkey {}", env!("CARGO_PKG_VERSION")),
            target: self.name.clone(),
            origin: self.scenery.origin.clone(),
            profile: self.profile,
            strict: self.strict,
            seed: self.scenery.seed.clone(),
            began: humantime::format_rfc3339_seconds(began.0).to_string(),
            milliseconds: 0,
            complete: true,
            reached: true,
            trouble: None,
            attestation: None,
            cases: Vec::new(),
        };
        match self.find_plain_format() {
            Ok(format) => {
                self.scenery.plain_format = format;
                report.attestation = Some(format.unwrap_or(AttestationFormat::Packed).name().to_owned());
                let cases = self.cases();
                report.cases = self.play_all(&cases);
                report.complete = report.cases.len() == cases.len();
                if let Err(halt) = self.sanity("last", self.scenery.plain_format) {
                    report.trouble = Some(format!("a sound registration and login at the end: {}", halt.why));
                }
            }
            Err(halt) => {
                report.complete = false;
                report.reached = halt.cause != Cause::Gone;
                report.trouble =
                    Some(format!("a sound registration and login at the beginning: {}", halt.why));
            }
        }
        report.milliseconds = u64::try_from(began.1.elapsed().as_millis()).unwrap_or(u64::MAX);
        report
    }

    /// The attestation of plain registrations: the default (none named), or one that the target accepts.
    fn find_plain_format(&self) -> Result<Option<AttestationFormat>, Halt> {
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

    fn sanity(&self, which: &str, format: Option<AttestationFormat>) -> Scene {
        let scenery = Scenery { plain_format: format, ..self.scenery.clone() };
        let mut stage = Stage::new(self.target, &scenery, &format!("sanity {which}"));
        guarded(|| {
            let mut person = stage.person()?;
            let answer = person.register()?;
            expect_accepted(answer, "the registration")?;
            let answer = person.log_in()?;
            expect_accepted(answer, "the login").map(drop)
        })
    }

    /// In the order of the cases, without those that did not begin before the end was called.
    fn play_all(&self, cases: &[Case]) -> Vec<CaseReport> {
        if let Some(observer) = self.observer {
            observer.begins(cases.len());
        }
        let next = AtomicUsize::new(0);
        let troubles = AtomicUsize::new(0);
        let played: Mutex<Vec<(usize, CaseReport)>> = Mutex::default();
        let work = || {
            while !self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(case) = cases.get(index) else { break };
                let report = if troubles.load(Ordering::Relaxed) >= MOST_TROUBLES {
                    let why = "not played, as the target no longer answers";
                    self.report(case, Err(Halt::error(why)), Duration::ZERO, Vec::new())
                } else {
                    let (report, cause) = self.play(case);
                    match cause {
                        Cause::Hung | Cause::Gone => troubles.fetch_add(1, Ordering::Relaxed),
                        Cause::Refused | Cause::Other => troubles.swap(0, Ordering::Relaxed),
                    };
                    report
                };
                if let Some(observer) = self.observer {
                    observer.ended(&report);
                }
                played.lock().unwrap_or_else(PoisonError::into_inner).push((index, report));
            }
        };
        thread::scope(|scope| {
            for _ in 0..self.jobs.min(cases.len()) {
                scope.spawn(work);
            }
        });
        let mut played = played.into_inner().unwrap_or_else(PoisonError::into_inner);
        played.sort_by_key(|(index, _)| *index);
        played.into_iter().map(|(_, report)| report).collect()
    }

    /// Plays one case, without sanity before and after.
    pub(crate) fn play(&self, case: &Case) -> (CaseReport, Cause) {
        let began = Instant::now();
        let mut stage = Stage::new(self.target, &self.scenery, case.id());
        let scene = guarded(|| (case.play)(&mut stage));
        let cause = scene.as_ref().err().map_or(Cause::Other, |halt| halt.cause);
        (self.report(case, scene, began.elapsed(), stage.into_exchanges()), cause)
    }

    fn report(
        &self,
        case: &Case,
        scene: Scene,
        took: Duration,
        exchanges: Vec<crate::relying_party::target::Exchange>,
    ) -> CaseReport {
        let (verdict, why) = match scene {
            Ok(()) => (Verdict::Pass, String::new()),
            // What a relying party may refuse says nothing against it.
            Err(halt) if halt.cause == Cause::Refused && case.level == Level::May => {
                (Verdict::Skip, halt.why)
            }
            Err(halt) => (halt.verdict, halt.why),
        };
        let expected = self.expectations.of(case);
        let telling = matches!(verdict, Verdict::Weak | Verdict::Fail | Verdict::Error);
        CaseReport {
            id: case.id.clone(),
            requirement: case.requirement.clone(),
            clause: case.clause.clone(),
            level: case.level,
            severity: case.severity,
            aligns_with: case.aligns_with.map(str::to_owned),
            verdict,
            why,
            expected,
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            exchanges: if telling { exchanges } else { Vec::new() },
        }
    }
}

/// A seed that no run had before.
pub(crate) fn drawn_seed() -> String {
    let mut seed = [0; 8];
    // Without randomness the time has to do: the seed is no secret.
    if getrandom::fill(&mut seed).is_err() {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        seed = since.as_micros().to_be_bytes().last_chunk().copied().unwrap_or_default();
    }
    hex(&seed)
}

/// A panic, of the target's in the same process or of ours, ends its case alone.
fn guarded(play: impl FnOnce() -> Scene) -> Scene {
    catch_unwind(AssertUnwindSafe(play))
        .unwrap_or_else(|panic| Err(Halt::error(format!("panic: {}", text_of(&*panic)))))
}

pub(crate) fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a word".into())
}
