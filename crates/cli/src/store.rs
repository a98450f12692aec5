//! The credential store that the arguments name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use stuntkey::authenticator::{CredentialStore, FileStore, MemoryStore, StoreError, Transaction};

use crate::arguments;
use crate::failure::Failure;
use crate::output::Output;

/// What `--store` calls the store that no file keeps. A file of that name is `./memory`.
pub(crate) const MEMORY: &str = "memory";

/// A store for ceremonies.
pub(crate) enum Store {
    File(FileStore),
    Memory(MemoryStore),
}

impl Store {
    /// What `--store` calls it.
    pub(crate) fn place(&self) -> &Path {
        match self {
            Store::File(store) => store.path(),
            Store::Memory(_) => Path::new(MEMORY),
        }
    }
}

impl CredentialStore for Store {
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        match self {
            Store::File(store) => store.begin(),
            Store::Memory(store) => store.begin(),
        }
    }
}

/// The store that is named, or the one in the user's data directory.
pub(crate) fn open(arguments: &arguments::Store, output: &Output) -> Result<Store, Failure> {
    match is_memory(arguments) {
        true => Ok(Store::Memory(MemoryStore::default())),
        false => file(arguments, output).map(Store::File),
    }
}

/// The same, for a command that is about what a file keeps.
pub(crate) fn file(arguments: &arguments::Store, output: &Output) -> Result<FileStore, Failure> {
    if is_memory(arguments) {
        let why = "found memory, which keeps nothing from one command to the next, expected a file";
        return Err(Failure::Usage(format!("--store: {why}")));
    }
    let file = match &arguments.place {
        Some(file) => file.clone(),
        None => default_file()?,
    };
    if fs::metadata(&file).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0) {
        output.warning(&format!("{}: the file is empty, and is taken for a new store", file.display()));
    }
    let tell = output.clone();
    Ok(FileStore::new(file).lock_timeout(arguments.lock_timeout).on_wait(move |wait| {
        let holder = match wait.holder {
            Some(id) => format!("process {id}"),
            None => "another process".to_owned(),
        };
        let timeout = humantime::format_duration(wait.timeout);
        tell.note(&format!(
            "waiting for {holder}, which holds {}, for {timeout} at most",
            wait.path.display()
        ));
    }))
}

/// Whether the store has something in it that can be read. Looking at a store does not make one.
pub(crate) fn is_there(store: &FileStore) -> bool {
    fs::metadata(store.path()).is_ok_and(|metadata| !metadata.is_file() || metadata.len() > 0)
}

fn is_memory(arguments: &arguments::Store) -> bool {
    arguments.place.as_deref() == Some(Path::new(MEMORY))
}

fn default_file() -> Result<PathBuf, Failure> {
    use etcetera::BaseStrategy;
    let base = etcetera::choose_base_strategy().map_err(|error| {
        Failure::Tool(format!("no data directory ({error}): name a store by --store FILE"))
    })?;
    let directory = base.data_dir().join("stuntkey");
    make_private(&directory).map_err(|error| {
        Failure::Tool(format!("{}: cannot make the directory: {error}", directory.display()))
    })?;
    Ok(directory.join("credentials.store"))
}

/// Makes a directory that its owner alone may use, whatever the umask.
#[cfg(unix)]
fn make_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    match fs::metadata(directory)?.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(directory, fs::Permissions::from_mode(0o700)),
    }
}

#[cfg(not(unix))]
fn make_private(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}
