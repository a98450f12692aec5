//! How the verifier reads JSON, and how it shows what it found.

pub(super) use stuntkey_inspect::json::{Json, Kind, read};

use super::judge::quoted;

/// A member of an object. Of several with one name the last counts, as in `JSON.parse` (ECMA-262 §25.5.1).
pub(super) fn member<'j, 'a>(object: &'j Json<'a>, name: &str) -> Option<&'j Json<'a>> {
    object.members().iter().rev().find(|member| member.name == name).map(|member| &member.value)
}

/// A string, a number or a truth as it is, anything else by its kind.
pub(super) fn show(value: &Json<'_>) -> String {
    match &value.kind {
        Kind::String(text) => quoted(text),
        Kind::Bool(truth) => truth.to_string(),
        Kind::Number(number) => (*number).to_owned(),
        _ => value.kind_name().to_owned(),
    }
}

/// What a member is, for messages.
pub(super) fn show_member(object: &Json<'_>, name: &str) -> String {
    member(object, name).map_or_else(|| "nothing".to_owned(), show)
}
