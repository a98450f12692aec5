//! Public keys, as the verifier reads them: COSE_Key maps by `stuntkey-inspect`, SubjectPublicKeyInfo by `spki`.

use std::fmt;

mod cose;

use der::Decode;
use der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::judge::hex;
use super::key_type::KeyType;
use super::primitive::{self, RsaPublicKey, RsaValue, Unreadable, without_leading_zeros};

/// A public key that can verify signatures.
#[derive(Clone)]
pub struct VerifyingKey {
    primitive: primitive::Key,
    /// The type and the value: keys with the same are equal.
    value: (KeyType, Vec<u8>),
}

/// The fewest bits that the modulus of an RSA credential key may have (RFC 8230 §6.1).
const LEAST_RSA_BITS: u32 = 2048;

impl VerifyingKey {
    /// Reads a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    ///
    /// # Errors
    /// [`KeyRefusal`]: what was found.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyRefusal> {
        let refuse = |found: String| KeyRefusal { found };
        let info = SubjectPublicKeyInfoRef::from_der(der)
            .map_err(|error| refuse(format!("no SubjectPublicKeyInfo ({error})")))?;
        Self::from_info(&info)
    }

    /// The key of a SubjectPublicKeyInfo.
    pub(super) fn from_info(info: &SubjectPublicKeyInfoRef<'_>) -> Result<Self, KeyRefusal> {
        let refuse = |found: String| KeyRefusal { found };
        let Some(value) = info.subject_public_key.as_bytes() else {
            return Err(refuse("a subject public key that is no whole number of bytes".into()));
        };
        let key_type = match info.algorithm.oid {
            EC_PUBLIC_KEY => {
                let curve = info.algorithm.parameters_oid();
                let curve = curve.map_err(|_| refuse("an elliptic curve that is not named".into()))?;
                match curve {
                    SECP256R1 => KeyType::P256,
                    SECP384R1 => KeyType::P384,
                    SECP521R1 => KeyType::P521,
                    SECP256K1 => KeyType::Secp256k1,
                    other => return Err(refuse(format!("a key on the curve {other}"))),
                }
            }
            RSA_ENCRYPTION => KeyType::Rsa,
            ED25519 => KeyType::Ed25519,
            ED448 => KeyType::Ed448,
            ML_DSA_44 => KeyType::MlDsa44,
            ML_DSA_65 => KeyType::MlDsa65,
            ML_DSA_87 => KeyType::MlDsa87,
            other => return Err(refuse(format!("a key of the type {other}"))),
        };
        Self::from_subject_public_key(key_type, value)
    }

    /// Reads the content of a `subjectPublicKey`.
    pub(super) fn from_subject_public_key(key_type: KeyType, value: &[u8]) -> Result<Self, KeyRefusal> {
        if key_type != KeyType::Rsa {
            return Self::from_value(key_type, value);
        }
        let key = RsaPublicKey::from_der(value);
        let key = key.map_err(|error| KeyRefusal { found: format!("no RSAPublicKey ({error})") })?;
        Self::from_rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    /// What the key is.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.value.0
    }

    /// The bits of an RSA modulus.
    #[must_use]
    pub fn rsa_bits(&self) -> Option<u32> {
        self.primitive.rsa_bits()
    }

    /// The uncompressed point `04 ‖ x ‖ y`, the raw key, or an [`RsaValue`]: for comparing, showing and computing.
    pub(super) fn value(&self) -> &[u8] {
        &self.value.1
    }

    pub(super) fn primitive(&self) -> &primitive::Key {
        &self.primitive
    }

    fn from_value(key_type: KeyType, value: &[u8]) -> Result<Self, KeyRefusal> {
        let primitive = primitive::Key::read(key_type, value);
        let primitive = primitive
            .map_err(|unreadable| KeyRefusal { found: refused(key_type, value.len(), unreadable) })?;
        Ok(Self { primitive, value: (key_type, value.to_vec()) })
    }

    fn from_rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyRefusal> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        let primitive = primitive::Key::read_rsa(n, e);
        let primitive = primitive
            .map_err(|unreadable| KeyRefusal { found: refused(KeyType::Rsa, n.len(), unreadable) })?;
        Ok(Self { primitive, value: (KeyType::Rsa, RsaValue::write(n, e)) })
    }

    fn expect_rsa_bits(&self) -> Result<(), KeyRefusal> {
        match self.rsa_bits() {
            Some(bits) if bits < LEAST_RSA_BITS => Err(KeyRefusal {
                found: format!("an RSA modulus of {bits} bits, fewer than {LEAST_RSA_BITS}"),
            }),
            _ => Ok(()),
        }
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({} {})", self.key_type(), hex(self.value()))
    }
}

fn refused(key_type: KeyType, length: usize, unreadable: Unreadable) -> String {
    match unreadable {
        Unreadable::NoKey => match key_type {
            KeyType::MlDsa44 | KeyType::MlDsa65 | KeyType::MlDsa87 => {
                format!("{length} bytes that are no {key_type} key")
            }
            _ => format!("{length} bytes that are no point on {key_type}"),
        },
        Unreadable::NoRsaKey(error) => {
            format!("an RSA key with a modulus of {length} bytes that cannot be used ({error})")
        }
        Unreadable::Lacking => format!("an {key_type} key, which this build of the verifier lacks"),
    }
}

/// Why bytes are no public key that can verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRefusal {
    /// What was found.
    pub found: String,
}

impl fmt::Display for KeyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}, expected a public key", self.found)
    }
}

impl std::error::Error for KeyRefusal {}

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SECP521R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const SECP256K1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.10");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ED448: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.113");
const ML_DSA_44: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17");
const ML_DSA_65: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18");
const ML_DSA_87: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19");
