//! What a report says of a relying party alone: clauses of WebAuthn, decoded replies, and commands that send them again.

pub(crate) mod clause;
pub(crate) mod decoded;
pub(crate) mod replay;

#[cfg(test)]
mod tests;
