//! Clients: browsers at a page, each with an authenticator of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use stuntkey::Client;
use stuntkey::attestation::{CertificateAuthority, Clock};
use stuntkey::authenticator::{Answer, ConsentRequest, Model, Signal, User};
use stuntkey::client::{ClientBuilder, Preset};

use super::about::Nothing;
use super::faults;
use crate::door::kind;
use crate::error::{Name, Refusal};
use crate::state::State;
use crate::words::{Bytes, OneOrMore, named};

/// A client, and what it was made of.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) client: Client,
    /// Whether its authenticator tells the time that the host gives with each call.
    follows_host: bool,
    person: Person,
}

/// The authenticator's user, whose next answers a caller can set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    next: Arc<Mutex<Option<Answer>>>,
}

/// What the model says a user answers, unless the caller said otherwise for one ceremony.
struct Obedient {
    person: Person,
    model: Box<dyn User>,
}

impl User for Obedient {
    fn answer(&mut self, request: &ConsentRequest<'_>) -> Answer {
        let told = *self.person.next.lock().unwrap_or_else(PoisonError::into_inner);
        told.unwrap_or_else(|| self.model.answer(request))
    }
}

impl Person {
    /// What the user answers until it is told otherwise; `None`: as the model says.
    fn tell(&self, answer: Option<Answer>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }
}

/// What the user does, as the setting `user` of a model has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserAnswer(pub(crate) Answer);

impl<'de> Deserialize<'de> for UserAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named(deserializer, Answer::ALL, Answer::name).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for UserAnswer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "UserAnswer".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Answer::ALL.iter().map(|answer| answer.name()).collect();
        schemars::json_schema!({ "enum": names, "description": "What the user does." })
    }
}

/// A model: the name of one, or an object with settings, those of `base` (the name of one) where they are left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct GivenModel(Model);

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

/// What a client is made of. Everything may be left out.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct New {
    /// The origin of the page. Default: `https://` and the RP ID that each options name.
    origin: Option<String>,
    /// The origin of the page at the top, if the client's is in a frame.
    top_origin: Option<String>,
    /// Whether the page is in a frame that is not same-origin with its ancestors.
    cross_origin: bool,
    /// The origins that `/.well-known/webauthn` of the RP ID lists.
    related_origins: Vec<String>,
    /// Uses whatever RP ID the options name, as no browser does.
    any_rp_id: bool,
    /// What the authenticator is. Default: `platform`.
    model: Option<GivenModel>,
    /// What keys, ids and signatures follow from: same seed, same bytes. Default: nothing, they are random.
    seed: Option<String>,
    /// What the private keys of credentials follow from that take no storage.
    stateless: Option<String>,
    /// PEM of a certificate and its private key: the authority at the end of attestation chains.
    attestation_authority: Option<String>,
    /// The ids of the next credentials.
    credential_ids: Vec<Bytes>,
    /// The PIN that the user knows.
    pin: Option<String>,
    /// Whether an authenticator without a PIN is given the user's where it is to verify its user. Default: yes.
    sets_pin: Option<bool>,
    /// The name of the account to log in with where there are several.
    account: Option<String>,
    /// `mediation: "conditional"`, or not, whatever stands beside the options.
    conditional: Option<bool>,
    /// Refuses options that stray from the standard instead of mending them.
    strict: bool,
    /// Lets pages give client data of their own (`remoteClientDataJSON`).
    remote_client_data: bool,
    /// The shape of replies. Default: the one that goes with the shape of the options.
    reply: Option<PresetName>,
    /// Members that some shapes of replies carry and the options may lack.
    reply_members: BTreeMap<String, String>,
    /// Members of client data after those of the standard.
    client_data_members: BTreeMap<String, Value>,
    /// The RP IDs that may have an enterprise attestation.
    enterprise_rp_ids: Vec<String>,
    /// The ids of faults that every ceremony has.
    fault: OneOrMore<String>,
    /// The ids of faults that single ceremonies will have: the authenticator becomes what they need.
    prepared_for: OneOrMore<String>,
}

