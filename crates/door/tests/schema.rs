//! `schema.json` has every operation as it is, and what goes through the door fits it.
//!
//! `STUNTKEY_BLESS=1 cargo test -p stuntkey-door --features schema --test schema` writes it anew.

#![cfg(feature = "schema")]

use std::fs;
use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_file_is_what_the_operations_are() {
    let written = format!("{}\n", serde_json::to_string_pretty(&stuntkey_door::schema()).unwrap());
    let file = folder().join("schema.json");
    if std::env::var_os("STUNTKEY_BLESS").is_some() {
        fs::write(&file, &written).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap_or_default() == written, "schema.json is out of date");
}

/// A validator of one part of the schema, with the definitions of the whole.
fn validator(part: &Value) -> Validator {
    let schema = stuntkey_door::schema();
    jsonschema::validator_for(&json!({ "allOf": [part], "$defs": schema["$defs"] })).unwrap()
}

/// Every answer of the transcript fits, every request that was not refused for its form fits, and those that were do not.
#[test]
fn the_transcript_fits_the_schema() {
    let schema = stuntkey_door::schema();
    let text = fs::read_to_string(folder().join("../../packages/transcript.json")).unwrap();
    let transcript: Value = serde_json::from_str(&text).unwrap();
    let error = validator(&schema["error"]);
    let (mut sound, mut refused) = (0, 0);
    for exchange in transcript["exchanges"].as_array().unwrap() {
        let mut request = exchange["request"].clone();
        let members = request.as_object_mut().unwrap();
        let Some(Value::String(name)) = members.remove("op") else { panic!("{exchange}") };
        members.remove("now");
        if members.get("client").is_some() {
            members.insert("client".into(), json!(1));
        }
        let answer: Value = serde_json::from_str(
            &exchange["answer"].as_str().unwrap().replace("\"$client\"", "1").replace("$client", "1"),
        )
        .unwrap();
        let Some(operation) = schema["operations"].get(&name) else {
            assert_eq!(answer["error"]["name"], "RequestError", "{exchange}");
            continue;
        };
        if let Some(ok) = answer.get("ok") {
            sound += 1;
            assert!(validator(&operation["request"]).is_valid(&request), "{name}: {request}");
            let problems: Vec<String> =
                validator(&operation["answer"]).iter_errors(ok).map(|problem| problem.to_string()).collect();
            assert!(problems.is_empty(), "{name}: {problems:?}");
        } else {
            assert!(error.is_valid(&answer["error"]), "{answer}");
            if answer["error"]["message"].as_str().unwrap().contains("unknown field") {
                refused += 1;
                assert!(!validator(&operation["request"]).is_valid(&request), "{name}: {request}");
            }
        }
    }
    assert!(sound > 60 && refused > 0, "{sound} sound, {refused} refused");
}

/// The page has every operation, in the order of the table.
#[test]
fn the_page_is_current() {
    let file = folder().join("../../docs/door.md");
    let page = fs::read_to_string(&file).unwrap();
    let heading = "| `op` | does |\n|---|---|\n";
    let start = page.find(heading).unwrap() + heading.len();
    let end = page[start..].find("\n\n").map_or(page.len(), |end| start + end + 1);
    let rows: String =
        stuntkey_door::operations().map(|(name, what)| format!("| `{name}` | {what} |\n")).collect();
    if std::env::var_os("STUNTKEY_BLESS").is_some() {
        fs::write(&file, format!("{}{rows}{}", &page[..start], &page[end..])).unwrap();
    }
    assert_eq!(&fs::read_to_string(&file).unwrap()[start..end], rows);
}

#[test]
fn every_setting_of_a_model_is_in_the_schema() {
    let schema = stuntkey_door::schema();
    let model = &schema["$defs"]["Model"]["anyOf"][1]["properties"];
    for setting in stuntkey::authenticator::Model::settings() {
        let name = setting.name();
        let place = match name.split_once('.') {
            Some((plan, name)) => &model[plan]["properties"][name],
            None => &model[&name],
        };
        assert!(place["description"].is_string(), "{name}");
    }
}
