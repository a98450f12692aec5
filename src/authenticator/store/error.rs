//! What can be wrong with a store.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::crypto::KeyError;

/// A store that cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be opened, read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the operating system or the database said.
        reason: String,
    },
    /// The file is something else than a stuntkey store. It was left untouched.
    NotAStore {
        /// The file.
        path: PathBuf,
        /// How it begins.
        found: String,
    },
    /// The file is a store of another version. It was left untouched.
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u16,
        /// The one that this build reads.
        expected: u16,
    },
    /// The file, or a record in it, is damaged.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A record is sound, but this build cannot use its key. The file was left as it is.
    Key {
        /// The file.
        path: PathBuf,
        /// Which record.
        record: u64,
        /// Why.
        reason: KeyError,
    },
    /// Another process, or another transaction of this one, held the file until the time to wait was over.
    Locked {
        /// The file.
        path: PathBuf,
        /// The process that holds it, where that is known.
        holder: Option<u32>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// A signature counter is at its end.
    CounterExhausted,
    /// What the store keeps as the state of an authenticator is no such record, or one of a later version.
    State,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, action, reason } => write!(f, "{}: cannot {action}: {reason}", path.display()),
            Self::NotAStore { path, found } => {
                write!(
                    f,
                    "{}: found {found}, expected a stuntkey credential store; left untouched",
                    path.display()
                )
            }
            Self::Version { path, found, expected } => write!(
                f,
                "{}: found a stuntkey credential store of version {found}, expected version {expected}; left untouched",
                path.display()
            ),
            Self::Corrupt { path, reason } => {
                let cure = "restore the file from a copy, or remove it and register anew";
                write!(f, "{}: the credential store is damaged: {reason}; {cure}", path.display())
            }
            Self::Key { path, record, reason } => {
                write!(f, "{}: credential record {record}: {reason}", path.display())
            }
            Self::Locked { path, holder, waited } => {
                let holder = match holder {
                    Some(id) if *id == std::process::id() => "another transaction of this process".into(),
                    Some(id) => format!("process {id}"),
                    None => "another process".to_owned(),
                };
                let waited = waited.as_secs_f64();
                write!(
                    f,
                    "{}: {holder} holds the credential store, waited {waited:.1} s for it",
                    path.display()
                )
            }
            Self::State => f.write_str("the authenticator's state is no record that this version reads"),
            Self::CounterExhausted => f.write_str("the signature counter is at its end"),
        }
    }
}

impl std::error::Error for StoreError {}
