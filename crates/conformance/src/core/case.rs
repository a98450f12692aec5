//! A case: one requirement, and the play that shows whether a target keeps to it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::change::Contrast;
use super::defect::{Defect, Severity};
use super::exchange::Exchange;
use super::outcome::Outcome;

/// A kind of target, such as relying parties: what its cases play on, and the documents that it can be held to.
pub trait Suite: 'static {
    /// What a case plays on.
    type Stage<'a>;

    /// A document that a target can be held to.
    type Profile: Copy + PartialEq + Send + Sync + 'static;

    /// What a case can need of a target. Displayed, it goes on with "if the target": "offers ES256".
    type Need: Clone + fmt::Display + Send + Sync + 'static;

    /// What is wrong with a target that fails the case of this id.
    fn defect(case: &str) -> &'static Defect;

    /// The request that decided the case of this id beside a sound one: of the case, or of sound ceremonies at the beginning
    /// of the run.
    fn contrast(
        _case: &str,
        _exchanges: &[Exchange],
        _sent: usize,
        _sound_run: &[Exchange],
    ) -> Option<Contrast> {
        None
    }

    /// What to do so that a case with this need can be played, if only the play itself can show that it is lacking: in the
    /// imperative, without a full stop.
    fn to_test(_need: &Self::Need) -> Option<String> {
        None
    }

    /// A clause of the case's own document, as the profile's document counts it.
    fn clause(clause: &str, profile: Self::Profile) -> Cow<'_, str>;
}

/// One case.
pub struct Case<S: Suite> {
    id: String,
    requirement: String,
    clause: String,
    level: Level,
    other_levels: Vec<(S::Profile, Level)>,
    profiles: &'static [S::Profile],
    needs: Vec<S::Need>,
    aligns_with: Option<&'static str>,
    catches: String,
    play: Play<S>,
}

/// What a case does before a target.
type Play<S> = Arc<dyn Fn(&mut <S as Suite>::Stage<'_>) -> Outcome + Send + Sync>;

/// How binding the requirement is, as the words of its clause have it (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Binding.
    Must,
    /// Binding unless there is a good reason: a failure counts if a run says so.
    Should,
    /// The target is free to do it or not, but it may not break.
    May,
    /// Good practice that no clause asks for. It never speaks against a target.
    #[serde(rename = "advice")]
    Advice,
}

impl Level {
    /// Every level.
    pub const ALL: &[Level] = &[Level::Must, Level::Should, Level::May, Level::Advice];

    /// The word of RFC 2119, or `advice`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
            Level::May => "MAY",
            Level::Advice => "advice",
        }
    }

    /// The word within a sentence.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
            Level::Advice => "had better",
        }
    }
}

impl<S: Suite> Case<S> {
    /// A case at the level MUST. `requirement` says in the infinitive what a target has to do: "refuse …". `catches`
    /// names the flaw that the case is proven to catch.
    pub(crate) fn new(
        id: String,
        requirement: impl Into<String>,
        clause: impl Into<String>,
        profiles: &'static [S::Profile],
        catches: String,
        play: impl Fn(&mut S::Stage<'_>) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        Self {
            id,
            requirement: requirement.into(),
            clause: clause.into(),
            level: Level::Must,
            other_levels: Vec::new(),
            profiles,
            needs: Vec::new(),
            aligns_with: None,
            catches,
            play: Arc::new(play),
        }
    }

    pub(crate) fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Another level in one profile.
    pub(crate) fn with_level_in(mut self, profile: S::Profile, level: Level) -> Self {
        self.other_levels.push((profile, level));
        self
    }

    pub(crate) fn only_in(mut self, profiles: &'static [S::Profile]) -> Self {
        self.profiles = profiles;
        self
    }

    /// The case says nothing about a target that lacks this, and is skipped there.
    pub(crate) fn if_the_target(mut self, need: impl Into<S::Need>) -> Self {
        self.needs.push(need.into());
        self
    }

    pub(crate) fn aligned_with(mut self, suite: Option<&'static str>) -> Self {
        self.aligns_with = suite;
        self
    }

    /// Catches another flaw than the one with its id.
    pub(crate) fn catches(mut self, flaw: impl Into<String>) -> Self {
        self.catches = flaw.into();
        self
    }

    /// Plays it.
    pub(crate) fn play(&self, stage: &mut S::Stage<'_>) -> Outcome {
        (self.play)(stage)
    }

    /// A stable, hierarchical name, such as `registration/client-data/origin/subdomain`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What a target has to do, in the infinitive and without a full stop: "refuse …".
    #[must_use]
    pub fn requirement(&self) -> &str {
        &self.requirement
    }

    /// The requirement as a sentence without its subject and full stop: "must refuse …".
    #[must_use]
    pub fn sentence(&self, profile: S::Profile) -> String {
        format!("{} {}", self.level(profile).verb(), self.requirement)
    }

    /// Document, section and step, as the profile's document counts them.
    #[must_use]
    pub fn clause(&self, profile: S::Profile) -> Cow<'_, str> {
        S::clause(&self.clause, profile)
    }

    /// How binding it is in a profile.
    #[must_use]
    pub fn level(&self, profile: S::Profile) -> Level {
        let other = self.other_levels.iter().find(|(other, _)| *other == profile);
        other.map_or(self.level, |(_, level)| *level)
    }

    /// What is wrong with a target that fails it.
    #[must_use]
    pub fn defect(&self) -> &'static Defect {
        S::defect(&self.id)
    }

    /// How much harm a breach does.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.defect().severity
    }

    /// The profiles that have it.
    #[must_use]
    pub fn profiles(&self) -> &'static [S::Profile] {
        self.profiles
    }

    /// What the target has to have or to do, so that the case can be played.
    #[must_use]
    pub fn needs(&self) -> &[S::Need] {
        &self.needs
    }

    /// The suite of the FIDO Alliance's tests that has something like it.
    #[must_use]
    pub fn aligned_suite(&self) -> Option<&'static str> {
        self.aligns_with
    }

    /// The flaw of the reference that the case is proven to catch.
    #[must_use]
    pub fn caught_flaw(&self) -> &str {
        &self.catches
    }

    /// The second part of the id: what the case is about.
    #[must_use]
    pub fn chapter(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or_default()
    }

    /// Whether a filter names it: the id, or its beginning at a slash; `*` stands for any text.
    #[must_use]
    pub fn matches(&self, filter: &str) -> bool {
        super::filter::matches(filter, &self.id)
    }
}

// Derived, it would ask for a `Clone` of the suite.
impl<S: Suite> Clone for Case<S> {
    fn clone(&self) -> Self {
        Self {
            id: self.id.clone(),
            requirement: self.requirement.clone(),
            clause: self.clause.clone(),
            level: self.level,
            other_levels: self.other_levels.clone(),
            profiles: self.profiles,
            needs: self.needs.clone(),
            aligns_with: self.aligns_with,
            catches: self.catches.clone(),
            play: Arc::clone(&self.play),
        }
    }
}

impl<S: Suite> fmt::Debug for Case<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({})", self.id)
    }
}
