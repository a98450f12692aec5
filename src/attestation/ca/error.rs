use std::fmt;

use crate::crypto::KeyError;

/// Why a PEM text makes no authority.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityError {
    /// There is no `CERTIFICATE` block.
    NoCertificate,
    /// There is no private key block.
    NoPrivateKey,
    /// The certificate cannot be read.
    Certificate(String),
    /// The private key cannot be read or used.
    Key(KeyError),
    /// The private key does not belong to the certificate.
    KeyOfAnother,
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attestation CA: ")?;
        match self {
            Self::NoCertificate => f.write_str("found no CERTIFICATE block, expected one in PEM"),
            Self::NoPrivateKey => f.write_str(
                "found no PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY block, expected one in PEM",
            ),
            Self::Certificate(why) => write!(f, "the certificate cannot be read: {why}"),
            Self::Key(error) => error.fmt(f),
            Self::KeyOfAnother => f.write_str("found a private key of another certificate, expected its own"),
        }
    }
}

impl std::error::Error for AuthorityError {}
