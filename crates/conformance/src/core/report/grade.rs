//! A grade for each chapter, and what was not tested: for those who read one page.

use std::cmp::Reverse;

use super::text::line;
use super::{CaseReport, Report};
use crate::core::case::Level;
use crate::core::defect::Severity;
use crate::core::verdict::Verdict;

/// How grades are given, from bad to good.
pub(crate) const GRADES: &[(Grade, &str)] = &[
    (Grade::F, "a critical failure: somebody logs in as somebody else"),
    (Grade::D, "a failed MUST of high severity"),
    (Grade::C, "a failed MUST of medium or low severity"),
    (Grade::B, "only SHOULDs failed, or refusals were weak"),
    (Grade::A, "nothing failed, and no refusal was weak"),
    (Grade::Untold, "no more than half of the cases could be played, and none of them says C, D or F"),
];

/// What the cases of a chapter say of the target, in one letter. Known failures count, and good practice does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    F,
    D,
    C,
    B,
    A,
    Untold,
}

impl Grade {
    pub(crate) const fn letter(self) -> &'static str {
        match self {
            Grade::F => "F",
            Grade::D => "D",
            Grade::C => "C",
            Grade::B => "B",
            Grade::A => "A",
            Grade::Untold => "–",
        }
    }

    /// The grade of cases, by the worst of those that were played.
    pub(crate) fn of(cases: &[&CaseReport]) -> Self {
        let worst = cases.iter().filter_map(|case| grade_of(case)).min().unwrap_or(Grade::Untold);
        match 2 * played(cases) > cases.len() || worst <= Grade::C {
            true => worst,
            false => Grade::Untold,
        }
    }
}

/// What one case alone would say, if it was played.
fn grade_of(case: &CaseReport) -> Option<Grade> {
    Some(match (case.verdict, case.level, case.severity) {
        (Verdict::Fail, _, Severity::Critical) => Grade::F,
        (Verdict::Fail, Level::Should | Level::Advice, _) | (Verdict::Weak, ..) => Grade::B,
        (Verdict::Fail, Level::Must | Level::May, Severity::High) => Grade::D,
        (Verdict::Fail, Level::Must | Level::May, Severity::Medium | Severity::Low) => Grade::C,
        (Verdict::Pass | Verdict::Advice, ..) => Grade::A,
        (Verdict::Skip | Verdict::Error, ..) => return None,
    })
}

/// How many cases were played to their end.
pub(crate) fn played(cases: &[&CaseReport]) -> usize {
    cases.iter().filter(|case| !matches!(case.verdict, Verdict::Skip | Verdict::Error)).count()
}

/// Cases that were not tested for one reason.
pub(crate) struct Untested<'a> {
    pub(crate) why: String,
    /// What to do so that they can be, if that is known.
    pub(crate) to_test: Option<&'a str>,
    pub(crate) cases: Vec<&'a CaseReport>,
}

impl Report {
    /// What was not tested, and why; the largest group first. Reasons that one and the same step would mend are one.
    pub(crate) fn untested(&self, most: usize) -> Vec<Untested<'_>> {
        let mut groups: Vec<Untested<'_>> = Vec::new();
        for case in self.cases.iter().filter(|case| matches!(case.verdict, Verdict::Skip | Verdict::Error)) {
            let (why, to_test) = (line(case.found(), most), case.to_test.as_deref());
            let is_one = |group: &&mut Untested<'_>| match (group.to_test, to_test) {
                (Some(known), Some(to_test)) => known == to_test,
                (None, None) => group.why == why,
                _ => false,
            };
            match groups.iter_mut().find(is_one) {
                Some(group) => group.cases.push(case),
                None => groups.push(Untested { why, to_test, cases: vec![case] }),
            }
        }
        groups.sort_by_key(|group| Reverse(group.cases.len()));
        groups
    }
}
