//! Waiting for whoever holds the file.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::header;
use crate::authenticator::store::StoreError;

/// The caller hears who holds the store once it has waited this long: most transactions are shorter.
const PATIENCE: Duration = Duration::from_millis(500);
/// The longest time between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A store that another process, or another transaction of this one, holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoreWait<'w> {
    /// The file.
    pub path: &'w Path,
    /// The process that holds it, where that is known.
    pub holder: Option<u32>,
    /// How long it is waited for.
    pub timeout: Duration,
}

/// What is called when a store is waited for.
type Tell = Arc<dyn Fn(&StoreWait<'_>) + Send + Sync>;

/// How a store waits.
#[derive(Clone)]
pub(super) struct Waiting {
    pub(super) timeout: Duration,
    pub(super) tell: Option<Tell>,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), tell: None }
    }
}

impl Waiting {
    /// Locks the file, which has to be this path's.
    pub(super) fn lock(&self, file: &mut File, path: &Path) -> Result<(), StoreError> {
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        let mut untold = self.tell.as_ref();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::Error(error)) => {
                    let (path, reason) = (path.to_owned(), error.to_string());
                    return Err(StoreError::Io { path, action: "lock the credential store", reason });
                }
                Err(TryLockError::WouldBlock) => {}
            }
            let waited = start.elapsed();
            if waited >= self.timeout {
                return Err(locked(path, header::holder(file), waited));
            }
            if waited >= PATIENCE
                && let Some(tell) = untold.take()
            {
                tell(&StoreWait { path, holder: header::holder(file), timeout: self.timeout });
            }
            std::thread::sleep(pause.min(self.timeout - waited));
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }
}

/// The error that the store was not to be had in this time.
pub(super) fn locked(path: &Path, holder: Option<u32>, waited: Duration) -> StoreError {
    StoreError::Locked { path: path.to_owned(), holder, waited }
}
