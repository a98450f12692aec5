//! What came of a load, as far as it is the same for every kind of target.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::tally::Tally;

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

/// The times of the requests that were made.
pub(crate) fn steps(tally: &Tally) -> Vec<StepReport> {
    let made = tally.latencies.iter().filter(|(_, histogram)| !histogram.is_empty());
    made.map(|(step, histogram)| summary(step, histogram)).collect()
}

/// How much later than due ceremonies began.
pub(crate) fn late(tally: &Tally) -> StepReport {
    summary("late", &tally.late)
}

/// What went wrong with sound ceremonies.
pub(crate) fn errors(tally: &Tally) -> Vec<ErrorReport> {
    let report = |(&(step, kind), (count, first)): (&(&'static str, &'static str), &(u64, String))| {
        ErrorReport { step: step.to_owned(), kind: kind.to_owned(), count: *count, first: first.clone() }
    };
    tally.errors.iter().map(report).collect()
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
