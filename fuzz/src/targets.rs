//! What each fuzz target does with its bytes. `tests/corpus.rs` replays the seed corpora through the same functions.

pub mod backends;
mod canonical_cbor;
mod ceremony;
mod choices;
mod client_pin;
mod ctap_commands;
mod ctap_messages;
mod mutated;
mod readers;
mod verifier;

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::{Answer, Authenticator, Credential, Script, User};
use stuntkey::client::{Options, Request};
use stuntkey::ctap2::{GetAssertionRequest, MakeCredentialRequest};
use stuntkey::encoding::cbor::{self, Value, Writer};
use stuntkey::webauthn::{AttestationObject, AuthenticatorData, ClientData};
use stuntkey::{Client, Error};

pub use backends::backends;
pub use canonical_cbor::canonical_cbor;
pub use ceremony::ceremony;
pub use client_pin::client_pin;
pub use ctap_commands::ctap_commands;
pub use ctap_messages::ctap_messages;
pub use mutated::{mutated_authentication, mutated_registration};
pub use readers::readers;
pub use verifier::{
    authentication_reply, cose_key, key_description, private_key, registration_reply, safetynet_response,
    tpm_cert_info, tpm_pub_area, x5c,
};

/// A target's name and what it does with its bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 25] = [
    ("options_body", options_body),
    ("cbor_reader", cbor_reader),
    ("authenticator_data", authenticator_data),
    ("client_data", client_data),
    ("attestation_object", attestation_object),
    ("ctap2_request", ctap2_request),
    ("ctap2_sequence", ctap2_sequence),
    ("client_pin", client_pin),
    ("ctap_messages", ctap_messages),
    ("ctap_commands", ctap_commands),
    ("key_description", key_description),
    ("tpm_cert_info", tpm_cert_info),
    ("tpm_pub_area", tpm_pub_area),
    ("cose_key", cose_key),
    ("private_key", private_key),
    ("x5c", x5c),
    ("safetynet_response", safetynet_response),
    ("registration_reply", registration_reply),
    ("authentication_reply", authentication_reply),
    ("backends", backends),
    ("ceremony", ceremony),
    ("canonical_cbor", canonical_cbor),
    ("readers", readers),
    ("mutated_registration", mutated_registration),
    ("mutated_authentication", mutated_authentication),
];

/// A server's answer: never a panic, nothing stored on an error, and a reply that is JSON or a form. Options that are found
/// come back from their JSON.
pub fn options_body(data: &[u8]) {
    let Ok(body) = std::str::from_utf8(data) else { return };
    if let Ok(request) = Request::find(body) {
        let json = match request.options() {
            Options::Creation(options) => options.to_json(),
            Options::Request(options) => options.to_json(),
            _ => return,
        };
        let again = Request::find(&json.to_string()).expect("options as the standard has them");
        assert_eq!(again.options(), request.options());
    }
    for builder in [Client::builder("https://login.example.com"), Client::builder_without_origin()] {
        let authenticator =
            Authenticator::builder().seed("fuzz").build().expect("a seed needs no randomness");
        let mut client = builder.authenticator(authenticator).build().expect("the origin is one");
        match client.register(body) {
            Ok(reply) => {
                assert_eq!(stored(client.authenticator()).len(), 1);
                if reply.json().is_some() {
                    stuntkey::encoding::json::parse(&reply.to_string()).expect("a reply is JSON");
                }
            }
            Err(error) => {
                assert!(stored(client.authenticator()).is_empty(), "{error}");
                if let Error::Input(error) = error {
                    assert!(!error.found.is_empty() && !error.expected.is_empty());
                }
            }
        }
        let before = stored(client.authenticator());
        if client.authenticate(body).is_err() {
            assert_eq!(stored(client.authenticator()), before);
        }
    }
}

