//! Key pairs, signing, hashing and the random source.
//!
//! A [`Backend`] computes keys and signatures: the portable one, or a faster one if the processor has what it needs.

mod algorithm;
pub(crate) mod asn1;
mod backend;
pub(crate) mod ecdsa;
#[cfg(any(feature = "eddsa", feature = "ed448"))]
mod eddsa;
mod error;
mod hash;
mod key;
mod key_agreement;
mod keys_ahead;
#[cfg(feature = "ml-dsa")]
mod ml_dsa;
mod pkcs8;
mod private_key;
mod public_key;
mod random;
#[cfg(feature = "rsa")]
mod rsa;
mod rsa_pool;
#[cfg(feature = "ctap")]
pub(crate) mod symmetric;
/// No authenticator is built that would need it.
#[cfg(not(feature = "ctap"))]
#[path = "crypto/no_symmetric.rs"]
pub(crate) mod symmetric;
mod unknown_name;

pub use algorithm::Algorithm;
pub use backend::Backend;
pub use error::KeyError;
pub(crate) use hash::{Hash, digest};
pub use key::KeyPair;
#[cfg(feature = "ctap")]
pub use key_agreement::KeyAgreement;
#[cfg(not(feature = "ctap"))]
pub(crate) use key_agreement::KeyAgreement;
pub(crate) use keys_ahead::KeysAhead;
#[cfg(feature = "store")]
pub(crate) use private_key::PrivateKey;
pub use public_key::PublicKey;
pub(crate) use random::derived_rng;
pub use random::{RandomError, RandomSource};
pub use unknown_name::UnknownName;

/// SHA-256 over the concatenation of `parts`.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    digest::<sha2::Sha256>(parts).into()
}

/// The length in bits of a big-endian number.
pub(crate) fn bit_length(number: &[u8]) -> u32 {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let significant = number.get(zeros..).unwrap_or_default();
    let top = significant.first().map_or(0, |byte| byte.leading_zeros());
    u32::try_from(significant.len()).unwrap_or(u32::MAX / 8).saturating_mul(8).saturating_sub(top)
}
