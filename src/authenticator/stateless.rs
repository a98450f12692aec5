//! Credentials that take no storage: the private key follows from the credential id and a secret, as in many hardware
//! keys.

use rand_core::{CryptoRng, Rng};
use zeroize::Zeroizing;

use super::model::Backup;
use super::store::Credential;
use crate::crypto::{Algorithm, Backend, KeyPair, derived_rng, sha256};
use crate::webauthn::User;

/// The COSE algorithm identifier, in front of the id.
const ALGORITHM: usize = 4;
/// What ends the id: proof that it was made under the secret for the relying party.
const TAG: usize = 16;
/// Twelve random bytes at least.
const SHORTEST: usize = ALGORITHM + 12 + TAG;

/// The secret that ids are opened with.
pub(super) struct Stateless(Zeroizing<[u8; 32]>);

impl Stateless {
    pub(super) fn new(secret: &str) -> Self {
        Self(Zeroizing::new(sha256(&[b"stuntkey stateless v1\0", secret.as_bytes()])))
    }

    /// An id of about this length, and the key that it stands for. `None` for RSA, whose keys take too long to make
    /// again.
    pub(super) fn make(
        &self,
        algorithm: Algorithm,
        backend: Backend,
        rp_id: &str,
        length: u16,
        random: &mut dyn CryptoRng,
    ) -> Option<(Vec<u8>, KeyPair)> {
        if algorithm.is_rsa() {
            return None;
        }
        let mut id = vec![0; usize::from(length).max(SHORTEST)];
        random.fill_bytes(&mut id);
        let identifier = i32::try_from(algorithm.cose_identifier()).ok()?;
        id.get_mut(..ALGORITHM)?.copy_from_slice(&identifier.to_be_bytes());
        let head = id.len() - TAG;
        let (head, tag) = id.split_at_mut_checked(head)?;
        tag.copy_from_slice(&self.tag(rp_id, head));
        let key = self.key(algorithm, backend, rp_id, head)?;
        Some((id, key))
    }

    /// Whether the id was made under the secret for the relying party.
    pub(super) fn made(&self, id: &[u8], rp_id: &str) -> bool {
        self.head(id, rp_id).is_some()
    }

    /// The credential that such an id stands for.
    pub(super) fn open(
        &self,
        id: &[u8],
        rp_id: &str,
        backend: Backend,
        backup: Backup,
    ) -> Option<Credential> {
        let head = self.head(id, rp_id)?;
        let identifier = i32::from_be_bytes(*head.first_chunk()?);
        let algorithm = Algorithm::from_cose_identifier(identifier.into())?;
        let key = self.key(algorithm, backend, rp_id, head)?;
        Some(Credential {
            backup_eligible: backup.is_eligible(),
            backup_state: backup.is_backed_up(),
            ..Credential::new(id.to_vec(), rp_id, User::default(), key)
        })
    }

    /// The id up to its tag, if that is right.
    fn head<'i>(&self, id: &'i [u8], rp_id: &str) -> Option<&'i [u8]> {
        let (head, tag) = id.split_at_checked(id.len().checked_sub(TAG)?)?;
        (tag == self.tag(rp_id, head)).then_some(head)
    }

    fn key(&self, algorithm: Algorithm, backend: Backend, rp_id: &str, head: &[u8]) -> Option<KeyPair> {
        let mut random = derived_rng(&*self.0, &[b"key", rp_id.as_bytes(), head]);
        KeyPair::generate_with(backend, algorithm, &mut random).ok()
    }

    fn tag(&self, rp_id: &str, head: &[u8]) -> [u8; TAG] {
        let mut tag = [0; TAG];
        derived_rng(&*self.0, &[b"id", rp_id.as_bytes(), head]).fill_bytes(&mut tag);
        tag
    }
}