/// Canonical CBOR: what is read is written back to the same bytes.
pub fn cbor_reader(data: &[u8]) {
    if let Ok((value, rest)) = cbor::read_prefix(data) {
        let mut writer = Writer::new();
        value.write(&mut writer);
        let written = writer.into_bytes();
        assert_eq!([&written, rest].concat(), data);
        assert_eq!(cbor::read(&written), Ok(value));
    }
}

/// Authenticator data: what is read is written back to the same bytes.
pub fn authenticator_data(data: &[u8]) {
    if let Ok(parsed) = AuthenticatorData::parse(data) {
        assert_eq!(parsed.to_bytes(), data);
    }
}

/// Client data: what is read is written and read to the same value.
pub fn client_data(data: &[u8]) {
    if let Ok(parsed) = ClientData::parse(data) {
        let written = parsed.to_json();
        let prefix = format!("{{\"type\":\"{}\",\"challenge\":\"", parsed.ceremony.client_data_type());
        assert!(written.starts_with(&prefix));
        assert_eq!(ClientData::parse(written.as_bytes()), Ok(parsed));
    }
}

/// Attestation objects: what is read is written back to the same bytes.
pub fn attestation_object(data: &[u8]) {
    if let Ok(parsed) = AttestationObject::parse(data) {
        assert_eq!(parsed.to_bytes(), data);
    }
}

/// One CTAP2 request to an authenticator that holds a credential: always a status, and canonical CBOR behind zero. A
/// request that can be read is written and read to the same value.
pub fn ctap2_request(data: &[u8]) {
    let mut authenticator = authenticator(Answer::Verified);
    let made = authenticator.call(1, &make_credential(0, 0, true, &[]));
    assert_eq!(made.first(), Some(&0));
    checked_call(&mut authenticator, data);
    if let Some((_, parameters)) = data.split_first() {
        if let Ok(request) = MakeCredentialRequest::from_cbor(parameters) {
            assert_eq!(MakeCredentialRequest::from_cbor(&request.to_cbor()), Ok(request));
        }
        if let Ok(request) = GetAssertionRequest::from_cbor(parameters) {
            assert_eq!(GetAssertionRequest::from_cbor(&request.to_cbor()), Ok(request));
        }
    }
}

/// Requests to one authenticator, as the bytes say. Counters never fall, ids never repeat, and an error leaves the
/// store as it was.
pub fn ctap2_sequence(data: &[u8]) {
    let answers = data.iter().map(|byte| match byte >> 5 {
        0 => Answer::Denied,
        1 => Answer::NoAnswer,
        2 => Answer::Present,
        _ => Answer::Verified,
    });
    let mut authenticator = authenticator(Script::new(answers));
    let mut ids = HashSet::new();
    let mut counts: HashMap<Vec<u8>, u32> = HashMap::new();
    let mut rest = data;
    while let Some((&operation, tail)) = rest.split_first() {
        rest = tail;
        let (rp, user) = (operation >> 3 & 3, operation >> 5 & 3);
        let before = stored(&mut authenticator);
        let known: Vec<Vec<u8>> = before.iter().map(|c| c.id.clone()).collect();
        let request = match operation & 7 {
            0 => make_credential(rp, user, true, &[]),
            1 => make_credential(rp, user, false, &[]),
            2 => make_credential(rp, user, true, &known),
            3 => get_assertion(rp, &[]),
            4 => get_assertion(rp, &known),
            5 => vec![0x08],
            6 => vec![0x07],
            _ => {
                let length = rest.len().min(usize::from(operation >> 3));
                let (raw, tail) = rest.split_at(length);
                rest = tail;
                raw.to_vec()
            }
        };
        let response = checked_call(&mut authenticator, &request);
        let after = stored(&mut authenticator);
        if response.first() != Some(&0) {
            assert_eq!(before, after, "an error changed the store");
            continue;
        }
        for credential in &after {
            if !known.contains(&credential.id) {
                assert!(ids.insert(credential.id.clone()), "a credential id came twice");
            }
        }
        if let Ok(Value::Map(_)) = cbor::read(&response[1..])
            && let Some((id, count)) = assertion(&response[1..])
        {
            let last = counts.insert(id, count);
            assert!(last.is_none_or(|last| count > last), "a counter did not rise");
        }
    }
}

