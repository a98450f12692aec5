//! Where credentials live.

mod codec;
mod credential;
mod error;
#[cfg(feature = "store")]
mod file;
mod memory;
#[cfg(test)]
mod tests;

pub use codec::ImportedCredential;
pub use credential::Credential;
pub use error::StoreError;
#[cfg(feature = "store")]
pub use file::{FileStore, StoreWait};
pub use memory::MemoryStore;

/// A place that keeps credentials.
pub trait CredentialStore: Send {
    /// Begins a transaction with exclusive access. What it wrote takes effect when it is committed, all of it or
    /// nothing; dropped, it leaves no trace.
    ///
    /// # Errors
    /// [`StoreError`].
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError>;
}

/// Exclusive access to a store. Reads see what the transaction wrote.
pub trait Transaction {
    /// The credential with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    fn find(&mut self, id: &[u8]) -> Result<Option<Credential>, StoreError>;

    /// Every credential, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn all(&mut self) -> Result<Vec<Credential>, StoreError>;

    /// Adds a credential as the newest, or replaces the one with its id where it stands. A new discoverable one
    /// takes the place of another for the same relying party and user handle (CTAP 2.1 §6.1.2 step 16).
    ///
    /// # Errors
    /// [`StoreError`].
    fn put(&mut self, credential: &Credential) -> Result<(), StoreError>;

    /// Removes the credential with this id; `false` if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    fn remove(&mut self, id: &[u8]) -> Result<bool, StoreError>;

    /// The last signature count of the credential with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    fn sign_count(&mut self, id: &[u8]) -> Result<Option<u32>, StoreError> {
        Ok(self.find(id)?.map(|credential| credential.sign_count))
    }

    /// Keeps a signature count of the credential with this id; `false` if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    fn set_sign_count(&mut self, id: &[u8], count: u32) -> Result<bool, StoreError> {
        let Some(credential) = self.find(id)? else { return Ok(false) };
        self.put(&Credential { sign_count: count, ..credential })?;
        Ok(true)
    }

    /// Raises the counter that all credentials share, and returns it.
    ///
    /// # Errors
    /// [`StoreError`].
    fn next_global_count(&mut self) -> Result<u32, StoreError>;

    /// The authenticator's own state, as [`set_authenticator_state`](Self::set_authenticator_state) left it: what it
    /// keeps beside credentials. The store does not look into it.
    ///
    /// # Errors
    /// [`StoreError`].
    fn authenticator_state(&mut self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps the authenticator's own state.
    ///
    /// # Errors
    /// [`StoreError`].
    fn set_authenticator_state(&mut self, state: &[u8]) -> Result<(), StoreError>;

    /// Makes what the transaction did durable.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was written.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// The discoverable credentials for a relying party, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn discoverable(&mut self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        Ok(self.all()?.into_iter().filter(|c| c.discoverable && c.rp_id == rp_id).collect())
    }
}
