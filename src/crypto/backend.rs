//! The signing seam: who computes public keys and signatures.

mod rustcrypto;

#[cfg(all(feature = "graviola", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod graviola;
/// Where Graviola is not in the build: it computes nothing.
#[cfg(not(all(feature = "graviola", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod graviola {
    use super::{Algorithm, KeyError, PrivateKey, PublicKey};

    #[derive(Clone)]
    pub(in crate::crypto) enum Key {}

    impl Key {
        pub(super) fn of(_: &PrivateKey) -> Option<Self> {
            None
        }

        pub(super) fn prepare(_: &PrivateKey) -> Option<Result<(Self, PublicKey), KeyError>> {
            None
        }

        pub(super) fn sign(&self, _: &PrivateKey, _: &[&[u8]]) -> Option<Vec<u8>> {
            match *self {}
        }
    }

    pub(super) fn is_available() -> bool {
        false
    }

    pub(super) fn computes(_: Algorithm) -> bool {
        false
    }
}

use std::fmt;
use std::str::FromStr;

use super::private_key::PrivateKey;
use super::{Algorithm, KeyError, PublicKey, UnknownName};

/// Who computes public keys and signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// RustCrypto's crates: portable, always there, every algorithm. The same message gives the same signature.
    RustCrypto,
    /// Graviola (feature `graviola`): several times faster, on x86-64 and aarch64 processors that have what it needs.
    /// ES256, ES384 and EdDSA; other algorithms stay RustCrypto's. Its ECDSA signatures differ each time.
    Graviola,
}

impl Backend {
    /// Every backend.
    pub const ALL: &'static [Self] = &[Self::RustCrypto, Self::Graviola];

    /// The fastest that this build and this processor have.
    #[must_use]
    pub fn fastest() -> Self {
        match Self::Graviola.is_available() {
            true => Self::Graviola,
            false => Self::RustCrypto,
        }
    }

    /// Whether this build and this processor have it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::RustCrypto => true,
            Self::Graviola => graviola::is_available(),
        }
    }

    /// Whether it computes the algorithm itself.
    #[must_use]
    pub fn computes(self, algorithm: Algorithm) -> bool {
        match self {
            Self::RustCrypto => algorithm.is_available(),
            Self::Graviola => algorithm.is_available() && graviola::computes(algorithm),
        }
    }

    /// Its name: `rustcrypto`, `graviola`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RustCrypto => "rustcrypto",
            Self::Graviola => "graviola",
        }
    }

    /// The backend of this name, in upper or lower case. [`FromStr`] does the same and says which names there are.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl FromStr for Backend {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        UnknownName::find("a backend", Self::ALL, Self::name, name)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What signs with a private key: the backend, and what it made of the key once.
#[derive(Clone)]
pub(super) enum Signer {
    RustCrypto,
    Graviola(graviola::Key),
}

impl Signer {
    /// Prepares a private key, and computes the public key that belongs to it, by which the private key is found to
    /// be sound: `sign` will do its work. A backend that is not available, or lacks the algorithm, gives way to
    /// RustCrypto.
    // Of its own in a profile, which can so tell what is arithmetic.
    #[inline(never)]
    pub(super) fn prepare(backend: Backend, private: &PrivateKey) -> Result<(Self, PublicKey), KeyError> {
        let graviola = match backend {
            Backend::Graviola if graviola::is_available() => graviola::Key::prepare(private),
            _ => None,
        };
        match graviola {
            Some(prepared) => prepared.map(|(key, public)| (Self::Graviola(key), public)),
            None => rustcrypto::public_key(private).map(|public| (Self::RustCrypto, public)),
        }
    }

    /// The signer of a private key that is known to be sound.
    pub(super) fn of(backend: Backend, private: &PrivateKey) -> Self {
        match backend {
            Backend::Graviola if graviola::is_available() => {
                graviola::Key::of(private).map_or(Self::RustCrypto, Self::Graviola)
            }
            _ => Self::RustCrypto,
        }
    }

    /// The signature over the concatenation of `message`, in the encoding of WebAuthn L3 §6.5.5.
    // Of its own in a profile, which can so tell what is arithmetic.
    #[inline(never)]
    pub(super) fn sign(&self, private: &PrivateKey, message: &[&[u8]]) -> Vec<u8> {
        let graviola = match self {
            Self::RustCrypto => None,
            // It stops where the operating system has no randomness for it, or the thread is about to end.
            Self::Graviola(key) => key.sign(private, message),
        };
        graviola.unwrap_or_else(|| rustcrypto::sign(private, message))
    }

    pub(super) fn backend(&self) -> Backend {
        match self {
            Self::RustCrypto => Backend::RustCrypto,
            Self::Graviola(_) => Backend::Graviola,
        }
    }
}
