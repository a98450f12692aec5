use std::error;
use std::fmt;

use url::Host;

use super::device::DeviceError;
use crate::attestation::AttestationFormat;
use crate::authenticator::{AuthenticatorError, BuildError, StoreError};
use crate::crypto::{Algorithm, RandomError};
use crate::ctap2::Status;
use crate::draft::IneffectiveEdit;
use crate::encoding::json::JsonError;
use crate::fault::FaultError;
use crate::webauthn::{Attachment, InputError, NextStep, Notice};

/// Why there is no response.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The input cannot be used.
    Input(InputError),
    /// The client is strict, and the options stray from the standard.
    NotStrict(Vec<Notice>),
    /// The client refuses, as a browser would.
    Refused(Refusal),
    /// An edit had no effect, so that the ceremony is not the one that was to be tested. Nothing was stored.
    Edit(IneffectiveEdit),
    /// A fault that cannot be made with this device, or in this ceremony.
    Fault(FaultError),
    /// The device failed in a way that the client has no other name for.
    Device(DeviceError),
    /// The credential store failed.
    Store(StoreError),
    /// The operating system gave no randomness.
    Random(RandomError),
}

impl Error {
    /// The exception that a browser would raise, where there is one.
    #[must_use]
    pub fn dom_exception(&self) -> Option<DomException> {
        match self {
            Error::Input(_) | Error::NotStrict(_) => Some(DomException::TypeError),
            Error::Refused(refusal) => Some(refusal.dom_exception()),
            Error::Device(_) => Some(DomException::UnknownError),
            Error::Edit(_) | Error::Fault(_) | Error::Store(_) | Error::Random(_) => None,
        }
    }

    /// What to do next, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<NextStep> {
        match self {
            Error::Input(error) => error.hint().cloned(),
            Error::NotStrict(_) => Some(NextStep::BeLenient),
            Error::Refused(refusal) => refusal.hint(),
            Error::Edit(_) | Error::Fault(_) | Error::Device(_) | Error::Store(_) | Error::Random(_) => None,
        }
    }
}

/// What the client refuses, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The origin's host is not a domain but an IP address.
    OriginNotADomain(String),
    /// The RP ID is not a domain, or neither the origin's host nor a registrable suffix of it.
    RpIdMismatch {
        /// What was asked for.
        rp_id: String,
        /// Who asks.
        origin: String,
    },
    /// The authenticator can use none of the algorithms that were asked for.
    NoUsableAlgorithm {
        /// The JSON path.
        path: String,
        /// The COSE algorithm identifiers asked for; none, if no entry had a known type.
        found: Vec<i64>,
        /// What the authenticator has.
        expected: Vec<Algorithm>,
    },
    /// The format in which the authenticator attests can attest no credential for the algorithms asked for.
    UnsupportedAttestation {
        /// The format.
        format: AttestationFormat,
        /// The first of those algorithms that the authenticator has.
        algorithm: Algorithm,
    },
    /// The format in which the authenticator attests cannot be signed with its attestation key, or this build has no
    /// such keys.
    UnsupportedAttestationKey {
        /// The format.
        format: AttestationFormat,
        /// The algorithm of the attestation key.
        algorithm: Algorithm,
    },
    /// The options require a discoverable credential, and the authenticator keeps none.
    CannotKeepDiscoverable,
    /// The options require that the user of a new credential is verified, and the authenticator cannot do it.
    CannotVerifyNewUser,
    /// The options require that the user is verified, and the authenticator cannot do it.
    CannotVerifyUser,
    /// The options ask for an authenticator with another attachment.
    WrongAttachment {
        /// What was asked for.
        wanted: Attachment,
        /// What there is.
        found: Attachment,
    },
    /// A conditional create cannot verify the user.
    ConditionalVerification,
    /// The authenticator has a credential that the options exclude.
    CredentialExcluded,
    /// The authenticator has none of the credentials that the options allow.
    NoCredentials {
        /// The relying party.
        rp_id: String,
        /// How many ids the options allow; `None` if any discoverable credential would do.
        allowed: Option<usize>,
    },
    /// The authenticator has no credential of the account that the caller chose.
    NoSuchAccount(String),
    /// The user said no.
    Denied,
    /// The user did not answer in time.
    TimedOut {
        /// How long they had.
        milliseconds: u64,
    },
    /// The user could not be verified.
    NotVerified,
    /// The user has to be verified by a PIN, which the client does not know.
    PinUnknown,
    /// The device refused the PIN.
    Pin(Status),
    /// The page gave up waiting.
    Aborted,
    /// An input of an extension that the standard forbids, or that the device cannot fulfil.
    Extension {
        /// The extension, as options name it.
        extension: &'static str,
        /// The exception that a browser would raise.
        exception: DomException,
        /// What is wrong.
        why: &'static str,
    },
}

