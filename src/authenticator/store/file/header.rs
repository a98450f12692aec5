//! The first sector of the file: whose file this is, how it was left, and the header of the database behind it.
//!
//! ```text
//! 0    "stuntkey store\n"
//! 15   state
//! 16   version, big endian, as all numbers here
//! 18   process id of whoever opened the file last, 4 bytes
//! 22   how many transactions were confirmed, 8 bytes
//! 64   redb's own header, 320 bytes
//! 480  SHA-256 of all of this before it
//! ```
//!
//! All of it is written at once, and a sector is written whole or not at all.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::crypto::sha256;

const MAGIC: &[u8; 15] = b"stuntkey store\n";
/// Version 1 had no index of discoverable credentials, and versions 1 and 2 had no checksums.
pub(super) const VERSION: u16 = 3;
/// The length of the part of the file that has no blocks.
pub(super) const HEADER_LENGTH: u64 = 4096;
/// The length of redb's header.
pub(super) const DATABASE_HEADER: usize = 320;

const SECTOR: usize = 512;
/// The magic, the state and the version: what every version has.
const PREFIX: usize = 18;
/// Between the counts and redb's header, and between that and the checksum.
const PADDING: [usize; 2] = [34, 96];

/// How the file was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The database is being made, and was never used.
    Fresh,
    /// Whoever used it closed it.
    Closed,
    /// It is in use, or whoever used it was stopped.
    Open,
    /// A complete store stands in another file, from which it is being copied here.
    Moving,
}

impl State {
    const ALL: [(Self, u8); 4] = [(Self::Fresh, 0), (Self::Closed, 1), (Self::Open, 2), (Self::Moving, 3)];

    fn byte(self) -> u8 {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or(0, |(_, byte)| *byte)
    }

    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == byte).map(|(state, _)| *state)
    }
}

/// The header of a store of this version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) state: State,
    /// The process that opened the file last.
    pub(super) holder: u32,
    /// How many transactions were confirmed to whoever made them.
    pub(super) commits: u64,
    pub(super) database: [u8; DATABASE_HEADER],
}

/// What a file begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An empty file.
    Nothing,
    Header(Box<Header>),
    /// The header of an older version; `fresh` if it says that its database was never used.
    Old {
        version: u16,
        fresh: bool,
    },
    /// The header of a version that this build does not know.
    OtherVersion(u16),
    /// A header that is not as it was written.
    Damaged,
    /// Something else: how it begins.
    NotAStore(String),
}

impl Header {
    /// The header of a store that is being made.
    pub(super) fn fresh() -> Self {
        Self { state: State::Fresh, holder: std::process::id(), commits: 0, database: [0; DATABASE_HEADER] }
    }

    pub(super) fn write(&self, file: &mut File) -> io::Result<()> {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&self.to_bytes())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let [before, behind] = PADDING.map(|length| vec![0; length]);
        let mut bytes = [
            MAGIC,
            &[self.state.byte()][..],
            &VERSION.to_be_bytes(),
            &self.holder.to_be_bytes(),
            &self.commits.to_be_bytes(),
            &before,
            &self.database,
            &behind,
        ]
        .concat();
        bytes.extend(sha256(&[&bytes]));
        debug_assert_eq!(bytes.len(), SECTOR);
        bytes
    }

    /// The header in a sector whose checksum is right.
    fn from_bytes(sector: &[u8; SECTOR]) -> Option<Self> {
        let (content, checksum) = sector.split_last_chunk::<32>()?;
        if *checksum != sha256(&[content]) {
            return None;
        }
        let (prefix, rest) = content.split_first_chunk::<PREFIX>()?;
        let (holder, rest) = rest.split_first_chunk()?;
        let (commits, rest) = rest.split_first_chunk()?;
        let (_, rest) = rest.split_at_checked(PADDING[0])?;
        let (database, _) = rest.split_first_chunk()?;
        let [.., state, _, _] = prefix;
        Some(Self {
            state: State::from_byte(*state)?,
            holder: u32::from_be_bytes(*holder),
            commits: u64::from_be_bytes(*commits),
            database: *database,
        })
    }
}

/// Reads what the file begins with.
pub(super) fn read(file: &mut File) -> io::Result<Found> {
    let mut sector = Vec::with_capacity(SECTOR);
    file.seek(SeekFrom::Start(0))?;
    Read::by_ref(file).take(512).read_to_end(&mut sector)?;
    Ok(found(&sector))
}

pub(super) fn found(sector: &[u8]) -> Found {
    if sector.is_empty() {
        return Found::Nothing;
    }
    match sector.split_first_chunk() {
        Some((magic, [state, high, low, ..])) if magic == MAGIC => {
            match (u16::from_be_bytes([*high, *low]), state) {
                (version @ 1..VERSION, 0 | 1) => Found::Old { version, fresh: *state == 0 },
                (1..VERSION, _) => Found::Damaged,
                (VERSION, _) => {
                    let header = sector.first_chunk().and_then(Header::from_bytes);
                    header.map_or(Found::Damaged, |header| Found::Header(Box::new(header)))
                }
                (other, _) => Found::OtherVersion(other),
            }
        }
        _ => {
            let start = sector.get(..PREFIX).unwrap_or(sector);
            Found::NotAStore(format!("a file that begins with {:?}", String::from_utf8_lossy(start)))
        }
    }
}

/// The process that has the file open, if its header says so. To be asked of a file that another process has locked.
pub(super) fn holder(file: &mut File) -> Option<u32> {
    match read(file) {
        Ok(Found::Header(header)) if matches!(header.state, State::Open | State::Fresh) => {
            Some(header.holder)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Header {
        let database = std::array::from_fn(|place| u8::try_from(place % 251).unwrap());
        Header { state: State::Open, holder: 4711, commits: 7, database }
    }

    #[test]
    fn a_header_comes_back_and_no_changed_bit_goes_unseen() {
        let sector = sample().to_bytes();
        assert_eq!(found(&sector), Found::Header(Box::new(sample())));
        for place in 0..sector.len() {
            for bit in 0..8 {
                let mut changed = sector.clone();
                changed[place] ^= 1 << bit;
                assert!(
                    matches!(found(&changed), Found::Damaged | Found::OtherVersion(_) | Found::NotAStore(_)),
                    "bit {bit} of byte {place}"
                );
            }
        }
        for length in 1..sector.len() {
            assert!(matches!(found(&sector[..length]), Found::Damaged | Found::NotAStore(_)), "{length}");
        }
    }
}
