//! authenticatorClientPIN (CTAP 2.1 §6.5.5).

use super::Status;
use super::key_agreement_key::KeyAgreementKey;
use super::request::{Parameters, bytes, text, unsigned};
use super::response::Members;
use crate::encoding::cbor::Writer;
use crate::webauthn::InputError;

/// A sub-command of authenticatorClientPIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientPinSubCommand {
    /// getPINRetries
    GetPinRetries,
    /// getKeyAgreement
    GetKeyAgreement,
    /// setPIN
    SetPin,
    /// changePIN
    ChangePin,
    /// getPinToken
    GetPinToken,
    /// getPinUvAuthTokenUsingUvWithPermissions
    GetTokenUsingUv,
    /// getUVRetries
    GetUvRetries,
    /// getPinUvAuthTokenUsingPinWithPermissions
    GetTokenUsingPin,
}

impl ClientPinSubCommand {
    /// Every sub-command.
    pub const ALL: &[ClientPinSubCommand] = &[
        Self::GetPinRetries,
        Self::GetKeyAgreement,
        Self::SetPin,
        Self::ChangePin,
        Self::GetPinToken,
        Self::GetTokenUsingUv,
        Self::GetUvRetries,
        Self::GetTokenUsingPin,
    ];

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::GetPinRetries => 1,
            Self::GetKeyAgreement => 2,
            Self::SetPin => 3,
            Self::ChangePin => 4,
            Self::GetPinToken => 5,
            Self::GetTokenUsingUv => 6,
            Self::GetUvRetries => 7,
            Self::GetTokenUsingPin => 9,
        }
    }

    /// The sub-command of this number.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.number() == number)
    }
}

/// The request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientPinRequest {
    /// 0x01: the number of the PIN/UV auth protocol.
    pub pin_uv_auth_protocol: Option<u64>,
    /// 0x02: the number of the sub-command.
    pub sub_command: u64,
    /// 0x03: the platform's public key.
    pub key_agreement: Option<KeyAgreementKey>,
    /// 0x04
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x05: the new PIN, padded to 64 bytes and encrypted.
    pub new_pin_enc: Option<Vec<u8>>,
    /// 0x06: the first 16 bytes of the SHA-256 of the PIN, encrypted.
    pub pin_hash_enc: Option<Vec<u8>>,
    /// 0x09: the [permissions](super::Permissions) that the token shall have.
    pub permissions: Option<u64>,
    /// 0x0A: the RP ID that the token shall be for.
    pub rp_id: Option<String>,
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

    /// The parameters, in canonical CBOR: the request without its command byte.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let byte_strings =
            [(0x04, &self.pin_uv_auth_param), (0x05, &self.new_pin_enc), (0x06, &self.pin_hash_enc)];
        let there = byte_strings.iter().filter(|(_, bytes)| bytes.is_some()).count();
        let others = [
            self.pin_uv_auth_protocol.is_some(),
            self.key_agreement.is_some(),
            self.permissions.is_some(),
            self.rp_id.is_some(),
        ];
        let mut writer = Writer::new();
        writer.map(1 + there + others.into_iter().filter(|is_there| *is_there).count());
        if let Some(protocol) = self.pin_uv_auth_protocol {
            writer.unsigned(0x01);
            writer.unsigned(protocol);
        }
        writer.unsigned(0x02);
        writer.unsigned(self.sub_command);
        if let Some(key) = &self.key_agreement {
            writer.unsigned(0x03);
            key.write(&mut writer);
        }
        for (key, bytes) in byte_strings {
            if let Some(bytes) = bytes {
                writer.unsigned(key);
                writer.bytes(bytes);
            }
        }
        if let Some(permissions) = self.permissions {
            writer.unsigned(0x09);
            writer.unsigned(permissions);
        }
        if let Some(rp_id) = &self.rp_id {
            writer.unsigned(0x0a);
            writer.text(rp_id);
        }
        writer.into_bytes()
    }

    /// Reads the parameters: the request without its command byte.
    ///
    /// # Errors
    /// The [`Status`] with which an authenticator refuses them.
    pub fn from_cbor(cbor: &[u8]) -> Result<Self, Status> {
        let parameters = Parameters::read(cbor)?;
        let byte_string = |key| parameters.get(key).map(|value| bytes(value).map(<[u8]>::to_vec)).transpose();
        Ok(Self {
            pin_uv_auth_protocol: parameters.get(0x01).map(unsigned).transpose()?,
            sub_command: unsigned(parameters.required(0x02)?)?,
            key_agreement: parameters.get(0x03).map(KeyAgreementKey::read).transpose()?,
            pin_uv_auth_param: byte_string(0x04)?,
            new_pin_enc: byte_string(0x05)?,
            pin_hash_enc: byte_string(0x06)?,
            permissions: parameters.get(0x09).map(unsigned).transpose()?,
            rp_id: parameters.get(0x0a).map(|value| text(value).map(str::to_owned)).transpose()?,
        })
    }
}

/// The response. Sub-commands that return nothing have no members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientPinResponse {
    /// 0x01: the authenticator's public key.
    pub key_agreement: Option<KeyAgreementKey>,
    /// 0x02: the token, encrypted.
    pub pin_uv_auth_token: Option<Vec<u8>>,
    /// 0x03: how many wrong PINs are left.
    pub pin_retries: Option<u64>,
    /// 0x04: whether the authenticator has to be power-cycled before it takes a PIN again.
    pub power_cycle_state: Option<bool>,
    /// 0x05: how many failures of built-in user verification are left.
    pub uv_retries: Option<u64>,
}

impl ClientPinResponse {
    /// The response in canonical CBOR, without its status byte; nothing at all if it has no members.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// Reads a response: what follows its status byte.
    ///
    /// # Errors
    /// [`InputError`] with the member that is wrong.
    pub fn from_cbor(cbor: &[u8]) -> Result<Self, InputError> {
        if cbor.is_empty() {
            return Ok(Self::default());
        }
        let members = Members::read(cbor)?;
        let key = |value: &crate::encoding::cbor::Value<'_>| KeyAgreementKey::read(value).ok();
        Ok(Self {
            key_agreement: members.if_there(0x01, "keyAgreement", "a COSE key on P-256", key)?,
            pin_uv_auth_token: members.bytes_if_there(0x02, "pinUvAuthToken")?.map(<[u8]>::to_vec),
            pin_retries: members.unsigned(0x03, "pinRetries")?,
            power_cycle_state: members.bool(0x04, "powerCycleState")?,
            uv_retries: members.unsigned(0x05, "uvRetries")?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        let there = [
            self.key_agreement.is_some(),
            self.pin_uv_auth_token.is_some(),
            self.pin_retries.is_some(),
            self.power_cycle_state.is_some(),
            self.uv_retries.is_some(),
        ];
        let there = there.into_iter().filter(|is_there| *is_there).count();
        if there == 0 {
            return;
        }
        writer.map(there);
        if let Some(key) = &self.key_agreement {
            writer.unsigned(0x01);
            key.write(writer);
        }
        if let Some(token) = &self.pin_uv_auth_token {
            writer.unsigned(0x02);
            writer.bytes(token);
        }
        if let Some(retries) = self.pin_retries {
            writer.unsigned(0x03);
            writer.unsigned(retries);
        }
        if let Some(state) = self.power_cycle_state {
            writer.unsigned(0x04);
            writer.bool(state);
        }
        if let Some(retries) = self.uv_retries {
            writer.unsigned(0x05);
            writer.unsigned(retries);
        }
    }
}
