//! The persistent token of CTAP 2.2 (§6.5.2.2): it reads credentials, and stays until the PIN changes. Who has it knows the
//! authenticator again, and whether its credentials changed, by two members of getInfo (§6.4).

use rand_core::Rng as _;

use super::model::CtapVersion;
use super::state::{Secret, State};
use super::{Authenticator, AuthenticatorError, StoreError, Transaction, state};
use crate::crypto::{RandomSource, symmetric};

impl Authenticator {
    /// The token, made when it is first given.
    pub(super) fn persistent_token(&mut self) -> Result<Secret<32>, AuthenticatorError> {
        // Another PIN has another token, under a seed, too.
        let state = self.state()?;
        let pin = state.pin_hash.as_ref().map_or(&[][..], |hash| hash.bytes());
        let [token, identifier, credentials] = ["persistent token", "identifier", "credential store"]
            .map(|what| drawn(&mut self.random, &[what.as_bytes(), pin]));
        self.change_state(|state| {
            state.device_identifier.get_or_insert(half(&identifier));
            state.credential_store_state.get_or_insert(half(&credentials));
            state.persistent_token.get_or_insert(token).clone()
        })
    }

    /// `encIdentifier` and `encCredStoreState`: none before there is a token.
    pub(super) fn encrypted_members(&mut self, state: &State) -> [Option<Vec<u8>>; 2] {
        let Some(token) = &state.persistent_token else { return [None, None] };
        let credentials =
            state.credential_store_state.as_ref().filter(|_| self.model.ctap_version >= CtapVersion::V2_3);
        [("encIdentifier", state.device_identifier.as_ref()), ("encCredStoreState", credentials)].map(
            |(name, value)| {
                let value = value?;
                let mut iv = [0; symmetric::BLOCK];
                self.random.ceremony(&[name.as_bytes()]).fill_bytes(&mut iv);
                Some([&iv[..], &encrypted(name, token, &iv, value)?].concat())
            },
        )
    }
}

/// Makes it known to holders of the token that credentials change, in the transaction that changes them.
pub(super) fn credentials_change(
    transaction: &mut dyn Transaction,
    random: &mut RandomSource,
) -> Result<(), StoreError> {
    let mut state = state::read(transaction)?;
    if state.credential_store_state.is_some() {
        let before = state.credential_store_state.as_ref().map_or(&[][..], |state| state.bytes());
        let after = half(&drawn(random, &[b"credential store", before]));
        state.credential_store_state = Some(after);
        state::write(&state, transaction)?;
    }
    Ok(())
}

/// The value of a member (§6.4), under a key that follows from the token and the member's name.
fn encrypted(
    name: &str,
    token: &Secret<32>,
    iv: &[u8; symmetric::BLOCK],
    value: &Secret<16>,
) -> Option<Vec<u8>> {
    let key = symmetric::hkdf(token.bytes(), name);
    symmetric::encrypt_128(key.first_chunk()?, iv, value.bytes())
}

fn drawn(random: &mut RandomSource, what: &[&[u8]]) -> Secret<32> {
    let mut bytes = [0; 32];
    random.ceremony(what).fill_bytes(&mut bytes);
    Secret::new(bytes)
}

fn half(secret: &Secret<32>) -> Secret<16> {
    Secret::new(*secret.bytes().first_chunk().unwrap_or(&[0; 16]))
}

#[cfg(all(test, feature = "ctap"))]
mod tests {
    use super::*;

    /// Values of another implementation (Python's `cryptography`): the token 00…1f, the value f0…ff, the vector 0.
    #[test]
    fn members_are_encrypted_as_another_implementation_does() {
        let token = Secret::new(std::array::from_fn(|at| u8::try_from(at).unwrap()));
        let value = Secret::new(std::array::from_fn(|at| 0xf0 + u8::try_from(at).unwrap()));
        for (name, expected) in [
            ("encIdentifier", "0646ebd4c5e629eaf2a3943e3347ac7d"),
            ("encCredStoreState", "6e7ac1ea3a13af7773fa92dab53d11cf"),
        ] {
            let ciphertext = encrypted(name, &token, &[0; 16], &value).unwrap();
            assert_eq!(base16ct::lower::encode_string(&ciphertext), expected, "{name}");
        }
    }
}