impl Refusal {
    /// The exception that a browser would raise (WebAuthn L3 §5.1.3, §5.1.4).
    #[must_use]
    pub const fn dom_exception(&self) -> DomException {
        match self {
            Refusal::OriginNotADomain(_) | Refusal::RpIdMismatch { .. } => DomException::SecurityError,
            Refusal::NoUsableAlgorithm { .. }
            | Refusal::UnsupportedAttestation { .. }
            | Refusal::UnsupportedAttestationKey { .. } => DomException::NotSupportedError,
            Refusal::CannotKeepDiscoverable
            | Refusal::CannotVerifyNewUser
            | Refusal::ConditionalVerification => DomException::ConstraintError,
            Refusal::CredentialExcluded => DomException::InvalidStateError,
            Refusal::CannotVerifyUser
            | Refusal::WrongAttachment { .. }
            | Refusal::NoCredentials { .. }
            | Refusal::NoSuchAccount(_)
            | Refusal::Denied
            | Refusal::TimedOut { .. }
            | Refusal::NotVerified
            | Refusal::PinUnknown
            | Refusal::Pin(_) => DomException::NotAllowedError,
            Refusal::Aborted => DomException::AbortError,
            Refusal::Extension { exception, .. } => *exception,
        }
    }

    /// What to do next, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<NextStep> {
        match self {
            Self::OriginNotADomain(origin) => loopback_by_name(origin).map(NextStep::UseOrigin),
            Self::RpIdMismatch { rp_id, origin } => {
                let is_domain = matches!(Host::parse(rp_id), Ok(Host::Domain(domain)) if domain == *rp_id);
                let fitting = format!("https://{rp_id}");
                (is_domain && rp_id.contains('.') && fitting != *origin)
                    .then_some(NextStep::UseOrigin(fitting))
            }
            Self::CannotKeepDiscoverable => Some(NextStep::KeepDiscoverable),
            Self::CannotVerifyNewUser | Self::CannotVerifyUser => Some(NextStep::VerifyUser),
            Self::WrongAttachment { wanted, .. } => Some(NextStep::Attach(*wanted)),
            Self::CredentialExcluded => Some(NextStep::ForgetCredential),
            Self::NoCredentials { .. } | Self::NoSuchAccount(_) => Some(NextStep::RegisterFirst),
            Self::PinUnknown => Some(NextStep::GivePin),
            Self::Pin(_)
            | Self::Aborted
            | Self::Extension { .. }
            | Self::NoUsableAlgorithm { .. }
            | Self::UnsupportedAttestation { .. }
            | Self::UnsupportedAttestationKey { .. }
            | Self::ConditionalVerification
            | Self::Denied
            | Self::TimedOut { .. }
            | Self::NotVerified => None,
        }
    }
}

/// The origin of the same port at `localhost`, for a loopback address.
fn loopback_by_name(origin: &str) -> Option<String> {
    let loopback = ["://127.0.0.1", "://[::1]"].into_iter().find(|address| origin.contains(address))?;
    Some(origin.replacen(loopback, "://localhost", 1))
}

/// The name of a DOMException (Web IDL), or `TypeError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum DomException {
    AbortError,
    ConstraintError,
    EncodingError,
    InvalidStateError,
    NotAllowedError,
    NotSupportedError,
    SecurityError,
    SyntaxError,
    TypeError,
    UnknownError,
}

