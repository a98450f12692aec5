//! SARIF 2.1.0 (OASIS), which code scanning services read. Each defect that the run looked for is a rule, and each case
//! that failed, was weak or could not be played is a result of its defect's rule.
//!
//! GitHub's limits (docs.github.com, "SARIF support for code scanning"): 25 000 rules and results a run, of which it shows
//! 5000 results; 20 tags a rule; 1024 characters for a rule's descriptions; 10 MB, compressed. The catalogue has less than
//! a thousand cases, and a test holds the rest.

mod rule;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::standing::Standing;
use super::target_kind::TargetKind;
use super::text::{clip, hex, lines};
use super::{CaseReport, FailOn, Report};
use crate::core::case::Level;
use crate::core::defect::Defect;
use crate::core::exchange::Exchange;
use crate::core::verdict::Verdict;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// How many characters of the target's words are shown.
const MOST_FOUND: usize = 4000;
/// How many bytes of the hash of a case's id tell its results apart.
const FINGERPRINT: usize = 16;

/// The rules of a run in the order of their ids, each with its cases.
type Rules<'r> = BTreeMap<&'static str, (&'static Defect, Vec<&'r CaseReport>)>;

pub(super) fn write(report: &Report, kind: &dyn TargetKind) -> String {
    let (name, version) = report.tool.rsplit_once(' ').unwrap_or((&report.tool, "0"));
    let mut rules = Rules::new();
    for case in &report.cases {
        let defect = defect(case, report, kind);
        rules.entry(defect.id).or_insert((defect, Vec::new())).1.push(case);
    }
    let descriptors: Vec<Value> =
        rules.values().map(|(defect, cases)| rule::of(defect, cases, report, kind)).collect();
    let is_result = |case: &&CaseReport| {
        matches!(case.verdict, Verdict::Fail | Verdict::Weak | Verdict::Advice | Verdict::Error)
    };
    let results: Vec<Value> = report
        .cases
        .iter()
        .filter(is_result)
        .map(|case| {
            let defect = defect(case, report, kind);
            let index = rules.keys().position(|id| *id == defect.id).unwrap_or_default();
            result(index, defect, case, report)
        })
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": shown(name),
                "version": shown(version),
                "semanticVersion": shown(version),
                "organization": "stuntkey",
                "informationUri": "https://docs.rs/stuntkey-conformance",
                "shortDescription": { "text": "Finds out whether a target does what the standards ask of it." },
                "fullDescription": {
                    "text": "Sends messages that are sound but for one change, and looks whether the target refuses them.",
                },
                "rules": descriptors,
            } },
            "invocations": [invocation(report, kind)],
            "columnKind": "utf16CodeUnits",
            // Runs against the same kind of target have one category.
            "automationDetails": { "id": format!("stuntkey/{}/", shown(&report.profile)) },
            "results": results,
            "properties": properties(report),
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("every key is a string");
    text.push('\n');
    text
}

/// What is wrong with a target that fails the case: a larger defect that it has, too, comes before the case's own.
fn defect(case: &CaseReport, report: &Report, kind: &dyn TargetKind) -> &'static Defect {
    let own = kind.defect(&case.id);
    let finding = report.findings.iter().find(|finding| finding.cases.contains(&case.id));
    let others = finding.into_iter().flat_map(|finding| &finding.cases);
    let mut larger = others.map(|id| kind.defect(id));
    larger.find(|other| own.explained_by == Some(other.id)).unwrap_or(own)
}

fn properties(report: &Report) -> Value {
    let mut properties = Map::new();
    let [lasting, changing] = report.facts();
    for (name, value) in lasting.iter().chain(changing.iter().filter(|(name, _)| *name == "seed")) {
        properties.insert((*name).to_owned(), json!(shown(value)));
    }
    properties.insert("conclusion".into(), json!(report.headline()));
    Value::Object(properties)
}

/// Puts a member into an object, if there is something to put.
fn add(object: &mut Value, name: &str, member: Option<Value>) {
    if let (Value::Object(members), Some(member)) = (object, member) {
        members.insert(name.to_owned(), member);
    }
}

