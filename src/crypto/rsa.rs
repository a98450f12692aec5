//! RSA signatures (RFC 8017), by `rsa`.

mod pkcs1;

use rand_core::CryptoRng;
use rsa::traits::{PrivateKeyParts, PublicKeyParts, SignatureScheme};
use rsa::{Pkcs1v15Sign, PrivateKey as Components, Pss};
use sha1::Sha1;
use sha2::digest::const_oid::AssociatedOid;
use sha2::digest::{Digest, FixedOutputReset};
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{Algorithm, KeyError, PublicKey, derived_rng, digest};

/// The lengths that a modulus may have, in bits. No padding is safe below them, and above them one signature takes
/// seconds.
const MODULUS_BITS: std::ops::RangeInclusive<u32> = 1024..=8192;

/// An RSA private key and what it signs with. The primes are wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RsaKey {
    algorithm: Algorithm,
    key: Box<Components>,
}

impl RsaKey {
    /// A new key of 2048 bits with the public exponent 65537. That takes some 50 ms, and a second where the arithmetic
    /// is not optimised.
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
    /// As [`check`](Self::check).
    pub(super) fn public_key(&self) -> Result<PublicKey, KeyError> {
        self.check().map(|()| self.public_key_unchecked())
    }

    /// Makes a signature, which takes some 2 ms.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] for a private key that makes signatures which its public key does not verify: its
    /// "primes" are none.
    pub(super) fn check(&self) -> Result<(), KeyError> {
        match self.pkcs1_v1_5::<Sha256>(&[b"Does this key make signatures?"]) {
            Ok(_) => Ok(()),
            Err(_) => Err(KeyError::Unreadable("found an RSA key whose factors are no primes".into())),
        }
    }

    /// The public key of a private key that is known to be sound.
    pub(super) fn public_key_unchecked(&self) -> PublicKey {
        let (n, e) = (self.key.n_bytes().into_vec(), self.key.e_bytes().into_vec());
        PublicKey::Rsa { algorithm: self.algorithm, n, e }
    }

    /// The signature over the concatenation of `message`, as long as the modulus. Every [`KeyPair`](super::KeyPair) has a
    /// key that passed [`check`](Self::check).
    pub(super) fn sign(&self, message: &[&[u8]]) -> Vec<u8> {
        let signature = match self.algorithm {
            Algorithm::Ps256 => self.pss::<Sha256>(message),
            Algorithm::Ps384 => self.pss::<Sha384>(message),
            Algorithm::Ps512 => self.pss::<Sha512>(message),
            Algorithm::Rs384 => self.pkcs1_v1_5::<Sha384>(message),
            Algorithm::Rs512 => self.pkcs1_v1_5::<Sha512>(message),
            Algorithm::Rs1 => self.pkcs1_v1_5::<Sha1>(message),
            _ => self.pkcs1_v1_5::<Sha256>(message),
        };
        // Only a composite that was chosen to pass the check gets this far and fails. It must not end the process of
        // whoever was given it, so it signs with nothing.
        signature.unwrap_or_default()
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2). Not blinded: whoever can measure the time of it holds the key anyway.
    fn pkcs1_v1_5<D: Digest + AssociatedOid>(&self, message: &[&[u8]]) -> rsa::Result<Vec<u8>> {
        Pkcs1v15Sign::new::<D>().sign(None::<&mut dyn CryptoRng>, &self.key, &digest::<D>(message))
    }

    /// RSASSA-PSS (RFC 8017 §8.1) with a salt as long as the hash. Not blinded either.
    fn pss<D: Digest + FixedOutputReset>(&self, message: &[&[u8]]) -> rsa::Result<Vec<u8>> {
        self.pss_with_salt_of::<D>(&mut self.salts(message), message)
    }

    fn pss_with_salt_of<D: Digest + FixedOutputReset>(
        &self,
        salts: &mut dyn CryptoRng,
        message: &[&[u8]],
    ) -> rsa::Result<Vec<u8>> {
        let salt_len = Some(<D as Digest>::output_size());
        let scheme = Pss { blinded: false, digest: D::new(), salt_len };
        scheme.sign(Some(salts), &self.key, &digest::<D>(message))
    }

    /// Where the salt comes from. The same key and message give the same salt: RFC 8017 §9.1 leaves its source open.
    fn salts(&self, message: &[&[u8]]) -> impl CryptoRng {
        let secret = Zeroizing::new(self.key.d().to_be_bytes_trimmed_vartime());
        derived_rng(&secret, &[b"PSS salt", self.algorithm.name().as_bytes(), &message.concat()])
    }

    fn modulus_bits(&self) -> u32 {
        self.key.n().bit_width_vartime()
    }
}

#[cfg(test)]
mod tests;
