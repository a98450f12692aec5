//! Credentials in a file: a header of our own, then a redb database.
//!
//! The header says whose file this is before anything is written to it, and carries the lock. A transaction opens
//! the file, waits for the lock, and closes it again, so that processes take turns, unless the store was opened
//! [exclusively](FileStore::exclusive). What redb has committed survives a kill at any moment.
//!
//! Damage is an error, and no panic in the middle of a broken tree: redb reads the whole file before it is used. As
//! that takes its time, the header carries the file's length and its time of modification as they were left; a file
//! that nobody has touched since is not read again.

mod cache;

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};
use zeroize::Zeroizing;

use super::record::RecordError;
use super::{Credential, CredentialStore, StoreError, Transaction, record};
use crate::crypto::Backend;
use cache::{Cache, Change};

const MAGIC: &[u8; 15] = b"stuntkey store\n";
/// Version 1 had no [`DISCOVERABLE`].
const VERSION: u16 = 2;
/// The database begins here.
const HEADER_LENGTH: u64 = 4096;

/// The header's state byte: the database behind it is being made, and holds nothing yet.
const FRESH: u8 = 0;
/// The database is in use.
const READY: u8 = 1;

/// Where the header says how the file was left: behind the magic, the state and the version.
const LEFT_AT: u64 = 18;

/// Credentials by their order of creation.
const CREDENTIALS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("credentials");
/// Credential id → order of creation.
const ORDER: TableDefinition<'_, &[u8], u64> = TableDefinition::new("order");
/// [`account_key`] and order of creation, of discoverable credentials → nothing.
const DISCOVERABLE: TableDefinition<'_, &[u8], ()> = TableDefinition::new("discoverable");
/// `global_count`, `next`.
const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");

/// Credentials in a file of mode 0600.
///
/// A transaction holds the file's lock: a second one in the same thread, on a clone, would wait for ever.
#[derive(Clone)]
pub struct FileStore {
    path: PathBuf,
    kept_open: Option<Arc<Open>>,
}

