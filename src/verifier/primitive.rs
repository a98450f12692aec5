//! The seam of verifying: a backend computes whether a signature holds.
//!
//! RustCrypto reads every key, so that what counts as one does not depend on the backend. Graviola reads the key once more
//! when the first signature is to be verified by it.

#[cfg(feature = "eddsa")]
mod ed25519;
mod rsa_value;
mod rustcrypto;

#[cfg(all(feature = "graviola", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod graviola;
/// A stand-in for builds without Graviola, which computes nothing.
#[cfg(not(all(feature = "graviola", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod graviola {
    use super::{KeyType, Scheme};

    #[derive(Clone)]
    pub(super) enum Key {}

    impl Key {
        pub(super) fn read(_: KeyType, _: &[u8]) -> Option<Self> {
            None
        }

        pub(super) fn verify(&self, _: Scheme, _: &[&[u8]], _: &[u8]) -> Option<bool> {
            match *self {}
        }
    }
}

use std::sync::OnceLock;

use super::key_type::KeyType;
use crate::crypto::{Algorithm, Backend};
pub(super) use rsa_value::{RsaPublicKey, RsaValue, without_leading_zeros};
pub(super) use rustcrypto::{Unreadable, fixed_length};

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// ECDSA on the key's curve, with the hash of this ECDSA algorithm. The signature is `r ‖ s`, each as wide as the
    /// field.
    Ecdsa(Algorithm),
    /// As the algorithm has it.
    Of(Algorithm),
}

/// A public key in the forms of the libraries that compute with it.
#[derive(Clone)]
pub(super) struct Key {
    rustcrypto: rustcrypto::Key,
    graviola: OnceLock<Option<graviola::Key>>,
}

impl Key {
    /// Reads an uncompressed point `04 ‖ x ‖ y`, or a raw key.
    // Never inlined, so that a profile shows the arithmetic apart from the rest (tests/instructions.py).
    #[inline(never)]
    pub(super) fn read(key_type: KeyType, value: &[u8]) -> Result<Self, Unreadable> {
        rustcrypto::Key::read(key_type, value).map(Self::of)
    }

    /// Reads an RSA key: big-endian numbers without leading zeros.
    pub(super) fn read_rsa(n: &[u8], e: &[u8]) -> Result<Self, Unreadable> {
        rustcrypto::Key::read_rsa(n, e).map(Self::of)
    }

    fn of(rustcrypto: rustcrypto::Key) -> Self {
        Self { rustcrypto, graviola: OnceLock::new() }
    }

    /// The bits of an RSA modulus.
    pub(super) fn rsa_bits(&self) -> Option<u32> {
        self.rustcrypto.rsa_bits()
    }

    /// Whether the signature over the concatenation of `message` holds. RustCrypto stands in for a backend that is not
    /// available, or lacks the scheme. `value` is what the key was read from.
    // Never inlined, as above.
    #[inline(never)]
    pub(super) fn verify(
        &self,
        backend: Backend,
        scheme: Scheme,
        (key_type, value): (KeyType, &[u8]),
        message: &[&[u8]],
        signature: &[u8],
    ) -> bool {
        #[cfg(feature = "eddsa")]
        if scheme == Scheme::Of(Algorithm::EdDsa) && !ed25519::is_strict(value, signature) {
            return false;
        }
        let graviola = match backend {
            Backend::Graviola if backend.is_available() => {
                let key = self.graviola.get_or_init(|| graviola::Key::read(key_type, value));
                key.as_ref().and_then(|key| key.verify(scheme, message, signature))
            }
            _ => None,
        };
        graviola.unwrap_or_else(|| self.rustcrypto.verify(scheme, message, signature))
    }
}
