//! Numbers of the sub-commands that manage an authenticator (CTAP 2.3 §6.7, §6.8, §6.11).

/// Sub-commands of authenticatorCredentialManagement.
pub(crate) mod credentials {
    pub(crate) const GET_CREDS_METADATA: u64 = 0x01;
    pub(crate) const ENUMERATE_RPS_BEGIN: u64 = 0x02;
    pub(crate) const ENUMERATE_RPS_GET_NEXT_RP: u64 = 0x03;
    pub(crate) const ENUMERATE_CREDENTIALS_BEGIN: u64 = 0x04;
    pub(crate) const ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL: u64 = 0x05;
    pub(crate) const DELETE_CREDENTIAL: u64 = 0x06;
    pub(crate) const UPDATE_USER_INFORMATION: u64 = 0x07;
}

/// Sub-commands of authenticatorConfig.
pub(crate) mod config {
    pub(crate) const ENABLE_ENTERPRISE_ATTESTATION: u64 = 0x01;
    pub(crate) const TOGGLE_ALWAYS_UV: u64 = 0x02;
    pub(crate) const SET_MIN_PIN_LENGTH: u64 = 0x03;
    pub(crate) const ENABLE_LONG_TOUCH_FOR_RESET: u64 = 0x04;
    pub(crate) const VENDOR_PROTOTYPE: u64 = 0xff;
}

/// Sub-commands of authenticatorBioEnrollment.
pub(crate) mod bio {
    pub(crate) const ENROLL_BEGIN: u64 = 0x01;
    pub(crate) const ENROLL_CAPTURE_NEXT_SAMPLE: u64 = 0x02;
    pub(crate) const CANCEL_CURRENT_ENROLLMENT: u64 = 0x03;
    pub(crate) const ENUMERATE_ENROLLMENTS: u64 = 0x04;
    pub(crate) const SET_FRIENDLY_NAME: u64 = 0x05;
    pub(crate) const REMOVE_ENROLLMENT: u64 = 0x06;
    pub(crate) const GET_FINGERPRINT_SENSOR_INFO: u64 = 0x07;
}
