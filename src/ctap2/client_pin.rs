//! authenticatorClientPIN (CTAP 2.1 §6.5.5).

use super::key_agreement_key::KeyAgreementKey;
use super::message::{numbered, request, response};

numbered! {
    /// A sub-command of authenticatorClientPIN.
    pub enum ClientPinSubCommand: u64 {
        /// getPINRetries
        GetPinRetries = 0x01,
        /// getKeyAgreement
        GetKeyAgreement = 0x02,
        /// setPIN
        SetPin = 0x03,
        /// changePIN
        ChangePin = 0x04,
        /// getPinToken
        GetPinToken = 0x05,
        /// getPinUvAuthTokenUsingUvWithPermissions
        GetTokenUsingUv = 0x06,
        /// getUVRetries
        GetUvRetries = 0x07,
        /// getPinUvAuthTokenUsingPinWithPermissions
        GetTokenUsingPin = 0x09,
    }
}

request! {
    /// The request.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ClientPinRequest {
        /// The number of the PIN/UV auth protocol.
        pin_uv_auth_protocol: Option<u64> = 0x01,
        /// The number of the sub-command.
        sub_command: u64 = 0x02,
        /// The platform's public key.
        key_agreement: Option<KeyAgreementKey> = 0x03,
        /// The proof that the platform has the shared secret.
        pin_uv_auth_param: Option<Vec<u8>> = 0x04,
        /// The new PIN, padded to 64 bytes and encrypted.
        new_pin_enc: Option<Vec<u8>> = 0x05,
        /// The first 16 bytes of the SHA-256 of the PIN, encrypted.
        pin_hash_enc: Option<Vec<u8>> = 0x06,
        /// The [permissions](super::Permissions) that the token shall have.
        permissions: Option<u64> = 0x09,
        /// The RP ID that the token shall be for.
        rp_id: Option<String> = 0x0a,
    }
}

impl ClientPinRequest {
    /// A request of this sub-command without parameters.
    #[must_use]
    pub fn new(sub_command: ClientPinSubCommand) -> Self {
        Self {
            pin_uv_auth_protocol: None,
            sub_command: sub_command.number(),
            key_agreement: None,
            pin_uv_auth_param: None,
            new_pin_enc: None,
            pin_hash_enc: None,
            permissions: None,
            rp_id: None,
        }
    }
}

response! {
    /// The response. Sub-commands that return nothing have no members.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ClientPinResponse {
        /// The authenticator's public key.
        key_agreement: Option<KeyAgreementKey> = 0x01,
        /// The token, encrypted.
        pin_uv_auth_token: Option<Vec<u8>> = 0x02,
        /// How many wrong PINs are left.
        pin_retries: Option<u64> = 0x03,
        /// Whether the authenticator has to be power-cycled before it takes a PIN again.
        power_cycle_state: Option<bool> = 0x04,
        /// How many failures of built-in user verification are left.
        uv_retries: Option<u64> = 0x05,
    }
}
