//! That each contender does its work, before its time is taken. All by `p256` and by reading the JSON text that is
//! measured: nothing of those compared judges itself.

use base64ct::{Base64UrlUnpadded, Encoding};
use ciborium::Value as Cbor;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// What a reply showed.
pub(crate) struct Registered {
    pub(crate) key: VerifyingKey,
    /// Of the authenticator data and the hash of the client data, which an attestation signs.
    pub(crate) message_length: usize,
}

pub(crate) struct Asserted {
    pub(crate) message_length: usize,
}

/// How a registration has to be attested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attestation {
    None,
    /// A `packed` statement with a certificate, whose key signed it.
    Packed,
    /// A `packed` statement that the new key signed.
    PackedSelf,
}

/// Reads a registration response, attested as said.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn registration(reply: &str, attestation: Attestation) -> Result<Registered, String> {
    let reply: Json = serde_json::from_str(reply).map_err(|error| error.to_string())?;
    let client_data_hash = client_data_hash(&reply, "webauthn.create")?;
    let object = attestation_object(&reply)?;
    let found = member(&object, "fmt").and_then(Cbor::as_text);
    let format = if attestation == Attestation::None { "none" } else { "packed" };
    if found != Some(format) {
        return Err(format!("the attestation format is {found:?}, not {format:?}"));
    }
    let data = member(&object, "authData").and_then(Cbor::as_bytes).ok_or("no authenticator data")?;
    let (credential_id, key) = attested_credential(data)?;
    if credential_id != bytes(&reply, "/rawId")? {
        return Err("the authenticator data are of another credential".to_owned());
    }

    let message = [&data[..], &client_data_hash].concat();
    let has_certificate =
        member(&object, "attStmt").is_some_and(|statement| member(statement, "x5c").is_some());
    if has_certificate != (attestation == Attestation::Packed) {
        return Err(format!("the attestation is not {attestation:?}"));
    }
    match attestation {
        Attestation::None => {}
        Attestation::Packed => {
            signature(&certified_key(certificate(&object)?)?, &message, statement_signature(&object)?)?;
        }
        Attestation::PackedSelf => signature(&key, &message, statement_signature(&object)?)?,
    }
    Ok(Registered { key, message_length: message.len() })
}

/// Reads an authentication response, signed by the private key to `key`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn authentication(reply: &str, key: &VerifyingKey) -> Result<Asserted, String> {
    let reply: Json = serde_json::from_str(reply).map_err(|error| error.to_string())?;
    let mut message = bytes(&reply, "/response/authenticatorData")?;
    message.extend(client_data_hash(&reply, "webauthn.get")?);
    if bytes(&reply, "/response/userHandle")?.is_empty() {
        return Err("no user handle".to_owned());
    }
    signature(key, &message, &bytes(&reply, "/response/signature")?)?;
    Ok(Asserted { message_length: message.len() })
}

/// Reads an uncompressed point.
///
/// # Errors
/// It is none of P-256.
pub(crate) fn public_key(point: &[u8]) -> Result<VerifyingKey, String> {
    VerifyingKey::from_sec1_bytes(point).map_err(|_| "the public key is no point of P-256".to_owned())
}

/// Verifies a DER `Ecdsa-Sig-Value` with SHA-256.
///
/// # Errors
/// It does not hold.
pub(crate) fn signature(key: &VerifyingKey, message: &[u8], der: &[u8]) -> Result<(), String> {
    let signature = Signature::from_der(der).map_err(|_| "the signature is not DER")?;
    key.verify(message, &signature).map_err(|_| "the signature does not hold".to_owned())
}

/// The attestation object of a registration response.
pub(crate) fn attestation_object(reply: &Json) -> Result<Cbor, String> {
    cbor(&bytes(reply, "/response/attestationObject")?)
}

/// The first certificate of a `packed` statement.
pub(crate) fn certificate(attestation_object: &Cbor) -> Result<&Vec<u8>, &'static str> {
    let statement = member(attestation_object, "attStmt").ok_or("no attestation statement")?;
    let chain = member(statement, "x5c").and_then(Cbor::as_array).ok_or("no x5c")?;
    chain.first().and_then(Cbor::as_bytes).ok_or("no certificate")
}

/// The signature of a `packed` statement.
pub(crate) fn statement_signature(attestation_object: &Cbor) -> Result<&Vec<u8>, &'static str> {
    let statement = member(attestation_object, "attStmt").ok_or("no attestation statement")?;
    member(statement, "sig").and_then(Cbor::as_bytes).ok_or("no signature")
}

