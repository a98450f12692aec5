use std::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::backend::backend;

/// A signature algorithm, named as in the IANA COSE Algorithms registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256 (RFC 9053 §2.1; the curve as WebAuthn L3 §5.8.5 fixes it).
    Es256,
}

impl Algorithm {
    /// Every algorithm this build can sign with, in the order in which the authenticator states them.
    pub const ALL: &[Algorithm] = &[Algorithm::Es256];

    /// The COSE algorithm identifier.
    #[must_use]
    pub const fn cose_identifier(self) -> i64 {
        match self {
            Algorithm::Es256 => -7,
        }
    }

    /// The algorithm with this COSE identifier, if this build has it.
    #[must_use]
    pub fn from_cose_identifier(identifier: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.cose_identifier() == identifier)
    }

    /// The algorithm's name in the COSE registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Es256 => "ES256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKey {
    /// A point on P-256: big-endian affine coordinates.
    P256 {
        /// The x coordinate.
        x: [u8; 32],
        /// The y coordinate.
        y: [u8; 32],
    },
}

/// `SubjectPublicKeyInfo` up to the point's coordinates: id-ecPublicKey, prime256v1, a 66-byte BIT STRING, `04`
/// (RFC 5480 §2).
const P256_SPKI_PREFIX: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

impl PublicKey {
    /// The key as a DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7), as `getPublicKey()` returns it.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        match self {
            PublicKey::P256 { x, y } => [&P256_SPKI_PREFIX[..], x, y].concat(),
        }
    }

    /// The algorithm that keys of this type sign with here.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            PublicKey::P256 { .. } => Algorithm::Es256,
        }
    }
}

/// A private key: the scalar, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PrivateKey {
    P256(Zeroizing<[u8; 32]>),
}

/// A private key and the public key that belongs to it. `Debug` shows the public key only.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    private: PrivateKey,
    public: PublicKey,
}

impl KeyPair {
    /// Draws a new key pair from `random`: 32 bytes for ES256, and 32 more as long as they are no valid scalar.
    pub fn generate(algorithm: Algorithm, random: &mut dyn CryptoRng) -> Self {
        loop {
            let mut scalar = Zeroizing::new([0; 32]);
            random.fill_bytes(scalar.as_mut());
            let private = match algorithm {
                Algorithm::Es256 => PrivateKey::P256(scalar),
            };
            if let Ok(pair) = Self::from_private(private) {
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

    pub(super) fn from_private(private: PrivateKey) -> Result<Self, KeyError> {
        let public = backend().public_key(&private)?;
        Ok(Self { private, public })
    }

    /// A pair whose halves are known to belong together, without computing the public key again.
    #[cfg(feature = "store")]
    pub(crate) fn from_parts(private: PrivateKey, public: PublicKey) -> Self {
        Self { private, public }
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

    /// Signs the concatenation of `parts`. ES256: a DER `Ecdsa-Sig-Value` (WebAuthn L3 §6.5.5), RFC 6979, so the
    /// same message gives the same signature.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> Vec<u8> {
        backend().sign(&self.private, parts)
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Why bytes are not a private key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The scalar is zero or not below the order of P-256.
    ScalarOutOfRange,
    /// Not a PKCS#8 `PrivateKeyInfo` or SEC 1 `ECPrivateKey` with a P-256 key.
    NotAP256Key(String),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::ScalarOutOfRange => {
                f.write_str("the private scalar is out of range, expected 1 up to the order of P-256")
            }
            KeyError::NotAP256Key(why) => {
                write!(f, "{why}, expected a P-256 private key as PKCS#8 or SEC 1")
            }
        }
    }
}

impl std::error::Error for KeyError {}

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
