//! Credentials in a file: a header of our own, then the blocks of a redb database.
//!
//! The [`header`] says whose file this is before anything is written to it. A transaction opens the file, waits for
//! its lock, and closes it again, so that processes take turns. What was committed survives a kill at any moment.
//!
//! Damage is an error, and neither a panic in the middle of a broken tree nor an empty store: the header and every
//! [block](blocks) have a checksum, which is looked at whenever they are read. Where the file was not closed, redb
//! reads all of it before it is used; and should redb then go back to an earlier state of it, the header knows whether
//! the later one was confirmed to somebody.

mod blocks;
mod cache;
mod header;
mod lock;
mod migrate;
mod open;
mod tables;
mod transaction;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use redb::Database;

use super::{CredentialStore, StoreError, Transaction};
use blocks::Blocks;
use header::{Found, HEADER_LENGTH, Header, State};
pub use lock::StoreWait;
use lock::Waiting;
use open::{Closing, Open, Turn, database_error};
use transaction::FileTransaction;

const OPEN: &str = "open the credential store";
const READ: &str = "read the credential store";
const WRITE: &str = "write the credential store";

/// Credentials in a file of mode 0600.
///
/// A transaction holds the file's lock. Others wait for it, those of other processes and those of this one, and fail
/// with [`StoreError::Locked`] when the [time](Self::lock_timeout) for that is over. So does a second transaction in
/// the thread of the first.
#[derive(Clone)]
pub struct FileStore {
    path: PathBuf,
    waiting: Waiting,
    kept_open: Option<Arc<Open>>,
}

impl FileStore {
    /// The store at `path`, which the first transaction opens, or makes. The directory must be there.
    ///
    /// An empty file becomes a new store, so that one from `mktemp` can be named.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), waiting: Waiting::default(), kept_open: None }
    }

    /// How long a transaction waits for the file while somebody else holds it. Default: 30 seconds.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.waiting.timeout = timeout;
        self
    }

    /// What is called, once for each wait, when a transaction has waited for half a second.
    #[must_use]
    pub fn on_wait(mut self, tell: impl Fn(&StoreWait<'_>) + Send + Sync + 'static) -> Self {
        self.waiting.tell = Some(Arc::new(tell));
        self
    }

    /// Opens the store at `path`, or makes it. The directory must be there.
    ///
    /// # Errors
    /// [`StoreError`]; a file that is no store is left untouched.
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
    #[doc(hidden)]
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
        let mut file = open_private(&self.path).map_err(|e| self.io(OPEN, e))?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            let found = "no regular file".into();
            return Err(StoreError::NotAStore { path: self.path.clone(), found });
        }
        self.waiting.lock(&mut file, &self.path)?;
        let header = self.current(&mut file)?;
        restrict(&file).map_err(|e| self.io("restrict the credential store to its owner", e))?;
        match header.state {
            State::Fresh => self.make(file),
            _ => self.reopen(file, header),
        }
    }

    /// The header of a store of this version, to which an older one is brought.
    fn current(&self, file: &mut File) -> Result<Header, StoreError> {
        let path = || self.path.clone();
        match header::read(file).map_err(|e| self.io(READ, e))? {
            Found::Nothing => Ok(Header::fresh()),
            Found::Header(header) if header.state == State::Moving => {
                migrate::finish(file, &self.path)?;
                self.current(file)
            }
            Found::Header(header) => Ok(*header),
            Found::Old { version, fresh } => {
                match migrate::from_old_version(file, &self.path, version, fresh)? {
                    true => self.current(file),
                    false => Ok(Header::fresh()),
                }
            }
            Found::OtherVersion(found) => {
                Err(StoreError::Version { path: path(), found, expected: header::VERSION })
            }
            Found::Damaged => {
                let reason = "the header is not as it was written: its checksum is wrong".into();
                Err(StoreError::Corrupt { path: path(), reason })
            }
            Found::NotAStore(found) => Err(StoreError::NotAStore { path: path(), found }),
        }
    }

    /// Makes the database anew. Whatever stands behind the header was never used: its maker was stopped.
    fn make(&self, mut file: File) -> Result<Arc<Open>, StoreError> {
        let header = Header::fresh();
        header
            .write(&mut file)
            .and_then(|()| file.set_len(HEADER_LENGTH))
            .and_then(|()| file.sync_all())
            .map_err(|e| self.io(WRITE, e))?;
        let open = self.opened(Blocks::new(file, header), false)?;
        // From here on the database may be used, and is never made anew.
        let blocks = &open.blocks.0;
        blocks
            .set_state(State::Open)
            .and_then(|()| blocks.sync())
            .and_then(|()| sync_directory(&self.path))
            .map_err(|e| self.io(WRITE, e))?;
        Ok(open)
    }

    fn reopen(&self, file: File, header: Header) -> Result<Arc<Open>, StoreError> {
        let length = file.metadata().map_err(|e| self.io(READ, e))?.len();
        if length <= HEADER_LENGTH {
            // redb would begin anew.
            let reason = "the file ends before its database".into();
            return Err(StoreError::Corrupt { path: self.path.clone(), reason });
        }
        let (closed, confirmed) = (header.state == State::Closed, header.commits);
        let header = Header { state: State::Open, holder: std::process::id(), ..header };
        let blocks = Blocks::new(file, header);
        blocks.set_state(State::Open).map_err(|e| self.io(WRITE, e))?;
        let open = self.opened(blocks, !closed)?;
        if !closed {
            let mut transaction = FileTransaction::new(Turn::take(Arc::clone(&open), &self.waiting)?, false);
            let kept = transaction.commits()?;
            if kept < confirmed {
                open.blocks.0.fail();
                let lost = confirmed - kept;
                let reason =
                    format!("it was not closed, and its last {lost} confirmed transactions are damaged");
                return Err(StoreError::Corrupt { path: self.path.clone(), reason });
            }
        }
        Ok(open)
    }

    /// Opens the database; `check` reads all of it first.
    fn opened(&self, blocks: Blocks, check: bool) -> Result<Arc<Open>, StoreError> {
        blocks.set_lenient(check);
        let closing = Closing(blocks.clone());
        let database = Database::builder()
            .set_check_integrity_on_open(check)
            .create_with_backend(blocks.clone())
            .map_err(|error| {
                blocks.fail();
                database_error(&self.path, &blocks, OPEN, error.into())
            })?;
        blocks.set_lenient(false);
        Ok(Open::new(&self.path, database, closing))
    }

    fn io(&self, action: &'static str, error: io::Error) -> StoreError {
        StoreError::Io { path: self.path.clone(), action, reason: error.to_string() }
    }
}

impl CredentialStore for FileStore {
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        let open = match &self.kept_open {
            Some(open) => Arc::clone(open),
            None => self.database()?,
        };
        let turn = Turn::take(open, &self.waiting)?;
        Ok(Box::new(FileTransaction::new(turn, self.kept_open.is_some())))
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exclusive = self.kept_open.is_some();
        f.debug_struct("FileStore").field("path", &self.path).field("exclusive", &exclusive).finish()
    }
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
