//! X.509 certificates and public keys (RFC 5280 §4.1), field by field.

mod android;
mod extensions;

use std::ops::Range;

use x509_cert::der::Decode;
use x509_cert::time::Time;

use super::der::{self, BIT_STRING, Element, INTEGER, SEQUENCE};
use super::text::{count, hex, slice};
use super::tree::{Node, Role, Value};
use super::{cose, oid};

/// A certificate, or as much of one as there is.
pub fn node(name: impl Into<String>, bytes: &[u8], range: Range<usize>) -> Node {
    let node = Node::new(name).at(range.clone());
    let element = match der::read(bytes, range.clone()) {
        Ok(element) => element,
        Err(stop) => {
            let rest = Node::new("not read").data(slice(bytes, range.clone())).at(range);
            return node.with(rest).stop(format!("no certificate: {stop}"));
        }
    };
    let more = element.range.end..range.end;
    let node = match fields(&element, bytes) {
        Some(fields) => node.word("X.509 certificate").with_all(fields),
        None => node.stop("no certificate: not its fields").with(der::node("", &element, bytes)),
    };
    let node = match element.first_stop() {
        Some(stop) => node.stop(stop.to_string()),
        None => node,
    };
    if more.is_empty() {
        return node;
    }
    let text = format!("{} more after the certificate", count(more.len(), "byte", "bytes"));
    node.with(Node::new("more").data(slice(bytes, more.clone())).at(more)).stop(text)
}

/// Whether an element has the fields of a certificate.
pub fn is_certificate(element: &Element) -> bool {
    let [tbs, algorithm, signature] = element.children.as_slice() else { return false };
    let sequences = element.is(SEQUENCE) && tbs.is(SEQUENCE) && algorithm.is(SEQUENCE);
    sequences && signature.is(BIT_STRING) && tbs.children.len() >= 6
}

/// Whether an element began as a certificate, and its end is missing.
pub fn is_cut_certificate(element: &Element) -> bool {
    let tbs = element.child(0).filter(|tbs| element.is(SEQUENCE) && tbs.is(SEQUENCE));
    let begins = tbs.and_then(|tbs| Some((tbs.child(0)?, tbs.child(1)?)));
    element.first_stop().is_some()
        && begins.is_some_and(|(version, serial)| version.is_context(0) && serial.is(INTEGER))
}

/// Whether an element has the fields of a SubjectPublicKeyInfo.
pub fn is_public_key(element: &Element, bytes: &[u8]) -> bool {
    let [algorithm, key] = element.children.as_slice() else { return false };
    element.is(SEQUENCE)
        && key.is(BIT_STRING)
        && algorithm.child(0).is_some_and(|oid| oid.oid(bytes).is_some())
}

fn fields(certificate: &Element, bytes: &[u8]) -> Option<Vec<Node>> {
    if !is_certificate(certificate) {
        return None;
    }
    let [tbs, algorithm, signature] = certificate.children.as_slice() else { return None };
    let mut rest = tbs.children.iter().peekable();
    let mut nodes = Vec::new();
    let version = rest.next_if(|element| element.is_context(0));
    let number = version.and_then(|version| version.child(0)?.integer(bytes)).unwrap_or(0);
    let version_node = Node::new("version").number(number.saturating_add(1));
    nodes.push(version.map_or(version_node.clone(), |version| version_node.at(version.range.clone())));
    let serial = rest.next().filter(|element| element.is(INTEGER))?;
    let number = match serial.value(bytes) {
        // A zero that only keeps the number positive.
        [0, number @ ..] if number.first().is_some_and(|first| *first >= 0x80) => number,
        number => number,
    };
    nodes.push(Node::new("serial number").data(number).at(serial.range.clone()));
    nodes.push(algorithm_node("signature", rest.next()?, bytes));
    nodes.push(name_node("issuer", rest.next()?, bytes));
    nodes.push(validity(rest.next()?, bytes));
    nodes.push(name_node("subject", rest.next()?, bytes));
    nodes.push(public_key_element("public key", rest.next()?, bytes));
    for element in rest {
        nodes.push(match element.child(0) {
            Some(list) if element.is_context(3) => {
                let extensions = extensions::nodes(list, bytes);
                let told = count(list.children.len(), "extension", "extensions");
                Node::new("extensions").word(told).at(element.range.clone()).with_all(extensions)
            }
            _ => der::node("", element, bytes),
        });
    }
    nodes.push(algorithm_node("signature algorithm", algorithm, bytes));
    nodes.push(bits("signature value", signature, bytes));
    Some(nodes)
}

