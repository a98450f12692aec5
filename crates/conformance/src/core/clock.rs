//! What time it is: by the system's clock, or by one that stands still until somebody waits.

use std::fmt::Debug;
use std::ops::Add;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// What a run goes by. Where there is no clock, even asking the system's for the time panics, so everything that a run does
/// asks this one.
pub(crate) trait Clock: Debug + Send + Sync {
    /// The time now. It never goes back.
    fn now(&self) -> Moment;

    /// The time of day, as the time since the beginning of 1970, UTC.
    fn since_1970(&self) -> Duration;

    /// Lets this time go by.
    fn wait(&self, time: Duration);

    /// Whether it stands still until somebody waits.
    fn stands_still(&self) -> bool;
}

/// A point in time, by the clock of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(Duration);

impl Moment {
    /// The moment this time after the clock's beginning.
    pub(crate) fn after(time: Duration) -> Self {
        Self(time)
    }

    /// How long it is after another; nothing, if it is before it.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment that comes this time later, if a clock can count it.
    pub(crate) fn checked_add(self, time: Duration) -> Option<Self> {
        self.0.checked_add(time).map(Self)
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time))
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

/// From when moments are counted.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment(BEGINNING.elapsed())
    }

    fn since_1970(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }

    fn wait(&self, time: Duration) {
        thread::sleep(time);
    }

    fn stands_still(&self) -> bool {
        false
    }
}

/// A clock that stands still until somebody waits. Its clones are the same clock.
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<Mutex<Duration>>);

impl VirtualClock {
    /// A clock that stands still at this time, counted from the beginning of 1970, UTC.
    #[must_use]
    pub fn new(since_1970: Duration) -> Self {
        Self(Arc::new(Mutex::new(since_1970)))
    }

    /// Moves it on by this time.
    pub fn advance(&self, time: Duration) {
        let mut now = self.locked();
        *now = now.saturating_add(time);
    }

    fn locked(&self) -> MutexGuard<'_, Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Moment {
        Moment(*self.locked())
    }

    fn since_1970(&self) -> Duration {
        *self.locked()
    }

    fn wait(&self, time: Duration) {
        self.advance(time);
    }

    fn stands_still(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_is_moved_by_waits_alone() {
        let clock = VirtualClock::new(Duration::from_secs(1));
        let (began, same) = (clock.now(), clock.clone());
        assert_eq!(clock.now(), began);
        same.wait(Duration::from_secs(3));
        assert_eq!(clock.now().since(began), Duration::from_secs(3));
        assert_eq!(clock.since_1970(), Duration::from_secs(4));
        assert_eq!(began.since(clock.now()), Duration::ZERO);
    }

    #[test]
    fn the_clock_of_the_system_goes_on() {
        let began = SystemClock.now();
        SystemClock.wait(Duration::from_millis(5));
        assert!(SystemClock.now().since(began) >= Duration::from_millis(5));
    }
}
