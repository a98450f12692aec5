//! A rule: a defect, with what comes of it and what to do about it.

use serde_json::{Value, json};

use super::{MOST_FOUND, add, level, shown};
use crate::core::case::Level;
use crate::core::defect::{Defect, Severity};
use crate::core::report::target_kind::TargetKind;
use crate::core::report::text::clip;
use crate::core::report::{CaseReport, Finding, Report};

/// The rule of a defect that these cases look for.
pub(super) fn of(defect: &Defect, cases: &[&CaseReport], report: &Report, kind: &dyn TargetKind) -> Value {
    let level_of_all = cases.iter().map(|case| case.level).min().unwrap_or(Level::Must);
    let finding = report.findings.iter().find(|finding| finding.defect == defect.id);
    let mut properties = json!({
        "severity": defect.severity.name(),
        // GitHub sorts results by this number.
        "security-severity": score(defect.severity),
        "precision": "very-high",
        "tags": ["security", "webauthn"],
    });
    let mut suites: Vec<&str> = cases.iter().filter_map(|case| case.aligns_with.as_deref()).collect();
    suites.sort_unstable();
    suites.dedup();
    add(&mut properties, "alignsWith", (!suites.is_empty()).then(|| json!(shown(&suites.join(", ")))));
    let mut rule = json!({
        "id": defect.id,
        "shortDescription": { "text": sentence(defect.title) },
        "fullDescription": { "text": format!("{} {}", sentence(defect.consequence), sentence(defect.remedy)) },
        "help": help(defect, finding, cases),
        "defaultConfiguration": { "level": level(level_of_all) },
        "properties": properties,
    });
    // A name that is the id again is no name.
    let name = pascal_case(defect.id);
    add(&mut rule, "name", (!name.eq_ignore_ascii_case(defect.id)).then(|| Value::from(name)));
    let url = cases.iter().find_map(|case| kind.place(&case.clause).url);
    add(&mut rule, "helpUri", url.map(Value::from));
    rule
}

/// What a reader of an alert needs: what comes of it, what to do, and what the cases ask.
fn help(defect: &Defect, finding: Option<&Finding>, cases: &[&CaseReport]) -> Value {
    let hint = finding.and_then(Finding::hint_sentence);
    let mut text = format!("{}\n\n{}\n", sentence(defect.consequence), sentence(defect.remedy));
    let mut markdown =
        format!("**So:** {}\n\n**To do:** {}\n", sentence(defect.consequence), sentence(defect.remedy));
    if let Some(hint) = hint {
        text.push_str(&format!("\n{hint}\n"));
        markdown.push_str(&format!("\n**In code:** {hint}\n"));
    }
    text.push_str("\nThe cases:\n");
    markdown.push_str("\nThe cases:\n\n");
    for case in cases {
        let (id, asked, clause) = (shown(&case.id), shown(&case.requirement), shown(&case.clause));
        text.push_str(&format!("- {id}: {asked} ({clause})\n"));
        // The ids and requirements of cases are ours, but a report may come from a file.
        let id: String = id.chars().filter(|c| *c != '`').collect();
        markdown.push_str(&format!("- `{id}`: {} ({})\n", plain(&asked), plain(&clause)));
    }
    json!({ "text": clip(&text, MOST_FOUND), "markdown": clip(&markdown, MOST_FOUND) })
}

/// Text without what Markdown reads as markup.
fn plain(text: &str) -> String {
    let is_plain = |c: char| !matches!(c, '<' | '>' | '[' | ']' | '`' | '*' | '_' | '\\' | '\n');
    text.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect()
}

/// A sentence of ours with its capital and full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", characters.as_str())
}

/// `ClientDataOrigin`, for readers who want a name beside the id.
fn pascal_case(id: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    };
    id.split(['/', '-']).map(word).collect()
}

/// A number in the middle of the range that GitHub has for the severity.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}
