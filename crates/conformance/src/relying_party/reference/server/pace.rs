//! How many requests are answered in a second, and how fast.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// Counts the requests of each second.
pub(super) struct Pace {
    most: Option<u32>,
    /// When the current second began, and how many requests came in it.
    second: Mutex<(Instant, u32)>,
}

impl Pace {
    /// So many requests in a second at most.
    pub(super) fn new(most: Option<u32>) -> Self {
        Self { most, second: Mutex::new((Instant::now(), 0)) }
    }

    /// Whether one more request is answered in this second.
    pub(super) fn admits(&self) -> bool {
        let Some(most) = self.most else { return true };
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        if second.0.elapsed() >= SECOND {
            *second = (Instant::now(), 0);
        }
        second.1 = second.1.saturating_add(1);
        second.1 <= most
    }
}
