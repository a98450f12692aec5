//! A credential, and the one table of its fields.

mod field;

pub(super) use field::{Field, Place};

use std::fmt;

use crate::crypto::KeyPair;
use crate::webauthn::User;
use field::{field, place};

/// A public key credential source (WebAuthn L3 §4) and what the authenticator keeps with it. `Debug` shows no
/// private key.
///
/// Each field has a row in the table below this type, from which the record in a file, the packed form in memory and
/// the JSON of other tools are made.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credential {
    /// The credential id.
    pub id: Vec<u8>,
    /// The RP ID that the credential is scoped to.
    pub rp_id: String,
    /// The account.
    pub user: User,
    /// The credential key pair.
    pub key: KeyPair,
    /// Whether the credential is found without its id.
    pub discoverable: bool,
    /// The last signature count that was sent.
    pub sign_count: u32,
    /// The backup eligibility flag (BE).
    pub backup_eligible: bool,
    /// The backup state flag (BS).
    pub backup_state: bool,
    /// How it is protected (`credProtect`, CTAP 2.1 §12.1): 2 and 3 need a verified user; 0 was not asked for and is as 1.
    pub cred_protect: u32,
    /// What the relying party keeps with it (`credBlob`, CTAP 2.1 §12.2).
    pub cred_blob: Vec<u8>,
    /// The key of its large blob (`largeBlobKey`, CTAP 2.1 §12.3); empty if it has none.
    pub large_blob_key: Vec<u8>,
    /// Whether others than its relying party may use it for payments (`thirdPartyPayment`, CTAP 2.2).
    pub third_party_payment: bool,
    /// Its large blob, compressed (`largeBlob`, CTAP 2.3 §12.4); empty if it has none.
    pub large_blob: Vec<u8>,
    /// The length of its large blob in bytes before it was compressed.
    pub large_blob_original_size: u32,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("id", &self.id)
            .field("rp_id", &self.rp_id)
            .field("user", &self.user)
            .field("key", &self.key)
            .field("discoverable", &self.discoverable)
            .field("sign_count", &self.sign_count)
            .field("backup_eligible", &self.backup_eligible)
            .field("backup_state", &self.backup_state)
            .field("cred_protect", &self.cred_protect)
            .finish_non_exhaustive()
    }
}

impl Credential {
    /// A credential that was never used: not discoverable, not backed up, with a signature count of 0.
    #[must_use]
    pub fn new(id: Vec<u8>, rp_id: impl Into<String>, user: User, key: KeyPair) -> Self {
        Self {
            id,
            rp_id: rp_id.into(),
            user,
            key,
            discoverable: false,
            sign_count: 0,
            backup_eligible: false,
            backup_state: false,
            cred_protect: 0,
            cred_blob: Vec::new(),
            large_blob_key: Vec::new(),
            third_party_payment: false,
            large_blob: Vec::new(),
            large_blob_original_size: 0,
        }
    }
}

/// The fields, by their keys in a record. A field that is added is optional: [`Credential::new`] leaves it blank, and so
/// does a record or a JSON text that lacks it.
pub(super) const FIELDS: [Field; 16] = [
    field(1, "id", "credentialId", place!(Bytes, id))
        .required("base64url of 1 to 1023 bytes")
        .length(1, 1023)
        .playwright("id"),
    field(2, "rpId", "rpId", place!(Text, rp_id)).required("a string").playwright("rpId"),
    field(3, "userHandle", "userHandle", place!(Bytes, user.id))
        .expects("base64url of at most 64 bytes")
        .length(0, 64)
        .playwright("userHandle"),
    field(4, "userName", "userName", place!(Text, user.name)),
    field(5, "userDisplayName", "userDisplayName", place!(Text, user.display_name)),
    // The public key follows under 7.
    field(6, "alg", "privateKey", Place::Key).playwright("privateKey"),
    // Playwright's are discoverable if they have a user handle.
    field(8, "discoverable", "isResidentCredential", place!(Flag, discoverable)).required("true or false"),
    field(9, "signCount", "signCount", place!(Count, sign_count))
        .expects("a count from 0 to 4294967295")
        .playwright("signCount"),
    field(10, "backupEligible", "backupEligibility", place!(Flag, backup_eligible)),
    field(11, "backupState", "backupState", place!(Flag, backup_state)),
    field(12, "credProtect", "credProtect", place!(Count, cred_protect)).expects("a level from 1 to 3"),
    field(13, "credBlob", "credBlob", place!(Bytes, cred_blob)).expects("base64url"),
    field(14, "largeBlobKey", "largeBlobKey", place!(Bytes, large_blob_key))
        .expects("base64url of 32 bytes")
        .secret(),
    field(15, "thirdPartyPayment", "thirdPartyPayment", place!(Flag, third_party_payment)),
    field(16, "largeBlob", "largeBlob", place!(Bytes, large_blob)).expects("base64url"),
    field(17, "largeBlobOriginalSize", "largeBlobOriginalSize", place!(Count, large_blob_original_size))
        .expects("a length in bytes"),
];
