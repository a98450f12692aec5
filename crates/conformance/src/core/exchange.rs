//! What went over the wire.

use serde::{Deserialize, Serialize};

use super::verdict::Verdict;

/// One request and its answer, as they were on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exchange {
    /// What was done: "registration options", "registration result" …
    pub action: String,
    /// What it is for, if the case looks at the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The HTTP method.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The URL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The request's headers, without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The request's body.
    pub sent: String,
    /// The HTTP status, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer's body, cut to a few kilobytes.
    pub received: String,
}

/// The place of the request whose answer decided a case: of a failure the last that was looked at, else the attack.
pub(crate) fn deciding(verdict: Verdict, exchanges: &[Exchange]) -> Option<usize> {
    let is_looked_at = |one: &Exchange| matches!(one.role, Some(Role::Attack | Role::Sound));
    let attack = || exchanges.iter().position(|one| one.role == Some(Role::Attack));
    let last = || exchanges.iter().rposition(is_looked_at);
    match verdict {
        Verdict::Fail | Verdict::Advice => last(),
        Verdict::Error => exchanges.len().checked_sub(1),
        Verdict::Pass | Verdict::Weak | Verdict::Skip => attack().or_else(last),
    }
}

/// What a request is for in its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The case builds upon it: it has to be accepted, or the case says nothing.
    Control,
    /// It is sound, and the requirement is that it is accepted.
    Sound,
    /// It is not sound, and the requirement is that it is refused.
    Attack,
}

impl Role {
    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Role::Control => "control",
            Role::Sound => "sound",
            Role::Attack => "attack",
        }
    }
}
