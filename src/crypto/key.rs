use std::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::backend::{Backend, Signer};
use super::private_key::PrivateKey;
use super::{Algorithm, KeyError, PublicKey};

/// A private key and the public key that belongs to it. `Debug` shows the public key only. Pairs of the same keys are
/// equal whatever their backends.
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
    /// Draws a new key pair from `random`. The private key comes first: as many bytes as it has (32 for ES256), and
    /// as many again as long as they are no valid scalar.
    ///
    /// RSA: 2048 bits and the public exponent 65537. That takes its time, and what is drawn may differ between
    /// processors of other word sizes; [`from_rsa_pool`](Self::from_rsa_pool) does neither.
    ///
    /// # Errors
    /// [`KeyError::NotInBuild`], unless the algorithm is [`available`](Algorithm::available).
    pub fn generate(algorithm: Algorithm, random: &mut dyn CryptoRng) -> Result<Self, KeyError> {
        Self::generate_with(Backend::RustCrypto, algorithm, random)
    }

    /// The same key as [`generate`](Self::generate) draws, computed by `backend`, which then signs.
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

    /// Draws a new ES256 key pair: what [`generate`](Self::generate) does for the algorithm that every build has.
    pub fn generate_es256(random: &mut dyn CryptoRng) -> Self {
        loop {
            let mut scalar = Zeroizing::new([0; 32]);
            random.fill_bytes(scalar.as_mut());
            if let Ok(pair) = Self::from_private(PrivateKey::P256(scalar)) {
                return pair;
            }
        }
    }

    /// The ES256 key pair whose private scalar is `scalar` (big-endian).
    ///
    /// # Errors
    /// [`KeyError::ScalarOutOfRange`] if it is zero or not below the group order.
    pub fn from_p256_scalar(scalar: &[u8; 32]) -> Result<Self, KeyError> {
        Self::from_private(PrivateKey::P256(Zeroizing::new(*scalar)))
    }

    /// The key pair with this secret: a big-endian scalar as long as the curve's field, a private key of RFC 8032,
    /// the 32-byte seed of ML-DSA, or a DER `RSAPrivateKey` (RFC 8017 §A.1.2) with two primes.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        Self::from_secret_with(Backend::RustCrypto, algorithm, secret)
    }

    /// The same key as [`from_secret`](Self::from_secret) gives, computed by `backend`, which then signs.
    ///
    /// # Errors
    /// [`KeyError`].
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

    /// The same pair, signing by `backend`, or as before if that is not available or lacks the algorithm.
    #[must_use]
    pub fn with_backend(mut self, backend: Backend) -> Self {
        if self.signer.backend() != backend {
            self.signer = Signer::of(backend, &self.private);
        }
        self
    }

    /// Who signs.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.signer.backend()
    }

    /// The scalar and the coordinates of an ES256 pair.
    pub(crate) fn p256_parts(&self) -> Option<[&[u8; 32]; 3]> {
        match (&self.private, &self.public) {
            (PrivateKey::P256(scalar), PublicKey::P256 { x, y }) => Some([scalar, x, y]),
            _ => None,
        }
    }

    /// The pair of which [`p256_parts`](Self::p256_parts) gave these.
    pub(crate) fn from_p256_parts([scalar, x, y]: [&[u8; 32]; 3]) -> Self {
        let public = PublicKey::P256 { x: *x, y: *y };
        Self { private: PrivateKey::P256(Zeroizing::new(*scalar)), public, signer: Signer::RustCrypto }
    }

    /// A pair whose halves are known to belong together, without computing the public key again.
    #[cfg(feature = "store")]
    pub(crate) fn from_parts(private: PrivateKey, public: PublicKey) -> Self {
        Self { private, public, signer: Signer::RustCrypto }
    }

    /// The same key for another algorithm. An RSA key serves every RSA algorithm, any other key its own only.
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

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The algorithm this pair signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Signs the concatenation of `parts`, in the encoding of WebAuthn L3 §6.5.5. The same message gives the same
    /// signature, unless [the backend](Self::with_backend) is another than RustCrypto.
    ///
    /// * ECDSA: a DER `Ecdsa-Sig-Value`, RFC 6979 with the algorithm's hash; by Graviola with a random nonce (FIPS 186-5
    ///   §A.3). ES256K: with the lower of the two possible s.
    /// * EdDSA: pure, no context; 64 bytes, Ed448 114.
    /// * RSA: as long as the modulus. PSS: MGF1 with the same hash, a salt as long as the hash, drawn from key and
    ///   message.
    /// * ML-DSA: pure, empty context, the deterministic variant.
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
        std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
    }
}
