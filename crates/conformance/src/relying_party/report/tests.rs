//! One report in every format is compared with a file in `snapshots/`, and read by readers that are not ours.
//! `interop/python/reports.py` has more of those, which read these files.

pub(crate) mod fixture;
mod grades;
mod sarif;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::Expected;
use crate::core::case::Level;
use crate::core::report::{CaseReport, Conclusion, FailOn, Format, Report, TerminalStyle, compare};
use crate::core::verdict::Verdict;
use fixture::{case, report};

/// Written by `STUNTKEY_BLESS=1 cargo test -p stuntkey-conformance report`.
fn expect_file(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/relying_party/report/snapshots").join(name);
    if std::env::var_os("STUNTKEY_BLESS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if text != expected {
        let line = text.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
        panic!(
            "{name} differs at line {:?}: {:?}",
            line.map(|line| line + 1),
            line.and_then(|line| text.lines().nth(line))
        );
    }
}

/// The report, and variants of it that conform, or do not, in every possible way.
fn reports() -> Vec<Report> {
    let base = Report { complete: true, trouble: None, ..report() };
    let only = |cases: Vec<CaseReport>| Report { cases, ..base.clone() };
    let id = "registration/trust/expired/leaf";
    let mut reports = vec![
        report(),
        base.clone(),
        Report { fail_on: FailOn::Should, ..base.clone() },
        only(Vec::new()),
        Report { complete: false, ..only(Vec::new()) },
        Report {
            complete: false,
            reached: false,
            trouble: Some("connection refused".into()),
            ..only(Vec::new())
        },
        Report { trouble: Some("the login failed".into()), ..only(vec![case(id, Verdict::Pass, "")]) },
    ];
    for verdict in Verdict::ALL {
        for expected in std::iter::once(None).chain(Verdict::ALL.iter().map(Some)) {
            let expected = expected.map(|verdict| Expected { verdict: *verdict, reason: "known".into() });
            for level in [Level::Must, Level::Should, Level::May, Level::Advice] {
                let one = CaseReport { level, expected: expected.clone(), ..case(id, *verdict, "why") };
                reports.push(only(vec![one.clone()]));
                reports.push(Report { fail_on: FailOn::Should, ..only(vec![one]) });
            }
        }
    }
    reports
}

#[test]
fn every_format_is_as_in_its_snapshot() {
    for (end, format) in Format::ALL {
        expect_file(&format!("report.{end}"), &report().to_text(*format));
    }
    expect_file("report.txt", &report().to_terminal(TerminalStyle::plain(80)));
    expect_file("report-narrow.txt", &report().to_terminal(TerminalStyle::plain(40)));
    expect_file("report-colour.txt", &report().to_terminal(TerminalStyle { width: 120, colour: true }));
}

#[test]
fn a_comparison_is_as_in_its_snapshot() {
    let old = report();
    let mut new = report();
    new.cases.remove(0);
    new.cases.retain(|case| case.id != "authentication/signature/empty");
    for case in &mut new.cases {
        match case.id.as_str() {
            "registration/client-data/origin/missing" => case.verdict = Verdict::Pass,
            "registration/reply/response/missing" => {
                case.verdict = Verdict::Fail;
                case.why = fixture::HOSTILE.into();
            }
            _ => {}
        }
    }
    new.cases.push(case("authentication/new/case", Verdict::Weak, "500"));
    let comparison = compare(&old, &new);
    assert!(comparison.is_worse());
    expect_file("comparison.txt", &comparison.to_terminal(TerminalStyle::plain(80)));
    expect_file("comparison.md", &comparison.to_markdown());
    let same = compare(&old, &old);
    assert_eq!(same.to_terminal(TerminalStyle::plain(80)), "no worse: 18 the same\n");
    assert_eq!(same.to_markdown(), "**no worse: 18 the same**\n");
}

#[test]
fn json_holds_the_whole_report() {
    for report in reports() {
        assert_eq!(Report::from_json(&report.to_text(Format::Json)).unwrap(), report);
    }
}

