//! What the CTAP document defines: commands, requests, responses, status codes. [`authenticator`](crate::authenticator) has
//! the behaviour.

mod bio_enrollment;
mod client_pin;
mod config;
mod credential_management;
mod entities;
mod extensions;
mod get_assertion;
mod get_info;
mod key_agreement_key;
mod large_blobs;
mod make_credential;
pub(crate) mod message;
mod permissions;
mod pin_uv_auth;
mod request;
mod response;
mod status;
mod u2f;

pub use bio_enrollment::{
    BioEnrollmentParameters, BioEnrollmentRequest, BioEnrollmentResponse, BioEnrollmentSubCommand,
    SampleStatus, TemplateInfo,
};
pub use client_pin::{ClientPinRequest, ClientPinResponse, ClientPinSubCommand};
pub use config::{ConfigRequest, ConfigSubCommand, SetMinPinLengthParameters, VendorPrototypeParameters};
pub use credential_management::{
    CredentialManagementParameters, CredentialManagementRequest, CredentialManagementResponse,
    CredentialManagementSubCommand,
};
pub use entities::{PublicKeyCredentialDescriptor, RpEntity, UserEntity};
pub(crate) use extensions::only;
pub use extensions::{
    GetAssertionExtensions, HmacSecretInput, LargeBlobInput, LargeBlobSupport, MakeCredentialExtensions,
};
pub use get_assertion::{GetAssertionRequest, GetAssertionResponse};
pub use get_info::{Certifications, GetInfoResponse, InfoOptions};
pub use key_agreement_key::KeyAgreementKey;
pub use large_blobs::{LargeBlobsRequest, LargeBlobsResponse};
pub use make_credential::{EnterpriseAttestation, MakeCredentialRequest, MakeCredentialResponse};
pub use message::EncodedItem;
pub use permissions::Permissions;
#[cfg(feature = "ctap")]
pub use pin_uv_auth::{PinUvAuthProtocol, SharedSecret};
#[cfg(not(feature = "ctap"))]
pub(crate) use pin_uv_auth::{PinUvAuthProtocol, SharedSecret};
pub use request::PinUvAuth;
pub use status::Status;
pub use u2f::{U2fControl, U2fRequest, U2fStatus};

use message::numbered;

numbered! {
    /// A CTAP2 command (CTAP 2.1 §6, §8.1). Its number is the first byte of a request.
    pub enum Command: u8 {
        /// authenticatorMakeCredential
        MakeCredential = 0x01,
        /// authenticatorGetAssertion
        GetAssertion = 0x02,
        /// authenticatorGetInfo
        GetInfo = 0x04,
        /// authenticatorClientPIN
        ClientPin = 0x06,
        /// authenticatorReset
        Reset = 0x07,
        /// authenticatorGetNextAssertion
        GetNextAssertion = 0x08,
        /// authenticatorBioEnrollment
        BioEnrollment = 0x09,
        /// authenticatorCredentialManagement
        CredentialManagement = 0x0a,
        /// authenticatorSelection
        Selection = 0x0b,
        /// authenticatorLargeBlobs
        LargeBlobs = 0x0c,
        /// authenticatorConfig
        Config = 0x0d,
        /// The prototype of authenticatorBioEnrollment.
        BioEnrollmentPreview = 0x40,
        /// The prototype of authenticatorCredentialManagement.
        CredentialManagementPreview = 0x41,
    }
}
