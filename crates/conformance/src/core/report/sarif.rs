//! SARIF 2.1.0 (OASIS), which code scanning services read. Each case is a rule, and each case that failed, was weak or
//! could not be played is a result.

use serde_json::{Map, Value, json};

use super::standing::Standing;
use super::target_kind::TargetKind;
use super::text::{clip, lines};
use super::{CaseReport, FailOn, Report};
use crate::core::case::Level;
use crate::core::defect::Severity;
use crate::core::exchange::Exchange;
use crate::core::verdict::Verdict;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// How many characters of the target's words are shown.
const MOST_FOUND: usize = 4000;

pub(super) fn write(report: &Report, kind: &dyn TargetKind) -> String {
    let (name, version) = report.tool.rsplit_once(' ').unwrap_or((&report.tool, "0"));
    let rules: Vec<Value> = report.cases.iter().map(|case| rule(case, kind)).collect();
    let results: Vec<Value> = report
        .cases
        .iter()
        .enumerate()
        .filter(|(_, case)| {
            matches!(case.verdict, Verdict::Fail | Verdict::Weak | Verdict::Advice | Verdict::Error)
        })
        .map(|(index, case)| result(index, case, report))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": shown(name), "version": shown(version), "rules": rules } },
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
        properties.insert((*name).to_owned(), json!(shown(value)));
    }
    properties.insert("conclusion".into(), json!(report.headline()));
    Value::Object(properties)
}

fn rule(case: &CaseReport, kind: &dyn TargetKind) -> Value {
    let mut properties = json!({
        "clause": shown(&case.clause),
        "level": case.level.name(),
        "severity": case.severity.name(),
        "defect": shown(&case.defect),
        // GitHub sorts results by this number.
        "security-severity": score(case.severity),
        "tags": ["security", "webauthn"],
    });
    add(&mut properties, "alignsWith", case.aligns_with.as_ref().map(|suite| json!(shown(suite))));
    let mut rule = json!({
        "id": shown(&case.id),
        "shortDescription": { "text": shown(&case.requirement) },
        "fullDescription": {
            "text": format!("A {} {} ({}).", kind.noun(), shown(&case.requirement), shown(&case.clause)),
        },
        "defaultConfiguration": { "level": level(case.level) },
        "properties": properties,
    });
    add(&mut rule, "helpUri", kind.place(&case.clause).url.map(Value::from));
    rule
}

/// Puts a member into an object, if there is something to put.
fn add(object: &mut Value, name: &str, member: Option<Value>) {
    if let (Value::Object(members), Some(member)) = (object, member) {
        members.insert(name.to_owned(), member);
    }
}

fn result(index: usize, case: &CaseReport, report: &Report) -> Value {
    // A weak refusal violates the requirement only with `--strict`.
    let level = match (level(case.level), case.verdict) {
        ("error", Verdict::Weak) if report.fail_on < FailOn::Should => "warning",
        (level, _) => level,
    };
    let mut result = json!({
        "ruleId": shown(&case.id),
        "ruleIndex": index,
        "level": level,
        "message": { "text": format!("{}: {}", case.verdict, shown(case.found())) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": location(case) },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "fullyQualifiedName": shown(&report.target), "kind": "module" }],
        }],
        "partialFingerprints": { "case/v1": shown(&case.id) },
        "properties": {
            "verdict": case.verdict.name(),
            "alarm": case.standing(report.fail_on) == Standing::Alarm,
        },
    });
    let known = case.expected.as_ref().filter(|_| case.standing(report.fail_on) == Standing::Known);
    let suppression = known.map(|expected| {
        json!([{ "kind": "external", "status": "accepted", "justification": shown(&expected.reason) }])
    });
    add(&mut result, "suppressions", suppression);
    // The answer to the last request decided the case.
    let last = case.exchanges.iter().rev().find(|exchange| !exchange.url.is_empty());
    add(&mut result, "webRequest", last.map(request));
    add(&mut result, "webResponse", last.map(response));
    result
}

/// The location of a result. GitHub refuses a result without a file, and a file whose URI has a scheme. The source of the
/// server is unknown here, so the location is the path of the last request, or the case's id if there was no request.
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
fn invocation(report: &Report) -> Value {
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
                "associatedRule": { "id": shown(&case.id) },
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

/// A number in the middle of the range that GitHub has for the severity.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn shown(text: &str) -> String {
    clip(&lines(text), MOST_FOUND)
}
