//! Attestation statements, one file a format, and the authority that vouches for them.

mod ca;
mod certificate;
mod none;
mod packed;

pub use ca::{AttestationIdentity, AuthorityError, CertificateAuthority};

use crate::crypto::KeyPair;

/// What kind of attestation the authenticator makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttestationFormat {
    /// `packed` with an attestation certificate (WebAuthn L3 §8.2).
    Packed,
    /// `packed`, signed with the credential's own key: self attestation.
    PackedSelf,
    /// `none` (§8.7).
    None,
}

impl AttestationFormat {
    /// Every kind.
    pub const ALL: &[AttestationFormat] =
        &[AttestationFormat::Packed, AttestationFormat::PackedSelf, AttestationFormat::None];

    /// The kind's name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            AttestationFormat::Packed => "packed",
            AttestationFormat::PackedSelf => "packed-self",
            AttestationFormat::None => "none",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// The attestation statement format identifier (§8.1).
    #[must_use]
    pub const fn identifier(self) -> &'static str {
        match self {
            AttestationFormat::Packed | AttestationFormat::PackedSelf => "packed",
            AttestationFormat::None => "none",
        }
    }

    /// Whether the statement is signed by an attestation identity.
    pub(crate) const fn needs_identity(self) -> bool {
        matches!(self, AttestationFormat::Packed)
    }

    /// The statement, one canonical CBOR item, about `auth_data` and `client_data_hash`.
    /// `identity` signs the formats that need one.
    pub(crate) fn statement(self, subject: &Subject<'_>, identity: Option<&AttestationIdentity>) -> Vec<u8> {
        match (self, identity) {
            (AttestationFormat::Packed, Some(identity)) => packed::with_certificate(subject, identity),
            (AttestationFormat::Packed | AttestationFormat::PackedSelf, _) => {
                packed::self_attestation(subject)
            }
            (AttestationFormat::None, _) => none::statement(),
        }
    }
}

/// What a statement attests.
pub(crate) struct Subject<'a> {
    pub(crate) auth_data: &'a [u8],
    pub(crate) client_data_hash: &'a [u8; 32],
    pub(crate) credential_key: &'a KeyPair,
}
