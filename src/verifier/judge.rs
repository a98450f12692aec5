//! The record of an examination: which check was made at which step, and its result.

use std::borrow::Cow;
use std::fmt;

use stuntkey_inspect::text;

use super::check::Check;
use crate::webauthn::{Ceremony, Step};

/// One requirement that a response does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCheck {
    /// The requirement.
    pub check: Check,
    /// The step of §7.1 or §7.2.
    pub step: u8,
    /// The ceremony.
    pub ceremony: Ceremony,
    /// Where in the response, if the check alone does not say: `attStmt[1]`, `x5c[0]`.
    pub place: Option<String>,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl FailedCheck {
    /// The clause: document, section and step.
    #[must_use]
    pub fn clause(&self) -> String {
        clause(self.ceremony, self.step)
    }
}

impl fmt::Display for FailedCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.clause(), self.check)?;
        if let Some(place) = &self.place {
            write!(f, " in {place}")?;
        }
        write!(f, ": found {}, expected {}", self.found, self.expected)
    }
}

impl std::error::Error for FailedCheck {}

fn clause(ceremony: Ceremony, step: u8) -> String {
    Step::of(ceremony, step).map(Step::clause).unwrap_or_default()
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepVerdict {
    /// Every check of the step holds; what was seen, where that is worth telling.
    Passed(Option<String>),
    /// Some do not.
    Failed(Vec<FailedCheck>),
    /// An earlier failure left nothing to look at.
    NotReached,
    /// There was nothing to check, and why.
    NotApplicable(Cow<'static, str>),
}

/// A step and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The number in §7.1 or §7.2.
    pub number: u8,
    /// What the relying party does at it, in short.
    pub title: &'static str,
    /// What came of it.
    pub verdict: StepVerdict,
}

/// Every step of a ceremony, in order, and what came of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The ceremony.
    pub ceremony: Ceremony,
    /// Its 29 or 25 steps.
    pub steps: Vec<StepReport>,
}

impl Examination {
    /// Everything that was refused, in the order of the steps.
    pub fn refusals(&self) -> impl Iterator<Item = &FailedCheck> {
        self.steps.iter().flat_map(|step| match &step.verdict {
            StepVerdict::Failed(refusals) => refusals.as_slice(),
            _ => &[],
        })
    }

    /// The document's section, and the step's number: `WebAuthn L3 §7.1 step 9`.
    #[must_use]
    pub fn clause(&self, step: u8) -> String {
        clause(self.ceremony, step)
    }
}

/// Collects failed checks, and what came of each step if somebody wants to read that. A check that was switched off always
/// holds.
pub(super) struct Judge<'a> {
    ceremony: Ceremony,
    disabled: &'a [Check],
    refusals: Vec<FailedCheck>,
    /// What came of each step, failed checks aside. Empty if nobody reads it.
    steps: Vec<StepReport>,
    place: Vec<Place>,
}

/// A place inside a response, which the check alone does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A certificate of `x5c`.
    Certificate(usize),
    /// A statement inside a compound one.
    Statement(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Certificate(position) => write!(f, "x5c[{position}]"),
            Place::Statement(position) => write!(f, "attStmt[{position}]"),
        }
    }
}

impl<'a> Judge<'a> {
    /// A judge who looks for failed checks alone.
    pub(super) fn new(ceremony: Ceremony, disabled: &'a [Check]) -> Self {
        Self { ceremony, disabled, refusals: Vec::new(), steps: Vec::new(), place: Vec::new() }
    }

    /// A judge who writes down what came of each step, too.
    pub(super) fn who_reports(ceremony: Ceremony, disabled: &'a [Check]) -> Self {
        let steps = Step::all(ceremony).map(|Step { number, title, .. }| StepReport {
            number,
            title,
            verdict: StepVerdict::NotReached,
        });
        Self { steps: steps.collect(), ..Self::new(ceremony, disabled) }
    }

    pub(super) fn ceremony(&self) -> Ceremony {
        self.ceremony
    }

