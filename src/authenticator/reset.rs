//! authenticatorReset (CTAP 2.1 §6.6).

use super::user::ConsentRequest;
use super::{Authenticator, AuthenticatorError};

impl Authenticator {
    /// Removes every credential and the PIN, if the user agrees. The global counter keeps its value.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn reset(&mut self) -> Result<(), AuthenticatorError> {
        self.pending = None;
        self.ask(&ConsentRequest { ceremony: None, rp_id: "", user_name: None, user_verification: false })?;
        let mut transaction = self.store.begin()?;
        for credential in transaction.all()? {
            transaction.remove(&credential.id)?;
        }
        // Whatever this build reads of it.
        transaction.set_authenticator_state(&[])?;
        transaction.commit()?;
        self.power_cycle();
        Ok(())
    }
}
