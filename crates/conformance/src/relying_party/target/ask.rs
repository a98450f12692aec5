//! What a relying party without HTTP is asked, and what it answers, in JSON. `docs/conform.md` says what it is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Answer, AuthenticationRequest, RegistrationRequest};

/// A request, and the session that it belongs to: a browser of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The session's number.
    pub session: u64,
    /// What is asked.
    #[serde(flatten)]
    pub ask: Ask,
}

/// What a relying party is asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all_fields = "camelCase")]
pub enum Ask {
    /// Begins a registration.
    #[serde(rename = "registration options")]
    RegistrationOptions {
        /// The account's name.
        username: String,
        /// The name to display.
        display_name: String,
        /// `userVerification`.
        user_verification: String,
        /// `residentKey`.
        resident_key: String,
        /// `attestation`.
        attestation: String,
        /// `conditional`, if the create is to be conditional.
        mediation: Option<String>,
        /// `extensions`: a JSON object.
        extensions: Value,
    },
    /// Ends a registration.
    #[serde(rename = "registration result")]
    RegistrationResult {
        /// The client's reply; a text, if it is no JSON.
        reply: Value,
    },
    /// Begins an authentication.
    #[serde(rename = "authentication options")]
    AuthenticationOptions {
        /// The account's name; `None` if the credential is to tell who it is.
        username: Option<String>,
        /// `userVerification`.
        user_verification: String,
    },
    /// Ends an authentication.
    #[serde(rename = "authentication result")]
    AuthenticationResult {
        /// The client's reply; a text, if it is no JSON.
        reply: Value,
    },
}

impl Ask {
    /// The name of what is asked.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::RegistrationOptions { .. } => "registration options",
            Self::RegistrationResult { .. } => "registration result",
            Self::AuthenticationOptions { .. } => "authentication options",
            Self::AuthenticationResult { .. } => "authentication result",
        }
    }

    pub(crate) fn to_register(wanted: &RegistrationRequest<'_>) -> Self {
        Self::RegistrationOptions {
            username: wanted.username.to_owned(),
            display_name: wanted.display_name.to_owned(),
            user_verification: wanted.user_verification.as_str().to_owned(),
            resident_key: wanted.resident_key.as_str().to_owned(),
            attestation: wanted.attestation.as_str().to_owned(),
            mediation: wanted.conditional.then(|| "conditional".to_owned()),
            extensions: serde_json::from_str(wanted.extensions).unwrap_or_else(|_| json!({})),
        }
    }

    pub(crate) fn to_end_registration(reply: &str) -> Self {
        Self::RegistrationResult { reply: value(reply) }
    }

    pub(crate) fn to_log_in(wanted: &AuthenticationRequest<'_>) -> Self {
        Self::AuthenticationOptions {
            username: wanted.username.map(str::to_owned),
            user_verification: wanted.user_verification.as_str().to_owned(),
        }
    }

    pub(crate) fn to_end_login(reply: &str) -> Self {
        Self::AuthenticationResult { reply: value(reply) }
    }
}

/// A reply that is no JSON goes as a text.
fn value(reply: &str) -> Value {
    serde_json::from_str(reply).unwrap_or_else(|_| reply.into())
}

/// What an answer says. `None` if it says none or several of what it can say.
pub(crate) fn answer(members: &Map<String, Value>) -> Option<Answer> {
    match (members.get("accepted"), members.get("refused"), members.get("crashed")) {
        (Some(body), None, None) => Some(Answer::Accepted(told(body))),
        (None, Some(why), None) => Some(Answer::Refused(told(why))),
        (None, None, Some(how)) => Some(Answer::Crashed(told(how))),
        _ => None,
    }
}

/// A text as it is, anything else as JSON.
fn told(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use stuntkey::webauthn::UserVerification;

    use super::*;

    #[test]
    fn a_request_is_one_object() {
        let user_verification = UserVerification::Preferred;
        let wanted = AuthenticationRequest { username: None, user_verification };
        let asked = Asked { session: 3, ask: Ask::to_log_in(&wanted) };
        let text = serde_json::to_string(&asked).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&text).unwrap(),
            json!({
                "session": 3,
                "do": "authentication options",
                "username": null,
                "userVerification": "preferred",
            })
        );
        assert_eq!(serde_json::from_str::<Asked>(&text).unwrap(), asked);
        assert_eq!(Ask::to_end_login("{\"a\":1"), Ask::AuthenticationResult { reply: "{\"a\":1".into() });
    }

    #[test]
    fn an_answer_says_one_thing() {
        let read = |text: &str| answer(&serde_json::from_str(text).unwrap());
        assert_eq!(read("{\"accepted\":{\"a\":1}}"), Some(Answer::Accepted("{\"a\":1}".into())));
        assert_eq!(read("{\"refused\":\"why\"}"), Some(Answer::Refused("why".into())));
        for wrong in ["{}", "{\"accepted\":{},\"refused\":\"\"}", "{\"hung\":true}"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
