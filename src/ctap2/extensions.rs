//! Inputs of the extensions that CTAP defines (CTAP 2.1 §12).

use super::Status;
use super::key_agreement_key::KeyAgreementKey;
use super::request::{Parameters, bytes, unsigned};
use crate::encoding::cbor::{Value, Writer};

/// The input of `hmac-secret` in an assertion (CTAP 2.1 §12.5).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HmacSecretInput {
    /// 1, `keyAgreement`: the platform's public key.
    pub key_agreement: KeyAgreementKey,
    /// 2, `saltEnc`: one salt of 32 bytes or two, encrypted.
    pub salt_enc: Vec<u8>,
    /// 3, `saltAuth`
    pub salt_auth: Vec<u8>,
    /// 4, `pinUvAuthProtocol`: without it, protocol one.
    pub pin_uv_auth_protocol: Option<u64>,
}

impl HmacSecretInput {
    /// The input with these members, by protocol one as it is not named.
    #[must_use]
    pub fn new(key_agreement: KeyAgreementKey, salt_enc: Vec<u8>, salt_auth: Vec<u8>) -> Self {
        Self { key_agreement, salt_enc, salt_auth, pin_uv_auth_protocol: None }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.map(3 + usize::from(self.pin_uv_auth_protocol.is_some()));
        writer.unsigned(1);
        self.key_agreement.write(writer);
        writer.unsigned(2);
        writer.bytes(&self.salt_enc);
        writer.unsigned(3);
        writer.bytes(&self.salt_auth);
        if let Some(protocol) = self.pin_uv_auth_protocol {
            writer.unsigned(4);
            writer.unsigned(protocol);
        }
    }

    fn read(value: &Value<'_>) -> Result<Self, Status> {
        let members = Parameters::of(value.clone())?;
        Ok(Self {
            key_agreement: KeyAgreementKey::read(members.required(1)?)?,
            salt_enc: bytes(members.required(2)?)?.to_vec(),
            salt_auth: bytes(members.required(3)?)?.to_vec(),
            pin_uv_auth_protocol: members.get(4).map(unsigned).transpose()?,
        })
    }
}

/// The inputs of extensions in authenticatorMakeCredential.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MakeCredentialExtensions {
    /// `hmac-secret`: whether the platform means to ask for secrets of the credential.
    pub hmac_secret: bool,
}

impl MakeCredentialExtensions {
    pub(super) fn is_empty(&self) -> bool {
        !self.hmac_secret
    }

    pub(super) fn write(&self, key: u64, writer: &mut Writer) {
        if self.hmac_secret {
            writer.unsigned(key);
            writer.map(1);
            writer.text(HMAC_SECRET);
            writer.bool(true);
        }
    }

    /// Reads the member of a request. Extensions that `has` does not name are ignored, whatever their inputs are.
    pub(super) fn read(member: Option<&Value<'_>>, has: &dyn Fn(&str) -> bool) -> Result<Self, Status> {
        let input = Inputs::of(member, has)?;
        let hmac_secret = input.get(HMAC_SECRET).map(Value::as_bool);
        Ok(Self { hmac_secret: hmac_secret.unwrap_or(Some(false)).ok_or(Status::CborUnexpectedType)? })
    }
}

/// The inputs of extensions in authenticatorGetAssertion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAssertionExtensions {
    /// `hmac-secret`: salts to compute secrets from.
    pub hmac_secret: Option<HmacSecretInput>,
}

impl GetAssertionExtensions {
    pub(super) fn is_empty(&self) -> bool {
        self.hmac_secret.is_none()
    }

    pub(super) fn write(&self, key: u64, writer: &mut Writer) {
        if let Some(input) = &self.hmac_secret {
            writer.unsigned(key);
            writer.map(1);
            writer.text(HMAC_SECRET);
            input.write(writer);
        }
    }

    /// Reads the member of a request. Extensions that `has` does not name are ignored, whatever their inputs are.
    pub(super) fn read(member: Option<&Value<'_>>, has: &dyn Fn(&str) -> bool) -> Result<Self, Status> {
        let input = Inputs::of(member, has)?;
        Ok(Self { hmac_secret: input.get(HMAC_SECRET).map(HmacSecretInput::read).transpose()? })
    }
}

const HMAC_SECRET: &str = "hmac-secret";

/// The inputs of a request, by the extensions' identifiers.
struct Inputs<'v, 'a> {
    inputs: Option<&'v Value<'a>>,
    has: &'v dyn Fn(&str) -> bool,
}

impl<'v, 'a> Inputs<'v, 'a> {
    fn of(inputs: Option<&'v Value<'a>>, has: &'v dyn Fn(&str) -> bool) -> Result<Self, Status> {
        match inputs {
            None | Some(Value::Map(_)) => Ok(Self { inputs, has }),
            Some(_) => Err(Status::CborUnexpectedType),
        }
    }

    fn get(&self, identifier: &str) -> Option<&'v Value<'a>> {
        self.inputs.filter(|_| (self.has)(identifier))?.member(identifier)
    }
}