impl FileStore {
    /// The store at `path`, which the first transaction opens, or makes. The directory must be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), kept_open: None }
    }

    /// Opens the store at `path`, or makes it. The directory must be there.
    ///
    /// # Errors
    /// [`StoreError`]; a file that is no store of this version is left untouched.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let store = Self::new(path);
        store.database()?;
        Ok(store)
    }

    /// As [`open`](Self::open), for many transactions: the file stays open and locked as long as this store or a clone
    /// of it lives, and what was read of it stays in memory. Other processes wait.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exclusive(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let mut store = Self::new(path);
        store.kept_open = Some(store.database()?);
        Ok(store)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for the lock and opens the database.
    fn database(&self) -> Result<Arc<Open>, StoreError> {
        let mut file = open_private(&self.path).map_err(|e| self.io("open the credential store", e))?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            let found = "no regular file".into();
            return Err(StoreError::NotAStore { path: self.path.clone(), found });
        }
        file.lock().map_err(|e| self.io("lock the credential store", e))?;
        let (state, version) = self.check_header(&mut file)?;
        restrict(&file).map_err(|e| self.io("restrict the credential store to its owner", e))?;
        if state == FRESH {
            // Whatever stands behind the header was never used: its maker was stopped before it was done.
            write_header(&file, FRESH)
                .and_then(|()| file.set_len(HEADER_LENGTH))
                .map_err(|e| self.io("write the credential store", e))?;
        }
        let length = file.metadata().map_err(|e| self.io("read the credential store", e))?.len();
        if state == READY && length <= HEADER_LENGTH {
            // redb would begin anew, and what was there would be lost without a word.
            let reason = "the file ends before its database, expected one".into();
            return Err(StoreError::Corrupt { path: self.path.clone(), reason });
        }
        let handle = file.try_clone().map_err(|e| self.io("open the credential store", e))?;
        let database = Database::builder()
            .set_check_integrity_on_open(state == FRESH || !is_as_left(&mut file))
            .create_with_backend(DatabaseFile { file: Mutex::new(file) })
            .map_err(|e| self.database_error("open the credential store", e))?;
        let open = Arc::new(Open {
            database,
            closing: Closing(handle),
            cache: Mutex::new(Some(Cache::default())),
            given_back: Condvar::new(),
        });
        if state == READY && version < VERSION {
            self.transaction(Arc::clone(&open)).make_index()?;
        }
        if state == FRESH || version < VERSION {
            write_header(&open.closing.0, READY)
                .and_then(|()| sync_directory(&self.path))
                .map_err(|e| self.io("write the credential store", e))?;
        }
        Ok(open)
    }

    fn transaction(&self, open: Arc<Open>) -> FileTransaction<'_> {
        FileTransaction {
            begun: None,
            changes: Some(Vec::new()),
            wrote: false,
            turn: Turn::take(open),
            store: self,
        }
    }

    /// State and version in a header that is ours, or [`FRESH`] for an empty file.
    fn check_header(&self, file: &mut File) -> Result<(u8, u16), StoreError> {
        let mut header = Vec::new();
        Read::by_ref(file)
            .take(LEFT_AT)
            .read_to_end(&mut header)
            .map_err(|e| self.io("read the credential store", e))?;
        if header.is_empty() {
            return Ok((FRESH, VERSION));
        }
        match header.split_first_chunk() {
            Some((magic, &[state @ (FRESH | READY), high, low])) if magic == MAGIC => {
                match u16::from_be_bytes([high, low]) {
                    version @ 1..=VERSION => Ok((state, version)),
                    found => Err(StoreError::Version { path: self.path.clone(), found, expected: VERSION }),
                }
            }
            _ => {
                let start = String::from_utf8_lossy(&header).into_owned();
                Err(StoreError::NotAStore {
                    path: self.path.clone(),
                    found: format!("a file that begins with {start:?}"),
                })
            }
        }
    }

    fn io(&self, action: &'static str, error: io::Error) -> StoreError {
        StoreError::Io { path: self.path.clone(), action, reason: error.to_string() }
    }

    fn database_error(&self, action: &'static str, error: impl Into<redb::Error>) -> StoreError {
        StoreError::Io { path: self.path.clone(), action, reason: error.into().to_string() }
    }
}

impl CredentialStore for FileStore {
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        let open = match &self.kept_open {
            Some(open) => Arc::clone(open),
            None => self.database()?,
        };
        Ok(Box::new(self.transaction(open)))
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exclusive = self.kept_open.is_some();
        f.debug_struct("FileStore").field("path", &self.path).field("exclusive", &exclusive).finish()
    }
}

/// The file while it is open. The database is closed first.
struct Open {
    database: Database,
    closing: Closing,
    /// `None` while a transaction has it.
    cache: Mutex<Option<Cache>>,
    given_back: Condvar,
}

/// A transaction's turn, for which the clones of a store wait: who has the cache has it.
struct Turn {
    open: Arc<Open>,
    cache: Cache,
}

impl Turn {
    fn take(open: Arc<Open>) -> Self {
        let mut free = open.cache.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(cache) = free.take() {
                drop(free);
                return Self { open, cache };
            }
            free = open.given_back.wait(free).unwrap_or_else(PoisonError::into_inner);
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

/// Leaves a note in the header of how the file was left, and then gives up its lock.
struct Closing(File);

impl Drop for Closing {
    fn drop(&mut self) {
        // Without the note the file is read whole when it is opened next.
        let _ = note_as_left(&mut self.0);
    }
}

/// A credential as [`record`] writes it.
type Record = Zeroizing<Vec<u8>>;

struct FileTransaction<'a> {
    /// The database's, once something is read that is not in the cache, or written. Dropped before the turn, which may
    /// close the file and so give up the lock.
    begun: Option<WriteTransaction>,
    /// What was done that concerns the cache, which learns of it when it is durable. `None`: only the file tells.
    changes: Option<Vec<Change>>,
    /// Whether credentials were put or removed: the cache is not what this transaction sees.
    wrote: bool,
    turn: Turn,
    store: &'a FileStore,
}

impl FileTransaction<'_> {
    /// Makes the index that version 1 lacked.
    fn make_index(mut self) -> Result<(), StoreError> {
        let mut keys = Vec::new();
        for (order, record) in self.records()? {
            keys.extend(self.account_key(order, &record)?.map(|account| indexed(&account, order)));
        }
        self.with("write the credential store", |transaction| {
            transaction.delete_table(DISCOVERABLE)?;
            let mut discoverable = transaction.open_table(DISCOVERABLE)?;
            for key in keys {
                discoverable.insert(key.as_slice(), ())?;
            }
            Ok(())
        })?;
        Box::new(self).commit()
    }

