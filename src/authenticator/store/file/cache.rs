//! What was read of a file that nobody else can change meanwhile.

use std::collections::HashSet;

use crate::authenticator::store::{Credential, CredentialStore, MemoryStore, StoreError, Transaction};

/// The most credentials and relying parties that are kept, some 100 MB of them. In tests they are so few that the cache
/// is full now and then.
pub(super) const MOST: usize = if cfg!(test) { 14 } else { 1 << 18 };

/// Credentials as the file has them. A store in memory keeps them, because a new credential supersedes the same others
/// there as in the file.
#[derive(Default)]
pub(super) struct Cache {
    credentials: MemoryStore,
    /// The relying parties whose discoverable credentials are all here.
    complete: HashSet<Box<str>>,
}

/// What a transaction did to the file.
pub(super) enum Change {
    Put(Box<Credential>),
    Remove(Vec<u8>),
}

impl Cache {
    pub(super) fn find(&mut self, id: &[u8]) -> Option<Credential> {
        self.with(|credentials| credentials.find(id)).flatten()
    }

    /// The discoverable credentials of a relying party, newest first, if all are here.
    pub(super) fn discoverable(&mut self, rp_id: &str) -> Option<Vec<Credential>> {
        match self.complete.contains(rp_id) {
            true => self.with(|credentials| credentials.discoverable(rp_id)),
            false => None,
        }
    }

    /// Keeps a credential that was read.
    pub(super) fn learn(&mut self, credential: &Credential) {
        self.make_room_for(1);
        self.with(|credentials| credentials.put(credential));
    }

    /// Keeps the discoverable credentials of a relying party that were read, newest first.
    pub(super) fn learn_all(&mut self, rp_id: &str, newest_first: &[Credential]) {
        if newest_first.len() > MOST {
            return;
        }
        // Its relying party counts too.
        self.make_room_for(newest_first.len() + 1);
        let kept = self.with(|credentials| {
            // Those that are here already do not stand in this order.
            for credential in newest_first.iter().rev() {
                credentials.remove(&credential.id)?;
                credentials.put(credential)?;
            }
            Ok(())
        });
        // There may be two for an account, one of which is not kept.
        if kept.is_some() && self.credentials.discoverable(rp_id).count() == newest_first.len() {
            self.complete.insert(rp_id.into());
        }
    }

    /// Whether something here would not be as in the file, were this one put there alone.
    pub(super) fn concerns(&self, credential: &Credential) -> bool {
        self.complete.contains(credential.rp_id.as_str()) || self.credentials.concerns(credential)
    }

    /// Does what a transaction did to the file.
    pub(super) fn apply(&mut self, changes: Vec<Change>) {
        // There is nothing in an empty cache that they would change.
        if self.make_room_for(changes.len()) {
            return;
        }
        self.with(|credentials| {
            for change in changes {
                match change {
                    Change::Put(credential) => credentials.put(&credential)?,
                    Change::Remove(id) => drop(credentials.remove(&id)?),
                }
            }
            Ok(())
        });
    }

    /// Empties the cache if so many more do not fit. Returns whether it did.
    fn make_room_for(&mut self, more: usize) -> bool {
        let full = self.credentials.size() + self.complete.len() + more > MOST;
        if full {
            *self = Self::default();
        }
        full
    }

    /// Runs `work` in a transaction; nothing is kept here if it fails.
    fn with<T>(&mut self, work: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>) -> Option<T> {
        let done = self.credentials.begin().and_then(|mut transaction| {
            let done = work(&mut *transaction)?;
            transaction.commit().map(|()| done)
        });
        if done.is_err() {
            *self = Self::default();
        }
        done.ok()
    }
}
