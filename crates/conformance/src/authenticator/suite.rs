//! The suite for authenticators: what its cases play on, and the documents that an authenticator can be held to.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::defects;
use super::need::Need;
use super::stage::Stage;
use crate::core::case::{Level, Suite};
use crate::core::defect::Defect;
use crate::core::outcome::Outcome;

/// The suite for authenticators.
#[derive(Debug)]
pub enum AuthenticatorSuite {}

impl Suite for AuthenticatorSuite {
    type Stage<'a> = Stage<'a>;
    type Profile = AuthenticatorProfile;
    type Need = Need;

    fn defect(case: &str) -> &'static Defect {
        defects::of(case)
    }

    fn clause(clause: &str, _: AuthenticatorProfile) -> Cow<'_, str> {
        Cow::Borrowed(clause)
    }
}

/// A case for authenticators.
pub type AuthenticatorCase = crate::core::case::Case<AuthenticatorSuite>;

/// Which document an authenticator is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AuthenticatorProfile {
    /// U2F alone: CTAP1.
    #[serde(rename = "u2f")]
    U2f,
    /// CTAP 2.0.
    #[serde(rename = "2.0")]
    V2_0,
    /// CTAP 2.1.
    #[serde(rename = "2.1")]
    V2_1,
    /// CTAP 2.3.
    #[serde(rename = "2.3")]
    V2_3,
}

impl AuthenticatorProfile {
    /// Every profile.
    pub const ALL: &[AuthenticatorProfile] = &[Self::U2f, Self::V2_0, Self::V2_1, Self::V2_3];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::U2f => "u2f",
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
            Self::V2_3 => "2.3",
        }
    }

    /// The profile of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profile| profile.name() == name)
    }
}

/// What every version of CTAP2 has.
pub(crate) const CTAP2: &[AuthenticatorProfile] =
    &[AuthenticatorProfile::V2_0, AuthenticatorProfile::V2_1, AuthenticatorProfile::V2_3];
/// What came with CTAP 2.1.
pub(crate) const FROM_2_1: &[AuthenticatorProfile] =
    &[AuthenticatorProfile::V2_1, AuthenticatorProfile::V2_3];
/// What came with CTAP 2.2 and 2.3.
pub(crate) const FROM_2_3: &[AuthenticatorProfile] = &[AuthenticatorProfile::V2_3];

impl AuthenticatorCase {
    /// A case at the level MUST in every profile of CTAP2. It catches the flaw of the same id.
    pub(crate) fn of(
        id: &str,
        requirement: impl Into<String>,
        clause: impl Into<String>,
        play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        Self::new(id.to_owned(), requirement, clause, CTAP2, id.to_owned(), play)
    }

    pub(crate) fn should(self) -> Self {
        self.with_level(Level::Should)
    }

    pub(crate) fn may(self) -> Self {
        self.with_level(Level::May)
    }
}
