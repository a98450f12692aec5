//! Cases that once failed, which proptest tries first in every run. Their files are committed.
//!
//! Proptest finds a place by itself for properties in `src/`, and none for those of `tests/`.

use proptest::test_runner::{Config, FileFailurePersistence};

/// Keeps them in this file, relative to the package.
pub(crate) fn kept_in(file: &'static str) -> Config {
    Config { failure_persistence: Some(Box::new(FileFailurePersistence::Direct(file))), ..Config::default() }
}
