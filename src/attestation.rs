//! Attestation statements, one file for each format, and the authority that issues their certificates.

mod android_key;
mod android_safetynet;
mod apple;
mod attester;
mod ca;
mod clock;
mod compound;
mod fido_u2f;
mod jws;
mod metadata;
mod none;
mod packed;
mod plan;
mod profile;
mod statement;
mod tpm;

pub(crate) use attester::{Attester, AttesterSettings, Root};
pub use ca::{AttestationIdentity, AuthorityError, CertificateAuthority};
pub use clock::Clock;
#[cfg(feature = "serde")]
pub(crate) use plan::At as PlanAt;
pub(crate) use plan::plan_table;
pub use plan::{Authority, Plan, SerialNumber};
pub(crate) use statement::Subject;

use std::fmt;
use std::str::FromStr;

use crate::crypto::{Algorithm, UnknownName};

/// A kind of attestation: the statement's format, and for `packed` whether it has a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttestationFormat {
    /// `packed` with an attestation certificate (WebAuthn L3 §8.2).
    Packed,
    /// `packed`, signed with the credential's own key: self attestation.
    PackedSelf,
    /// `tpm` (§8.3): a TPM certifies the key, as in Windows Hello.
    Tpm,
    /// `android-key` (§8.4): a certificate for the credential's own key says how Android guards the key.
    AndroidKey,
    /// `android-safetynet` (§8.5, deprecated): a signed statement about the device.
    AndroidSafetynet,
    /// `fido-u2f` (§8.6): the signature that a U2F token makes at registration.
    FidoU2f,
    /// `apple` (§8.8): a certificate for the credential's own key.
    Apple,
    /// `compound` (§8.9): two statements, of which the first is `packed`.
    Compound,
    /// `none` (§8.7).
    None,
}

impl AttestationFormat {
    /// Every kind.
    pub const ALL: &[AttestationFormat] = &[
        AttestationFormat::Packed,
        AttestationFormat::PackedSelf,
        AttestationFormat::Tpm,
        AttestationFormat::AndroidKey,
        AttestationFormat::AndroidSafetynet,
        AttestationFormat::FidoU2f,
        AttestationFormat::Apple,
        AttestationFormat::Compound,
        AttestationFormat::None,
    ];

    /// The kind's name, as settings have it: the [identifier](Self::identifier), but `packed-self` for self attestation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            AttestationFormat::PackedSelf => "packed-self",
            other => other.identifier(),
        }
    }

    /// The kind of this name, in upper or lower case. [`FromStr`] does the same and says which names there are.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// The attestation statement format identifier (§8.1).
    #[must_use]
    pub const fn identifier(self) -> &'static str {
        match self {
            AttestationFormat::Packed | AttestationFormat::PackedSelf => "packed",
            AttestationFormat::Tpm => "tpm",
            AttestationFormat::AndroidKey => "android-key",
            AttestationFormat::AndroidSafetynet => "android-safetynet",
            AttestationFormat::FidoU2f => "fido-u2f",
            AttestationFormat::Apple => "apple",
            AttestationFormat::Compound => "compound",
            AttestationFormat::None => "none",
        }
    }

    /// Whether this kind can attest a credential key for `algorithm`.
    ///
    /// * `tpm`: the algorithms of TPM 2.0, ECDSA on the NIST curves and RSA.
    /// * `android-key`: the algorithms of Android's key store, the same and Ed25519.
    /// * `fido-u2f`: ES256, the only algorithm of U2F.
    /// * `apple`: the algorithms that verifiers read from a certificate, ECDSA, RSA and Ed25519.
    /// * The others: every algorithm.
    #[must_use]
    pub const fn supports(self, algorithm: Algorithm) -> bool {
        let nist = matches!(algorithm, Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512);
        match self {
            AttestationFormat::Tpm => nist || algorithm.is_rsa(),
            AttestationFormat::AndroidKey => {
                nist || algorithm.is_rsa() || matches!(algorithm, Algorithm::EdDsa)
            }
            AttestationFormat::Apple => {
                nist || algorithm.is_rsa() || matches!(algorithm, Algorithm::EdDsa | Algorithm::Es256k)
            }
            AttestationFormat::FidoU2f => matches!(algorithm, Algorithm::Es256),
            AttestationFormat::Packed
            | AttestationFormat::PackedSelf
            | AttestationFormat::AndroidSafetynet
            | AttestationFormat::Compound
            | AttestationFormat::None => true,
        }
    }

    /// Whether an attestation key for `algorithm` can sign statements of this kind. A kind without an attestation key
    /// takes any.
    ///
    /// * `tpm`: the algorithms of TPM 2.0, because their hash is part of what is signed.
    /// * `android-safetynet`: ES256 and RS256, which have the same names in JSON Web Signatures.
    /// * `fido-u2f`: ES256.
    #[must_use]
    pub const fn supports_attestation_key(self, algorithm: Algorithm) -> bool {
        match self {
            AttestationFormat::Tpm => AttestationFormat::Tpm.supports(algorithm),
            AttestationFormat::AndroidSafetynet => matches!(algorithm, Algorithm::Es256 | Algorithm::Rs256),
            AttestationFormat::FidoU2f => matches!(algorithm, Algorithm::Es256),
            _ => true,
        }
    }

    /// Whether an attestation key signs the statement.
    pub(crate) const fn needs_identity(self) -> bool {
        matches!(
            self,
            AttestationFormat::Packed
                | AttestationFormat::Tpm
                | AttestationFormat::AndroidSafetynet
                | AttestationFormat::FidoU2f
                | AttestationFormat::Compound
        )
    }

    /// Whether an enterprise attestation can be of this kind (§8.2.2).
    pub(crate) const fn can_be_enterprise(self) -> bool {
        matches!(self, AttestationFormat::Packed)
    }

    /// The statement: one canonical CBOR item, unless an edit changes it to something else. The caller has made sure that
    /// the format [supports](Self::supports) the algorithms of the credential and of the attestation key.
    pub(crate) fn statement(self, subject: &Subject<'_>) -> Vec<u8> {
        subject.edits.seal_statement(self.unedited_statement(subject))
    }

    fn unedited_statement(self, subject: &Subject<'_>) -> Vec<u8> {
        match self {
            AttestationFormat::Packed => packed::with_certificate(subject),
            AttestationFormat::PackedSelf => packed::self_attestation(subject),
            AttestationFormat::Tpm => tpm::statement(subject),
            AttestationFormat::AndroidKey => android_key::statement(subject),
            AttestationFormat::AndroidSafetynet => android_safetynet::statement(subject),
            AttestationFormat::FidoU2f => fido_u2f::statement(subject),
            AttestationFormat::Apple => apple::statement(subject),
            AttestationFormat::Compound => compound::statement(subject),
            AttestationFormat::None => none::statement(),
        }
    }
}

impl FromStr for AttestationFormat {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        UnknownName::find("an attestation format", Self::ALL, Self::name, name)
    }
}

impl fmt::Display for AttestationFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
