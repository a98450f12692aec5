//! A run whose requests somebody else carries out, step by step: without threads, sockets or a clock.
//!
//! Cases are functions that ask and get an answer at once. Each part of a run, such as one case, is therefore played on
//! answers from a record. At a request that is not in the record yet the part is stopped, what came of it is thrown away,
//! and the request leaves the run as a step. With its answer in the record, the part is played again from its beginning.
//! Everything that it sends follows from the seed and from the answers, so it sends the same again.

mod answer;
mod record;
mod step;
mod target;

use std::sync::Arc;
use std::time::Duration;

pub use answer::StepAnswer;
pub use step::{EndedCase, Step, StepError, StepRequest};
pub use target::StepTarget;

use super::plan::Plan;
use super::preparation;
use super::suite::Case;
use crate::core::clock::Clock;
use crate::core::outcome::Stop;
use crate::core::report::{CaseReport, Report};
use crate::core::run::Troubles;
use record::{Played, Record, Sent};
use target::Recorded;

/// A run whose requests somebody else carries out. [`Harness::steps`](crate::Harness::steps) makes it.
///
/// [`next`](Self::next) gives the first step, and then each next one for what came of the step before, until the run is done:
///
/// ```no_run
/// # use std::time::Duration;
/// # use stuntkey_conformance::{Description, Harness, Step, StepAnswer, StepRequest, StepTarget};
/// # fn send(request: &StepRequest) -> StepAnswer { unimplemented!() }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let since_1970 = Duration::ZERO;
/// let target = StepTarget::described("http://localhost", Description::named("fido").unwrap())?;
/// let mut run = Harness::without_target("http://localhost").steps(target, since_1970);
/// let mut answer = None;
/// let report = loop {
///     answer = match run.next(answer)? {
///         Step::Request(request) => Some(send(&request)),
///         Step::Wait { milliseconds } => {
///             std::thread::sleep(Duration::from_millis(milliseconds));
///             None
///         }
///         Step::Done { report } => break report,
///         Step::Ask(_) => unreachable!("this target speaks HTTP"),
///     };
///     for case in run.take_ended() {
///         println!("{}: {}", case.id, case.verdict);
///     }
/// };
/// report.assert_conforms();
/// # Ok(())
/// # }
/// ```
pub struct StepRun {
    plan: Plan,
    target: StepTarget,
    record: Arc<Record>,
    cases: Vec<Case>,
    part: Part,
    report: Report,
    troubles: Troubles,
    ended: Vec<EndedCase>,
    /// How many requests have left the run.
    requests: u64,
    awaited: Awaited,
    /// When the run began, and the newest time that it was told, since the beginning of 1970.
    began: Duration,
    told: Duration,
}

/// A part of a run.
#[derive(Debug, Clone, Copy)]
enum Part {
    Preparation,
    Case(usize),
    LastSanity,
    Over,
}

/// What the run waits for.
#[derive(Debug, Clone, Copy)]
enum Awaited {
    Nothing,
    Response,
    Word,
    NoMore,
}

impl StepRun {
    pub(super) fn new(mut plan: Plan, mut target: StepTarget, since_1970: Duration) -> Self {
        let record = Arc::new(Record::new(since_1970));
        target.set_clock(&record);
        plan.settings.clock = Arc::<Record>::clone(&record);
        Self {
            cases: plan.cases(),
            report: plan.begin(),
            plan,
            target,
            record,
            part: Part::Preparation,
            troubles: Troubles::default(),
            ended: Vec::new(),
            requests: 0,
            awaited: Awaited::Nothing,
            began: since_1970,
            told: since_1970,
        }
    }

    /// The next step, now that the step before came to this. The first step, and one after a wait, follow from nothing.
    ///
    /// # Errors
    /// [`StepError`]: the answer is of another kind than the step, or the run is over. Nothing has changed then.
    pub fn next(&mut self, answer: Option<StepAnswer>) -> Result<Step, StepError> {
        self.expect(answer.as_ref())?;
        self.record.keep(answer);
        loop {
            if let Part::Over = self.part {
                self.awaited = Awaited::NoMore;
                let took = self.record.since_1970().max(self.told).saturating_sub(self.began);
                self.report.milliseconds = milliseconds(took);
                return Ok(Step::Done { report: Box::new(self.report.clone()) });
            }
            if let Some(sent) = self.play() {
                return Ok(self.step(sent));
            }
            self.record.begin_part(self.told);
            self.target.begin_part();
        }
    }

    /// Tells the time since the beginning of 1970, as a run has no clock of its own: attestation statements that state a time
    /// state this one, from the next case on, and the report says how long the run and its cases took. Without it, the time
    /// stands still between waits.
    pub fn set_time(&mut self, since_1970: Duration) {
        self.told = self.told.max(since_1970);
    }

