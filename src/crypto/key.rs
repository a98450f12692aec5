use std::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::backend::{Backend, Signer};
use super::private_key::PrivateKey;
use super::{Algorithm, KeyError, PublicKey};

/// A private key and the public key that belongs to it. `Debug` shows the public key only. Two pairs are equal if their
/// keys are, whatever their backends.
#[derive(Clone)]
pub struct KeyPair {
    private: PrivateKey,
    public: PublicKey,
    signer: Signer,
}

impl PartialEq for KeyPair {
    fn eq(&self, other: &Self) -> bool {
        (&self.private, &self.public) == (&other.private, &other.public)
    }
}

impl Eq for KeyPair {}

impl KeyPair {
    /// Draws a new key pair from `random`: as many bytes as the private key has (32 for ES256), and as many again until
    /// they are a valid scalar.
    ///
    /// An RSA key has 2048 bits and the public exponent 65537. To draw one takes some 50 ms, and the same random bytes may
    /// give another key on a processor with another word size. [`from_rsa_pool`](Self::from_rsa_pool) is quick and gives
    /// the same key everywhere.
    ///
    /// # Errors
    /// [`KeyError::NotInBuild`], unless the algorithm is [`available`](Algorithm::available).
    pub fn generate(algorithm: Algorithm, random: &mut dyn CryptoRng) -> Result<Self, KeyError> {
        Self::generate_with(Backend::RustCrypto, algorithm, random)
    }

