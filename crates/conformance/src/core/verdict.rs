//! What came of a case.

use serde::{Deserialize, Serialize};

/// The verdict on one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The target keeps to the requirement.
    Pass,
    /// It refused, but by breaking down, or for another reason than the one that the case is about.
    Weak,
    /// It does not keep to the requirement.
    Fail,
    /// It does not follow good practice, which no clause of the standard asks for. It keeps to the standard.
    Advice,
    /// The case says nothing about this target, and why.
    Skip,
    /// The case could not be played to its end.
    Error,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: &[Verdict] =
        &[Verdict::Pass, Verdict::Weak, Verdict::Fail, Verdict::Advice, Verdict::Skip, Verdict::Error];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Weak => "weak",
            Verdict::Fail => "fail",
            Verdict::Advice => "advice",
            Verdict::Skip => "skip",
            Verdict::Error => "error",
        }
    }

    /// The verdict of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verdict| verdict.name() == name)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
