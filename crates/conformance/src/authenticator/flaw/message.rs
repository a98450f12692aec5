//! Requests and answers, as flaws see and change them.

use ciborium::Value;

use crate::authenticator::platform::answer::{self, named};
use crate::authenticator::platform::code::{command, status};
use crate::authenticator::platform::data::{self, AuthData};
use crate::authenticator::platform::parameters::{self, encode};

/// A request of CTAP2, as a flaw sees it.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) command: u8,
    /// The parameters, if they can be read.
    pub(super) parameters: Option<Value>,
    /// The bytes behind the command.
    pub(super) bytes: Vec<u8>,
}

/// An answer, as a flaw sees it.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u8,
    /// The map behind it, if there is one.
    pub(super) body: Option<Value>,
    /// The bytes behind the status, if they are no encoding of `body`.
    pub(super) bytes: Option<Vec<u8>>,
}

/// What a flaw remembers.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    pub(super) count: u64,
    pub(super) kept: Vec<Vec<u8>>,
}

impl Call {
    pub(super) fn read(request: &[u8]) -> Option<Self> {
        let (&command, bytes) = request.split_first()?;
        let parameters = ciborium::from_reader(bytes).ok();
        Some(Self { command, parameters, bytes: bytes.to_vec() })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut request = vec![self.command];
        match &self.parameters {
            Some(parameters) => request.extend(encode(parameters)),
            None => request.extend(&self.bytes),
        }
        request
    }

    /// A member of the parameters.
    pub(super) fn get(&self, key: u64) -> Option<&Value> {
        answer::member(self.parameters.as_ref()?, &Value::from(key))
    }

    pub(super) fn number(&self, key: u64) -> Option<u64> {
        answer::number(self.get(key)?)
    }

    /// The number of the sub-command, of a command that has some.
    pub(super) fn sub_command(&self) -> Option<u64> {
        match self.command {
            command::CREDENTIAL_MANAGEMENT | command::CONFIG => self.number(0x01),
            _ => self.number(0x02),
        }
    }

    /// Drops an option, if it has this value.
    pub(super) fn without_option(&mut self, name: &str, value: bool) {
        let key = if self.command == command::MAKE_CREDENTIAL { 0x07 } else { 0x05 };
        let Some(options) = self.get(key).and_then(Value::as_map).cloned() else { return };
        let is_it =
            |known: &Value, told: &Value| known.as_text() == Some(name) && told.as_bool() == Some(value);
        let left = options.into_iter().filter(|(known, told)| !is_it(known, told)).collect();
        self.set(key, Value::Map(left));
    }

    /// Sets a member of the parameters, in the canonical order.
    pub(super) fn set(&mut self, key: u64, value: impl Into<Value>) {
        let parameters = self.parameters.get_or_insert(Value::Map(Vec::new()));
        set(parameters, Value::from(key), Some(value.into()));
    }

    pub(super) fn remove(&mut self, key: u64) {
        if let Some(parameters) = &mut self.parameters {
            set(parameters, Value::from(key), None);
        }
    }
}

impl Reply {
    pub(super) fn read(answer: &[u8]) -> Option<Self> {
        let (&status, bytes) = answer.split_first()?;
        let body = (!bytes.is_empty()).then(|| ciborium::from_reader(bytes).ok()).flatten();
        Some(Self { status, body, bytes: None })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut answer = vec![self.status];
        match (&self.bytes, &self.body) {
            (Some(bytes), _) => answer.extend(bytes),
            (None, Some(body)) => answer.extend(encode(body)),
            (None, None) => {}
        }
        answer
    }

    /// Answers with this status alone.
    pub(super) fn fail(&mut self, code: u8) {
        (self.status, self.body, self.bytes) = (code, None, None);
    }

    /// Answers with this status where it would answer with another.
    pub(super) fn instead(&mut self, sound: u8, other: u8) {
        if self.status == sound {
            self.fail(other);
        }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.status == status::OK
    }

    pub(super) fn get(&self, key: u64) -> Option<&Value> {
        answer::member(self.body.as_ref()?, &Value::from(key))
    }

