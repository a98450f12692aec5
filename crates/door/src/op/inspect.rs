//! Anything on the wire, explained.

use serde::{Deserialize, Deserializer};
use stuntkey::client::{find_creation_options, find_request_options};
use stuntkey_inspect::recognise::{Kind, Recognised, recognise};
use stuntkey_inspect::response::Form;

use crate::error::Refusal;
use crate::state::State;
use crate::words::{Any, Body, named};

/// What to explain.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Input {
    /// A response, options, or text with base64url, base64, hexadecimal or PEM.
    input: Body,
    /// What it is. Default: what it looks like.
    #[serde(default)]
    kind: Option<KindName>,
    /// Whether private keys are shown. Default: no.
    #[serde(default)]
    show_secrets: bool,
}

#[derive(Debug, Clone, Copy)]
struct KindName(Kind);

impl<'de> Deserialize<'de> for KindName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named(deserializer, &Kind::ALL, Kind::id).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for KindName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Kind".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.id()).collect();
        schemars::json_schema!({ "enum": names })
    }
}

pub(crate) fn inspect(_: &mut State, given: Input) -> Result<Any<Recognised>, Refusal> {
    let text = given.input.text();
    let mut found = recognise(text.as_bytes(), given.kind.map(|kind| kind.0), &find_options);
    if !given.show_secrets {
        found.tree.hide_secrets();
    }
    Ok(Any(found))
}

/// Whose options a server's answer holds, if it holds any.
fn find_options(body: &str) -> Option<Form> {
    if find_creation_options(body).is_ok() {
        return Some(Form::Registration);
    }
    find_request_options(body).ok().map(|_| Form::Authentication)
}
