//! A defect: what is wrong with a target that fails cases. Failures with one defect are one finding.

use serde::{Deserialize, Serialize};

/// What is wrong with a target, in sentences without their full stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Defect {
    /// A stable name, such as `client-data/origin`.
    pub id: &'static str,
    /// What the target does wrong: "the origin is not compared".
    pub title: &'static str,
    /// What comes of it: what an attacker gains, or who is locked out.
    pub consequence: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// How much harm it does.
    pub severity: Severity,
    /// The defect that explains this one, too, if the target has both.
    pub explained_by: Option<&'static str>,
}

/// How much harm a defect does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody logs in as somebody else.
    Critical,
    /// A protection that the ceremony promises is gone.
    High,
    /// Another check usually catches the attack.
    Medium,
    /// It harms interoperability, or is a sign of carelessness.
    Low,
}

impl Severity {
    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }
}
