//! Certificate extensions by name (RFC 5280 §4.2, WebAuthn L3 §8).

use std::collections::HashSet;

use super::super::der::{self, BOOLEAN, Element, OCTET_STRING};
use super::super::tree::{Node, Value};
use super::super::{authenticator_data, oid};
use super::{android, attributes, name_node};

const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
const KEY_USAGE: &str = "2.5.29.15";
const SUBJECT_ALTERNATIVE_NAME: &str = "2.5.29.17";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const AUTHORITY_INFORMATION: &str = "1.3.6.1.5.5.7.1.1";
const FIDO_AAGUID: &str = "1.3.6.1.4.1.45724.1.1.4";
const FIDO_TRANSPORTS: &str = "1.3.6.1.4.1.45724.2.1.1";
const APPLE_NONCE: &str = "1.2.840.113635.100.8.2";
const ANDROID_KEY: &str = "1.3.6.1.4.1.11129.2.1.17";

const KEY_USAGES: &[&str] = &[
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];
const TRANSPORTS: &[&str] = &["bluetooth", "ble", "usb", "nfc", "usb-internal"];

/// Every extension. None may be there twice (RFC 5280 §4.2).
pub(super) fn nodes(list: &Element, bytes: &[u8]) -> Vec<Node> {
    let mut seen = HashSet::new();
    let extensions = list.children.iter().map(|extension| {
        let node = node(extension, bytes);
        match extension.child(0).and_then(|oid| oid.oid(bytes)) {
            Some(oid) if !seen.insert(oid) => node.odd("an extension of this type is there before"),
            _ => node,
        }
    });
    extensions.collect()
}

/// Extension: an identifier, whether it is critical, and an OCTET STRING.
fn node(extension: &Element, bytes: &[u8]) -> Node {
    let oid = extension.child(0).and_then(|oid| oid.oid(bytes));
    let value = extension.children.iter().find(|child| child.is(OCTET_STRING));
    let (Some(oid), Some(value)) = (oid, value) else {
        return der::node("", extension, bytes).odd("no extension");
    };
    let number = oid.to_string();
    let critical = extension.children.iter().find(|child| child.is(BOOLEAN));
    let critical = critical.is_some_and(|critical| der::value(critical, bytes) == Value::Truth(true));
    let node =
        Node::new(oid::name(&oid).map_or(number.as_str(), oid::without_arc)).at(extension.range.clone());
    let node = if critical { node.remark("critical") } else { node };
    match der::read(bytes, value.content.clone()) {
        Ok(inner) if inner.range == value.content && inner.first_stop().is_none() => {
            decode(&number, &inner, bytes, node.clone())
                .unwrap_or_else(|| node.with(der::node("", &inner, bytes)))
        }
        _ => node.data(value.value(bytes)),
    }
}

/// What an extension that is known says; none, if it is not or cannot be read.
fn decode(number: &str, value: &Element, bytes: &[u8], node: Node) -> Option<Node> {
    let content = value.value(bytes);
    Some(match number {
        FIDO_AAGUID if value.is(OCTET_STRING) && content.len() == 16 => {
            let aaguid = authenticator_data::aaguid_node("", content);
            Node { value: aaguid.value, meaning: aaguid.meaning, ..node }
        }
        FIDO_TRANSPORTS => node.word(named_bits(content, TRANSPORTS)?),
        SUBJECT_KEY_IDENTIFIER => node.data(content),
        KEY_USAGE => node.word(named_bits(content, KEY_USAGES)?),
        BASIC_CONSTRAINTS => {
            let ca = value.children.iter().any(|child| der::value(child, bytes) == Value::Truth(true));
            let length = value.children.iter().find_map(|child| child.integer(bytes));
            let length = length.map(|length| format!(", path length {length}")).unwrap_or_default();
            node.word(format!("CA {ca}{length}"))
        }
        EXTENDED_KEY_USAGE => {
            let usages: Option<Vec<String>> =
                value.children.iter().map(|usage| Some(oid::described(&usage.oid(bytes)?))).collect();
            node.word(usages?.join(", "))
        }
        AUTHORITY_KEY_IDENTIFIER => {
            let key = value.children.iter().find(|child| child.is_context(0) && !child.constructed)?;
            node.data(key.value(bytes))
        }
        SUBJECT_ALTERNATIVE_NAME => {
            node.with_all(value.children.iter().flat_map(|name| general_name(name, bytes)))
        }
        CRL_DISTRIBUTION_POINTS | AUTHORITY_INFORMATION => {
            let mut found = Vec::new();
            uris(value, bytes, &mut found);
            node.word(if found.is_empty() { return None } else { found.join(", ") })
        }
        APPLE_NONCE => {
            let nonce = value.child(0)?.child(0).filter(|nonce| nonce.is(OCTET_STRING))?;
            node.data(nonce.value(bytes))
        }
        ANDROID_KEY => node.with_all(android::key_description(value, bytes)?),
        _ => return None,
    })
}

/// The names of the bits of a BIT STRING that are set.
fn named_bits(content: &[u8], names: &[&str]) -> Option<String> {
    let (_, bits) = content.split_first()?;
    let positions = bits.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0));
    let set = positions.enumerate().filter(|(_, set)| *set);
    let words: Vec<String> = set
        .map(|(bit, _)| names.get(bit).map_or_else(|| format!("bit {bit}"), |name| (*name).to_owned()))
        .collect();
    Some(if words.is_empty() { "none".to_owned() } else { words.join(", ") })
}

/// GeneralName (RFC 5280 §4.2.1.6); a directory name gets a node for each attribute: TPMs state manufacturer, model and
/// version so.
fn general_name(name: &Element, bytes: &[u8]) -> Vec<Node> {
    let text = || String::from_utf8_lossy(name.value(bytes)).into_owned();
    let node = |label: &str| Node::new(label).at(name.range.clone());
    match (name.tag, name.child(0)) {
        (1, _) => vec![node("email").text(text())],
        (2, _) => vec![node("DNS name").text(text())],
        (6, _) => vec![node("URI").text(text())],
        (7, _) => vec![node("IP address").data(name.value(bytes))],
        (4, Some(directory)) => {
            let attributes = attributes(directory, bytes);
            if attributes.is_empty() {
                return vec![name_node("directory name", directory, bytes)];
            }
            attributes.into_iter().map(|(name, value, range)| Node::new(name).text(value).at(range)).collect()
        }
        _ => vec![der::node("", name, bytes)],
    }
}

/// The URIs in an element, which have the tag [6] wherever they stand.
fn uris(element: &Element, bytes: &[u8], found: &mut Vec<String>) {
    if element.is_context(6) && !element.constructed {
        found.push(String::from_utf8_lossy(element.value(bytes)).into_owned());
    }
    element.children.iter().for_each(|child| uris(child, bytes, found));
}
