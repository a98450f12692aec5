//! Stores of versions 1 and 2, which are brought to this version.
//!
//! A complete store of this version is written to a file beside the old one. Then the old header is replaced by one
//! that says so, and then the rest of the file. Whoever finds such a header, after a kill, copies once more.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::{Database, ReadableDatabase, ReadableTable, TableError};

use super::blocks::Blocks;
use super::header::{self, Found, HEADER_LENGTH, Header, State};
use super::open_private;
use super::tables::{self, COUNTERS, CREDENTIALS};
use crate::authenticator::store::StoreError;

/// Brings an old store to this version. `false` if there was none, as its maker was stopped before it was used.
pub(super) fn from_old_version(
    file: &mut File,
    path: &Path,
    version: u16,
    fresh: bool,
) -> Result<bool, StoreError> {
    let failed = |error: io::Error| failed(path, &error);
    let corrupt = |reason: String| StoreError::Corrupt {
        path: path.to_owned(),
        reason: format!("the store of version {version} is damaged: {reason}"),
    };
    // In these versions one changed bit makes a store that is in use look fresh, so the database decides.
    if fresh && !begins_with_database(file).map_err(failed)? {
        return Ok(false);
    }
    if file.metadata().map_err(failed)?.len() <= HEADER_LENGTH {
        return Err(corrupt("the file ends before its database".into()));
    }
    let old = OldFile(Mutex::new(file.try_clone().map_err(failed)?));
    let open = || Database::builder().set_check_integrity_on_open(true).create_with_backend(old);
    // Nothing but redb's own checksums is there, so a panic of its has to be reckoned with.
    let old = std::panic::catch_unwind(std::panic::AssertUnwindSafe(open))
        .map_err(|_| corrupt("its database cannot be read".into()))?
        .map_err(|error| corrupt(redb::Error::from(error).to_string()))?;
    copy(&old, &beside(path)).map_err(|reason| corrupt(reason.to_string()))?;
    drop(old);
    Header { state: State::Moving, ..Header::fresh() }
        .write(file)
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    finish(file, path).map(|()| true)
}

/// Copies the complete store to its place.
pub(super) fn finish(file: &mut File, path: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| failed(path, &error);
    let beside = beside(path);
    let mut new = File::open(&beside).map_err(|error| StoreError::Corrupt {
        path: path.to_owned(),
        reason: format!(
            "the store is being moved from {}, which cannot be opened: {error}",
            beside.display()
        ),
    })?;
    let header = match header::read(&mut new).map_err(failed)? {
        Found::Header(header) if header.state == State::Closed => header,
        _ => {
            let reason = "it is no complete credential store, from which another is being moved".into();
            return Err(StoreError::Corrupt { path: beside, reason });
        }
    };
    copy_blocks(&mut new, file)
        .and_then(|()| header.write(file))
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    fs::remove_file(&beside).map_err(failed)
}

/// Copies what stands behind the header.
fn copy_blocks(from: &mut File, to: &mut File) -> io::Result<()> {
    from.seek(SeekFrom::Start(HEADER_LENGTH))?;
    to.seek(SeekFrom::Start(HEADER_LENGTH))?;
    let length = io::copy(from, to)?;
    to.set_len(HEADER_LENGTH + length)?;
    to.sync_all()
}

/// Where the new store is made.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

fn failed(path: &Path, error: &io::Error) -> StoreError {
    let action = "bring the credential store to version 3";
    StoreError::Io { path: path.to_owned(), action, reason: error.to_string() }
}

/// Makes a store of what another one holds.
pub(super) fn copy(old: &Database, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut file = open_private(path)?;
    let header = Header::fresh();
    header.write(&mut file)?;
    file.set_len(HEADER_LENGTH)?;
    let blocks = Blocks::new(file, header);
    let new = Database::builder().create_with_backend(blocks.clone())?;
    let (from, to) = (old.begin_read()?, new.begin_write()?);
    if let Some(credentials) = if_there(from.open_table(CREDENTIALS))? {
        for entry in credentials.iter()? {
            let (order, record) = entry?;
            tables::take_over(&to, order.value(), record.value())?;
        }
    }
    if let Some(counters) = if_there(from.open_table(COUNTERS))? {
        for entry in counters.iter()? {
            let (name, count) = entry?;
            to.open_table(COUNTERS)?.insert(name.value(), count.value())?;
        }
    }
    to.commit()?;
    drop(new);
    blocks.set_state(State::Closed)?;
    Ok(blocks.sync()?)
}

/// A table, unless nothing was ever put into it.
fn if_there<T>(opened: Result<T, TableError>) -> Result<Option<T>, TableError> {
    match opened {
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        opened => opened.map(Some),
    }
}

/// Whether an old header is followed by a database.
fn begins_with_database(file: &mut File) -> io::Result<bool> {
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(HEADER_LENGTH))?;
    file.take(9).read_to_end(&mut start)?;
    Ok(start == b"redb\x1a\n\xa9\r\n")
}

/// The database of an old store: everything behind the header.
#[derive(Debug)]
pub(super) struct OldFile(pub(super) Mutex<File>);

impl OldFile {
    fn at(&self, offset: u64) -> io::Result<MutexGuard<'_, File>> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(HEADER_LENGTH + offset))?;
        Ok(file)
    }
}

impl redb::StorageBackend for OldFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.at(0)?.metadata()?.len().saturating_sub(HEADER_LENGTH))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.at(offset)?.read_exact(out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.at(0)?.set_len(HEADER_LENGTH + len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.at(0)?.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.at(offset)?.write_all(data)
    }
}
