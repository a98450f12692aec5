//! When ceremonies are due.

use std::time::Duration;

/// No machine comes near this rate, and below it no sum overflows.
const HIGHEST_RATE: f64 = 1e9;

/// When ceremonies begin, and when the load ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    /// Ceremonies a second; without a rate, each user begins the next one when the last has ended.
    pub(crate) rate: Option<f64>,
    /// How long it takes until all users are there, or the rate is reached.
    pub(crate) ramp_up: Duration,
    pub(crate) duration: Duration,
}

impl Schedule {
    /// A rate within what can be calculated with.
    pub(crate) fn limited(rate: f64) -> f64 {
        if rate.is_nan() { HIGHEST_RATE } else { rate.clamp(f64::MIN_POSITIVE, HIGHEST_RATE) }
    }

    /// When an arrival is due. The rate rises evenly from nothing during the ramp-up.
    pub(crate) fn due(&self, arrival: u64) -> Duration {
        let Some(rate) = self.rate else { return Duration::ZERO };
        let (arrival, ramp) = (ratio(arrival, 1), self.ramp_up.as_secs_f64());
        let during_ramp = rate * ramp / 2.0;
        let seconds = match arrival < during_ramp {
            true => (2.0 * ramp * arrival / rate).sqrt(),
            false => ramp + (arrival - during_ramp) / rate,
        };
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// How many arrivals are due before this time.
    pub(crate) fn arrivals(&self, time: Duration) -> u64 {
        if self.rate.is_none() {
            return 0;
        }
        // The greatest number whose arrival is early enough, bit by bit.
        let mut count: u64 = 0;
        for bit in (0..53).rev() {
            let more = count | (1 << bit);
            if self.due(more - 1) < time {
                count = more;
            }
        }
        count
    }
}

/// Exact below 2^53, which no count here comes near.
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    let float = |number: u64| {
        let (high, low) = (u32::try_from(number >> 32).unwrap_or_default(), number & 0xffff_ffff);
        f64::from(high) * 4_294_967_296.0 + f64::from(u32::try_from(low).unwrap_or_default())
    };
    float(part) / float(whole).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(ramp: u64) -> Schedule {
        let duration = Duration::from_secs(60);
        Schedule { rate: Some(100.0), ramp_up: Duration::from_secs(ramp), duration }
    }

    #[test]
    fn arrivals_come_evenly_after_a_ramp() {
        let second = |arrival, ramp| schedule(ramp).due(arrival).as_secs_f64();
        assert_eq!(second(0, 0), 0.0);
        assert_eq!(second(250, 0), 2.5);
        // Half as many as at the full rate come during the ramp.
        assert_eq!(second(200, 4), 4.0);
        assert_eq!(second(50, 4), 2.0);
        assert_eq!(second(300, 4), 5.0);
    }

    #[test]
    fn as_many_arrive_as_are_due() {
        let count = |seconds, ramp| schedule(ramp).arrivals(Duration::from_secs(seconds));
        assert_eq!((count(0, 0), count(1, 0), count(2, 0)), (0, 100, 200));
        // The one that is due at the very end is not among them.
        assert_eq!((count(4, 4), count(5, 4)), (200, 300));
    }

    #[test]
    fn ratios_are_what_they_are() {
        assert_eq!(ratio(1, 4), 0.25);
        assert_eq!(ratio(1 << 40, 1 << 41), 0.5);
        assert_eq!(ratio(3, 0), 3.0);
    }
}
