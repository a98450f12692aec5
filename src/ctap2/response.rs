//! The members of a response map, for those who read responses.

use super::message::{Key, Member, MemberError, read_member};
use crate::encoding::cbor::{self, Value, Writer};
use crate::webauthn::InputError;

/// A canonical CBOR map: a response, or a map inside it.
pub(super) struct Members<'a>(Value<'a>);

impl<'a> Members<'a> {
    pub(super) fn read(cbor: &'a [u8]) -> Result<Self, InputError> {
        let value = cbor::read(cbor)
            .map_err(|error| InputError::new("response", error.to_string(), "canonical CBOR"))?;
        match value {
            map @ Value::Map(_) => Ok(Self(map)),
            other => Err(wrong("response", &other, "a map")),
        }
    }

    pub(super) fn required(&self, key: impl Key, name: &str) -> Result<&Value<'a>, InputError> {
        key.of(&self.0).ok_or_else(|| InputError::new(name, "nothing", "a member of the response"))
    }

    pub(super) fn bytes(&self, key: impl Key, name: &str) -> Result<&'a [u8], InputError> {
        let value = self.required(key, name)?;
        value.as_bytes().ok_or_else(|| wrong(name, value, "a byte string"))
    }

    pub(super) fn bytes_if_there(&self, key: impl Key, name: &str) -> Result<Option<&'a [u8]>, InputError> {
        self.if_there(key, name, "a byte string", Value::as_bytes)
    }

    pub(super) fn text(&self, key: impl Key, name: &str) -> Result<&'a str, InputError> {
        let value = self.required(key, name)?;
        value.as_text().ok_or_else(|| wrong(name, value, "a text string"))
    }

    pub(super) fn bool(&self, key: impl Key, name: &str) -> Result<Option<bool>, InputError> {
        self.if_there(key, name, "true or false", Value::as_bool)
    }

    /// A member as its type reads it.
    pub(super) fn member<T: Member>(&self, key: i64, name: &'static str) -> Result<T, InputError> {
        read_member(&self.0, key, name).map_err(MemberError::in_response)
    }

    /// A map inside this one, as encoded.
    pub(super) fn encoded_map(&self, key: impl Key, name: &str) -> Result<Option<Vec<u8>>, InputError> {
        let encoded = |value: &Value<'a>| {
            let mut writer = Writer::new();
            matches!(value, Value::Map(_)).then(|| value.write(&mut writer))?;
            Some(writer.into_bytes())
        };
        self.if_there(key, name, "a map", encoded)
    }

    /// A map inside this one.
    pub(super) fn map(&self, key: impl Key, name: &str) -> Result<Option<Self>, InputError> {
        let map = |value: &Value<'a>| matches!(value, Value::Map(_)).then(|| Self(value.clone()));
        self.if_there(key, name, "a map", map)
    }

    pub(super) fn if_there<T>(
        &self,
        key: impl Key,
        name: &str,
        expected: &str,
        read: impl Fn(&Value<'a>) -> Option<T>,
    ) -> Result<Option<T>, InputError> {
        let Some(value) = key.of(&self.0) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| wrong(name, value, expected))
    }
}

/// The error that a member is of another type.
fn wrong(name: &str, value: &Value<'_>, expected: &str) -> InputError {
    InputError::new(name, value.kind(), expected)
}
