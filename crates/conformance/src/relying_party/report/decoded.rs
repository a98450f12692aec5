//! What a reply says, for people: client data, authenticator data, attestation. The replies of a conformance run are
//! faulty, so nothing here is taken for granted: what cannot be read is said to be unreadable, and why.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::base64url;
use stuntkey::encoding::cbor::Item;
use stuntkey::encoding::json::{self, Json};
use stuntkey::webauthn::{AuthenticatorData, Flags};

use crate::core::report::text::{clip, count, hex};

/// Bytes up to here are shown whole.
const MOST_BYTES: usize = 64;
/// Texts up to here are shown whole, in characters.
const MOST_TEXT: usize = 4000;
/// How deep the response may be in a body.
const DEEPEST: u8 = 8;

/// A part of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The name of the member.
    pub(crate) name: &'static str,
    /// What it says, in lines.
    pub(crate) text: String,
}

/// What bytes say, where the origin tells which RP IDs to look for.
type Reader = fn(&[u8], &str) -> String;

/// The members of a response, in the order in which they are shown, and how each is read.
const MEMBERS: [(&str, Reader); 5] = [
    ("clientDataJSON", |bytes, _| client_data(bytes)),
    ("attestationObject", attestation_object),
    ("authenticatorData", authenticator_data),
    ("signature", |bytes, _| shown(bytes)),
    ("userHandle", |bytes, _| user_handle(bytes)),
];

/// What a body says, if there is a WebAuthn response in it: in the standard's shape wherever it stands, or as a form.
pub(crate) fn decode(sent: &str, origin: &str) -> Vec<Part> {
    match json::parse(sent) {
        Ok(body) => match response_in(&body, DEEPEST) {
            Some(response) => parts(&response, origin),
            None => Vec::new(),
        },
        Err(_) => {
            let fields = url::form_urlencoded::parse(sent.as_bytes());
            let form = Json::Object(fields.map(|(name, value)| (name, Json::String(value))).collect());
            if is_response(&form) { parts(&form, origin) } else { Vec::new() }
        }
    }
}

/// The object with the members of a response; a string is looked into, as some send JSON in JSON.
fn response_in(json: &Json<'_>, depth: u8) -> Option<Json<'static>> {
    let depth = depth.checked_sub(1)?;
    match json {
        Json::Object(_) if is_response(json) => Some(json.clone().into_owned()),
        Json::Object(members) => members.iter().find_map(|(_, value)| response_in(value, depth)),
        Json::Array(items) => items.iter().find_map(|item| response_in(item, depth)),
        Json::String(text) if text.starts_with('{') => response_in(&json::parse(text).ok()?, depth),
        _ => None,
    }
}

/// A fault may have taken any of the members away.
fn is_response(json: &Json<'_>) -> bool {
    let names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature"];
    names.iter().any(|name| json.member(name).is_some())
}

fn parts(response: &Json<'_>, origin: &str) -> Vec<Part> {
    let part = |(name, read): &(&'static str, Reader)| {
        let text = match response.member(name)? {
            Json::String(text) if text.is_empty() => "an empty string".to_owned(),
            Json::String(text) => match base64url::decode(text) {
                Ok(bytes) => read(&bytes, origin),
                Err(error) => {
                    let shown = clip(text, 2 * MOST_BYTES);
                    format!("{}\n{shown}", unreadable(&format!("no base64url, {error}")))
                }
            },
            other => unreadable(&format!("{}, expected a string", other.describe())),
        };
        Some(Part { name, text })
    };
    MEMBERS.iter().filter_map(part).collect()
}

fn unreadable(why: &str) -> String {
    format!("unreadable: {why}")
}

fn client_data(bytes: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let lossy = clip(&String::from_utf8_lossy(bytes), MOST_TEXT);
        return format!("{}\n{lossy}", unreadable("no UTF-8"));
    };
    let (mark, json) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("a byte order mark, then\n", rest),
        None => ("", text),
    };
    match json::parse(json) {
        Ok(parsed) => {
            let pretty = clip(&parsed.to_pretty_string(), MOST_TEXT);
            // White space and escapes are what some faults are about.
            let written = match parsed.to_string() == json {
                true => String::new(),
                false => format!("\nwritten as\n{}", clip(json, MOST_TEXT)),
            };
            format!("{mark}{pretty}{written}")
        }
        Err(error) => format!("{mark}{}\n{}", unreadable(&error.to_string()), clip(json, MOST_TEXT)),
    }
}

fn attestation_object(bytes: &[u8], origin: &str) -> String {
    let item = match Item::read(bytes) {
        Ok(item) => item,
        Err(error) => return format!("{}\n{}", unreadable(&error.to_string()), shown(bytes)),
    };
    let Item::Map(entries) = &item else {
        return unreadable(&format!("{}, expected a map", summary(&item)));
    };
    let mut lines = Vec::new();
    for (key, value) in entries {
        match (key, value) {
            (Item::Text(name), Item::Text(format)) if name == "fmt" => lines.push(format!("fmt: {format:?}")),
            (Item::Text(name), statement) if name == "attStmt" => {
                lines.push("attStmt:".into());
                lines.extend(statement_lines(statement).iter().map(|line| format!("  {line}")));
            }
            (Item::Text(name), Item::Bytes(data)) if name == "authData" => {
                lines.push("authData:".into());
                lines.extend(authenticator_data(data, origin).lines().map(|line| format!("  {line}")));
            }
            (key, value) => lines.push(format!("{}: {}", key_name(key), summary(value))),
        }
    }
    for name in ["fmt", "attStmt", "authData"] {
        if item.member(name).is_none() {
            lines.push(format!("{name}: missing"));
        }
    }
    lines.join("\n")
}

