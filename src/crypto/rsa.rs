//! RSA signatures (RFC 8017): paddings of our own around the arithmetic of `rsa`, so that the salt is ours to
//! choose and signing cannot fail.

mod padding;
mod pkcs1;

use rand_core::CryptoRng;
use rsa::hazmat::{rsa_decrypt, rsa_encrypt};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, PrivateKey as Components};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{Algorithm, KeyError, PublicKey, derived_rng};

/// What a modulus may have, in bits: below, no padding is safe; above, one signature takes seconds.
const MODULUS_BITS: std::ops::RangeInclusive<u32> = 1024..=8192;

/// An RSA private key and what it signs with. The primes are wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RsaKey {
    algorithm: Algorithm,
    key: Box<Components>,
}

impl RsaKey {
    /// A new key of 2048 bits with the public exponent 65537: some 50 ms, and a second where the arithmetic is not
    /// optimised.
    pub(super) fn generate(algorithm: Algorithm, random: &mut dyn CryptoRng) -> Result<Self, KeyError> {
        let key = Components::new(random, 2048).map_err(|error| KeyError::Unreadable(error.to_string()))?;
        Self::new(algorithm, key)
    }

    /// Reads a DER `RSAPrivateKey` (RFC 8017 §A.1.2) with two primes.
    pub(super) fn from_pkcs1_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        Self::new(algorithm, pkcs1::read(der)?)
    }

    fn new(algorithm: Algorithm, key: Components) -> Result<Self, KeyError> {
        Self { algorithm, key: Box::new(key) }.with_algorithm(algorithm)
    }

    /// The same key for another RSA algorithm, if its modulus has room for the padding.
    pub(super) fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        let found = self.modulus_bits();
        // RFC 8017 §9.1.1 step 3: hash, salt of the same length and two bytes; one bit less than the modulus.
        let least = match algorithm {
            Algorithm::Ps512 => 8 * (64 + 64 + 2) - 6,
            _ => *MODULUS_BITS.start(),
        };
        match (least..=*MODULUS_BITS.end()).contains(&found) {
            true => Ok(Self { algorithm, ..self }),
            false => Err(KeyError::ModulusLength { found, least, most: *MODULUS_BITS.end() }),
        }
    }

    /// The DER `RSAPrivateKey` (RFC 8017 §A.1.2).
    pub(super) fn to_pkcs1_der(&self) -> Zeroizing<Vec<u8>> {
        pkcs1::write(&self.key)
    }

    /// The public key.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] for a private key that makes signatures which its public key does not verify: its
    /// "primes" are none.
    pub(super) fn public_key(&self) -> Result<PublicKey, KeyError> {
        let trial = padding::pkcs1_v1_5::<Sha256>(&[b"Does this key make signatures?"], self.modulus_bits());
        let representative = self.representative(&trial);
        match rsa_encrypt(&*self.key, &self.power(&representative)) {
            Ok(verified) if verified == representative => Ok(self.public_key_unchecked()),
            _ => Err(KeyError::Unreadable("found an RSA key whose factors are no primes".into())),
        }
    }

    /// The public key of a private key that is known to be sound.
    pub(super) fn public_key_unchecked(&self) -> PublicKey {
        let (n, e) = (self.key.n_bytes().into_vec(), self.key.e_bytes().into_vec());
        PublicKey::Rsa { algorithm: self.algorithm, n, e }
    }

    /// The signature over the concatenation of `message`, as long as the modulus.
    pub(super) fn sign(&self, message: &[&[u8]]) -> Vec<u8> {
        let bits = self.modulus_bits();
        let encoded = match self.algorithm {
            Algorithm::Ps256 => padding::pss::<Sha256>(message, bits, |salt| self.draw_salt(message, salt)),
            Algorithm::Ps384 => padding::pss::<Sha384>(message, bits, |salt| self.draw_salt(message, salt)),
            Algorithm::Ps512 => padding::pss::<Sha512>(message, bits, |salt| self.draw_salt(message, salt)),
            Algorithm::Rs384 => padding::pkcs1_v1_5::<Sha384>(message, bits),
            Algorithm::Rs512 => padding::pkcs1_v1_5::<Sha512>(message, bits),
            Algorithm::Rs1 => padding::pkcs1_v1_5::<Sha1>(message, bits),
            _ => padding::pkcs1_v1_5::<Sha256>(message, bits),
        };
        self.sign_encoded(&encoded)
    }

    /// RSASP1 (RFC 8017 §5.2.1) over an encoded message.
    fn sign_encoded(&self, encoded: &[u8]) -> Vec<u8> {
        let bytes = self.power(&self.representative(encoded)).to_be_bytes();
        // The arithmetic works in whole words, which may be longer than the modulus.
        let excess = bytes.len().saturating_sub(self.key.size());
        bytes.iter().skip(excess).copied().collect()
    }

    /// OS2IP (RFC 8017 §4.2) of an encoded message.
    fn representative(&self, encoded: &[u8]) -> BoxedUint {
        BoxedUint::from_be_slice(encoded, self.key.n_bits_precision())
            .expect("a padding is no longer than the modulus")
    }

    /// `representative` to the private exponent. Unblinded: whoever can measure the time of it holds the key anyway.
    fn power(&self, representative: &BoxedUint) -> BoxedUint {
        rsa_decrypt(None::<&mut dyn CryptoRng>, &*self.key, representative)
            .expect("a padding begins with zero bits, so it is below the modulus")
    }

    /// The same key and message give the same salt: RFC 8017 §9.1 leaves it open where salts come from.
    fn draw_salt(&self, message: &[&[u8]], salt: &mut [u8]) {
        use rand_core::Rng;
        let secret = Zeroizing::new(self.key.d().to_be_bytes_trimmed_vartime());
        let message = message.concat();
        derived_rng(&secret, &[b"PSS salt", self.algorithm.name().as_bytes(), &message]).fill_bytes(salt);
    }

    fn modulus_bits(&self) -> u32 {
        self.key.n().bit_width_vartime()
    }
}

#[cfg(test)]
mod tests;
