//! The members of a response map, for those who read responses.

use crate::encoding::cbor::{self, Value};
use crate::webauthn::InputError;

/// A canonical CBOR map: a response, or a map inside it.
pub(super) struct Members<'a>(Value<'a>);

/// A member's key: an integer of a response, a name of a map inside it.
pub(super) trait Key {
    fn of<'v, 'a>(self, map: &'v Value<'a>) -> Option<&'v Value<'a>>;
}

impl Key for i64 {
    fn of<'v, 'a>(self, map: &'v Value<'a>) -> Option<&'v Value<'a>> {
        map.at(self)
    }
}

impl Key for &str {
    fn of<'v, 'a>(self, map: &'v Value<'a>) -> Option<&'v Value<'a>> {
        map.member(self)
    }
}

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

    pub(super) fn text_if_there(&self, key: impl Key, name: &str) -> Result<Option<&'a str>, InputError> {
        self.if_there(key, name, "a text string", Value::as_text)
    }

    pub(super) fn bool(&self, key: impl Key, name: &str) -> Result<Option<bool>, InputError> {
        self.if_there(key, name, "true or false", Value::as_bool)
    }

    pub(super) fn unsigned(&self, key: impl Key, name: &str) -> Result<Option<u64>, InputError> {
        let unsigned = |value: &Value<'a>| match value {
            Value::Unsigned(number) => Some(*number),
            _ => None,
        };
        self.if_there(key, name, "an unsigned integer", unsigned)
    }

    /// A map inside this one.
    pub(super) fn map(&self, key: impl Key, name: &str) -> Result<Option<Self>, InputError> {
        let map = |value: &Value<'a>| matches!(value, Value::Map(_)).then(|| Self(value.clone()));
        self.if_there(key, name, "a map", map)
    }

    /// The entries of a map inside this one; none if it is not there.
    pub(super) fn entries(
        &self,
        key: impl Key,
        name: &str,
    ) -> Result<Vec<(Value<'a>, Value<'a>)>, InputError> {
        let entries = |value: &Value<'a>| value.as_map().map(<[_]>::to_vec);
        Ok(self.if_there(key, name, "a map", entries)?.unwrap_or_default())
    }

    /// The items of an array; none if it is not there.
    pub(super) fn items(&self, key: impl Key, name: &str) -> Result<Vec<Value<'a>>, InputError> {
        let items = |value: &Value<'a>| value.as_array().map(<[_]>::to_vec);
        Ok(self.if_there(key, name, "an array", items)?.unwrap_or_default())
    }

    /// The text strings of an array; none if it is not there.
    pub(super) fn texts(&self, key: impl Key, name: &str) -> Result<Vec<&'a str>, InputError> {
        let items = self.items(key, name)?;
        items.iter().map(|item| item.as_text().ok_or_else(|| wrong(name, item, "text strings"))).collect()
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
pub(super) fn wrong(name: &str, value: &Value<'_>, expected: &str) -> InputError {
    InputError::new(name, value.kind(), expected)
}
