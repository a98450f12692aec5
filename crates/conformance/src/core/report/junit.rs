//! JUnit's XML, as CI servers read it: a suite for each chapter of a ceremony, and one for the run itself.
//!
//! There are several schemas. The output is valid by the strictest, Ant's, in which a test case holds one of `failure`,
//! `error` and `skipped` and nothing else, and by Jenkins'.

use std::fmt::Write as _;

use super::standing::Standing;
use super::text::{harmless, lines, seconds};
use super::{CaseReport, Report};
use crate::core::verdict::Verdict;

/// How many characters of the target's words are shown.
const MOST_FOUND: usize = 4000;
/// The time of a report that has none, as Ant's schema requires one.
const NO_TIME: &str = "1970-01-01T00:00:00";

pub(super) fn write(report: &Report) -> String {
    let mut suites: Vec<Suite> = vec![run(report)];
    for chapter in report.chapters() {
        let cases = chapter.cases.iter().map(|case| test(case, report)).collect();
        suites.push(Suite { name: format!("{}/{}", chapter.ceremony, chapter.name), cases });
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Ant's schema allows no totals here; readers add up those of the suites.
    line(&mut out, 0, "<testsuites>");
    for (id, suite) in suites.iter().enumerate() {
        suite.write(id, report, &mut out);
    }
    line(&mut out, 0, "</testsuites>");
    out
}

struct Suite {
    name: String,
    cases: Vec<Test>,
}

struct Test {
    class: String,
    name: String,
    milliseconds: u64,
    outcome: Outcome,
}

/// How JUnit shows a case.
enum Outcome {
    Passed,
    /// CI servers list it apart, and not as a failure.
    Skipped(String),
    Failed {
        kind: &'static str,
        message: String,
        text: String,
    },
    Broken {
        message: String,
        text: String,
    },
}

/// Tests about the run itself: CI has to fail as well if something is wrong apart from the cases. Every report has these
/// tests, so that a CI server sees when they pass again.
fn run(report: &Report) -> Suite {
    let test = |name: &str, trouble: Option<String>| Test {
        class: "run".into(),
        name: name.into(),
        milliseconds: 0,
        outcome: match trouble {
            None => Outcome::Passed,
            Some(message) => Outcome::Broken { text: message.clone(), message },
        },
    };
    let unreached = (!report.reached).then(|| "the target could not be reached".to_owned());
    let incomplete = (!report.complete).then(|| "the run is not complete".to_owned());
    let cases = vec![
        test("the target is reached", unreached),
        test("every case is played", incomplete),
        test("sound ceremonies pass before and after the cases", report.trouble.clone()),
    ];
    Suite { name: "run".into(), cases }
}

fn test(case: &CaseReport, report: &Report) -> Test {
    let name: Vec<&str> = case.id.split('/').skip(2).collect();
    Test {
        class: case.place().replace('/', "."),
        name: if name.is_empty() { case.id.clone() } else { name.join("/") },
        milliseconds: case.milliseconds,
        outcome: outcome(case, report),
    }
}

/// Only a case that speaks against the target is a failure. A known failure, and a SHOULD or a weak refusal that does not
/// count, is skipped with the reason, and not passed: CI servers show no text for a pass, and Ant's schema has no place
/// for one, so nobody would see the reason.
fn outcome(case: &CaseReport, report: &Report) -> Outcome {
    match case.standing(report.fail_on) {
        Standing::Passed => Outcome::Passed,
        Standing::Skipped => Outcome::Skipped(case.found().to_owned()),
        Standing::Known => {
            let reason = case.expected.as_ref().map(|expected| expected.reason.as_str()).unwrap_or_default();
            Outcome::Skipped(format!("{} as expected: {reason}", case.verdict))
        }
        Standing::Uncounted => Outcome::Skipped(format!(
            "{}, does not count ({}): {}",
            case.verdict,
            case.why_uncounted(),
            case.found()
        )),
        Standing::Alarm => {
            let message = case.found().to_owned();
            let mut text = format!(
                "{}\n{}, {}, {}\nasked: {}\nfound: {}",
                case.id,
                case.level.name(),
                case.severity.name(),
                case.clause,
                case.requirement,
                case.found()
            );
            if let Some(changed) = case.changed() {
                text.push_str(&format!("\nchanged: {changed}"));
            }
            if let Some(finding) = report.findings.iter().find(|finding| finding.cases.contains(&case.id)) {
                let (title, so, remedy) = (&finding.title, &finding.consequence, &finding.remedy);
                text.push_str(&format!("\ndefect: {title}\nso: {so}\nto do: {remedy}"));
                if let Some(hint) = finding.hint_sentence() {
                    text.push_str(&format!("\ncode: {hint}"));
                }
            }
            if let Some(expected) = case.expected_otherwise() {
                text.push_str(&format!("\nexpected: {expected}"));
            }
            match case.verdict {
                Verdict::Error => Outcome::Broken { message, text },
                verdict => Outcome::Failed { kind: verdict.name(), message, text },
            }
        }
    }
}

fn counts(tests: &[Test]) -> String {
    let count = |fits: fn(&Outcome) -> bool| tests.iter().filter(|test| fits(&test.outcome)).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        tests.len(),
        count(|outcome| matches!(outcome, Outcome::Failed { .. })),
        count(|outcome| matches!(outcome, Outcome::Broken { .. })),
        count(|outcome| matches!(outcome, Outcome::Skipped(_))),
    )
}

