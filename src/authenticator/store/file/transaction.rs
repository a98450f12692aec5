//! A transaction in the file, beside what is known of the file in memory.

use redb::WriteTransaction;

use super::cache::{self, Change};
use super::open::Turn;
use super::tables::{self, Record, Standing, account_key};
use crate::authenticator::store::codec::record::{self, RecordError};
use crate::authenticator::store::{Credential, StoreError, Transaction};
use crate::crypto::Backend;

const READ: &str = "read the credential store";
const WRITE: &str = "write the credential store";

pub(super) struct FileTransaction {
    /// The database's transaction, once something is read that is not in the cache, or written. It is dropped before
    /// the turn, which may close the file and so give up the lock.
    begun: Option<WriteTransaction>,
    /// What was done that concerns the cache, which learns of it when it is durable. `None`: the cache is emptied then.
    changes: Option<Vec<Change>>,
    /// Whether credentials were put or removed: the cache is not what this transaction sees.
    changed_credentials: bool,
    /// Whether anything was written.
    wrote: bool,
    /// Whether what is read is worth keeping in the cache, as the file stays open.
    learns: bool,
    pub(super) turn: Turn,
}

impl FileTransaction {
    pub(super) fn new(turn: Turn, learns: bool) -> Self {
        Self {
            begun: None,
            changes: Some(Vec::new()),
            changed_credentials: false,
            wrote: false,
            learns,
            turn,
        }
    }

    /// How many transactions the database holds.
    pub(super) fn commits(&mut self) -> Result<u64, StoreError> {
        self.with(READ, tables::commits)
    }

    /// Runs `work` in the database's transaction. If it fails, nobody knows how far it came.
    pub(super) fn with<T>(
        &mut self,
        action: &'static str,
        work: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let open = &self.turn.open;
        let transaction = match &mut self.begun {
            Some(begun) => begun,
            none => none.insert(open.database.begin_write().map_err(|error| open.error(action, error))?),
        };
        let done = work(transaction).map_err(|error| open.error(action, error));
        if done.is_err() {
            self.changes = None;
        }
        done
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        self.wrote = true;
        self.with(WRITE, work)
    }

    fn decode(&self, order: u64, record: &[u8]) -> Result<Credential, StoreError> {
        record::decode(record).map_err(|error| self.record_error(order, error))
    }

    fn record_error(&self, order: u64, error: RecordError) -> StoreError {
        let path = self.turn.open.path.clone();
        match error {
            RecordError::Damaged(why) => {
                StoreError::Corrupt { path, reason: format!("credential record {order}: {why}") }
            }
            RecordError::Key(reason) => StoreError::Key { path, record: order, reason },
        }
    }

    /// Where the credential with this id stands.
    fn standing(&mut self, id: &[u8]) -> Result<Option<Standing>, StoreError> {
        let Some((order, record)) = self.with(READ, |transaction| tables::record(transaction, id))? else {
            return Ok(None);
        };
        let account = record::account(&record).map_err(|error| self.record_error(order, error))?;
        Ok(Some((order, account.map(|(rp_id, user_id)| account_key(rp_id, user_id)))))
    }

    /// Whether what is read now is as it was committed, and worth keeping.
    fn learns(&self) -> bool {
        self.learns && !self.changed_credentials
    }

    /// Notes what a credential that is put changes for the cache. `before`: the account under which it was found.
    fn note_put(&mut self, credential: &Credential, before: Option<Option<&[u8]>>) {
        self.changed_credentials = true;
        let account = account_key(&credential.rp_id, &credential.user.id);
        let after = credential.discoverable.then_some(account.as_slice());
        if before.is_some_and(|before| before != after) {
            // It keeps its place among all credentials, which the cache does not know.
            self.changes = None;
        } else if let Some(changes) = &self.changes
            && (!changes.is_empty() || self.turn.cache.concerns(credential))
        {
            // Once there are changes, this one may undo them.
            let key = credential.key.clone().with_backend(Backend::RustCrypto);
            self.note(Change::Put(Box::new(Credential { key, ..credential.clone() })));
        }
    }

    /// Notes a change, as long as there are not too many.
    fn note(&mut self, change: Change) {
        self.changes = self.changes.take().filter(|changes| changes.len() < cache::MOST);
        if let Some(changes) = &mut self.changes {
            changes.push(change);
        }
    }

    fn decoded(&self, records: Vec<(u64, Record)>) -> Result<Vec<Credential>, StoreError> {
        records.into_iter().map(|(order, record)| self.decode(order, &record)).collect()
    }
}

impl Transaction for FileTransaction {
    fn find(&mut self, id: &[u8]) -> Result<Option<Credential>, StoreError> {
        if !self.changed_credentials
            && let Some(known) = self.turn.cache.find(id)
        {
            return Ok(Some(known));
        }
        let found = self.with(READ, |transaction| tables::record(transaction, id))?;
        let Some((order, record)) = found else { return Ok(None) };
        let found = self.decode(order, &record)?;
        if self.learns() {
            self.turn.cache.learn(&found);
        }
        Ok(Some(found))
    }

    fn all(&mut self) -> Result<Vec<Credential>, StoreError> {
        let records = self.with(READ, tables::records)?;
        self.decoded(records)
    }

    fn discoverable(&mut self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        if !self.changed_credentials
            && let Some(known) = self.turn.cache.discoverable(rp_id)
        {
            return Ok(known);
        }
        let records = self.with(READ, |transaction| tables::discoverable(transaction, rp_id))?;
        let found = self.decoded(records)?;
        if self.learns() {
            self.turn.cache.learn_all(rp_id, &found);
        }
        Ok(found)
    }

    fn put(&mut self, credential: &Credential) -> Result<(), StoreError> {
        let before = self.standing(&credential.id)?;
        self.note_put(credential, before.as_ref().map(|(_, account)| account.as_deref()));
        self.write(|transaction| tables::put(transaction, credential, before))
    }

    fn remove(&mut self, id: &[u8]) -> Result<bool, StoreError> {
        let Some(standing) = self.standing(id)? else { return Ok(false) };
        self.changed_credentials = true;
        self.note(Change::Remove(id.to_vec()));
        self.write(|transaction| tables::remove(transaction, id, standing))?;
        Ok(true)
    }

    fn next_global_count(&mut self) -> Result<u32, StoreError> {
        let count = self.write(tables::next_global_count)?;
        u32::try_from(count).map_err(|_| StoreError::CounterExhausted)
    }

    fn authenticator_state(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(READ, tables::state)
    }

    fn set_authenticator_state(&mut self, state: &[u8]) -> Result<(), StoreError> {
        self.write(|transaction| tables::set_state(transaction, state))
    }

    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let commits = match self.wrote {
            true => Some(self.write(tables::count_commit)?),
            false => None,
        };
        let Self { begun, changes, mut turn, .. } = *self;
        // Whatever stops this leaves an empty cache.
        let mut cache = std::mem::take(&mut turn.cache);
        if let (Some(begun), Some(commits)) = (begun, commits) {
            begun.commit().map_err(|error| turn.open.error(WRITE, error))?;
            // Without the note, a later loss of this transaction may go unseen, but it is not lost.
            let _ = turn.open.blocks.0.set_commits(commits);
        }
        if let Some(changes) = changes {
            cache.apply(changes);
            turn.cache = cache;
        }
        Ok(())
    }
}
