//! What can go wrong with the proofs of requests that a token has to permit.

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::sub_command::{bio, config, credentials};
use crate::authenticator::stage::pin::sub::GET_TOKEN_USING_PIN;

/// The flaws of each sub-command, whose ids begin so.
macro_rules! proofs {
    ($($command:ident $(/ $sub:expr)?, $permission:expr, $id:literal;)*) => {
        &[$(
            says!(
                $command $(/ $sub)?,
                concat!($id, "/no-param"),
                "says that all is well where pinUvAuthParam is missing",
                s::PUAT_REQUIRED,
                s::OK
            ),
            says!(
                $command $(/ $sub)?,
                concat!($id, "/wrong-param"),
                "says that all is well where pinUvAuthParam is wrong",
                s::PIN_AUTH_INVALID,
                s::OK
            ),
            mends!(
                CLIENT_PIN / GET_TOKEN_USING_PIN,
                concat!($id, "/other-permission"),
                "gives the permission whatever is asked for",
                |call| {
                    call.set(0x09, $permission);
                    call.remove(0x0a);
                }
            ),
        )*]
    };
}

/// The flaws of each command, whose ids begin so.
macro_rules! protocols {
    ($($command:ident $(/ $sub:expr)?, $id:literal;)*) => {
        &[$(
            says!(
                $command $(/ $sub)?,
                concat!($id, "/no-protocol"),
                "says that all is well where pinUvAuthProtocol is missing",
                s::MISSING_PARAMETER,
                s::OK
            ),
            says!(
                $command $(/ $sub)?,
                concat!($id, "/unknown-protocol"),
                "says that all is well where nobody defines pinUvAuthProtocol",
                s::INVALID_PARAMETER,
                s::OK
            ),
        )*]
    };
}

const CREDENTIALS: u64 = permission::CREDENTIAL_MANAGEMENT;

pub(super) const FLAWS: &[AuthenticatorFlaw] = proofs! {
    CREDENTIAL_MANAGEMENT / credentials::GET_CREDS_METADATA, CREDENTIALS, "credential-management/metadata";
    CREDENTIAL_MANAGEMENT / credentials::ENUMERATE_RPS_BEGIN, CREDENTIALS, "credential-management/relying-parties";
    CREDENTIAL_MANAGEMENT / credentials::ENUMERATE_CREDENTIALS_BEGIN, CREDENTIALS, "credential-management/credentials";
    CREDENTIAL_MANAGEMENT / credentials::DELETE_CREDENTIAL, CREDENTIALS, "credential-management/delete";
    CREDENTIAL_MANAGEMENT / credentials::UPDATE_USER_INFORMATION, CREDENTIALS, "credential-management/update";
    LARGE_BLOBS, permission::LARGE_BLOB_WRITE, "large-blobs/set";
    CONFIG / config::ENABLE_ENTERPRISE_ATTESTATION, permission::CONFIG, "config/enterprise-attestation";
    CONFIG / config::TOGGLE_ALWAYS_UV, permission::CONFIG, "config/always-uv";
    CONFIG / config::SET_MIN_PIN_LENGTH, permission::CONFIG, "config/min-pin-length";
    CONFIG / config::ENABLE_LONG_TOUCH_FOR_RESET, permission::CONFIG, "config/long-touch";
    BIO_ENROLLMENT / bio::ENROLL_BEGIN, permission::BIO_ENROLLMENT, "bio-enrollment/enroll";
    BIO_ENROLLMENT / bio::ENROLL_CAPTURE_NEXT_SAMPLE, permission::BIO_ENROLLMENT, "bio-enrollment/capture";
    BIO_ENROLLMENT / bio::ENUMERATE_ENROLLMENTS, permission::BIO_ENROLLMENT, "bio-enrollment/enumerate";
    BIO_ENROLLMENT / bio::SET_FRIENDLY_NAME, permission::BIO_ENROLLMENT, "bio-enrollment/rename";
    BIO_ENROLLMENT / bio::REMOVE_ENROLLMENT, permission::BIO_ENROLLMENT, "bio-enrollment/remove";
};

pub(super) const OF_PROTOCOLS: &[AuthenticatorFlaw] = protocols! {
    CREDENTIAL_MANAGEMENT / credentials::GET_CREDS_METADATA, "credential-management/metadata";
    LARGE_BLOBS, "large-blobs/set";
    CONFIG / config::SET_MIN_PIN_LENGTH, "config/min-pin-length";
    BIO_ENROLLMENT / bio::ENUMERATE_ENROLLMENTS, "bio-enrollment/enumerate";
};

/// Binds no token to a relying party.
const fn unbound(id: &'static str) -> AuthenticatorFlaw {
    mends!(CLIENT_PIN / GET_TOKEN_USING_PIN, id, "gives tokens for every relying party", |call| {
        if call.number(0x09) == Some(permission::CREDENTIAL_MANAGEMENT) {
            call.remove(0x0a);
        }
    })
}

pub(super) const OF_RELYING_PARTIES: &[AuthenticatorFlaw] = &[
    unbound("credential-management/metadata/other-rp"),
    unbound("credential-management/relying-parties/other-rp"),
    unbound("credential-management/credentials/other-rp"),
    unbound("credential-management/delete/other-rp"),
    unbound("credential-management/update/other-rp"),
];

/// Says that all is well where the proof is over another message.
macro_rules! messages {
    ($($command:ident $(/ $sub:expr)?, $id:literal;)*) => {
        &[$(says!(
            $command $(/ $sub)?,
            $id,
            "says that all is well where pinUvAuthParam is over another message",
            s::PIN_AUTH_INVALID,
            s::OK
        ),)*]
    };
}

pub(super) const OF_MESSAGES: &[AuthenticatorFlaw] = messages! {
    CREDENTIAL_MANAGEMENT / credentials::ENUMERATE_CREDENTIALS_BEGIN, "credential-management/credentials/message";
    CREDENTIAL_MANAGEMENT / credentials::DELETE_CREDENTIAL, "credential-management/delete/message";
    CREDENTIAL_MANAGEMENT / credentials::UPDATE_USER_INFORMATION, "credential-management/update/message";
    LARGE_BLOBS, "large-blobs/set/message/prefix";
    LARGE_BLOBS, "large-blobs/set/message/offset";
    LARGE_BLOBS, "large-blobs/set/message/fragment";
    CONFIG / config::SET_MIN_PIN_LENGTH, "config/min-pin-length/message/prefix";
    CONFIG / config::SET_MIN_PIN_LENGTH, "config/min-pin-length/message/parameters";
    BIO_ENROLLMENT / bio::ENUMERATE_ENROLLMENTS, "bio-enrollment/enumerate/message";
    BIO_ENROLLMENT / bio::SET_FRIENDLY_NAME, "bio-enrollment/rename/message";
    BIO_ENROLLMENT / bio::REMOVE_ENROLLMENT, "bio-enrollment/remove/message";
};