/// The name of a shape of replies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PresetName(pub(crate) Preset);

impl<'de> Deserialize<'de> for PresetName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all: Vec<Preset> = Preset::all().collect();
        named(deserializer, &all, Preset::name).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for PresetName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Preset".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Preset::all().map(Preset::name).collect();
        schemars::json_schema!({ "enum": names, "description": "The shape of replies." })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for GivenModel {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Model".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        crate::schema::model()
    }
}

/// A client's handle.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Made {
    client: u64,
}

pub(crate) fn new(state: &mut State, given: New) -> Result<Made, Refusal> {
    let mut model = given.model.map(|model| model.0).unwrap_or_default();
    for id in given.prepared_for.into_vec() {
        faults::by_id(&id, "$.preparedFor")?.apply_to(&mut model)?;
    }
    let given_clock = model.attestation.clock;
    let follows_host = match given_clock {
        None => given.seed.is_none(),
        Some(clock) => clock == Clock::System,
    };
    if follows_host {
        model.attestation.clock = Some(Clock::Fixed(state.time()?.0));
    }
    let person = Person::default();
    let model_user = model.user.clone();
    let mut authenticator =
        model.builder().user(Obedient { person: person.clone(), model: Box::new(model_user) });
    if let Some(seed) = &given.seed {
        authenticator = authenticator.seed(seed);
    }
    if let Some(secret) = &given.stateless {
        authenticator = authenticator.stateless(secret);
    }
    if let Some(pem) = &given.attestation_authority {
        authenticator = authenticator.attestation_authority(authority(pem)?);
    }
    for id in &given.credential_ids {
        authenticator = authenticator.credential_id(&id.0);
    }
    let mut client = match &given.origin {
        Some(origin) => Client::builder(origin),
        None => Client::builder_without_origin(),
    };
    client = client
        .authenticator(authenticator)
        .any_rp_id(given.any_rp_id)
        .cross_origin(given.cross_origin)
        .related_origins(given.related_origins)
        .enterprise_rp_ids(given.enterprise_rp_ids)
        .remote_client_data(given.remote_client_data)
        .strict(given.strict);
    client = with(client, given.top_origin.as_deref(), ClientBuilder::top_origin);
    client = with(client, given.pin.as_deref(), ClientBuilder::pin);
    client = with(client, given.sets_pin, ClientBuilder::sets_pin);
    client = with(client, given.account.as_deref(), ClientBuilder::account);
    client = with(client, given.conditional, ClientBuilder::conditional);
    client = with(client, given.reply.map(|preset| preset.0), ClientBuilder::reply);
    for (name, value) in &given.reply_members {
        client = client.reply_member(name, value);
    }
    for (name, value) in &given.client_data_members {
        client = client.client_data_member(name, &value.to_string());
    }
    for id in given.fault.into_vec() {
        client = client.fault(faults::by_id(&id, "$.fault")?);
    }
    let client = client.build()?;
    let client = state.clients.keep(Held { client, follows_host, person })?;
    Ok(Made { client })
}

fn with<T>(
    client: ClientBuilder,
    given: Option<T>,
    set: impl FnOnce(ClientBuilder, T) -> ClientBuilder,
) -> ClientBuilder {
    match given {
        Some(given) => set(client, given),
        None => client,
    }
}

/// An authority of the caller's.
pub(super) fn authority(pem: &str) -> Result<CertificateAuthority, Refusal> {
    CertificateAuthority::from_pem(pem).map_err(|error| {
        Refusal::new(
            Name::RequestError,
            format!("$.attestationAuthority: {error}, expected PEM with a certificate and its private key"),
        )
        .at("$.attestationAuthority")
    })
}

