//! Inputs of the extensions that CTAP defines (CTAP 2.1 §12).

use super::Status;
use super::key_agreement_key::KeyAgreementKey;
use super::message::{Element, Map, MemberError, message};
use crate::encoding::cbor::{self, Value, Writer};

message! {
    /// The input of `hmac-secret` in an assertion (CTAP 2.1 §12.5), and of `hmac-secret-mc` in a registration.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct HmacSecretInput {
        /// The platform's public key.
        key_agreement: KeyAgreementKey = 0x01,
        /// One salt of 32 bytes or two, encrypted.
        salt_enc: Vec<u8> = 0x02,
        /// The proof that the platform has the shared secret.
        salt_auth: Vec<u8> = 0x03,
        /// The number of the PIN/UV auth protocol: without it, protocol one.
        pin_uv_auth_protocol: Option<u64> = 0x04,
    }
}

impl HmacSecretInput {
    /// The input with these members, by protocol one as it is not named.
    #[must_use]
    pub fn new(key_agreement: KeyAgreementKey, salt_enc: Vec<u8>, salt_auth: Vec<u8>) -> Self {
        Self { key_agreement, salt_enc, salt_auth, pin_uv_auth_protocol: None }
    }
}

message! {
    /// The input of `largeBlob` in a registration (CTAP 2.3 §12.4).
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct LargeBlobSupport {
        /// `required` or `preferred`.
        support: String = "support",
    }
}

impl LargeBlobSupport {
    /// The input that asks for support with these words.
    #[must_use]
    pub fn new(support: impl Into<String>) -> Self {
        Self { support: support.into() }
    }
}

/// The input of `largeBlob` in an assertion (CTAP 2.3 §12.4).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LargeBlobInput {
    /// Reads the blob.
    Read,
    /// Writes it.
    Write {
        /// The blob, compressed.
        blob: Vec<u8>,
        /// Its length in bytes before it was compressed.
        original_size: u64,
    },
}

message! {
    struct LargeBlobMembers {
        read: Option<bool> = "read",
        write: Option<Vec<u8>> = "write",
        original_size: Option<u64> = "originalSize",
    }
}

impl Element for LargeBlobInput {
    const KIND: &'static str = "read, or write and originalSize";

    fn write(&self, writer: &mut Writer) {
        let none = LargeBlobMembers { read: None, write: None, original_size: None };
        match self {
            Self::Read => LargeBlobMembers { read: Some(true), ..none },
            Self::Write { blob, original_size } => {
                LargeBlobMembers { write: Some(blob.clone()), original_size: Some(*original_size), ..none }
            }
        }
        .write(writer);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        match LargeBlobMembers::read(value)? {
            LargeBlobMembers { read: Some(true), write: None, original_size: None } => Ok(Self::Read),
            LargeBlobMembers { read: None, write: Some(blob), original_size: Some(original_size) } => {
                Ok(Self::Write { blob, original_size })
            }
            _ => Err(MemberError::new(Status::InvalidCbor, "other members", Self::KIND)),
        }
    }
}

message! {
    /// The inputs of extensions in authenticatorMakeCredential.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct MakeCredentialExtensions {
        /// `uvm`: whether the relying party asks how the user was verified (WebAuthn L2 §10.3).
        uvm: bool = ["uvm"],
        /// `credBlob`: what to keep with the credential.
        cred_blob: Option<Vec<u8>> = "credBlob",
        /// `largeBlob`, since CTAP 2.3: whether the credential needs room for a blob.
        large_blob: Option<LargeBlobSupport> = "largeBlob",
        /// `credProtect`: 1 to 3.
        cred_protect: Option<u64> = "credProtect",
        /// `hmac-secret`: whether the platform means to ask for secrets of the credential.
        hmac_secret: bool = ["hmac-secret"],
        /// `largeBlobKey`: whether the credential gets a key for large blobs.
        large_blob_key: Option<bool> = "largeBlobKey",
        /// `minPinLength`: whether the relying party asks for the least length of a PIN.
        min_pin_length: bool = ["minPinLength"],
        /// `hmac-secret-mc`, since CTAP 2.2: salts to compute secrets from at once.
        hmac_secret_mc: Option<Box<HmacSecretInput>> = "hmac-secret-mc",
        /// `thirdPartyPayment`, since CTAP 2.2: whether others may use the credential for payments.
        third_party_payment: bool = ["thirdPartyPayment"],
        /// `pinComplexityPolicy`, since CTAP 2.2: whether the relying party asks for the rule about PINs.
        pin_complexity_policy: bool = ["pinComplexityPolicy"],
    }
}

message! {
    /// The inputs of extensions in authenticatorGetAssertion.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct GetAssertionExtensions {
        /// `uvm`: whether the relying party asks how the user was verified.
        uvm: bool = ["uvm"],
        /// `credBlob`: whether to give what is kept with the credential.
        cred_blob: bool = ["credBlob"],
        /// `largeBlob`, since CTAP 2.3: reads or writes the blob of the credential.
        large_blob: Option<LargeBlobInput> = "largeBlob",
        /// `hmac-secret`: salts to compute secrets from.
        hmac_secret: Option<Box<HmacSecretInput>> = "hmac-secret",
        /// `largeBlobKey`: whether to give the key of large blobs.
        large_blob_key: Option<bool> = "largeBlobKey",
        /// `thirdPartyPayment`: whether to tell whether others may use the credential for payments.
        third_party_payment: bool = ["thirdPartyPayment"],
    }
}

impl MakeCredentialExtensions {
    /// Whether there is no input.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl GetAssertionExtensions {
    /// Whether there is no input.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How many members the inputs take in a request: one or none.
pub(super) fn count(inputs: &impl Map) -> usize {
    usize::from(inputs.len() > 0)
}

/// Writes the inputs under their key, if there are some.
pub(super) fn write(key: u64, inputs: &impl Map, writer: &mut Writer) {
    if inputs.len() > 0 {
        writer.unsigned(key);
        inputs.write(writer);
    }
}

/// The inputs of extensions that `has` names.
pub(crate) fn only<T: Element + Map + Default>(inputs: &T, has: &dyn Fn(&str) -> bool) -> T {
    if inputs.len() == 0 {
        return T::default();
    }
    let mut writer = Writer::new();
    inputs.write(&mut writer);
    let cbor = writer.into_bytes();
    cbor::read(&cbor).ok().and_then(|inputs| read(Some(&inputs), has).ok()).unwrap_or_default()
}

/// Reads the member of a request. Extensions that `has` does not name are ignored, whatever their inputs are.
pub(super) fn read<T: Element + Default>(
    member: Option<&Value<'_>>,
    has: &dyn Fn(&str) -> bool,
) -> Result<T, Status> {
    let Some(inputs) = member else { return Ok(T::default()) };
    let inputs = inputs.as_map().ok_or(Status::CborUnexpectedType)?;
    let known = inputs.iter().filter(|(name, _)| name.as_text().is_some_and(has));
    Ok(T::read(&Value::Map(known.cloned().collect()))?)
}
