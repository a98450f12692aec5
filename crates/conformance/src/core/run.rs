//! Plays cases, several at once, and gives the verdicts.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::case::{Case, Level, Suite};
use super::clock::Clock;
use super::exchange::{Exchange, Role, deciding};
use super::expectation::Expectations;
use super::outcome::{Cause, Outcome, Stop};
use super::report::CaseReport;
use super::verdict::Verdict;

/// So many cases in a row may find the target gone, hanging or busy before the remaining ones are not played.
const MOST_TROUBLES: usize = 6;

/// Somebody who watches a run.
pub trait Observer: Sync {
    /// So many cases will be played.
    fn begins(&self, cases: usize);

    /// One has been.
    fn ended(&self, case: &CaseReport);
}

/// Plays a case: what it came to, and what went over the wire.
pub(crate) type Player<'a, S> = dyn Fn(&Case<S>) -> (Outcome, Vec<Exchange>) + Sync + 'a;

/// How cases are played.
pub(crate) struct Run<'a, S: Suite> {
    /// How many are played at once.
    pub(crate) jobs: usize,
    pub(crate) terms: Terms<'a, S>,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) observer: Option<&'a dyn Observer>,
    /// Becomes true when no more cases are to begin.
    pub(crate) stop: Option<&'a AtomicBool>,
    /// Plays one case on a stage of its own.
    pub(crate) play: &'a Player<'a, S>,
}

/// What the outcomes of cases are judged by.
pub(crate) struct Terms<'a, S: Suite> {
    /// The document that the target is held to.
    pub(crate) profile: S::Profile,
    pub(crate) expectations: &'a Expectations,
    /// Sound ceremonies at the beginning of the run.
    pub(crate) sound_run: &'a [Exchange],
}

/// Counts the cases in a row that found the target gone, hanging or busy.
#[derive(Debug, Default)]
pub(crate) struct Troubles(AtomicUsize);

impl Troubles {
    /// Whether the remaining cases are not to be played.
    pub(crate) fn are_too_many(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= MOST_TROUBLES
    }

    pub(crate) fn count(&self, outcome: &Outcome) {
        match outcome.as_ref().err().map_or(Cause::Other, |stop| stop.cause) {
            Cause::Hung | Cause::Gone | Cause::Busy => self.0.fetch_add(1, Ordering::Relaxed),
            Cause::Refused | Cause::BrokeDown | Cause::Other => self.0.swap(0, Ordering::Relaxed),
        };
    }
}

impl<S: Suite> Run<'_, S> {
    /// The reports in the order of the cases, without those that did not begin before the stop.
    pub(crate) fn play_all(&self, cases: &[Case<S>]) -> Vec<CaseReport> {
        if let Some(observer) = self.observer {
            observer.begins(cases.len());
        }
        let next = AtomicUsize::new(0);
        let troubles = Troubles::default();
        let played: Mutex<Vec<(usize, CaseReport)>> = Mutex::default();
        let work = || {
            while !self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(case) = cases.get(index) else { break };
                let report = match troubles.are_too_many() {
                    true => self.terms.not_played(case),
                    false => self.play(case, &troubles),
                };
                if let Some(observer) = self.observer {
                    observer.ended(&report);
                }
                played.lock().unwrap_or_else(PoisonError::into_inner).push((index, report));
            }
        };
        match self.jobs.min(cases.len()) {
            // Where there are no threads, this is one run after the other.
            0 | 1 => work(),
            jobs => thread::scope(|scope| {
                for _ in 0..jobs {
                    scope.spawn(work);
                }
            }),
        }
        let mut played = played.into_inner().unwrap_or_else(PoisonError::into_inner);
        played.sort_by_key(|(index, _)| *index);
        played.into_iter().map(|(_, report)| report).collect()
    }

    /// Plays one case.
    pub(crate) fn play(&self, case: &Case<S>, troubles: &Troubles) -> CaseReport {
        let began = self.clock.now();
        let (outcome, exchanges) = (self.play)(case);
        troubles.count(&outcome);
        self.terms.report(case, outcome, self.clock.now().since(began), exchanges)
    }
}

impl<S: Suite> Terms<'_, S> {
    /// The report of a case that is not played, as so many found nobody who answered.
    pub(crate) fn not_played(&self, case: &Case<S>) -> CaseReport {
        let why = "not played, as the target no longer answers";
        self.report(case, Err(Stop::error(why)), Duration::ZERO, Vec::new())
    }

    /// The report of a case that came to this outcome.
    pub(crate) fn report(
        &self,
        case: &Case<S>,
        outcome: Outcome,
        took: Duration,
        exchanges: Vec<Exchange>,
    ) -> CaseReport {
        let level = case.level(self.profile);
        let (verdict, why, to_test) = match outcome {
            Ok(()) => (Verdict::Pass, String::new(), None),
            Err(stop) => (verdict_at(level, &stop), stop.why, stop.to_test),
        };
        let to_test = match verdict {
            Verdict::Skip => to_test.or_else(|| case.needs().iter().find_map(S::to_test)),
            _ => None,
        };
        let contrast = match verdict {
            Verdict::Pass | Verdict::Skip => None,
            _ => deciding(verdict, &exchanges)
                .and_then(|sent| S::contrast(case.id(), &exchanges, sent, self.sound_run)),
        };
        let exchanges = match verdict {
            Verdict::Pass => evidence(exchanges),
            Verdict::Skip => Vec::new(),
            Verdict::Weak | Verdict::Fail | Verdict::Advice | Verdict::Error => exchanges,
        };
        CaseReport {
            id: case.id().to_owned(),
            requirement: case.sentence(self.profile),
            clause: case.clause(self.profile).into_owned(),
            level,
            severity: case.severity(),
            aligns_with: case.aligned_suite().map(str::to_owned),
            verdict,
            why,
            to_test,
            expected: self.expectations.of(case.id()),
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            defect: case.defect().id.to_owned(),
            exchanges,
            contrast,
        }
    }
}

/// Of a pass, the request that had to be refused, or the last one that had to be accepted, with the target's own words.
fn evidence(mut exchanges: Vec<Exchange>) -> Vec<Exchange> {
    let is = |role| move |exchange: &Exchange| exchange.role == Some(role);
    let attack = exchanges.iter().position(is(Role::Attack));
    let place = attack.or_else(|| exchanges.iter().rposition(is(Role::Sound)));
    place.map(|place| exchanges.swap_remove(place)).into_iter().collect()
}

/// What a stop means at a level: nobody is blamed for what they are free to do.
fn verdict_at(level: Level, stop: &Stop) -> Verdict {
    match (level, stop.verdict, stop.cause) {
        (Level::May, Verdict::Fail, Cause::Refused) => Verdict::Skip,
        // The standard has no word against breaking down at what may be refused.
        (Level::May | Level::Advice, Verdict::Fail, Cause::BrokeDown) => Verdict::Weak,
        (Level::Advice, Verdict::Fail, Cause::Refused | Cause::Other) => Verdict::Advice,
        (_, verdict, _) => verdict,
    }
}

/// A panic, whether the target's in the same process or ours, ends its case alone.
pub(crate) fn guarded(play: impl FnOnce() -> Outcome) -> Outcome {
    catch_unwind(AssertUnwindSafe(play))
        .unwrap_or_else(|panic| Err(Stop::error(format!("panic: {}", text_of(&*panic)))))
}

/// What a panic said.
pub(crate) fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a word".into())
}
