//! The array of large blobs, read and written by a platform (CTAP 2.1 §6.10).

use ciborium::Value;
use sha2::{Digest, Sha256};

use super::super::platform::answer::Answer;
use super::super::platform::code::{command, permission};
use super::super::platform::parameters::{Parameters, encode, members};
use super::Stage;
use super::management::Management;
use crate::core::outcome::{Outcome, Stop};

/// What a message has beside a fragment, in bytes (§6.10.2).
const AROUND: u64 = 64;
/// What an array has at its end, in bytes: the beginning of a hash.
const CHECKSUM: usize = 16;
/// No array is longer, in bytes: an authenticator that goes on and on is not believed.
const LONGEST: usize = 1 << 20;

/// An array with its checksum.
pub(crate) fn with_checksum(mut content: Vec<u8>) -> Vec<u8> {
    let hash = Sha256::digest(&content);
    content.extend(hash.iter().take(CHECKSUM));
    content
}

/// The array of an authenticator that is new: an empty one.
pub(crate) fn empty_array() -> Vec<u8> {
    with_checksum(vec![0x80])
}

/// A request to read so many bytes.
pub(crate) fn read(offset: usize, length: usize) -> Parameters {
    let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Parameters::default().with(1, number(length)).with(3, number(offset))
}

impl Stage<'_> {
    /// The longest fragment that a message holds, in bytes.
    pub(crate) fn max_fragment_length(&self) -> usize {
        usize::try_from(self.info.max_msg_size().saturating_sub(AROUND)).unwrap_or(usize::MAX)
    }

    /// The longest array that there is room for, in bytes.
    pub(crate) fn room_for_large_blobs(&self) -> usize {
        self.info.number(0x0b).and_then(|room| usize::try_from(room).ok()).unwrap_or(1024)
    }

    /// An array with one blob in it that no other call gives: it has so many bytes, or some more.
    pub(crate) fn new_array(&mut self, length: usize) -> Vec<u8> {
        let mut ciphertext = self.random().to_vec();
        ciphertext.resize(length.saturating_sub(48).max(32), 7);
        let blob = members! { 1 => ciphertext, 2 => vec![7_u8; 12], 3 => 20 };
        with_checksum(encode(&Value::Array(vec![blob])))
    }

    /// What is read there.
    pub(crate) fn read_fragment(&mut self, offset: usize, length: usize) -> Result<Vec<u8>, Stop> {
        let answer = self.call(command::LARGE_BLOBS, &read(offset, length))?;
        let answer = self.control(answer, "a read of large blobs")?;
        answer.bytes(1).map(<[u8]>::to_vec).ok_or_else(|| Stop::fail("a read of large blobs gave no bytes"))
    }

    /// The whole array.
    pub(crate) fn large_blobs(&mut self) -> Result<Vec<u8>, Stop> {
        let longest = self.max_fragment_length();
        let mut array = Vec::new();
        loop {
            let fragment = self.read_fragment(array.len(), longest)?;
            array.extend_from_slice(&fragment);
            if fragment.len() < longest || array.len() > LONGEST {
                return Ok(array);
            }
        }
    }

    /// Writes an array in fragments of so many bytes, and returns the last answer, or the first that is an error.
    pub(crate) fn write_large_blobs(&mut self, array: &[u8], fragment: usize) -> Result<Answer, Stop> {
        let token = self.token(permission::LARGE_BLOB_WRITE, None)?;
        let mut offset: u32 = 0;
        let mut last = Err(Stop::error("an array without a byte is written"));
        for fragment in array.chunks(fragment.max(1)) {
            let length = (offset == 0).then_some(array.len());
            let answer = self.manage(&Management::write(offset, fragment, length).proven(&token))?;
            let is_error = answer.status != 0;
            last = Ok(answer);
            if is_error {
                break;
            }
            offset += u32::try_from(fragment.len()).unwrap_or(u32::MAX);
        }
        last
    }

    /// Plays what writes large blobs, and writes back those that were there before.
    pub(crate) fn keeping_large_blobs(&mut self, play: impl FnOnce(&mut Self, &[u8]) -> Outcome) -> Outcome {
        let before = self.large_blobs()?;
        let outcome = play(self, &before);
        // What goes wrong here says nothing about the case.
        let longest = self.max_fragment_length();
        drop(self.write_large_blobs(&before, longest));
        outcome
    }
}
