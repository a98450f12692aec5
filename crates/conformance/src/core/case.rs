//! A case: one requirement, and the play that shows whether a relying party keeps to it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stuntkey::webauthn::Ceremony;

use crate::relying_party::stage::{Scene, Stage};

/// One case.
#[derive(Clone)]
pub struct Case {
    pub(crate) id: String,
    pub(crate) ceremony: Ceremony,
    pub(crate) requirement: String,
    pub(crate) clause: String,
    pub(crate) level: Level,
    pub(crate) severity: Severity,
    pub(crate) profiles: &'static [Profile],
    pub(crate) needs: Vec<String>,
    pub(crate) aligns_with: Option<&'static str>,
    pub(crate) catches: String,
    pub(crate) play: Play,
}

/// What a case does before a target.
pub(crate) type Play = Arc<dyn Fn(&mut Stage<'_>) -> Scene + Send + Sync>;

/// How binding the requirement is (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Binding.
    Must,
    /// Binding unless there is a good reason: a failure counts with `strict` only.
    Should,
    /// Free to the relying party: it may refuse, but it may not break.
    May,
}

/// How much harm comes of not keeping to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody logs in as somebody else.
    Critical,
    /// A protection that the ceremony promises is gone.
    High,
    /// Something that another check usually catches.
    Medium,
    /// Interoperability, or a sign of carelessness.
    Low,
}

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

/// What Level 3 has and Level 2 has not.
pub(crate) const L3_ONLY: &[Profile] = &[Profile::L3, Profile::Fido];
/// What FIDO alone asks.
pub(crate) const FIDO_ONLY: &[Profile] = &[Profile::Fido];

impl Case {
    /// A case at the level MUST in every profile. `id` is without the ceremony, which becomes its first part. The
    /// flaw that it catches has the same id, with `strict/` in the place of `accepts/`.
    pub(crate) fn new(
        ceremony: Ceremony,
        id: &str,
        requirement: impl Into<String>,
        clause: impl Into<String>,
        play: impl Fn(&mut Stage<'_>) -> Scene + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: format!("{}/{id}", ceremony_name(ceremony)),
            ceremony,
            requirement: requirement.into(),
            clause: clause.into(),
            level: Level::Must,
            severity: Severity::Medium,
            profiles: Profile::ALL,
            needs: Vec::new(),
            aligns_with: None,
            catches: id
                .strip_prefix("accepts/")
                .map_or_else(|| id.to_owned(), |what| format!("strict/{what}")),
            play: Arc::new(play),
        }
    }

    pub(crate) fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(crate) fn profiles(mut self, profiles: &'static [Profile]) -> Self {
        self.profiles = profiles;
        self
    }

    pub(crate) fn needs(mut self, need: impl Into<String>) -> Self {
        self.needs.push(need.into());
        self
    }

    pub(crate) fn aligns_with(mut self, suite: Option<&'static str>) -> Self {
        self.aligns_with = suite;
        self
    }

    /// Catches another flaw than the one with its id.
    pub(crate) fn catches(mut self, flaw: impl Into<String>) -> Self {
        self.catches = flaw.into();
        self
    }

    /// A stable, hierarchical name, such as `registration/client-data/origin/subdomain`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The ceremony that is tested.
    #[must_use]
    pub fn ceremony(&self) -> Ceremony {
        self.ceremony
    }

    /// What a relying party does, in one sentence without its full stop.
    #[must_use]
    pub fn requirement(&self) -> &str {
        &self.requirement
    }

    /// Document, section and step.
    #[must_use]
    pub fn clause(&self) -> &str {
        &self.clause
    }

    /// How binding it is.
    #[must_use]
    pub fn level_of(&self) -> Level {
        self.level
    }

    /// How much harm comes of not keeping to it.
    #[must_use]
    pub fn severity_of(&self) -> Severity {
        self.severity
    }

    /// The profiles that have it.
    #[must_use]
    pub fn profiles_of(&self) -> &'static [Profile] {
        self.profiles
    }

    /// What the target needs to have or do, so that the case can be played.
    #[must_use]
    pub fn needs_of(&self) -> &[String] {
        &self.needs
    }

    /// The suite of the FIDO Alliance's server tests that has something like it.
    #[must_use]
    pub fn aligned_suite(&self) -> Option<&'static str> {
        self.aligns_with
    }

    /// The [flaw](crate::Flaw) of the reference relying party that the case is proven to catch.
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
        id_matches(filter, &self.id)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({})", self.id)
    }
}

/// The first part of an id.
pub(crate) fn ceremony_name(ceremony: Ceremony) -> &'static str {
    match ceremony {
        Ceremony::Create => "registration",
        Ceremony::Get => "authentication",
    }
}

/// Whether `filter` is the id or its beginning at a slash; `*` stands for any text, slashes and all.
pub(crate) fn id_matches(filter: &str, id: &str) -> bool {
    let filter = filter.trim_end_matches('/');
    if glob(filter, id) {
        return true;
    }
    id.match_indices('/').any(|(at, _)| id.get(..at).is_some_and(|beginning| glob(filter, beginning)))
}

fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .any(|at| rest.get(at..).is_some_and(|tail| glob(after, tail)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_beginning_at_a_slash_or_a_glob() {
        let id = "registration/client-data/origin/subdomain";
        for filter in
            [id, "registration", "registration/", "registration/client-data", "*/origin", "*subdomain", "*"]
        {
            assert!(id_matches(filter, id), "{filter}");
        }
        for filter in ["registration/client", "client-data", "", "*/origin/", "authentication/*"] {
            assert_eq!(id_matches(filter, id), filter == "*/origin/", "{filter}");
        }
    }
}