    fn decode(&self, order: u64, record: &[u8]) -> Result<Credential, StoreError> {
        record::decode(record).map_err(|error| self.record_error(order, error))
    }

    /// The [`account_key`] of a record, if the credential is discoverable.
    fn account_key(&self, order: u64, record: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let account = record::account(record).map_err(|error| self.record_error(order, error))?;
        Ok(account.map(|(rp_id, user_id)| account_key(rp_id, user_id)))
    }

    fn record_error(&self, order: u64, error: RecordError) -> StoreError {
        let path = self.store.path.clone();
        match error {
            RecordError::Damaged(why) => {
                StoreError::Corrupt { path, reason: format!("credential record {order}: {why}") }
            }
            RecordError::Key(reason) => StoreError::Key { path, record: order, reason },
        }
    }

    /// Whether what is read is worth keeping: the file stays open, and has it as it was committed.
    fn learns(&self) -> bool {
        self.store.kept_open.is_some() && !self.wrote
    }

    /// Runs `work` in the database's transaction. If it fails, nobody knows how far it came.
    fn with<T>(
        &mut self,
        action: &'static str,
        work: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let told = |error| self.store.database_error(action, error);
        let transaction = match &mut self.begun {
            Some(begun) => begun,
            none => none.insert(self.turn.open.database.begin_write().map_err(|error| told(error.into()))?),
        };
        let done = work(transaction).map_err(told);
        if done.is_err() {
            self.changes = None;
        }
        done
    }

    /// Notes what a credential that is put changes for the cache. `before`: the account under which it was found.
    fn note_put(&mut self, credential: &Credential, before: Option<Option<&[u8]>>, account: &[u8]) {
        self.wrote = true;
        let after = credential.discoverable.then_some(account);
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

    /// Every record, newest first.
    fn records(&mut self) -> Result<Vec<(u64, Record)>, StoreError> {
        self.with("read the credential store", |transaction| {
            let mut records = Vec::new();
            for entry in transaction.open_table(CREDENTIALS)?.iter()?.rev() {
                let (order, record) = entry?;
                records.push((order.value(), Zeroizing::new(record.value().to_vec())));
            }
            Ok(records)
        })
    }

    /// The record of a credential id.
    fn record(&mut self, id: &[u8]) -> Result<Option<(u64, Record)>, StoreError> {
        self.with("read the credential store", |transaction| {
            let Some(order) = transaction.open_table(ORDER)?.get(id)?.map(|order| order.value()) else {
                return Ok(None);
            };
            let credentials = transaction.open_table(CREDENTIALS)?;
            let record = credentials.get(order)?.map(|record| Zeroizing::new(record.value().to_vec()));
            Ok(record.map(|record| (order, record)))
        })
    }
}

impl Transaction for FileTransaction<'_> {
    fn find(&mut self, id: &[u8]) -> Result<Option<Credential>, StoreError> {
        if !self.wrote
            && let Some(known) = self.turn.cache.find(id)
        {
            return Ok(Some(known));
        }
        let Some((order, record)) = self.record(id)? else { return Ok(None) };
        let found = self.decode(order, &record)?;
        if self.learns() {
            self.turn.cache.learn(&found);
        }
        Ok(Some(found))
    }

    fn all(&mut self) -> Result<Vec<Credential>, StoreError> {
        self.records()?.into_iter().map(|(order, record)| self.decode(order, &record)).collect()
    }