/// An AlgorithmIdentifier by its name.
fn algorithm_node(name: &str, element: &Element, bytes: &[u8]) -> Node {
    let node = Node::new(name).at(element.range.clone());
    let Some(oid) = element.child(0).and_then(|oid| oid.oid(bytes)) else {
        return der::node(name, element, bytes).odd("no algorithm identifier");
    };
    let parameters = element.child(1).and_then(|parameters| parameters.oid(bytes));
    let parameters = parameters.map(|oid| format!(", {}", oid::described(&oid))).unwrap_or_default();
    node.word(format!("{}{parameters}", oid::described(&oid)))
}

/// The bytes of a BIT STRING.
fn bits(name: &str, element: &Element, bytes: &[u8]) -> Node {
    let node = Node::new(name).at(element.range.clone());
    match element.value(bytes) {
        [0, value @ ..] => node.data(value),
        [unused, value @ ..] => node.data(value).odd(format!("{unused} bits at the end are unused")),
        [] => node.odd("an empty bit string"),
    }
}

fn validity(element: &Element, bytes: &[u8]) -> Node {
    let names = ["not before", "not after"];
    let times = names.iter().zip(&element.children).map(|(name, time)| {
        let node = Node::new(*name).at(time.range.clone());
        match Time::from_der(slice(bytes, time.range.clone())) {
            Ok(time) => node.word(time.to_date_time().to_string()),
            Err(_) => Node { value: der::value(time, bytes), ..node }.odd("no time"),
        }
    });
    Node::new("validity").at(element.range.clone()).with_all(times)
}

/// A name as `CN=…, O=…`, in the order in which it stands.
pub fn name_node(name: &str, element: &Element, bytes: &[u8]) -> Node {
    let attributes = attributes(element, bytes);
    let text: Vec<String> = attributes.iter().map(|(name, value, _)| format!("{name}={value}")).collect();
    let node = Node::new(name).at(element.range.clone());
    if text.is_empty() { node.word("empty") } else { node.word(text.join(", ")) }
}

/// The attributes of a name: type, value, place.
pub fn attributes(name: &Element, bytes: &[u8]) -> Vec<(String, String, Range<usize>)> {
    let attributes = name.children.iter().flat_map(|set| &set.children);
    attributes
        .filter_map(|attribute| {
            let [oid, value] = attribute.children.as_slice() else { return None };
            let text = match der::value(value, bytes) {
                Value::Text(text) => text,
                _ => format!("#{}", hex(slice(bytes, value.range.clone()))),
            };
            Some((oid::attribute(&oid.oid(bytes)?), text, attribute.range.clone()))
        })
        .collect()
}

/// A SubjectPublicKeyInfo, or as much of one as there is.
pub fn public_key(name: impl Into<String>, bytes: &[u8], range: Range<usize>) -> Node {
    match der::read(bytes, range.clone()) {
        Ok(element) => {
            let more = element.range.end..range.end;
            let node = public_key_element(name, &element, bytes);
            match more.is_empty() {
                true => node,
                false => {
                    let text = format!("{} more after the key", count(more.len(), "byte", "bytes"));
                    node.with(Node::new("more").data(slice(bytes, more.clone())).at(more)).stop(text)
                }
            }
        }
        Err(stop) => {
            let rest = Node::new("not read").data(slice(bytes, range.clone())).at(range.clone());
            Node::new(name).at(range).with(rest).stop(format!("no public key: {stop}"))
        }
    }
}

/// What a key is by its algorithm: `P-256 key`, `RSA key of 2048 bits`.
fn key_type(algorithm: &Element, key: &Element, bytes: &[u8]) -> Option<String> {
    const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
    const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
    let oid = algorithm.child(0)?.oid(bytes)?;
    match oid.to_string().as_str() {
        EC_PUBLIC_KEY => oid::name(&algorithm.child(1)?.oid(bytes)?).map(|curve| format!("{curve} key")),
        RSA_ENCRYPTION => {
            // Behind the byte that says how many bits are unused: RSAPublicKey (RFC 8017 §A.1.1).
            let inner = key.content.start + 1..key.content.end;
            let modulus = der::read(bytes, inner).ok()?;
            let bits = cose::bit_length(modulus.child(0)?.value(bytes));
            Some(format!("RSA key of {bits} bits"))
        }
        _ => oid::name(&oid).map(|name| format!("{name} key")),
    }
}

fn public_key_element(name: impl Into<String>, element: &Element, bytes: &[u8]) -> Node {
    let node = Node { role: Some(Role::SubjectPublicKeyInfo), ..Node::new(name).at(element.range.clone()) };
    let (Some(algorithm), Some(key)) = (element.child(0), element.child(1)) else {
        let node = Node { role: None, ..node };
        return node.with(der::node("", element, bytes)).stop("no public key: not its fields");
    };
    let node = match key_type(algorithm, key, bytes) {
        Some(key_type) => node.word(key_type),
        None => node,
    };
    let value = bits("value", key, bytes);
    node.with(algorithm_node("algorithm", algorithm, bytes)).with(value)
}
