//! JSON Web Signatures in compact serialization (RFC 7515 §7.1), with certificates in the header.

use base64ct::{Base64, Encoding};

use crate::crypto::Algorithm;
use crate::crypto::ecdsa::p256_fixed_length;
use crate::encoding::base64url;
use crate::encoding::json::Json;

/// The header with `alg` and `x5c`.
pub(super) fn header(algorithm: Algorithm, chain: &[Vec<u8>]) -> Json<'static> {
    // RFC 7515 §4.1.6: base64 with padding, not base64url.
    let x5c = chain.iter().map(|certificate| Base64::encode_string(certificate).into()).collect();
    Json::object([("alg", Json::from(algorithm.name())), ("x5c", Json::Array(x5c))])
}

/// The text that is signed: header and payload in base64url.
pub(super) fn signing_input(header: &Json<'_>, payload: &Json<'_>) -> String {
    [header, payload].map(|part| base64url::encode(part.to_string().as_bytes())).join(".")
}

/// The signature in the form of JSON Web Signatures. Of ECDSA that is r and s without DER (RFC 7518 §3.4).
pub(super) fn signature_value(algorithm: Algorithm, signature: Vec<u8>) -> Vec<u8> {
    match algorithm {
        Algorithm::Es256 => p256_fixed_length(&signature).unwrap_or(signature),
        _ => signature,
    }
}

/// The compact serialization: what was signed, and the signature in base64url.
pub(super) fn compact(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", base64url::encode(signature))
}
