//! JSON Schema of every operation.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use stuntkey::authenticator::{Model, Setting, SettingKind};

use crate::error::Refusal;
use crate::operation::OPERATIONS;

/// JSON Schema of every operation's request and answer, and of errors: `$defs`, `error`, and `operations` by name, each with
/// `what`, `request` and `answer`.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let error = Refusal::json_schema(&mut generator);
    let operations: Map<String, Value> = OPERATIONS
        .iter()
        .map(|operation| {
            let [request, answer] = (operation.schemas)(&mut generator);
            let row = json!({ "what": operation.what, "request": request, "answer": answer });
            (operation.name.to_owned(), row)
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The door of stuntkey",
        "description": "A request is an object with \"op\", the name of an operation, \"now\", the time in milliseconds since \
                        1970 where the host has a clock, and the members of the operation's request.",
        "operations": operations,
        "error": error,
        "$defs": generator.take_definitions(true),
    })
}

/// A model: the name of one, or an object with settings.
pub(crate) fn model() -> Schema {
    let names: Vec<&str> = Model::names().map(|(name, _)| name).collect();
    let mut members = Map::new();
    members.insert(
        "base".into(),
        json!({ "enum": names, "description": "The model whose settings hold where they are left out." }),
    );
    let mut plan = Map::new();
    for setting in Model::settings() {
        match setting.name().split_once('.') {
            Some((_, name)) => drop(plan.insert(name.to_owned(), of(setting))),
            None => drop(members.insert(setting.name(), of(setting))),
        }
    }
    members.insert(
        "attestation".into(),
        json!({ "type": "object", "properties": plan, "additionalProperties": false }),
    );
    json_schema!({
        "description": "What an authenticator is: the name of a model that is ready to use, or its settings.",
        "anyOf": [
            { "enum": names },
            { "type": "object", "properties": members, "additionalProperties": false },
        ],
    })
}

fn of(setting: Setting) -> Value {
    let names: Vec<&str> = setting.values().into_iter().map(|(name, _)| name).collect();
    let kind = match (setting.kind(), names.is_empty()) {
        (SettingKind::Flag, _) => json!({ "type": ["boolean", "null"] }),
        (SettingKind::Number, _) => json!({ "type": ["integer", "null"], "minimum": 0 }),
        (SettingKind::List, _) => json!({ "type": ["array", "null"], "items": { "type": "string" } }),
        _ => json!({ "type": ["string", "number", "array", "object", "null"] }),
    };
    let Value::Object(mut kind) = kind else { return kind };
    let mut doc = setting.doc();
    if !names.is_empty() {
        doc = format!("{doc}: {}", names.join(", "));
    }
    kind.insert("description".into(), doc.into());
    Value::Object(kind)
}
