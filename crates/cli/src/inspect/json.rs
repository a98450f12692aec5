//! The tree and the steps for machines.

use stuntkey::encoding::json::Json;
use stuntkey::verifier::{Examination, StepVerdict};

use super::steps::Verification;
use stuntkey_inspect::recognise::Recognised;
use stuntkey_inspect::text::hex;
use stuntkey_inspect::tree::{Node, Note, Value};

/// One document: what the input is, its tree, and the steps if it was verified.
pub(crate) fn document(found: &Recognised, verification: Option<&Verification>) -> Json<'static> {
    let kind = found.kind.map_or(Json::Null, |kind| kind.name().into());
    let mut members = vec![("kind", kind), ("encoding", found.encoding.into())];
    members.push(("stop", found.tree.first_stop().map_or(Json::Null, Json::from)));
    members.push(("tree", node(&found.tree)));
    members.extend(verification.map(|verification| ("verification", self::verification(verification))));
    Json::object(members)
}

fn node(node: &Node) -> Json<'static> {
    let mut members = vec![("name", Json::from(node.name.clone()))];
    match &node.value {
        Value::None => {}
        Value::Word(word) => members.push(("value", word.clone().into())),
        Value::Number(number) => members.push(("value", self::number(*number))),
        Value::Truth(truth) => members.push(("value", (*truth).into())),
        Value::Text(text) => members.push(("text", text.clone().into())),
        Value::Bytes(bytes) => members.push(("hex", hex(bytes).into())),
    }
    members.extend(node.meaning.clone().map(|meaning| ("meaning", meaning.into())));
    if let Some(range) = &node.range {
        members.push(("offset", length(range.start)));
        members.push(("length", length(range.len())));
    }
    members.extend(node.bytes.as_ref().map(|bytes| ("bytes", hex(bytes).into())));
    let notes = |wanted: fn(&Note) -> bool| -> Option<Json<'static>> {
        let notes: Vec<Json<'static>> =
            node.notes.iter().filter(|note| wanted(note)).map(|note| note.text().to_owned().into()).collect();
        (!notes.is_empty()).then_some(Json::Array(notes))
    };
    members.extend(notes(|note| matches!(note, Note::Remark(_))).map(|notes| ("remarks", notes)));
    members.extend(notes(|note| matches!(note, Note::Odd(_))).map(|notes| ("odd", notes)));
    members.extend(notes(|note| matches!(note, Note::Stop(_))).map(|notes| ("stops", notes)));
    if !node.children.is_empty() {
        members.push(("children", Json::Array(node.children.iter().map(self::node).collect())));
    }
    Json::object(members)
}

/// A number, or its digits where JSON's numbers end.
fn number(number: i128) -> Json<'static> {
    i64::try_from(number).map_or_else(|_| number.to_string().into(), Json::from)
}

fn length(length: usize) -> Json<'static> {
    i64::try_from(length).unwrap_or(i64::MAX).into()
}

fn verification(verification: &Verification) -> Json<'static> {
    let report = &verification.report;
    let steps = report.steps.iter().map(|step| {
        let (verdict, more) = match &step.verdict {
            StepVerdict::Passed(seen) => ("passed", seen.clone().map(|seen| ("seen", Json::from(seen)))),
            StepVerdict::Failed(_) => ("failed", Some(("failures", failures(report, step.number)))),
            StepVerdict::NotReached => ("not reached", None),
            StepVerdict::NotApplicable(why) => ("not applicable", Some(("reason", why.to_string().into()))),
        };
        let members = [
            ("step", Json::from(i64::from(step.number))),
            ("title", step.title.into()),
            ("clause", report.clause(step.number).into()),
            ("verdict", verdict.into()),
        ];
        Json::object(members.into_iter().chain(more))
    });
    let holds = report.refusals().next().is_none();
    let remarks = verification.remarks.iter().map(|remark| remark.clone().into()).collect();
    Json::object([
        ("holds", Json::from(holds)),
        ("remarks", Json::Array(remarks)),
        ("steps", Json::Array(steps.collect())),
    ])
}

fn failures(report: &Examination, step: u8) -> Json<'static> {
    let refusals = report.refusals().filter(|refusal| refusal.step == step);
    Json::Array(
        refusals
            .map(|refusal| {
                let members = [
                    ("check", Json::from(refusal.check.id())),
                    ("requirement", refusal.check.requirement().into()),
                    ("clause", refusal.check.clause().into()),
                    ("found", refusal.found.clone().into()),
                    ("expected", refusal.expected.to_string().into()),
                ];
                let place = refusal.place.clone().map(|place| ("place", Json::from(place)));
                Json::object(members.into_iter().chain(place))
            })
            .collect(),
    )
}
