//! RSA keys that ship with this crate. To generate one takes some 50 ms, and draws other bytes on a processor with another
//! word size.

use rand_core::CryptoRng;

use super::{Algorithm, KeyError, KeyPair};

impl KeyPair {
    /// One of the eight 2048-bit RSA keys that ship with this crate, for the RSA algorithm `algorithm`. It takes one byte
    /// of `random`, so it is quick, and the same byte gives the same key everywhere.
    ///
    /// The private keys are public, and two credentials may get the same key.
    ///
    /// # Errors
    /// [`KeyError::NotInBuild`] without the feature `rsa`; [`KeyError::OtherAlgorithm`] if it is no RSA algorithm.
    pub fn from_rsa_pool(algorithm: Algorithm, random: &mut dyn CryptoRng) -> Result<Self, KeyError> {
        if !algorithm.is_rsa() {
            return Err(KeyError::OtherAlgorithm { found: Algorithm::Rs256, expected: algorithm });
        }
        let mut byte = [0];
        random.fill_bytes(&mut byte);
        pick(algorithm, byte[0])
    }
}

#[cfg(feature = "rsa")]
fn pick(algorithm: Algorithm, byte: u8) -> Result<KeyPair, KeyError> {
    let mut keys = include_str!("rsa_pool.pem").split_inclusive("-----END PRIVATE KEY-----\n");
    let key = keys.nth(usize::from(byte % 8)).expect("eight keys ship, which a test counts");
    KeyPair::from_pem(key)?.with_algorithm(algorithm)
}

#[cfg(not(feature = "rsa"))]
fn pick(algorithm: Algorithm, _: u8) -> Result<KeyPair, KeyError> {
    Err(KeyError::NotInBuild(algorithm))
}

#[cfg(all(test, feature = "rsa"))]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::crypto::PublicKey;

    #[test]
    fn the_pool_has_eight_keys_of_2048_bits() {
        let keys: HashSet<PublicKey> =
            (0..8).map(|byte| pick(Algorithm::Ps256, byte).unwrap().public_key().clone()).collect();
        assert_eq!(keys.len(), 8);
        for key in keys {
            let PublicKey::Rsa { algorithm: Algorithm::Ps256, n, e } = key else { panic!("{key:?}") };
            assert_eq!((n.len(), n[0] >> 7, e), (256, 1, vec![1, 0, 1]));
        }
        assert_eq!(pick(Algorithm::Rs256, 7), pick(Algorithm::Rs256, 255));
    }

    #[test]
    fn the_pool_is_for_rsa() {
        let mut random = crate::crypto::derived_rng(b"pool", &[]);
        let expected = KeyError::OtherAlgorithm { found: Algorithm::Rs256, expected: Algorithm::Es256 };
        assert_eq!(KeyPair::from_rsa_pool(Algorithm::Es256, &mut random), Err(expected));
    }
}
