//! A sound ceremony, as a flawed relying party examines it to decide whether to refuse it; and readers of replies.

use serde_json::Value;
use sha2::{Digest, Sha256};
use stuntkey::encoding::base64url;
use stuntkey::encoding::cbor::Item;
use stuntkey::verifier::{CredentialRecord, VerifiedAuthentication, VerifiedRegistration};
use stuntkey::webauthn::{Aaguid, CreationOptions, Flags, RequestOptions};

/// A ceremony that the verifier accepted.
pub(super) struct SoundCeremony {
    pub(super) registration: bool,
    pub(super) reply: Value,
    pub(super) client_data: String,
    pub(super) fmt: String,
    pub(super) att_stmt: Option<Item>,
    pub(super) auth_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) flags: Flags,
    pub(super) sign_count: u32,
    pub(super) credential_id: Vec<u8>,
    /// The COSE algorithm of the credential key, at a registration.
    pub(super) algorithm: i64,
    pub(super) asked_user_verification: &'static str,
    /// How many credentials the user had before this registration.
    pub(super) known_credentials: usize,
    /// The record of the credential before this login.
    pub(super) before: Option<CredentialRecord>,
}

impl SoundCeremony {
    pub(super) fn registration(
        reply: &str,
        options: &CreationOptions,
        verified: &VerifiedRegistration,
        known_credentials: usize,
    ) -> Self {
        let reply: Value = serde_json::from_str(reply).unwrap_or_default();
        let object = bytes(&reply, "attestationObject");
        let object = Item::read(&object).ok();
        let member = |name: &str| object.as_ref().and_then(|object| object.member(name)).cloned();
        let auth_data = match member("authData") {
            Some(Item::Bytes(bytes)) => bytes,
            _ => Vec::new(),
        };
        let fmt = match member("fmt") {
            Some(Item::Text(text)) => text,
            _ => String::new(),
        };
        Self {
            registration: true,
            client_data: client_data(&reply),
            fmt,
            att_stmt: member("attStmt"),
            signature: Vec::new(),
            flags: flags(&auth_data),
            auth_data,
            sign_count: verified.record.sign_count,
            credential_id: verified.record.id.clone(),
            algorithm: algorithm(&verified.record.public_key),
            asked_user_verification: options.authenticator_selection.user_verification.as_str(),
            known_credentials,
            before: None,
            reply,
        }
    }

    pub(super) fn authentication(
        reply: &str,
        options: &RequestOptions,
        verified: &VerifiedAuthentication,
        before: Option<CredentialRecord>,
    ) -> Self {
        let reply: Value = serde_json::from_str(reply).unwrap_or_default();
        Self {
            registration: false,
            client_data: client_data(&reply),
            fmt: String::new(),
            att_stmt: None,
            auth_data: bytes(&reply, "authenticatorData"),
            signature: bytes(&reply, "signature"),
            flags: verified.flags,
            sign_count: verified.record.sign_count,
            credential_id: verified.record.id.clone(),
            algorithm: 0,
            asked_user_verification: options.user_verification.as_str(),
            known_credentials: 0,
            before,
            reply,
        }
    }

    /// A member of the client data; `None` if it is missing, or if the client data is not JSON.
    pub(super) fn client_data_member(&self, name: &str) -> Option<Value> {
        let members: Value = serde_json::from_str(self.client_data.trim_start_matches('\u{feff}')).ok()?;
        members.get(name).cloned()
    }

    /// Whether the page's host is the RP ID.
    pub(super) fn host_is_rp_id(&self) -> bool {
        let origin = self.client_data_member("origin");
        let url = origin.and_then(|origin| url::Url::parse(origin.as_str()?).ok());
        let host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
        self.auth_data.get(..32) == Some(&Sha256::digest(host))
    }

    /// A member of `response`.
    pub(super) fn response(&self, name: &str) -> Option<&Value> {
        self.reply.get("response")?.get(name)
    }