    fn discoverable(&mut self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        if !self.wrote
            && let Some(known) = self.turn.cache.discoverable(rp_id)
        {
            return Ok(known);
        }
        // Below any user handle's, and above.
        let from = account_key(rp_id, &[]);
        let found = self.with("read the credential store", |transaction| {
            let index = transaction.open_table(DISCOVERABLE)?;
            let mut orders: Vec<u64> = Vec::new();
            for entry in index.range(from.as_slice()..)? {
                let (key, ()) = entry.map(|(key, value)| (key, value.value()))?;
                if !key.value().starts_with(&from) {
                    break;
                }
                orders.extend(order_of(key.value()));
            }
            orders.sort_unstable();
            let credentials = transaction.open_table(CREDENTIALS)?;
            let mut records = Vec::new();
            for order in orders.into_iter().rev() {
                records.extend(credentials.get(order)?.map(|r| (order, Zeroizing::new(r.value().to_vec()))));
            }
            Ok(records)
        })?;
        let found: Result<Vec<_>, _> =
            found.into_iter().map(|(order, record)| self.decode(order, &record)).collect();
        if let Ok(found) = &found
            && self.learns()
        {
            self.turn.cache.learn_all(rp_id, found);
        }
        found
    }

    fn put(&mut self, credential: &Credential) -> Result<(), StoreError> {
        let existing = match self.record(&credential.id)? {
            Some((order, record)) => Some((order, self.account_key(order, &record)?)),
            None => None,
        };
        let account = account_key(&credential.rp_id, &credential.user.id);
        self.note_put(credential, existing.as_ref().map(|(_, before)| before.as_deref()), &account);
        self.with("write the credential store", |transaction| {
            let mut orders = transaction.open_table(ORDER)?;
            let mut discoverable = transaction.open_table(DISCOVERABLE)?;
            let mut credentials = transaction.open_table(CREDENTIALS)?;
            let order = match existing {
                Some((order, before)) => {
                    if let Some(account) = before {
                        discoverable.remove(indexed(&account, order).as_slice())?;
                    }
                    order
                }
                None => {
                    // The account's credentials make room.
                    for superseded in match credential.discoverable {
                        true => of_account(&discoverable, &account)?,
                        false => Vec::new(),
                    } {
                        discoverable.remove(indexed(&account, superseded).as_slice())?;
                        if let Some(record) = credentials.remove(superseded)? {
                            let id = record::id(record.value());
                            id.map(|id| orders.remove(id.as_slice())).transpose()?;
                        }
                    }
                    let mut counters = transaction.open_table(COUNTERS)?;
                    let next = counters.get("next")?.map_or(0, |next| next.value());
                    counters.insert("next", next + 1)?;
                    orders.insert(credential.id.as_slice(), next)?;
                    next
                }
            };
            if credential.discoverable {
                discoverable.insert(indexed(&account, order).as_slice(), ())?;
            }
            credentials.insert(order, record::encode(credential).as_slice())?;
            Ok(())
        })
    }

    fn remove(&mut self, id: &[u8]) -> Result<bool, StoreError> {
        let Some((order, record)) = self.record(id)? else { return Ok(false) };
        let account = self.account_key(order, &record)?;
        self.wrote = true;
        self.note(Change::Remove(id.to_vec()));
        self.with("write the credential store", |transaction| {
            transaction.open_table(ORDER)?.remove(id)?;
            transaction.open_table(CREDENTIALS)?.remove(order)?;
            if let Some(account) = account {
                transaction.open_table(DISCOVERABLE)?.remove(indexed(&account, order).as_slice())?;
            }
            Ok(true)
        })
    }

    fn next_global_count(&mut self) -> Result<u32, StoreError> {
        let count = self.with("write the credential store", |transaction| {
            let mut counters = transaction.open_table(COUNTERS)?;
            let count = counters.get("global_count")?.map_or(0, |count| count.value()) + 1;
            counters.insert("global_count", count)?;
            Ok(count)
        })?;
        u32::try_from(count).map_err(|_| StoreError::CounterExhausted)
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { begun, changes, wrote: _, mut turn, store } = *self;
        // Whatever stops this leaves an empty cache.
        let mut cache = std::mem::take(&mut turn.cache);
        let committed = begun.map_or(Ok(()), WriteTransaction::commit);
        committed.map_err(|e| store.database_error("write the credential store", e))?;
        if let Some(changes) = changes {
            cache.apply(changes);
            turn.cache = cache;
        }
        Ok(())
    }
}

