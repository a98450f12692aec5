//! The harness: finds out whether a relying party refuses what it must refuse.
//!
//! ```text
//! conform:  case ─ options from the target ─ a valid response with one change ─ target → accepted / refused
//!                                                                        ─ verdict ─ report
//! ```
//!
//! There are no cases yet, and so this crate is empty.
