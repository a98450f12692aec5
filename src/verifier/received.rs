//! A response as it comes over the wire (WebAuthn L3 §5.1): the members that the ceremonies need.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::cbor;
use super::check::Check;
use super::json::{self, Json, Kind};
use super::judge::{Judge, quoted};
use crate::webauthn::Ceremony;

/// `PublicKeyCredential` as JSON: what could be read of it.
#[derive(Default)]
pub(super) struct Received {
    pub(super) id: Option<Vec<u8>>,
    pub(super) client_data_json: Option<Vec<u8>>,
    pub(super) attestation_object: Option<Vec<u8>>,
    pub(super) authenticator_data: Option<Vec<u8>>,
    pub(super) signature: Option<Vec<u8>>,
    /// Outer: whether it could be read; inner: whether it is there.
    pub(super) user_handle: Option<Option<Vec<u8>>>,
    pub(super) transports: Vec<String>,
    /// The names of the client extension results.
    pub(super) client_extensions: Vec<String>,
}

impl Received {
    /// Steps 3 and 4 of both ceremonies, and step 7 of §7.2.
    pub(super) fn read(judge: &mut Judge<'_>, reply: &str) -> Self {
        let mut received = Self::default();
        let expected = "a JSON object with a response";
        let Some(reply) = judge.require(Check::ReplyObject, object(reply), expected) else { return received };
        let response = match json::member(&reply, "response") {
            None => Err("an object without response".to_owned()),
            Some(response) if is_object(response) => Ok(response),
            Some(response) => Err(format!("{} as response", response.kind_name())),
        };
        let Some(response) = judge.require(Check::ReplyObject, response, expected) else { return received };

        received.id = read_id(judge, &reply);
        let is_public_key = json::member(&reply, "type").and_then(Json::as_str) == Some("public-key");
        let found = || json::show_member(&reply, "type");
        judge.check(Check::CredentialType, is_public_key, found, "\"public-key\"");

        received.client_data_json = bytes(judge, Check::ClientDataMember, response, "clientDataJSON");
        match judge.ceremony() {
            Ceremony::Create => {
                received.attestation_object =
                    bytes(judge, Check::AttestationObjectMember, response, "attestationObject");
            }
            Ceremony::Get => {
                received.authenticator_data =
                    bytes(judge, Check::AuthenticatorDataMember, response, "authenticatorData");
                received.signature = bytes(judge, Check::SignatureMember, response, "signature");
                received.user_handle = read_user_handle(judge, response);
                if received.authenticator_data.is_some() && received.signature.is_some() {
                    judge.done(7);
                }
            }
        }
        let transports = match json::member(response, "transports").map(|transports| &transports.kind) {
            Some(Kind::Array(transports)) => &transports[..],
            _ => &[],
        };
        received.transports = transports.iter().filter_map(Json::as_str).map(str::to_owned).collect();
        received.client_extensions = read_client_extensions(judge, &reply);
        received
    }
}

fn object(reply: &str) -> Result<Json<'_>, String> {
    let reading = json::read(reply);
    match (reading.value, reading.stop) {
        (_, Some(stop)) => Err(format!("no JSON ({})", cbor::place(&stop))),
        (Some(value), None) if is_object(&value) => Ok(value),
        (value, None) => Err(value.map_or("nothing", |value| value.kind_name()).to_owned()),
    }
}

fn is_object(value: &Json<'_>) -> bool {
    matches!(value.kind, Kind::Object(_))
}

fn read_id(judge: &mut Judge<'_>, reply: &Json<'_>) -> Option<Vec<u8>> {
    let expected = "base64url of at least one byte, the same as rawId";
    let id = member_bytes(reply, "id").map_err(|found| format!("{found} as id"));
    let id = judge.require(Check::CredentialId, id, expected)?;
    if json::member(reply, "rawId").is_some() {
        let raw_id = member_bytes(reply, "rawId");
        let same = raw_id.as_ref() == Ok(&id);
        let found = || match raw_id {
            Ok(_) => "another rawId than id".to_owned(),
            Err(found) => format!("{found} as rawId"),
        };
        judge.check(Check::CredentialId, same, found, expected);
    }
    Some(id)
}

