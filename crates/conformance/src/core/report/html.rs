//! One HTML page that loads nothing. It can be read without scripts; with its own script, cases can be searched.
//!
//! ```text
//! the first page: the steps as strips ─ summary: grades, what is wrong, what was not tested
//! verdicts ─ what is wrong ─ the documents, part by part: what is wrong at each step, with what was changed, and
//! everything that was sent and received ─ what is known, what does not count, passes and skips in short
//! ```

mod case;
mod contrast;
mod strip;
mod summary;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::markup::{anchor, escaped, fold, head, prose};
use super::standing::{Standing, counts, grouped, places};
use super::target_kind::{Part, Place, TargetKind};
use super::text::{count, line};
use super::{CaseReport, Finding, Report};
use crate::core::verdict::Verdict;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/filter.js");
/// How many characters of the target's words are shown in a list.
const MOST_FOUND: usize = 400;

/// The cases of a part by their places.
type Places<'r> = BTreeMap<Place, Vec<&'r CaseReport>>;

pub(super) fn write(report: &Report, kind: &dyn TargetKind) -> String {
    let mut places: BTreeMap<usize, Places<'_>> = BTreeMap::new();
    for case in &report.cases {
        let place = kind.place(&case.clause);
        places.entry(place.part).or_default().entry(place).or_default().push(case);
    }
    let parts: Vec<(usize, Part, Places<'_>)> = places
        .into_iter()
        .filter_map(|(number, places)| Some((number, *kind.parts().get(number)?, places)))
        .collect();
    let title = escaped(&line(&report.target, MOST_FOUND));
    let mut out = head(&format!("Conformance of {title}"), Some(&script_source()), STYLE);
    out.push_str(&header(report, kind));
    out.push_str("<main>\n");
    out.push_str(&strip::section(&parts, report, kind));
    out.push_str(&summary::section(report));
    out.push_str(&verdicts(report, &parts));
    out.push_str(&wrong(report));
    for (_, part, places) in &parts {
        out.push_str(&chapter(part, places, report, kind));
    }
    out.push_str(&format!("</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"));
    out
}

/// The one script that the browser may run, whatever a target smuggles into the page: ours, by its hash.
fn script_source() -> String {
    let script = format!("\n{SCRIPT}");
    let digest = stuntkey::encoding::base64url::encode(&Sha256::digest(script.as_bytes()));
    // Standard base64 with padding (RFC 4648 §4), as not every browser reads base64url here.
    let digest = digest.replace('-', "+").replace('_', "/");
    format!("'sha256-{digest}='")
}

fn header(report: &Report, kind: &dyn TargetKind) -> String {
    let class = if report.conforms() { "good" } else { "bad" };
    let mut out = format!(
        "<header>\n<p class=\"kind\">Conformance of {}</p>\n<h1>{}</h1>\n<p class=\"conclusion {class}\">{}</p>\n",
        kind.noun(),
        escaped(&line(&report.target, MOST_FOUND)),
        escaped(&report.headline())
    );
    for trouble in report.troubles() {
        out.push_str(&format!(
            "<p class=\"trouble\">Trouble: {}</p>\n",
            escaped(&line(&trouble, MOST_FOUND))
        ));
    }
    out.push_str("<dl class=\"facts\">\n");
    let [lasting, changing] = report.facts();
    for (name, value) in lasting.iter().skip(1).chain(&changing) {
        out.push_str(&format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", escaped(&line(value, MOST_FOUND))));
    }
    out.push_str("</dl>\n</header>\n");
    out
}

fn verdicts(report: &Report, parts: &[(usize, Part, Places<'_>)]) -> String {
    let mut out = String::from(
        "<section id=\"verdicts\">\n<h2>Verdicts</h2>\n<table>\n<thead><tr><th scope=\"col\">Where</th>",
    );
    for verdict in Verdict::ALL {
        out.push_str(&format!("<th scope=\"col\">{verdict}</th>"));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (_, part, places) in parts {
        let cases: Vec<&CaseReport> = places.values().flatten().copied().collect();
        let name = format!("<a href=\"#{}\">{}</a>", part.anchor, part.title);
        out.push_str(&row(&name, &cases));
    }
    let all: Vec<&CaseReport> = report.cases.iter().collect();
    out.push_str("</tbody>\n<tfoot>\n");
    out.push_str(&row("All", &all));
    out.push_str("</tfoot>\n</table>\n");
    out.push_str(
        "<p class=\"note\"><b>weak</b>: it refused, but by breaking down or for another reason. \
         <b>advice</b>: it keeps to the standard, but not to good practice. \
         <b>skip</b>: the case says nothing about this target. <b>error</b>: the case could not be played to its end.</p>\n",
    );
    // The script shows the search field, which does nothing without it.
    out.push_str(
        "<p id=\"filter\" hidden><label for=\"words\">Find cases</label> \
         <input id=\"words\" type=\"search\" placeholder=\"origin, §7.1 step 9, critical …\" autocomplete=\"off\"> \
         <output for=\"words\"></output></p>\n</section>\n",
    );
    out
}

fn row(name: &str, cases: &[&CaseReport]) -> String {
    let cell = |(verdict, count): &(Verdict, usize)| match count {
        0 => "<td class=\"none\">0</td>".to_owned(),
        count => format!("<td class=\"{verdict}\">{count}</td>"),
    };
    let cells: String = counts(cases).iter().map(cell).collect();
    format!("<tr><th scope=\"row\">{name}</th>{cells}</tr>\n")
}

/// What is wrong by its defects, and in one line each alarm, with a link to the case.
fn wrong(report: &Report) -> String {
    let alarms = report.alarms_by_severity();
    if alarms.is_empty() {
        return String::new();
    }
    let findings = report.counted_findings();
    let mut out = format!("<section id=\"wrong\">\n<h2>What is wrong ({})</h2>\n", findings.len());
    if !findings.is_empty() {
        let findings: String = findings.iter().map(|(finding, cases)| defect(finding, cases)).collect();
        out.push_str(&format!("<ol class=\"findings\">\n{findings}</ol>\n"));
    }
    let cases: String = alarms.iter().map(|case| alarm_line(case)).collect();
    let title = format!("Case by case ({})", alarms.len());
    out.push_str(&fold(
        "list",
        findings.is_empty(),
        &title,
        &format!("<ol class=\"wrong\">\n{cases}</ol>\n"),
    ));
    out.push_str("</section>\n");
    out
}

fn defect(finding: &Finding, cases: &[&CaseReport]) -> String {
    let said = |text: &str| prose(&line(text, MOST_FOUND));
    let shown = |text: &str| escaped(&line(text, MOST_FOUND));
    let hint = finding.hint_sentence();
    let hint =
        hint.map(|hint| format!("<div><dt>Code</dt><dd>{}</dd></div>\n", said(&hint))).unwrap_or_default();
    let links: Vec<String> = cases
        .iter()
        .map(|case| format!("<a href=\"#{}\"><code>{}</code></a>", anchor(&case.id), shown(&case.id)))
        .collect();
    format!(
        "<li><h3>{}</h3>\n<p class=\"weight\"><span class=\"severity {}\">{}</span> {} · {}</p>\n\
         <dl>\n<div><dt>So</dt><dd>{}</dd></div>\n<div><dt>To do</dt><dd>{}</dd></div>\n{hint}</dl>\n{}</li>\n",
        said(&finding.title),
        finding.severity.name(),
        finding.severity.name(),
        finding.level.name(),
        count(cases.len(), "case", "cases"),
        said(&finding.consequence),
        said(&finding.remedy),
        fold("cases", false, "The cases", &format!("<p>{}</p>\n", links.join(", "))),
    )
}

fn alarm_line(case: &CaseReport) -> String {
    let otherwise = case.expected_otherwise().map(|expected| format!(" (expected: {expected})"));
    let asked = format!("{}{}", case.requirement, otherwise.unwrap_or_default());
    format!(
        "<li data-words=\"{}\">{} <span class=\"severity\">{}</span> <a href=\"#{}\"><code>{}</code></a> \
         <span class=\"asked\">{}</span></li>\n",
        case::words(case),
        case::verdict(case),
        case.severity.name(),
        anchor(&case.id),
        escaped(&line(&case.id, MOST_FOUND)),
        escaped(&line(&asked, MOST_FOUND)),
    )
}

fn chapter(part: &Part, places: &Places<'_>, report: &Report, kind: &dyn TargetKind) -> String {
    let mut out = format!("<section id=\"{}\" class=\"part\">\n<h2>{}</h2>\n", part.anchor, part.title);
    let of = |standing| {
        let cases = places.values().flatten().copied();
        cases.filter(move |case| case.standing(report.fail_on) == standing).collect::<Vec<_>>()
    };
    for (place, cases) in places {
        let alarms: Vec<_> =
            cases.iter().filter(|case| case.standing(report.fail_on) == Standing::Alarm).collect();
        if alarms.is_empty() {
            continue;
        }
        let (anchor, title) = (place.anchor(), escaped(&place.title));
        out.push_str(&format!("<section class=\"step\" id=\"{anchor}\">\n<h3>{title}</h3>\n"));
        for case in alarms {
            out.push_str(&case::alarm(case, &report.origin, kind));
        }
        out.push_str("</section>\n");
    }
    let known = of(Standing::Known);
    out.push_str(&list("As expected", &known, |cases| {
        let reason = |case: &CaseReport| {
            let reason = case.expected.as_ref().map(|expected| expected.reason.clone()).unwrap_or_default();
            format!("{}: {}", case.verdict, line(&reason, MOST_FOUND))
        };
        by_reason(&grouped(cases, reason), |cases| cases.iter().map(|case| case.id.clone()).collect())
    }));
    let uncounted = of(Standing::Uncounted);
    out.push_str(&list("Does not count", &uncounted, |cases| {
        cases.iter().map(|case| case::short(case, Some(case.found()))).collect()
    }));
    let skips = of(Standing::Skipped);
    out.push_str(&list("Skipped", &skips, |cases| {
        by_reason(&grouped(cases, CaseReport::skip_reason), places_of)
    }));
    let passed = of(Standing::Passed);
    out.push_str(&list("Passed", &passed, |cases| {
        cases.iter().map(|case| case::short(case, None)).collect()
    }));
    out.push_str("</section>\n");
    out
}

fn places_of(cases: &[&CaseReport]) -> Vec<String> {
    places(cases)
}

/// A list that is closed at first.
fn list(title: &str, cases: &[&CaseReport], items: impl FnOnce(&[&CaseReport]) -> String) -> String {
    if cases.is_empty() {
        return String::new();
    }
    let title = format!("{title}: {}", count(cases.len(), "case", "cases"));
    fold("list", false, &title, &format!("<ul>\n{}</ul>\n", items(cases)))
}

fn by_reason(groups: &[(String, Vec<&CaseReport>)], ids: impl Fn(&[&CaseReport]) -> Vec<String>) -> String {
    let mut out = String::new();
    for (reason, cases) in groups {
        let words: Vec<String> = cases.iter().map(|case| case::words(case)).collect();
        let ids: Vec<String> =
            ids(cases).iter().map(|id| format!("<code>{}</code>", escaped(&line(id, MOST_FOUND)))).collect();
        let number = cases.len();
        out.push_str(&format!(
            "<li data-words=\"{}\">{} × {}<br>{}</li>\n",
            words.join(" "),
            number,
            escaped(reason),
            ids.join(", ")
        ));
    }
    out
}
