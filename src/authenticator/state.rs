//! What an authenticator keeps beside credentials, in its store: its PIN, and how many wrong ones are left.

use super::{Authenticator, AuthenticatorError, StoreError};
use crate::encoding::cbor::{self, Value, Writer};

/// The most wrong PINs in all (CTAP 2.1 §6.5.2.2).
pub(super) const MOST_PIN_RETRIES: u8 = 8;

/// The state. A member that the store lacks is as it is after a reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) pin: Option<Pin>,
    pub(super) pin_retries: u8,
}

/// What is kept of a PIN (§6.5.1).
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pin {
    /// The first 16 bytes of its SHA-256.
    pub(super) hash: [u8; 16],
    /// Its length in code points.
    pub(super) code_points: u8,
}

/// The hash is as good as the PIN.
impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pin").field("code_points", &self.code_points).finish_non_exhaustive()
    }
}

/// As it is after a reset.
impl Default for State {
    fn default() -> Self {
        Self { pin: None, pin_retries: MOST_PIN_RETRIES }
    }
}

// The keys of the record. One that is retired is never used again.
const PIN_HASH: u64 = 1;
const PIN_CODE_POINTS: u64 = 2;
const PIN_RETRIES: u64 = 3;

impl State {
    /// The state in a record; `None` for what is no record.
    fn read(record: &[u8]) -> Option<Self> {
        let record = cbor::read(record).ok().filter(|record| matches!(record, Value::Map(_)))?;
        let at = |key: u64| record.at(i64::try_from(key).ok()?);
        let number = |key: u64| match at(key) {
            None => Some(None),
            Some(value) => value.as_int().and_then(|number| u8::try_from(number).ok()).map(Some),
        };
        let pin = match at(PIN_HASH) {
            None => None,
            Some(hash) => {
                let hash = hash.as_bytes()?.try_into().ok()?;
                Some(Pin { hash, code_points: number(PIN_CODE_POINTS)?? })
            }
        };
        let pin_retries = number(PIN_RETRIES)?.unwrap_or(MOST_PIN_RETRIES).min(MOST_PIN_RETRIES);
        Some(Self { pin, pin_retries })
    }

    fn record(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(if self.pin.is_some() { 3 } else { 1 });
        if let Some(pin) = &self.pin {
            writer.unsigned(PIN_HASH);
            writer.bytes(&pin.hash);
            writer.unsigned(PIN_CODE_POINTS);
            writer.unsigned(pin.code_points.into());
        }
        writer.unsigned(PIN_RETRIES);
        writer.unsigned(self.pin_retries.into());
        writer.into_bytes()
    }
}

impl Authenticator {
    /// The state in the store.
    ///
    /// # Errors
    /// [`AuthenticatorError::Store`].
    pub(super) fn state(&mut self) -> Result<State, AuthenticatorError> {
        read(self.store.begin()?.authenticator_state()?)
    }

    /// Changes the state. When this returns, the change is durable.
    ///
    /// # Errors
    /// [`AuthenticatorError::Store`]; the state stays then.
    pub(super) fn change_state<T>(
        &mut self,
        change: impl FnOnce(&mut State) -> T,
    ) -> Result<T, AuthenticatorError> {
        let mut transaction = self.store.begin()?;
        let mut state = read(transaction.authenticator_state()?)?;
        let outcome = change(&mut state);
        transaction.set_authenticator_state(&state.record())?;
        transaction.commit()?;
        Ok(outcome)
    }
}

fn read(record: Option<Vec<u8>>) -> Result<State, AuthenticatorError> {
    match record.filter(|record| !record.is_empty()) {
        None => Ok(State::default()),
        Some(record) => State::read(&record).ok_or_else(|| StoreError::State.into()),
    }
}
