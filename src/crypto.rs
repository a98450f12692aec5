//! Key pairs, signing, hashing and the random source.
//!
//! Signing goes through one seam, `SigningBackend`, so that a faster implementation
//! can stand beside the portable one without anything above noticing.

mod backend;
mod key;
mod pkcs8;
mod random;

#[cfg(feature = "store")]
pub(crate) use key::PrivateKey;
pub use key::{Algorithm, KeyError, KeyPair, PublicKey};
pub(crate) use random::derived_rng;
pub use random::{RandomError, RandomSource};

use sha2::{Digest, Sha256};

/// SHA-256 over the concatenation of `parts`.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
