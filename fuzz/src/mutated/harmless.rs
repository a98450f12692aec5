//! Which changes are harmless, and why: the whole list.

use ciborium::Value;
use stuntkey::attestation::AttestationFormat;
use stuntkey::crypto::Algorithm;
use stuntkey::verifier::VerifiedRegistration;
use stuntkey_inspect::json::{Json, Kind};

use super::super::authority;
use super::{Authentication, Made, Registration, decode, ecdsa, turn_signatures};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;

/// That an accepted registration differs from the one that was made in nothing that counts.
pub(super) fn registration(made: &Made, found: &Registration, verified: &VerifiedRegistration) {
    // `id` and `rawId` are two spellings of one thing (WebAuthn L3 §5.1). Which credential it is, the authenticator data
    // says (§7.1 step 27): `id` may be another.
    assert_eq!(found.id, found.raw_id);
    // Members of the attestation object that the standard does not know are signed by nobody and read by nobody.
    let objects =
        [&made.registration, found].map(|response| decode(&response.object).expect("it was accepted"));
    let [data, found_data] =
        objects.each_ref().map(|object| bytes(object, "authData").expect("it was accepted"));
    assert!(same_statement(&objects[0], &objects[1]), "another statement");

    match made.format {
        // Nobody signs anything (§8.7). What the relying party looks at is as it has to be.
        AttestationFormat::None => {
            assert!(same_client_data(&made.registration.client_data, &found.client_data));
            assert_eq!(data[..32], found_data[..32], "another RP ID");
            assert_eq!(found_data[32] & (USER_PRESENT | USER_VERIFIED), USER_PRESENT | USER_VERIFIED);
        }
        // Signed are the RP ID hash, the client data's hash, the credential's id and its key (§8.6): flags, counter,
        // AAGUID and extensions are not.
        AttestationFormat::FidoU2f => {
            assert_eq!(made.registration.client_data, found.client_data);
            assert_eq!(data[..32], found_data[..32], "another RP ID");
            assert_eq!(found_data[32] & (USER_PRESENT | USER_VERIFIED), USER_PRESENT | USER_VERIFIED);
            assert_eq!(made.verified.record.id, verified.record.id);
            assert_eq!(made.verified.record.public_key, verified.record.public_key);
        }
        _ => {
            assert_eq!(made.registration.client_data, found.client_data);
            assert_eq!(data, found_data);
            assert_eq!(made.verified.record, verified.record);
        }
    }
    // What is kept is what came.
    let record = &verified.record;
    assert_eq!(record.sign_count.to_be_bytes(), found_data[33..37]);
    assert!(found_data[55..].starts_with(&[record.id.as_slice(), &record.public_key].concat()));
}

/// Whether nothing was changed, or every signature into the other that holds: that has to be accepted.
pub(super) fn is_certain(made: &Made, found: &Registration) -> bool {
    let mut turned = made.registration.clone();
    turn_signatures(&mut turned.object);
    *found == made.registration || *found == turned
}

/// Whether an authentication differs from the one that was made in nothing that counts.
pub(super) fn authentication(made: &Made, found: &Authentication, user_is_known: bool) -> bool {
    let original = &made.authentication;
    let handle = match &found.user_handle {
        Some(_) => found.user_handle == original.user_handle,
        // A relying party that knows its user does without (§7.2 step 6).
        None => user_is_known,
    };
    let signature = found.signature == original.signature
        || ecdsa::other(made.algorithm, &original.signature).is_some_and(|other| other == found.signature);
    // Signed are the authenticator data and the client data's hash (§6.3.3); every byte of both counts.
    let signed = found.auth_data == original.auth_data && found.client_data == original.client_data;
    handle && signature && signed && found.id == original.id && found.raw_id == original.id
}

