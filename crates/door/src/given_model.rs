//! A model, as requests give it.

use serde::Deserialize;
use serde_json::{Map, Value};
use stuntkey::authenticator::Model;

use crate::words::kind;

/// A model: the name of one, or an object with settings, those of `base` (the name of one) where they are left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct GivenModel(pub(crate) Model);

impl TryFrom<Value> for GivenModel {
    type Error = String;

    fn try_from(given: Value) -> Result<Self, String> {
        match given {
            Value::String(name) => named_model(&name).map(Self),
            Value::Object(mut settings) => {
                let base = match settings.remove("base") {
                    None => Model::default(),
                    Some(Value::String(name)) => {
                        named_model(&name).map_err(|error| format!("base: {error}"))?
                    }
                    Some(other) => {
                        return Err(format!("base: found {}, expected the name of a model", kind(&other)));
                    }
                };
                let base = serde_json::to_value(base).map_err(|error| error.to_string())?;
                let Value::Object(mut merged) = base else { return Err("a model is no object".into()) };
                merge(&mut merged, settings);
                serde_json::from_value(Value::Object(merged)).map(Self).map_err(|error| error.to_string())
            }
            other => Err(format!(
                "found {}, expected the name of a model, or an object with its settings",
                kind(&other)
            )),
        }
    }
}

fn named_model(name: &str) -> Result<Model, String> {
    Model::named(name).ok_or_else(|| {
        let names: Vec<&str> = Model::names().map(|(name, _)| name).collect();
        format!("found {name:?}, expected one of {}", names.join(", "))
    })
}

/// Objects in objects are merged, everything else is replaced; `null` takes a setting back to its default.
fn merge(base: &mut Map<String, Value>, over: Map<String, Value>) {
    for (name, value) in over {
        match (base.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(over)) => merge(inner, over),
            (_, Value::Null) => drop(base.remove(&name)),
            (_, value) => drop(base.insert(name, value)),
        }
    }
}

#[cfg(feature = "schema")]
mod schema {
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use serde_json::{Map, Value, json};
    use stuntkey::authenticator::{Model, Setting, SettingKind};

    impl JsonSchema for super::GivenModel {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            "Model".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            schema()
        }
    }

    /// A model: the name of one, or an object with settings.
    fn schema() -> Schema {
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
}
