//! Responses in JSON (WebAuthn L3 §5.1), found at any depth and in any vendor's wrapping.

use sha2::{Digest, Sha256};

use super::authenticator_data::{self, Hints};
use super::cbor::{self, Item, Limits};
use super::json::{self, Json, Kind};
use super::text::count;
use super::tree::Node;
use super::{attestation_object, base64, certificate, client_data};

/// The names that members have, the standard's first, then those of vendors.
const CLIENT_DATA: [&str; 2] = ["clientDataJSON", "clientData"];
const ATTESTATION_OBJECT: [&str; 2] = ["attestationObject", "attestation"];
const SIGNATURE: [&str; 2] = ["signature", "signatureData"];

/// Which ceremony something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The creation of a credential.
    Registration,
    /// An assertion by a credential.
    Authentication,
}

/// A response, in the standard's shape.
#[derive(Debug, Clone)]
pub struct Response {
    /// Which ceremony's response it is.
    pub form: Form,
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
    #[must_use]
    pub fn signed(&self) -> Vec<u8> {
        [self.authenticator_data.as_slice(), &Sha256::digest(&self.client_data)].concat()
    }
}

/// The first response in a JSON value that was read from a text.
#[must_use]
pub fn find(source: &str, json: &Json<'_>) -> Option<Response> {
    descend(&Place { source, around: None, in_string: false }, json, "$")
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// The text that was read.
    source: &'p str,
    /// The object that has the value as a member.
    around: Option<&'p Json<'p>>,
    /// Whether the text is itself a string of JSON.
    in_string: bool,
}

fn descend(place: &Place<'_>, json: &Json<'_>, path: &str) -> Option<Response> {
    match &json.kind {
        Kind::Object(_) if form(json).is_some() => Some(read(place, json, path)),
        Kind::Object(members) => members.iter().find_map(|member| {
            let inner = Place { around: Some(json), ..*place };
            descend(&inner, &member.value, &format!("{path}.{}", member.name))
        }),
        Kind::Array(items) => {
            let inner = Place { around: None, ..*place };
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| descend(&inner, item, &format!("{path}[{index}]")))
        }
        Kind::String(text) if !place.in_string && text.trim_start().starts_with('{') => {
            let inner = json::read(text).whole()?;
            descend(&Place { source: text, around: None, in_string: true }, &inner, path)
        }
        _ => None,
    }
}

fn member_of<'j, 'a>(json: &'j Json<'a>, names: &[&str]) -> Option<&'j Json<'a>> {
    names.iter().find_map(|name| json.member(name).filter(|value| value.as_str().is_some()))
}

/// Which ceremony's response an object is.
fn form(json: &Json<'_>) -> Option<Form> {
    member_of(json, &CLIENT_DATA)?;
    if member_of(json, &ATTESTATION_OBJECT).is_some() {
        return Some(Form::Registration);
    }
    let assertion = member_of(json, &["authenticatorData"]).or_else(|| member_of(json, &SIGNATURE));
    assertion.map(|_| Form::Authentication)
}

