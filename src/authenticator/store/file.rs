//! Credentials in a file: a header of our own, then a redb database.
//!
//! The header says whose file this is before anything is written to it, and carries the lock. A transaction opens
//! the file, waits for the lock, and closes it again, so that processes take turns. What redb has committed
//! survives a kill at any moment.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};
use zeroize::Zeroizing;

use super::record::RecordError;
use super::{Credential, CredentialStore, StoreError, Transaction, record, supersedes};

const MAGIC: &[u8; 15] = b"stuntkey store\n";
const VERSION: u16 = 1;
/// The database begins here.
const HEADER_LENGTH: u64 = 4096;

/// The header's state byte: the database behind it is being made, and holds nothing yet.
const FRESH: u8 = 0;
/// The database is in use.
const READY: u8 = 1;

/// Credentials by their order of creation.
const CREDENTIALS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("credentials");
/// Credential id → order of creation.
const ORDER: TableDefinition<'_, &[u8], u64> = TableDefinition::new("order");
/// `global_count`, `next`.
const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");

/// Credentials in a file of mode 0600.
///
/// A transaction holds the file's lock: a second one in the same thread, on a clone, would wait for ever.
#[derive(Debug, Clone)]
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    /// The store at `path`, which the first transaction opens, or makes. The directory must be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
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

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for the lock and opens the database.
    fn database(&self) -> Result<Database, StoreError> {
        let mut file = open_private(&self.path).map_err(|e| self.io("open the credential store", e))?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            let found = "no regular file".into();
            return Err(StoreError::NotAStore { path: self.path.clone(), found });
        }
        file.lock().map_err(|e| self.io("lock the credential store", e))?;
        let state = self.check_header(&mut file)?;
        restrict(&file).map_err(|e| self.io("restrict the credential store to its owner", e))?;
        if state == FRESH {
            // Whatever stands behind the header was never used: its maker was stopped before it was done.
            write_header(&mut file, FRESH)
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
        // Damage is an error here, before a walk through a broken tree could end in a panic.
        let database = Database::builder()
            .set_check_integrity_on_open(true)
            .create_with_backend(DatabaseFile { file: Mutex::new(file) })
            .map_err(|e| self.database_error("open the credential store", e))?;
        if state == FRESH {
            let mut handle = handle;
            write_header(&mut handle, READY)
                .and_then(|()| sync_directory(&self.path))
                .map_err(|e| self.io("write the credential store", e))?;
        }
        Ok(database)
    }

    /// The state byte of a header that is ours, or [`FRESH`] for an empty file.
    fn check_header(&self, file: &mut File) -> Result<u8, StoreError> {
        let mut header = Vec::new();
        Read::by_ref(file)
            .take(18)
            .read_to_end(&mut header)
            .map_err(|e| self.io("read the credential store", e))?;
        if header.is_empty() {
            return Ok(FRESH);
        }
        match header.split_first_chunk() {
            Some((magic, &[state @ (FRESH | READY), high, low])) if magic == MAGIC => {
                match u16::from_be_bytes([high, low]) {
                    VERSION => Ok(state),
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
        let database = self.database()?;
        let transaction =
            database.begin_write().map_err(|e| self.database_error("write the credential store", e))?;
        Ok(Box::new(FileTransaction { transaction, _database: database, store: self }))
    }
}

struct FileTransaction<'a> {
    // Dropped before the database, which closes the file and so gives up the lock.
    transaction: WriteTransaction,
    _database: Database,
    store: &'a FileStore,
}

impl FileTransaction<'_> {
    fn decode(&self, order: u64, record: &[u8]) -> Result<Credential, StoreError> {
        let path = || self.store.path.clone();
        record::decode(record).map_err(|error| match error {
            RecordError::Damaged(why) => {
                StoreError::Corrupt { path: path(), reason: format!("credential record {order}: {why}") }
            }
            RecordError::Key(reason) => StoreError::Key { path: path(), record: order, reason },
        })
    }

    /// Runs `work` on the open tables.
    fn with<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        work(&self.transaction).map_err(|e| self.store.database_error(action, e))
    }

    /// Every record, newest first.
    fn records(&self) -> Result<Vec<(u64, Credential)>, StoreError> {
        let records: Vec<(u64, Zeroizing<Vec<u8>>)> =
            self.with("read the credential store", |transaction| {
                let mut records = Vec::new();
                for entry in transaction.open_table(CREDENTIALS)?.iter()?.rev() {
                    let (order, record) = entry?;
                    records.push((order.value(), Zeroizing::new(record.value().to_vec())));
                }
                Ok(records)
            })?;
        records.into_iter().map(|(order, record)| Ok((order, self.decode(order, &record)?))).collect()
    }
}

impl Transaction for FileTransaction<'_> {
    fn find(&mut self, id: &[u8]) -> Result<Option<Credential>, StoreError> {
        let found = self.with("read the credential store", |transaction| {
            let Some(order) = transaction.open_table(ORDER)?.get(id)?.map(|order| order.value()) else {
                return Ok(None);
            };
            let record =
                transaction.open_table(CREDENTIALS)?.get(order)?.map(|r| Zeroizing::new(r.value().to_vec()));
            Ok(record.map(|record| (order, record)))
        })?;
        found.map(|(order, record)| self.decode(order, &record)).transpose()
    }

    fn all(&mut self) -> Result<Vec<Credential>, StoreError> {
        Ok(self.records()?.into_iter().map(|(_, credential)| credential).collect())
    }

    fn put(&mut self, credential: &Credential) -> Result<(), StoreError> {
        let exists = self.with("read the credential store", |transaction| {
            Ok(transaction.open_table(ORDER)?.get(credential.id.as_slice())?.is_some())
        })?;
        if !exists && credential.discoverable {
            for (_, other) in self.records()? {
                if supersedes(credential, &other) {
                    self.remove(&other.id)?;
                }
            }
        }
        self.with("write the credential store", |transaction| {
            let mut orders = transaction.open_table(ORDER)?;
            let existing = orders.get(credential.id.as_slice())?.map(|order| order.value());
            let order = match existing {
                Some(order) => order,
                None => {
                    let mut counters = transaction.open_table(COUNTERS)?;
                    let next = counters.get("next")?.map_or(0, |next| next.value());
                    counters.insert("next", next + 1)?;
                    orders.insert(credential.id.as_slice(), next)?;
                    next
                }
            };
            transaction.open_table(CREDENTIALS)?.insert(order, record::encode(credential).as_slice())?;
            Ok(())
        })
    }

    fn remove(&mut self, id: &[u8]) -> Result<bool, StoreError> {
        self.with("write the credential store", |transaction| {
            let Some(order) = transaction.open_table(ORDER)?.remove(id)?.map(|order| order.value()) else {
                return Ok(false);
            };
            transaction.open_table(CREDENTIALS)?.remove(order)?;
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
        let Self { transaction, _database, store } = *self;
        transaction.commit().map_err(|e| store.database_error("write the credential store", e))
    }
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

fn write_header(file: &mut File, state: u8) -> io::Result<()> {
    let [high, low] = VERSION.to_be_bytes();
    file.seek(SeekFrom::Start(0))?;
    // One write within one page: a kill leaves all of it or nothing.
    file.write_all(&[&MAGIC[..], &[state, high, low]].concat())?;
    file.sync_data()
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
