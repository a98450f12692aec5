//! The report at a terminal: first what is wrong, last the verdict on the target.

mod layout;

use layout::Canvas;
pub use layout::TerminalStyle;

use super::compare::{Change, Comparison};
use super::standing::{Standing, counts, grouped, places};
use super::text::{clip, count, line};
use super::{CaseReport, Finding, Report};
use crate::core::verdict::Verdict;
use layout::{BAD, BOLD, DIM, GOOD, ODD, PLAIN, Paint};

/// How many characters of the target's words are shown.
const MOST_FOUND: usize = 700;
/// How many of them are shown in a list.
const MOST_IN_LIST: usize = 240;
/// How many reasons to skip cases are shown.
const MOST_GROUPS: usize = 12;
/// The column where the text of a case begins. Mark and verdict stand to its left.
const INDENT: usize = 8;

pub(super) fn write(report: &Report, style: TerminalStyle) -> String {
    let mut canvas = Canvas::new(style);
    head(report, &mut canvas);
    alarms(report, &mut canvas);
    chapters(report, &mut canvas);
    skips(report, &mut canvas);
    known(report, &mut canvas);
    uncounted(report, &mut canvas);
    // At the end, where a reader of a long report looks first.
    troubled(&report.troubles(), &mut canvas);
    canvas.blank();
    let paint = if report.conforms() { GOOD } else { BAD };
    canvas.words(paint, &report.headline(), 0);
    canvas.text()
}

fn head(report: &Report, canvas: &mut Canvas) {
    let [lasting, changing] = report.facts();
    for (name, value) in lasting.iter().chain(&changing) {
        canvas.labelled(name, DIM, &line(value, MOST_IN_LIST), PLAIN, 0, 12);
    }
}

fn troubled(troubles: &[String], canvas: &mut Canvas) {
    if troubles.is_empty() {
        return;
    }
    canvas.blank();
    for trouble in troubles {
        canvas.labelled("TROUBLE", BAD, &line(trouble, MOST_FOUND), PLAIN, 0, 9);
    }
}

fn alarms(report: &Report, canvas: &mut Canvas) {
    let findings = report.counted_findings();
    if !findings.is_empty() {
        canvas.heading(&format!("WHAT IS WRONG ({})", findings.len()));
    }
    for (number, (finding, cases)) in findings.iter().enumerate() {
        if number > 0 {
            canvas.blank();
        }
        defect(finding, cases, canvas);
    }
    let others = report.alarms_beside_findings();
    if !others.is_empty() {
        canvas.heading(&format!("WHAT ELSE COUNTS ({})", others.len()));
    }
    for (number, case) in others.iter().enumerate() {
        if number > 0 {
            canvas.blank();
        }
        alarm(case, canvas);
    }
}

/// A finding, with the first of its cases as an example.
fn defect(finding: &Finding, cases: &[&CaseReport], canvas: &mut Canvas) {
    canvas.labelled("✗ fail", BAD, &line(&finding.title, MOST_FOUND), BOLD, 0, INDENT);
    let others = match finding.cases.len().saturating_sub(cases.len()) {
        0 => String::new(),
        others => format!(", and {others} that do not count"),
    };
    let weight = format!(
        "{} · {} · {}{others}",
        finding.severity.name(),
        finding.level.name(),
        count(cases.len(), "case", "cases")
    );
    canvas.words(DIM, &weight, INDENT);
    let mut labelled = |name: &str, text: &str, paint| canvas.labelled(name, DIM, text, paint, INDENT, 9);
    labelled("so", &line(&finding.consequence, MOST_FOUND), PLAIN);
    labelled("to do", &line(&finding.remedy, MOST_FOUND), PLAIN);
    if let Some(hint) = finding.hint_sentence() {
        labelled("code", &line(&hint, MOST_FOUND), PLAIN);
    }
    let Some(first) = cases.first() else { return };
    labelled("asked", &line(&format!("{} ({})", first.requirement, first.clause), MOST_FOUND), PLAIN);
    if let Some(changed) = first.changed() {
        labelled("changed", &line(&changed, MOST_IN_LIST), PLAIN);
    }
    labelled("found", &line(first.found(), MOST_FOUND), BAD);
    if let Some(expected) = first.expected_otherwise() {
        labelled("expected", &line(&expected, MOST_FOUND), PLAIN);
    }
    labelled("cases", &line(&places(cases).join(", "), MOST_FOUND), DIM);
}