#[test]
fn no_control_sequence_of_the_target_reaches_the_terminal() {
    for report in reports() {
        for width in [0, 39, 40, 41, 50, 57, 80, 120, 200, usize::MAX] {
            let plain = report.to_terminal(TerminalStyle::plain(width));
            for line in plain.lines() {
                assert!(line.chars().count() <= width.clamp(40, 120), "{width}: {line}");
                assert!(line.chars().all(|c| crate::core::report::text::harmless(c) == c), "{line:?}");
                assert!(!line.ends_with(' '), "{line:?}");
                assert!(
                    !line.trim_start().starts_with("::") && !line.contains("##"),
                    "a command for CI: {line:?}"
                );
            }
            let coloured = report.to_terminal(TerminalStyle { width, colour: true });
            assert_eq!(without_colours(&coloured), plain);
        }
    }
}

/// Removes SGR sequences, and checks that every colour that begins also ends.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap().to_owned();
    let mut coloured = false;
    for part in parts {
        let (parameters, rest) = part.split_once('m').unwrap();
        assert_eq!(parameters == "0", coloured, "{part:?}");
        coloured = !coloured;
        plain.push_str(rest);
    }
    assert!(!coloured);
    plain.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

#[test]
fn the_last_line_is_the_verdict_on_the_whole() {
    let last = |report: &Report| {
        let text = report.to_terminal(TerminalStyle::plain(120));
        let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
        last.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for report in reports() {
        let line = last(&report);
        assert_eq!(line.starts_with("conforms: "), report.conforms(), "{line}");
        // If no case was played, or none to its end, nothing speaks against the target.
        let broken_off = |case: &&CaseReport| case.verdict == Verdict::Error && case.expected.is_none();
        let is_against = report.trouble.is_some() && !report.cases.is_empty()
            || !report.alarms().all(|case| broken_off(&case));
        assert_eq!(line.starts_with("does not conform: "), is_against, "{line}");
        assert!(report.conforms() || is_against || line.starts_with("no verdict: "), "{line}");
        let expected = match (report.conforms(), is_against) {
            (true, _) => Conclusion::Conforms,
            (false, true) => Conclusion::DoesNotConform,
            (false, false) => Conclusion::NoVerdict,
        };
        assert_eq!(report.conclusion(), expected);
    }
    assert_eq!(
        last(&report()),
        "does not conform: 3 failed by 3 defects, 1 broken off, 1 passed unexpectedly, 1 not as expected, trouble; \
         3 skipped; not complete"
    );
}

#[test]
fn a_badge_has_the_verdict() {
    let message = |report: Report| {
        let badge: Value = serde_json::from_str(&report.to_badge()).unwrap();
        assert_eq!((&badge["schemaVersion"], &badge["label"]), (&1.into(), &"WebAuthn l3".into()));
        format!("{} {}", badge["color"].as_str().unwrap(), badge["message"].as_str().unwrap())
    };
    assert_eq!(message(report()), "red 3 defects");
    let passed = vec![case("registration/options/readable", Verdict::Pass, "")];
    let sound = Report { complete: true, trouble: None, findings: Vec::new(), cases: passed, ..report() };
    assert_eq!(message(sound.clone()), "brightgreen conforms, 1 passed");
    assert_eq!(message(Report { complete: false, ..sound }), "lightgrey no verdict");
}

/// A run that was interrupted, or never began, has no verdict on the target.
#[test]
fn a_run_without_failures_that_is_not_complete_has_no_verdict() {
    let headline = |report: Report| {
        assert_eq!(report.conclusion(), Conclusion::NoVerdict);
        report.to_terminal(TerminalStyle::plain(120)).lines().last().unwrap_or_default().to_owned()
    };
    let base = Report { complete: false, trouble: None, cases: Vec::new(), ..report() };
    let refused = Some("a sound registration and login at the beginning: 400 wrong origin".into());
    let never_begun = Report { trouble: refused, ..base.clone() };
    assert_eq!(headline(never_begun), "no verdict: no case could be played");
    let unreached = Report { reached: false, trouble: Some("connection refused".into()), ..base.clone() };
    assert_eq!(headline(unreached), "no verdict: the target could not be reached");
    let passed = case("registration/options/readable", Verdict::Pass, "");
    let interrupted = Report { cases: vec![passed], ..base };
    assert_eq!(headline(interrupted), "no verdict: 1 passed, then the run was stopped");
}

#[test]
fn trouble_is_shown_once_and_advice_in_the_headline() {
    let text = report().to_terminal(TerminalStyle::plain(120));
    assert_eq!(text.matches("TROUBLE").count(), 2, "one for the run, one for the login: {text}");
    let skip = case("registration/accepts/format/tpm", Verdict::Skip, "it refused the registration");
    let advice = Some("1 of the skipped cases is about attestation".into());
    let report = Report { complete: true, trouble: None, advice, cases: vec![skip], ..report() };
    let text = report.to_terminal(TerminalStyle::plain(120));
    let last = text.lines().last().unwrap();
    assert_eq!(last, "conforms: 0 passed, 1 skipped. 1 of the skipped cases is about attestation");
}

#[test]
fn many_reasons_to_skip_are_cut_at_a_terminal() {
    let skip = |number: usize| {
        case(&format!("registration/trust/{number}"), Verdict::Skip, &format!("reason {number}"))
    };
    let report = Report { cases: (0..20).map(skip).collect(), ..report() };
    let text = report.to_terminal(TerminalStyle::plain(80));
    assert_eq!(text.matches("   1 ×  reason ").count(), 12);
    assert!(text.contains("   8 ×  other reasons, "), "{text}");
    // The other formats have all of them.
    for (_, format) in Format::ALL.iter().filter(|(_, format)| *format != Format::Sarif) {
        let text = report.to_text(*format);
        assert!((0..20).all(|number| text.contains(&format!("reason {number}"))), "{format:?}");
    }
}

#[test]
fn an_unexpected_pass_is_shown_in_every_format() {
    let pass = CaseReport {
        expected: Some(Expected { verdict: Verdict::Fail, reason: "issue 12".into() }),
        ..case("registration/trust/expired/leaf", Verdict::Pass, "")
    };
    let report = Report { complete: true, trouble: None, cases: vec![pass], ..report() };
    assert!(!report.conforms());
    let texts = Format::ALL.iter().map(|(_, format)| report.to_text(*format));
    for text in texts.skip(1).chain([report.to_terminal(TerminalStyle::plain(120))]) {
        assert!(text.contains("an unexpected pass") && text.contains("fail (issue 12)"), "{text}");
    }
}

#[test]
fn junit_has_failures_only_if_the_target_does_not_conform() {
    for report in reports() {
        let text = report.to_text(Format::Junit);
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        let number = |node: roxmltree::Node<'_, '_>, name: &str| -> usize {
            node.attribute(name).unwrap().parse().unwrap()
        };
        let tests = |node: roxmltree::Node<'_, '_>, tag: &str| {
            node.descendants().filter(|n| n.has_tag_name(tag)).count()
        };
        let suites: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
        for (id, suite) in suites.iter().enumerate() {
            assert_eq!(number(*suite, "id"), id);
            for (attribute, tag) in
                [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
            {
                assert_eq!(number(*suite, attribute), tests(*suite, tag), "{attribute}");
            }
        }
        let red = tests(root, "failure") + tests(root, "error");
        assert_eq!(red == 0, report.conforms(), "{text}");
        let troubles = usize::from(!report.complete)
            + usize::from(!report.reached)
            + usize::from(report.trouble.is_some());
        assert_eq!(red, report.alarms().count() + troubles);
        // Three tests are about the run.
        assert_eq!(tests(root, "testcase"), report.cases.len() + 3);
    }
}

#[test]
fn junit_shows_what_the_target_said() {
    let text = report().to_text(Format::Junit);
    let document = roxmltree::Document::parse(&text).unwrap();
    let failure = |name: &str| {
        let test = document.descendants().find(|node| node.attribute("name") == Some(name)).unwrap();
        test.first_element_child().unwrap()
    };
    let hostile = failure("reply/unknown-transport");
    assert!(hostile.has_tag_name("failure") && hostile.attribute("type") == Some("fail"));
    let shown = hostile.text().unwrap();
    assert!(shown.contains("</pre><script>alert(1)</script> ]]> --> &amp; \"quoted\""), "{shown}");
    assert!(shown.contains("\u{fffd}[31mred"), "{shown}");
    assert!(failure("origin/not-text").has_tag_name("error"));
    assert!(
        failure("origin/port").attribute("message").unwrap().starts_with("fail as expected: the gateway")
    );
    assert!(
        failure("expired/leaf")
            .attribute("message")
            .unwrap()
            .starts_with("fail, does not count (a SHOULD): ")
    );
    let class = failure("origin/missing").parent_element().unwrap().attribute("classname");
    assert_eq!(class, Some("registration.client-data"));
}

#[test]
fn html_has_every_case_once_and_no_markup_of_the_target() {
    for report in reports() {
        let text = report.to_text(Format::Html);
        assert_eq!(text.matches("<script>").count(), 1);
        assert_eq!(text.matches("<article ").count(), report.alarms().count());
        assert!(!text.contains("alert(1)</"), "markup of the target");
        assert!(
            text.chars().all(|c| matches!(c, '\n' | '\t') || crate::core::report::text::harmless(c) == c)
        );
        let quoted = |name: &str| -> Vec<&str> {
            text.split(&format!(" {name}=\"")).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
        };
        let ids: BTreeSet<&str> = quoted("id").into_iter().collect();
        assert_eq!(ids.len(), quoted("id").len(), "an id is there twice");
        for link in quoted("href") {
            let target = link.strip_prefix('#');
            assert!(target.is_none_or(|id| ids.contains(id)), "{link} leads nowhere");
            assert!(target.is_some() || link.starts_with("https://www.w3.org/TR/webauthn-3/"), "{link}");
        }
    }
    let text = report().to_text(Format::Html);
    for case in report().cases.iter().filter(|case| case.verdict != Verdict::Skip) {
        let id = case.id.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let shown = text.replace("<wbr>", "");
        assert!(shown.contains(&format!("<code>{id}</code>")), "{id}");
    }
}

#[test]
fn html_has_the_requests_to_send_again() {
    let text = report().to_text(Format::Html);
    let expected = "--data-raw &#39;{&quot;username&quot;:&quot;it&#39;\\&#39;&#39;s me&quot;}&#39; |\n  \
                    stuntkey register --origin http://localhost:8080 --reply fido --fault client-data/origin/missing |\n  \
                    curl -sS -g -b jar -c jar --url http://localhost:8080/attestation/result \\\n";
    assert!(text.contains(expected), "no pipeline");
    assert!(text.contains("  stuntkey authenticate --origin http://localhost:8080 --reply fido --fault client-data/origin/not-text |\n"));
    assert!(text.contains("-H &#39;authorization: Bearer {{access_key}}&#39;"));
    assert!(text.contains("A challenge can be answered once"));
    assert!(text.contains("in the process of the harness"));
}

#[test]
fn markdown_has_tables_with_as_many_cells_in_every_row() {
    for report in reports() {
        let mut columns: BTreeMap<usize, usize> = BTreeMap::new();
        let text = report.to_text(Format::Markdown);
        let mut table = 0;
        for line in text.lines() {
            match line.starts_with('|') {
                true => {
                    let cells = line.split('|').count();
                    assert_eq!(*columns.entry(table).or_insert(cells), cells, "{line}");
                }
                false => table += 1,
            }
            let prose = line.split('`').step_by(2).collect::<String>();
            assert!(!prose.contains("<script") && !prose.contains('@') && !prose.contains("://"), "{line}");
        }
    }
}

#[test]
fn two_runs_without_their_times_are_the_same() {
    let mut again = report();
    again.seed = "another".into();
    again.began = "2027-01-01T00:00:00Z".into();
    again.milliseconds += 1;
    again.cases.iter_mut().for_each(|case| case.milliseconds += 1);
    let changing =
        |line: &&str| !["- began: ", "- took: ", "- seed: "].iter().any(|name| line.starts_with(name));
    let lasting = |report: &Report| -> Vec<String> {
        report.to_text(Format::Markdown).lines().filter(changing).map(str::to_owned).collect()
    };
    assert_ne!(report().to_text(Format::Markdown), again.to_text(Format::Markdown));
    // In Markdown, what differs between the runs stands on lines of its own.
    assert_eq!(lasting(&report()), lasting(&again));
    for (_, format) in Format::ALL {
        assert_eq!(report().without_times().to_text(*format), again.without_times().to_text(*format));
    }
    let markdown = report().without_times().to_text(Format::Markdown);
    assert_eq!(markdown.lines().collect::<Vec<_>>(), lasting(&report()));
}
