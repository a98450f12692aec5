//! Decodes a reply for people: client data, authenticator data, attestation. The replies of a conformance run are faulty,
//! so the lenient readers read each as far as they can, and the text says why the rest is unreadable.

use sha2::{Digest, Sha256};
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::base64url;
use stuntkey::encoding::json::{self, Json};
use stuntkey::webauthn::{Aaguid, Flags};
use stuntkey_inspect::authenticator_data as reader;
use stuntkey_inspect::cbor::{self, Item, Kind, Limits, Stop};
use stuntkey_inspect::diagnostic;

use crate::core::report::text::{clip, count, hex};

/// How many bytes are shown; longer ones are cut.
const MOST_BYTES: usize = 64;
/// How many characters of a text are shown; longer ones are cut.
const MOST_TEXT: usize = 4000;
/// How deep in a body a response is looked for.
const DEEPEST: u8 = 8;

/// A member of a response, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The name of the member.
    pub(crate) name: &'static str,
    /// What the member says, in lines.
    pub(crate) text: String,
}

/// Describes bytes. From the origin follow the RP IDs whose hash the bytes may contain.
type Reader = fn(&[u8], &str) -> String;

/// The members of a response, in the order in which they are shown, and how each is read.
const MEMBERS: [(&str, Reader); 5] = [
    ("clientDataJSON", |bytes, _| client_data(bytes)),
    ("attestationObject", attestation_object),
    ("authenticatorData", authenticator_data),
    ("signature", |bytes, _| shown(bytes)),
    ("userHandle", |bytes, _| user_handle(bytes)),
];

/// Decodes the WebAuthn response in a body, if there is one: anywhere in JSON, or in the fields of a form.
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

/// Finds the object with the members of a response. It may be in a string, as some clients send JSON in JSON.
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

