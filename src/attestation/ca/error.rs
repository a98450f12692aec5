use std::fmt;

use crate::crypto::KeyError;

/// Why a PEM text cannot be used as a certificate authority.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The text has no `CERTIFICATE` block.
    NoCertificate,
    /// The text has no block of an unencrypted private key.
    NoPrivateKey,
    /// The certificate cannot be read. The text says why.
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

impl std::error::Error for AuthorityError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Key(error) => Some(error),
            _ => None,
        }
    }
}
