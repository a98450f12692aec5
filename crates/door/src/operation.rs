//! The table of operations, and what leads from a request to its answer.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use stuntkey::encoding::json::Json;
use stuntkey_inspect::recognise::Recognised;

use crate::error::{Name, Refusal};
use crate::op::{about, attestation, ceremony, client, conform, credentials, ctap, faults, inspect, verify};
use crate::state::State;
use crate::words::Any;

/// One operation.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// What it does, in one sentence without its full stop.
    pub(crate) what: &'static str,
    carry_out: fn(&mut State, Map<String, Value>) -> Result<String, Refusal>,
    #[cfg(feature = "schema")]
    pub(crate) schemas: fn(&mut schemars::SchemaGenerator) -> [schemars::Schema; 2],
}

/// A row has the name, what it does, the types of the request and of the answer, and the function between them.
macro_rules! operations {
    ($($name:literal $what:literal $request:ty => $answer:ty, $function:path;)+) => {
        pub(crate) const OPERATIONS: &[Operation] = &[$(Operation {
            name: $name,
            what: $what,
            carry_out: |state, members| {
                let request: $request = read(members)?;
                let answer: $answer = $function(state, request)?;
                write(&answer)
            },
            #[cfg(feature = "schema")]
            schemas: |generator| [
                generator.subschema_for::<$request>(),
                generator.subschema_for::<$answer>(),
            ],
        },)+];
    };
}

operations! {
    "version" "Says what this build is"
        about::Nothing => about::Version, about::version;
    "operations" "Lists the operations"
        about::Nothing => Vec<about::Named>, list;
    "models" "Lists the models of authenticators that are ready to use"
        about::Nothing => Vec<about::Named>, about::models;
    "settings" "Lists the settings that a model has"
        about::Nothing => Vec<about::ModelSetting>, about::settings;
    "client.new" "Makes a client: a browser at a page, with an authenticator of its own"
        client::New => client::Made, client::new;
    "client.free" "Forgets a client, its authenticator and its credentials"
        client::One => about::Nothing, client::free;
    "client.navigate" "Goes to a page at another origin; the authenticator and its credentials stay"
        client::Navigate => about::Nothing, client::navigate;
    "client.register" "Answers creation options, as navigator.credentials.create() does"
        ceremony::Ceremony => ceremony::Reply, ceremony::register;
    "client.authenticate" "Answers request options, as navigator.credentials.get() does"
        ceremony::Ceremony => ceremony::Reply, ceremony::authenticate;
    "client.capabilities" "Says what PublicKeyCredential.getClientCapabilities() does"
        client::One => Vec<String>, client::capabilities;
    "client.signal" "Takes what a relying party tells of its credentials: PublicKeyCredential.signal…()"
        client::SignalRequest => about::Nothing, client::signal;
    "client.powerCycle" "Takes the authenticator's power away and gives it back"
        client::One => about::Nothing, client::power_cycle;
    "credentials.list" "Lists credentials, newest first, without their keys"
        credentials::List => Vec<Any<Json<'static>>>, credentials::list;
    "credentials.add" "Adds a credential that no ceremony made"
        credentials::Add => credentials::Added, credentials::add;
    "credentials.remove" "Removes credentials"
        credentials::Remove => credentials::Removed, credentials::remove;
    "credentials.import" "Takes credentials in the form of WebDriver, the DevTools Protocol or Playwright"
        credentials::Import => credentials::Imported, credentials::import;
    "credentials.export" "Gives credentials with their private keys"
        credentials::Export => Vec<Any<Json<'static>>>, credentials::export;
    "faults" "Lists the faults that a ceremony can have"
        faults::Filter => Vec<faults::Fault>, faults::list;
    "verify.registration" "Verifies a registration as a relying party does (WebAuthn L3 §7.1)"
        verify::Registration => verify::VerifiedRegistration, verify::registration;
    "verify.authentication" "Verifies an authentication as a relying party does (WebAuthn L3 §7.2)"
        verify::Authentication => verify::VerifiedAuthentication, verify::authentication;
    "inspect" "Explains anything that WebAuthn and CTAP put on the wire"
        inspect::Input => Any<Recognised>, inspect::inspect;
    "attestation.root" "Gives the certificate that a server has to trust"
        attestation::Of => attestation::Root, attestation::root;
    "attestation.metadata" "Gives the metadata statement of an authenticator, or a signed BLOB with it"
        attestation::Metadata => Any<Json<'static>>, attestation::metadata;
    "cases" "Lists the cases of the suite for relying parties"
        conform::Filter => Vec<conform::Case>, conform::cases;
    "conform.new" "Makes a run of the suite before a relying party, whose requests the host carries out"
        conform::New => conform::Made, conform::new;
    "conform.next" "Takes what came of the last step of a run, and gives the next one"
        conform::Next => conform::Stepped, conform::next;
    "conform.report" "Gives the report of a run that is done"
        conform::ReportOf => conform::Text, conform::report;
    "conform.free" "Forgets a run"
        conform::One => about::Nothing, conform::free;
    "ctap" "Carries out one CTAP2 command on an authenticator"
        ctap::Command => ctap::Response, ctap::call;
}

/// The name of every operation, and what it does in one sentence without its full stop.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str)> {
    OPERATIONS.iter().map(|operation| (operation.name, operation.what))
}

fn list(_: &mut State, _: about::Nothing) -> Result<Vec<about::Named>, Refusal> {
    Ok(operations().map(|(name, what)| about::Named { name: name.into(), what: what.into() }).collect())
}

/// Carries out the operation of this name; its answer as JSON.
pub(crate) fn carry_out(
    state: &mut State,
    name: &str,
    members: Map<String, Value>,
) -> Result<String, Refusal> {
    match OPERATIONS.iter().find(|operation| operation.name == name) {
        Some(operation) => (operation.carry_out)(state, members),
        None => Err(Refusal::new(
            Name::Request,
            format!("$.op: found {name:?}, expected the name of an operation"),
        )
        .at("$.op")
        .hint(hint(name))),
    }
}

/// The operations that somebody can have meant.
pub(crate) fn hint(name: &str) -> String {
    let subject = name.split('.').next().unwrap_or_default();
    let related: Vec<&str> = OPERATIONS
        .iter()
        .map(|operation| operation.name)
        .filter(|known| known.starts_with(subject))
        .collect();
    let names = match related.is_empty() {
        true => OPERATIONS.iter().map(|operation| operation.name).collect(),
        false => related,
    };
    format!("the operations are {}", names.join(", "))
}

fn read<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| {
        let place = error.path().to_string();
        let text = error.inner().to_string();
        // A value that is read by the library says itself where in it.
        let (inner, text) = match text.split_once(": found ") {
            Some((inner, rest)) if inner.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c)) => {
                (Some(inner), format!("found {rest}"))
            }
            _ => (None, text.clone()),
        };
        let outer = Some(place.as_str()).filter(|place| *place != ".");
        let path = ["$"].into_iter().chain(outer).chain(inner).collect::<Vec<_>>().join(".");
        Refusal::new(Name::Request, format!("{path}: {text}")).at(path)
    })
}

fn write<T: Serialize>(answer: &T) -> Result<String, Refusal> {
    serde_json::to_string(answer)
        .map_err(|error| Refusal::new(Name::Request, format!("the answer is no JSON: {error}")))
}
