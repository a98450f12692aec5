//! Requests: maps with numbers for keys, in the canonical order.

use std::collections::BTreeMap;

use ciborium::Value;

/// The parameters of a command.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Parameters(BTreeMap<u64, Value>);

impl Parameters {
    /// The same with another member, or another value of one.
    pub(crate) fn with(mut self, key: u64, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    pub(crate) fn set(&mut self, key: u64, value: impl Into<Value>) {
        self.0.insert(key, value.into());
    }

    pub(crate) fn remove(&mut self, key: u64) {
        self.0.remove(&key);
    }

    pub(crate) fn get(&self, key: u64) -> Option<&Value> {
        self.0.get(&key)
    }

    /// The request: the command's number, and the map if there is a member.
    pub(crate) fn request(&self, command: u8) -> Vec<u8> {
        let mut request = vec![command];
        if !self.0.is_empty() {
            request.extend(self.to_cbor());
        }
        request
    }

    pub(crate) fn to_cbor(&self) -> Vec<u8> {
        let entries = self.0.iter().map(|(key, value)| (Value::from(*key), value.clone()));
        encode(&Value::Map(entries.collect()))
    }
}

/// The encoding of a value, with the keys of maps in the order that they have there.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    drop(ciborium::into_writer(value, &mut bytes));
    bytes
}

/// A map, with its keys in the canonical order: by type, by length, by bytes (CTAP 2.1 §8).
pub(crate) fn map<K: Into<Value>, V: Into<Value>>(entries: impl IntoIterator<Item = (K, V)>) -> Value {
    let mut entries: Vec<(Value, Value)> =
        entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
    entries.sort_by_cached_key(|(key, _)| {
        let encoded = encode(key);
        (encoded.first().map(|byte| byte >> 5), encoded.len(), encoded)
    });
    Value::Map(entries)
}

/// A map whose values are of several kinds.
macro_rules! members {
    ($($key:expr => $value:expr),* $(,)?) => {
        $crate::authenticator::platform::parameters::map::<ciborium::Value, ciborium::Value>(
            [$((ciborium::Value::from($key), ciborium::Value::from($value))),*]
        )
    };
}
pub(crate) use members;
