//! The members of a request map: read with the status code that CTAP defines for each failure, and written.

use std::borrow::Cow;

use super::Status;
use crate::encoding::cbor::{self, Value, Writer};
use crate::webauthn::CredentialDescriptor;

/// A request's parameters: a canonical CBOR map with integer keys.
pub(super) struct Parameters<'a>(Value<'a>);

impl<'a> Parameters<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Status> {
        Self::of(cbor::read(bytes).map_err(|_| Status::InvalidCbor)?)
    }

    /// The members of a map.
    pub(super) fn of(value: Value<'a>) -> Result<Self, Status> {
        match value {
            map @ Value::Map(_) => Ok(Self(map)),
            _ => Err(Status::CborUnexpectedType),
        }
    }

    pub(super) fn get(&self, key: i64) -> Option<&Value<'a>> {
        self.0.at(key)
    }

    pub(super) fn required(&self, key: i64) -> Result<&Value<'a>, Status> {
        self.get(key).ok_or(Status::MissingParameter)
    }

    pub(super) fn client_data_hash(&self, key: i64) -> Result<[u8; 32], Status> {
        bytes(self.required(key)?)?.try_into().map_err(|_| Status::InvalidLength)
    }

    /// A member of `options`. Unknown members are ignored; known ones must be booleans.
    pub(super) fn option(&self, key: i64, name: &str) -> Result<Option<bool>, Status> {
        match self.get(key) {
            None => Ok(None),
            Some(options @ Value::Map(_)) => match options.member(name) {
                None => Ok(None),
                Some(value) => value.as_bool().map(Some).ok_or(Status::CborUnexpectedType),
            },
            Some(_) => Err(Status::CborUnexpectedType),
        }
    }

    /// `pinUvAuthParam` and `pinUvAuthProtocol`.
    pub(super) fn pin_uv_auth(
        &self,
        param: i64,
        protocol: i64,
    ) -> Result<Option<PinUvAuth<'static>>, Status> {
        let protocol = self.get(protocol).map(unsigned).transpose()?;
        let Some(param) = self.get(param) else { return Ok(None) };
        Ok(Some(PinUvAuth { param: bytes(param)?.to_vec().into(), protocol }))
    }

    /// A list of credential descriptors, if it is there. Descriptors of an unknown type are left out.
    pub(super) fn descriptors(&self, key: i64) -> Result<Option<Vec<CredentialDescriptor>>, Status> {
        let Some(list) = self.get(key) else { return Ok(None) };
        let mut descriptors = Vec::new();
        for item in list.as_array().ok_or(Status::CborUnexpectedType)? {
            if text(member(item, "type")?)? == "public-key" {
                let id = bytes(member(item, "id")?)?.to_vec();
                descriptors.push(CredentialDescriptor { id, transports: Vec::new() });
            }
        }
        Ok(Some(descriptors))
    }
}

pub(super) fn member<'v, 'a>(map: &'v Value<'a>, name: &str) -> Result<&'v Value<'a>, Status> {
    match map {
        Value::Map(_) => map.member(name).ok_or(Status::MissingParameter),
        _ => Err(Status::CborUnexpectedType),
    }
}

pub(super) fn bytes<'a>(value: &Value<'a>) -> Result<&'a [u8], Status> {
    value.as_bytes().ok_or(Status::CborUnexpectedType)
}

pub(super) fn text<'a>(value: &Value<'a>) -> Result<&'a str, Status> {
    value.as_text().ok_or(Status::CborUnexpectedType)
}

pub(super) fn unsigned(value: &Value<'_>) -> Result<u64, Status> {
    match value {
        Value::Unsigned(number) => Ok(*number),
        _ => Err(Status::CborUnexpectedType),
    }
}

pub(super) fn optional_text<'a>(map: &Value<'a>, name: &str) -> Result<Option<&'a str>, Status> {
    map.member(name).map(text).transpose()
}

pub(super) fn write_descriptors(key: u64, list: &[CredentialDescriptor], writer: &mut Writer) {
    writer.unsigned(key);
    writer.array(list.len());
    for descriptor in list {
        writer.map(2);
        writer.text("id");
        writer.bytes(&descriptor.id);
        writer.text("type");
        writer.text("public-key");
    }
}

/// A PublicKeyCredentialUserEntity. Names that are empty stay out.
pub(super) fn write_user(id: &[u8], name: &str, display_name: &str, writer: &mut Writer) {
    let names = [("name", name), ("displayName", display_name)];
    let names = names.into_iter().filter(|(_, name)| !name.is_empty());
    writer.map(1 + names.clone().count());
    writer.text("id");
    writer.bytes(id);
    for (member, name) in names {
        writer.text(member);
        writer.text(name);
    }
}

/// Writes nothing if there are no options, which stand in canonical order.
pub(super) fn write_options(
    key: u64,
    options: impl Iterator<Item = (&'static str, bool)> + Clone,
    writer: &mut Writer,
) {
    let count = options.clone().count();
    if count > 0 {
        writer.unsigned(key);
        writer.map(count);
        for (name, value) in options {
            writer.text(name);
            writer.bool(value);
        }
    }
}

/// What proves that a request comes from a platform that has a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinUvAuth<'a> {
    /// `pinUvAuthParam`. Without a byte, the platform asks for a touch only, to find out which key the user means
    /// (CTAP 2.1 §6.1.2 step 1).
    pub param: Cow<'a, [u8]>,
    /// `pinUvAuthProtocol`
    pub protocol: Option<u64>,
}

impl PinUvAuth<'_> {
    /// What asks for a touch only.
    #[must_use]
    pub fn selection() -> Self {
        Self { param: Cow::Borrowed(&[]), protocol: Some(1) }
    }

    /// How many members it has.
    pub(super) fn len(&self) -> usize {
        1 + usize::from(self.protocol.is_some())
    }

    pub(super) fn write(&self, param: u64, protocol: u64, writer: &mut Writer) {
        writer.unsigned(param);
        writer.bytes(&self.param);
        if let Some(number) = self.protocol {
            writer.unsigned(protocol);
            writer.unsigned(number);
        }
    }
}