    /// The same key pair as [`generate`](Self::generate) draws. `backend` computes the public key, and signs.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    pub fn generate_with(
        backend: Backend,
        algorithm: Algorithm,
        random: &mut dyn CryptoRng,
    ) -> Result<Self, KeyError> {
        loop {
            let private = PrivateKey::draw(algorithm, random)?;
            match Signer::prepare(backend, &private) {
                Ok((signer, public)) => return Ok(Self { private, public, signer }),
                Err(KeyError::ScalarOutOfRange) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Draws a new ES256 key pair as [`generate`](Self::generate) does. It cannot fail, because every build has ES256.
    pub fn generate_es256(random: &mut dyn CryptoRng) -> Self {
        loop {
            let mut scalar = Zeroizing::new([0; 32]);
            random.fill_bytes(scalar.as_mut());
            if let Ok(pair) = Self::from_private(PrivateKey::P256(scalar)) {
                return pair;
            }
        }
    }

    /// The ES256 key pair whose private key is `scalar`, a big-endian number.
    ///
    /// # Errors
    /// [`KeyError::ScalarOutOfRange`] if it is zero or not below the group order.
    pub fn from_p256_scalar(scalar: &[u8; 32]) -> Result<Self, KeyError> {
        Self::from_private(PrivateKey::P256(Zeroizing::new(*scalar)))
    }

    /// The key pair with this secret. Its form depends on the algorithm:
    ///
    /// * ECDSA: the scalar, big-endian and as long as the curve's field (32, 48 or 66 bytes).
    /// * EdDSA: the private key of RFC 8032 (32 bytes, Ed448 57).
    /// * ML-DSA: the seed (32 bytes).
    /// * RSA: a DER `RSAPrivateKey` (RFC 8017 §A.1.2) with two primes.
    ///
    /// # Errors
    /// [`KeyError`] if the secret has another form, is out of range, or this build lacks the algorithm.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        Self::from_secret_with(Backend::RustCrypto, algorithm, secret)
    }

    /// The same key pair as [`from_secret`](Self::from_secret) gives. `backend` computes the public key, and signs.
    ///
    /// # Errors
    /// As [`from_secret`](Self::from_secret).
    pub fn from_secret_with(backend: Backend, algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        Self::prepare(backend, PrivateKey::from_bytes(algorithm, secret)?)
    }

    pub(super) fn from_private(private: PrivateKey) -> Result<Self, KeyError> {
        Self::prepare(Backend::RustCrypto, private)
    }

    fn prepare(backend: Backend, private: PrivateKey) -> Result<Self, KeyError> {
        let (signer, public) = Signer::prepare(backend, &private)?;
        Ok(Self { private, public, signer })
    }

    /// The same pair, which `backend` signs with. If the backend is not available or lacks the algorithm, RustCrypto does.
    #[must_use]
    pub fn with_backend(mut self, backend: Backend) -> Self {
        if self.signer.backend() != backend {
            self.signer = Signer::of(backend, &self.private);
        }
        self
    }

    /// The backend that signs.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.signer.backend()
    }

    /// The scalar and the coordinates of an ES256 pair; `None` for another algorithm.
    pub(crate) fn p256_parts(&self) -> Option<[&[u8; 32]; 3]> {
        match (&self.private, &self.public) {
            (PrivateKey::P256(scalar), PublicKey::P256 { x, y }) => Some([scalar, x, y]),
            _ => None,
        }
    }

    /// The pair whose [`p256_parts`](Self::p256_parts) these are.
    pub(crate) fn from_p256_parts([scalar, x, y]: [&[u8; 32]; 3]) -> Self {
        let public = PublicKey::P256 { x: *x, y: *y };
        Self { private: PrivateKey::P256(Zeroizing::new(*scalar)), public, signer: Signer::RustCrypto }
    }

    /// A pair of keys that are known to belong together. The public key is not computed again, but the private key is
    /// looked at, so that it can sign.
    ///
    /// # Errors
    /// [`KeyError::ScalarOutOfRange`]; [`KeyError::Unreadable`] for an RSA key whose factors are no primes.
    #[cfg(feature = "store")]
    pub(crate) fn from_parts(private: PrivateKey, public: PublicKey) -> Result<Self, KeyError> {
        private.check()?;
        Ok(Self { private, public, signer: Signer::RustCrypto })
    }

    /// The same key for another algorithm. An RSA key can serve every RSA algorithm, any other key only its own.
    ///
    /// # Errors
    /// [`KeyError::OtherAlgorithm`]; [`KeyError::ModulusLength`] if the modulus has no room for the padding.
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        let found = self.algorithm();
        match self {
            pair if found == algorithm => Ok(pair),
            #[cfg(feature = "rsa")]
            Self { private: PrivateKey::Rsa(key), .. } if algorithm.is_rsa() => {
                let key = key.with_algorithm(algorithm)?;
                let public = key.public_key_unchecked();
                Ok(Self { private: PrivateKey::Rsa(key), public, signer: Signer::RustCrypto })
            }
            _ => Err(KeyError::OtherAlgorithm { found, expected: algorithm }),
        }
    }

    pub(crate) fn private(&self) -> &PrivateKey {
        &self.private
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The algorithm that this pair signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The signature over the concatenation of `parts`, in the encoding of WebAuthn L3 §6.5.5. The same key and message
    /// give the same signature, except ECDSA by [`Backend::Graviola`].
    ///
    /// * ECDSA: a DER `Ecdsa-Sig-Value`. The nonce is that of RFC 6979; Graviola's is random (FIPS 186-5 §A.3). ES256K
    ///   takes the lower of the two possible s.
    /// * EdDSA: pure, without context; 64 bytes, Ed448 114 bytes.
    /// * RSA: as many bytes as the modulus has. PSS uses MGF1 with the algorithm's hash and a salt as long as the hash,
    ///   which is derived from key and message.
    /// * ML-DSA: pure, with an empty context, the deterministic variant; 2420, 3309 or 4627 bytes.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> Vec<u8> {
        self.signer.sign(&self.private, parts)
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("public", &self.public).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_private_key() {
        let pair = KeyPair::from_p256_scalar(&[0x41; 32]).unwrap();
        let shown = format!("{pair:?}");
        assert!(shown.contains("public"));
        assert!(!shown.contains("65, 65, 65, 65"), "{shown}");
    }

    #[test]
    fn refuses_scalars_out_of_range() {
        // SEC 2 §2.4.2: the order n of secp256r1.
        let order = [
            0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
        ];
        assert_eq!(KeyPair::from_p256_scalar(&[0; 32]), Err(KeyError::ScalarOutOfRange));
        assert_eq!(KeyPair::from_p256_scalar(&order), Err(KeyError::ScalarOutOfRange));
    }

    #[test]
    fn signs_the_rfc_6979_sample() {
        // RFC 6979 §A.2.5, P-256 with SHA-256, message "sample".
        let scalar: [u8; 32] = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        let r: [u8; 32] = hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716");
        let s: [u8; 32] = hex("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
        let pair = KeyPair::from_p256_scalar(&scalar).unwrap();
        let expected = [&[0x30, 0x46, 0x02, 0x21, 0x00][..], &r, &[0x02, 0x21, 0x00], &s].concat();
        assert_eq!(pair.sign(&[b"sam", b"ple"]), expected);
    }

    fn hex(text: &str) -> [u8; 32] {
        base16ct::mixed::decode_vec(text).unwrap().try_into().unwrap()
    }
}