    /// The cases of the run.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The cases that have ended since this was called last, in their order.
    #[must_use]
    pub fn take_ended(&mut self) -> Vec<EndedCase> {
        std::mem::take(&mut self.ended)
    }

    /// Whether an answer is one to the step that left last.
    fn expect(&self, answer: Option<&StepAnswer>) -> Result<(), StepError> {
        let expected = match (self.awaited, answer) {
            (Awaited::NoMore, _) => return Err(StepError("the run is over, and has no more steps".into())),
            (Awaited::Nothing, None)
            | (
                Awaited::Response,
                Some(StepAnswer::Response { .. } | StepAnswer::Failed(_) | StepAnswer::Hung),
            )
            | (
                Awaited::Word,
                Some(
                    StepAnswer::Accepted(_)
                    | StepAnswer::Refused(_)
                    | StepAnswer::Crashed(_)
                    | StepAnswer::Failed(_)
                    | StepAnswer::Hung,
                ),
            ) => return Ok(()),
            (Awaited::Nothing, _) => "nothing, as there was no question",
            (Awaited::Response, _) => "a response to a request: status, or failed or hung",
            (Awaited::Word, _) => "what the relying party says: accepted, refused, crashed, failed or hung",
        };
        let found = answer.map_or("nothing", StepAnswer::name);
        Err(StepError(format!("found the answer {found}, expected {expected}")))
    }

    /// Plays the part from its beginning: what it needs an answer to, if it did not come to its end.
    fn play(&mut self) -> Option<Sent> {
        self.record.go_back();
        self.target.go_back();
        match self.part {
            Part::Preparation => self.prepare(),
            Part::Case(index) => match self.cases.get(index).cloned() {
                Some(case) => self.play_case(&case, index),
                None => {
                    self.part = Part::LastSanity;
                    None
                }
            },
            Part::LastSanity => self.end(),
            Part::Over => None,
        }
    }

    fn prepare(&mut self) -> Option<Sent> {
        let mut settings = self.plan.settings.clone();
        let target = Recorded::new(&self.target, &self.record);
        let asked = preparation::prepare(&target, &mut settings, &self.cases);
        let asked = match self.whole(asked) {
            Ok(asked) => asked,
            Err(sent) => return Some(*sent),
        };
        self.part = if asked.is_ok() { Part::Case(0) } else { Part::Over };
        self.plan.settings = settings;
        self.plan.prepared(&mut self.report, &asked);
        None
    }

    fn play_case(&mut self, case: &Case, index: usize) -> Option<Sent> {
        let report = if self.troubles.are_too_many() {
            self.plan.terms().not_played(case)
        } else {
            let target = Recorded::new(&self.target, &self.record);
            let (outcome, exchanges) = case.play_before(&target, &self.plan.settings);
            let outcome = match self.whole(outcome) {
                Ok(outcome) => outcome,
                Err(sent) => return Some(*sent),
            };
            let took = self.record.since_1970().max(self.told).saturating_sub(self.record.began());
            self.troubles.count(&outcome);
            self.plan.terms().report(case, outcome, took, exchanges)
        };
        self.note(report);
        self.part = Part::Case(index + 1);
        None
    }

    fn end(&mut self) -> Option<Sent> {
        let target = Recorded::new(&self.target, &self.record);
        let (outcome, _) = preparation::sanity(&target, &self.plan.settings, "last");
        let outcome = match self.whole(outcome) {
            Ok(outcome) => outcome,
            Err(sent) => return Some(*sent),
        };
        self.plan.conclude(&mut self.report, &self.cases, outcome);
        self.part = Part::Over;
        None
    }

    /// What came of a part, if it was played to its end; else what it needs an answer to.
    fn whole<T>(&self, came_to: Result<T, Stop>) -> Result<Result<T, Stop>, Box<Sent>> {
        match self.record.end() {
            Played::Whole => Ok(came_to),
            Played::Until(sent) => Err(Box::new(sent)),
            Played::Otherwise(why) => Ok(Err(Stop::error(why))),
        }
    }

    fn note(&mut self, report: CaseReport) {
        self.ended.push(EndedCase::of(&report, self.plan.fail_on));
        self.report.cases.push(report);
    }

    fn step(&mut self, sent: Sent) -> Step {
        match sent {
            Sent::Request(request) => {
                self.awaited = Awaited::Response;
                self.requests += 1;
                Step::Request(StepRequest { number: self.requests, ..request })
            }
            Sent::Ask(asked) => {
                self.awaited = Awaited::Word;
                Step::Ask(asked)
            }
            Sent::Wait(time) => {
                self.awaited = Awaited::Nothing;
                Step::Wait { milliseconds: milliseconds(time) }
            }
        }
    }
}

impl std::fmt::Debug for StepRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepRun")
            .field("target", &self.target)
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
