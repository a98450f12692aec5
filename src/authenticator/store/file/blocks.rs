//! The file as the database sees it: blocks, each behind its checksum.
//!
//! redb reads and writes whole blocks of 4096 bytes, but for its header, which stands in [`Header`]. In the file each
//! block is followed by the first half of the SHA-256 of its number and its bytes. What redb is given was checked, so
//! no damage leads it astray: neither a changed bit nor a block in another's place.
//!
//! redb never writes over a block that a committed transaction refers to. So a write that is cut short spoils none.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::header::{HEADER_LENGTH, Header, State};
use crate::crypto::sha256;

const BLOCK: usize = 4096;
const CHECKSUM: usize = 16;
/// A block with its checksum.
const STRIDE: usize = BLOCK + CHECKSUM;

/// A block whose checksum is wrong.
#[derive(Debug, Clone, Copy)]
struct Damaged {
    /// Where the block begins in the file.
    offset: u64,
}

/// The open and locked file of a store. Its clones are one.
#[derive(Debug, Clone)]
pub(super) struct Blocks(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    file: File,
    header: Header,
    /// Whether a damaged block is read as zeros, and not as an error.
    lenient: bool,
    damaged: Option<Damaged>,
    /// Whether something could not be read or written.
    failed: bool,
    buffer: Zeroizing<Vec<u8>>,
}

impl Blocks {
    pub(super) fn new(file: File, header: Header) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            file,
            header,
            lenient: false,
            damaged: None,
            failed: false,
            buffer: Zeroizing::new(Vec::new()),
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the header with another state.
    pub(super) fn set_state(&self, state: State) -> io::Result<()> {
        let mut inner = self.inner();
        inner.header.state = state;
        inner.write_header()
    }

    /// Notes that so many transactions are durable and will be confirmed.
    pub(super) fn set_commits(&self, commits: u64) -> io::Result<()> {
        let mut inner = self.inner();
        inner.header.commits = commits;
        inner.write_header()
    }

    /// Whether a damaged block is read as zeros. That is for a database that checks what it reads: a loss of power may
    /// have left blocks half written that belong to a transaction which was never confirmed.
    pub(super) fn set_lenient(&self, lenient: bool) {
        let mut inner = self.inner();
        inner.lenient = lenient;
        inner.damaged = None;
    }

    /// The damage that was met, in words.
    pub(super) fn damage(&self) -> Option<String> {
        self.inner().damaged.map(|Damaged { offset }| {
            format!("the block at byte {offset} is not as it was written: its checksum is wrong")
        })
    }

    /// Leaves the file as one that has to be checked when it is opened next.
    pub(super) fn fail(&self) {
        self.inner().failed = true;
    }

    /// Notes in the header that the database was closed, unless something went wrong before.
    pub(super) fn close(&self) -> io::Result<()> {
        let failed = self.inner().failed;
        match failed || std::thread::panicking() {
            true => Ok(()),
            false => self.set_state(State::Closed),
        }
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.inner().file.sync_all()
    }

    /// Runs what the database asks for. A failure is remembered.
    fn run<T>(&self, work: impl FnOnce(&mut Inner) -> io::Result<T>) -> io::Result<T> {
        let mut inner = self.inner();
        let done = work(&mut inner);
        inner.failed |= done.is_err();
        done
    }
}

impl Inner {
    fn write_header(&mut self) -> io::Result<()> {
        self.header.write(&mut self.file)
    }

    /// Redirects to the part of the header that is the database's.
    fn database_header(&mut self, offset: u64, length: usize) -> io::Result<&mut [u8]> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start.saturating_add(length);
        self.header
            .database
            .get_mut(start..end)
            .ok_or_else(|| io::Error::other("beyond the database's header"))
    }

    fn read_blocks(&mut self, first: u64, out: &mut [u8]) -> io::Result<()> {
        let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
        if !rest.is_empty() {
            return Err(io::Error::other("a part of a block was asked for"));
        }
        self.buffer.resize(blocks.len() * STRIDE, 0);
        self.file.seek(SeekFrom::Start(position(first)?))?;
        self.file.read_exact(&mut self.buffer)?;
        for ((block, stored), number) in
            blocks.iter_mut().zip(self.buffer.as_chunks::<STRIDE>().0).zip(first..)
        {
            let Some((content, checksum)) = stored.split_first_chunk() else { continue };
            if *checksum == checksum_of(number, content) {
                *block = *content;
                continue;
            }
            let damaged = Damaged { offset: position(number)? };
            self.damaged.get_or_insert(damaged);
            if !self.lenient {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a damaged block"));
            }
            *block = [0; BLOCK];
        }
        Ok(())
    }

    fn write_blocks(&mut self, first: u64, data: &[u8]) -> io::Result<()> {
        let (blocks, rest) = data.as_chunks::<BLOCK>();
        if !rest.is_empty() {
            return Err(io::Error::other("a part of a block was to be written"));
        }
        self.buffer.clear();
        for (block, number) in blocks.iter().zip(first..) {
            self.buffer.extend_from_slice(block);
            self.buffer.extend_from_slice(&checksum_of(number, block));
        }
        self.file.seek(SeekFrom::Start(position(first)?))?;
        self.file.write_all(&self.buffer)
    }
}

fn checksum_of(number: u64, block: &[u8; BLOCK]) -> [u8; CHECKSUM] {
    let hash = sha256(&[&number.to_be_bytes(), block]);
    std::array::from_fn(|place| hash.get(place).copied().unwrap_or_default())
}

/// Where a block stands in the file. Block 0 is the header's, and stands nowhere.
fn position(number: u64) -> io::Result<u64> {
    let stride = u64::try_from(STRIDE).map_err(io::Error::other)?;
    let before = number.checked_sub(1).and_then(|before| before.checked_mul(stride));
    let position = before.and_then(|before| before.checked_add(HEADER_LENGTH));
    position.ok_or_else(|| io::Error::other("a block that no file has"))
}

/// The number of the block that begins at this place in the database.
fn block_at(offset: u64) -> io::Result<u64> {
    let block = u64::try_from(BLOCK).map_err(io::Error::other)?;
    match offset % block {
        0 => Ok(offset / block),
        _ => Err(io::Error::other("the middle of a block was asked for")),
    }
}

impl redb::StorageBackend for Blocks {
    fn len(&self) -> io::Result<u64> {
        self.run(|inner| {
            let stride = u64::try_from(STRIDE).map_err(io::Error::other)?;
            let block = u64::try_from(BLOCK).map_err(io::Error::other)?;
            let blocks = inner.file.metadata()?.len().saturating_sub(HEADER_LENGTH);
            match (blocks / stride, blocks % stride) {
                (0, 0) => Ok(0),
                (blocks, 0) => Ok((blocks + 1) * block),
                _ => Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the file ends in the middle of a block",
                )),
            }
        })
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.run(|inner| match block_at(offset) {
            Ok(first) if first > 0 => inner.read_blocks(first, out),
            _ => {
                out.copy_from_slice(inner.database_header(offset, out.len())?);
                Ok(())
            }
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.run(|inner| inner.file.set_len(position(block_at(len)?.max(1))?))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.run(|inner| inner.file.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.run(|inner| match block_at(offset) {
            Ok(first) if first > 0 => inner.write_blocks(first, data),
            _ => {
                inner.database_header(offset, data.len())?.copy_from_slice(data);
                inner.write_header()
            }
        })
    }
}