fn statement_lines(statement: &Item) -> Vec<String> {
    match statement {
        Item::Map(entries) if entries.is_empty() => vec!["empty".into()],
        Item::Map(entries) => entries.iter().map(|(key, value)| statement_line(key, value)).collect(),
        // The statements of `compound` (§8.9).
        Item::Array(items) => items.iter().map(|item| format!("- {}", summary(item))).collect(),
        other => vec![unreadable(&format!("{}, expected a map", summary(other)))],
    }
}

fn statement_line(key: &Item, value: &Item) -> String {
    let name = key_name(key);
    match (name.as_ref(), value) {
        ("alg", Item::Int(identifier)) => format!("alg: {}", algorithm(*identifier)),
        ("x5c", Item::Array(certificates)) => {
            let lengths: Vec<String> = certificates.iter().map(summary).collect();
            let number = count(certificates.len(), "certificate", "certificates");
            format!("x5c: {number} ({})", lengths.join(", "))
        }
        _ => format!("{name}: {}", summary(value)),
    }
}

fn key_name(key: &Item) -> Cow<'_, str> {
    match key {
        Item::Text(name) => Cow::Borrowed(name),
        other => Cow::Owned(summary(other)),
    }
}

/// An item in one line.
fn summary(item: &Item) -> String {
    match item {
        Item::Int(number) => format!("the number {number}"),
        Item::Bytes(bytes) => count(bytes.len(), "byte", "bytes"),
        Item::Text(text) => format!("{:?}", clip(text, MOST_BYTES)),
        Item::Array(items) => format!("an array of {}", items.len()),
        Item::Map(entries) => {
            let names: Vec<_> = entries.iter().take(8).map(|(key, _)| key_name(key)).collect();
            let number = count(entries.len(), "entry", "entries");
            format!("a map of {number} ({})", names.join(", "))
        }
        Item::Bool(value) => value.to_string(),
        Item::Null => "null".into(),
        Item::Raw(bytes) => format!("the item {}", hex(bytes.get(..MOST_BYTES).unwrap_or(bytes))),
    }
}

fn authenticator_data(bytes: &[u8], origin: &str) -> String {
    let data = match AuthenticatorData::parse(bytes) {
        Ok(data) => data,
        Err(error) => return unreadable_authenticator_data(bytes, origin, &error.to_string()),
    };
    let mut lines = header(&data.rp_id_hash, data.flags, data.sign_count, origin);
    if let Some(attested) = &data.attested_credential_data {
        let id = &attested.credential_id;
        let key = attested.public_key.algorithm();
        lines.push(format!("AAGUID: {}", attested.aaguid));
        lines.push(format!("credential id: {}", shown(id)));
        lines.push(format!("credential key: {}", algorithm(key.cose_identifier())));
    }
    if let Some(extensions) = &data.extensions {
        let told = Item::read(extensions).map_or_else(|_| shown(extensions), |item| summary(&item));
        lines.push(format!("extensions: {told}"));
    }
    lines.join("\n")
}

/// As much of it as can be read: the first three fields have fixed places.
fn unreadable_authenticator_data(bytes: &[u8], origin: &str, why: &str) -> String {
    let mut rest = bytes;
    let mut take = |length: usize| rest.split_off(..length);
    let mut lines = Vec::new();
    let fields = (take(32), take(1), take(4));
    if let (Some(rp_id_hash), Some([flags]), Some(sign_count)) = fields
        && let Ok(sign_count) = <[u8; 4]>::try_from(sign_count)
    {
        lines.extend(header(rp_id_hash, Flags(*flags), u32::from_be_bytes(sign_count), origin));
    }
    lines.push(unreadable(why));
    lines.push(shown(bytes));
    lines.join("\n")
}

fn header(rp_id_hash: &[u8], flags: Flags, sign_count: u32, origin: &str) -> Vec<String> {
    let of = rp_id_of(rp_id_hash, origin).map(|rp_id| format!(" (of {rp_id:?})")).unwrap_or_default();
    vec![
        format!("rpIdHash: {}{of}", hex(rp_id_hash)),
        format!("flags: {flags}"),
        format!("signCount: {sign_count}"),
    ]
}

/// The RP ID whose hash it is: the origin's host, or what follows a dot in it.
fn rp_id_of(rp_id_hash: &[u8], origin: &str) -> Option<String> {
    let parsed = url::Url::parse(origin).ok()?;
    let host = parsed.host_str()?;
    let parents = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
    let mut candidates = std::iter::once(host).chain(parents);
    candidates.find(|rp_id| Sha256::digest(rp_id.as_bytes()).as_slice() == rp_id_hash).map(str::to_owned)
}

fn algorithm(identifier: i64) -> String {
    match Algorithm::from_cose_identifier(identifier) {
        Some(algorithm) => format!("{} ({identifier})", algorithm.name()),
        None => format!("the unknown algorithm {identifier}"),
    }
}

fn user_handle(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => {
            format!("{}\nas text {text:?}", shown(bytes))
        }
        _ => shown(bytes),
    }
}

/// Their number, and their beginning in hex.
fn shown(bytes: &[u8]) -> String {
    let number = count(bytes.len(), "byte", "bytes");
    match bytes.get(..MOST_BYTES) {
        _ if bytes.is_empty() => number,
        Some(start) if bytes.len() > MOST_BYTES => format!("{number} {}…", hex(start)),
        _ => format!("{number} {}", hex(bytes)),
    }
}

#[cfg(test)]
mod tests;
