//! When what a ceremony leaves behind is stored: at once, or when a client says that the ceremony is sealed.

use super::model::CounterPolicy;
use super::persistent::credentials_change;
use super::store::Credential;
use super::{Authenticator, AuthenticatorError};

/// Whether ceremonies wait to be sealed, and what the last one would leave behind.
#[derive(Default)]
pub(super) struct Keeping {
    /// Whether a client has edits of its own, whose effect it knows only after the authenticator is done.
    deferred: bool,
    unsealed: Option<Trace>,
}

/// What a ceremony leaves behind.
pub(super) enum Trace {
    /// A new credential, or `None` if it takes no storage.
    Credential(Option<Box<Credential>>),
    /// The new signature count of the credential with this id, or `None` if it has no count of its own.
    Count(Vec<u8>, Option<u32>),
}

impl Authenticator {
    /// Lets [`seal`](Self::seal) store what ceremonies leave behind, or lets them be stored at once again.
    pub(crate) fn defer(&mut self, deferred: bool) {
        self.keeping = Keeping { deferred, unsealed: None };
    }

    /// Begins a ceremony. What the last one would have left behind is forgotten.
    pub(super) fn begin_ceremony(&mut self) {
        self.take_pending();
        self.keeping.unsealed = None;
        self.edits.begin();
    }

    /// Whether nothing may be stored before the edits are known to have had an effect.
    pub(super) fn stores_late(&self) -> bool {
        self.keeping.deferred || !self.edits.is_empty()
    }

    /// Ends the authenticator's part of an edited ceremony. If one of its edits had no effect, nothing is stored.
    pub(super) fn finish(&mut self, trace: Trace) -> Result<(), AuthenticatorError> {
        self.edits.all_effective()?;
        self.keeping.unsealed = Some(trace);
        match self.keeping.deferred {
            true => Ok(()),
            false => self.seal(),
        }
    }

    /// Stores what the last ceremony leaves behind, unless that is done.
    ///
    /// # Errors
    /// [`AuthenticatorError::Store`].
    pub(crate) fn seal(&mut self) -> Result<(), AuthenticatorError> {
        let Some(trace) = self.keeping.unsealed.take() else { return Ok(()) };
        let mut transaction = self.store.begin()?;
        if self.model.counter == CounterPolicy::Global {
            transaction.next_global_count()?;
        }
        match trace {
            Trace::Credential(Some(credential)) => {
                transaction.put(&credential)?;
                if credential.discoverable && self.model.credential_management_read_only {
                    credentials_change(transaction.as_mut(), &mut self.random)?;
                }
            }
            Trace::Count(id, Some(count)) => {
                transaction.set_sign_count(&id, count)?;
            }
            Trace::Credential(None) | Trace::Count(_, None) => {}
        }
        Ok(transaction.commit()?)
    }
}