fn result(index: usize, defect: &Defect, case: &CaseReport, report: &Report) -> Value {
    // A weak refusal violates the requirement only with `--strict`.
    let level = match (level(case.level), case.verdict) {
        ("error", Verdict::Weak) if report.fail_on < FailOn::Should => "warning",
        (level, _) => level,
    };
    let id = shown(&case.id);
    let fingerprint = Sha256::digest(id.as_bytes());
    let fingerprint = hex(fingerprint.get(..FINGERPRINT).unwrap_or(&fingerprint));
    let mut result = json!({
        "ruleId": defect.id,
        "ruleIndex": index,
        "level": level,
        "message": { "text": message(case) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": location(case) },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "fullyQualifiedName": shown(&report.target), "kind": "module" }],
        }],
        // GitHub tells alerts of one rule at one place apart by the first of them.
        "partialFingerprints": {
            "primaryLocationLineHash": format!("{fingerprint}:1"),
            "case/v1": id,
        },
        "properties": {
            "case": id,
            "clause": shown(&case.clause),
            "requirementLevel": case.level.name(),
            "severity": case.severity.name(),
            "verdict": case.verdict.name(),
            "alarm": case.standing(report.fail_on) == Standing::Alarm,
        },
    });
    let known = case.expected.as_ref().filter(|_| case.standing(report.fail_on) == Standing::Known);
    let suppression = known.map(|expected| {
        json!([{ "kind": "external", "status": "accepted", "justification": shown(&expected.reason) }])
    });
    add(&mut result, "suppressions", suppression);
    let deciding = deciding(case);
    add(&mut result, "webRequest", deciding.map(request));
    add(&mut result, "webResponse", deciding.map(response));
    result
}

/// What an alert says: what was asked, what was changed, and what was found.
fn message(case: &CaseReport) -> String {
    let changed = case.changed().map(|changed| format!(" Changed: {changed}.")).unwrap_or_default();
    shown(&format!(
        "The target {}.{changed} Found: {}: {}. Case: {}.",
        case.requirement,
        case.verdict,
        case.found(),
        case.id
    ))
}

/// The request whose answer decided the case, if it went over HTTP; else the last one that did.
fn deciding(case: &CaseReport) -> Option<&Exchange> {
    let is_http = |exchange: &&Exchange| !exchange.url.is_empty();
    let deciding = case.deciding().map(|(_, exchange)| exchange).filter(is_http);
    deciding.or_else(|| case.exchanges.iter().rev().find(is_http))
}

/// The location of a result. GitHub refuses a result without a file, and a file whose URI has a scheme. The source of the
/// server is unknown here, so the location is the path of the request that decided the case, or the case's id if there was
/// none.
fn location(case: &CaseReport) -> String {
    let path = deciding(case).and_then(|exchange| {
        let url = url::Url::parse(&exchange.url).ok()?;
        Some(url.path().trim_matches('/').to_owned())
    });
    match path.filter(|path| !path.is_empty()) {
        Some(path) => path,
        None => {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
            shown(&case.id).chars().map(|c| if is_plain(c) { c } else { '-' }).collect()
        }
    }
}

fn request(exchange: &Exchange) -> Value {
    let headers = exchange.headers.iter().map(|(name, value)| (shown(name), json!(shown(value)))).collect();
    json!({
        "protocol": "http",
        "method": shown(&exchange.method),
        "target": shown(&exchange.url),
        "headers": Value::Object(headers),
        "body": { "text": shown(&exchange.sent) },
    })
}

fn response(exchange: &Exchange) -> Value {
    match exchange.status {
        Some(status) => json!({
            "statusCode": status,
            "body": { "text": shown(&exchange.received) },
        }),
        None => json!({ "noResponseReceived": true }),
    }
}

/// The run itself: its troubles, and expectations that are out of date. SARIF has no results for these.
fn invocation(report: &Report, kind: &dyn TargetKind) -> Value {
    let troubles: Vec<Value> = report
        .troubles()
        .iter()
        .map(|trouble| json!({ "level": "error", "message": { "text": shown(trouble) } }))
        .collect();
    let is_stale = |case: &&CaseReport| matches!(case.verdict, Verdict::Pass | Verdict::Skip);
    let stale: Vec<Value> = report
        .standing(Standing::Alarm)
        .into_iter()
        .filter(is_stale)
        .filter_map(|case| {
            let text = format!("{}: {}; expected: {}", case.id, case.found(), case.expected_otherwise()?);
            Some(json!({
                "level": "error",
                "message": { "text": shown(&text) },
                "associatedRule": { "id": defect(case, report, kind).id },
            }))
        })
        .collect();
    let mut invocation = json!({
        "executionSuccessful": report.troubles().is_empty(),
        "toolExecutionNotifications": troubles,
        "toolConfigurationNotifications": stale,
    });
    let began = (!report.began.is_empty()).then(|| json!(shown(&report.began)));
    add(&mut invocation, "startTimeUtc", began);
    invocation
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "error",
        Level::Should => "warning",
        Level::May | Level::Advice => "note",
    }
}

fn shown(text: &str) -> String {
    clip(&lines(text), MOST_FOUND)
}
