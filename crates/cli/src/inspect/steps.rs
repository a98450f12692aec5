//! Shows every step of a ceremony with its verdict, for people.

use clap::builder::styling::Style;
use stuntkey::verifier::{Examination, FailedCheck, StepVerdict};
use stuntkey::webauthn::Ceremony;

use super::terminal::{BAD, Canvas, DIM, GOOD, NAME, PLAIN, words};

/// An examination, and remarks on what the caller's expectations left open.
#[derive(Debug)]
pub(crate) struct Verification {
    pub(crate) report: Examination,
    pub(crate) remarks: Vec<String>,
}

impl Verification {
    /// How many checks failed.
    pub(crate) fn failures(&self) -> usize {
        self.report.refusals().count()
    }
}

/// The column where titles begin. Number, mark and verdict stand to its left.
const TITLE_COLUMN: usize = 23;

pub(crate) fn draw(verification: &Verification, canvas: Canvas) -> String {
    let report = &verification.report;
    let heading = match report.ceremony {
        Ceremony::Create => "registering a new credential, WebAuthn L3 §7.1",
        Ceremony::Get => "verifying an authentication assertion, WebAuthn L3 §7.2",
    };
    let mut out = format!("{}\n", canvas.paint(NAME, heading));
    let indent = " ".repeat(TITLE_COLUMN);
    for step in &report.steps {
        let (mark, verdict, style) = mark(&step.verdict);
        out.push_str(&format!("{:>3}  ", step.number));
        out.push_str(&canvas.paint(style, &format!("{mark} {verdict:14}  ")));
        let mut line = words(title_style(&step.verdict), step.title);
        match &step.verdict {
            StepVerdict::Passed(Some(seen)) => line.extend(words(DIM, &format!("({seen})"))),
            StepVerdict::NotApplicable(why) => line.extend(words(DIM, &format!("({why})"))),
            _ => {}
        }
        out.push_str(&canvas.wrap(&line, TITLE_COLUMN, &indent, TITLE_COLUMN));
        out.push('\n');
        if let StepVerdict::Failed(refusals) = &step.verdict {
            refusals.iter().for_each(|refusal| failure(refusal, canvas, &mut out));
        }
    }
    out.push_str(&summary(verification, canvas));
    out
}

fn mark(verdict: &StepVerdict) -> (char, &'static str, Style) {
    match verdict {
        StepVerdict::Passed(_) => ('✓', "passed", GOOD),
        StepVerdict::Failed(_) => ('✗', "failed", BAD),
        StepVerdict::NotReached => ('·', "not reached", DIM),
        StepVerdict::NotApplicable(_) => ('–', "not applicable", DIM),
    }
}

fn title_style(verdict: &StepVerdict) -> Style {
    match verdict {
        StepVerdict::Failed(_) => NAME,
        StepVerdict::Passed(_) => PLAIN,
        _ => DIM,
    }
}

/// Shows a failed check: its requirement, its clause, and what was found and expected.
fn failure(refusal: &FailedCheck, canvas: Canvas, out: &mut String) {
    const INDENT: usize = 7;
    const COLUMN: usize = INDENT + 10;
    let place = refusal.place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
    let rows = [
        ("check", format!("{}{place}", refusal.check), BAD),
        ("requires", refusal.check.requirement().to_owned(), PLAIN),
        ("clause", format!("{}; {}", refusal.clause(), refusal.check.clause()), PLAIN),
        ("found", refusal.found.clone(), PLAIN),
        ("expected", refusal.expected.to_string(), PLAIN),
    ];
    for (name, text, style) in rows {
        out.push_str(&format!("{:INDENT$}{}", "", canvas.paint(DIM, &format!("{name:10}"))));
        out.push_str(&canvas.wrap(&words(style, &text), COLUMN, &" ".repeat(COLUMN), COLUMN));
        out.push('\n');
    }
}

fn summary(verification: &Verification, canvas: Canvas) -> String {
    let of = |wanted: fn(&StepVerdict) -> bool| {
        verification.report.steps.iter().filter(|step| wanted(&step.verdict)).count()
    };
    let passed = of(|verdict| matches!(verdict, StepVerdict::Passed(_)));
    let failed = of(|verdict| matches!(verdict, StepVerdict::Failed(_)));
    let unreached = of(|verdict| matches!(verdict, StepVerdict::NotReached));
    let other = of(|verdict| matches!(verdict, StepVerdict::NotApplicable(_)));
    let text = format!(
        "{} steps: {passed} passed, {failed} failed, {unreached} not reached, {other} not applicable",
        verification.report.steps.len()
    );
    let style = if failed == 0 { GOOD } else { BAD };
    let mut out = format!("{}\n", canvas.paint(style, &text));
    for remark in &verification.remarks {
        out.push_str(&canvas.wrap(&words(DIM, &format!("note: {remark}")), 0, "      ", 6));
        out.push('\n');
    }
    out
}
