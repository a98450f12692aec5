//! A case: one requirement, and the play that shows whether a target keeps to it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;

/// A kind of target, such as relying parties: what its cases play on, and the documents that it can be held to.
pub trait Suite: 'static {
    /// What a case plays on.
    type Stage<'a>;

    /// A document that a target can be held to.
    type Profile: Copy + PartialEq + Send + Sync + 'static;
}

/// One case.
pub struct Case<S: Suite> {
    id: String,
    requirement: String,
    clause: String,
    level: Level,
    severity: Severity,
    profiles: &'static [S::Profile],
    needs: Vec<String>,
    aligns_with: Option<&'static str>,
    catches: String,
    play: Play<S>,
}

/// What a case does before a target.
type Play<S> = Arc<dyn Fn(&mut <S as Suite>::Stage<'_>) -> Outcome + Send + Sync>;

/// How binding the requirement is (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Binding.
    Must,
    /// Binding unless there is a good reason: a failure counts with `strict` only.
    Should,
    /// The target is free to do it or not, but it may not break.
    May,
}

/// How much harm a breach does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody logs in as somebody else.
    Critical,
    /// A protection that the ceremony promises is gone.
    High,
    /// Another check usually catches the attack.
    Medium,
    /// The breach harms interoperability, or is a sign of carelessness.
    Low,
}

impl Level {
    /// The word of RFC 2119.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
            Level::May => "MAY",
        }
    }

    /// The word within a sentence.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
        }
    }
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
            severity: Severity::Medium,
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

    pub(crate) fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(crate) fn only_in(mut self, profiles: &'static [S::Profile]) -> Self {
        self.profiles = profiles;
        self
    }

    /// What the target has to have or to do, so that the case can be played: "asks for attestation".
    pub(crate) fn if_the_target(mut self, need: impl Into<String>) -> Self {
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
    pub fn sentence(&self) -> String {
        format!("{} {}", self.level.verb(), self.requirement)
    }

    /// Document, section and step.
    #[must_use]
    pub fn clause(&self) -> &str {
        &self.clause
    }

    /// How binding it is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// How much harm a breach does.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The profiles that have it.
    #[must_use]
    pub fn profiles(&self) -> &'static [S::Profile] {
        self.profiles
    }

    /// What the target has to have or to do, so that the case can be played.
    #[must_use]
    pub fn needs(&self) -> &[String] {
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
            severity: self.severity,
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
