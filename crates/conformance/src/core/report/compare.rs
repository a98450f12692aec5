//! What changed between two runs.

use super::{CaseReport, Report};
use crate::core::verdict::Verdict;

/// What changed between two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The cases whose verdict changed, in the order of the newer run.
    pub changed: Vec<Change>,
    /// The cases that only the newer run has.
    pub added: Vec<CaseReport>,
    /// The cases that only the older run has.
    pub removed: Vec<CaseReport>,
    /// How many cases have the same verdict in both runs.
    pub same: usize,
}

/// A case whose verdict changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The case in the newer run.
    pub case: CaseReport,
    /// Its verdict in the older one.
    pub before: Verdict,
}

impl Change {
    /// Whether the target does worse than before.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        rank(self.case.verdict) > rank(self.before)
    }
}

impl Comparison {
    /// Whether the target does worse than before, or something new is wrong with it.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        let is_bad = |case: &CaseReport| rank(case.verdict) > 1;
        self.changed.iter().any(Change::is_worse) || self.added.iter().any(is_bad)
    }

    /// The comparison in one line.
    pub(super) fn conclusion(&self) -> String {
        let worse = self.changed.iter().filter(|change| change.is_worse()).count();
        let counts = [
            (worse, "worse"),
            (self.changed.len() - worse, "better"),
            (self.added.len(), "new"),
            (self.removed.len(), "gone"),
            (self.same, "the same"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        let parts = if parts.is_empty() { "no cases".into() } else { parts.join(", ") };
        format!("{}: {parts}", if self.is_worse() { "worse" } else { "no worse" })
    }
}

/// From good to bad.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Skip => 1,
        Verdict::Advice => 2,
        Verdict::Weak => 3,
        Verdict::Error => 4,
        Verdict::Fail => 5,
    }
}

/// Compares two runs, case by case.
#[must_use]
pub fn compare(old: &Report, new: &Report) -> Comparison {
    let find = |report: &Report, id: &str| report.cases.iter().find(|case| case.id == id).cloned();
    let mut comparison = Comparison { changed: Vec::new(), added: Vec::new(), removed: Vec::new(), same: 0 };
    for case in &new.cases {
        match find(old, &case.id) {
            None => comparison.added.push(case.clone()),
            Some(before) if before.verdict == case.verdict => comparison.same += 1,
            Some(before) => {
                comparison.changed.push(Change { case: case.clone(), before: before.verdict });
            }
        }
    }
    comparison.removed = old.cases.iter().filter(|case| find(new, &case.id).is_none()).cloned().collect();
    comparison
}
