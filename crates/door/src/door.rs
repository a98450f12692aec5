use serde_json::{Map, Value};

use crate::error::{Name, Refusal};
use crate::operation;
use crate::state::{State, Time};
use crate::words::kind;

/// A door, with what was made through it: clients and runs, each known by a handle that no other door has.
#[derive(Debug, Default)]
pub struct Door {
    state: State,
}

impl Door {
    /// A door behind which nothing is yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Carries out one request, which is a JSON object. The answer is `{"ok": …}`, or `{"error": {"name", "message"}}`
    /// with `path` and `hint` where they are known.
    pub fn call(&mut self, request: &str) -> String {
        let answer = read(request).and_then(|request| {
            self.state.begin(request.time);
            operation::carry_out(&mut self.state, &request.operation, request.members)
        });
        match answer {
            Ok(answer) => format!("{{\"ok\":{answer}}}"),
            Err(refusal) => refusal.to_json(),
        }
    }
}

/// A request, taken apart.
struct Request {
    operation: String,
    /// The host's time.
    time: Option<Time>,
    /// The members of the operation.
    members: Map<String, Value>,
}

fn read(request: &str) -> Result<Request, Refusal> {
    let expected = "expected a JSON object with a member \"op\"";
    let malformed = |found: String| Refusal::new(Name::Request, format!("{found}, {expected}"));
    let value: Value = serde_json::from_str(request)
        .map_err(|error| malformed(format!("the request is no JSON ({error})")))?;
    let Value::Object(mut members) = value else {
        return Err(malformed(format!("found {}", kind(&value))));
    };
    let operation = match members.remove("op") {
        Some(Value::String(name)) => name,
        Some(other) => {
            return Err(Refusal::new(
                Name::Request,
                format!("$.op: found {}, expected a string", kind(&other)),
            )
            .at("$.op")
            .hint(operation::hint("")));
        }
        None => return Err(malformed("found no member \"op\"".into()).at("$.op").hint(operation::hint(""))),
    };
    let time = match members.remove("now") {
        None | Some(Value::Null) => None,
        Some(now) => Some(now.as_u64().map(Time).ok_or_else(|| {
            Refusal::new(
                Name::Request,
                format!("$.now: found {}, expected whole milliseconds since 1970", kind(&now)),
            )
            .at("$.now")
        })?),
    };
    Ok(Request { operation, time, members })
}