/// No byte of a text: it ends the RP ID in an index.
const NO_TEXT: u8 = 0xff;

/// A relying party and a user handle.
fn account_key(rp_id: &str, user_id: &[u8]) -> Vec<u8> {
    [rp_id.as_bytes(), &[NO_TEXT], user_id].concat()
}

/// The key of a credential in [`DISCOVERABLE`].
fn indexed(account: &[u8], order: u64) -> Vec<u8> {
    [account, &order.to_be_bytes()].concat()
}

/// The order of creation in such a key.
fn order_of(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|order| u64::from_be_bytes(*order))
}

/// The discoverable credentials of an account.
fn of_account(
    index: &impl ReadableTable<&'static [u8], ()>,
    account: &[u8],
) -> Result<Vec<u64>, redb::Error> {
    let mut orders = Vec::new();
    for entry in index.range(indexed(account, 0).as_slice()..=indexed(account, u64::MAX).as_slice())? {
        let (key, _) = entry?;
        // Between them may be longer user handles.
        if key.value().len() == account.len() + size_of::<u64>() && key.value().starts_with(account) {
            orders.extend(order_of(key.value()));
        }
    }
    Ok(orders)
}

/// The database's view of the file: everything behind the header.
#[derive(Debug)]
struct DatabaseFile {
    file: Mutex<File>,
}

impl DatabaseFile {
    fn at(&self, offset: u64) -> io::Result<std::sync::MutexGuard<'_, File>> {
        let mut file = self.file.lock().map_err(|_| io::Error::other("another thread panicked"))?;
        file.seek(SeekFrom::Start(HEADER_LENGTH + offset))?;
        Ok(file)
    }
}

impl redb::StorageBackend for DatabaseFile {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.at(0)?.metadata()?.len().saturating_sub(HEADER_LENGTH))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.at(offset)?.read_exact(out)
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.at(0)?.set_len(HEADER_LENGTH + len)
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.at(0)?.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.at(offset)?.write_all(data)
    }
}

fn write_header(mut file: &File, state: u8) -> io::Result<()> {
    let [high, low] = VERSION.to_be_bytes();
    file.seek(SeekFrom::Start(0))?;
    // One write within one page: a kill leaves all of it or nothing.
    file.write_all(&[&MAGIC[..], &[state, high, low]].concat())?;
    file.sync_data()
}

/// Whether the file is as the last who closed it left it.
fn is_as_left(file: &mut File) -> bool {
    let read = |file: &mut File| {
        let mut note = [0; 16];
        file.seek(SeekFrom::Start(LEFT_AT))?;
        file.read_exact(&mut note)?;
        Ok::<_, io::Error>((note, file.metadata()?))
    };
    let Ok((note, metadata)) = read(file) else { return false };
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    let seconds = modified.filter(|time| time.subsec_nanos() == 0).map(|time| time.as_secs());
    seconds.is_some_and(|seconds| note == note_of(metadata.len(), seconds))
}

/// Notes how the file is left. The time of modification is set to what the note says: an even number of seconds, which
/// every file system can keep and no other writer leaves but by chance.
fn note_as_left(file: &mut File) -> io::Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(io::Error::other)?;
    let seconds = now.as_secs() & !1;
    file.seek(SeekFrom::Start(LEFT_AT))?;
    file.write_all(&note_of(file.metadata()?.len(), seconds))?;
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

fn note_of(length: u64, seconds: u64) -> [u8; 16] {
    u128::to_be_bytes(u128::from(length) << 64 | u128::from(seconds))
}

#[cfg(unix)]
fn open_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Takes the file from everybody but its owner.
#[cfg(unix)]
fn restrict(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = file.metadata()?.permissions();
    match permissions.mode() & 0o077 {
        0 => Ok(()),
        _ => file.set_permissions(std::fs::Permissions::from_mode(0o600)),
    }
}

