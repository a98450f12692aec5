//! What an authenticator keeps beside credentials, in its store.

use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

use zeroize::Zeroizing;

use super::model::CtapVersion;
use super::{Authenticator, AuthenticatorError, StoreError, Transaction};
use crate::ctap2::TemplateInfo;
use crate::ctap2::message::{self, Element, MemberError, message};
use crate::encoding::cbor::{Value, Writer};

/// The most wrong PINs in all (CTAP 2.1 §6.5.2.2).
pub(super) const MOST_PIN_RETRIES: u64 = 8;

message! {
    /// The state, by the keys of its record; one that is retired is never used again. A member that is not there is as the
    /// model says, which is how it leaves the factory and every reset.
    #[derive(Debug, Clone, Default, PartialEq)]
    pub(super) struct State {
        /// The first 16 bytes of the SHA-256 of the PIN (§6.5.1).
        pin_hash: Option<Secret<16>> = 1,
        /// The length of the PIN in code points.
        pin_code_points: Option<u64> = 2,
        pin_retries: Option<u64> = 3,
        uv_retries: Option<u64> = 4,
        force_pin_change: bool = [5],
        min_pin_length: Option<u64> = 6,
        /// The RP IDs that a platform set, beside the model's.
        min_pin_length_rp_ids: Vec<String> = [7],
        always_uv: Option<bool> = 8,
        enterprise_attestation: Option<bool> = 9,
        long_touch_for_reset: Option<bool> = 10,
        pin_complexity_policy: Option<bool> = 11,
        /// Enrolled fingers.
        templates: Vec<TemplateInfo> = [12],
        /// The serialized array of large blobs.
        large_blobs: Option<Vec<u8>> = 13,
        persistent_token: Option<Secret<32>> = 14,
        /// What `encIdentifier` says.
        device_identifier: Option<Secret<16>> = 15,
        /// What `encCredStoreState` says.
        credential_store_state: Option<Secret<16>> = 16,
        /// How often the user was verified by the authenticator itself since the PIN was last entered.
        uv_count_since_last_pin_entry: u64 = [17],
    }
}

impl State {
    /// What is kept of the PIN, if one is set.
    pub(super) fn pin(&self) -> Option<Pin> {
        Some(Pin { hash: self.pin_hash.clone()?, code_points: self.pin_code_points? })
    }

    pub(super) fn set_pin(&mut self, pin: Pin) {
        self.pin_hash = Some(pin.hash);
        self.pin_code_points = Some(pin.code_points);
    }

    /// How many wrong PINs are left.
    pub(super) fn pin_retries(&self) -> u64 {
        self.pin_retries.unwrap_or(MOST_PIN_RETRIES).min(MOST_PIN_RETRIES)
    }
}

/// The state at this moment; `None` stands for that of the factory.
pub(super) struct Present(Option<Box<State>>);

impl Deref for Present {
    type Target = State;

    fn deref(&self) -> &State {
        static FACTORY: LazyLock<State> = LazyLock::new(State::default);
        self.0.as_deref().unwrap_or_else(|| &FACTORY)
    }
}

/// What is kept of a PIN.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pin {
    pub(super) hash: Secret<16>,
    pub(super) code_points: u64,
}

/// Bytes that are wiped, and not shown.
#[derive(Clone, PartialEq)]
pub(super) struct Secret<const LENGTH: usize>(Zeroizing<[u8; LENGTH]>);

impl<const LENGTH: usize> Secret<LENGTH> {
    pub(super) fn new(bytes: [u8; LENGTH]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl<const LENGTH: usize> fmt::Debug for Secret<LENGTH> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl<const LENGTH: usize> Element for Secret<LENGTH> {
    const KIND: &'static str = "a byte string of its length";

    fn write(&self, writer: &mut Writer) {
        writer.bytes(&*self.0);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        <[u8; LENGTH]>::read(value).map(Self::new)
    }
}

impl Authenticator {
    /// Whether it keeps anything beside credentials.
    pub(crate) fn keeps_state(&self) -> bool {
        self.model.client_pin || self.model.ctap_version > CtapVersion::V2_0
    }

    /// The state in the store; that of the factory, without a look, for an authenticator that keeps none.
    ///
    /// # Errors
    /// [`AuthenticatorError::Store`].
    pub(super) fn state(&mut self) -> Result<Present, AuthenticatorError> {
        Ok(Present(match self.keeps_state() {
            true => Some(Box::new(read(self.store.begin()?.as_mut())?)),
            false => None,
        }))
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
        let mut state = read(transaction.as_mut())?;
        let outcome = change(&mut state);
        write(&state, transaction.as_mut())?;
        transaction.commit()?;
        Ok(outcome)
    }
}

/// Reads the state in a transaction.
pub(super) fn read(transaction: &mut dyn Transaction) -> Result<State, StoreError> {
    match transaction.authenticator_state()?.filter(|record| !record.is_empty()) {
        None => Ok(State::default()),
        Some(record) => message::read(&Zeroizing::new(record)).map_err(|_| StoreError::State),
    }
}

/// Writes the state in a transaction.
pub(super) fn write(state: &State, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
    let mut writer = Writer::new();
    state.write(&mut writer);
    transaction.set_authenticator_state(&Zeroizing::new(writer.into_bytes()))
}
