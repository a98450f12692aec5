//! `android-safetynet` (WebAuthn L3 §8.5, deprecated): a statement of a service that has been shut down.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use stuntkey_inspect::cbor::Item;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::{AttestationType, Evidence, Examined, bytes, only, text};
use crate::verifier::certificate::Certificate;
use crate::verifier::check::Check;
use crate::verifier::judge::{Judge, Place, quoted};
use crate::verifier::jws::Jws;

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
) -> Option<Examined> {
    let read = judge.require(Check::SafetyNetSyntax, read(statement), "ver and response");
    let (version, response) = read?;
    judge.check(Check::SafetyNetVersion, !version.is_empty(), || "an empty version".into(), "a version");
    let expected = "header, payload and signature in base64url, with x5c in the header";
    let response = judge.require(Check::SafetyNetResponse, Jws::parse(&response), expected)?;
    let member = |name: &str| response.payload.get(name);
    let found = |name: &str| member(name).map_or_else(|| "nothing".to_owned(), show);

    let nonce = STANDARD.encode(evidence.nonce());
    let holds = member("nonce").and_then(Json::as_str) == Some(&nonce);
    judge.check(Check::SafetyNetNonce, holds, || found("nonce"), nonce);
    judge.within(Place::Certificate(0), |judge| {
        let names = service_names(&response.leaf);
        let holds = names.iter().any(|name| name == SERVICE);
        judge.check(Check::SafetyNetService, holds, || format!("the names {names:?}"), SERVICE);
    });
    let verified = response.verify_signature(evidence.relying_party.backend());
    let holds = verified.is_ok();
    let found_signature = || verified.err().map_or_else(String::new, |refusal| refusal.found);
    judge.check(Check::SafetyNetSignature, holds, found_signature, "the certificate's key's");
    let matches = member("ctsProfileMatch") == Some(&Json::Bool(true));
    judge.check(Check::SafetyNetIntegrity, matches, || found("ctsProfileMatch"), "true");
    let holds = member("timestampMs")
        .and_then(Json::as_u64)
        .is_some_and(|at| is_recent(at, evidence.policy().time()));
    judge.check(Check::SafetyNetTimestamp, holds, || found("timestampMs"), "a time of the last minute");
    Some(
        Examined::of("android-safetynet", AttestationType::BasicOrAttestationCa)
            .with(response.x5c, Some(response.leaf)),
    )
}

/// A string, a number or a truth as it is, anything else by its kind.
fn show(value: &Json) -> String {
    match value {
        Json::String(text) => quoted(text),
        Json::Bool(_) | Json::Number(_) => value.to_string(),
        Json::Null => "null".to_owned(),
        Json::Array(_) => "an array".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}

fn is_recent(milliseconds: u64, now: SystemTime) -> bool {
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds));
    at.is_some_and(|at| at <= now && now.duration_since(at).is_ok_and(|age| age <= MOST_AGE))
}

/// The DNS names of the first certificate.
fn service_names(leaf: &Certificate) -> Vec<String> {
    let names = leaf.decoded::<SubjectAltName>("a subject alternative name").ok().flatten();
    let names = names.map(|names| names.0).unwrap_or_default();
    names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.to_string()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_response_says_is_shown_in_short() {
        let long = serde_json::json!("x".repeat(100_000));
        assert!(show(&long).len() < 200);
        assert_eq!(show(&serde_json::json!({ "a": "x".repeat(100_000) })), "an object");
        assert_eq!(show(&serde_json::json!("\u{9b}\u{202e}")), r#""\u{9b}\u{202e}""#);
        assert_eq!(show(&serde_json::json!(true)), "true");
    }
}
