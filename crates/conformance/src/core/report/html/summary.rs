//! The first page: a grade for each chapter, what is wrong in a line each, what was not tested, and how it could be.

use crate::core::report::grade::{GRADES, Grade, played};
use crate::core::report::markup::{escaped, prose};
use crate::core::report::standing::{Chapter, places};
use crate::core::report::text::{count, line};
use crate::core::report::{CaseReport, Report};

/// How many defects have a line: what is left stands on the pages after the first.
const MOST_DEFECTS: usize = 12;
/// How many reasons have one.
const MOST_REASONS: usize = 8;
/// How many characters of a text are shown.
const MOST_TEXT: usize = 200;

pub(super) fn section(report: &Report) -> String {
    if report.cases.is_empty() {
        return String::new();
    }
    format!(
        "<section id=\"summary\">\n<h2>Summary</h2>\n{}<div class=\"beside\">\n<div>\n{}</div>\n<div>\n{}</div>\n</div>\n\
         </section>\n",
        grades(report),
        wrong(report),
        untested(report)
    )
}

fn grades(report: &Report) -> String {
    let all: Vec<&CaseReport> = report.cases.iter().collect();
    let mut out = format!(
        "<h3>Grades</h3>\n<p>{} of {} were played to their end; beside each chapter stands how many of its cases were.</p>\n",
        played(&all),
        count(all.len(), "case", "cases")
    );
    let chapters = report.chapters();
    for chapters in chapters.chunk_by(|one, other| one.ceremony == other.ceremony) {
        let ceremony = chapters.first().map_or("", |chapter| chapter.ceremony);
        let items: String = chapters.iter().map(grade).collect();
        let ceremony = escaped(&line(ceremony, MOST_TEXT));
        out.push_str(&format!("<h4>{ceremony}</h4>\n<ul class=\"grades\">\n{items}</ul>\n"));
    }
    let how: Vec<String> =
        GRADES.iter().map(|(grade, how)| format!("<b>{}</b> {}", grade.letter(), escaped(how))).collect();
    out.push_str(&format!(
        "<p class=\"note\">The worst case of a chapter gives its grade: {}. \
         Known failures count here, good practice does not.</p>\n",
        how.join("; ")
    ));
    out
}

fn grade(chapter: &Chapter<'_>) -> String {
    let grade = Grade::of(&chapter.cases);
    format!(
        "<li class=\"{}\"><b>{}</b> {} <span>{} of {}</span></li>\n",
        class(grade),
        grade.letter(),
        escaped(&line(chapter.name, MOST_TEXT)),
        played(&chapter.cases),
        chapter.cases.len()
    )
}

fn class(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "pass",
        Grade::B => "weak",
        Grade::C | Grade::D | Grade::F => "fail",
        Grade::Untold => "skip",
    }
}

/// One line for each defect that speaks against the target, and for what else does.
fn wrong(report: &Report) -> String {
    let findings = report.counted_findings();
    let mut lines: Vec<String> = Vec::new();
    for (finding, cases) in &findings {
        lines.push(format!(
            "<span class=\"severity {0}\">{0}</span> <a href=\"#wrong\">{1}</a> ({2})",
            finding.severity.name(),
            prose(&line(&finding.title, MOST_TEXT)),
            count(cases.len(), "case", "cases")
        ));
    }
    let others = report.alarms_beside_findings().len();
    if others > 0 {
        let number = count(others, "case counts", "cases count");
        lines.push(format!("<a href=\"#wrong\">{number}</a> for another reason"));
    }
    let title = "<h3>What is wrong</h3>\n";
    match lines.is_empty() {
        true => format!("{title}<p>Nothing that counts.</p>\n"),
        false => format!("{title}<ol class=\"brief\">\n{}</ol>\n", items(&lines, MOST_DEFECTS)),
    }
}

fn untested(report: &Report) -> String {
    let groups = report.untested(MOST_TEXT);
    if groups.is_empty() {
        return "<h3>What was not tested</h3>\n<p>Every case was played.</p>\n".into();
    }
    let lines: Vec<String> = groups
        .iter()
        .map(|group| {
            let to_test = group
                .to_test
                .map(|to_test| format!(" To test it: <b>{}</b>.", prose(&line(to_test, MOST_TEXT))))
                .unwrap_or_default();
            let places = escaped(&line(&places(&group.cases).join(", "), MOST_TEXT));
            format!("{} × {}.{to_test} <span>{places}</span>", group.cases.len(), escaped(&group.why))
        })
        .collect();
    format!("<h3>What was not tested</h3>\n<ul class=\"brief\">\n{}</ul>\n", items(&lines, MOST_REASONS))
}

/// The first lines as items, and how many more there are.
fn items(lines: &[String], most: usize) -> String {
    let mut out: String = lines.iter().take(most).map(|line| format!("<li>{line}</li>\n")).collect();
    let rest = lines.len().saturating_sub(most);
    if rest > 0 {
        out.push_str(&format!("<li>and {rest} more, below</li>\n"));
    }
    out
}
