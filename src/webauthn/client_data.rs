//! `CollectedClientData` (WebAuthn L3 §5.8.1) and its serialisation (§5.8.1.1).

use std::fmt;

use crate::encoding::base64url;
use crate::encoding::json::{self, Json};

/// The ceremony that client data belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ceremony {
    /// Registration.
    Create,
    /// Authentication.
    Get,
}

impl Ceremony {
    /// The value of the `type` member.
    #[must_use]
    pub const fn client_data_type(self) -> &'static str {
        match self {
            Ceremony::Create => "webauthn.create",
            Ceremony::Get => "webauthn.get",
        }
    }
}

/// `CollectedClientData`.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientData {
    /// `type`.
    pub ceremony: Ceremony,
    /// `challenge`, as bytes.
    pub challenge: Vec<u8>,
    /// `origin`, serialised.
    pub origin: String,
    /// `crossOrigin`.
    pub cross_origin: bool,
    /// `topOrigin`, serialised.
    pub top_origin: Option<String>,
    /// Members after these.
    pub extra: Vec<(String, Json<'static>)>,
}

impl ClientData {
    /// The JSON text, byte for byte as §5.8.1.1 says.
    #[must_use]
    pub fn to_json(&self) -> String {
        let bytes = client_data_json(
            self.ceremony,
            &self.challenge,
            &self.origin,
            self.cross_origin,
            self.top_origin.as_deref(),
            &self.extra,
        );
        String::from_utf8(bytes).expect("it is made of strings and ASCII")
    }

    /// Reads client data: UTF-8 JSON with the members of §5.8.1 in any order.
    ///
    /// # Errors
    /// [`ClientDataError`] with the member, what was found and what was expected.
    pub fn parse(bytes: &[u8]) -> Result<Self, ClientDataError> {
        let text = std::str::from_utf8(bytes).map_err(|e| {
            ClientDataError::new(
                "$",
                format!("a byte that is not UTF-8 at offset {}", e.valid_up_to()),
                "UTF-8",
            )
        })?;
        // §7.1 step 5 decodes with "UTF-8 decode", which drops a byte order mark.
        let json = json::parse(text.strip_prefix('\u{feff}').unwrap_or(text))
            .map_err(|e| ClientDataError { path: e.path, found: e.found, expected: e.expected })?;
        let Json::Object(members) = json.into_owned() else {
            return Err(ClientDataError::new("$", "no object", "an object"));
        };
        let (mut kind, mut challenge, mut origin, mut cross_origin, mut top_origin) =
            (None, None, None, None, None);
        let mut extra = Vec::new();
        for (name, value) in members {
            match name.as_ref() {
                "type" => kind = Some(value),
                "challenge" => challenge = Some(value),
                "origin" => origin = Some(value),
                "crossOrigin" => cross_origin = Some(value),
                "topOrigin" => top_origin = Some(value),
                _ => extra.push((name.into_owned(), value)),
            }
        }
        let ceremony = text_member("$.type", kind)?;
        let challenge = text_member("$.challenge", challenge)?;
        Ok(Self {
            ceremony: [Ceremony::Create, Ceremony::Get]
                .into_iter()
                .find(|c| c.client_data_type() == ceremony)
                .ok_or_else(|| {
                    let found = Json::from(ceremony).describe();
                    ClientDataError::new("$.type", found, "\"webauthn.create\" or \"webauthn.get\"")
                })?,
            challenge: base64url::decode(&challenge)
                .map_err(|why| ClientDataError::new("$.challenge", why.to_string(), "unpadded base64url"))?,
            origin: text_member("$.origin", origin)?,
            cross_origin: match cross_origin {
                None => false,
                Some(Json::Bool(value)) => value,
                Some(other) => {
                    return Err(ClientDataError::new("$.crossOrigin", other.describe(), "true or false"));
                }
            },
            top_origin: top_origin.map(|value| text_member("$.topOrigin", Some(value))).transpose()?,
            extra,
        })
    }
}

fn text_member(path: &str, value: Option<Json<'static>>) -> Result<String, ClientDataError> {
    match value {
        Some(Json::String(text)) => Ok(text.into_owned()),
        Some(other) => Err(ClientDataError::new(path, other.describe(), "a string")),
        None => Err(ClientDataError::new(path, "nothing", "a string")),
    }
}

