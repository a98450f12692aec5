//! What came of a load on a relying party.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::core::load::Done;
use crate::core::load::report::{ErrorReport, StepReport, errors, late, steps};
use crate::core::load::schedule::ratio;

/// What came of a load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadReport {
    /// The tool and its version.
    pub tool: String,
    /// The target.
    pub target: String,
    /// What virtual users follow from.
    pub seed: String,
    /// How many users there were at once.
    pub users: usize,
    /// The rate that was asked for, in ceremonies a second; none in a closed loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Sound registrations that were accepted.
    pub registered: u64,
    /// Sound logins that were accepted.
    pub logged_in: u64,
    /// Accepted ceremonies a second.
    pub throughput: f64,
    /// The time of each request until its answer.
    pub steps: Vec<StepReport>,
    /// At a rate: how much later than due ceremonies began, as every user was still at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<StepReport>,
    /// At a rate: ceremonies that were due and never begun, as every user was busy until the end.
    #[serde(default)]
    pub missed: u64,
    /// What went wrong with sound ceremonies.
    pub errors: Vec<ErrorReport>,
    /// Ceremonies with a fault that were sent.
    pub bad: u64,
    /// Those that were accepted, by fault.
    pub wrongly_accepted: BTreeMap<String, u64>,
}

impl LoadReport {
    /// Whether every sound ceremony was accepted, and nothing else.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty() && self.wrongly_accepted.is_empty()
    }

    /// Whether anything was accepted at all, or refused: the target was there.
    #[must_use]
    pub fn was_reached(&self) -> bool {
        self.registered > 0 || self.errors.iter().any(|error| error.kind != "not reached")
    }
}

/// What a report needs to know of the settings.
pub(super) struct Settings<'a> {
    pub(super) target: &'a str,
    pub(super) seed: &'a str,
    pub(super) users: usize,
    pub(super) rate: Option<f64>,
}

pub(super) fn make(settings: &Settings<'_>, done: Done) -> LoadReport {
    let accepted = |kind: &str| done.tally.accepted.get(kind).copied().unwrap_or_default();
    let (registered, logged_in) = (accepted(super::REGISTRATION), accepted(super::LOGIN));
    let seconds = done.took.as_secs_f64();
    LoadReport {
        tool: format!("stuntkey {}", env!("CARGO_PKG_VERSION")),
        target: settings.target.to_owned(),
        seed: settings.seed.to_owned(),
        users: settings.users,
        rate: settings.rate,
        seconds,
        registered,
        logged_in,
        throughput: ratio(registered + logged_in, 1) / seconds.max(f64::MIN_POSITIVE),
        steps: steps(&done.tally),
        late: settings.rate.map(|_| late(&done.tally)),
        missed: done.missed,
        errors: errors(&done.tally),
        bad: done.tally.bad,
        wrongly_accepted: done.tally.wrongly_accepted,
    }
}
