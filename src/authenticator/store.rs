//! Where credentials live.

#[cfg(feature = "store")]
mod file;
mod memory;
mod packed;
#[cfg(feature = "store")]
mod record;
#[cfg(test)]
mod tests;

use std::fmt;

#[cfg(feature = "store")]
pub use file::FileStore;
pub use memory::MemoryStore;

use crate::crypto::{KeyError, KeyPair};
use crate::webauthn::User;

/// A public key credential source (WebAuthn L3 §4) and what the authenticator keeps with it. `Debug` shows no
/// private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The credential id.
    pub id: Vec<u8>,
    /// Whom it is for.
    pub rp_id: String,
    /// The account.
    pub user: User,
    /// The credential key pair.
    pub key: KeyPair,
    /// Whether it is found without its id.
    pub discoverable: bool,
    /// The last count that was sent.
    pub sign_count: u32,
    /// BE.
    pub backup_eligible: bool,
    /// BS.
    pub backup_state: bool,
}

/// A place that keeps credentials.
pub trait CredentialStore: Send {
    /// Begins a transaction with exclusive access. What it wrote takes effect when it is committed, all of it or
    /// nothing; dropped, it leaves no trace.
    ///
    /// # Errors
    /// [`StoreError`].
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError>;
}

/// Exclusive access to a store. Reads see what the transaction wrote.
pub trait Transaction {
    /// The credential with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    fn find(&mut self, id: &[u8]) -> Result<Option<Credential>, StoreError>;

    /// Every credential, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn all(&mut self) -> Result<Vec<Credential>, StoreError>;

    /// Adds a credential as the newest, or replaces the one with its id where it stands. A new discoverable one
    /// takes the place of another for the same relying party and user handle (CTAP 2.1 §6.1.2 step 16).
    ///
    /// # Errors
    /// [`StoreError`].
    fn put(&mut self, credential: &Credential) -> Result<(), StoreError>;

    /// Removes the credential with this id; `false` if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    fn remove(&mut self, id: &[u8]) -> Result<bool, StoreError>;

    /// The last signature count of the credential with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    fn sign_count(&mut self, id: &[u8]) -> Result<Option<u32>, StoreError> {
        Ok(self.find(id)?.map(|credential| credential.sign_count))
    }

    /// Keeps a signature count of the credential with this id; `false` if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    fn set_sign_count(&mut self, id: &[u8], count: u32) -> Result<bool, StoreError> {
        let Some(credential) = self.find(id)? else { return Ok(false) };
        self.put(&Credential { sign_count: count, ..credential })?;
        Ok(true)
    }

    /// Raises the counter that all credentials share, and returns it.
    ///
    /// # Errors
    /// [`StoreError`].
    fn next_global_count(&mut self) -> Result<u32, StoreError>;

    /// Makes it all durable.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was written.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// The discoverable credentials for a relying party, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn discoverable(&mut self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        Ok(self.all()?.into_iter().filter(|c| c.discoverable && c.rp_id == rp_id).collect())
    }
}

/// Whether a new `credential` takes the place of `other`.
#[cfg(test)]
fn supersedes(credential: &Credential, other: &Credential) -> bool {
    credential.discoverable
        && other.discoverable
        && credential.id != other.id
        && credential.rp_id == other.rp_id
        && credential.user.id == other.user.id
}

/// A store that cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be opened, read or written.
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the operating system or the database said.
        reason: String,
    },
    /// The file is something else than a stuntkey store. It was left untouched.
    NotAStore {
        /// The file.
        path: std::path::PathBuf,
        /// How it begins.
        found: String,
    },
    /// The file is a store of another version. It was left untouched.
    Version {
        /// The file.
        path: std::path::PathBuf,
        /// Its version.
        found: u16,
        /// The one that this build reads.
        expected: u16,
    },
    /// A record cannot be read.
    Corrupt {
        /// The file.
        path: std::path::PathBuf,
        /// Which record, and why.
        reason: String,
    },
    /// A record is sound, but this build cannot use its key. The file was left as it is.
    Key {
        /// The file.
        path: std::path::PathBuf,
        /// Which record.
        record: u64,
        /// Why.
        reason: KeyError,
    },
    /// A signature counter is at its end.
    CounterExhausted,
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
            Self::Corrupt { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::Key { path, record, reason } => {
                write!(f, "{}: credential record {record}: {reason}", path.display())
            }
            Self::CounterExhausted => f.write_str("the signature counter is at its end"),
        }
    }
}

impl std::error::Error for StoreError {}