/// Whether two maps of `fmt` and `attStmt` say the same.
fn same_statement(original: &Value, found: &Value) -> bool {
    let (Some(Value::Text(format)), Some(statement)) = (member(original, "fmt"), member(original, "attStmt"))
    else {
        return false;
    };
    let Some(found_statement) = member(found, "attStmt").filter(|_| text(found, "fmt") == Some(format))
    else {
        return false;
    };
    match (statement, found_statement) {
        // A compound statement is no more than its parts (§8.9): their order and number, if it is two or more, say
        // nothing.
        (Value::Array(parts), Value::Array(found)) => {
            found.len() >= 2 && found.iter().all(|found| parts.iter().any(|part| same_statement(part, found)))
        }
        (Value::Map(members), Value::Map(found)) => {
            members.len() == found.len()
                && members.iter().all(|(name, value)| {
                    let name = name.as_text().unwrap_or_default();
                    member(found_statement, name).is_some_and(|found| same_member(format, name, value, found))
                })
        }
        _ => false,
    }
}

fn same_member(format: &str, name: &str, original: &Value, found: &Value) -> bool {
    match (name, original, found) {
        _ if original == found => true,
        ("sig", Value::Bytes(original), Value::Bytes(found)) => {
            ecdsa::other(Algorithm::Es256, original).as_ref() == Some(found)
        }
        ("x5c", Value::Array(original), Value::Array(found)) => same_path(original, found),
        // The version of the service, of which the standard asks nothing (§8.5).
        ("ver", _, Value::Text(found)) => format == "android-safetynet" && !found.is_empty(),
        ("response", Value::Bytes(original), Value::Bytes(found)) => {
            ecdsa::other_in_jws(original).as_ref() == Some(found)
        }
        _ => false,
    }
}

/// The first certificate has the attestation key. The others help to find the way to a trust anchor (§7.1 step 24): all
/// that were needed are there, which the anchor is not, and what else there is, nobody asks.
fn same_path(original: &[Value], found: &[Value]) -> bool {
    let same = |original: &Value, found: &Value| match (original, found) {
        (Value::Bytes(original), Value::Bytes(found)) => {
            original == found || ecdsa::other_in_certificate(original).as_ref() == Some(found)
        }
        _ => false,
    };
    let first = original.first().zip(found.first()).is_some_and(|(original, found)| same(original, found));
    let is_anchor =
        |certificate: &Value| certificate.as_bytes().is_some_and(|der| der == authority().certificate_der());
    let mut needed = original.iter().filter(|certificate| !is_anchor(certificate));
    first && needed.all(|original| found.iter().any(|found| same(original, found)))
}

/// Whether the members of client data that a relying party looks at are the same; it ignores others, and their order
/// (§5.8.1). Decoding drops a byte order mark, and what is no UTF-8 becomes U+FFFD (§7.1 step 5).
fn same_client_data(original: &[u8], found: &[u8]) -> bool {
    let [original, found] = [original, found].map(|json| {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let text = String::from_utf8_lossy(json);
        serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|_| members(&text))
    });
    let same = |name: &str| original.get(name) == found.get(name);
    // No `crossOrigin` is the same as false.
    let embedded = |data: &serde_json::Value| data.get("crossOrigin").is_some_and(|cross| *cross != false);
    ["type", "challenge", "origin", "topOrigin"].into_iter().all(same) && !embedded(&found)
}

/// The members of JSON that `serde_json` cannot hold: a lone surrogate, a number beyond every type, deep nesting. None
/// of what is no JSON.
fn members(text: &str) -> serde_json::Value {
    let json = stuntkey_inspect::json::read(text).whole();
    let members = json.iter().flat_map(|json| json.members());
    let value = |json: &Json<'_>| match &json.kind {
        Kind::String(text) => text.as_ref().into(),
        Kind::Bool(truth) => (*truth).into(),
        _ => serde_json::Value::Null,
    };
    members.map(|member| (member.name.to_string(), value(&member.value))).collect()
}

fn member<'v>(map: &'v Value, name: &str) -> Option<&'v Value> {
    map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

fn text<'v>(map: &'v Value, name: &str) -> Option<&'v str> {
    member(map, name)?.as_text()
}

fn bytes<'v>(map: &'v Value, name: &str) -> Option<&'v [u8]> {
    member(map, name)?.as_bytes().map(Vec::as_slice)
}