impl fmt::Display for DomException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Input(error) => error.fmt(f),
            Error::NotStrict(notices) => {
                for (i, notice) in notices.iter().enumerate() {
                    write!(f, "{}{notice}", if i == 0 { "strict: " } else { "; " })?;
                }
                Ok(())
            }
            Error::Refused(refusal) => write!(f, "{}: {refusal}", refusal.dom_exception()),
            Error::Edit(error) => error.fmt(f),
            Error::Fault(error) => error.fmt(f),
            Error::Device(error) => write!(f, "{}: {error}", DomException::UnknownError),
            Error::Store(error) => error.fmt(f),
            Error::Random(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OriginNotADomain(origin) => write!(f, "the origin {origin} has no domain, expected one"),
            Self::RpIdMismatch { rp_id, origin } => write!(
                f,
                "the RP ID {rp_id:?} is not for {origin}, expected its host or a registrable suffix of it"
            ),
            Self::NoUsableAlgorithm { path, found, .. } if found.is_empty() => {
                write!(f, "{path}: found no entry of type \"public-key\", expected at least one")
            }
            Self::NoUsableAlgorithm { path, found, expected } => {
                let name = |a: &Algorithm| format!("{} ({a})", a.cose_identifier());
                let expected = expected.iter().map(name).collect::<Vec<_>>().join(", ");
                write!(f, "{path}: found the algorithms {found:?}, expected at least one of {expected}")
            }
            &Self::UnsupportedAttestation { format, algorithm } => {
                AuthenticatorError::UnsupportedAttestation { format, algorithm }.fmt(f)
            }
            &Self::UnsupportedAttestationKey { format, algorithm } => {
                AuthenticatorError::UnsupportedAttestationKey { format, algorithm }.fmt(f)
            }
            Self::CannotKeepDiscoverable => {
                f.write_str("a discoverable credential is required, this key keeps none")
            }
            Self::CannotVerifyNewUser | Self::CannotVerifyUser => {
                f.write_str("user verification is required, this key has none")
            }
            Self::WrongAttachment { wanted, found } => write!(
                f,
                "authenticatorAttachment {:?} is asked for, this key is {:?}",
                wanted.as_str(),
                found.as_str()
            ),
            Self::ConditionalVerification => {
                f.write_str("user verification is required, a conditional create has none")
            }
            Self::CredentialExcluded => f.write_str("a credential of excludeCredentials lives on this key"),
            Self::NoCredentials { rp_id, allowed: None } => {
                write!(f, "no discoverable credential for {rp_id:?}")
            }
            Self::NoCredentials { rp_id, allowed: Some(allowed) } => {
                write!(f, "none of the {allowed} credentials in allowCredentials is here for {rp_id:?}")
            }
            Self::NoSuchAccount(name) => write!(f, "no credential of the account {name:?}"),
            Self::Denied => f.write_str("the user said no"),
            Self::TimedOut { milliseconds } => write!(f, "the user did not answer within {milliseconds} ms"),
            Self::NotVerified => f.write_str("the user was not verified"),
            Self::PinUnknown => f.write_str("this key asks for its PIN, which the client does not know"),
            Self::Pin(status) => f.write_str(match status {
                Status::PinInvalid => "the PIN is wrong",
                Status::PinAuthBlocked => {
                    "too many wrong PINs; this key has to be taken out and put in again"
                }
                Status::PinBlocked => "too many wrong PINs; this key has to be reset",
                Status::PinNotSet => "this key has no PIN yet",
                _ => "this key takes no such PIN: too short, too long, or too simple",
            }),
            Self::Aborted => f.write_str("the page gave up waiting"),
            Self::Extension { extension, why, .. } => write!(f, "the extension {extension}: {why}"),
        }
    }
}

/// What is printed as part of an error is not repeated as its source.
impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Error::Input(_) | Error::NotStrict(_) | Error::Refused(_) | Error::Edit(_) | Error::Fault(_) => {
                None
            }
            Error::Device(error) => error.source(),
            Error::Store(error) => error.source(),
            Error::Random(error) => error.source(),
        }
    }
}

impl error::Error for Refusal {}

impl From<InputError> for Error {
    fn from(error: InputError) -> Self {
        Error::Input(error)
    }
}

impl From<JsonError> for Error {
    fn from(error: JsonError) -> Self {
        Error::Input(error.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(refusal)
    }
}

impl From<FaultError> for Error {
    fn from(error: FaultError) -> Self {
        Error::Fault(error)
    }
}

impl From<IneffectiveEdit> for Error {
    fn from(error: IneffectiveEdit) -> Self {
        Error::Edit(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Error::Store(error)
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Random(error) => Error::Random(error),
            BuildError::Model(error) => Error::Input(error),
        }
    }
}

impl From<RandomError> for Error {
    fn from(error: RandomError) -> Self {
        Error::Random(error)
    }
}

/// The CTAP status of a device's error, if it has one.
pub(super) fn status(error: &DeviceError) -> Option<Status> {
    match error {
        // The store of an authenticator in this process has more to say than its status.
        DeviceError::Authenticator(AuthenticatorError::Store(_)) | DeviceError::Transport(_) => None,
        DeviceError::Authenticator(error) => Some(error.status()),
        DeviceError::Status(status) => Some(*status),
    }
}

/// What both ceremonies make of a device's error; `timeout` in milliseconds.
pub(super) fn of_device(error: DeviceError, timeout: Option<u64>) -> Error {
    let status = status(&error);
    let refusal = match error {
        DeviceError::Authenticator(AuthenticatorError::UnsupportedAttestation { format, algorithm }) => {
            Refusal::UnsupportedAttestation { format, algorithm }
        }
        DeviceError::Authenticator(AuthenticatorError::UnsupportedAttestationKey { format, algorithm }) => {
            Refusal::UnsupportedAttestationKey { format, algorithm }
        }
        DeviceError::Authenticator(AuthenticatorError::Edit(error)) => return Error::Edit(error),
        DeviceError::Authenticator(AuthenticatorError::Store(error)) => return Error::Store(error),
        DeviceError::Authenticator(
            AuthenticatorError::UserNotVerified | AuthenticatorError::UserVerificationRequired,
        ) => Refusal::NotVerified,
        error => match status {
            Some(Status::CredentialExcluded) => Refusal::CredentialExcluded,
            Some(Status::OperationDenied) => Refusal::Denied,
            // The device could not verify the user by itself.
            Some(Status::PuatRequired) => Refusal::NotVerified,
            // §5.1.3 step 4: without a timeout the client has a default of its own; five minutes is §15's.
            Some(Status::UserActionTimeout) => Refusal::TimedOut { milliseconds: timeout.unwrap_or(300_000) },
            _ => return Error::Device(error),
        },
    };
    Error::Refused(refusal)
}
