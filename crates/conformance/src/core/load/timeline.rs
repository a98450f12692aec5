//! What happened when, in a bounded number of intervals: as a load goes on, they become longer.

use std::mem;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::tally::{add, record};

/// How long an interval is at first.
const SHORTEST: Duration = Duration::from_millis(100);
/// With more intervals than these, each becomes twice as long.
const MOST: usize = 100;
/// A histogram of an interval tells times apart by this many digits: enough to be drawn, and small.
const DIGITS: u8 = 2;

/// Something that happened, and when: since the beginning of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) at: Duration,
    pub(crate) what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// A request of this step, by its place among the steps, was answered after so long.
    Answered(usize, Duration),
    /// A sound ceremony was accepted.
    Accepted,
    /// A sound ceremony was not.
    Failed,
}

/// The intervals of a load, from its beginning.
#[derive(Debug)]
pub(crate) struct Timeline {
    pub(crate) width: Duration,
    pub(crate) intervals: Vec<Interval>,
    steps: usize,
}

/// What happened in an interval.
#[derive(Debug, Clone)]
pub(crate) struct Interval {
    pub(crate) accepted: u64,
    pub(crate) failed: u64,
    /// The times of requests that were answered in it, in microseconds, by step.
    pub(crate) latencies: Vec<Histogram<u64>>,
}

impl Timeline {
    pub(crate) fn new(steps: usize) -> Self {
        Self { width: SHORTEST, intervals: Vec::new(), steps }
    }

    pub(crate) fn add(&mut self, event: &Event) {
        let place = self.reach(event.at);
        let Some(interval) = self.intervals.get_mut(place) else { return };
        match event.what {
            What::Accepted => interval.accepted += 1,
            What::Failed => interval.failed += 1,
            What::Answered(step, took) => {
                if let Some(histogram) = interval.latencies.get_mut(step) {
                    record(histogram, took);
                }
            }
        }
    }

    /// Says when the load ended. Nothing may have happened for a while before.
    pub(crate) fn end(&mut self, at: Duration) {
        self.reach(at.saturating_sub(Duration::from_nanos(1)));
    }

    /// The place of the interval at this time, which is there then.
    fn reach(&mut self, at: Duration) -> usize {
        while self.place(at) >= MOST {
            self.double();
        }
        let place = self.place(at);
        while self.intervals.len() <= place {
            self.intervals.push(Interval::new(self.steps));
        }
        place
    }

    fn place(&self, at: Duration) -> usize {
        usize::try_from(at.as_nanos() / self.width.as_nanos()).unwrap_or(usize::MAX)
    }

    /// Makes one interval of two each.
    fn double(&mut self) {
        self.width *= 2;
        let mut halves = mem::take(&mut self.intervals).into_iter();
        while let Some(mut interval) = halves.next() {
            if let Some(second) = halves.next() {
                interval.add(&second);
            }
            self.intervals.push(interval);
        }
    }
}

impl Interval {
    fn new(steps: usize) -> Self {
        let histogram = Histogram::new(DIGITS).expect("so many digits are what a histogram can have");
        Self { accepted: 0, failed: 0, latencies: vec![histogram; steps] }
    }

    fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.failed += other.failed;
        for (sum, histogram) in self.latencies.iter_mut().zip(&other.latencies) {
            add(sum, histogram);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(count: u64, apart: Duration) -> Timeline {
        let mut timeline = Timeline::new(2);
        for number in 0..count {
            let at = apart * u32::try_from(number).unwrap();
            for what in [What::Answered(1, Duration::from_micros(number)), What::Accepted] {
                timeline.add(&Event { at, what });
            }
        }
        timeline
    }

    #[test]
    fn a_short_load_has_the_shortest_intervals() {
        let timeline = events(20, Duration::from_millis(50));
        assert_eq!((timeline.width, timeline.intervals.len()), (SHORTEST, 10));
        assert!(timeline.intervals.iter().all(|interval| interval.accepted == 2 && interval.failed == 0));
        assert!(timeline.intervals.iter().all(|interval| interval.latencies[0].is_empty()));
        assert_eq!(timeline.intervals[9].latencies[1].max(), 19);
    }

    #[test]
    fn a_long_load_has_longer_ones_and_loses_nothing() {
        let timeline = events(3000, Duration::from_secs(1));
        assert_eq!(timeline.width, SHORTEST * 512);
        assert_eq!(timeline.intervals.len(), 59);
        assert_eq!(timeline.intervals.iter().map(|interval| interval.accepted).sum::<u64>(), 3000);
        assert_eq!(timeline.intervals.iter().map(|interval| interval.latencies[1].len()).sum::<u64>(), 3000);
        // What happened in the first 51.2 s, and at 51.2 s and later.
        assert_eq!(timeline.intervals[0].accepted, 52);
        assert_eq!(timeline.intervals[1].accepted, 51);
    }

    #[test]
    fn a_load_that_ends_in_silence_has_its_intervals() {
        let mut timeline = Timeline::new(1);
        timeline.add(&Event { at: Duration::ZERO, what: What::Failed });
        timeline.end(SHORTEST * 7);
        assert_eq!(timeline.intervals.len(), 7);
        timeline.end(SHORTEST * 100);
        assert_eq!((timeline.width, timeline.intervals.len()), (SHORTEST, 100));
        timeline.end(SHORTEST * 101);
        assert_eq!((timeline.width, timeline.intervals.len()), (SHORTEST * 2, 51));
        assert_eq!(timeline.intervals[0].failed, 1);
    }

    #[test]
    fn events_of_several_users_come_in_any_order() {
        let mut timeline = Timeline::new(1);
        for at in [990, 10, 100_000, 20] {
            timeline.add(&Event { at: Duration::from_millis(at), what: What::Failed });
        }
        let failed: Vec<u64> = timeline.intervals.iter().map(|interval| interval.failed).collect();
        assert_eq!((failed[0], failed.iter().sum::<u64>()), (3, 4));
    }
}
