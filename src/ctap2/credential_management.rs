//! authenticatorCredentialManagement (CTAP 2.1 §6.8).

use super::message::{EncodedItem, numbered, parameters, read, request, response};
use super::{PublicKeyCredentialDescriptor, RpEntity, Status, UserEntity};
use crate::crypto::PublicKey;

numbered! {
    /// A sub-command of authenticatorCredentialManagement.
    pub enum CredentialManagementSubCommand: u64 {
        /// getCredsMetadata
        GetCredsMetadata = 0x01,
        /// enumerateRPsBegin
        EnumerateRpsBegin = 0x02,
        /// enumerateRPsGetNextRP
        EnumerateRpsGetNextRp = 0x03,
        /// enumerateCredentialsBegin
        EnumerateCredentialsBegin = 0x04,
        /// enumerateCredentialsGetNextCredential
        EnumerateCredentialsGetNextCredential = 0x05,
        /// deleteCredential
        DeleteCredential = 0x06,
        /// updateUserInformation
        UpdateUserInformation = 0x07,
    }
}

request! {
    /// The request.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CredentialManagementRequest {
        /// The number of the sub-command.
        sub_command: u64 = 0x01,
        /// `subCommandParams`, as encoded.
        parameters: Option<EncodedItem> = 0x02,
        /// The number of the PIN/UV auth protocol.
        pin_uv_auth_protocol: Option<u64> = 0x03,
        /// The proof that the platform has a token.
        pin_uv_auth_param: Option<Vec<u8>> = 0x04,
    }
}

parameters! {
    /// What a sub-command is about.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CredentialManagementParameters {
        /// SHA-256 of the RP ID whose credentials are enumerated.
        rp_id_hash: Option<Vec<u8>> = 0x01,
        /// The credential to delete or to update.
        credential_id: Option<PublicKeyCredentialDescriptor> = 0x02,
        /// The account as it shall be.
        user: Option<UserEntity> = 0x03,
    }
}

impl CredentialManagementRequest {
    /// A request of this sub-command, without parameters and without a proof.
    #[must_use]
    pub fn new(sub_command: CredentialManagementSubCommand) -> Self {
        Self {
            sub_command: sub_command.number(),
            parameters: None,
            pin_uv_auth_protocol: None,
            pin_uv_auth_param: None,
        }
    }

    /// Reads `subCommandParams`; without them, there are none.
    pub(crate) fn read_parameters(&self) -> Result<CredentialManagementParameters, Status> {
        match &self.parameters {
            None => Ok(CredentialManagementParameters::default()),
            Some(EncodedItem(cbor)) => Ok(read(cbor)?),
        }
    }
}

response! {
    /// The response. Each sub-command has some of these.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CredentialManagementResponse {
        /// How many discoverable credentials there are.
        existing_resident_credentials_count: Option<u64> = 0x01,
        /// An estimate of how many more there is room for.
        max_possible_remaining_resident_credentials_count: Option<u64> = 0x02,
        /// A relying party.
        rp: Option<RpEntity> = 0x03,
        /// SHA-256 of its id.
        rp_id_hash: Option<Vec<u8>> = 0x04,
        /// How many relying parties have credentials: in the first response alone.
        total_rps: Option<u64> = 0x05,
        /// The account of a credential.
        user: Option<UserEntity> = 0x06,
        /// The credential.
        credential_id: Option<PublicKeyCredentialDescriptor> = 0x07,
        /// Its public key.
        public_key: Option<PublicKey> = 0x08,
        /// How many credentials the relying party has: in the first response alone.
        total_credentials: Option<u64> = 0x09,
        /// How it is protected: 1 to 3, as in `credProtect`.
        cred_protect: Option<u64> = 0x0a,
        /// The key of its large blob.
        large_blob_key: Option<Vec<u8>> = 0x0b,
        /// Whether others than its relying party may use it for payments.
        third_party_payment: Option<bool> = 0x0c,
    }
}
