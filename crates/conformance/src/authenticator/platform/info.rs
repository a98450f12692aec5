//! What an authenticator says of itself (CTAP 2.3 §6.4).

use ciborium::Value;

use super::answer::{Answer, named, number};

/// The answer to authenticatorGetInfo.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Info(Answer);

impl Info {
    pub(crate) fn new(answer: Answer) -> Self {
        Self(answer)
    }

    /// Nothing yet.
    pub(crate) fn none() -> Self {
        Self(Answer { status: 0, bytes: Vec::new(), body: None })
    }

    /// A member.
    pub(crate) fn get(&self, key: u64) -> Option<&Value> {
        self.0.get(key)
    }

    pub(crate) fn number(&self, key: u64) -> Option<u64> {
        self.0.number(key)
    }

    pub(crate) fn bytes(&self, key: u64) -> Option<&[u8]> {
        self.0.bytes(key)
    }

    /// The elements of a list that are texts.
    pub(crate) fn texts(&self, key: u64) -> Vec<&str> {
        self.list(key).iter().filter_map(Value::as_text).collect()
    }

    /// The elements of a list; none if it is not there.
    pub(crate) fn list(&self, key: u64) -> &[Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn has_version(&self, version: &str) -> bool {
        self.texts(0x01).contains(&version)
    }

    /// Whether it speaks CTAP 2.1 or a later one.
    pub(crate) fn is_from_2_1(&self) -> bool {
        self.has_version("FIDO_2_1") || self.has_version("FIDO_2_3")
    }

    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        self.texts(0x02).contains(&extension)
    }

    /// An option; `None` if it is not there, or no boolean.
    pub(crate) fn option(&self, name: &str) -> Option<bool> {
        named(self.get(0x04)?, name)?.as_bool()
    }

    /// The numbers of the PIN/UV auth protocols, the most preferred first.
    pub(crate) fn protocols(&self) -> Vec<u64> {
        self.list(0x06).iter().filter_map(number).collect()
    }

    /// The COSE algorithm identifiers of its credentials, where it tells them.
    pub(crate) fn algorithms(&self) -> Vec<i64> {
        let identifier = |entry: &Value| i64::try_from(i128::from(named(entry, "alg")?.as_integer()?)).ok();
        self.list(0x0a).iter().filter_map(identifier).collect()
    }

    /// The longest message that it takes, in bytes.
    pub(crate) fn max_msg_size(&self) -> u64 {
        self.number(0x05).unwrap_or(1024)
    }
}
