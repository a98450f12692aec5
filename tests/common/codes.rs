//! Numbers of CTAP.

/// CTAP 2.1 §8.2.
pub mod status {
    pub const INVALID_COMMAND: u8 = 0x01;
    pub const INVALID_PARAMETER: u8 = 0x02;
    pub const INVALID_LENGTH: u8 = 0x03;
    pub const INVALID_SEQ: u8 = 0x04;
    pub const CBOR_UNEXPECTED_TYPE: u8 = 0x11;
    pub const INVALID_CBOR: u8 = 0x12;
    pub const MISSING_PARAMETER: u8 = 0x14;
    pub const LIMIT_EXCEEDED: u8 = 0x15;
    pub const FP_DATABASE_FULL: u8 = 0x17;
    pub const LARGE_BLOB_STORAGE_FULL: u8 = 0x18;
    pub const CREDENTIAL_EXCLUDED: u8 = 0x19;
    pub const OPERATION_DENIED: u8 = 0x27;
    pub const KEY_STORE_FULL: u8 = 0x28;
    pub const UNSUPPORTED_OPTION: u8 = 0x2b;
    pub const INVALID_OPTION: u8 = 0x2c;
    pub const NO_CREDENTIALS: u8 = 0x2e;
    pub const USER_ACTION_TIMEOUT: u8 = 0x2f;
    pub const NOT_ALLOWED: u8 = 0x30;
    pub const PIN_INVALID: u8 = 0x31;
    pub const PIN_BLOCKED: u8 = 0x32;
    pub const PIN_AUTH_INVALID: u8 = 0x33;
    pub const PIN_NOT_SET: u8 = 0x35;
    pub const PUAT_REQUIRED: u8 = 0x36;
    pub const PIN_POLICY_VIOLATION: u8 = 0x37;
    pub const REQUEST_TOO_LARGE: u8 = 0x39;
    pub const UV_BLOCKED: u8 = 0x3c;
    pub const INTEGRITY_FAILURE: u8 = 0x3d;
    pub const INVALID_SUBCOMMAND: u8 = 0x3e;
    pub const UV_INVALID: u8 = 0x3f;
    pub const UNAUTHORIZED_PERMISSION: u8 = 0x40;
}

/// What a token may be used for (CTAP 2.1 §6.5.5.7).
pub mod permission {
    /// mc
    pub const MAKE: u64 = 0x01;
    /// ga
    pub const GET: u64 = 0x02;
    /// cm
    pub const MANAGE: u64 = 0x04;
    /// be
    pub const ENROLL: u64 = 0x08;
    /// lbw
    pub const WRITE_BLOBS: u64 = 0x10;
    /// acfg
    pub const CONFIGURE: u64 = 0x20;
    /// pcmr
    pub const READ: u64 = 0x40;
}
