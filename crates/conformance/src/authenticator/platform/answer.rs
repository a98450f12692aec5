//! Answers.

use ciborium::Value;
use stuntkey_inspect::cbor;

use super::code::status;

/// The answer to a CTAP2 request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u8,
    /// Everything behind it.
    pub(crate) bytes: Vec<u8>,
    /// The map behind it, if there is one that can be read.
    pub(crate) body: Option<Value>,
}

impl Answer {
    /// Takes an answer apart; `None` if it has no byte.
    pub(crate) fn read(answer: &[u8]) -> Option<Self> {
        let (&status, bytes) = answer.split_first()?;
        let body = (!bytes.is_empty()).then(|| ciborium::from_reader(bytes).ok()).flatten();
        Some(Self { status, bytes: bytes.to_vec(), body })
    }

    /// The name of its status.
    pub(crate) fn name(&self) -> String {
        status::name(self.status)
    }

    /// A member of the body.
    pub(crate) fn get(&self, key: u64) -> Option<&Value> {
        member(self.body.as_ref()?, &Value::from(key))
    }

    pub(crate) fn bytes(&self, key: u64) -> Option<&[u8]> {
        self.get(key)?.as_bytes().map(Vec::as_slice)
    }

    pub(crate) fn number(&self, key: u64) -> Option<u64> {
        number(self.get(key)?)
    }

    /// How the body departs from one canonical map (CTAP 2.1 §8); `None` if it does not.
    pub(crate) fn departure(&self) -> Option<String> {
        if self.bytes.is_empty() {
            return None;
        }
        let reading = cbor::read(&self.bytes, 0..self.bytes.len());
        if let Some(stop) = reading.stop {
            return Some(format!("{} at byte {}", stop.why, stop.offset));
        }
        let Some(item) = reading.item else { return Some("no data item".to_owned()) };
        if reading.end != self.bytes.len() {
            return Some(format!("{} bytes behind the map", self.bytes.len() - reading.end));
        }
        if !item.is_map() {
            return Some(format!("{} in the place of a map", item.kind_name()));
        }
        if item.has_a_key_twice() {
            return Some("a key twice".to_owned());
        }
        let (offset, departure) = item.first_departure()?;
        Some(format!("{departure} at byte {offset}"))
    }
}

/// A member of a map.
pub(crate) fn member<'v>(map: &'v Value, key: &Value) -> Option<&'v Value> {
    map.as_map()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// A member of a map by its name.
pub(crate) fn named<'v>(map: &'v Value, name: &str) -> Option<&'v Value> {
    map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// An unsigned integer.
pub(crate) fn number(value: &Value) -> Option<u64> {
    u64::try_from(i128::from(value.as_integer()?)).ok()
}
