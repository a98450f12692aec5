use std::fmt;

use super::Algorithm;

/// Why a key cannot be made or read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The scalar is zero or not below the order of the curve.
    ScalarOutOfRange,
    /// The bytes are no PKCS#8 `PrivateKeyInfo`, SEC 1 `ECPrivateKey` or PKCS#1 `RSAPrivateKey`, or a damaged one. The
    /// text says what is wrong.
    Unreadable(String),
    /// The key is of a kind that no build of this crate signs with. The text has its object identifiers.
    UnsupportedKeyType(String),
    /// This build cannot sign with the algorithm; [`Algorithm::feature`] names the feature that it lacks.
    NotInBuild(Algorithm),
    /// The key serves another algorithm than the one asked for.
    OtherAlgorithm {
        /// What the key is for.
        found: Algorithm,
        /// What was asked for.
        expected: Algorithm,
    },
    /// The algorithm cannot use an RSA modulus of this length.
    ModulusLength {
        /// The length of the modulus in bits.
        found: u32,
        /// The shortest length that the algorithm can use, in bits.
        least: u32,
        /// The longest length that the algorithm can use, in bits.
        most: u32,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::ScalarOutOfRange => {
                f.write_str("the private scalar is out of range, expected 1 up to the order of its curve")
            }
            KeyError::Unreadable(why) => {
                write!(f, "{why}, expected a private key as PKCS#8, SEC 1 or PKCS#1")
            }
            KeyError::UnsupportedKeyType(found) => {
                write!(f, "found a key of the type {found}, expected one for {}", available())
            }
            KeyError::NotInBuild(found) => {
                write!(f, "found {found}, ")?;
                if let Some(feature) = found.feature() {
                    write!(f, "which needs stuntkey's feature {feature:?}, ")?;
                }
                write!(f, "expected what this build has: {}", available())
            }
            KeyError::OtherAlgorithm { found, expected } => {
                write!(f, "found a key for {found}, expected one for {expected}")
            }
            KeyError::ModulusLength { found, least, most } => {
                write!(f, "found an RSA modulus of {found} bits, expected {least} to {most}")
            }
        }
    }
}

impl std::error::Error for KeyError {}

/// The names of the algorithms that this build has.
fn available() -> String {
    Algorithm::available().iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
}
