use std::fmt;

use super::store::StoreError;
use crate::attestation::AttestationFormat;
use crate::crypto::Algorithm;
use crate::ctap2::Status;
use crate::draft::IneffectiveEdit;

/// Why the authenticator refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum AuthenticatorError {
    /// A credential of the exclude list is in the store.
    CredentialExcluded,
    /// The authenticator has none of the algorithms that were asked for.
    UnsupportedAlgorithm,
    /// The attestation format cannot attest a credential for any of the algorithms that were asked for.
    UnsupportedAttestation {
        /// The attestation format.
        format: AttestationFormat,
        /// The first algorithm that the authenticator has.
        algorithm: Algorithm,
    },
    /// The attestation format cannot be signed with the attestation key, or this build has no such keys.
    UnsupportedAttestationKey {
        /// The attestation format.
        format: AttestationFormat,
        /// The algorithm of the attestation key.
        algorithm: Algorithm,
    },
    /// A discoverable credential was asked for (the option `rk`), and this authenticator keeps none.
    NoDiscoverableCredentials,
    /// User verification was asked for (the option `uv`), and this authenticator has none.
    NoUserVerification,
    /// Enterprise attestation was asked for, and this authenticator gives none.
    NoEnterpriseAttestation,
    /// A value of `enterpriseAttestation` that CTAP does not know.
    InvalidEnterpriseAttestation(i64),
    /// The user said no.
    OperationDenied,
    /// The user did not answer.
    UserActionTimeout,
    /// The user was there, but was not verified.
    UserNotVerified,
    /// The user has to be verified for this, and a PIN would not help.
    UserVerificationRequired,
    /// There is no credential for the relying party, or none of the allow list.
    NoCredentials,
    /// getNextAssertion came without a getAssertion that left credentials.
    NoPendingAssertions,
    /// The platform asked for a touch only, and the user touched; there is no PIN.
    PinNotSet,
    /// What the document names by its status alone: a PIN or a token that is wrong, missing or blocked.
    Refused(Status),
    /// An edit had no effect.
    Edit(IneffectiveEdit),
    /// The credential store failed.
    Store(StoreError),
}

impl AuthenticatorError {
    /// The CTAP status byte.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::CredentialExcluded => Status::CredentialExcluded,
            Self::UnsupportedAlgorithm
            | Self::UnsupportedAttestation { .. }
            | Self::UnsupportedAttestationKey { .. } => Status::UnsupportedAlgorithm,
            Self::NoDiscoverableCredentials => Status::UnsupportedOption,
            Self::NoUserVerification => Status::InvalidOption,
            Self::NoEnterpriseAttestation => Status::InvalidParameter,
            Self::InvalidEnterpriseAttestation(_) => Status::InvalidOption,
            Self::UserActionTimeout => Status::UserActionTimeout,
            // Without a PIN to fall back on (CTAP 2.1 §6.1.2 step 11).
            Self::OperationDenied | Self::UserNotVerified | Self::UserVerificationRequired => {
                Status::OperationDenied
            }
            Self::NoCredentials => Status::NoCredentials,
            Self::NoPendingAssertions => Status::NotAllowed,
            Self::PinNotSet => Status::PinNotSet,
            Self::Refused(status) => *status,
            Self::Edit(_) | Self::Store(_) => Status::Other,
        }
    }
}

impl fmt::Display for AuthenticatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CredentialExcluded => {
                f.write_str("a credential of the exclude list lives on this authenticator")
            }
            Self::UnsupportedAlgorithm => f.write_str("no algorithm that this authenticator has"),
            Self::UnsupportedAttestation { format, algorithm } => {
                write!(f, "{} attestation is for no credential with {algorithm}", format.name())
            }
            Self::UnsupportedAttestationKey { format, algorithm } => {
                write!(f, "{} attestation has no attestation key for {algorithm}", format.name())
            }
            Self::NoDiscoverableCredentials => {
                f.write_str("the option \"rk\", which this authenticator lacks")
            }
            Self::NoUserVerification => f.write_str("the option \"uv\", which this authenticator lacks"),
            Self::NoEnterpriseAttestation => {
                f.write_str("this authenticator gives no enterprise attestation")
            }
            Self::InvalidEnterpriseAttestation(value) => {
                write!(f, "enterpriseAttestation {value}, expected 1 or 2")
            }
            Self::OperationDenied => f.write_str("the user said no"),
            Self::UserActionTimeout => f.write_str("the user did not answer"),
            Self::UserNotVerified => f.write_str("the user was not verified"),
            Self::UserVerificationRequired => f.write_str("the user has to be verified"),
            Self::NoCredentials => f.write_str("no credential that will do"),
            Self::NoPendingAssertions => f.write_str("no further assertion to give"),
            Self::PinNotSet => f.write_str("touched; no PIN is set"),
            Self::Refused(status) => status.fmt(f),
            Self::Edit(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

/// What is printed as part of this error is not repeated as its source.
impl std::error::Error for AuthenticatorError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}

impl From<Status> for AuthenticatorError {
    fn from(status: Status) -> Self {
        Self::Refused(status)
    }
}

impl From<IneffectiveEdit> for AuthenticatorError {
    fn from(error: IneffectiveEdit) -> Self {
        Self::Edit(error)
    }
}

impl From<StoreError> for AuthenticatorError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
