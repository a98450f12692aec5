//! Attestation objects (WebAuthn L3 §6.5.4) and their statements (§8).

use std::ops::Range;

use stuntkey::encoding::{base64url, json};

use super::authenticator_data::{self, Hints};
use super::cbor::{self, Contents, Item, Kind};
use super::diagnostic::{self, keyed};
use super::tree::Node;
use super::{certificate, cose, json_text, tpm};

/// Whether CBOR is meant as an attestation object.
pub fn is_object(item: &Item, bytes: &[u8]) -> bool {
    let there = |name: &&&str| item.member(name, bytes).is_some();
    ["fmt", "attStmt", "authData"].iter().filter(there).count() >= 2
}

/// An attestation object, or as much of one as there is.
pub fn node(name: impl Into<String>, bytes: &[u8], range: Range<usize>, hints: &Hints) -> Node {
    let reading = cbor::read(bytes, range.clone());
    let Some(item) = &reading.item else {
        return diagnostic::ending(Node::new(name).at(range.clone()), &reading, bytes, range.end);
    };
    let format = item.member("fmt", bytes).and_then(|fmt| fmt.text(bytes)).unwrap_or_default();
    let mut node = Node::new(name).at(range.clone());
    if !matches!(item.kind, Kind::Map(_)) {
        node = node.stop("stops at offset 0x0000: no map").with(diagnostic::node("item", item, bytes));
    }
    node = item.odd.iter().fold(node, |node, odd| node.odd(odd.clone()));
    for (key, value) in item.entries() {
        let member = match (diagnostic::key_name(key, bytes).as_str(), &value.kind) {
            ("attStmt", Kind::Map(_)) => statement("attStmt", format, value, bytes),
            ("attStmt", Kind::Array(parts)) => compound(value, parts, bytes),
            ("authData", Kind::Bytes(contents)) => inside(value, contents, bytes, |bytes, range| {
                authenticator_data::node("authData", bytes, range, hints)
            }),
            _ => {
                node.children.push(diagnostic::member(key, value, bytes));
                continue;
            }
        };
        node.children.push(keyed(key, member));
    }
    diagnostic::ending(node, &reading, bytes, range.end)
}

/// What a byte string holds, read where it stands, or apart if it came in segments.
fn inside(
    item: &Item,
    contents: &Contents,
    bytes: &[u8],
    read: impl Fn(&[u8], Range<usize>) -> Node,
) -> Node {
    let node = match contents {
        Contents::Whole(range) => read(bytes, range.clone()),
        Contents::Joined(joined) => read(joined, 0..joined.len()).within(joined),
    };
    item.odd.iter().fold(node, |node, odd| node.odd(odd.clone()))
}

/// The statement of one format, its certificates and structures taken apart.
pub fn statement(name: impl Into<String>, format: &str, item: &Item, bytes: &[u8]) -> Node {
    let mut node = diagnostic::bare(name, item, bytes);
    for (key, value) in item.entries() {
        let name = diagnostic::key_name(key, bytes);
        let member = match (name.as_str(), &value.kind) {
            ("x5c", Kind::Array(certificates)) => {
                let mut x5c = diagnostic::bare("x5c", value, bytes);
                for (index, certificate) in certificates.iter().enumerate() {
                    let name = format!("[{index}]");
                    x5c.children.push(match &certificate.kind {
                        Kind::Bytes(contents) => inside(certificate, contents, bytes, |bytes, range| {
                            certificate::node(name.clone(), bytes, range)
                        }),
                        _ => diagnostic::node(name, certificate, bytes).odd("no byte string"),
                    });
                }
                x5c
            }
            ("alg", Kind::Negative(_) | Kind::Unsigned(_)) => {
                let algorithm = cose::algorithm(value.integer().unwrap_or_default());
                diagnostic::node(name, value, bytes).meaning(algorithm)
            }
            ("certInfo", Kind::Bytes(contents)) => inside(value, contents, bytes, tpm::attest),
            ("pubArea", Kind::Bytes(contents)) => inside(value, contents, bytes, tpm::public),
            ("response", Kind::Bytes(contents)) if format == "android-safetynet" => {
                jws(diagnostic::bare(name, value, bytes), contents.of(bytes))
            }
            _ => diagnostic::node(name, value, bytes),
        };
        node.children.push(keyed(key, member));
    }
    node
}

/// `compound`: statements with a format each (§8.9).
fn compound(item: &Item, parts: &[Item], bytes: &[u8]) -> Node {
    let mut node = diagnostic::bare("attStmt", item, bytes);
    for (index, part) in parts.iter().enumerate() {
        let format = part.member("fmt", bytes).and_then(|fmt| fmt.text(bytes)).unwrap_or_default();
        let mut child = diagnostic::bare(format!("[{index}]"), part, bytes);
        for (key, value) in part.entries() {
            let member = match (key.text(bytes), &value.kind) {
                (Some("attStmt"), Kind::Map(_)) => keyed(key, statement("attStmt", format, value, bytes)),
                _ => diagnostic::member(key, value, bytes),
            };
            child.children.push(member);
        }
        node.children.push(child);
    }
    node
}

/// A JSON Web Signature in compact serialization (RFC 7515 §7.1): header and payload.
fn jws(node: Node, response: &[u8]) -> Node {
    let text = String::from_utf8_lossy(response);
    let mut parts = text.split('.');
    let mut node = node;
    for name in ["header", "payload"] {
        let decoded = parts.next().and_then(|part| base64url::decode(part).ok());
        let Some(decoded) = decoded else { return node.odd(format!("no {name} of a JSON Web Signature")) };
        let text = String::from_utf8_lossy(&decoded);
        node.children.push(match json::parse(&text) {
            Ok(value) => json_text::node(name, &value),
            Err(error) => Node::new(name).data(decoded.clone()).odd(error.to_string()),
        });
    }
    node
}
