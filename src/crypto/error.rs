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

/// A text is none of the names that were expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// What the name would be of, with its article: `an algorithm`.
    pub of: &'static str,
    /// The text.
    pub found: String,
    /// The names that there are.
    pub expected: Vec<&'static str>,
}

impl UnknownName {
    /// The value whose name is `text` in upper or lower case.
    pub(crate) fn find<T: Copy>(
        of: &'static str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
        text: &str,
    ) -> Result<T, Self> {
        let found = all.iter().copied().find(|value| name(*value).eq_ignore_ascii_case(text));
        found.ok_or_else(|| Self {
            of,
            found: text.to_owned(),
            expected: all.iter().map(|value| name(*value)).collect(),
        })
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {:?}, expected the name of {}: {}", self.found, self.of, self.expected.join(", "))
    }
}

impl std::error::Error for UnknownName {}

/// The names of the algorithms that this build has.
fn available() -> String {
    Algorithm::available().iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
}
