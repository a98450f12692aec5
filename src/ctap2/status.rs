use std::fmt;

macro_rules! statuses {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal,)*) => {
        /// A CTAP status code (CTAP 2.1 §8.2): the first byte of every response.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Status { $($(#[doc = $doc])* $name,)* }

        impl Status {
            /// Every status.
            pub const ALL: &[Status] = &[$(Status::$name,)*];

            /// The byte on the wire.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Status::$name => $code,)* }
            }
        }
    };
}

statuses! {
    /// `CTAP1_ERR_SUCCESS`
    Ok = 0x00,
    /// `CTAP1_ERR_INVALID_COMMAND`
    InvalidCommand = 0x01,
    /// `CTAP1_ERR_INVALID_PARAMETER`
    InvalidParameter = 0x02,
    /// `CTAP1_ERR_INVALID_LENGTH`
    InvalidLength = 0x03,
    /// `CTAP1_ERR_INVALID_SEQ`
    InvalidSeq = 0x04,
    /// `CTAP1_ERR_TIMEOUT`
    Timeout = 0x05,
    /// `CTAP1_ERR_CHANNEL_BUSY`
    ChannelBusy = 0x06,
    /// `CTAP1_ERR_LOCK_REQUIRED`
    LockRequired = 0x0a,
    /// `CTAP1_ERR_INVALID_CHANNEL`
    InvalidChannel = 0x0b,
    /// `CTAP2_ERR_CBOR_UNEXPECTED_TYPE`
    CborUnexpectedType = 0x11,
    /// `CTAP2_ERR_INVALID_CBOR`
    InvalidCbor = 0x12,
    /// `CTAP2_ERR_MISSING_PARAMETER`
    MissingParameter = 0x14,
    /// `CTAP2_ERR_LIMIT_EXCEEDED`
    LimitExceeded = 0x15,
    /// `CTAP2_ERR_FP_DATABASE_FULL`
    FpDatabaseFull = 0x17,
    /// `CTAP2_ERR_LARGE_BLOB_STORAGE_FULL`
    LargeBlobStorageFull = 0x18,
    /// `CTAP2_ERR_CREDENTIAL_EXCLUDED`
    CredentialExcluded = 0x19,
    /// `CTAP2_ERR_PROCESSING`
    Processing = 0x21,
    /// `CTAP2_ERR_INVALID_CREDENTIAL`
    InvalidCredential = 0x22,
    /// `CTAP2_ERR_USER_ACTION_PENDING`
    UserActionPending = 0x23,
    /// `CTAP2_ERR_OPERATION_PENDING`
    OperationPending = 0x24,
    /// `CTAP2_ERR_NO_OPERATIONS`
    NoOperations = 0x25,
    /// `CTAP2_ERR_UNSUPPORTED_ALGORITHM`
    UnsupportedAlgorithm = 0x26,
    /// `CTAP2_ERR_OPERATION_DENIED`
    OperationDenied = 0x27,
    /// `CTAP2_ERR_KEY_STORE_FULL`
    KeyStoreFull = 0x28,
    /// `CTAP2_ERR_UNSUPPORTED_OPTION`
    UnsupportedOption = 0x2b,
    /// `CTAP2_ERR_INVALID_OPTION`
    InvalidOption = 0x2c,
    /// `CTAP2_ERR_KEEPALIVE_CANCEL`
    KeepaliveCancel = 0x2d,
    /// `CTAP2_ERR_NO_CREDENTIALS`
    NoCredentials = 0x2e,
    /// `CTAP2_ERR_USER_ACTION_TIMEOUT`
    UserActionTimeout = 0x2f,
    /// `CTAP2_ERR_NOT_ALLOWED`
    NotAllowed = 0x30,
    /// `CTAP2_ERR_PIN_INVALID`
    PinInvalid = 0x31,
    /// `CTAP2_ERR_PIN_BLOCKED`
    PinBlocked = 0x32,
    /// `CTAP2_ERR_PIN_AUTH_INVALID`
    PinAuthInvalid = 0x33,
    /// `CTAP2_ERR_PIN_AUTH_BLOCKED`
    PinAuthBlocked = 0x34,
    /// `CTAP2_ERR_PIN_NOT_SET`
    PinNotSet = 0x35,
    /// `CTAP2_ERR_PUAT_REQUIRED`, in CTAP 2.0 `CTAP2_ERR_PIN_REQUIRED`
    PuatRequired = 0x36,
    /// `CTAP2_ERR_PIN_POLICY_VIOLATION`
    PinPolicyViolation = 0x37,
    /// `CTAP2_ERR_PIN_TOKEN_EXPIRED`, of CTAP 2.0 alone
    PinTokenExpired = 0x38,
    /// `CTAP2_ERR_REQUEST_TOO_LARGE`
    RequestTooLarge = 0x39,
    /// `CTAP2_ERR_ACTION_TIMEOUT`
    ActionTimeout = 0x3a,
    /// `CTAP2_ERR_UP_REQUIRED`
    UpRequired = 0x3b,
    /// `CTAP2_ERR_UV_BLOCKED`
    UvBlocked = 0x3c,
    /// `CTAP2_ERR_INTEGRITY_FAILURE`
    IntegrityFailure = 0x3d,
    /// `CTAP2_ERR_INVALID_SUBCOMMAND`
    InvalidSubcommand = 0x3e,
    /// `CTAP2_ERR_UV_INVALID`
    UvInvalid = 0x3f,
    /// `CTAP2_ERR_UNAUTHORIZED_PERMISSION`
    UnauthorizedPermission = 0x40,
    /// `CTAP1_ERR_OTHER`
    Other = 0x7f,
}

impl Status {
    /// The status of this byte; `None` for one that the document does not name.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CTAP status {:#04x} ({self:?})", self.code())
    }
}
