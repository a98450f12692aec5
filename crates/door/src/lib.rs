//! The door: one call, JSON in and JSON out, to all of stuntkey. Every other language stands on it.
//!
//! ```
//! use stuntkey_door::Door;
//!
//! let mut door = Door::new();
//! let made = door.call(r#"{"op": "client.new", "origin": "https://login.example.com", "seed": "42"}"#);
//! assert!(made.starts_with(r#"{"ok":{"client":"#), "{made}");
//! let refused = door.call(r#"{"op": "client.new", "origin": "login.example.com"}"#);
//! assert!(refused.starts_with(r#"{"error":{"name":"TypeError","message":"#), "{refused}");
//! ```
//!
//! ```text
//!   request ─ op ─ its typed request ─ the library ─ its typed answer ─ {"ok": …}
//!                         └────────────────┴───────────────── {"error": {name, message, path, hint}}
//! ```
//!
//! A request is an object with `op`, the members of that operation, and, where the host has a clock, `now`: the time in
//! milliseconds since 1970. `schema.json` beside this crate has every operation.
//!
//! | room | what it holds |
//! |---|---|
//! | `operation` | the table of operations, and what leads from a request to its answer |
//! | `words` | what several operations take or give |
//! | `op` | the operations, one file a subject |
//! | `given_model` | a model as requests give it |
//! | `state`, `held`, `run` | what a door keeps between two calls, and its handles |

mod door;
mod error;
mod given_model;
mod held;
mod op;
mod operation;
mod run;
#[cfg(feature = "schema")]
mod schema;
mod state;
mod words;

pub use door::Door;
pub use operation::operations;
#[cfg(feature = "schema")]
pub use schema::schema;
