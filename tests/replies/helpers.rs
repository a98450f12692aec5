//! Options in shapes, clients, and replies taken apart.

use std::collections::BTreeMap;

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stuntkey::client::{ClientBuilder, Preset};
use stuntkey::encoding::base64url;
use stuntkey::webauthn::{AuthenticationResponse, RegistrationResponse};
use stuntkey::{Client, Reply};

pub(crate) fn creation() -> Value {
    json!({
        "rp": { "id": "example.com", "name": "Example" },
        "user": { "id": "YWxpY2U", "name": "alice", "displayName": "Alice" },
        "challenge": "AAECAwQFBgcICQoLDA0ODw",
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
        "authenticatorSelection": { "residentKey": "required" },
    })
}

pub(crate) fn request() -> Value {
    json!({ "challenge": "EBESExQVFhcYGRobHB0eHw", "rpId": "example.com" })
}

pub(crate) fn allowing(registration: &Reply<RegistrationResponse>) -> Value {
    let mut request = request();
    let id = base64url::encode(&registration.response().id);
    request["allowCredentials"] = json!([{ "type": "public-key", "id": id }]);
    request
}

/// The body that a shape makes of options: `@`, `..` for their members, `'@'` for their text as a JSON string.
pub(crate) fn shaped(shape: &str, options: &Value) -> String {
    let text = options.to_string();
    match shape.split('\'').collect::<Vec<_>>()[..] {
        [before, quoted, after] => format!("{before}{}{after}", json!(quoted.replace('@', &text))),
        _ => shape.replace('@', &text).replace("..", &text[1..text.len() - 1]),
    }
}

/// A client that replies as `preset` and fills `+name=value,…`; without the plus, a value is to be carried.
pub(crate) fn client_for(preset: &str, filled: &str) -> Client {
    let builder = Client::builder("https://example.com").reply(Preset::from_name(preset).unwrap());
    let fill = |builder: ClientBuilder, (name, value): (&str, &str)| match name.strip_prefix('+') {
        Some(name) => builder.reply_member(name, value),
        None => builder,
    };
    pairs(filled).fold(builder, fill).build().unwrap()
}

pub(crate) fn pairs(filled: &str) -> impl Iterator<Item = (&str, &str)> {
    filled.split(',').filter_map(|pair| pair.split_once('='))
}

pub(crate) fn json_of<R>(reply: &Reply<R>) -> Value {
    serde_json::from_str(&reply.to_string()).unwrap()
}

pub(crate) fn form<R>(reply: &Reply<R>) -> BTreeMap<String, String> {
    let text = reply.to_string();
    let pairs: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let form: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(form.len(), pairs.len(), "a field stands twice: {text}");
    form
}

/// The leaves of a reply by their paths; a JSON string with an object or array inside is opened and marked `!`.
pub(crate) fn opened<R>(reply: &Reply<R>) -> BTreeMap<String, Value> {
    fn walk(value: &Value, path: String, leaves: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (name, member) in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    walk(member, format!("{path}{dot}{name}"), leaves);
                }
            }
            Value::String(text) if text.starts_with(['{', '[']) => {
                walk(&serde_json::from_str(text).unwrap(), format!("{path}!"), leaves);
            }
            leaf => drop(leaves.insert(path, leaf.clone())),
        }
    }
    let mut leaves = BTreeMap::new();
    walk(&json_of(reply), String::new(), &mut leaves);
    leaves
}

pub(crate) fn assert_members(preset: &str, found: &BTreeMap<String, Value>, allowed: &str, standard: &str) {
    let found: Vec<&str> = found.keys().map(String::as_str).collect();
    let expand = |member: &str| match member.strip_suffix('*') {
        Some(prefix) => standard.split_whitespace().map(|name| format!("{prefix}{name}")).collect(),
        None => vec![member.to_owned()],
    };
    let fits = allowed.split('|').any(|members| {
        let mut members: Vec<String> = members.split_whitespace().flat_map(expand).collect();
        members.sort_unstable();
        members == found
    });
    assert!(fits, "{preset}: found {found:?}, expected {allowed}");
}

pub(crate) fn name_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap().trim_end_matches('!')
}

/// A leaf that is not binary has the value that the standard, or whoever filled it, gives it.
pub(crate) fn assert_text(preset: &str, path: &str, value: &Value, filled: &str) {
    let expected = match name_of(path) {
        "type" => json!("public-key"),
        "authenticatorAttachment" => json!("platform"),
        "transports" => json!(["internal"]),
        "publicKeyAlgorithm" => json!(-7),
        "clientExtensionResults" | "getClientExtensionResults" | "clientExtensions" => json!({}),
        name => match pairs(filled).find(|(filled, _)| filled.trim_start_matches('+') == name) {
            Some((_, value)) => json!(value),
            None => panic!("{preset}: {path} is not in the table"),
        },
    };
    assert_eq!(*value, expected, "{preset} {path}");
}

/// Binary data: unpadded base64url, but that the table says nothing about Okta's.
pub(crate) fn decoded(preset: &str, value: &Value) -> Vec<u8> {
    match preset {
        "okta" => base64url::decode_lenient(value.as_str().unwrap()).unwrap().0,
        _ => bytes(value),
    }
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    base64url::decode(value.as_str().unwrap()).unwrap()
}

/// §7.2 step 21: the signature is over authenticator data and the hash of client data.
pub(crate) fn assert_signed(registration: &RegistrationResponse, response: &AuthenticationResponse) {
    assert_eq!(registration.id, response.id);
    let key = VerifyingKey::from_sec1_bytes(&registration.public_key[26..]).unwrap();
    let signature = DerSignature::try_from(&response.signature[..]).unwrap();
    let mut signed = response.authenticator_data.clone();
    signed.extend_from_slice(&Sha256::digest(&response.client_data_json));
    key.verify(&signed, &signature).unwrap();
}
