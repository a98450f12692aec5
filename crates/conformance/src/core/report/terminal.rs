//! The report at a terminal: first what is wrong, last the verdict on the target.

mod layout;

use layout::Canvas;
pub use layout::TerminalStyle;

use super::compare::{Change, Comparison};
use super::standing::{Standing, counts, grouped, places};
use super::text::{clip, line};
use super::{CaseReport, Report};
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
    let alarms = report.alarms_by_severity();
    if alarms.is_empty() {
        return;
    }
    canvas.heading(&format!("WHAT IS WRONG ({})", alarms.len()));
    for (number, case) in alarms.iter().enumerate() {
        if number > 0 {
            canvas.blank();
        }
        alarm(case, canvas);
    }
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
        Verdict::Skip => ('–', DIM),
        Verdict::Error => ('!', BAD),
    }
}

fn chapters(report: &Report, canvas: &mut Canvas) {
    if report.cases.is_empty() {
        return;
    }
    let all: Vec<&CaseReport> = report.cases.iter().collect();
    let names: Vec<_> = Verdict::ALL.iter().map(|verdict| (BOLD, verdict.name().to_owned())).collect();
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

/// The number of cases of each verdict, each with its colour.
fn cells(cases: &[&CaseReport]) -> Vec<(Paint, String)> {
    let cell = |(verdict, count): &(Verdict, usize)| match (count, verdict) {
        (0, _) => (DIM, "·".to_owned()),
        (count, Verdict::Pass) => (GOOD, count.to_string()),
        (count, Verdict::Weak) => (ODD, count.to_string()),
        (count, Verdict::Skip) => (DIM, count.to_string()),
        (count, Verdict::Fail | Verdict::Error) => (BAD, count.to_string()),
    };
    counts(cases).iter().map(cell).collect()
}

fn skips(report: &Report, canvas: &mut Canvas) {
    let skips = report.standing(Standing::Skipped);
    let groups = grouped(&skips, |case| line(case.found(), MOST_IN_LIST));
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
