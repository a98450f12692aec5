//! Responses in JSON (WebAuthn L3 §5.1), found at any depth and in any vendor's wrapping.

use sha2::{Digest, Sha256};
use stuntkey::encoding::base64url;
use stuntkey::encoding::json::{self, Json};
use stuntkey::webauthn::Ceremony;

use super::authenticator_data::{Hints, node as authenticator_data};
use super::tree::{Node, count};
use super::{attestation_object, certificate, json_text};

/// The names that members have, the standard's first, then those of vendors.
const CLIENT_DATA: [&str; 2] = ["clientDataJSON", "clientData"];
const ATTESTATION_OBJECT: [&str; 2] = ["attestationObject", "attestation"];
const SIGNATURE: [&str; 2] = ["signature", "signatureData"];

/// A response, in the standard's shape.
#[derive(Debug, Clone)]
pub struct Response {
    /// Whose response it is.
    pub ceremony: Ceremony,
    /// Where it stands in the input: `$.credential`.
    pub path: String,
    /// `RegistrationResponseJSON` or `AuthenticationResponseJSON`.
    pub reply: String,
    /// Members of those that the response lacked.
    pub filled: Vec<&'static str>,
    /// `clientDataJSON`, decoded.
    pub client_data: Vec<u8>,
    /// `authenticatorData`, decoded; empty in a registration.
    pub authenticator_data: Vec<u8>,
    /// `signature`, decoded; empty in a registration.
    pub signature: Vec<u8>,
    /// `userHandle`, decoded.
    pub user_handle: Option<Vec<u8>>,
}

impl Response {
    /// What an authentication signs: authenticator data and the client data hash.
    pub fn signed(&self) -> Vec<u8> {
        [self.authenticator_data.as_slice(), &Sha256::digest(&self.client_data)].concat()
    }
}

/// The first response in a JSON value.
pub fn find(json: &Json<'_>) -> Option<Response> {
    descend(json, None, "$", false)
}

fn descend(json: &Json<'_>, around: Option<&Json<'_>>, path: &str, in_string: bool) -> Option<Response> {
    match json {
        Json::Object(_) if ceremony(json).is_some() => Some(read(json, around, path)),
        Json::Object(members) => members
            .iter()
            .find_map(|(name, value)| descend(value, Some(json), &format!("{path}.{name}"), in_string)),
        Json::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| descend(item, None, &format!("{path}[{index}]"), in_string))
        }
        Json::String(text) if !in_string && text.trim_start().starts_with('{') => {
            descend(&json::parse(text).ok()?, None, path, true)
        }
        _ => None,
    }
}

fn text<'a>(json: &'a Json<'_>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| json.member(name)?.as_str())
}

/// Which ceremony's response an object is.
fn ceremony(json: &Json<'_>) -> Option<Ceremony> {
    text(json, &CLIENT_DATA)?;
    if text(json, &ATTESTATION_OBJECT).is_some() {
        return Some(Ceremony::Create);
    }
    let assertion = text(json, &["authenticatorData"]).or_else(|| text(json, &SIGNATURE));
    assertion.map(|_| Ceremony::Get)
}

