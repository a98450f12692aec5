//! What the CTAP document defines: commands, requests, responses, status codes. [`authenticator`](crate::authenticator) has
//! the behaviour.

mod client_pin;
mod extensions;
mod get_assertion;
mod get_info;
mod key_agreement_key;
mod make_credential;
mod permissions;
#[cfg(feature = "ctap")]
mod pin_uv_auth;
mod request;
mod response;
mod status;

pub use client_pin::{ClientPinRequest, ClientPinResponse, ClientPinSubCommand};
pub use extensions::{GetAssertionExtensions, HmacSecretInput, MakeCredentialExtensions};
pub use get_assertion::{AssertionUser, GetAssertionRequest, GetAssertionResponse};
pub use get_info::GetInfoResponse;
pub use key_agreement_key::KeyAgreementKey;
pub use make_credential::{EnterpriseAttestation, MakeCredentialRequest, MakeCredentialResponse};
pub use permissions::Permissions;
#[cfg(feature = "ctap")]
pub use pin_uv_auth::{PinUvAuthProtocol, SharedSecret};
pub use request::PinUvAuth;
pub use status::Status;

/// A CTAP2 command (CTAP 2.1 §6) that the authenticator answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Command {
    /// authenticatorMakeCredential
    MakeCredential,
    /// authenticatorGetAssertion
    GetAssertion,
    /// authenticatorGetInfo
    GetInfo,
    /// authenticatorClientPIN
    ClientPin,
    /// authenticatorReset
    Reset,
    /// authenticatorGetNextAssertion
    GetNextAssertion,
}

impl Command {
    /// The first byte of a request.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Command::MakeCredential => 0x01,
            Command::GetAssertion => 0x02,
            Command::GetInfo => 0x04,
            Command::ClientPin => 0x06,
            Command::Reset => 0x07,
            Command::GetNextAssertion => 0x08,
        }
    }

    /// The command of this byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Command::MakeCredential),
            0x02 => Some(Command::GetAssertion),
            0x04 => Some(Command::GetInfo),
            0x06 => Some(Command::ClientPin),
            0x07 => Some(Command::Reset),
            0x08 => Some(Command::GetNextAssertion),
            _ => None,
        }
    }
}
