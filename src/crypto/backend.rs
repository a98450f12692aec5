//! The seam of signing: a backend computes public keys and signatures. The verifier has a seam of its own to the same ones.

mod rustcrypto;

#[cfg(all(feature = "graviola", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod graviola;
/// A stand-in for builds without Graviola, which computes nothing.
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

/// The implementation that computes public keys and signatures, and verifies signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// RustCrypto's crates. They are portable, every build has them, and they compute every algorithm. The same key and
    /// message give the same signature.
    RustCrypto,
    /// Graviola (feature `graviola`): several times faster, on x86-64 and aarch64 processors that have the instructions
    /// that it needs. It computes ES256, ES384 and EdDSA, and verifies RSA, too; RustCrypto does the rest. Its ECDSA signatures
    /// of one message differ from each other.
    Graviola,
}

impl Backend {
    /// Every backend.
    pub const ALL: &'static [Self] = &[Self::RustCrypto, Self::Graviola];

    /// The fastest backend that this build and this processor have.
    #[must_use]
    pub fn fastest() -> Self {
        match Self::Graviola.is_available() {
            true => Self::Graviola,
            false => Self::RustCrypto,
        }
    }

    /// Whether this build and this processor have the backend.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::RustCrypto => true,
            Self::Graviola => graviola::is_available(),
        }
    }

    /// Whether the backend computes the algorithm itself. If it does not, RustCrypto does.
    #[must_use]
    pub fn computes(self, algorithm: Algorithm) -> bool {
        match self {
            Self::RustCrypto => algorithm.is_available(),
            Self::Graviola => algorithm.is_available() && graviola::computes(algorithm),
        }
    }

    /// The backend's name: `rustcrypto` or `graviola`.
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

/// What signs with a private key: a backend, and the form in which it keeps the key.
#[derive(Clone)]
pub(super) enum Signer {
    RustCrypto,
    Graviola(graviola::Key),
}

impl Signer {
    /// Prepares a private key and computes its public key. That succeeds for sound keys only, so
    /// [`sign`](Self::sign) succeeds afterwards. RustCrypto stands in for a backend that is not available or lacks the
    /// algorithm.
    // Never inlined, so that a profile shows the arithmetic apart from the rest (tests/instructions.py).
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
    // Never inlined, as above.
    #[inline(never)]
    pub(super) fn sign(&self, private: &PrivateKey, message: &[&[u8]]) -> Vec<u8> {
        let graviola = match self {
            Self::RustCrypto => None,
            // Graviola gives up when the operating system gives it no randomness, or when the thread is about to end.
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
