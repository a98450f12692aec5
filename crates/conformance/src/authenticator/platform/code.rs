//! Numbers of CTAP 2.3 §6, §8.1 and §8.2.

/// Commands.
#[allow(dead_code, reason = "the whole table of the document")]
pub(crate) mod command {
    pub(crate) const MAKE_CREDENTIAL: u8 = 0x01;
    pub(crate) const GET_ASSERTION: u8 = 0x02;
    pub(crate) const GET_INFO: u8 = 0x04;
    pub(crate) const CLIENT_PIN: u8 = 0x06;
    pub(crate) const RESET: u8 = 0x07;
    pub(crate) const GET_NEXT_ASSERTION: u8 = 0x08;
    pub(crate) const BIO_ENROLLMENT: u8 = 0x09;
    pub(crate) const CREDENTIAL_MANAGEMENT: u8 = 0x0a;
    pub(crate) const SELECTION: u8 = 0x0b;
    pub(crate) const LARGE_BLOBS: u8 = 0x0c;
    pub(crate) const CONFIG: u8 = 0x0d;

    /// The name of a command.
    pub(crate) fn name(number: u8) -> String {
        match number {
            MAKE_CREDENTIAL => "authenticatorMakeCredential",
            GET_ASSERTION => "authenticatorGetAssertion",
            GET_INFO => "authenticatorGetInfo",
            CLIENT_PIN => "authenticatorClientPIN",
            RESET => "authenticatorReset",
            GET_NEXT_ASSERTION => "authenticatorGetNextAssertion",
            BIO_ENROLLMENT => "authenticatorBioEnrollment",
            CREDENTIAL_MANAGEMENT => "authenticatorCredentialManagement",
            SELECTION => "authenticatorSelection",
            LARGE_BLOBS => "authenticatorLargeBlobs",
            CONFIG => "authenticatorConfig",
            other => return format!("the command {other:#04x}"),
        }
        .to_owned()
    }
}

/// Permissions of a pinUvAuthToken (§6.5.5.7).
#[allow(dead_code, reason = "the whole table of the document")]
pub(crate) mod permission {
    pub(crate) const MAKE_CREDENTIAL: u64 = 0x01;
    pub(crate) const GET_ASSERTION: u64 = 0x02;
    pub(crate) const CREDENTIAL_MANAGEMENT: u64 = 0x04;
    pub(crate) const BIO_ENROLLMENT: u64 = 0x08;
    pub(crate) const LARGE_BLOB_WRITE: u64 = 0x10;
    pub(crate) const CONFIG: u64 = 0x20;
    pub(crate) const READ_CREDENTIALS: u64 = 0x40;
}

macro_rules! statuses {
    ($($name:ident = $code:literal,)*) => {
        /// Statuses, by the names of §8.2 without their prefixes.
        #[allow(dead_code, reason = "the whole table of the document")]
        pub(crate) mod status {
            $(pub(crate) const $name: u8 = $code;)*

            /// The name of a status; `None` for one that the document does not define.
            pub(crate) fn known(code: u8) -> Option<&'static str> {
                match code { $($code => Some(stringify!($name)),)* _ => None }
            }

            /// The name of a status, or its number.
            pub(crate) fn name(code: u8) -> String {
                known(code).map_or_else(|| format!("the status {code:#04x}"), str::to_owned)
            }
        }
    };
}

statuses! {
    OK = 0x00,
    INVALID_COMMAND = 0x01,
    INVALID_PARAMETER = 0x02,
    INVALID_LENGTH = 0x03,
    INVALID_SEQ = 0x04,
    TIMEOUT = 0x05,
    CHANNEL_BUSY = 0x06,
    LOCK_REQUIRED = 0x0a,
    INVALID_CHANNEL = 0x0b,
    CBOR_UNEXPECTED_TYPE = 0x11,
    INVALID_CBOR = 0x12,
    MISSING_PARAMETER = 0x14,
    LIMIT_EXCEEDED = 0x15,
    FP_DATABASE_FULL = 0x17,
    LARGE_BLOB_STORAGE_FULL = 0x18,
    CREDENTIAL_EXCLUDED = 0x19,
    PROCESSING = 0x21,
    INVALID_CREDENTIAL = 0x22,
    USER_ACTION_PENDING = 0x23,
    OPERATION_PENDING = 0x24,
    NO_OPERATIONS = 0x25,
    UNSUPPORTED_ALGORITHM = 0x26,
    OPERATION_DENIED = 0x27,
    KEY_STORE_FULL = 0x28,
    NO_OPERATION_PENDING = 0x2a,
    UNSUPPORTED_OPTION = 0x2b,
    INVALID_OPTION = 0x2c,
    KEEPALIVE_CANCEL = 0x2d,
    NO_CREDENTIALS = 0x2e,
    USER_ACTION_TIMEOUT = 0x2f,
    NOT_ALLOWED = 0x30,
    PIN_INVALID = 0x31,
    PIN_BLOCKED = 0x32,
    PIN_AUTH_INVALID = 0x33,
    PIN_AUTH_BLOCKED = 0x34,
    PIN_NOT_SET = 0x35,
    PUAT_REQUIRED = 0x36,
    PIN_POLICY_VIOLATION = 0x37,
    PIN_TOKEN_EXPIRED = 0x38,
    REQUEST_TOO_LARGE = 0x39,
    ACTION_TIMEOUT = 0x3a,
    UP_REQUIRED = 0x3b,
    UV_BLOCKED = 0x3c,
    INTEGRITY_FAILURE = 0x3d,
    INVALID_SUBCOMMAND = 0x3e,
    UV_INVALID = 0x3f,
    UNAUTHORIZED_PERMISSION = 0x40,
    OTHER = 0x7f,
}
