//! The types of keys.

use std::fmt;

use crate::crypto::Algorithm;

/// The type of a key, with its curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// A point on P-256.
    P256,
    /// A point on P-384.
    P384,
    /// A point on P-521.
    P521,
    /// A point on secp256k1.
    Secp256k1,
    /// An Ed25519 key.
    Ed25519,
    /// An Ed448 key.
    Ed448,
    /// An RSA key.
    Rsa,
    /// An ML-DSA-44 key.
    MlDsa44,
    /// An ML-DSA-65 key.
    MlDsa65,
    /// An ML-DSA-87 key.
    MlDsa87,
}

impl KeyType {
    /// The type that keys of this algorithm have.
    pub(super) const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Es256 => KeyType::P256,
            Algorithm::Es384 => KeyType::P384,
            Algorithm::Es512 => KeyType::P521,
            Algorithm::Es256k => KeyType::Secp256k1,
            Algorithm::EdDsa => KeyType::Ed25519,
            Algorithm::Ed448 => KeyType::Ed448,
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Rs1 => KeyType::Rsa,
            Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => KeyType::Rsa,
            Algorithm::MlDsa44 => KeyType::MlDsa44,
            Algorithm::MlDsa65 => KeyType::MlDsa65,
            Algorithm::MlDsa87 => KeyType::MlDsa87,
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyType::P256 => "P-256",
            KeyType::P384 => "P-384",
            KeyType::P521 => "P-521",
            KeyType::Secp256k1 => "secp256k1",
            KeyType::Ed25519 => "Ed25519",
            KeyType::Ed448 => "Ed448",
            KeyType::Rsa => "RSA",
            KeyType::MlDsa44 => "ML-DSA-44",
            KeyType::MlDsa65 => "ML-DSA-65",
            KeyType::MlDsa87 => "ML-DSA-87",
        })
    }
}

impl KeyType {
    pub(super) const fn coordinate_length(self) -> usize {
        match self {
            KeyType::P384 => 48,
            KeyType::P521 => 66,
            _ => 32,
        }
    }
}
