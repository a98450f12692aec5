//! The algorithms of OpenSSH's security keys.

use p256::ecdsa;
use stuntkey::crypto::PublicKey;

use crate::failure::{Code, Failure};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// `ecdsa-sk`
    Ecdsa,
    /// `ed25519-sk`
    Ed25519,
}

impl Algorithm {
    pub(crate) fn from_number(number: u32) -> Result<Self, Failure> {
        match number {
            0 => Ok(Self::Ecdsa),
            1 => Ok(Self::Ed25519),
            _ => Err(Failure::new(
                Code::Unsupported,
                format!("found the algorithm {number}, expected 0 (ECDSA) or 1 (Ed25519)"),
            )),
        }
    }

    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Ecdsa => 0,
            Self::Ed25519 => 1,
        }
    }

    pub(crate) const fn cose_identifier(self) -> i64 {
        match self {
            Self::Ecdsa => -7,
            Self::Ed25519 => -8,
        }
    }

    /// The algorithm of a public key, and the key as OpenSSH wants it: a point in SEC 1's uncompressed form, or the 32 bytes
    /// of RFC 8032. `None` for a key that OpenSSH has no algorithm for.
    pub(crate) fn of(key: &PublicKey) -> Option<(Self, Vec<u8>)> {
        match key {
            PublicKey::P256 { x, y } => Some((Self::Ecdsa, [&[0x04][..], x, y].concat())),
            PublicKey::Ed25519(point) => Some((Self::Ed25519, point.to_vec())),
            _ => None,
        }
    }

    /// A signature's two numbers. The DER of WebAuthn (L3 §6.5.5) has both of ECDSA; a signature of EdDSA stands in the first
    /// alone.
    pub(crate) fn parts(self, signature: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Failure> {
        match self {
            Self::Ecdsa => {
                let both = ecdsa::Signature::from_der(signature)
                    .map_err(|error| Failure::answer(error, "an ECDSA signature in DER"))?;
                let (r, s) = both.split_bytes();
                Ok((r.to_vec(), s.to_vec()))
            }
            Self::Ed25519 if signature.len() == 64 => Ok((signature.to_vec(), Vec::new())),
            Self::Ed25519 => {
                Err(Failure::answer(format_args!("a signature of {} bytes", signature.len()), "64 bytes"))
            }
        }
    }
}
