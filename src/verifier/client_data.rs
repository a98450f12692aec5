//! The collected client data (WebAuthn L3 §5.8.1): §7.1 steps 5 to 12, §7.2 steps 8 to 14 and 20.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::cbor;
use super::check::Check;
use super::expectations::{ClientDataVerification, RelyingPartyPolicy};
use super::json::{self, Json, Kind};
use super::judge::{Judge, quoted};
use crate::webauthn::Ceremony;

/// Checks the client data and gives its hash, which is over the bytes as they came.
pub(super) fn examine(
    judge: &mut Judge<'_>,
    json: &[u8],
    challenge: &[u8],
    policy: &RelyingPartyPolicy,
) -> [u8; 32] {
    match policy.client_data {
        ClientDataVerification::Parsed => members(judge, json, challenge, policy),
        ClientDataVerification::Limited => beginning(judge, json, challenge, policy),
    }
    judge.done(match judge.ceremony() {
        Ceremony::Create => 12,
        Ceremony::Get => 20,
    });
    Sha256::digest(json).into()
}

/// Decodes the client data and examines its members.
///
/// §7.1 step 6 and §7.2 step 9 leave the choice of the JSON parser to the relying party, as long as the members that later
/// steps name can be read. §5.8.1 says that further members may come. So a further member may be whatever the grammar of
/// JSON allows, and RFC 8259 §9 leaves limits to the parser: half of a surrogate pair, a number of any size, any depth.
fn members(judge: &mut Judge<'_>, json: &[u8], challenge: &[u8], policy: &RelyingPartyPolicy) {
    // "UTF-8 decode": a byte order mark is dropped, and what is no UTF-8 becomes U+FFFD.
    let text = String::from_utf8_lossy(json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json));
    judge.done(match judge.ceremony() {
        Ceremony::Create => 5,
        Ceremony::Get => 8,
    });
    let reading = json::read(&text);
    let client_data = match (reading.value, reading.stop) {
        (Some(value), None) if matches!(value.kind, Kind::Object(_)) => Ok(value),
        (Some(value), None) => Err(value.kind_name().to_owned()),
        (_, Some(stop)) => Err(format!("{} ({})", quoted(&text), cbor::place(&stop))),
        (None, None) => Err("nothing".to_owned()),
    };
    let Some(client_data) = judge.require(Check::ClientDataJson, client_data, "a JSON object") else {
        return;
    };
    let client_data = &client_data;
    let member = |name| json::member(client_data, name);
    let text = |name| member(name).and_then(Json::as_str);
    let found = |name| move || json::show_member(client_data, name);

    let wanted = judge.ceremony().client_data_type();
    let holds = text("type") == Some(wanted);
    judge.check(Check::ClientDataType, holds, found("type"), format_args!("{wanted:?}"));

    let wanted = URL_SAFE_NO_PAD.encode(challenge);
    judge.check(
        Check::Challenge,
        text("challenge") == Some(&wanted),
        found("challenge"),
        format_args!("{wanted:?}"),
    );

    let is_expected = |origin: &str, expected: &[String]| expected.iter().any(|other| other == origin);
    let origin = text("origin").is_some_and(|origin| is_expected(origin, &policy.origins));
    judge.check(Check::Origin, origin, found("origin"), OneOf(&policy.origins));

    let cross_origin = match member("crossOrigin").map(|value| &value.kind) {
        None | Some(Kind::Bool(false)) => true,
        Some(Kind::Bool(true)) => policy.cross_origin,
        Some(_) => false,
    };
    let wanted = if policy.cross_origin { "a boolean or nothing" } else { "false or nothing" };
    judge.check(Check::CrossOrigin, cross_origin, found("crossOrigin"), wanted);

    if member("topOrigin").is_some() {
        let allowed = text("topOrigin").is_some_and(|origin| is_expected(origin, &policy.top_origins));
        let (holds, found) = (policy.cross_origin && allowed, found("topOrigin"));
        match policy.cross_origin {
            true => judge.check(Check::TopOrigin, holds, found, OneOf(&policy.top_origins)),
            false => {
                judge.check(Check::TopOrigin, holds, found, "nothing, as the relying party is not embedded")
            }
        };
    } else {
        let step = Check::TopOrigin.step(judge.ceremony()).unwrap_or_default();
        judge.not_applicable(step, "the client data has no topOrigin");
    }
}