    /// Sets a member of the body, in the canonical order.
    pub(super) fn set(&mut self, key: u64, value: impl Into<Value>) {
        if let Some(body) = &mut self.body {
            set(body, Value::from(key), Some(value.into()));
        }
    }

    pub(super) fn remove(&mut self, key: u64) {
        if let Some(body) = &mut self.body {
            set(body, Value::from(key), None);
        }
    }

    /// Changes a member of the body.
    pub(super) fn change(&mut self, key: u64, change: impl FnOnce(&mut Value)) {
        let Some(Value::Map(entries)) = &mut self.body else { return };
        if let Some((_, value)) = entries.iter_mut().find(|(known, _)| *known == Value::from(key)) {
            change(value);
        }
    }
}

/// What flaws do to extensions.
impl Call {
    fn extensions_key(&self) -> u64 {
        if self.command == command::MAKE_CREDENTIAL { 0x06 } else { 0x04 }
    }

    /// An extension's input.
    pub(super) fn input(&self, extension: &str) -> Option<&Value> {
        named(self.get(self.extensions_key())?, extension)
    }

    /// Sets an extension's input, or takes it away.
    pub(super) fn set_input(&mut self, extension: &str, input: Option<Value>) {
        let key = self.extensions_key();
        let mut inputs = self.get(key).cloned().unwrap_or_else(|| Value::Map(Vec::new()));
        set(&mut inputs, extension.into(), input);
        match inputs.as_map().is_some_and(Vec::is_empty) {
            true => self.remove(key),
            false => self.set(key, inputs),
        }
    }

    /// Whether its user is to be verified: by a token, or by the option uv.
    pub(super) fn is_verified(&self) -> bool {
        let (options, param) =
            if self.command == command::MAKE_CREDENTIAL { (0x07, 0x08) } else { (0x05, 0x06) };
        let uv = self.get(options).and_then(|options| named(options, "uv"));
        self.get(param).is_some() || uv.and_then(Value::as_bool) == Some(true)
    }
}

impl Reply {
    /// Changes an extension's output, or adds it, or takes it away. What was signed no longer verifies.
    pub(super) fn set_output(&mut self, extension: &str, output: Option<Value>) {
        self.change_data(|data| {
            let Some(at) = data::extensions_at(data) else { return };
            let found = data.get(at..).and_then(|bytes| ciborium::from_reader(bytes).ok());
            let mut outputs = found.unwrap_or_else(|| Value::Map(Vec::new()));
            set(&mut outputs, extension.into(), output);
            data.truncate(at);
            data.extend(encode(&outputs));
            if let Some(flags) = data.get_mut(32) {
                *flags |= data::flag::ED;
            }
        });
    }

    /// Changes the last byte of an extension's output.
    pub(super) fn garble_output(&mut self, extension: &str, by: u8) {
        let data = self.get(0x02).and_then(Value::as_bytes);
        let data = data.and_then(|data| AuthData::read(data).ok());
        if let Some(Value::Bytes(mut output)) = data.and_then(|data| data.output(extension).cloned()) {
            if let Some(last) = output.last_mut() {
                *last ^= by;
            }
            self.set_output(extension, Some(Value::Bytes(output)));
        }
    }

    /// Changes the authenticator data of a ceremony that went well.
    pub(super) fn change_data(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        self.change(0x02, |data| {
            if let Value::Bytes(bytes) = data {
                change(bytes);
            }
        });
    }

    /// Changes the flags of the authenticator data.
    pub(super) fn change_flags(&mut self, change: impl FnOnce(u8) -> u8) {
        self.change_data(|data| {
            if let Some(flags) = data.get_mut(32) {
                *flags = change(*flags);
            }
        });
    }
}

/// Sets a member of a map, or removes it, and keeps the canonical order.
pub(super) fn set(map: &mut Value, key: Value, value: Option<Value>) {
    let Value::Map(entries) = map else { return };
    let mut entries = std::mem::take(entries);
    entries.retain(|(known, _)| *known != key);
    entries.extend(value.map(|value| (key, value)));
    *map = parameters::map(entries);
}