fn alarm(case: &CaseReport, canvas: &mut Canvas) {
    let (mark, paint) = mark(case);
    canvas.labelled(
        &format!("{mark} {}", case.verdict),
        paint,
        &line(&case.id, MOST_IN_LIST),
        BOLD,
        0,
        INDENT,
    );
    let weight = format!("{} · {} · {}", case.level.name(), case.severity.name(), case.clause);
    canvas.words(DIM, &line(&weight, MOST_IN_LIST), INDENT);
    canvas.labelled("asked", DIM, &line(&case.requirement, MOST_FOUND), PLAIN, INDENT, 9);
    if let Some(changed) = case.changed() {
        canvas.labelled("changed", DIM, &line(&changed, MOST_IN_LIST), PLAIN, INDENT, 9);
    }
    canvas.labelled("found", DIM, &line(case.found(), MOST_FOUND), paint, INDENT, 9);
    if let Some(expected) = case.expected_otherwise() {
        canvas.labelled("expected", DIM, &line(&expected, MOST_FOUND), PLAIN, INDENT, 9);
    }
}

fn mark(case: &CaseReport) -> (char, Paint) {
    match case.verdict {
        Verdict::Pass if case.expected_otherwise().is_some() => ('!', BAD),
        Verdict::Pass => ('✓', GOOD),
        Verdict::Weak => ('~', ODD),
        Verdict::Fail => ('✗', BAD),
        Verdict::Advice => ('•', ODD),
        Verdict::Skip => ('–', DIM),
        Verdict::Error => ('!', BAD),
    }
}

fn chapters(report: &Report, canvas: &mut Canvas) {
    if report.cases.is_empty() {
        return;
    }
    let all: Vec<&CaseReport> = report.cases.iter().collect();
    // A verdict that no case has takes no room.
    let verdicts: Vec<Verdict> =
        counts(&all).into_iter().filter(|(_, count)| *count > 0).map(|(verdict, _)| verdict).collect();
    let cells = |cases: &[&CaseReport]| cells(cases, &verdicts);
    let names: Vec<_> = verdicts.iter().map(|verdict| (BOLD, verdict.name().to_owned())).collect();
    canvas.blank();
    canvas.row(BOLD, "CHAPTER", &names);
    let mut ceremony = "";
    for chapter in report.chapters() {
        if chapter.ceremony != ceremony {
            ceremony = chapter.ceremony;
            canvas.words(BOLD, &line(ceremony, MOST_IN_LIST), 0);
        }
        canvas.row(PLAIN, &format!("  {}", line(chapter.name, MOST_IN_LIST)), &cells(&chapter.cases));
    }
    canvas.row(BOLD, "all", &cells(&all));
}

/// The number of cases of each of these verdicts, each with its colour.
fn cells(cases: &[&CaseReport], verdicts: &[Verdict]) -> Vec<(Paint, String)> {
    let cell = |(verdict, count): &(Verdict, usize)| match (count, verdict) {
        (0, _) => (DIM, "·".to_owned()),
        (count, Verdict::Pass) => (GOOD, count.to_string()),
        (count, Verdict::Weak | Verdict::Advice) => (ODD, count.to_string()),
        (count, Verdict::Skip) => (DIM, count.to_string()),
        (count, Verdict::Fail | Verdict::Error) => (BAD, count.to_string()),
    };
    counts(cases).iter().filter(|(verdict, _)| verdicts.contains(verdict)).map(cell).collect()
}