/// Whether the object has any member of a response. A fault may have removed the others.
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
                    format!("{}\n{shown}", unreadable(&format!("not base64url, {error}")))
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
        return format!("{}\n{lossy}", unreadable("not UTF-8"));
    };
    let (mark, json) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("a byte order mark, then\n", rest),
        None => ("", text),
    };
    match json::parse(json) {
        Ok(parsed) => {
            let pretty = clip(&parsed.to_pretty_string(), MOST_TEXT);
            // Some faults change only white space or escapes, which the indented form does not show.
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
    let reading = cbor::read(bytes, 0..bytes.len());
    let rest = bytes.len().saturating_sub(reading.end);
    let stop = reading.stop.as_ref().map(|stop| unreadable(&place(stop)));
    let stop = stop.or_else(|| (rest > 0).then(|| unreadable(&format!("{rest} more bytes after the item"))));
    let entries = match &reading.item {
        Some(item) if item.is_map() => item.entries(),
        Some(item) => return unreadable(&format!("{}, expected a map", summary(item))),
        None => &[],
    };
    let mut lines = Vec::new();
    for (key, value) in entries {
        match (key.text(), &value.kind) {
            (Some("fmt"), Kind::Text(_)) => {
                lines.push(format!("fmt: {:?}", value.text().unwrap_or_default()));
            }
            (Some("attStmt"), _) => {
                lines.push("attStmt:".into());
                lines.extend(statement_lines(value).iter().map(|line| format!("  {line}")));
            }
            (Some("authData"), Kind::Bytes(data)) => {
                lines.push("authData:".into());
                lines.extend(authenticator_data(data, origin).lines().map(|line| format!("  {line}")));
            }
            _ => lines.push(format!("{}: {}", key_name(key), summary(value))),
        }
    }
    let item = reading.item.as_ref();
    if let Some((offset, departure)) = item.and_then(Item::first_departure) {
        lines.push(format!("not in the canonical form: {departure} at offset {offset}"));
    }
    if entries.is_empty() {
        lines.extend(stop);
        lines.push(shown(bytes));
        return lines.join("\n");
    }
    for name in ["fmt", "attStmt", "authData"] {
        if item.is_none_or(|item| item.member(name).is_none()) {
            lines.push(format!("{name}: missing"));
        }
    }
    lines.extend(stop);
    lines.join("\n")
}

fn place(stop: &Stop) -> String {
    format!("{} at offset {}", stop.why, stop.offset)
}

fn statement_lines(statement: &Item<'_>) -> Vec<String> {
    match &statement.kind {
        Kind::Map(entries) if entries.is_empty() => vec!["empty".into()],
        Kind::Map(entries) => entries.iter().map(|(key, value)| statement_line(key, value)).collect(),
        // The statements of `compound` (§8.9).
        Kind::Array(items) => items.iter().map(|item| format!("- {}", summary(item))).collect(),
        _ => vec![unreadable(&format!("{}, expected a map", summary(statement)))],
    }
}

fn statement_line(key: &Item<'_>, value: &Item<'_>) -> String {
    let name = key_name(key);
    match (name.as_str(), value.integer(), value.items()) {
        ("alg", Some(identifier), _) => format!("alg: {}", algorithm(identifier)),
        ("x5c", _, Some(certificates)) => {
            let lengths: Vec<String> = certificates.iter().map(summary).collect();
            let number = count(certificates.len(), "certificate", "certificates");
            format!("x5c: {number} ({})", lengths.join(", "))
        }
        _ => format!("{name}: {}", summary(value)),
    }
}

fn key_name(key: &Item<'_>) -> String {
    key.text().map_or_else(|| summary(key), str::to_owned)
}

/// Describes an item in one line.
fn summary(item: &Item<'_>) -> String {
    match &item.kind {
        Kind::Unsigned(_) | Kind::Negative(_) => {
            format!("the number {}", item.integer().unwrap_or_default())
        }
        Kind::Bytes(bytes) => count(bytes.len(), "byte", "bytes"),
        Kind::Text(bytes) => format!("{:?}", clip(&String::from_utf8_lossy(bytes), MOST_BYTES)),
        Kind::Array(items) => format!("an array of {}", items.len()),
        Kind::Map(entries) => {
            let names: Vec<_> = entries.iter().take(8).map(|(key, _)| key_name(key)).collect();
            let number = count(entries.len(), "entry", "entries");
            format!("a map of {number} ({})", names.join(", "))
        }
        Kind::Tag(..) | Kind::Simple(_) | Kind::Float(_) => clip(&diagnostic::notation(item), MOST_BYTES),
    }
}

fn authenticator_data(bytes: &[u8], origin: &str) -> String {
    let data = reader::read(bytes, 0..bytes.len(), Limits::default());
    let mut lines = Vec::new();
    if let Some(hash) = &data.rp_id_hash {
        let of = rp_id_of(&hash.value, origin).map(|rp_id| format!(" (of {rp_id:?})")).unwrap_or_default();
        lines.push(format!("rpIdHash: {}{of}", hex(&hash.value)));
    }
    lines.extend(data.flags.as_ref().map(|flags| format!("flags: {}", Flags(flags.value))));
    lines.extend(data.sign_count.as_ref().map(|count| format!("signCount: {}", count.value)));
    if let Some(attested) = &data.attested {
        let aaguid = attested.aaguid.as_ref();
        lines.extend(aaguid.map(|aaguid| format!("AAGUID: {}", Aaguid(aaguid.value))));
        let id = attested.credential_id.as_ref();
        lines.extend(id.map(|id| format!("credential id: {}", shown(id.value))));
        lines.extend(attested.public_key.as_ref().map(|key| format!("credential key: {}", key_line(key))));
    }
    lines.extend(data.extensions.as_ref().map(|map| format!("extensions: {}", summary(map))));
    let stop = data.stop.as_ref().map(place);
    let more = count(data.rest.len(), "byte", "bytes");
    let stop =
        stop.or_else(|| (!data.rest.is_empty()).then(|| format!("{more} more than the flags announce")));
    if let Some(why) = stop {
        lines.push(unreadable(&why));
        lines.push(shown(bytes));
    }
    lines.join("\n")
}

/// The algorithm of a COSE_Key. If the item has none, a description of the item.
fn key_line(key: &Item<'_>) -> String {
    match key.labelled(3).and_then(Item::integer) {
        Some(identifier) => algorithm(identifier),
        None => summary(key),
    }
}

/// The RP ID that has this hash: the origin's host, or what follows a dot in the host.
fn rp_id_of(rp_id_hash: &[u8], origin: &str) -> Option<String> {
    let parsed = url::Url::parse(origin).ok()?;
    let host = parsed.host_str()?;
    let parents = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
    let mut candidates = std::iter::once(host).chain(parents);
    candidates.find(|rp_id| Sha256::digest(rp_id.as_bytes()).as_slice() == rp_id_hash).map(str::to_owned)
}

fn algorithm(identifier: i128) -> String {
    let known = i64::try_from(identifier).ok().and_then(Algorithm::from_cose_identifier);
    match known {
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

/// The number of bytes, and the first of them in hex.
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