fn read(response: &Json<'_>, around: Option<&Json<'_>>, path: &str) -> Response {
    let ceremony = ceremony(response).unwrap_or(Ceremony::Get);
    // The standard's own shape has the id and the type around the response.
    let outer = around.filter(|outer| outer.member("response") == Some(response)).unwrap_or(response);
    let bytes = |names: &[&str]| text(response, names).map(decode).unwrap_or_default();
    let mut filled = Vec::new();
    let mut members: Vec<(&str, Json<'static>)> = Vec::new();
    for name in ["id", "rawId", "type", "authenticatorAttachment", "clientExtensionResults"] {
        if let Some(value) = outer.member(name) {
            members.push((name, value.clone().into_owned()));
        }
    }
    if outer.member("id").is_none() {
        let id = match outer.member("rawId").and_then(Json::as_str) {
            Some(raw_id) => raw_id.to_owned(),
            // Whoever knows the response by other means has no use for an id: any will do.
            None => credential_id(&bytes(&ATTESTATION_OBJECT)).unwrap_or_else(|| "AA".to_owned()),
        };
        members.push(("id", id.into()));
        filled.push("id");
    }
    if outer.member("type").is_none() {
        members.push(("type", "public-key".into()));
        filled.push("type");
    }
    let mut inner = vec![("clientDataJSON", CLIENT_DATA.as_slice())];
    match ceremony {
        Ceremony::Create => inner.push(("attestationObject", ATTESTATION_OBJECT.as_slice())),
        Ceremony::Get => {
            inner.extend([
                ("authenticatorData", ["authenticatorData"].as_slice()),
                ("signature", SIGNATURE.as_slice()),
            ]);
        }
    }
    let mut response_members: Vec<(&str, Json<'static>)> = Vec::new();
    for (name, names) in inner {
        response_members.extend(text(response, names).map(|text| (name, text.to_owned().into())));
    }
    for name in ["userHandle", "transports"] {
        response_members.extend(response.member(name).map(|value| (name, value.clone().into_owned())));
    }
    members.push(("response", Json::object(response_members)));
    Response {
        ceremony,
        path: path.to_owned(),
        reply: Json::object(members).to_string(),
        filled,
        client_data: bytes(&CLIENT_DATA),
        authenticator_data: bytes(&["authenticatorData"]),
        signature: bytes(&SIGNATURE),
        user_handle: text(response, &["userHandle"]).map(decode),
    }
}

fn decode(text: &str) -> Vec<u8> {
    base64url::decode_lenient(text).map(|(bytes, _)| bytes).unwrap_or_default()
}

/// The credential id in an attestation object, base64url.
fn credential_id(object: &[u8]) -> Option<String> {
    let tree = attestation_object::node("", object, 0..object.len(), &Hints::default());
    let data = tree.children.iter().find(|child| child.name == "authData")?;
    let attested = data.children.iter().find(|child| child.name == "attestedCredentialData")?;
    let id = attested.children.iter().find(|child| child.name == "credentialId")?;
    match &id.value {
        super::tree::Value::Bytes(bytes) => Some(base64url::encode(bytes)),
        _ => None,
    }
}

/// The whole JSON as a tree, with the response's members taken apart.
pub fn node(name: &str, json: &Json<'_>, hints: &Hints) -> Node {
    tree(name, json, hints, false)
}

fn tree(name: &str, json: &Json<'_>, hints: &Hints, in_string: bool) -> Node {
    match json {
        Json::Object(members) if !members.is_empty() => {
            let inside = ceremony(json).is_some();
            let around = json.member("response").is_some_and(|response| ceremony(response).is_some());
            let children = members.iter().map(|(name, value)| match value {
                Json::String(text) if inside || around => member(name, text, inside, hints),
                _ => tree(name, value, hints, in_string),
            });
            Node::new(name).with_all(children)
        }
        Json::Array(items) if find(json).is_some() => {
            let items = items.iter().enumerate();
            Node::new(name)
                .with_all(items.map(|(index, item)| tree(&format!("[{index}]"), item, hints, in_string)))
        }
        Json::String(text) if !in_string && text.trim_start().starts_with('{') => match json::parse(text) {
            Ok(inner) if find(&inner).is_some() => tree(name, &inner, hints, true).remark("JSON in a string"),
            _ => json_text::node(name, json),
        },
        _ => json_text::node(name, json),
    }
}

/// A member that may be base64url of something known.
fn member(name: &str, text: &str, inside: bool, hints: &Hints) -> Node {
    let known = match name {
        "id" | "rawId" | "userHandle" => true,
        "publicKey" | "authenticatorData" => inside,
        _ => inside && [CLIENT_DATA, ATTESTATION_OBJECT, SIGNATURE].iter().any(|names| names.contains(&name)),
    };
    if !known {
        return Node::new(name).text(text);
    }
    let (bytes, mended) = match base64url::decode_lenient(text) {
        Ok(decoded) => decoded,
        Err(error) => return Node::new(name).text(text).stop(format!("not base64url: {error}")),
    };
    let range = 0..bytes.len();
    let node = match name {
        _ if CLIENT_DATA.contains(&name) => json_text::client_data(name, &bytes),
        _ if ATTESTATION_OBJECT.contains(&name) => {
            attestation_object::node(name, &bytes, range, hints).word(count(bytes.len(), "byte", "bytes"))
        }
        "authenticatorData" => authenticator_data(name, &bytes, range, hints),
        "publicKey" => certificate::public_key(name, &bytes, range),
        _ => Node::new(name).data(bytes.clone()).at(range),
    };
    let node = node.within(&bytes);
    let faults = [
        (mended.standard_alphabet, "base64, where base64url belongs"),
        (mended.padding, "padded, which base64url is not in WebAuthn"),
        (mended.white_space, "white space in base64url"),
    ];
    faults.iter().filter(|(fault, _)| *fault).fold(node, |node, (_, text)| node.odd(*text))
}
