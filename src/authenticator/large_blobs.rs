//! authenticatorLargeBlobs (CTAP 2.1 §6.10): an array that platforms encrypt, read and write in fragments.

use super::pending::{Continuation, PendingWrite};
use super::session::Proof;
use super::state::State;
use super::{Authenticator, AuthenticatorError};
use crate::crypto::sha256;
use crate::ctap2::{Command, LargeBlobsRequest, LargeBlobsResponse, Permissions, Status};

/// What a message has beside a fragment, in bytes (§6.10.2).
const AROUND: usize = 64;
/// The length of the checksum at the end of the array, in bytes.
const CHECKSUM: usize = 16;
/// The least length of an array: an empty one, and its checksum.
const LEAST: usize = 1 + CHECKSUM;
/// Every authenticator that has large blobs has room for this many bytes (§6.4, 0x0B).
pub(super) const LEAST_ROOM: u16 = 1024;

impl Authenticator {
    /// Reads a part of the array, or writes one.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn large_blobs(
        &mut self,
        request: &LargeBlobsRequest,
    ) -> Result<LargeBlobsResponse, AuthenticatorError> {
        self.requires(Command::LargeBlobs)?;
        let pending = self.take_pending();
        let offset = usize_of(request.offset.ok_or(Status::InvalidParameter)?);
        match (request.get, &request.set) {
            (Some(length), None) => self.read_large_blobs(request, offset, usize_of(length)),
            (None, Some(fragment)) => {
                let pending = match pending {
                    Some(Continuation::LargeBlobs(pending)) => Some(pending),
                    _ => None,
                };
                self.write_large_blobs(request, offset, fragment, pending)?;
                Ok(LargeBlobsResponse::default())
            }
            _ => Err(Status::InvalidParameter.into()),
        }
    }

    fn max_fragment_length(&self) -> usize {
        usize::from(self.model.max_msg_size).saturating_sub(AROUND)
    }

    fn read_large_blobs(
        &mut self,
        request: &LargeBlobsRequest,
        offset: usize,
        length: usize,
    ) -> Result<LargeBlobsResponse, AuthenticatorError> {
        let others = [
            request.length.is_some(),
            request.pin_uv_auth_param.is_some(),
            request.pin_uv_auth_protocol.is_some(),
        ];
        if others.contains(&true) {
            return Err(Status::InvalidParameter.into());
        }
        if length > self.max_fragment_length() {
            return Err(Status::InvalidLength.into());
        }
        let state = self.state()?;
        let array = array(&state);
        let rest = array.get(offset..).ok_or(Status::InvalidParameter)?;
        let part = rest.get(..length).unwrap_or(rest);
        Ok(LargeBlobsResponse { config: Some(part.to_vec()) })
    }

    fn write_large_blobs(
        &mut self,
        request: &LargeBlobsRequest,
        offset: usize,
        fragment: &[u8],
        pending: Option<PendingWrite>,
    ) -> Result<(), AuthenticatorError> {
        if fragment.len() > self.max_fragment_length() {
            return Err(Status::InvalidLength.into());
        }
        let mut write = match (offset, request.length.map(usize_of)) {
            (0, None) | (1.., Some(_)) => return Err(Status::InvalidParameter.into()),
            (0, Some(length)) => {
                let room = self.model.large_blobs.unwrap_or(LEAST_ROOM);
                if length > usize::from(room) {
                    return Err(Status::LargeBlobStorageFull.into());
                }
                if length < LEAST {
                    return Err(Status::InvalidParameter.into());
                }
                PendingWrite { length, written: Vec::new() }
            }
            (offset, None) => {
                let next = pending.filter(|pending| pending.written.len() == offset);
                next.ok_or(Status::InvalidSeq)?
            }
        };
        self.may_write_large_blobs(request, offset, fragment)?;
        write.written.extend_from_slice(fragment);
        if write.written.len() > write.length {
            return Err(Status::InvalidParameter.into());
        }
        if write.written.len() < write.length {
            self.keep_pending(Continuation::LargeBlobs(write));
            return Ok(());
        }
        let (content, checksum) = write.written.split_at(write.length - CHECKSUM);
        if sha256(&[content]).get(..CHECKSUM) != Some(checksum) {
            return Err(Status::IntegrityFailure.into());
        }
        self.change_state(|state| state.large_blobs = Some(write.written))
    }

    /// Checks the token of a write, where one is needed.
    fn may_write_large_blobs(
        &mut self,
        request: &LargeBlobsRequest,
        offset: usize,
        fragment: &[u8],
    ) -> Result<(), AuthenticatorError> {
        let state = self.state()?;
        if !self.is_protected(&state) && !self.always_uv(&state) {
            return Ok(());
        }
        let param = request.pin_uv_auth_param.as_deref().ok_or(Status::PuatRequired)?;
        let protocol = self.protocol(request.pin_uv_auth_protocol)?;
        let offset = u32::try_from(offset).map_err(|_| Status::InvalidParameter)?.to_le_bytes();
        let message = &[&[0xff; 32][..], &[Command::LargeBlobs.number(), 0], &offset, &sha256(&[fragment])];
        let proof = Proof { protocol, message, param };
        self.token_allows(&state, proof, Permissions::LARGE_BLOB_WRITE)?;
        Ok(())
    }
}

/// A number that is too great for memory is too great for every array.
fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The array; at first an empty one.
fn array(state: &State) -> Vec<u8> {
    state.large_blobs.clone().unwrap_or_else(|| {
        let empty = [0x80];
        [&empty[..], sha256(&[&empty]).get(..CHECKSUM).unwrap_or_default()].concat()
    })
}
