//! What this build is, and what a model has.

use serde::{Deserialize, Serialize};
use stuntkey::authenticator::{Model, SettingKind};
use stuntkey::client::Preset;
use stuntkey::crypto::Algorithm;

use crate::error::Refusal;
use crate::state::State;

/// No members.
#[derive(Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// What this build is.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Version {
    version: String,
    /// The algorithms that authenticators can sign with.
    algorithms: Vec<String>,
    /// The shapes of replies.
    presets: Vec<String>,
}

pub(crate) fn version(_: &mut State, _: Nothing) -> Result<Version, Refusal> {
    Ok(Version {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        algorithms: Algorithm::available().iter().map(|algorithm| algorithm.name().to_owned()).collect(),
        presets: Preset::all().map(|preset| preset.name().to_owned()).collect(),
    })
}

/// A model that is ready to use, or an operation.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Named {
    pub(crate) name: String,
    /// A sentence without its full stop.
    pub(crate) what: String,
}

pub(crate) fn models(_: &mut State, _: Nothing) -> Result<Vec<Named>, Refusal> {
    Ok(Model::names().map(|(name, what)| Named { name: name.into(), what: what.into() }).collect())
}

/// A setting of a model.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct ModelSetting {
    /// Its name; those after `attestation.` stand in the object `attestation` of a model.
    name: String,
    /// What it is, in a sentence without its full stop.
    what: String,
    /// How it stands in JSON: `flag`, `number`, `text` or `list`.
    kind: String,
    /// Every value that it, or an item of the list, can have, and what that means; empty where they are too many.
    values: Vec<(String, String)>,
    /// Its text form in the default model, if it is set there.
    default: Option<String>,
}

pub(crate) fn settings(_: &mut State, _: Nothing) -> Result<Vec<ModelSetting>, Refusal> {
    let default = Model::default();
    let settings = Model::settings().map(|setting| ModelSetting {
        name: setting.name(),
        what: setting.doc(),
        kind: kind(setting.kind()).to_owned(),
        values: setting.values().into_iter().map(|(value, what)| (value.into(), what.into())).collect(),
        default: setting.get(&default),
    });
    Ok(settings.collect())
}

fn kind(kind: SettingKind) -> &'static str {
    match kind {
        SettingKind::Flag => "flag",
        SettingKind::Number => "number",
        SettingKind::List => "list",
        _ => "text",
    }
}