    /// Notes that `check` was made and whether it holds.
    pub(super) fn check(
        &mut self,
        check: Check,
        holds: bool,
        found: impl FnOnce() -> String,
        expected: impl fmt::Display,
    ) -> bool {
        if holds || self.disabled.contains(&check) {
            self.passed(check);
            return true;
        }
        self.refuse(check, found(), &expected);
        false
    }

    /// Notes that `check` does not hold.
    fn refuse(&mut self, check: Check, found: String, expected: &dyn fmt::Display) {
        let Some(step) = check.step(self.ceremony) else {
            unreachable!("{check} is made in a ceremony that has no step for it")
        };
        let place: Vec<String> = self.place.iter().map(Place::to_string).collect();
        self.refusals.push(FailedCheck {
            check,
            step,
            ceremony: self.ceremony,
            place: (!place.is_empty()).then(|| place.join(".")),
            found,
            expected: expected.to_string(),
        });
    }

    /// The value, or a refusal with what was found instead.
    pub(super) fn require<T>(
        &mut self,
        check: Check,
        value: Result<T, String>,
        expected: impl fmt::Display,
    ) -> Option<T> {
        match value {
            Ok(value) => {
                self.passed(check);
                Some(value)
            }
            Err(found) => {
                self.refuse(check, found, &expected);
                None
            }
        }
    }

    fn passed(&mut self, check: Check) {
        if let Some(step) = check.step(self.ceremony) {
            self.done(step);
        }
    }

    /// Notes that a step is done, if nothing was refused at it.
    pub(super) fn done(&mut self, step: u8) {
        if let Some(verdict @ (StepVerdict::NotReached | StepVerdict::NotApplicable(_))) = self.verdict(step)
        {
            *verdict = StepVerdict::Passed(None);
        }
    }

    /// Adds what was seen to a step that passed.
    pub(super) fn note(&mut self, step: u8, seen: impl fmt::Display) {
        self.done(step);
        if let Some(StepVerdict::Passed(note)) = self.verdict(step) {
            *note = Some(seen.to_string());
        }
    }

    /// Notes that a step has nothing to check.
    pub(super) fn not_applicable(&mut self, step: u8, why: impl Into<Cow<'static, str>>) {
        if let Some(verdict @ StepVerdict::NotReached) = self.verdict(step) {
            *verdict = StepVerdict::NotApplicable(why.into());
        }
    }

    /// Does `work` at a place inside the response, which refusals then name.
    pub(super) fn within<T>(&mut self, place: Place, work: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(place);
        let done = work(self);
        self.place.pop();
        done
    }

    /// The first failed check, in the order of the steps.
    pub(super) fn first_refusal(self) -> Option<FailedCheck> {
        self.refusals.into_iter().min_by_key(|refusal| refusal.step)
    }

    /// What came of each step. The steps are those of a judge [who reports](Self::who_reports).
    pub(super) fn report(mut self) -> Examination {
        for refusal in std::mem::take(&mut self.refusals) {
            match self.verdict(refusal.step) {
                Some(StepVerdict::Failed(refusals)) => refusals.push(refusal),
                Some(verdict) => *verdict = StepVerdict::Failed(vec![refusal]),
                None => {}
            }
        }
        Examination { ceremony: self.ceremony, steps: self.steps }
    }

    fn verdict(&mut self, step: u8) -> Option<&mut StepVerdict> {
        Some(&mut self.steps.get_mut(usize::from(step).checked_sub(1)?)?.verdict)
    }
}

/// Bytes as hex, cut when they are many.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 32;
        let bytes = self.0;
        f.write_str(&text::hex(bytes.get(..SHOWN).unwrap_or(bytes)))?;
        match bytes.len() {
            ..=SHOWN => Ok(()),
            more => write!(f, "… ({more} bytes)"),
        }
    }
}

/// The same as text.
pub(super) fn hex(bytes: &[u8]) -> String {
    Hex(bytes).to_string()
}

/// A string in quotes, cut when it is long.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 100;
    let shown: String = text.chars().take(SHOWN).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("{shown:?}{more}")
}
