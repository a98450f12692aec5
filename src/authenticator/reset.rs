//! authenticatorReset and authenticatorSelection (CTAP 2.1 §6.6, §6.9).

use super::model::CtapVersion;
use super::state::{self, State};
use super::user::ConsentRequest;
use super::{Authenticator, AuthenticatorError};
use crate::ctap2::Status;

impl Authenticator {
    /// Removes every credential and all that was set since the authenticator left the factory, if the user agrees. The
    /// global counter keeps its value.
    ///
    /// DEVIATION from CTAP 2.1 §6.6: credentials that take no storage live on, as whoever has the secret opens them.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn reset(&mut self) -> Result<(), AuthenticatorError> {
        self.take_pending();
        let since_power = self.now().saturating_sub(self.session.since);
        if self.model.reset_within.is_some_and(|seconds| since_power > u64::from(seconds) * 1000) {
            return Err(Status::NotAllowed.into());
        }
        let state = self.state()?;
        let long_touch = self.long_touch_for_reset(&state) == Some(true);
        self.ask(&ConsentRequest { long_touch, ..ConsentRequest::touch() })?;
        let mut transaction = self.store.begin()?;
        for credential in transaction.all()? {
            transaction.remove(&credential.id)?;
        }
        // Enterprise attestation stays off until it is enabled (§7.1.3).
        match self.model.enterprise_attestation && self.model.ctap_version > CtapVersion::V2_0 {
            true => {
                let fresh = State { enterprise_attestation: Some(false), ..State::default() };
                state::write(&fresh, transaction.as_mut())?;
            }
            // Whatever this build reads of it.
            false => transaction.set_authenticator_state(&[])?,
        }
        transaction.commit()?;
        let since = self.session.since;
        self.power_cycle();
        self.session.since = since;
        Ok(())
    }

    /// Whether a reset takes a long touch; `None` where there is no such rule.
    pub(super) fn long_touch_for_reset(&self, state: &State) -> Option<bool> {
        let preset = self.model.long_touch_for_reset?;
        Some(state.long_touch_for_reset.unwrap_or(preset))
    }

    /// Asks for a touch, by which the user chooses this authenticator among several.
    ///
    /// # Errors
    /// [`AuthenticatorError`]: the user says no, or does not answer.
    pub fn selection(&mut self) -> Result<(), AuthenticatorError> {
        self.ask(&ConsentRequest::touch()).map(drop)
    }
}
