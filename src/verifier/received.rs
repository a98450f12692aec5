//! A response as it comes over the wire (WebAuthn L3 §5.1): the members that the ceremonies need.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::check::Check;
use super::judge::{Judge, quoted};
use crate::webauthn::Ceremony;

/// `PublicKeyCredential` as JSON: what could be read of it.
#[derive(Default)]
pub(super) struct Received {
    pub(super) id: Option<Vec<u8>>,
    pub(super) client_data_json: Option<Vec<u8>>,
    pub(super) attestation_object: Option<Vec<u8>>,
    pub(super) authenticator_data: Option<Vec<u8>>,
    pub(super) signature: Option<Vec<u8>>,
    /// Outer: whether it could be read; inner: whether it is there.
    pub(super) user_handle: Option<Option<Vec<u8>>>,
    pub(super) transports: Vec<String>,
    /// The names of the client extension results.
    pub(super) client_extensions: Vec<String>,
}

impl Received {
    /// Steps 3 and 4 of both ceremonies, and step 7 of §7.2.
    pub(super) fn read(judge: &mut Judge<'_>, reply: &str) -> Self {
        let mut received = Self::default();
        let expected = "a JSON object with a response";
        let reply = serde_json::from_str::<Value>(reply).map_err(|error| format!("no JSON ({error})"));
        let Some(reply) = judge.require(Check::ReplyObject, reply, expected) else { return received };
        let members = reply.as_object().ok_or_else(|| kind(&reply).to_owned()).and_then(|members| {
            let response = members.get("response").ok_or("an object without response")?;
            let response = response.as_object().ok_or_else(|| format!("{} as response", kind(response)))?;
            Ok((members, response))
        });
        let Some((reply, response)) = judge.require(Check::ReplyObject, members, expected) else {
            return received;
        };

        received.id = read_id(judge, reply);
        let found = || reply.get("type").map_or_else(|| "nothing".into(), show);
        let is_public_key = reply.get("type").and_then(Value::as_str) == Some("public-key");
        judge.check(Check::CredentialType, is_public_key, found, "\"public-key\"");

        received.client_data_json = bytes(judge, Check::ClientDataMember, response, "clientDataJSON");
        match judge.ceremony() {
            Ceremony::Create => {
                received.attestation_object =
                    bytes(judge, Check::AttestationObjectMember, response, "attestationObject");
            }
            Ceremony::Get => {
                received.authenticator_data =
                    bytes(judge, Check::AuthenticatorDataMember, response, "authenticatorData");
                received.signature = bytes(judge, Check::SignatureMember, response, "signature");
                received.user_handle = read_user_handle(judge, response);
                if received.authenticator_data.is_some() && received.signature.is_some() {
                    judge.done(7);
                }
            }
        }
        let transports = response.get("transports").and_then(Value::as_array).into_iter().flatten();
        received.transports = transports.filter_map(Value::as_str).map(str::to_owned).collect();
        received.client_extensions = read_client_extensions(judge, reply);
        received
    }
}

fn read_id(judge: &mut Judge<'_>, reply: &Map<String, Value>) -> Option<Vec<u8>> {
    let expected = "base64url of at least one byte, the same as rawId";
    let id = member_bytes(reply, "id").map_err(|found| format!("{found} as id"));
    let id = judge.require(Check::CredentialId, id, expected)?;
    if reply.contains_key("rawId") {
        let raw_id = member_bytes(reply, "rawId");
        let same = raw_id.as_ref() == Ok(&id);
        let found = || match raw_id {
            Ok(_) => "another rawId than id".to_owned(),
            Err(found) => format!("{found} as rawId"),
        };
        judge.check(Check::CredentialId, same, found, expected);
    }
    Some(id)
}

fn read_user_handle(judge: &mut Judge<'_>, response: &Map<String, Value>) -> Option<Option<Vec<u8>>> {
    if response.get("userHandle").is_none_or(Value::is_null) {
        return Some(None);
    }
    let handle = member_bytes(response, "userHandle").and_then(|handle| match handle.len() {
        1..=64 => Ok(Some(handle)),
        length => Err(format!("{length} bytes")),
    });
    judge.require(Check::UserHandleMember, handle, "base64url of 1 to 64 bytes")
}

fn read_client_extensions(judge: &mut Judge<'_>, reply: &Map<String, Value>) -> Vec<String> {
    match reply.get("clientExtensionResults") {
        None => {
            judge.not_applicable(4, "the reply has no client extension results");
            Vec::new()
        }
        Some(results) => {
            let is_object = results.is_object();
            judge.check(Check::ClientExtensionResults, is_object, || kind(results).to_owned(), "an object");
            results.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
        }
    }
}

fn bytes(judge: &mut Judge<'_>, check: Check, object: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    let value = member_bytes(object, name);
    judge.require(check, value, format_args!("base64url of at least one byte as {name}"))
}

fn member_bytes(object: &Map<String, Value>, name: &str) -> Result<Vec<u8>, String> {
    let value = object.get(name).ok_or("nothing")?;
    let text = value.as_str().ok_or_else(|| kind(value))?;
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if bytes.is_empty() => Err("an empty string".into()),
        Ok(bytes) => Ok(bytes),
        Err(_) => Err(format!("{}, which is not base64url", quoted(text))),
    }
}

/// What a JSON value is, for people.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A string as it is, anything else by its kind.
pub(super) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        other => kind(other).to_owned(),
    }
}
