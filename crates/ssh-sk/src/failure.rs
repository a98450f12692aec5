//! Why an operation failed, in OpenSSH's terms.

use std::error::Error;
use std::ffi::c_int;
use std::fmt;

use stuntkey::client::DeviceError;
use stuntkey::ctap2::Status;

/// What OpenSSH distinguishes: `SSH_SK_ERR_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    General,
    Unsupported,
    /// OpenSSH asks its user for the PIN, and comes again.
    PinRequired,
    DeviceNotFound,
    /// OpenSSH asks its user whether to overwrite the resident key.
    CredentialExists,
}

impl Code {
    pub(crate) const fn number(self) -> c_int {
        match self {
            Self::General => -1,
            Self::Unsupported => -2,
            Self::PinRequired => -3,
            Self::DeviceNotFound => -4,
            Self::CredentialExists => -5,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    /// What OpenSSH has no words for; nothing where its own words say all.
    pub(crate) message: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl fmt::Display) -> Self {
        Self { code, message: Some(message.to_string()) }
    }

    pub(crate) fn of(code: Code, error: &dyn Error) -> Self {
        Self::new(code, with_causes(error))
    }

    pub(crate) const fn wordless(code: Code) -> Self {
        Self { code, message: None }
    }

    /// An answer that does not go with its request.
    pub(crate) fn answer(found: impl fmt::Display, expected: impl fmt::Display) -> Self {
        Self::new(Code::General, format!("the key's answer: found {found}, expected {expected}"))
    }
}

pub(crate) fn with_causes(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", with_causes(cause)),
        None => error.to_string(),
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        match error {
            // OpenSSH asks for the PIN, and comes again: nothing went wrong.
            DeviceError::Status(Status::PuatRequired) => Self::wordless(Code::PinRequired),
            DeviceError::Status(status) => Self::of(code(status), &error),
            _ => Self::of(Code::General, &error),
        }
    }
}

const fn code(status: Status) -> Code {
    match status {
        Status::UnsupportedOption | Status::UnsupportedAlgorithm => Code::Unsupported,
        // A key of CTAP 2.0 says that the operation is denied where it misses the PIN.
        Status::PinInvalid | Status::OperationDenied => Code::PinRequired,
        _ => Code::General,
    }
}
