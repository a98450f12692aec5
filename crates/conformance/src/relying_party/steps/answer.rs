//! What somebody who carried out a step says of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::relying_party::target::{Answer, ask};

/// What came of a step.
///
/// In JSON, a response is `{"status":200,"headers":{"content-type":"application/json"},"body":"…"}`; a header that comes several
/// times has a list of values, and headers may be a list of names and values, too. What a relying party says that was asked
/// is `{"accepted":…}`, `{"refused":"why"}` or `{"crashed":"how"}`. Either may have come to nothing: `{"failed":"why"}` or
/// `{"hung":true}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>", into = "Words")]
pub enum StepAnswer {
    /// The response to a request.
    Response {
        /// The HTTP status.
        status: u16,
        /// Names and values, in their order.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// What was asked was accepted, with this body.
    Accepted(String),
    /// What was asked was refused, and why.
    Refused(String),
    /// What was asked broke the relying party, and how.
    Crashed(String),
    /// The relying party gave no answer, such as an application that raised an exception, and why.
    Failed(String),
    /// No answer came in time.
    Hung,
}

impl StepAnswer {
    /// What it is called in JSON.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Response { .. } => "status",
            Self::Accepted(_) => "accepted",
            Self::Refused(_) => "refused",
            Self::Crashed(_) => "crashed",
            Self::Failed(_) => "failed",
            Self::Hung => "hung",
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Words {
    Response { status: u16, headers: Vec<(String, String)>, body: String },
    Said(BTreeMap<&'static str, Value>),
}

impl From<StepAnswer> for Words {
    fn from(answer: StepAnswer) -> Self {
        let name = answer.name();
        let said = match answer {
            StepAnswer::Response { status, headers, body } => {
                return Self::Response { status, headers, body };
            }
            StepAnswer::Accepted(text)
            | StepAnswer::Refused(text)
            | StepAnswer::Crashed(text)
            | StepAnswer::Failed(text) => text.into(),
            StepAnswer::Hung => true.into(),
        };
        Self::Said([(name, said)].into())
    }
}

impl TryFrom<Map<String, Value>> for StepAnswer {
    type Error = String;

    fn try_from(members: Map<String, Value>) -> Result<Self, String> {
        const KNOWN: [&str; 8] =
            ["status", "headers", "body", "accepted", "refused", "crashed", "failed", "hung"];
        if let Some(other) = members.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(format!("found the member {other:?}, expected one of {}", KNOWN.join(", ")));
        }
        if let Some(status) = members.get("status") {
            return response(status, &members);
        }
        let names: Vec<&str> = members.keys().map(String::as_str).collect();
        match (names.as_slice(), ask::answer(&members)) {
            (["failed"], _) => Ok(Self::Failed(text("failed", members.get("failed"))?)),
            (["hung"], _) if members.get("hung") == Some(&Value::Bool(true)) => Ok(Self::Hung),
            ([_], Some(Answer::Accepted(body))) => Ok(Self::Accepted(body)),
            ([_], Some(Answer::Refused(why))) => Ok(Self::Refused(why)),
            ([_], Some(Answer::Crashed(how))) => Ok(Self::Crashed(how)),
            _ => Err(format!(
                "found {}, expected a response (status, headers, body), or one of accepted, refused, crashed, failed and \
                 hung: true",
                Value::Object(members)
            )),
        }
    }
}

fn response(status: &Value, members: &Map<String, Value>) -> Result<StepAnswer, String> {
    if let Some(other) = members.keys().find(|name| !["status", "headers", "body"].contains(&name.as_str())) {
        return Err(format!("found the members status and {other}, expected one of them"));
    }
    let number = status.as_u64().and_then(|status| u16::try_from(status).ok());
    let number = number.filter(|status| (100..600).contains(status));
    Ok(StepAnswer::Response {
        status: number
            .ok_or_else(|| format!("status: found {status}, expected a status of HTTP, such as 200"))?,
        headers: members.get("headers").map_or(Ok(Vec::new()), headers)?,
        body: match members.get("body") {
            None | Some(Value::Null) => String::new(),
            body => text("body", body)?,
        },
    })
}

/// Names and values: as an object, whose values may be lists, or as a list of pairs.
fn headers(value: &Value) -> Result<Vec<(String, String)>, String> {
    let malformed = || {
        format!(
            "headers: found {value}, expected an object of texts, or a list of pairs of a name and a value"
        )
    };
    let pair = |name: &str, value: &Value| Some((name.to_owned(), value.as_str()?.to_owned()));
    let pairs: Option<Vec<(String, String)>> = match value {
        Value::Null => Some(Vec::new()),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value {
                Value::Array(values) => values.iter().map(|value| pair(name, value)).collect(),
                value => vec![pair(name, value)],
            })
            .collect(),
        Value::Array(pairs) => pairs
            .iter()
            .map(|one| match one.as_array()?.as_slice() {
                [name, value] => pair(name.as_str()?, value),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    pairs.ok_or_else(malformed)
}

fn text(name: &str, value: Option<&Value>) -> Result<String, String> {
    let found = value.unwrap_or(&Value::Null);
    found.as_str().map(str::to_owned).ok_or_else(|| format!("{name}: found {found}, expected a text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<StepAnswer, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn an_answer_is_read_as_it_is_written() {
        let headers = vec![("Set-Cookie".to_owned(), "a=1".to_owned()), ("Set-Cookie".into(), "b=2".into())];
        let response = StepAnswer::Response { status: 200, headers, body: "{}".into() };
        for answer in [
            response.clone(),
            StepAnswer::Accepted("{\"a\":1}".into()),
            StepAnswer::Refused("why".into()),
            StepAnswer::Crashed("how".into()),
            StepAnswer::Failed("why".into()),
            StepAnswer::Hung,
        ] {
            assert_eq!(read(&serde_json::to_string(&answer).unwrap()), Ok(answer));
        }
        let as_object = r#"{"status":200,"headers":{"Set-Cookie":["a=1","b=2"]},"body":"{}"}"#;
        assert_eq!(read(as_object), Ok(response));
        assert_eq!(read(r#"{"accepted":{"a":1}}"#), Ok(StepAnswer::Accepted("{\"a\":1}".into())));
        let bare = StepAnswer::Response { status: 204, headers: Vec::new(), body: String::new() };
        assert_eq!(read(r#"{"status":204,"headers":null,"body":null}"#), Ok(bare));
    }

    #[test]
    fn what_is_no_answer_is_told() {
        for (json, why) in [
            ("{}", "found {}, expected a response"),
            (r#"{"statuscode":200}"#, "found the member \"statuscode\", expected one of status,"),
            (r#"{"status":"200"}"#, "status: found \"200\", expected a status of HTTP"),
            (r#"{"status":99}"#, "status: found 99"),
            (r#"{"status":200,"accepted":{}}"#, "found the members status and accepted"),
            (r#"{"status":200,"body":{}}"#, "body: found {}, expected a text"),
            (r#"{"status":200,"headers":{"a":1}}"#, "headers: found {\"a\":1}, expected an object of texts"),
            (r#"{"status":200,"headers":[["a"]]}"#, "expected an object of texts"),
            (r#"{"accepted":{},"refused":""}"#, "expected a response"),
            (r#"{"hung":false}"#, "expected a response"),
            (r#"{"failed":1}"#, "failed: found 1, expected a text"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(why), "{json}: {error}");
        }
    }
}
