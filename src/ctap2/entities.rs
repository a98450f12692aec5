//! Dictionaries of WebAuthn as CTAP's messages carry them.

use super::Status;
use super::message::{Element, MemberError, message};
use crate::crypto::PublicKey;
use crate::encoding::cbor::{Value, Writer};
use crate::encoding::cose;

message! {
    /// A PublicKeyCredentialDescriptor (WebAuthn L3 §5.8.3).
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct PublicKeyCredentialDescriptor {
        /// The credential id.
        id: Vec<u8> = "id",
        /// `public-key`, the only type there is.
        r#type: String = "type",
    }
}

impl PublicKeyCredentialDescriptor {
    /// The descriptor of a credential with this id.
    #[must_use]
    pub fn new(id: Vec<u8>) -> Self {
        Self { id, r#type: "public-key".to_owned() }
    }
}

message! {
    /// A PublicKeyCredentialRpEntity (WebAuthn L3 §5.4.2).
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct RpEntity {
        /// The RP ID.
        id: String = "id",
        /// Its name, where it is kept.
        name: Option<String> = "name",
    }
}

impl RpEntity {
    /// The relying party of this id, without a name.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), name: None }
    }
}

message! {
    /// A PublicKeyCredentialUserEntity (WebAuthn L3 §5.4.3).
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct UserEntity {
        /// The user handle.
        id: Vec<u8> = "id",
        /// The name, if there is one.
        name: Option<String> = "name",
        /// The display name, if there is one.
        display_name: Option<String> = "displayName",
    }
}

impl UserEntity {
    /// The account with this user handle, without names.
    #[must_use]
    pub fn new(id: Vec<u8>) -> Self {
        Self { id, name: None, display_name: None }
    }
}

/// A COSE_Key.
impl Element for PublicKey {
    const KIND: &'static str = "a COSE key";

    fn write(&self, writer: &mut Writer) {
        cose::write_public_key(writer, self);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        cose::read_public_key(value)
            .map_err(|error| MemberError::new(Status::InvalidParameter, error.to_string(), Self::KIND))
    }
}
