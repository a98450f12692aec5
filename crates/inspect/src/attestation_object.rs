//! Attestation objects (WebAuthn L3 §6.5.4) and their statements (§8).

use std::borrow::Cow;
use std::ops::Range;

use super::authenticator_data::{self, Hints};
use super::cbor::{self, Item, Kind};
use super::diagnostic::{self, keyed};
use super::tree::Node;
use super::{base64, certificate, cose, json, tpm};

/// Whether CBOR is meant as an attestation object.
#[must_use]
pub fn is_object(item: &Item<'_>) -> bool {
    ["fmt", "attStmt", "authData"].iter().filter(|name| item.member(name).is_some()).count() >= 2
}

/// An attestation object, or as much of one as there is.
pub fn node(name: impl Into<String>, bytes: &[u8], range: Range<usize>, hints: &Hints) -> Node {
    let reading = cbor::read(bytes, range.clone());
    let Some(item) = &reading.item else {
        return diagnostic::ending(Node::new(name).at(range.clone()), &reading, bytes, range.end);
    };
    let format = item.member("fmt").and_then(Item::text).unwrap_or_default();
    let mut node = Node::new(name).at(range.clone());
    if !item.is_map() {
        node = node.stop("stops at offset 0x0000: no map").with(diagnostic::node("item", item));
    }
    node = diagnostic::notes(item).into_iter().fold(node, Node::odd);
    for (key, value) in item.entries() {
        let member = match (diagnostic::key_name(key).as_str(), &value.kind) {
            ("attStmt", Kind::Map(_)) => statement("attStmt", format, value, bytes),
            ("attStmt", Kind::Array(parts)) => compound(value, parts, bytes),
            ("authData", Kind::Bytes(_)) => {
                inside(value, bytes, |bytes, range| authenticator_data::node("authData", bytes, range, hints))
            }
            _ => {
                node.children.push(diagnostic::member(key, value));
                continue;
            }
        };
        node.children.push(keyed(key, member));
    }
    diagnostic::ending(node, &reading, bytes, range.end)
}

/// What a byte string holds, read where it stands, or apart if it came in segments.
fn inside(item: &Item<'_>, bytes: &[u8], read: impl Fn(&[u8], Range<usize>) -> Node) -> Node {
    let node = match (item.contents(), &item.kind) {
        (Some(range), _) => read(bytes, range),
        (None, Kind::Bytes(Cow::Owned(joined))) => read(joined, 0..joined.len()).within(joined),
        _ => return diagnostic::bare("", item),
    };
    diagnostic::notes(item).into_iter().fold(node, Node::odd)
}

/// The statement of one format, its certificates and structures taken apart.
pub fn statement(name: impl Into<String>, format: &str, item: &Item<'_>, bytes: &[u8]) -> Node {
    let mut node = diagnostic::bare(name, item);
    for (key, value) in item.entries() {
        let name = diagnostic::key_name(key);
        let member = match (name.as_str(), &value.kind) {
            ("x5c", Kind::Array(certificates)) => {
                let certificates = certificates.iter().enumerate();
                let certificates =
                    certificates.map(|(index, item)| x5c_node(format!("[{index}]"), item, bytes));
                diagnostic::bare("x5c", value).with_all(certificates)
            }
            ("alg", Kind::Negative(_) | Kind::Unsigned(_)) => {
                let algorithm = cose::algorithm(value.integer().unwrap_or_default());
                diagnostic::node(name, value).meaning(algorithm)
            }
            ("certInfo", Kind::Bytes(_)) => inside(value, bytes, tpm::attest_node),
            ("pubArea", Kind::Bytes(_)) => inside(value, bytes, tpm::public_node),
            ("response", Kind::Bytes(response)) if format == "android-safetynet" => {
                jws(diagnostic::bare(name, value), response)
            }
            _ => diagnostic::node(name, value),
        };
        node.children.push(keyed(key, member));
    }
    node
}

fn x5c_node(name: String, item: &Item<'_>, bytes: &[u8]) -> Node {
    match &item.kind {
        Kind::Bytes(_) => inside(item, bytes, |bytes, range| certificate::node(name.clone(), bytes, range)),
        _ => diagnostic::node(name, item).odd("no byte string"),
    }
}

/// `compound`: statements with a format each (§8.9).
fn compound(item: &Item<'_>, parts: &[Item<'_>], bytes: &[u8]) -> Node {
    let mut node = diagnostic::bare("attStmt", item);
    for (index, part) in parts.iter().enumerate() {
        let name = format!("[{index}]");
        if index >= MOST_STATEMENTS {
            node.children.push(diagnostic::node(name, part));
            continue;
        }
        let format = part.member("fmt").and_then(Item::text).unwrap_or_default();
        let mut child = diagnostic::bare(name, part);
        for (key, value) in part.entries() {
            let member = match (key.text(), &value.kind) {
                (Some("attStmt"), Kind::Map(_)) => keyed(key, statement("attStmt", format, value, bytes)),
                _ => diagnostic::member(key, value),
            };
            child.children.push(member);
        }
        node.children.push(child);
    }
    match parts.len() > MOST_STATEMENTS {
        true => {
            node.odd(format!("more than {MOST_STATEMENTS} statements; the others are shown as plain CBOR"))
        }
        false => node,
    }
}

/// How many statements of a compound one are taken apart. Real ones have a handful.
const MOST_STATEMENTS: usize = 64;

/// A JSON Web Signature in compact serialization (RFC 7515 §7.1): header and payload.
fn jws(node: Node, response: &[u8]) -> Node {
    let text = String::from_utf8_lossy(response);
    let mut parts = text.split('.');
    let mut node = node;
    for name in ["header", "payload"] {
        let decoded = parts.next().and_then(|part| base64::decode(part).ok());
        let Some(decoded) = decoded else { return node.odd(format!("no {name} of a JSON Web Signature")) };
        let text = String::from_utf8_lossy(&decoded);
        let reading = json::read(&text);
        let child = match &reading.value {
            Some(value) => json::node(name, value, None),
            None => Node::new(name).data(decoded.clone()),
        };
        node.children.push(match reading.stop {
            Some(stop) => child.odd(stop.to_string()),
            None => child,
        });
    }
    node
}