#[cfg(not(unix))]
fn restrict(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::authenticator::store::tests::{keeps_what_a_list_would, turns};
    use crate::crypto::{KeyPair, PublicKey};
    use crate::webauthn::User;

    fn credential(id: u8) -> Credential {
        Credential {
            id: vec![id; 16],
            rp_id: "example.org".into(),
            user: User { id: vec![id], name: String::new(), display_name: String::new() },
            key: KeyPair::from_p256_scalar(&[3; 32]).unwrap(),
            discoverable: id != 2,
            sign_count: 0,
            backup_eligible: false,
            backup_state: false,
        }
    }

    fn store(path: &Path) -> FileStore {
        let mut store = FileStore::new(path);
        let mut transaction = store.begin().unwrap();
        [1, 2, 3].iter().for_each(|id| transaction.put(&credential(*id)).unwrap());
        transaction.commit().unwrap();
        store
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_file_and_its_cache_keep_what_a_list_would(turns in turns()) {
            let directory = tempfile::tempdir().unwrap();
            let mut store = FileStore::exclusive(directory.path().join("s")).unwrap();
            keeps_what_a_list_would(&mut store, turns, |_| {});
        }
    }

    #[test]
    fn nothing_is_believed_after_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        drop(store(&path));
        let store = FileStore::exclusive(&path).unwrap();
        let begin = || store.transaction(Arc::clone(store.kept_open.as_ref().unwrap()));
        let known = || begin().turn.cache.find(&[1; 16]).is_some();
        begin().find(&[1; 16]).unwrap();
        assert!(known());
        let mut transaction = begin();
        transaction.with("fail", |_| Err::<(), _>(redb::Error::Corrupted(String::new()))).unwrap_err();
        Box::new(transaction).commit().unwrap();
        assert!(!known());
    }

    #[test]
    fn a_store_of_version_1_gets_its_index() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        let mut store = store(&path);
        let open = store.database().unwrap();
        let transaction = open.database.begin_write().unwrap();
        assert!(transaction.delete_table(DISCOVERABLE).unwrap());
        transaction.commit().unwrap();
        drop(open);
        let mut file = OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(16)).unwrap();
        file.write_all(&1_u16.to_be_bytes()).unwrap();
        drop(file);
        for _ in 0..2 {
            let found = store.begin().unwrap().discoverable("example.org").unwrap();
            assert_eq!(found, [credential(3), credential(1)]);
        }
        let mut file = open_private(&path).unwrap();
        assert_eq!(store.check_header(&mut file).unwrap(), (READY, VERSION));
    }

    #[test]
    fn a_credential_whose_key_cannot_be_read_can_be_removed_and_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = store(&directory.path().join("s"));
        let mut transaction = store.begin().unwrap();
        for id in [1, 3] {
            // A secret of 32 bytes is none of Ed448's.
            let key = credential(id).key;
            let key = KeyPair::from_parts(key.private().clone(), PublicKey::Ed448([5; 57]));
            transaction.put(&Credential { key, ..credential(id) }).unwrap();
        }
        assert!(transaction.find(&[1; 16]).is_err());
        assert!(transaction.remove(&[1; 16]).unwrap());
        transaction.put(&credential(3)).unwrap();
        assert_eq!(transaction.all().unwrap(), [credential(3), credential(2)]);
        assert_eq!(transaction.discoverable("example.org").unwrap(), [credential(3)]);
    }

    #[test]
    fn who_touches_the_file_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        let mut store = store(&path);
        let is_as_left = || super::is_as_left(&mut open_private(&path).unwrap());
        assert!(is_as_left());
        drop(store.begin().unwrap());
        assert!(is_as_left());
        let open = store.database().unwrap();
        assert!(!is_as_left(), "while it is open");
        drop(open);
        assert!(is_as_left());
        // The same bytes, but written by somebody.
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        assert!(!is_as_left());
        assert_eq!(store.begin().unwrap().all().unwrap().len(), 3);
        assert!(is_as_left());
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&[0]).unwrap();
        assert!(!is_as_left());
    }
}