/// The serialisation of §5.8.1.1, from borrowed members.
pub(crate) fn client_data_json(
    ceremony: Ceremony,
    challenge: &[u8],
    origin: &str,
    cross_origin: bool,
    top_origin: Option<&str>,
    extra: &[(String, Json<'_>)],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(96 + origin.len() + challenge.len().div_ceil(3) * 4);
    out.extend_from_slice(b"{\"type\":");
    push_ccd_string(&mut out, ceremony.client_data_type());
    // Nothing in base64url is escaped.
    out.extend_from_slice(b",\"challenge\":\"");
    base64url::append(&mut out, challenge);
    out.extend_from_slice(b"\",\"origin\":");
    push_ccd_string(&mut out, origin);
    out.extend_from_slice(b",\"crossOrigin\":");
    out.extend_from_slice(if cross_origin { b"true" } else { b"false" });
    if let Some(top_origin) = top_origin {
        out.extend_from_slice(b",\"topOrigin\":");
        push_ccd_string(&mut out, top_origin);
    }
    for (name, value) in extra {
        out.push(b',');
        push_ccd_string(&mut out, name);
        out.push(b':');
        out.extend_from_slice(value.to_string().as_bytes());
    }
    out.push(b'}');
    out
}

/// `CCDToString` (§5.8.1.1): every control character is escaped by its number.
fn push_ccd_string(out: &mut Vec<u8>, text: &str) {
    json::push_escaped(out, text, |_| None);
}

/// Bytes that are no client data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDataError {
    /// The JSON path.
    pub path: String,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl ClientDataError {
    fn new(path: &str, found: impl Into<String>, expected: &str) -> Self {
        Self { path: path.into(), found: found.into(), expected: expected.into() }
    }
}

impl fmt::Display for ClientDataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client data {}: found {}, expected {}", self.path, self.found, self.expected)
    }
}

impl std::error::Error for ClientDataError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> ClientData {
        ClientData {
            ceremony: Ceremony::Get,
            challenge: vec![0xfb, 0xff],
            origin: "https://example.org".into(),
            cross_origin: true,
            top_origin: Some("https://example.com".into()),
            extra: vec![],
        }
    }

    #[test]
    fn members_stand_in_the_order_of_the_standard() {
        assert_eq!(
            sample().to_json(),
            r#"{"type":"webauthn.get","challenge":"-_8","origin":"https://example.org","crossOrigin":true,"topOrigin":"https://example.com"}"#
        );
    }

    #[test]
    fn only_quote_backslash_and_controls_are_escaped() {
        let data = ClientData { origin: "a\"b\\c\u{1f}\n\u{7f}é/".into(), top_origin: None, ..sample() };
        assert!(
            data.to_json().contains("\"origin\":\"a\\\"b\\\\c\\u001f\\u000a\u{7f}é/\""),
            "{}",
            data.to_json()
        );
    }

    #[test]
    fn extra_members_follow_and_come_back() {
        let extra = vec![("x\"".to_owned(), json::parse(r#"{"y":[1]}"#).unwrap().into_owned())];
        let data = ClientData { extra, ..sample() };
        assert!(data.to_json().ends_with(r#","x\"":{"y":[1]}}"#));
        assert_eq!(ClientData::parse(data.to_json().as_bytes()).unwrap(), data);
    }

    #[test]
    fn names_the_member_that_is_wrong() {
        let path = |text: &str| ClientData::parse(text.as_bytes()).unwrap_err().path;
        assert_eq!(path("[]"), "$");
        assert_eq!(path(r#"{"challenge":"AA","origin":"o"}"#), "$.type");
        assert_eq!(path(r#"{"type":"webauthn.Create","challenge":"AA","origin":"o"}"#), "$.type");
        assert_eq!(path(r#"{"type":"webauthn.get","challenge":"A=","origin":"o"}"#), "$.challenge");
        assert_eq!(path(r#"{"type":"webauthn.get","challenge":"AA"}"#), "$.origin");
        assert_eq!(
            path(r#"{"type":"webauthn.get","challenge":"AA","origin":"o","crossOrigin":0}"#),
            "$.crossOrigin"
        );
        assert_eq!(path(r#"{"type":"webauthn.get","type":"webauthn.get"}"#), "$.type");
        assert_eq!(ClientData::parse(b"\xff").unwrap_err().path, "$");
        assert!(
            ClientData::parse(
                b"\xef\xbb\xbf{\"type\":\"webauthn.get\",\"challenge\":\"AA\",\"origin\":\"o\"}"
            )
            .is_ok()
        );
    }
}
