//! One page that needs nothing else: no network, no script, though a script helps to find a case.
//!
//! ```text
//! summary ─ what is wrong, in short ─ the standard, part by part: its steps as a strip, then what is wrong at each,
//! with everything that was sent and received ─ what is known, what does not count, passes and skips in short
//! ```

mod case;
mod markup;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::standing::{Standing, counts, grouped, places};
use super::text::{count, line};
use super::{CaseReport, Report};
use stuntkey::webauthn::Step;

use crate::core::verdict::Verdict;
use crate::relying_party::report::clause::{Part, Place};
use markup::{anchor, escaped, fold};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/filter.js");
/// What a target says is cut here in lists, in characters.
const MOST_FOUND: usize = 400;

pub(super) fn write(report: &Report) -> String {
    let mut parts: BTreeMap<Part, BTreeMap<Place, Vec<&CaseReport>>> = BTreeMap::new();
    for case in &report.cases {
        let place = Place::of(&case.clause);
        parts.entry(place.part).or_default().entry(place).or_default().push(case);
    }
    let title = escaped(&line(&report.target, MOST_FOUND));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Conformance of {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        policy()
    );
    out.push_str(&header(report));
    out.push_str("<main>\n");
    out.push_str(&summary(report, &parts));
    out.push_str(&wrong(report));
    for (part, places) in &parts {
        out.push_str(&chapter(*part, places, report));
    }
    out.push_str(&format!("</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"));
    out
}

/// Whatever got into the page, the browser loads nothing and runs nothing but our script.
fn policy() -> String {
    let script = format!("\n{SCRIPT}");
    let digest = stuntkey::encoding::base64url::encode(&Sha256::digest(script.as_bytes()));
    // In the alphabet of RFC 4648 §4, and padded: not every browser reads the other.
    let digest = digest.replace('-', "+").replace('_', "/");
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}='; base-uri 'none'; form-action 'none'"
    )
}

