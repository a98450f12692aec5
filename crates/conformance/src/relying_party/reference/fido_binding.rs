//! The FIDO conformance REST binding: four `POST`s, the session in a cookie.

use serde_json::{Map, Value, json};

use super::{Denied, ReferenceRelyingParty, Refusal};

/// The answer to a request: HTTP status and body.
pub(super) type Response = (u16, Value);

impl ReferenceRelyingParty {
    /// Answers a request of this binding; `None` for another path.
    pub(super) fn fido_binding(&self, session: &str, path: &str, body: &str) -> Option<Response> {
        let result = match path {
            "/attestation/options" => {
                read(body).and_then(|wanted| self.begin_registration(session, &wanted)).map(with_status)
            }
            "/attestation/result" => self.finish_registration(session, body).map(|_| ok()),
            "/assertion/options" => {
                read(body).and_then(|wanted| self.begin_authentication(session, &wanted)).map(with_status)
            }
            "/assertion/result" => self.finish_authentication(session, body).map(|_| ok()),
            _ => return None,
        };
        Some(match result {
            Ok(body) => (200, body),
            Err(denied @ Denied::Broken(_)) => (500, failed(&denied)),
            Err(denied) => match self.settings.configuration.refusal {
                Refusal::Status(status) => (status, failed(&denied)),
                Refusal::Member => (200, failed(&denied)),
            },
        })
    }
}

pub(super) fn read<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, Denied> {
    serde_json::from_str(body).map_err(|error| Denied::Request(format!("the request's body: {error}")))
}

pub(super) fn failed(denied: &Denied) -> Value {
    json!({ "status": "failed", "errorMessage": denied.to_string() })
}

fn ok() -> Value {
    json!({ "status": "ok", "errorMessage": "" })
}

fn with_status(options: Value) -> Value {
    let mut members = Map::new();
    members.insert("status".into(), "ok".into());
    members.insert("errorMessage".into(), "".into());
    if let Value::Object(options) = options {
        members.extend(options);
    }
    Value::Object(members)
}
