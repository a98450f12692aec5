//! What a relying party tells of its credentials (WebAuthn L3 §5.1.10).

use super::persistent::credentials_change;
use super::{Authenticator, AuthenticatorError};

/// A signal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// The relying party does not know this credential.
    UnknownCredential {
        /// The credential id.
        credential_id: Vec<u8>,
    },
    /// These are all the credentials of an account.
    AllAcceptedCredentials {
        /// The user handle.
        user_id: Vec<u8>,
        /// Their ids.
        credential_ids: Vec<Vec<u8>>,
    },
    /// An account has these names now.
    CurrentUserDetails {
        /// The user handle.
        user_id: Vec<u8>,
        /// The name.
        name: String,
        /// The display name.
        display_name: String,
    },
}

impl Authenticator {
    /// Follows a signal of the relying party with this RP ID: removes discoverable credentials that it does not know or
    /// does not accept, and changes names.
    ///
    /// # Errors
    /// [`AuthenticatorError::Store`].
    pub fn follow(&mut self, rp_id: &str, signal: &Signal) -> Result<(), AuthenticatorError> {
        let mut transaction = self.store.begin()?;
        for mut credential in transaction.discoverable(rp_id)? {
            match signal {
                Signal::UnknownCredential { credential_id } if *credential_id == credential.id => {
                    transaction.remove(&credential.id)?;
                }
                Signal::AllAcceptedCredentials { user_id, credential_ids }
                    if *user_id == credential.user.id && !credential_ids.contains(&credential.id) =>
                {
                    transaction.remove(&credential.id)?;
                }
                Signal::CurrentUserDetails { user_id, name, display_name }
                    if *user_id == credential.user.id =>
                {
                    credential.user.name.clone_from(name);
                    credential.user.display_name.clone_from(display_name);
                    transaction.put(&credential)?;
                }
                _ => {}
            }
        }
        if self.model.credential_management_read_only {
            credentials_change(transaction.as_mut(), &mut self.random)?;
        }
        Ok(transaction.commit()?)
    }
}
