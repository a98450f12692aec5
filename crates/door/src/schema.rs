//! JSON Schema of every operation.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::error::Refusal;
use crate::operation::OPERATIONS;

/// JSON Schema of every operation's request and answer, and of errors: `$defs`, `error`, and `operations` by name, each with
/// `what`, `request` and `answer`.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let error = Refusal::json_schema(&mut generator);
    let operations: Map<String, Value> = OPERATIONS
        .iter()
        .map(|operation| {
            let [request, answer] = (operation.schemas)(&mut generator);
            let row = json!({ "what": operation.what, "request": request, "answer": answer });
            (operation.name.to_owned(), row)
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The door of stuntkey",
        "description": "A request is an object with \"op\", the name of an operation, \"now\", the time in milliseconds since \
                        1970 where the host has a clock, and the members of the operation's request.",
        "operations": operations,
        "error": error,
        "$defs": generator.take_definitions(true),
    })
}