/// The client of this handle, at the time of the call.
pub(crate) fn held(state: &mut State, handle: u64) -> Result<&mut Held, Refusal> {
    let follows_host = state.clients.get("client", handle)?.follows_host;
    let time = if follows_host { Some(state.time()?) } else { None };
    let held = state.clients.get("client", handle)?;
    if let Some(time) = time {
        held.client.authenticator().set_clock(Clock::Fixed(time.0));
    }
    held.person.tell(None);
    Ok(held)
}

impl Held {
    /// Lets the user answer so until the next call.
    pub(crate) fn tell_user(&self, answer: Option<UserAnswer>) {
        self.person.tell(answer.map(|answer| answer.0));
    }
}

/// A client, and nothing else.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct One {
    client: u64,
}

pub(crate) fn free(state: &mut State, given: One) -> Result<Nothing, Refusal> {
    state.clients.free("client", given.client)?;
    Ok(Nothing {})
}

pub(crate) fn power_cycle(state: &mut State, given: One) -> Result<Nothing, Refusal> {
    held(state, given.client)?.client.authenticator().power_cycle();
    Ok(Nothing {})
}

pub(crate) fn capabilities(state: &mut State, given: One) -> Result<Vec<String>, Refusal> {
    let capabilities = held(state, given.client)?.client.capabilities()?;
    Ok(capabilities.into_iter().map(str::to_owned).collect())
}

/// Where to go.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Navigate {
    client: u64,
    /// The origin of the page.
    origin: String,
    /// The origin of the page at the top, if the page is in a frame.
    #[serde(default)]
    top_origin: Option<String>,
}

pub(crate) fn navigate(state: &mut State, given: Navigate) -> Result<Nothing, Refusal> {
    let client = &mut held(state, given.client)?.client;
    match &given.top_origin {
        Some(top_origin) => client.navigate_frame(&given.origin, top_origin)?,
        None => client.navigate(&given.origin)?,
    }
    Ok(Nothing {})
}

/// What a relying party tells: the members of the dictionary that `signal…()` takes, which say which it is.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SignalRequest {
    client: u64,
    rp_id: String,
    signal: SignalName,
    #[serde(default)]
    credential_id: Option<Bytes>,
    #[serde(default)]
    user_id: Option<Bytes>,
    #[serde(default)]
    all_accepted_credential_ids: Option<Vec<Bytes>>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    display_name: Option<String>,
}

/// Which signal it is.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
enum SignalName {
    /// With `credentialId`.
    UnknownCredential,
    /// With `userId` and `allAcceptedCredentialIds`.
    AllAcceptedCredentials,
    /// With `userId`, `name` and `displayName`.
    CurrentUserDetails,
}

pub(crate) fn signal(state: &mut State, given: SignalRequest) -> Result<Nothing, Refusal> {
    let signal = match given.signal {
        SignalName::UnknownCredential => {
            Signal::UnknownCredential { credential_id: needed(given.credential_id, "credentialId")?.0 }
        }
        SignalName::AllAcceptedCredentials => Signal::AllAcceptedCredentials {
            user_id: needed(given.user_id, "userId")?.0,
            credential_ids: needed(given.all_accepted_credential_ids, "allAcceptedCredentialIds")?
                .into_iter()
                .map(|id| id.0)
                .collect(),
        },
        SignalName::CurrentUserDetails => Signal::CurrentUserDetails {
            user_id: needed(given.user_id, "userId")?.0,
            name: needed(given.name, "name")?,
            display_name: needed(given.display_name, "displayName")?,
        },
    };
    held(state, given.client)?.client.signal(&given.rp_id, &signal)?;
    Ok(Nothing {})
}

fn needed<T>(given: Option<T>, member: &str) -> Result<T, Refusal> {
    given.ok_or_else(|| {
        Refusal::new(
            Name::RequestError,
            format!("$.{member}: found nothing, expected what the signal is about"),
        )
        .at(format!("$.{member}"))
    })
}

impl fmt::Debug for Obedient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Obedient").finish_non_exhaustive()
    }
}
