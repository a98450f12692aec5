use sha2::digest::Output;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::Algorithm;

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    #[cfg(feature = "rsa")]
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash function that `algorithm` applies to a message. `None` for EdDSA and ML-DSA, in which hashing is part of
    /// the signature itself, and for RS1 in a build without RSA.
    pub(crate) const fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Es256 | Algorithm::Es256k | Algorithm::Rs256 | Algorithm::Ps256 => Some(Hash::Sha256),
            Algorithm::Es384 | Algorithm::Rs384 | Algorithm::Ps384 => Some(Hash::Sha384),
            Algorithm::Es512 | Algorithm::Rs512 | Algorithm::Ps512 => Some(Hash::Sha512),
            #[cfg(feature = "rsa")]
            Algorithm::Rs1 => Some(Hash::Sha1),
            _ => None,
        }
    }

    /// The hash of the concatenation of `parts`.
    pub(crate) fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            #[cfg(feature = "rsa")]
            Hash::Sha1 => digest::<sha1::Sha1>(parts).to_vec(),
            Hash::Sha256 => digest::<Sha256>(parts).to_vec(),
            Hash::Sha384 => digest::<Sha384>(parts).to_vec(),
            Hash::Sha512 => digest::<Sha512>(parts).to_vec(),
        }
    }
}

/// The hash by `D` of the concatenation of `parts`.
pub(crate) fn digest<D: Digest>(parts: &[&[u8]]) -> Output<D> {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
}
