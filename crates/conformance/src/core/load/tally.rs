//! What users count and time.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

/// What one worker has seen, or all of them together.
pub(crate) struct Tally {
    /// The time of each request until its answer, in microseconds, in the order of the steps.
    pub(crate) latencies: Vec<(&'static str, Histogram<u64>)>,
    /// How much later than due ceremonies began.
    pub(crate) late: Histogram<u64>,
    /// Ceremonies that were begun at a rate.
    pub(crate) begun: u64,
    /// Sound ceremonies that were accepted, by kind.
    pub(crate) accepted: BTreeMap<&'static str, u64>,
    /// By step and kind: how often, and what the first of them said.
    pub(crate) errors: BTreeMap<(&'static str, &'static str), (u64, String)>,
    /// Ceremonies with a fault that were sent.
    pub(crate) bad: u64,
    pub(crate) wrongly_accepted: BTreeMap<String, u64>,
}

impl Tally {
    pub(crate) fn new(steps: &[&'static str]) -> Self {
        let histogram = || Histogram::new(3).expect("three digits are what a histogram can have");
        Self {
            latencies: steps.iter().map(|step| (*step, histogram())).collect(),
            late: histogram(),
            begun: 0,
            accepted: BTreeMap::new(),
            errors: BTreeMap::new(),
            bad: 0,
            wrongly_accepted: BTreeMap::new(),
        }
    }

    /// Adds what another one has counted.
    pub(crate) fn add(&mut self, other: &Tally) {
        for ((_, sum), (_, histogram)) in self.latencies.iter_mut().zip(&other.latencies) {
            add(sum, histogram);
        }
        add(&mut self.late, &other.late);
        self.begun += other.begun;
        self.bad += other.bad;
        for (kind, count) in &other.accepted {
            *self.accepted.entry(kind).or_default() += count;
        }
        for (key, (count, first)) in &other.errors {
            self.errors.entry(*key).or_insert_with(|| (0, first.clone())).0 += count;
        }
        for (fault, count) in &other.wrongly_accepted {
            *self.wrongly_accepted.entry(fault.clone()).or_default() += count;
        }
    }

    pub(crate) fn error(&mut self, step: &'static str, kind: &'static str, why: &str) {
        let (count, _) =
            self.errors.entry((step, kind)).or_insert_with(|| (0, why.chars().take(200).collect()));
        *count += 1;
    }

    pub(crate) fn time(&mut self, step: &'static str, took: Duration) {
        if let Some((_, histogram)) = self.latencies.iter_mut().find(|(name, _)| *name == step) {
            record(histogram, took);
        }
    }

    pub(crate) fn began_late(&mut self, late: Duration) {
        self.begun += 1;
        record(&mut self.late, late);
    }
}

fn add(sum: &mut Histogram<u64>, histogram: &Histogram<u64>) {
    // It grows as it has to, and both have the same digits.
    let added = sum.add(histogram);
    debug_assert!(added.is_ok(), "{added:?}");
}

/// In microseconds. The histogram grows as it has to, up to centuries.
fn record(histogram: &mut Histogram<u64>, time: Duration) {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    if histogram.record(micros).is_err() {
        histogram.saturating_record(micros);
    }
}
