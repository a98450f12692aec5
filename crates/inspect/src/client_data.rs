//! Client data (WebAuthn L3 §5.8.1).

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::base64;
use super::json::{self, Json};
use super::text::{count, hex};
use super::tree::Node;

/// Whether JSON is client data.
#[must_use]
pub fn is_client_data(json: &Json<'_>) -> bool {
    let text = |name| json.member(name).and_then(Json::as_str);
    text("challenge").is_some() && text("origin").is_some() && text("type").is_some()
}

/// Client data from its bytes, with their hash.
pub fn node(name: impl Into<String>, bytes: &[u8]) -> Node {
    const BYTE_ORDER_MARK: char = '\u{feff}';
    let node = Node::new(name).word(count(bytes.len(), "byte", "bytes")).at(0..bytes.len()).within(bytes);
    let text = String::from_utf8_lossy(bytes);
    // Where a character was replaced, the text has other offsets than the bytes.
    let (node, base) = match text {
        Cow::Owned(_) => (node.odd("not UTF-8"), None),
        Cow::Borrowed(_) => (node, Some(0)),
    };
    let (node, stripped, base) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => {
            let base = base.map(|base| base + BYTE_ORDER_MARK.len_utf8());
            (node.odd("begins with a byte order mark"), rest, base)
        }
        None => (node, text.as_ref(), base),
    };
    let reading = json::read(stripped);
    let node = match &reading.value {
        Some(object @ Json { kind: json::Kind::Object(members), .. }) => {
            let children = json::repeats(members).map(|(member, twice)| {
                let child = json::node(member.name.as_ref(), &member.value, base);
                json::named(challenge(child, &member.value), object, member, twice, base)
            });
            node.with_all(children)
        }
        Some(other) => node.with(json::node("JSON", other, base)).stop("no JSON object"),
        None => node,
    };
    let node = match reading.stop {
        Some(stop) => node.with_all(json::not_read(stripped, stop.offset)).stop(stop.to_string()),
        None => node,
    };
    node.with(hash_node(bytes))
}

/// The challenge as bytes.
fn challenge(node: Node, value: &Json<'_>) -> Node {
    if node.name != "challenge" {
        return node;
    }
    match value.as_str().map(base64::decode) {
        Some(Ok(bytes)) => node.meaning(count(bytes.len(), "byte", "bytes")),
        Some(Err(error)) => node.odd(format!("not base64url: {error}")),
        None => node,
    }
}

fn hash_node(bytes: &[u8]) -> Node {
    Node::new("SHA-256").word(hex(&Sha256::digest(bytes)))
}

/// The RP IDs that the client data's origin may use: its host and the domains above it.
#[must_use]
pub fn rp_ids(client_data: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(client_data);
    let json = json::read(&text).value;
    rp_ids_of(json.as_ref().and_then(|json| json.member("origin")?.as_str()).unwrap_or_default())
}

/// The RP IDs that an origin may use: its host and the domains above it.
#[must_use]
pub fn rp_ids_of(origin: &str) -> Vec<String> {
    let mut host = host_of(origin);
    let mut rp_ids = Vec::new();
    while !host.is_empty() && rp_ids.len() < 16 {
        rp_ids.push(host.to_owned());
        host = host.split_once('.').map_or("", |(_, parent)| parent);
    }
    rp_ids
}

/// The host of an origin.
#[must_use]
pub fn host_of(origin: &str) -> &str {
    let rest = origin.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domains_above_an_origin_may_be_its_rp_id() {
        let client_data = br#"{"type":"webauthn.get","challenge":"AA","origin":"https://a.b.example:8443"}"#;
        assert_eq!(rp_ids(client_data), ["a.b.example", "b.example", "example"]);
        assert!(rp_ids(b"no JSON").is_empty());
    }

    #[test]
    fn members_stand_where_they_are_in_the_bytes() {
        let bytes = "\u{feff}{\"type\": \"x\"}".as_bytes();
        let node = node("client data", bytes);
        let child = &node.children[0];
        assert_eq!(&bytes[child.range.clone().unwrap()], b"\"x\"");
        assert_eq!(&bytes[child.key.clone().unwrap()], b"\"type\"");
    }

    #[test]
    fn what_is_cut_shows_the_members_that_are_whole() {
        let node = node("client data", br#"{"type":"webauthn.get","challenge":"AAAA","orig"#);
        let names: Vec<&str> = node.children.iter().map(|child| child.name.as_str()).collect();
        assert_eq!(names, ["type", "challenge", "SHA-256"]);
        assert!(node.first_stop().unwrap().contains("stops at offset"));
    }
}
