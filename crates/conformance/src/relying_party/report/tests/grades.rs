//! Grades by chapter.

use super::fixture::case;
use crate::core::case::Level;
use crate::core::defect::Severity;
use crate::core::report::CaseReport;
use crate::core::report::grade::Grade;
use crate::core::verdict::Verdict;

fn one(verdict: Verdict, level: Level, severity: Severity) -> CaseReport {
    CaseReport { level, severity, ..case("registration/trust/expired/leaf", verdict, "why") }
}

#[test]
fn the_worst_case_gives_the_grade() {
    let pass = one(Verdict::Pass, Level::Must, Severity::High);
    let grade = |case: &CaseReport| Grade::of(&[&pass, &pass, case]).letter();
    assert_eq!(grade(&pass), "A");
    assert_eq!(grade(&one(Verdict::Advice, Level::Advice, Severity::High)), "A");
    assert_eq!(grade(&one(Verdict::Weak, Level::Must, Severity::Critical)), "B");
    assert_eq!(grade(&one(Verdict::Fail, Level::Should, Severity::High)), "B");
    assert_eq!(grade(&one(Verdict::Fail, Level::Must, Severity::Low)), "C");
    assert_eq!(grade(&one(Verdict::Fail, Level::May, Severity::Medium)), "C");
    assert_eq!(grade(&one(Verdict::Fail, Level::Must, Severity::High)), "D");
    assert_eq!(grade(&one(Verdict::Fail, Level::Should, Severity::Critical)), "F");
}

#[test]
fn a_good_grade_needs_most_cases_played_and_a_bad_one_does_not() {
    let pass = one(Verdict::Pass, Level::Must, Severity::High);
    let skip = one(Verdict::Skip, Level::Must, Severity::High);
    let fail = one(Verdict::Fail, Level::Must, Severity::High);
    assert_eq!(Grade::of(&[&pass, &skip]), Grade::Untold);
    assert_eq!(Grade::of(&[&pass, &pass, &skip]), Grade::A);
    assert_eq!(Grade::of(&[&skip, &skip, &fail]), Grade::D);
    assert_eq!(Grade::of(&[]), Grade::Untold);
}
