//! The suite for relying parties: what its cases play on, and the documents that a relying party can be held to.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use stuntkey::webauthn::Ceremony;

use super::need::Need;
use super::report::members::{is_about, members};
use super::stage::{RunSettings, Stage};
use super::target::Target;
use super::{defects, standard};
use crate::core::case::Suite;
use crate::core::change::{self, Contrast};
use crate::core::defect::Defect;
use crate::core::exchange::Exchange;
use crate::core::outcome::Outcome;
use crate::core::run::guarded;

/// The suite for relying parties.
#[derive(Debug)]
pub enum RelyingParty {}

impl Suite for RelyingParty {
    type Stage<'a> = Stage<'a>;
    type Profile = Profile;
    type Need = Need;

    fn defect(case: &str) -> &'static Defect {
        defects::of(case)
    }

    fn to_test(need: &Need) -> Option<String> {
        if need.is_hidden() { need.to_test() } else { None }
    }

    fn contrast(case: &str, exchanges: &[Exchange], sent: usize, sound_run: &[Exchange]) -> Option<Contrast> {
        change::contrast(exchanges, sent, sound_run, &members, &|path| is_about(case, path))
    }

    fn clause(clause: &str, profile: Profile) -> Cow<'_, str> {
        match profile {
            Profile::L2 => Cow::Owned(standard::in_level_2(clause)),
            Profile::L3 | Profile::Fido => Cow::Borrowed(clause),
        }
    }
}

/// A case for relying parties.
pub type Case = crate::core::case::Case<RelyingParty>;

/// Which document a relying party is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// WebAuthn Level 3.
    L3,
    /// WebAuthn Level 2: without what Level 3 added.
    L2,
    /// WebAuthn Level 3 and what FIDO asks of servers beyond it.
    Fido,
}

/// What Level 3 has and Level 2 has not.
pub(crate) const L3_ONLY: &[Profile] = &[Profile::L3, Profile::Fido];
/// What FIDO alone asks.
pub(crate) const FIDO_ONLY: &[Profile] = &[Profile::Fido];

impl Profile {
    /// Every profile.
    pub const ALL: &[Profile] = &[Profile::L3, Profile::L2, Profile::Fido];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Profile::L3 => "l3",
            Profile::L2 => "l2",
            Profile::Fido => "fido",
        }
    }

    /// The profile of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profile| profile.name() == name)
    }
}

impl Case {
    /// A case at the level MUST in every profile. `id` lacks the ceremony, which becomes its first part. The flaw that
    /// the case catches has the same id, with `strict/` in the place of `accepts/`.
    pub(crate) fn of(
        ceremony: Ceremony,
        id: &str,
        requirement: impl Into<String>,
        clause: impl Into<String>,
        play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        let catches =
            id.strip_prefix("accepts/").map_or_else(|| id.to_owned(), |what| format!("strict/{what}"));
        Self::new(Self::id_of(ceremony, id), requirement, clause, Profile::ALL, catches, play)
    }

    /// The id with the ceremony as its first part.
    pub(crate) fn id_of(ceremony: Ceremony, id: &str) -> String {
        format!("{}/{id}", ceremony_name(ceremony))
    }

    /// Plays it before a target, on a stage of its own: what came of it, and what went over the wire.
    pub(crate) fn play_before(
        &self,
        target: &dyn Target,
        settings: &RunSettings,
    ) -> (Outcome, Vec<Exchange>) {
        let mut stage = Stage::new(target, settings, self.id(), self.needs());
        let outcome = guarded(|| {
            self.needs().iter().try_for_each(|need| need.expect_known(&settings.known))?;
            self.play(&mut stage)
        });
        (outcome, stage.into_exchanges())
    }

    /// The ceremony that is tested.
    #[must_use]
    pub fn ceremony(&self) -> Ceremony {
        match self.id().starts_with(ceremony_name(Ceremony::Create)) {
            true => Ceremony::Create,
            false => Ceremony::Get,
        }
    }
}

/// The first part of an id.
fn ceremony_name(ceremony: Ceremony) -> &'static str {
    match ceremony {
        Ceremony::Create => "registration",
        Ceremony::Get => "authentication",
    }
}