impl Suite {
    fn write(&self, id: usize, report: &Report, out: &mut String) {
        let name = attribute(&self.name);
        let time = seconds(self.cases.iter().map(|test| test.milliseconds).sum());
        let (counts, began) = (counts(&self.cases), timestamp(&report.began));
        line(
            out,
            1,
            &format!(
                "<testsuite id=\"{id}\" name=\"{name}\" package=\"{name}\" hostname=\"localhost\" timestamp=\"{began}\" {counts} time=\"{time}\">"
            ),
        );
        line(out, 2, "<properties>");
        let [lasting, changing] = report.facts();
        for (name, value) in lasting.iter().chain(changing.iter().filter(|(name, _)| *name == "seed")) {
            line(out, 3, &format!("<property name=\"{}\" value=\"{}\"/>", attribute(name), attribute(value)));
        }
        line(out, 2, "</properties>");
        self.cases.iter().for_each(|test| test.write(out));
        line(out, 2, "<system-out></system-out>");
        line(out, 2, "<system-err></system-err>");
        line(out, 1, "</testsuite>");
    }
}

impl Test {
    fn write(&self, out: &mut String) {
        let (class, name, time) = (attribute(&self.class), attribute(&self.name), seconds(self.milliseconds));
        let open = format!("<testcase classname=\"{class}\" name=\"{name}\" time=\"{time}\"");
        let (element, kind, message, text) = match &self.outcome {
            Outcome::Passed => return line(out, 2, &format!("{open}/>")),
            Outcome::Skipped(message) => {
                line(out, 2, &format!("{open}>"));
                line(out, 3, &format!("<skipped message=\"{}\"/>", attribute(message)));
                return line(out, 2, "</testcase>");
            }
            Outcome::Failed { kind, message, text } => ("failure", *kind, message, text),
            Outcome::Broken { message, text } => ("error", "error", message, text),
        };
        line(out, 2, &format!("{open}>"));
        let (message, text) = (attribute(message), content(text));
        line(out, 3, &format!("<{element} type=\"{kind}\" message=\"{message}\">{text}</{element}>"));
        line(out, 2, "</testcase>");
    }
}

fn line(out: &mut String, depth: usize, text: &str) {
    let indent = "  ".repeat(depth);
    writeln!(out, "{indent}{text}").expect("a String takes everything");
}

/// The time without its zone, which Ant's schema does not allow. It is UTC.
fn timestamp(began: &str) -> &str {
    let fits = |text: &&str| {
        text.len() == NO_TIME.len()
            && text
                .chars()
                .zip(NO_TIME.chars())
                .all(|(c, model)| c == model || c.is_ascii_digit() && model.is_ascii_digit())
    };
    began.get(..NO_TIME.len()).filter(fits).unwrap_or(NO_TIME)
}

/// Escapes text for an attribute in double quotes, on one line: a parser turns line breaks in attributes into spaces.
fn attribute(text: &str) -> String {
    escaped(&super::text::line(text, MOST_FOUND))
}

fn content(text: &str) -> String {
    escaped(&super::text::clip(&lines(text), MOST_FOUND))
}

/// Escapes text (XML 1.0 §2.4), and replaces characters that XML does not allow (§2.2).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            other => out.push(harmless(other)),
        }
    }
    out
}
