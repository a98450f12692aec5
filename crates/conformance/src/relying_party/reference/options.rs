//! The options that the reference relying party sends.

use serde::Deserialize;
use serde_json::{Value, json};
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::{Attachment, ResidentKey};

use super::flaw::Misbehaviour;
use super::state::State;
use super::{Settings, encode};

/// What the client asks for when it begins a registration, in the JSON of the FIDO binding.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", from = "FidoRegistration")]
pub(super) struct Registration {
    pub(super) username: String,
    pub(super) display_name: String,
    pub(super) user_verification: String,
    pub(super) resident_key: String,
    pub(super) attestation: String,
    pub(super) attachment: Option<String>,
    pub(super) mediation: Option<String>,
    pub(super) extensions: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FidoRegistration {
    username: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    authenticator_selection: Selection,
    attestation: Option<String>,
    /// The binding has no such member. It is for those who want conditional creates.
    mediation: Option<String>,
    #[serde(default)]
    extensions: Value,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Selection {
    authenticator_attachment: Option<String>,
    resident_key: Option<String>,
    #[serde(default)]
    require_resident_key: bool,
    user_verification: Option<String>,
}

impl From<FidoRegistration> for Registration {
    fn from(wanted: FidoRegistration) -> Self {
        let selection = wanted.authenticator_selection;
        let resident_key = match selection.require_resident_key {
            true => "required".to_owned(),
            false => selection.resident_key.unwrap_or_else(|| "preferred".to_owned()),
        };
        Self {
            display_name: if wanted.display_name.is_empty() {
                wanted.username.clone()
            } else {
                wanted.display_name
            },
            username: wanted.username,
            user_verification: selection.user_verification.unwrap_or_else(|| "preferred".to_owned()),
            resident_key,
            attestation: wanted.attestation.unwrap_or_else(|| "none".to_owned()),
            attachment: selection.authenticator_attachment,
            mediation: wanted.mediation,
            extensions: wanted.extensions,
        }
    }
}

/// What the client asks for when it begins a login, in the JSON of the FIDO binding. An empty name counts as no name.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", from = "FidoAuthentication")]
pub(super) struct Authentication {
    pub(super) username: Option<String>,
    pub(super) user_verification: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FidoAuthentication {
    username: Option<String>,
    user_verification: Option<String>,
}

impl From<FidoAuthentication> for Authentication {
    fn from(wanted: FidoAuthentication) -> Self {
        Self {
            username: wanted.username.filter(|name| !name.is_empty()),
            user_verification: wanted.user_verification.unwrap_or_else(|| "preferred".to_owned()),
        }
    }
}

pub(super) fn creation(settings: &Settings, state: &mut State, wanted: &Registration) -> Value {
    let has = |flaw| settings.has(flaw);
    let name = &wanted.username;
    let handle = if has(Misbehaviour::UserIdIsName) {
        state.user_handle(name, |_| name.clone().into_bytes())
    } else if has(Misbehaviour::UserIdShared) {
        state.user_handle(name, |_| b"everybody".to_vec())
    } else if has(Misbehaviour::UserIdChanges) {
        state.draw().to_vec()
    } else {
        state.user_handle(name, |state| state.draw().to_vec())
    };
    let mut excluded =
        if has(Misbehaviour::ExcludesNothing) { Vec::new() } else { state.credentials_of(name) };
    if has(Misbehaviour::ExcludesOthers) {
        excluded.extend(state.credential_of_another(name));
    }
    let configuration = &settings.configuration;
    let attestation = match configuration.attestation {
        _ if has(Misbehaviour::AttestationFixed) => "direct",
        Some(attestation) => attestation.as_str(),
        None => &wanted.attestation,
    };
    let resident_key = configuration.resident_key.map(ResidentKey::as_str);
    let resident_key = resident_key.unwrap_or(&wanted.resident_key);
    let mut selection = json!({
        "residentKey": resident_key,
        "requireResidentKey": resident_key == "required",
        "userVerification": user_verification(settings, &wanted.user_verification),
    });
    let attachment = configuration.attachment.map(Attachment::as_str).or(wanted.attachment.as_deref());
    if let (Some(attachment), Value::Object(members)) = (attachment, &mut selection) {
        members.insert("authenticatorAttachment".into(), attachment.into());
    }
    let extensions = wanted.extensions.as_object().filter(|_| !has(Misbehaviour::ForgetsExtensions));
    let mut options = json!({
        "challenge": challenge(settings, state),
        "rp": { "id": settings.rp_id, "name": "stuntkey reference relying party" },
        "user": { "id": encode(&handle), "name": name, "displayName": wanted.display_name },
        "pubKeyCredParams": parameters(settings, attestation != "none"),
        "timeout": milliseconds(settings),
        "excludeCredentials": descriptors(&excluded),
        "authenticatorSelection": selection,
        "attestation": attestation,
        "extensions": extensions.cloned().unwrap_or_default(),
    });
    let is_conditional =
        configuration.conditional_create || wanted.mediation.as_deref() == Some("conditional");
    if let (true, Value::Object(members)) = (is_conditional, &mut options) {
        members.insert("mediation".into(), "conditional".into());
    }
    options
}

pub(super) fn request(settings: &Settings, state: &mut State, wanted: &Authentication) -> Value {
    let has = |flaw| settings.has(flaw);
    let credentials = |name: &str| match state.credentials_of(name) {
        none if none.is_empty() => vec![state.made_up_id(name)],
        some => some,
    };
    let mut allowed = wanted.username.as_deref().map(credentials).unwrap_or_default();
    if let Some(name) = wanted.username.as_deref().filter(|_| has(Misbehaviour::AllowsOthers)) {
        allowed.extend(state.credential_of_another(name));
    }
    let mut options = json!({
        "challenge": challenge(settings, state),
        "rpId": settings.rp_id,
        "timeout": milliseconds(settings),
        "allowCredentials": descriptors(&allowed),
        "userVerification": user_verification(settings, &wanted.user_verification),
    });
    if let Value::Object(members) = &mut options {
        if allowed.is_empty() {
            members.remove("allowCredentials");
        }
        if has(Misbehaviour::OtherRpId) {
            members.insert("rpId".into(), format!("login.{}", settings.rp_id).into());
        }
    }
    options
}

fn user_verification<'a>(settings: &'a Settings, wanted: &'a str) -> &'a str {
    match settings.configuration.user_verification {
        _ if settings.has(Misbehaviour::UserVerificationFixed) => "required",
        Some(user_verification) => user_verification.as_str(),
        None => wanted,
    }
}

fn challenge(settings: &Settings, state: &mut State) -> String {
    let length = usize::from(settings.configuration.challenge_length.clamp(16, 64));
    let mut drawn = state.draw().to_vec();
    if drawn.len() < length {
        drawn.extend(state.draw());
    }
    drawn.truncate(length);
    if settings.has(Misbehaviour::ChallengeFixed) {
        encode(&[7; 32])
    } else if settings.has(Misbehaviour::ChallengeShort) {
        encode(drawn.get(..8).unwrap_or_default())
    } else if settings.has(Misbehaviour::Unreadable) {
        // WebAuthn's base64url has no padding.
        format!("{}=", encode(&drawn))
    } else {
        encode(&drawn)
    }
}

/// `pubKeyCredParams`: by default every algorithm, but RS1 only if attestation is asked for, as only TPMs sign with it.
fn parameters(settings: &Settings, attestation: bool) -> Value {
    let parameter = |a: &Algorithm| json!({ "type": "public-key", "alg": a.cose_identifier() });
    if let Some(algorithms) = &settings.configuration.algorithms {
        return algorithms.iter().map(parameter).collect();
    }
    Algorithm::ALL
        .iter()
        .filter(|algorithm| attestation || **algorithm != Algorithm::Rs1)
        .filter(|algorithm| {
            !settings.has(Misbehaviour::UnusualAlgorithms)
                || matches!(algorithm, Algorithm::Es512 | Algorithm::EdDsa)
        })
        .map(parameter)
        .collect()
}

fn descriptors(ids: &[Vec<u8>]) -> Value {
    ids.iter().map(|id| json!({ "type": "public-key", "id": encode(id) })).collect()
}

fn milliseconds(settings: &Settings) -> u64 {
    u64::try_from(settings.timeout.as_millis()).unwrap_or(u64::MAX)
}
