//! The file while it is open, and the turns that transactions take in it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use redb::Database;

use super::blocks::Blocks;
use super::cache::Cache;
use super::lock::{Waiting, locked};
use crate::authenticator::store::StoreError;

/// The file while it is open. The database is closed first, and then the file, which gives up its lock.
pub(super) struct Open {
    pub(super) path: PathBuf,
    pub(super) database: Database,
    pub(super) blocks: Closing,
    /// `None` while a transaction has it.
    cache: Mutex<Option<Cache>>,
    given_back: Condvar,
}

impl Open {
    pub(super) fn new(path: &Path, database: Database, blocks: Closing) -> Arc<Self> {
        Arc::new(Self {
            path: path.to_owned(),
            database,
            blocks,
            cache: Mutex::new(Some(Cache::default())),
            given_back: Condvar::new(),
        })
    }

    pub(super) fn error(&self, action: &'static str, error: impl Into<redb::Error>) -> StoreError {
        database_error(&self.path, &self.blocks.0, action, error.into())
    }
}

/// What the database says, unless the file is damaged, which is why it says so.
pub(super) fn database_error(
    path: &Path,
    blocks: &Blocks,
    action: &'static str,
    error: redb::Error,
) -> StoreError {
    let path = path.to_owned();
    match (blocks.damage(), error) {
        (Some(reason), _) | (None, redb::Error::Corrupted(reason)) => StoreError::Corrupt { path, reason },
        (None, error) => StoreError::Io { path, action, reason: error.to_string() },
    }
}

/// Notes in the header that the database was closed, once it is.
pub(super) struct Closing(pub(super) Blocks);

impl Drop for Closing {
    fn drop(&mut self) {
        // Without the note the file is checked whole when it is opened next.
        let _ = self.0.close();
    }
}

/// A transaction's turn. Whoever holds the cache owns it, and the clones of a store wait for each other.
pub(super) struct Turn {
    pub(super) open: Arc<Open>,
    pub(super) cache: Cache,
}

impl Turn {
    pub(super) fn take(open: Arc<Open>, waiting: &Waiting) -> Result<Self, StoreError> {
        let start = Instant::now();
        let mut free = open.cache.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(cache) = free.take() {
                drop(free);
                return Ok(Self { open, cache });
            }
            let waited = start.elapsed();
            let Some(left) = waiting.timeout.checked_sub(waited).filter(|left| !left.is_zero()) else {
                return Err(locked(&open.path, Some(std::process::id()), waited));
            };
            free = open.given_back.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let cache = std::mem::take(&mut self.cache);
        *self.open.cache.lock().unwrap_or_else(PoisonError::into_inner) = Some(cache);
        self.open.given_back.notify_one();
    }
}