fn read(place: &Place<'_>, response: &Json<'_>, path: &str) -> Response {
    let form = form(response).unwrap_or(Form::Authentication);
    // The standard's own shape has the id and the type around the response.
    let outer = place.around.filter(|outer| outer.member("response") == Some(response)).unwrap_or(response);
    let bytes =
        |names: &[&str]| member_of(response, names).and_then(Json::as_str).map(decode).unwrap_or_default();
    let raw = |value: &Json<'_>| place.source.get(value.range.clone()).unwrap_or("null").to_owned();
    let mut filled = Vec::new();
    let mut members: Vec<(&str, String)> = Vec::new();
    for name in ["id", "rawId", "type", "authenticatorAttachment", "clientExtensionResults"] {
        members.extend(outer.member(name).map(|value| (name, raw(value))));
    }
    if outer.member("id").is_none() {
        let id = match outer.member("rawId").filter(|raw_id| raw_id.as_str().is_some()) {
            Some(raw_id) => raw(raw_id),
            // Whoever knows the response by other means has no use for an id: any will do.
            None => {
                let id = credential_id(&bytes(&ATTESTATION_OBJECT)).unwrap_or_else(|| "AA".to_owned());
                format!("\"{id}\"")
            }
        };
        members.push(("id", id));
        filled.push("id");
    }
    if outer.member("type").is_none() {
        members.push(("type", "\"public-key\"".into()));
        filled.push("type");
    }
    let inner: &[(&str, &[&str])] = match form {
        Form::Registration => &[("clientDataJSON", &CLIENT_DATA), ("attestationObject", &ATTESTATION_OBJECT)],
        Form::Authentication => &[
            ("clientDataJSON", &CLIENT_DATA),
            ("authenticatorData", &["authenticatorData"]),
            ("signature", &SIGNATURE),
        ],
    };
    let mut response_members: Vec<(&str, String)> = Vec::new();
    for (name, names) in inner {
        response_members.extend(member_of(response, names).map(|value| (*name, raw(value))));
    }
    for name in ["userHandle", "transports"] {
        response_members.extend(response.member(name).map(|value| (name, raw(value))));
    }
    members.push(("response", object(&response_members)));
    Response {
        form,
        path: path.to_owned(),
        reply: object(&members),
        filled,
        client_data: bytes(&CLIENT_DATA),
        authenticator_data: bytes(&["authenticatorData"]),
        signature: bytes(&SIGNATURE),
        user_handle: member_of(response, &["userHandle"]).and_then(Json::as_str).map(decode),
    }
}

/// An object of members that are JSON already.
fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn decode(text: &str) -> Vec<u8> {
    base64::decode_lenient(text).map(|(bytes, _)| bytes).unwrap_or_default()
}

/// The credential id in an attestation object, base64url.
fn credential_id(object: &[u8]) -> Option<String> {
    let reading = cbor::read(object, 0..object.len());
    let data = reading.item.as_ref()?.member("authData").and_then(Item::bytes)?;
    let data = authenticator_data::read(data, 0..data.len(), Limits::default());
    Some(base64::encode(data.attested?.credential_id?.value))
}

/// The whole JSON as a tree, with the response's members taken apart.
#[must_use]
pub fn node(name: &str, source: &str, json: &Json<'_>, hints: &Hints) -> Node {
    tree(name, source, json, hints, false)
}

fn tree(name: &str, source: &str, json: &Json<'_>, hints: &Hints, in_string: bool) -> Node {
    match &json.kind {
        Kind::Object(members) if !members.is_empty() => {
            // A response that is cut has its first members alone.
            let standard = ["clientDataJSON", "attestationObject", "authenticatorData"];
            let inside = form(json).is_some() || member_of(json, &standard).is_some();
            let around = json.member("response").is_some_and(|response| form(response).is_some());
            let children = json::repeats(members).map(|(child, twice)| {
                let (name, value) = (child.name.as_ref(), &child.value);
                let node = match &value.kind {
                    Kind::String(text) if inside || around => member(name, text, inside, hints),
                    _ => tree(name, source, value, hints, in_string),
                };
                json::named(node, json, child, twice, None)
            });
            Node::new(name).with_all(children)
        }
        Kind::Array(items) if find(source, json).is_some() => {
            let children = items.iter().enumerate();
            let children =
                children.map(|(index, item)| tree(&format!("[{index}]"), source, item, hints, in_string));
            Node::new(name).with_all(children)
        }
        Kind::String(text) if !in_string && text.trim_start().starts_with('{') => {
            match json::read(text).whole() {
                Some(inner) if find(text, &inner).is_some() => {
                    tree(name, text, &inner, hints, true).remark("JSON in a string")
                }
                _ => json::node(name, json, None),
            }
        }
        _ => json::node(name, json, None),
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
    let (bytes, mended) = match base64::decode_lenient(text) {
        Ok(decoded) => decoded,
        Err(error) => return Node::new(name).text(text).stop(format!("not base64url: {error}")),
    };
    let range = 0..bytes.len();
    let node = match name {
        _ if CLIENT_DATA.contains(&name) => client_data::node(name, &bytes),
        _ if ATTESTATION_OBJECT.contains(&name) => {
            attestation_object::node(name, &bytes, range, hints).word(count(bytes.len(), "byte", "bytes"))
        }
        "authenticatorData" => authenticator_data::node(name, &bytes, range, hints),
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