fn read_user_handle(judge: &mut Judge<'_>, response: &Json<'_>) -> Option<Option<Vec<u8>>> {
    if json::member(response, "userHandle").is_none_or(|handle| handle.kind == Kind::Null) {
        return Some(None);
    }
    let handle = member_bytes(response, "userHandle").and_then(|handle| match handle.len() {
        1..=64 => Ok(Some(handle)),
        length => Err(format!("{length} bytes")),
    });
    judge.require(Check::UserHandleMember, handle, "base64url of 1 to 64 bytes")
}

fn read_client_extensions(judge: &mut Judge<'_>, reply: &Json<'_>) -> Vec<String> {
    match json::member(reply, "clientExtensionResults") {
        None => {
            judge.not_applicable(4, "the reply has no client extension results");
            Vec::new()
        }
        Some(results) => {
            let found = || results.kind_name().to_owned();
            judge.check(Check::ClientExtensionResults, is_object(results), found, "an object");
            results.members().iter().map(|member| member.name.clone().into_owned()).collect()
        }
    }
}

fn bytes(judge: &mut Judge<'_>, check: Check, object: &Json<'_>, name: &str) -> Option<Vec<u8>> {
    let value = member_bytes(object, name);
    judge.require(check, value, format_args!("base64url of at least one byte as {name}"))
}

fn member_bytes(object: &Json<'_>, name: &str) -> Result<Vec<u8>, String> {
    let value = json::member(object, name).ok_or("nothing")?;
    let text = value.as_str().ok_or_else(|| value.kind_name())?;
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if bytes.is_empty() => Err("an empty string".into()),
        Ok(bytes) => Ok(bytes),
        Err(_) => Err(format!("{}, which is not base64url", quoted(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: &str = r#"{"id":"AQID","rawId":"AQID","type":"public-key","clientExtensionResults":{},"response":{
        "clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","userHandle":null}}"#;

    /// What is refused: the check, and what was found.
    fn refused(reply: &str) -> Option<(Check, String)> {
        let mut judge = Judge::new(Ceremony::Get, &[]);
        Received::read(&mut judge, reply);
        judge.first_refusal().map(|refusal| (refusal.check, refusal.found.clone()))
    }

    #[test]
    fn a_reply_may_have_more_than_is_asked_for() {
        assert_eq!(refused(LOGIN), None);
        // What JSON.parse reads, a relying party does: numbers of any size, and halves of surrogate pairs.
        for more in [r#""x":1e999,"#, r#""x":"\ud800","#, r#""id":"BAUG","#, r#""response":7,"#] {
            assert_eq!(refused(&LOGIN.replacen('{', &format!("{{{more}"), 1)), None, "{more}");
        }
    }

    #[test]
    fn of_several_members_with_one_name_the_last_counts() {
        let with = |more: &str| LOGIN.replacen("\"response\"", &format!("{more},\"response\""), 1);
        assert_eq!(refused(&with(r#""id":"BAUG""#)).unwrap().1, "another rawId than id");
        assert_eq!(refused(&with(r#""type":"password""#)).unwrap().1, "\"password\"");
    }

    #[test]
    fn what_is_no_reply_is_told_by_its_kind() {
        for (reply, found) in [
            ("", "no JSON (the end, where a value should be at offset 0)"),
            ("[]", "an array"),
            ("{}", "an object without response"),
            (r#"{"response":"x"}"#, "a string as response"),
            (r#"{"response":{}} x"#, "no JSON (1 byte more after the value at offset 16)"),
        ] {
            assert_eq!(refused(reply), Some((Check::ReplyObject, found.to_owned())), "{reply}");
        }
        let id = |text: &str| refused(&LOGIN.replace("AQID", text)).unwrap();
        assert_eq!(id("AQ=="), (Check::CredentialId, "\"AQ==\", which is not base64url as id".to_owned()));
        assert_eq!(id("").1, "an empty string as id");
    }
}