fn skips(report: &Report, canvas: &mut Canvas) {
    let skips = report.standing(Standing::Skipped);
    let groups = grouped(&skips, CaseReport::skip_reason);
    if groups.is_empty() {
        return;
    }
    canvas.heading(&format!("SKIPPED ({})", skips.len()));
    for (why, cases) in groups.iter().take(MOST_GROUPS) {
        canvas.labelled(&format!("{:>4} ×", cases.len()), DIM, why, PLAIN, 0, INDENT);
        canvas.words(DIM, &places(cases).join(", "), INDENT);
    }
    let rest: usize = groups.iter().skip(MOST_GROUPS).map(|(_, cases)| cases.len()).sum();
    if rest > 0 {
        canvas.labelled(
            &format!("{rest:>4} ×"),
            DIM,
            "other reasons, which the other formats of the report list",
            PLAIN,
            0,
            INDENT,
        );
    }
}

fn known(report: &Report, canvas: &mut Canvas) {
    let known = report.standing(Standing::Known);
    let reason = |case: &CaseReport| {
        let reason = case.expected.as_ref().map(|expected| expected.reason.as_str()).unwrap_or_default();
        format!("{}: {}", case.verdict, line(reason, MOST_IN_LIST))
    };
    let groups = grouped(&known, reason);
    if groups.is_empty() {
        return;
    }
    canvas.heading(&format!("AS EXPECTED ({})", known.len()));
    for (reason, cases) in &groups {
        canvas.labelled(&format!("{:>4} ×", cases.len()), DIM, reason, PLAIN, 0, INDENT);
        canvas.words(DIM, &places(cases).join(", "), INDENT);
    }
}

fn uncounted(report: &Report, canvas: &mut Canvas) {
    let uncounted = report.standing(Standing::Uncounted);
    if uncounted.is_empty() {
        return;
    }
    canvas.heading(&format!("DOES NOT COUNT ({})", uncounted.len()));
    for case in uncounted {
        item(case, canvas);
        let finding = format!("{}: {}", case.why_uncounted(), line(case.found(), MOST_IN_LIST));
        canvas.words(DIM, &finding, INDENT);
    }
}

/// A line of a list.
fn item(case: &CaseReport, canvas: &mut Canvas) {
    let (mark, paint) = mark(case);
    let verdict = format!("{mark} {}", case.verdict);
    canvas.labelled(&verdict, paint, &line(&case.id, MOST_IN_LIST), PLAIN, 0, INDENT);
}

impl Comparison {
    /// What changed, for a terminal.
    #[must_use]
    pub fn to_terminal(&self, style: TerminalStyle) -> String {
        let mut canvas = Canvas::new(style);
        let (worse, better): (Vec<&Change>, Vec<&Change>) =
            self.changed.iter().partition(|change| change.is_worse());
        for (title, paint, changes) in [("WORSE", BAD, worse), ("BETTER", GOOD, better)] {
            if !changes.is_empty() {
                canvas.heading(&format!("{title} ({})", changes.len()));
            }
            for change in changes {
                let verdicts = format!("{} → {}", change.before, change.case.verdict);
                canvas.labelled(&verdicts, paint, &line(&change.case.id, MOST_IN_LIST), BOLD, 0, 15);
                if change.case.verdict != Verdict::Pass {
                    canvas.words(DIM, &line(change.case.found(), MOST_IN_LIST), 15);
                }
            }
        }
        for (title, cases) in [("NEW", &self.added), ("GONE", &self.removed)] {
            if !cases.is_empty() {
                canvas.heading(&format!("{title} ({})", cases.len()));
            }
            for case in cases {
                item(case, &mut canvas);
            }
        }
        canvas.blank();
        let paint = if self.is_worse() { BAD } else { GOOD };
        canvas.words(paint, &clip(&self.conclusion(), MOST_FOUND), 0);
        canvas.text()
    }
}