/// Compares the beginning of the client data with what a client writes (§5.8.1.2), member by member. What follows the last
/// of them is not looked at.
fn beginning(judge: &mut Judge<'_>, json: &[u8], challenge: &[u8], policy: &RelyingPartyPolicy) {
    let mut rest = json;
    let mut compare = |judge: &mut Judge<'_>, check, expected: &[String]| {
        let after = expected.iter().find_map(|text| rest.strip_prefix(text.as_bytes()));
        let found = || format!("{} in its place", quoted(&String::from_utf8_lossy(rest)));
        judge.check(check, after.is_some(), found, OneOf(expected));
        rest = after.unwrap_or_default();
        after.is_some()
    };
    let text = |text: &str| Value::from(text).to_string();
    let ceremony = text(judge.ceremony().client_data_type());
    let challenge = text(&URL_SAFE_NO_PAD.encode(challenge));
    let origins = policy.origins.iter().map(|origin| format!(",\"origin\":{}", text(origin)));
    let members = [
        (Check::ClientDataJson, vec!["{".to_owned()]),
        (Check::ClientDataType, vec![format!("\"type\":{ceremony}")]),
        (Check::Challenge, vec![format!(",\"challenge\":{challenge}")]),
        (Check::Origin, origins.collect()),
        (Check::CrossOrigin, vec![",\"crossOrigin\":false".to_owned()]),
        (Check::ClientDataJson, vec!["}".to_owned(), ",".to_owned()]),
    ];
    for (check, expected) in members {
        // What follows a member that is another cannot be found.
        if !compare(judge, check, &expected) {
            break;
        }
    }
    let step = Check::TopOrigin.step(judge.ceremony()).unwrap_or_default();
    judge.not_applicable(step, "the limited verification algorithm does not look for topOrigin");
}

/// Some texts, one of which was expected.
struct OneOf<'a>(&'a [String]);

impl fmt::Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("none at all"),
            [origin] => write!(f, "{origin:?}"),
            several => write!(f, "one of {}", several.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verifier::judge::FailedCheck;

    fn refusals(members: &str) -> Vec<FailedCheck> {
        let json = format!(
            "{{\"type\":\"webauthn.get\",\"challenge\":\"BwcH\",\"origin\":\"https://a.example\"{members}}}"
        );
        let mut judge = Judge::who_reports(Ceremony::Get, &[]);
        examine(
            &mut judge,
            json.as_bytes(),
            &[7; 3],
            &RelyingPartyPolicy::new("a.example", "https://a.example"),
        );
        judge.report().refusals().cloned().collect()
    }

    #[test]
    fn the_limited_algorithm_compares_the_beginning() {
        let policy = RelyingPartyPolicy {
            client_data: ClientDataVerification::Limited,
            ..RelyingPartyPolicy::new("a.example", "https://a.example")
        };
        let check = |json: &str| {
            let mut judge = Judge::new(Ceremony::Get, &[]);
            examine(&mut judge, json.as_bytes(), &[7; 3], &policy);
            judge.first_refusal().map(|refusal| refusal.check)
        };
        let sound =
            r#"{"type":"webauthn.get","challenge":"BwcH","origin":"https://a.example","crossOrigin":false}"#;
        assert_eq!(check(sound), None);
        assert_eq!(check(&format!("{sound}, and more")), None);
        assert_eq!(check(&sound.replace('}', ",\"other\":1")), None);
        for (changed, expected) in [
            (sound.replace('{', "{ "), Check::ClientDataType),
            (format!("\u{feff}{sound}"), Check::ClientDataJson),
            (sound.replace(".get", ".create"), Check::ClientDataType),
            (sound.replace("BwcH", "BwcI"), Check::Challenge),
            (sound.replace("a.example", "b.example"), Check::Origin),
            (sound.replace("false", "true"), Check::CrossOrigin),
            (sound.replace(",\"crossOrigin\":false", ""), Check::CrossOrigin),
            (sound.replace('}', ""), Check::ClientDataJson),
        ] {
            assert_eq!(check(&changed), Some(expected), "{changed}");
        }
    }

    /// §7.2 step 9 asks for a JSON parser, whatever it holds its numbers in and however deep it goes.
    #[test]
    fn further_members_may_be_whatever_json_is() {
        let deep = format!(",\"x\":{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        for members in ["", ",\"x\":\"\\ud800\"", ",\"\\udc00\":1", ",\"x\":1e999", ",\"x\":-0.0e-999", &deep]
        {
            assert_eq!(refusals(members), [], "{:.60}", members);
        }
    }

    #[test]
    fn members_that_count_are_the_last_of_their_name_and_whole() {
        let check = |members| refusals(members).first().map(|refusal| refusal.check);
        assert_eq!(check(",\"origin\":\"https://a.exampl\\ud800\""), Some(Check::Origin));
        assert_eq!(check(",\"origin\":\"https://b.example\""), Some(Check::Origin));
        assert_eq!(check(",\"crossOrigin\":1e999"), Some(Check::CrossOrigin));
        for broken in [",", ",\"x\":01", ",\"x\":[}", ",x:1", ",\"x\":\"\\x\""] {
            assert_eq!(check(broken), Some(Check::ClientDataJson), "{broken}");
        }
    }
}
