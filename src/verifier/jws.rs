//! JSON Web Signatures whose certificates stand in the header: of SafetyNet (WebAuthn L3 §8.5), and of metadata BLOBs.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value as Json;

use super::attestation::not_too_many;
use super::certificate::Certificate;
use super::judge::quoted;
use super::signature::SignatureRefusal;
use crate::crypto::{Algorithm, Backend};

/// A JSON Web Signature in compact serialization (RFC 7515 §7.1).
pub(super) struct Jws {
    algorithm: Algorithm,
    pub(super) x5c: Vec<Vec<u8>>,
    pub(super) leaf: Arc<Certificate>,
    pub(super) payload: Json,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Jws {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "bytes that are no UTF-8")?;
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(format!("{} parts", text.split('.').count()));
        };
        let decode = |part: &str, name: &str| {
            URL_SAFE_NO_PAD.decode(part).map_err(|_| format!("a {name} that is not base64url"))
        };
        let json = |part: &str, name: &str| -> Result<Json, String> {
            let bytes = decode(part, name)?;
            serde_json::from_slice(&bytes).map_err(|error| format!("a {name} that is no JSON ({error})"))
        };
        let (header_json, payload_json) = (json(header, "header")?, json(payload, "payload")?);
        let algorithm = match header_json.get("alg").and_then(Json::as_str) {
            Some("RS256") => Algorithm::Rs256,
            Some("ES256") => Algorithm::Es256,
            other => return Err(format!("the algorithm {}", quoted(other.unwrap_or_default()))),
        };
        let certificates = header_json.get("x5c").and_then(Json::as_array).ok_or("a header without x5c")?;
        not_too_many(certificates.len())?;
        let certificate = |item: &Json| item.as_str().and_then(|text| STANDARD.decode(text).ok());
        let x5c: Option<Vec<Vec<u8>>> = certificates.iter().map(certificate).collect();
        let x5c = x5c.ok_or("x5c with something that is not base64")?;
        let leaf = Arc::new(Certificate::parse(x5c.first().ok_or("an empty x5c")?)?);
        Ok(Self {
            algorithm,
            leaf,
            payload: payload_json,
            signed: format!("{header}.{payload}").into_bytes(),
            signature: decode(signature, "signature")?,
            x5c,
        })
    }

    /// Verifies the signature with the first certificate's key.
    pub(super) fn verify_signature(&self, backend: Backend) -> Result<(), SignatureRefusal> {
        self.leaf.key.verify_raw(backend, self.algorithm, &self.signed, &self.signature)
    }
}
