//! What came of a load, as far as it is the same for every kind of target.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::Done;
use super::tally::{MOST_SAID, Slow, Tally};

/// The times of one kind of request, in microseconds: until its answer, or until it was given up or the connection broke. A
/// request that did not reach the target has none.
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

/// What happened in a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntervalReport {
    /// When it began, in seconds since the beginning of the load.
    pub at: f64,
    /// How long it was, in seconds.
    pub seconds: f64,
    /// Sound ceremonies that were accepted.
    pub accepted: u64,
    /// Sound ceremonies that were not.
    pub failed: u64,
    /// The times of the requests that ended in it, to two digits.
    pub steps: Vec<StepReport>,
}

/// One of the requests that took longest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowReport {
    /// What was asked.
    pub step: String,
    /// When it was sent, in seconds since the beginning of the load.
    pub at: f64,
    /// How long it took until the answer, in microseconds.
    pub microseconds: u64,
    /// The virtual user's name.
    pub user: String,
    /// The answer: accepted, or what else.
    pub answer: String,
}

/// The times of the requests that were made.
pub(crate) fn steps(tally: &Tally) -> Vec<StepReport> {
    let made = tally.latencies.iter().filter(|(_, histogram)| !histogram.is_empty());
    made.map(|(step, histogram)| summary(step, histogram)).collect()
}

/// What happened when.
pub(crate) fn over_time(done: &Done) -> Vec<IntervalReport> {
    let (width, took) = (done.timeline.width.as_secs_f64(), done.took.as_secs_f64());
    let mut at = 0.0;
    let mut intervals = Vec::new();
    for interval in &done.timeline.intervals {
        let steps = done.tally.latencies.iter().zip(&interval.latencies);
        let made = steps.filter(|(_, histogram)| !histogram.is_empty());
        intervals.push(IntervalReport {
            at,
            // The load ends within the last one.
            seconds: (took - at).clamp(0.0, width),
            accepted: interval.accepted,
            failed: interval.failed,
            steps: made.map(|((step, _), histogram)| summary(step, histogram)).collect(),
        });
        at += width;
    }
    intervals
}

/// The requests that took longest, the slowest first.
pub(crate) fn slowest(tally: &Tally) -> Vec<SlowReport> {
    let report = |slow: &Slow| SlowReport {
        step: slow.step.to_owned(),
        at: slow.at.as_secs_f64(),
        microseconds: u64::try_from(slow.took.as_micros()).unwrap_or(u64::MAX),
        user: slow.user.clone(),
        answer: slow.answer.chars().take(MOST_SAID).collect(),
    };
    tally.slowest.iter().map(report).collect()
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
