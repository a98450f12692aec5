use std::fmt;

/// A CTAP status code (CTAP 2.1 §8.2): the first byte of every response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// `CTAP1_ERR_SUCCESS`
    Ok,
    /// `CTAP1_ERR_INVALID_COMMAND`
    InvalidCommand,
    /// `CTAP1_ERR_INVALID_PARAMETER`
    InvalidParameter,
    /// `CTAP1_ERR_INVALID_LENGTH`
    InvalidLength,
    /// `CTAP2_ERR_CBOR_UNEXPECTED_TYPE`
    CborUnexpectedType,
    /// `CTAP2_ERR_INVALID_CBOR`
    InvalidCbor,
    /// `CTAP2_ERR_MISSING_PARAMETER`
    MissingParameter,
    /// `CTAP2_ERR_CREDENTIAL_EXCLUDED`
    CredentialExcluded,
    /// `CTAP2_ERR_UNSUPPORTED_ALGORITHM`
    UnsupportedAlgorithm,
    /// `CTAP2_ERR_OPERATION_DENIED`
    OperationDenied,
    /// `CTAP2_ERR_KEY_STORE_FULL`
    KeyStoreFull,
    /// `CTAP2_ERR_UNSUPPORTED_OPTION`
    UnsupportedOption,
    /// `CTAP2_ERR_INVALID_OPTION`
    InvalidOption,
    /// `CTAP2_ERR_NO_CREDENTIALS`
    NoCredentials,
    /// `CTAP2_ERR_USER_ACTION_TIMEOUT`
    UserActionTimeout,
    /// `CTAP2_ERR_NOT_ALLOWED`
    NotAllowed,
    /// `CTAP2_ERR_PIN_NOT_SET`
    PinNotSet,
    /// `CTAP2_ERR_REQUEST_TOO_LARGE`
    RequestTooLarge,
    /// `CTAP1_ERR_OTHER`
    Other,
}

impl Status {
    /// The byte on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Status::Ok => 0x00,
            Status::InvalidCommand => 0x01,
            Status::InvalidParameter => 0x02,
            Status::InvalidLength => 0x03,
            Status::CborUnexpectedType => 0x11,
            Status::InvalidCbor => 0x12,
            Status::MissingParameter => 0x14,
            Status::CredentialExcluded => 0x19,
            Status::UnsupportedAlgorithm => 0x26,
            Status::OperationDenied => 0x27,
            Status::KeyStoreFull => 0x28,
            Status::UnsupportedOption => 0x2b,
            Status::InvalidOption => 0x2c,
            Status::NoCredentials => 0x2e,
            Status::UserActionTimeout => 0x2f,
            Status::NotAllowed => 0x30,
            Status::PinNotSet => 0x35,
            Status::RequestTooLarge => 0x39,
            Status::Other => 0x7f,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CTAP status {:#04x} ({self:?})", self.code())
    }
}
