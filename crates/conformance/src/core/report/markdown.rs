//! Markdown as GitHub reads it (GFM), for pages with results and for comments on pull requests. What differs in every run
//! (its time, its duration, its seed) stands on lines of its own.

use super::compare::{Change, Comparison};
use super::standing::{Standing, counts, grouped, places};
use super::text::line;
use super::{CaseReport, Report};
use crate::core::verdict::Verdict;

/// How many characters of the target's words are shown.
const MOST_FOUND: usize = 400;

pub(super) fn write(report: &Report) -> String {
    let mut out = format!("# Conformance of {}\n\n**{}**\n\n", words(&report.target), report.headline());
    for trouble in report.troubles() {
        out.push_str(&format!("- trouble: {}\n", words(&trouble)));
    }
    let [lasting, changing] = report.facts();
    for (name, value) in lasting.iter().chain(&changing) {
        out.push_str(&format!("- {name}: {}\n", words(value)));
    }
    let all: Vec<&CaseReport> = report.cases.iter().collect();
    out.push('\n');
    out.push_str(&table_head("", &verdict_names(), true));
    out.push_str(&row("cases", &numbers(&all)));
    findings(report, &mut out);
    alarms(report, &mut out);
    known(report, &mut out);
    uncounted(report, &mut out);
    skips(report, &mut out);
    chapters(report, &mut out);
    out
}

fn findings(report: &Report, out: &mut String) {
    let findings = report.counted_findings();
    if findings.is_empty() {
        return;
    }
    out.push_str(&format!("\n## What is wrong ({})\n\n", findings.len()));
    let columns = ["defect", "cases", "so", "to do"].map(str::to_owned);
    out.push_str(&table_head("severity", &columns, false));
    for (finding, cases) in findings {
        let places: Vec<String> = places(&cases).iter().map(|place| code(place)).collect();
        let hint = finding.hint.as_ref();
        let hint = hint.map(|hint| format!(". In {}: {}", words(&hint.library), code(&hint.code)));
        let remedy = format!("{}{}", words(&finding.remedy), hint.unwrap_or_default());
        let cells = [
            format!("**{}** ({})", words(&finding.title), finding.level.name()),
            places.join(", "),
            words(&finding.consequence),
            remedy,
        ];
        out.push_str(&row(finding.severity.name(), &cells));
    }
}

fn alarms(report: &Report, out: &mut String) {
    let alarms = report.alarms_by_severity();
    if alarms.is_empty() {
        return;
    }
    out.push_str(&format!("\n## What counts, case by case ({})\n\n", alarms.len()));
    out.push_str(&table_head("verdict", &["case", "level", "asked", "found"].map(str::to_owned), false));
    for case in alarms {
        let mut found = words(case.found());
        if let Some(changed) = case.changed() {
            found.push_str(&format!("; changed: {}", words(&changed)));
        }
        if let Some(expected) = case.expected_otherwise() {
            found.push_str(&format!("; expected: {}", words(&expected)));
        }
        let cells = [
            code(&case.id),
            format!("{}, {}", case.level.name(), case.severity.name()),
            format!("{} ({})", words(&case.requirement), words(&case.clause)),
            found,
        ];
        out.push_str(&row(&format!("**{}**", case.verdict), &cells));
    }
}

fn known(report: &Report, out: &mut String) {
    let known = report.standing(Standing::Known);
    if known.is_empty() {
        return;
    }
    out.push_str(&format!("\n## As expected ({})\n\n", known.len()));
    out.push_str(&table_head("verdict", &["cases", "reason"].map(str::to_owned), false));
    let said = |case: &CaseReport| {
        let reason = case.expected.as_ref().map(|expected| expected.reason.clone()).unwrap_or_default();
        (case.verdict, reason)
    };
    let groups = grouped(&known, |case| format!("{} {}", case.verdict, said(case).1));
    for (_, cases) in groups {
        let Some((verdict, reason)) = cases.first().map(|case| said(case)) else { continue };
        let ids: Vec<String> = cases.iter().map(|case| code(&case.id)).collect();
        out.push_str(&row(verdict.name(), &[ids.join(", "), words(&reason)]));
    }
}