fn header(report: &Report) -> String {
    let class = if report.conforms() { "good" } else { "bad" };
    let mut out = format!(
        "<header>\n<p class=\"kind\">Conformance of a relying party</p>\n<h1>{}</h1>\n<p class=\"conclusion {class}\">{}</p>\n",
        escaped(&line(&report.target, MOST_FOUND)),
        escaped(&report.conclusion())
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

fn summary(report: &Report, parts: &BTreeMap<Part, BTreeMap<Place, Vec<&CaseReport>>>) -> String {
    let mut out = String::from(
        "<section id=\"summary\">\n<h2>Summary</h2>\n<table>\n<thead><tr><th scope=\"col\">Where</th>",
    );
    for verdict in Verdict::ALL {
        out.push_str(&format!("<th scope=\"col\">{verdict}</th>"));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (part, places) in parts {
        let cases: Vec<&CaseReport> = places.values().flatten().copied().collect();
        let name = format!("<a href=\"#{}\">{}</a>", part_anchor(*part), part.title());
        out.push_str(&row(&name, &cases));
    }
    let all: Vec<&CaseReport> = report.cases.iter().collect();
    out.push_str("</tbody>\n<tfoot>\n");
    out.push_str(&row("All", &all));
    out.push_str("</tfoot>\n</table>\n");
    out.push_str(
        "<p class=\"note\"><b>weak</b>: it refused, but by breaking down or for another reason. \
         <b>skip</b>: the case says nothing about this target. <b>error</b>: the case could not be played to its end.</p>\n",
    );
    // The script shows it.
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

/// Every alarm in a line.
fn wrong(report: &Report) -> String {
    let alarms = report.alarms_by_severity();
    if alarms.is_empty() {
        return String::new();
    }
    let mut out =
        format!("<section id=\"wrong\">\n<h2>What is wrong ({})</h2>\n<ol class=\"wrong\">\n", alarms.len());
    for case in alarms {
        let otherwise = case.expected_otherwise().map(|expected| format!(" (expected: {expected})"));
        let asked = format!("{}{}", case.requirement, otherwise.unwrap_or_default());
        out.push_str(&format!(
            "<li data-words=\"{}\">{} <span class=\"severity\">{}</span> <a href=\"#{}\"><code>{}</code></a> \
             <span class=\"asked\">{}</span></li>\n",
            case::words(case),
            case::verdict(case),
            case.severity.name(),
            anchor(&case.id),
            escaped(&line(&case.id, MOST_FOUND)),
            escaped(&line(&asked, MOST_FOUND)),
        ));
    }
    out.push_str("</ol>\n</section>\n");
    out
}

fn part_anchor(part: Part) -> &'static str {
    match part {
        Part::Registration => "registration",
        Part::Authentication => "authentication",
        Part::Elsewhere => "elsewhere",
        Part::Beyond => "beyond",
    }
}

fn chapter(part: Part, places: &BTreeMap<Place, Vec<&CaseReport>>, report: &Report) -> String {
    let id = part_anchor(part);
    let mut out = format!("<section id=\"{id}\" class=\"part\">\n<h2>{}</h2>\n", part.title());
    out.push_str(&strip(part, places, report));
    let of = |standing| {
        let cases = places.values().flatten().copied();
        cases.filter(move |case| case.standing(report.strict) == standing).collect::<Vec<_>>()
    };
    for (place, cases) in places {
        let alarms: Vec<_> =
            cases.iter().filter(|case| case.standing(report.strict) == Standing::Alarm).collect();
        if alarms.is_empty() {
            continue;
        }
        let (anchor, title) = (place_anchor(place), escaped(&place.title()));
        out.push_str(&format!("<section class=\"step\" id=\"{anchor}\">\n<h3>{title}</h3>\n"));
        for case in alarms {
            out.push_str(&case::alarm(case, &report.origin));
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
        by_reason(&grouped(cases, |case| line(case.found(), MOST_FOUND)), places_of)
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

/// A list that is folded up.
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

/// The steps of a ceremony, each as good as its worst case.
fn strip(part: Part, places: &BTreeMap<Place, Vec<&CaseReport>>, report: &Report) -> String {
    if part.steps().next().is_none() {
        return String::new();
    }
    let mut out = String::from(
        "<p class=\"note\">The steps of the ceremony, each as good as its worst case; those at which something is wrong \
         are links.</p>\n<ol class=\"strip\" aria-label=\"Steps\">\n",
    );
    for Step { number: step, title, .. } in part.steps() {
        let cases: Vec<&CaseReport> = places
            .iter()
            .filter(|(place, _)| place.step == Some(step))
            .flat_map(|(_, cases)| cases)
            .copied()
            .collect();
        let worst = cases
            .iter()
            .map(|case| (case.standing(report.strict), case.verdict))
            .min_by_key(|(standing, _)| rank(*standing));
        let (class, is_alarm) = match worst {
            None => ("none", false),
            Some((Standing::Alarm, verdict)) => {
                (if verdict == Verdict::Error { "error" } else { "fail" }, true)
            }
            Some((Standing::Known | Standing::Uncounted, _)) => ("weak", false),
            Some((Standing::Passed, _)) => ("pass", false),
            Some((Standing::Skipped, _)) => ("skip", false),
        };
        let told: Vec<String> = counts(&cases)
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(verdict, count)| format!("{count} {verdict}"))
            .collect();
        let told = if told.is_empty() { "no cases".into() } else { told.join(", ") };
        let place = places.keys().find(|place| place.step == Some(step));
        let label = format!("Step {step}, {title}: {told}");
        let number = format!(
            "<span aria-hidden=\"true\">{step}</span><span class=\"unseen\">{}</span>",
            escaped(&label)
        );
        let number = match place.filter(|_| is_alarm) {
            Some(place) => format!("<a href=\"#{}\">{number}</a>", place_anchor(place)),
            None => number,
        };
        out.push_str(&format!("<li class=\"{class}\" title=\"{}\">{number}</li>\n", escaped(&label)));
    }
    out.push_str("</ol>\n");
    out
}

fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Alarm => 0,
        Standing::Uncounted => 1,
        Standing::Known => 2,
        Standing::Passed => 3,
        Standing::Skipped => 4,
    }
}

fn place_anchor(place: &Place) -> String {
    match place.step {
        Some(step) => format!("s{}-{step}", place.section()),
        None => format!("s{}", place.section()),
    }
}
