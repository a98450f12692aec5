//! What came of a load.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::{Load, Step, Tally, ratio};

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
    /// What went wrong with sound ceremonies.
    pub errors: Vec<ErrorReport>,
    /// Ceremonies with a fault that were sent.
    pub bad: u64,
    /// Those that were accepted, by fault.
    pub wrongly_accepted: BTreeMap<String, u64>,
}

/// The times of one kind of request, in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReport {
    /// What was asked.
    pub step: String,
    /// How often.
    pub count: u64,
    /// The median.
    pub p50: u64,
    /// The 90th percentile.
    pub p90: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The 99.9th percentile.
    pub p999: u64,
    /// The longest.
    pub max: u64,
}

/// One kind of error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorReport {
    /// At which request.
    pub step: String,
    /// What happened: refused, broke down, hung, not reached, no reply.
    pub kind: String,
    /// How often.
    pub count: u64,
    /// What the first of them said.
    pub first: String,
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

pub(super) fn make(load: &Load<'_>, took: Duration, tallies: Vec<Tally>) -> LoadReport {
    let mut all = Tally::new();
    for tally in tallies {
        for (step, histogram) in tally.latencies {
            if let Some(sum) = all.latencies.get_mut(&step) {
                add(sum, &histogram);
            }
        }
        add(&mut all.late, &tally.late);
        all.registered += tally.registered;
        all.logged_in += tally.logged_in;
        all.bad_sent += tally.bad_sent;
        for (key, (count, first)) in tally.errors {
            all.errors.entry(key).or_insert_with(|| (0, first)).0 += count;
        }
        for (fault, count) in tally.wrongly_accepted {
            *all.wrongly_accepted.entry(fault).or_default() += count;
        }
    }
    let seconds = took.as_secs_f64();
    let steps = Step::ALL.iter().filter_map(|(step, name)| {
        let histogram = all.latencies.get(step).filter(|histogram| !histogram.is_empty())?;
        Some(summary(name, histogram))
    });
    LoadReport {
        tool: format!("stuntkey {}", env!("CARGO_PKG_VERSION")),
        target: load.name.clone(),
        seed: load.seed.clone(),
        users: load.users,
        rate: load.rate,
        seconds,
        registered: all.registered,
        logged_in: all.logged_in,
        throughput: ratio(all.registered + all.logged_in, 1) / seconds.max(f64::MIN_POSITIVE),
        steps: steps.collect(),
        late: load.rate.map(|_| summary("late", &all.late)),
        errors: all
            .errors
            .into_iter()
            .map(|((step, kind), (count, first))| ErrorReport {
                step: step.to_owned(),
                kind: kind.to_owned(),
                count,
                first,
            })
            .collect(),
        bad: all.bad_sent,
        wrongly_accepted: all.wrongly_accepted,
    }
}

fn add(sum: &mut Histogram<u64>, histogram: &Histogram<u64>) {
    // It grows as it has to, and both have the same digits.
    let added = sum.add(histogram);
    debug_assert!(added.is_ok(), "{added:?}");
}

fn summary(step: &str, histogram: &Histogram<u64>) -> StepReport {
    let at = |quantile: f64| histogram.value_at_quantile(quantile);
    StepReport {
        step: step.to_owned(),
        count: histogram.len(),
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        max: histogram.max(),
    }
}
