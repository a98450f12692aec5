//! JSON as a tree, and client data (WebAuthn L3 §5.8.1).

use stuntkey::encoding::base64url;
use stuntkey::encoding::json::{self, Json};

use super::authenticator_data::hash_node;
use super::tree::{Node, Value, count};

/// A JSON value as a node.
pub fn node(name: impl Into<String>, json: &Json<'_>) -> Node {
    let node = Node::new(name);
    match json {
        Json::Null => node.word("null"),
        Json::Bool(truth) => Node { value: Value::Truth(*truth), ..node },
        Json::Number(number) => match number.as_i64() {
            Some(number) => node.number(number),
            None => node.word(number.to_string()),
        },
        Json::String(text) => node.text(text.as_ref()),
        Json::Array(items) if items.is_empty() => node.word("[]"),
        Json::Array(items) => {
            let children =
                items.iter().enumerate().map(|(index, item)| self::node(format!("[{index}]"), item));
            node.word(count(items.len(), "item", "items")).with_all(children)
        }
        Json::Object(members) if members.is_empty() => node.word("{}"),
        Json::Object(members) => {
            node.with_all(members.iter().map(|(name, value)| self::node(name.as_ref(), value)))
        }
    }
}

/// Whether JSON is client data.
pub fn is_client_data(json: &Json<'_>) -> bool {
    let text = |name| json.member(name).and_then(Json::as_str);
    text("challenge").is_some() && text("origin").is_some() && text("type").is_some()
}

/// Client data from its bytes, with their hash.
pub fn client_data(name: impl Into<String>, bytes: &[u8]) -> Node {
    let node = Node::new(name).word(count(bytes.len(), "byte", "bytes")).at(0..bytes.len()).within(bytes);
    let text = String::from_utf8_lossy(bytes);
    let node = match text {
        std::borrow::Cow::Owned(_) => node.odd("not UTF-8"),
        std::borrow::Cow::Borrowed(_) => node,
    };
    let stripped = text.strip_prefix('\u{feff}');
    let node = if stripped.is_some() { node.odd("begins with a byte order mark") } else { node };
    let members = match json::parse(stripped.unwrap_or(&text)) {
        Ok(Json::Object(members)) => members,
        Ok(other) => return node.with(self::node("JSON", &other)).stop("no JSON object"),
        Err(error) => {
            return node.with(Node::new("text").text(text.as_ref())).stop(format!("stops: {error}"));
        }
    };
    let mut node = node;
    for (name, value) in &members {
        let mut member = self::node(name.as_ref(), value);
        if name == "challenge" {
            let decoded = value.as_str().map(base64url::decode);
            member = match decoded {
                Some(Ok(bytes)) => member.meaning(count(bytes.len(), "byte", "bytes")),
                Some(Err(error)) => member.odd(format!("not base64url: {error}")),
                None => member,
            };
        }
        node.children.push(member);
    }
    node.with(hash_node(bytes))
}

/// The RP IDs that the client data's origin may use: its host and the domains above it.
pub fn rp_ids(client_data: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(client_data);
    let json = json::parse(&text).ok();
    let origin = json.as_ref().and_then(|json| json.member("origin")?.as_str()).unwrap_or_default();
    let mut host = host_of(origin);
    let mut rp_ids = Vec::new();
    while !host.is_empty() && rp_ids.len() < 16 {
        rp_ids.push(host.to_owned());
        host = host.split_once('.').map_or("", |(_, parent)| parent);
    }
    rp_ids
}

/// The host of an origin.
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
}
