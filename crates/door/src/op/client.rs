//! Clients: browsers at a page, each with an authenticator of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use stuntkey::Client;
use stuntkey::attestation::{CertificateAuthority, Clock};
use stuntkey::authenticator::Signal;
use stuntkey::client::{ClientBuilder, Preset};

use super::about::Nothing;
use super::faults;
use crate::error::{Name, Refusal};
use crate::given_model::GivenModel;
use crate::held::{Held, Obedient, Person};
use crate::state::State;
use crate::words::{Bytes, OneOrMore, named};

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
    let client = client.build().map_err(Refusal::from).map_err(Refusal::in_request)?;
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
            Name::Request,
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
        Refusal::new(Name::Request, format!("$.{member}: found nothing, expected what the signal is about"))
            .at(format!("$.{member}"))
    })
}
