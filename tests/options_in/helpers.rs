//! Options in shapes, clients, and how notices and errors are compared.

use serde_json::{Value, json};
use stuntkey::authenticator::Credential;
use stuntkey::client::DomException;
use stuntkey::webauthn::{InputError, Leniency, Notice};
use stuntkey::{Client, Error, Reply};

/// 16 bytes, `fb ff` eight times, whose text differs between the two alphabets and takes padding.
pub(crate) const CHALLENGE: &str = "-__7__v_-__7__v_-__7_w";

pub(crate) const NEVIS: &str = include_str!("../../examples/nevis-enroll-response.json");

/// Creation options with every member, that a strict client has nothing to say about.
pub(crate) fn creation() -> Value {
    json!({
        "rp": { "id": "example.com", "name": "Example" },
        "user": { "id": "YWxpY2U", "name": "alice@example.com", "displayName": "Alice" },
        "challenge": CHALLENGE,
        "pubKeyCredParams": [{ "type": "public-key", "alg": -257 }, { "type": "public-key", "alg": -7 }],
        "timeout": 60_000,
        "excludeCredentials": [{ "type": "public-key", "id": "AAAA", "transports": ["usb"] }],
        "authenticatorSelection": {
            "authenticatorAttachment": "platform", "residentKey": "required", "requireResidentKey": true,
            "userVerification": "preferred",
        },
        "hints": ["client-device"],
        "attestation": "none",
        "attestationFormats": ["packed"],
        "extensions": { "credProps": true },
    })
}

/// Request options that a strict client has nothing to say about.
pub(crate) fn request() -> Value {
    json!({
        "challenge": CHALLENGE, "timeout": 60_000, "rpId": "example.com", "userVerification": "preferred",
        "hints": ["client-device"], "extensions": {},
    })
}

/// The body that a shape makes of options.
pub(crate) fn shaped(shape: &str, options: &Value) -> String {
    let text = options.to_string();
    match shape.split('\'').collect::<Vec<_>>()[..] {
        [before, quoted, after] => format!("{before}{}{after}", json!(quoted.replace('@', &text))),
        _ => shape.replace('@', &text).replace("..", &text[1..text.len() - 1]),
    }
}

pub(crate) fn client() -> Client {
    Client::new("https://example.com").unwrap()
}

pub(crate) fn strict_client() -> Client {
    Client::builder("https://example.com").strict(true).build().unwrap()
}

pub(crate) fn client_with_credential() -> Client {
    let mut client = client();
    client.register(&creation().to_string()).unwrap();
    client
}

pub(crate) fn stored(client: &mut Client) -> Vec<Credential> {
    client.authenticator().store().begin().unwrap().all().unwrap()
}

/// `value` with another value at the JSON pointer, or a new member there.
pub(crate) fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = new,
        parent => parent[name] = new,
    }
    value
}

pub(crate) fn without(mut value: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    value
}

/// `/a/0/b` as `$.a[0].b`.
pub(crate) fn path_of(pointer: &str) -> String {
    pointer.split('/').skip(1).fold("$".to_owned(), |path, step| match step.parse::<usize>() {
        Ok(index) => format!("{path}[{index}]"),
        Err(_) => format!("{path}.{step}"),
    })
}

pub(crate) fn challenge_of(client_data: &[u8]) -> String {
    let client_data: Value = serde_json::from_slice(client_data).unwrap();
    client_data["challenge"].as_str().unwrap().to_owned()
}

/// Exactly these notices, in any order; an unknown value is told with its text.
pub(crate) fn assert_told(notices: &[Notice], expected: &[(&str, Leniency)]) {
    let same = |told: &Leniency, expected: &Leniency| match (told, expected) {
        (Leniency::UnknownValue(told), Leniency::UnknownValue(value)) => told.contains(value.as_str()),
        _ => told == expected,
    };
    let told = |(path, leniency): &(&str, Leniency)| {
        notices.iter().any(|notice| notice.path == *path && same(&notice.leniency, leniency))
    };
    let all = expected.iter().all(told) && notices.len() == expected.len();
    assert!(all, "told {notices:?}, expected {expected:?}");
}

/// A client takes the body and tells this one thing; a strict one refuses it for that and stores nothing.
pub(crate) fn assert_mended<R>(
    body: &Value,
    path: &str,
    leniency: &Leniency,
    ceremony: impl Fn(&mut Client, &str) -> Result<Reply<R>, Error>,
) {
    let body = body.to_string();
    let reply = ceremony(&mut client_with_credential(), &body).unwrap_or_else(|e| panic!("{body}: {e}"));
    assert_told(reply.notices(), &[(path, leniency.clone())]);

    let mut strict = strict_client();
    match ceremony(&mut strict, &body) {
        Err(Error::NotStrict(notices)) => assert_told(&notices, &[(path, leniency.clone())]),
        Err(error) => panic!("{body}: {error}"),
        Ok(_) => panic!("{body}: strict mode takes it"),
    }
    assert_eq!(stored(&mut strict), []);
}

/// The input error, with something in each of its fields.
pub(crate) fn input_error<T>(result: Result<T, Error>, what: &str) -> InputError {
    let Err(error) = result else { panic!("{what}: no error") };
    assert_eq!(error.dom_exception(), Some(DomException::TypeError), "{what}: {error}");
    let Error::Input(input) = error else { panic!("{what}: {error}") };
    assert!(
        input.path.starts_with('$') && !input.found.is_empty() && !input.expected.is_empty(),
        "{input:?}"
    );
    input
}

/// The input error of a registration that stores nothing.
pub(crate) fn registration_error(body: &str) -> InputError {
    let mut client = client();
    let error = input_error(client.register(body), body);
    assert_eq!(stored(&mut client), []);
    error
}
