//! What users count and time.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

/// How many characters of a target's words are kept and shown.
pub(crate) const MOST_SAID: usize = 200;
/// How many of the slowest requests are kept.
const MOST_SLOW: usize = 10;

/// A request that took long.
#[derive(Debug, Clone)]
pub(crate) struct Slow {
    pub(crate) step: &'static str,
    /// When it was sent, since the beginning of the load.
    pub(crate) at: Duration,
    pub(crate) took: Duration,
    pub(crate) user: String,
    pub(crate) answer: String,
}

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
    /// The slowest first.
    pub(crate) slowest: Vec<Slow>,
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
            slowest: Vec::new(),
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
        for slow in &other.slowest {
            self.keep_if_slow(slow.took, || slow.clone());
        }
    }

    /// Keeps a request that is among the slowest. It is described only then.
    pub(crate) fn keep_if_slow(&mut self, took: Duration, describe: impl FnOnce() -> Slow) {
        let place = self.slowest.partition_point(|slow| slow.took >= took);
        if place < MOST_SLOW {
            self.slowest.insert(place, describe());
            self.slowest.truncate(MOST_SLOW);
        }
    }

    pub(crate) fn error(&mut self, step: &'static str, kind: &'static str, why: &str) {
        let (count, _) =
            self.errors.entry((step, kind)).or_insert_with(|| (0, why.chars().take(MOST_SAID).collect()));
        *count += 1;
    }

    /// Times a request of the step at this place.
    pub(crate) fn time(&mut self, step: usize, took: Duration) {
        if let Some((_, histogram)) = self.latencies.get_mut(step) {
            record(histogram, took);
        }
    }

    pub(crate) fn began_late(&mut self, late: Duration) {
        self.begun += 1;
        record(&mut self.late, late);
    }
}

/// Adds the values of a histogram to another one.
pub(super) fn add(sum: &mut Histogram<u64>, histogram: &Histogram<u64>) {
    // It grows as it has to, and both have the same digits.
    let added = sum.add(histogram);
    debug_assert!(added.is_ok(), "{added:?}");
}

/// In microseconds. The histogram grows as it has to, up to centuries.
pub(super) fn record(histogram: &mut Histogram<u64>, time: Duration) {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    if histogram.record(micros).is_err() {
        histogram.saturating_record(micros);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_are_kept_in_order() {
        let mut all = Tally::new(&[]);
        for first in 0..3 {
            let mut one = Tally::new(&[]);
            for took in (first..60).step_by(3) {
                let took = Duration::from_millis(took);
                let slow = Slow { step: "login", at: took, took, user: String::new(), answer: String::new() };
                one.keep_if_slow(took, || slow);
            }
            all.add(&one);
        }
        let took: Vec<u128> = all.slowest.iter().map(|slow| slow.took.as_millis()).collect();
        assert_eq!(took, [59, 58, 57, 56, 55, 54, 53, 52, 51, 50]);
    }

    #[test]
    fn what_is_not_slow_is_not_described() {
        let mut tally = Tally::new(&[]);
        let slow = |took| Slow { step: "login", at: took, took, user: String::new(), answer: String::new() };
        for _ in 0..MOST_SLOW {
            tally.keep_if_slow(Duration::from_secs(1), || slow(Duration::from_secs(1)));
        }
        tally.keep_if_slow(Duration::from_secs(1), || unreachable!());
    }
}
