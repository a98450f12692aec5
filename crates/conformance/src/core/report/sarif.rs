//! SARIF 2.1.0 (OASIS), which code scanning services read: a rule for each case, a result for each that is not as it
//! should be.

use serde_json::{Map, Value, json};

use super::standing::Standing;
use super::subject::Subject;
use super::text::{clip, lines};
use super::{CaseReport, Report};
use crate::core::case::{Level, Severity};
use crate::core::exchange::Exchange;
use crate::core::verdict::Verdict;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What a target says is cut here, in characters.
const MOST_FOUND: usize = 4000;

pub(super) fn write(report: &Report, subject: &dyn Subject) -> String {
    let (name, version) = report.tool.rsplit_once(' ').unwrap_or((&report.tool, "0"));
    let rules: Vec<Value> = report.cases.iter().map(|case| rule(case, subject)).collect();
    let results: Vec<Value> = report
        .cases
        .iter()
        .enumerate()
        .filter(|(_, case)| matches!(case.verdict, Verdict::Fail | Verdict::Weak | Verdict::Error))
        .map(|(index, case)| result(index, case, report))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": told(name), "version": told(version), "rules": rules } },
            "invocations": [invocation(report)],
            "results": results,
            "properties": properties(report),
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("every key is a string");
    text.push('\n');
    text
}

fn properties(report: &Report) -> Value {
    let mut properties = Map::new();
    let [lasting, changing] = report.facts();
    for (name, value) in lasting.iter().chain(changing.iter().filter(|(name, _)| *name == "seed")) {
        properties.insert((*name).to_owned(), json!(told(value)));
    }
    properties.insert("conclusion".into(), json!(report.headline()));
    Value::Object(properties)
}

fn rule(case: &CaseReport, subject: &dyn Subject) -> Value {
    let mut properties = json!({
        "clause": told(&case.clause),
        "level": case.level.name(),
        "severity": case.severity.name(),
        // GitHub sorts by these.
        "security-severity": score(case.severity),
        "tags": ["security", "webauthn"],
    });
    add(&mut properties, "alignsWith", case.aligns_with.as_ref().map(|suite| json!(told(suite))));
    let mut rule = json!({
        "id": told(&case.id),
        "shortDescription": { "text": told(&case.requirement) },
        "fullDescription": {
            "text": format!("A {} {} ({}).", subject.noun(), told(&case.requirement), told(&case.clause)),
        },
        "defaultConfiguration": { "level": level(case.level) },
        "properties": properties,
    });
    add(&mut rule, "helpUri", subject.place(&case.clause).url.map(Value::from));
    rule
}

/// Puts a member into an object, if there is something to put.
fn add(object: &mut Value, name: &str, member: Option<Value>) {
    if let (Value::Object(members), Some(member)) = (object, member) {
        members.insert(name.to_owned(), member);
    }
}

fn result(index: usize, case: &CaseReport, report: &Report) -> Value {
    // A weak refusal is a refusal; only the strict take it for a breach.
    let level = match (level(case.level), case.verdict) {
        ("error", Verdict::Weak) if !report.strict => "warning",
        (level, _) => level,
    };
    let mut result = json!({
        "ruleId": told(&case.id),
        "ruleIndex": index,
        "level": level,
        "message": { "text": format!("{}: {}", case.verdict, told(case.found())) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": location(case) },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "fullyQualifiedName": told(&report.target), "kind": "module" }],
        }],
        "partialFingerprints": { "case/v1": told(&case.id) },
        "properties": {
            "verdict": case.verdict.name(),
            "alarm": case.standing(report.strict) == Standing::Alarm,
        },
    });
    let known = case.expected.as_ref().filter(|_| case.standing(report.strict) == Standing::Known);
    let suppression = known.map(|expected| {
        json!([{ "kind": "external", "status": "accepted", "justification": told(&expected.reason) }])
    });
    add(&mut result, "suppressions", suppression);
    // The last request is the one that decided.
    let last = case.exchanges.iter().rev().find(|exchange| !exchange.url.is_empty());
    add(&mut result, "webRequest", last.map(request));
    add(&mut result, "webResponse", last.map(response));
    result
}

/// GitHub takes no result without a file, and none whose URI has a scheme. A server's source is not known here, so this
/// is the path of the request that decided, or the case's id where there is none.
fn location(case: &CaseReport) -> String {
    let decided = case.exchanges.iter().rev().find(|exchange| !exchange.url.is_empty());
    let path = decided.and_then(|exchange| {
        let url = url::Url::parse(&exchange.url).ok()?;
        Some(url.path().trim_matches('/').to_owned())
    });
    match path.filter(|path| !path.is_empty()) {
        Some(path) => path,
        None => {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
            told(&case.id).chars().map(|c| if is_plain(c) { c } else { '-' }).collect()
        }
    }
}

fn request(exchange: &Exchange) -> Value {
    let headers = exchange.headers.iter().map(|(name, value)| (told(name), json!(told(value)))).collect();
    json!({
        "protocol": "http",
        "method": told(&exchange.method),
        "target": told(&exchange.url),
        "headers": Value::Object(headers),
        "body": { "text": told(&exchange.sent) },
    })
}

fn response(exchange: &Exchange) -> Value {
    match exchange.status {
        Some(status) => json!({
            "statusCode": status,
            "body": { "text": told(&exchange.received) },
        }),
        None => json!({ "noResponseReceived": true }),
    }
}

/// What is no result: trouble with the run, and expectations that are out of date.
fn invocation(report: &Report) -> Value {
    let troubles: Vec<Value> = report
        .troubles()
        .iter()
        .map(|trouble| json!({ "level": "error", "message": { "text": told(trouble) } }))
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
                "message": { "text": told(&text) },
                "associatedRule": { "id": told(&case.id) },
            }))
        })
        .collect();
    let mut invocation = json!({
        "executionSuccessful": report.troubles().is_empty(),
        "toolExecutionNotifications": troubles,
        "toolConfigurationNotifications": stale,
    });
    let began = (!report.began.is_empty()).then(|| json!(told(&report.began)));
    add(&mut invocation, "startTimeUtc", began);
    invocation
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "error",
        Level::Should => "warning",
        Level::May => "note",
    }
}

/// In the middle of the ranges that GitHub gives the words.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn told(text: &str) -> String {
    clip(&lines(text), MOST_FOUND)
}
