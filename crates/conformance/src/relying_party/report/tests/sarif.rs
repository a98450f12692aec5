//! SARIF, and what GitHub asks of it beyond the standard.

use std::collections::BTreeSet;

use serde_json::Value;

use super::fixture::{case, report};
use super::reports;
use crate::core::case::Level;
use crate::core::report::standing::Standing;
use crate::core::report::{CaseReport, FailOn, Format, Report};
use crate::core::verdict::Verdict;

#[test]
fn each_defect_has_a_rule_and_each_case_that_is_not_as_it_should_be_a_result() {
    for report in reports() {
        let log: Value = serde_json::from_str(&report.to_text(Format::Sarif)).unwrap();
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        let known: BTreeSet<&str> = report.cases.iter().map(|case| case.defect.as_str()).collect();
        assert!(ids.iter().all(|id| known.contains(id)) && ids.is_sorted(), "{ids:?}");
        let results = run["results"].as_array().unwrap();
        let faulty = |case: &&CaseReport| !matches!(case.verdict, Verdict::Pass | Verdict::Skip);
        let faulty: Vec<&CaseReport> = report.cases.iter().filter(faulty).collect();
        assert_eq!(results.len(), faulty.len());
        for (result, case) in results.iter().zip(faulty) {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            let finding = report.findings.iter().find(|finding| finding.cases.contains(&case.id));
            let defect = finding.map_or(&case.defect, |finding| &finding.defect);
            assert_eq!((result["ruleId"].as_str().unwrap(), ids[index]), (defect.as_str(), defect.as_str()));
            assert_eq!(result["properties"]["case"], case.id.as_str());
            let is_known = case.standing(report.fail_on) == Standing::Known;
            assert_eq!(result["suppressions"].is_array(), is_known);
            let level = match case.level {
                Level::Must if case.verdict == Verdict::Weak && report.fail_on < FailOn::Should => "warning",
                Level::Must => "error",
                Level::Should => "warning",
                Level::May | Level::Advice => "note",
            };
            assert_eq!(result["level"], level);
        }
        let invocation = &run["invocations"][0];
        let troubled = !report.complete || !report.reached || report.trouble.is_some();
        assert_eq!(invocation["executionSuccessful"], !troubled);
        let stale = |case: &&CaseReport| matches!(case.verdict, Verdict::Pass | Verdict::Skip);
        let stale = report.alarms().filter(stale).count();
        assert_eq!(invocation["toolConfigurationNotifications"].as_array().unwrap().len(), stale);
    }
}

/// GitHub refuses a SARIF file in which any result has no location in a file.
#[test]
fn each_result_has_a_location_in_a_file() {
    let log: Value = serde_json::from_str(&report().to_text(Format::Sarif)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.is_empty() && !uri.contains(':') && !uri.starts_with('/'), "{uri}");
        assert_eq!(place["region"]["startLine"], 1);
    }
}

/// "SARIF support for code scanning" in GitHub's documentation.
#[test]
fn a_run_in_which_every_case_fails_is_within_the_limits_of_github() {
    let cases: Vec<CaseReport> =
        crate::cases().iter().map(|each| case(each.id(), Verdict::Fail, &"x".repeat(9999))).collect();
    let text = Report { cases, ..report() }.to_text(Format::Sarif);
    // 10 MB, compressed. It is less before that.
    assert!(text.len() < 10_000_000, "{}", text.len());
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    // All are shown, and none is taken for another.
    assert!(results.len() < 5000);
    let prints =
        results.iter().map(|result| result["partialFingerprints"]["primaryLocationLineHash"].to_string());
    assert_eq!(prints.collect::<BTreeSet<_>>().len(), results.len());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let length = |value: &Value| value.as_str().unwrap().chars().count();
        assert!(length(&rule["id"]) <= 255);
        assert!(length(&rule["shortDescription"]["text"]) <= 1024);
        assert!(length(&rule["fullDescription"]["text"]) <= 1024);
        assert!(length(&rule["help"]["text"]) > 0 && length(&rule["help"]["markdown"]) > 0);
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 20);
        let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!(score > 0.0 && score < 10.0);
    }
    // A name in Pascal case is no second id.
    let names: Vec<&str> = rules.iter().filter_map(|rule| rule["name"].as_str()).collect();
    assert!(names.len() > 100 && names.iter().collect::<BTreeSet<_>>().len() == names.len());
    assert!(names.iter().all(|name| name.len() <= 255 && name.chars().all(|c| c.is_ascii_alphanumeric())));
}

#[test]
fn a_rule_says_what_to_do_in_code() {
    let log: Value = serde_json::from_str(&report().to_text(Format::Sarif)).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let origin = rules.iter().find(|rule| rule["id"] == "client-data/origin").unwrap();
    let help = origin["help"]["markdown"].as_str().unwrap();
    assert!(help.contains("**In code:** In SimpleWebAuthn: pass expectedOrigin"), "{help}");
    assert!(help.contains("- `registration/client-data/origin/missing`: "), "{help}");
    assert!(!help.contains("alert(1)</"), "{help}");
}
