//! The pace of requests: some servers take only so many in a time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::core::clock::{Clock, Moment};

/// Keeps requests of all sessions apart.
pub(super) struct Pace {
    gap: Duration,
    /// When the next request may begin.
    next: Mutex<Option<Moment>>,
}

impl Pace {
    pub(super) fn new(gap: Duration) -> Self {
        Self { gap, next: Mutex::new(None) }
    }

    /// When the next request may begin.
    pub(super) fn next_turn(&self) -> Option<Moment> {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_next_turn(&self, next: Option<Moment>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// Waits for the turn of a request. Returns how long it waited.
    pub(super) fn wait_for_turn(&self, clock: &dyn Clock) -> Duration {
        if self.gap.is_zero() {
            return Duration::ZERO;
        }
        let now = clock.now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = turn.checked_add(self.gap);
        drop(next);
        let wait = turn.since(now);
        clock.wait(wait);
        wait
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Instant;

    use super::*;
    use crate::core::clock::SystemClock;

    #[test]
    fn requests_of_all_threads_are_kept_apart() {
        let gap = Duration::from_millis(30);
        let pace = Pace::new(gap);
        let began = Instant::now();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| pace.wait_for_turn(&SystemClock));
            }
        });
        assert!(began.elapsed() >= gap * 3, "{:?}", began.elapsed());
        assert_eq!(Pace::new(Duration::ZERO).wait_for_turn(&SystemClock), Duration::ZERO);
    }
}
