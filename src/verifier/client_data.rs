//! The collected client data (WebAuthn L3 §5.8.1): §7.1 steps 5 to 12, §7.2 steps 8 to 14 and 20.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::check::Check;
use super::expectations::RelyingPartyPolicy;
use super::judge::{Judge, quoted};
use super::received::{kind, show};
use crate::webauthn::Ceremony;

/// Checks the client data and gives its hash, which is over the bytes as they came.
pub(super) fn judge(
    judge: &mut Judge<'_>,
    json: &[u8],
    challenge: &[u8],
    policy: &RelyingPartyPolicy,
) -> [u8; 32] {
    if let Some(client_data) = decode(judge, json) {
        members(judge, &client_data, challenge, policy);
    }
    judge.done(match judge.ceremony() {
        Ceremony::Create => 12,
        Ceremony::Get => 20,
    });
    Sha256::digest(json).into()
}

fn decode(judge: &mut Judge<'_>, json: &[u8]) -> Option<Map<String, Value>> {
    // "UTF-8 decode": a byte order mark is dropped, and what is no UTF-8 becomes U+FFFD.
    let text = String::from_utf8_lossy(json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json));
    judge.done(match judge.ceremony() {
        Ceremony::Create => 5,
        Ceremony::Get => 8,
    });
    let client_data = match serde_json::from_str(&text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(kind(&other).to_owned()),
        Err(error) => Err(format!("{} ({error})", quoted(&text))),
    };
    judge.require(Check::ClientDataJson, client_data, "a JSON object")
}

fn members(
    judge: &mut Judge<'_>,
    client_data: &Map<String, Value>,
    challenge: &[u8],
    policy: &RelyingPartyPolicy,
) {
    let text = |name| client_data.get(name).and_then(Value::as_str);
    let found = |name| move || client_data.get(name).map_or_else(|| "nothing".to_owned(), show);

    let wanted = judge.ceremony().client_data_type();
    judge.check(Check::ClientDataType, text("type") == Some(wanted), found("type"), format!("{wanted:?}"));

    let wanted = URL_SAFE_NO_PAD.encode(challenge);
    judge.check(
        Check::Challenge,
        text("challenge") == Some(&wanted),
        found("challenge"),
        format!("{wanted:?}"),
    );

    let is_expected = |origin: &str, expected: &[String]| expected.iter().any(|other| other == origin);
    let origin = text("origin").is_some_and(|origin| is_expected(origin, &policy.origins));
    judge.check(Check::Origin, origin, found("origin"), one_of(&policy.origins));

    let cross_origin = match client_data.get("crossOrigin") {
        None | Some(Value::Bool(false)) => true,
        Some(Value::Bool(true)) => policy.cross_origin,
        Some(_) => false,
    };
    let wanted = if policy.cross_origin { "a boolean or nothing" } else { "false or nothing" };
    judge.check(Check::CrossOrigin, cross_origin, found("crossOrigin"), wanted);

    if client_data.contains_key("topOrigin") {
        let allowed = text("topOrigin").is_some_and(|origin| is_expected(origin, &policy.top_origins));
        let wanted = match policy.cross_origin {
            true => one_of(&policy.top_origins),
            false => "nothing, as the relying party is not embedded".to_owned(),
        };
        judge.check(Check::TopOrigin, policy.cross_origin && allowed, found("topOrigin"), wanted);
    } else {
        let step = Check::TopOrigin.step(judge.ceremony()).unwrap_or_default();
        judge.not_applicable(step, "the client data has no topOrigin");
    }
}

fn one_of(origins: &[String]) -> String {
    match origins {
        [] => "none at all".to_owned(),
        [origin] => format!("{origin:?}"),
        several => format!("one of {}", several.join(", ")),
    }
}
