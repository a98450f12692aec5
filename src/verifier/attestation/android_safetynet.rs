//! `android-safetynet` (WebAuthn L3 §8.5, deprecated): a statement of a service that has been shut down.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value as Json;
use stuntkey_inspect::cbor::Item;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Attestation, AttestationType, Evidence, bytes, not_too_many, only, text};
use crate::crypto::Algorithm;
use crate::verifier::certificate::Certificate;
use crate::verifier::check::Check;
use crate::verifier::judge::{Judge, quoted};
use crate::verifier::received::show;

/// The name in the service's certificate.
const SERVICE: &str = "attest.android.com";
/// How old a response may be.
const MOST_AGE: Duration = Duration::from_secs(60);

fn read(statement: &Item<'_>) -> Result<(String, Vec<u8>), String> {
    only(statement, &["ver", "response"])?;
    Ok((text(statement, "ver")?, bytes(statement, "response")?))
}

pub(super) fn verify(
    judge: &mut Judge<'_>,
    statement: &Item<'_>,
    evidence: &Evidence<'_>,
) -> Option<Attestation> {
    let read = judge.require(Check::SafetyNetSyntax, read(statement), "ver and response");
    let (version, response) = read?;
    judge.check(Check::SafetyNetVersion, !version.is_empty(), || "an empty version".into(), "a version");
    let expected = "header, payload and signature in base64url, with x5c in the header";
    let response = judge.require(Check::SafetyNetResponse, Response::parse(&response), expected)?;
    let member = |name: &str| response.payload.get(name);
    let found = |name: &str| member(name).map_or_else(|| "nothing".to_owned(), show);

    let nonce = STANDARD.encode(evidence.nonce());
    let holds = member("nonce").and_then(Json::as_str) == Some(&nonce);
    judge.check(Check::SafetyNetNonce, holds, || found("nonce"), nonce);
    judge.within("x5c[0]".into(), |judge| {
        let names = response.service_names();
        let holds = names.iter().any(|name| name == SERVICE);
        judge.check(Check::SafetyNetService, holds, || format!("the names {names:?}"), SERVICE);
    });
    let verified = response.leaf.key.verify_raw(response.algorithm, &response.signed, &response.signature);
    let holds = verified.is_ok();
    let found_signature = || verified.err().map_or_else(String::new, |refusal| refusal.found);
    judge.check(Check::SafetyNetSignature, holds, found_signature, "the certificate's key's");
    let matches = member("ctsProfileMatch") == Some(&Json::Bool(true));
    judge.check(Check::SafetyNetIntegrity, matches, || found("ctsProfileMatch"), "true");
    let holds =
        member("timestampMs").and_then(Json::as_u64).is_some_and(|at| is_recent(at, evidence.policy.time()));
    judge.check(Check::SafetyNetTimestamp, holds, || found("timestampMs"), "a time of the last minute");
    Some(Attestation {
        format: "android-safetynet".into(),
        attestation_type: AttestationType::BasicOrAttestationCa,
        trust_path: response.x5c,
        parts: Vec::new(),
    })
}

fn is_recent(milliseconds: u64, now: SystemTime) -> bool {
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds));
    at.is_some_and(|at| at <= now && now.duration_since(at).is_ok_and(|age| age <= MOST_AGE))
}

/// A JSON Web Signature in compact serialization (RFC 7515 §7.1).
struct Response {
    algorithm: Algorithm,
    x5c: Vec<Vec<u8>>,
    leaf: Certificate,
    payload: Json,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Response {
    fn parse(bytes: &[u8]) -> Result<Self, String> {
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
        let leaf = Certificate::parse(x5c.first().ok_or("an empty x5c")?)?;
        Ok(Self {
            algorithm,
            leaf,
            payload: payload_json,
            signed: format!("{header}.{payload}").into_bytes(),
            signature: decode(signature, "signature")?,
            x5c,
        })
    }

    /// The DNS names of the first certificate.
    fn service_names(&self) -> Vec<String> {
        let names = self.leaf.decoded::<SubjectAltName>("a subject alternative name").ok().flatten();
        let names = names.map(|names| names.0).unwrap_or_default();
        names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DnsName(name) => Some(name.to_string()),
                _ => None,
            })
            .collect()
    }
}
