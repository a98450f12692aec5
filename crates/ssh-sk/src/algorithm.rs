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

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6979 §A.2.5, with SHA-256, message "sample".
    const R: [u8; 32] = [
        0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40, 0xdd, 0x9c, 0xd4, 0x5e, 0x81, 0xd6, 0x9d,
        0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91, 0xc3, 0x4d, 0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16,
    ];
    const S: [u8; 32] = [
        0xf7, 0xcb, 0x1c, 0x94, 0x2d, 0x65, 0x7c, 0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65, 0xf3,
        0xe9, 0x00, 0xdb, 0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f, 0x84, 0x3a, 0xcd, 0xa8,
    ];

    fn der() -> Vec<u8> {
        [&[0x30, 0x46, 0x02, 0x21, 0x00][..], &R, &[0x02, 0x21, 0x00], &S].concat()
    }

    #[test]
    fn both_numbers_are_read_from_der() {
        assert_eq!(Algorithm::Ecdsa.parts(&der()).unwrap(), (R.to_vec(), S.to_vec()));
    }

    #[test]
    fn a_short_number_is_read() {
        let (r, s) = Algorithm::Ecdsa.parts(&[0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x7f]).unwrap();
        assert_eq!((r.last(), s.last()), (Some(&0x05), Some(&0x7f)));
        assert!(r.iter().chain(&s).filter(|byte| **byte != 0).count() == 2);
    }

    #[test]
    fn refuses_der_that_is_cut_or_longer() {
        let whole = der();
        for length in 0..whole.len() {
            assert!(Algorithm::Ecdsa.parts(&whole[..length]).is_err(), "{length}");
        }
        assert!(Algorithm::Ecdsa.parts(&[&whole[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_signature_of_eddsa_stands_in_the_first_number() {
        assert_eq!(Algorithm::Ed25519.parts(&[7; 64]).unwrap(), (vec![7; 64], Vec::new()));
        assert!(Algorithm::Ed25519.parts(&[7; 63]).is_err());
    }

    #[test]
    fn openssh_has_two_algorithms() {
        for algorithm in [Algorithm::Ecdsa, Algorithm::Ed25519] {
            assert_eq!(Algorithm::from_number(algorithm.number()).unwrap(), algorithm);
        }
        assert_eq!(Algorithm::from_number(2).unwrap_err().code, Code::Unsupported);
    }
}