/// One authority for all whose attestations are verified: it takes a signature to make, and a certificate taken from
/// another response is one that is trusted.
fn authority() -> &'static CertificateAuthority {
    static AUTHORITY: OnceLock<CertificateAuthority> = OnceLock::new();
    AUTHORITY.get_or_init(|| CertificateAuthority::seeded("fuzz"))
}

/// Self attestation: no certificates to make in every run.
fn authenticator(user: impl User + 'static) -> Authenticator {
    let builder = Authenticator::builder().seed("fuzz").format(AttestationFormat::PackedSelf).user(user);
    builder.build().expect("a seed needs no randomness")
}

fn checked_call(authenticator: &mut Authenticator, request: &[u8]) -> Vec<u8> {
    checked_call_on(authenticator, 1, request)
}

fn checked_call_on(authenticator: &mut Authenticator, channel: u32, request: &[u8]) -> Vec<u8> {
    let response = authenticator.call(channel, request);
    match response.split_first() {
        None => panic!("no status"),
        Some((0, [])) => {}
        Some((0, body)) => assert!(matches!(cbor::read(body), Ok(Value::Map(_)))),
        Some((_, body)) => assert!(body.is_empty(), "an error has a body"),
    }
    response
}

fn stored(authenticator: &mut Authenticator) -> Vec<Credential> {
    authenticator.store().begin().expect("memory").all().expect("memory")
}

/// The credential id and count in a getAssertion response; `None` for another one.
fn assertion(body: &[u8]) -> Option<(Vec<u8>, u32)> {
    let value = cbor::read(body).ok()?;
    let id = value.at(1)?.member("id")?.as_bytes()?;
    let data = AuthenticatorData::parse(value.at(2)?.as_bytes()?).ok()?;
    Some((id.to_vec(), data.sign_count))
}

/// A makeCredential request for one of four relying parties and users.
pub fn make_credential(rp: u8, user: u8, resident_key: bool, exclude: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::append_to(vec![0x01]);
    writer.map(if exclude.is_empty() { 5 } else { 6 });
    writer.unsigned(1);
    writer.bytes(&[7; 32]);
    writer.unsigned(2);
    writer.map(2);
    writer.text("id");
    writer.text(&format!("rp{rp}.example"));
    writer.text("name");
    writer.text("RP");
    writer.unsigned(3);
    writer.map(2);
    writer.text("id");
    writer.bytes(&[user]);
    writer.text("name");
    writer.text("user");
    writer.unsigned(4);
    writer.array(1);
    writer.map(2);
    writer.text("alg");
    writer.int(-7);
    writer.text("type");
    writer.text("public-key");
    if !exclude.is_empty() {
        writer.unsigned(5);
        descriptors(&mut writer, exclude);
    }
    writer.unsigned(7);
    writer.map(1);
    writer.text("rk");
    writer.bool(resident_key);
    writer.into_bytes()
}

/// A getAssertion request for one of four relying parties.
pub fn get_assertion(rp: u8, allow: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::append_to(vec![0x02]);
    writer.map(if allow.is_empty() { 2 } else { 3 });
    writer.unsigned(1);
    writer.text(&format!("rp{rp}.example"));
    writer.unsigned(2);
    writer.bytes(&[9; 32]);
    if !allow.is_empty() {
        writer.unsigned(3);
        descriptors(&mut writer, allow);
    }
    writer.into_bytes()
}

fn descriptors(writer: &mut Writer, ids: &[Vec<u8>]) {
    writer.array(ids.len());
    for id in ids {
        writer.map(2);
        writer.text("id");
        writer.bytes(id);
        writer.text("type");
        writer.text("public-key");
    }
}