fn client_data_hash(reply: &Json, ceremony: &str) -> Result<[u8; 32], String> {
    let text = bytes(reply, "/response/clientDataJSON")?;
    let client_data: Json = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    if client_data.pointer("/type").and_then(Json::as_str) != Some(ceremony) {
        return Err(format!("the client data are not of type {ceremony}"));
    }
    Ok(Sha256::digest(text).into())
}

/// Credential id and public key (WebAuthn L3 §6.1 and §6.5.1).
fn attested_credential(authenticator_data: &[u8]) -> Result<(Vec<u8>, VerifyingKey), String> {
    // The hash of the RP ID, flags, the counter and the AAGUID come before.
    let (_, rest) = authenticator_data.split_at_checked(32 + 1 + 4 + 16).ok_or("no attested credential")?;
    let (length, rest) = rest.split_first_chunk().ok_or("no credential id")?;
    let (id, key) = rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or("no credential id")?;

    // The coordinates of a COSE_Key (RFC 9053 §7.1.1).
    let key = cbor(key)?;
    let [x, y] = [-2, -3].map(|label| member(&key, label).and_then(Cbor::as_bytes));
    let (x, y) = (x.ok_or("no x coordinate")?, y.ok_or("no y coordinate")?);
    Ok((id.to_vec(), public_key(&[&[4], &x[..], y].concat())?))
}

/// The P-256 key of a certificate, found by the DER that stands before each such point in a SubjectPublicKeyInfo
/// (RFC 5480 §2).
fn certified_key(certificate: &[u8]) -> Result<VerifyingKey, String> {
    const BEFORE_POINT: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
        \x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
    certificate
        .windows(BEFORE_POINT.len() + 65)
        .find_map(|window| window.strip_prefix(BEFORE_POINT))
        .ok_or("the certificate has no P-256 key".to_owned())
        .and_then(public_key)
}

/// The bytes of a member in base64url.
pub(crate) fn bytes(reply: &Json, pointer: &str) -> Result<Vec<u8>, String> {
    let text = reply.pointer(pointer).and_then(Json::as_str).ok_or_else(|| format!("no {pointer}"))?;
    Base64UrlUnpadded::decode_vec(text).map_err(|error| format!("{pointer}: {error}"))
}

fn cbor(bytes: &[u8]) -> Result<Cbor, String> {
    ciborium::from_reader(bytes).map_err(|error| error.to_string())
}

fn member(map: &Cbor, key: impl Into<Cbor>) -> Option<&Cbor> {
    let key = key.into();
    map.as_map()?.iter().find(|(found, _)| *found == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTER: &str = r#"{"publicKey":{"rp":{"id":"example.com","name":"E"},
        "user":{"id":"AAAA","name":"n","displayName":"d"},"challenge":"GVeXqotfQOWSaaWZuWj94Q",
        "pubKeyCredParams":[{"type":"public-key","alg":-7}],"attestation":"direct",
        "authenticatorSelection":{"residentKey":"required"}}}"#;
    const LOGIN: &str = r#"{"publicKey":{"challenge":"GVeXqotfQOWSaaWZuWj94Q","rpId":"example.com"}}"#;

    /// A registration and a login by a key of its own.
    fn replies() -> [String; 2] {
        let mut client = stuntkey::Client::new("https://example.com").unwrap();
        [client.register(REGISTER).unwrap().to_string(), client.authenticate(LOGIN).unwrap().to_string()]
    }

    #[test]
    fn takes_sound_replies_and_refuses_another_format_or_ceremony() {
        let [registered, login] = replies();
        let key = registration(&registered, Attestation::Packed).unwrap().key;
        assert!(registration(&registered, Attestation::None).is_err());
        assert!(registration(&login, Attestation::Packed).is_err());
        assert!(authentication(&login, &key).is_ok());
        assert!(authentication(&registered, &key).is_err());
    }

    #[test]
    fn refuses_signatures_over_something_else_or_by_another_key() {
        let ([registered, login], [another, _]) = (replies(), replies());
        let another_key = registration(&another, Attestation::Packed).unwrap().key;
        assert_eq!(
            authentication(&login, &another_key).err().as_deref(),
            Some("the signature does not hold")
        );
        // The challenge is part of what is signed.
        let challenge = |text: &str| {
            let mut reply: Json = serde_json::from_str(text).unwrap();
            let client_data = bytes(&reply, "/response/clientDataJSON").unwrap();
            let changed = String::from_utf8(client_data).unwrap().replace("GVeX", "AAAA");
            reply["response"]["clientDataJSON"] = Base64UrlUnpadded::encode_string(changed.as_bytes()).into();
            reply.to_string()
        };
        assert_eq!(
            registration(&challenge(&registered), Attestation::Packed).err().as_deref(),
            Some("the signature does not hold")
        );
    }
}