    /// Whether an object's members are all among these.
    pub(super) fn has_only(object: &Value, known: &[&str]) -> bool {
        object.as_object().is_none_or(|members| members.keys().all(|name| known.contains(&name.as_str())))
    }

    /// `alg` of the attestation statement.
    pub(super) fn attestation_algorithm(&self) -> Option<i64> {
        match self.att_stmt.as_ref()?.member("alg")? {
            Item::Int(algorithm) => Some(*algorithm),
            _ => None,
        }
    }

    /// How many certificates the attestation statement has.
    pub(super) fn certificates(&self) -> usize {
        match self.att_stmt.as_ref().and_then(|statement| statement.member("x5c")) {
            Some(Item::Array(chain)) => chain.len(),
            _ => 0,
        }
    }

    /// The AAGUID, at a registration.
    pub(super) fn aaguid(&self) -> &[u8] {
        self.auth_data.get(37..53).unwrap_or_default()
    }
}

/// The model in a registration's reply, as far as it can be read.
pub(super) fn aaguid_of(reply: &str) -> Option<Aaguid> {
    let reply: Value = serde_json::from_str(reply).ok()?;
    match Item::read(&bytes(&reply, "attestationObject")).ok()?.member("authData")? {
        Item::Bytes(data) => Some(Aaguid(data.get(37..53)?.try_into().ok()?)),
        _ => None,
    }
}

/// The challenge in a reply's client data.
pub(super) fn challenge_of(reply: &str) -> Option<Vec<u8>> {
    let reply: Value = serde_json::from_str(reply).ok()?;
    let client_data: Value = serde_json::from_str(&client_data(&reply)).ok()?;
    decode(client_data.get("challenge")?.as_str()?)
}

/// The origin in a reply's client data.
pub(super) fn origin_of(reply: &str) -> Option<String> {
    let reply: Value = serde_json::from_str(reply).ok()?;
    // Whatever follows the object is not looked at, as by the limited verification algorithm.
    let text = client_data(&reply);
    let client_data = serde_json::Deserializer::from_str(&text).into_iter::<Value>().next()?.ok()?;
    Some(client_data.get("origin")?.as_str()?.to_owned())
}

/// The reply, with its client data parsed and serialised again.
pub(super) fn with_client_data_serialised_again(reply: &str) -> Option<String> {
    let mut reply: Value = serde_json::from_str(reply).ok()?;
    let members: Value = serde_json::from_str(&client_data(&reply)).ok()?;
    // The standard's members come first, in the order in which clients write them.
    let known = ["type", "challenge", "origin", "crossOrigin", "topOrigin"];
    let first = known.iter().filter_map(|name| Some(((*name).to_owned(), members.get(name)?.clone())));
    let others = members.as_object()?.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    let text: Vec<String> = first
        .chain(others.map(|(name, value)| (name.clone(), value.clone())))
        .map(|(name, value)| format!("{}:{value}", Value::from(name)))
        .collect();
    let text = format!("{{{}}}", text.join(","));
    *reply.get_mut("response")?.get_mut("clientDataJSON")? = base64url::encode(text.as_bytes()).into();
    Some(reply.to_string())
}

fn client_data(reply: &Value) -> String {
    String::from_utf8_lossy(&bytes(reply, "clientDataJSON")).into_owned()
}

fn bytes(reply: &Value, name: &str) -> Vec<u8> {
    let text = reply.get("response").and_then(|response| response.get(name)).and_then(Value::as_str);
    text.and_then(decode).unwrap_or_default()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    base64url::decode(text).ok()
}

fn flags(auth_data: &[u8]) -> Flags {
    Flags(auth_data.get(32).copied().unwrap_or_default())
}

/// `alg` of a COSE_Key.
fn algorithm(key: &[u8]) -> i64 {
    match Item::read(key).ok().as_ref().and_then(|key| key.member(3)) {
        Some(Item::Int(algorithm)) => *algorithm,
        _ => 0,
    }
}