fn uncounted(report: &Report, out: &mut String) {
    let uncounted = report.standing(Standing::Uncounted);
    if uncounted.is_empty() {
        return;
    }
    out.push_str(&format!("\n## Does not count ({})\n\n", uncounted.len()));
    out.push_str(&table_head("verdict", &["case", "level", "found"].map(str::to_owned), false));
    for case in uncounted {
        let level = format!("{}, {}", case.level.name(), case.severity.name());
        out.push_str(&row(case.verdict.name(), &[code(&case.id), level, words(case.found())]));
    }
}

fn skips(report: &Report, out: &mut String) {
    let skips = report.standing(Standing::Skipped);
    if skips.is_empty() {
        return;
    }
    out.push_str(&format!("\n## Skipped ({})\n\n", skips.len()));
    out.push_str(&table_head("cases", &["where", "why"].map(str::to_owned), false));
    for (why, cases) in grouped(&skips, CaseReport::skip_reason) {
        let places: Vec<String> = places(&cases).iter().map(|place| code(place)).collect();
        out.push_str(&row(&cases.len().to_string(), &[places.join(", "), words(&why)]));
    }
}

fn chapters(report: &Report, out: &mut String) {
    let chapters = report.chapters();
    if chapters.is_empty() {
        return;
    }
    out.push_str("\n## By chapter\n\n");
    out.push_str(&table_head("chapter", &verdict_names(), true));
    for chapter in chapters {
        out.push_str(&row(
            &code(&format!("{}/{}", chapter.ceremony, chapter.name)),
            &numbers(&chapter.cases),
        ));
    }
}

fn verdict_names() -> Vec<String> {
    Verdict::ALL.iter().map(|verdict| verdict.name().to_owned()).collect()
}

fn numbers(cases: &[&CaseReport]) -> Vec<String> {
    counts(cases).iter().map(|(_, count)| count.to_string()).collect()
}

pub(crate) fn table_head(first: &str, others: &[String], numbers: bool) -> String {
    let rule = if numbers { "---:" } else { "---" };
    let rules = vec![rule.to_owned(); others.len()];
    format!("{}{}", row(first, others), row("---", &rules))
}

pub(crate) fn row(first: &str, others: &[String]) -> String {
    format!("| {first} | {} |\n", others.join(" | "))
}

/// Writes text that Markdown or GitHub could read as something else (links, names of people, HTML) as code.
pub(crate) fn words(text: &str) -> String {
    let text = line(text, MOST_FOUND);
    let is_plain = |c: char| {
        c.is_alphanumeric()
            || matches!(c, ' ' | '.' | ',' | ';' | ':' | '(' | ')' | '\'' | '/' | '-' | '§' | '…')
    };
    let is_link = text.contains("://") || text.to_ascii_lowercase().contains("www.");
    match text.chars().all(is_plain) && !is_link {
        true => text,
        false => code(&text),
    }
}

/// A code span (CommonMark §6.1). Text that could end the span, or the table cell around it, is written in HTML instead.
pub(crate) fn code(text: &str) -> String {
    let text = line(text, MOST_FOUND);
    if text.contains(['|', '`']) || text.is_empty() {
        let escaped = |c: char| match c {
            c if c.is_ascii_punctuation() => format!("&#{};", u32::from(c)),
            c => c.to_string(),
        };
        return format!("<code>{}</code>", text.chars().map(escaped).collect::<String>());
    }
    format!("`{text}`")
}

impl Comparison {
    /// What changed, as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = format!("**{}**\n", self.conclusion());
        let (worse, better): (Vec<&Change>, Vec<&Change>) =
            self.changed.iter().partition(|change| change.is_worse());
        for (title, changes) in [("Worse", worse), ("Better", better)] {
            if changes.is_empty() {
                continue;
            }
            out.push_str(&format!("\n## {title} ({})\n\n", changes.len()));
            out.push_str(&table_head("case", &["before", "now", "found"].map(str::to_owned), false));
            for change in changes {
                let now = change.case.verdict;
                let found = if now == Verdict::Pass { String::new() } else { words(change.case.found()) };
                out.push_str(&row(
                    &code(&change.case.id),
                    &[change.before.name().to_owned(), now.name().to_owned(), found],
                ));
            }
        }
        for (title, cases) in [("New", &self.added), ("Gone", &self.removed)] {
            if cases.is_empty() {
                continue;
            }
            out.push_str(&format!("\n## {title} ({})\n\n", cases.len()));
            out.push_str(&table_head("case", &["verdict".to_owned()], false));
            for case in cases {
                out.push_str(&row(&code(&case.id), &[case.verdict.name().to_owned()]));
            }
        }
        out
    }
}
