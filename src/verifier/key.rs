//! Public keys, as the verifier reads them: COSE_Key maps by `stuntkey-inspect`, SubjectPublicKeyInfo by `spki`, the
//! arithmetic by RustCrypto.

use std::fmt;

mod cose;

use der::Decode;
use der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::judge::hex;
use crate::crypto::Algorithm;

/// A public key that can verify signatures.
#[derive(Clone)]
pub struct VerifyingKey {
    kind: Kind,
    /// The type and the value: keys with the same are equal.
    value: (KeyType, Vec<u8>),
}

/// The key in the form of the library that computes with it.
#[derive(Clone)]
pub(super) enum Kind {
    P256(Box<p256::ecdsa::VerifyingKey>),
    #[cfg(feature = "es384")]
    P384(Box<p384::ecdsa::VerifyingKey>),
    #[cfg(feature = "es512")]
    P521(Box<p521::ecdsa::VerifyingKey>),
    #[cfg(feature = "es256k")]
    Secp256k1(Box<k256::ecdsa::VerifyingKey>),
    #[cfg(feature = "eddsa")]
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    #[cfg(feature = "ed448")]
    Ed448(Box<ed448_goldilocks::VerifyingKey>),
    #[cfg(feature = "rsa")]
    Rsa(Box<rsa::PublicKey>),
    #[cfg(feature = "ml-dsa")]
    MlDsa44(Box<ml_dsa::VerifyingKey<ml_dsa::MlDsa44>>),
    #[cfg(feature = "ml-dsa")]
    MlDsa65(Box<ml_dsa::VerifyingKey<ml_dsa::MlDsa65>>),
    #[cfg(feature = "ml-dsa")]
    MlDsa87(Box<ml_dsa::VerifyingKey<ml_dsa::MlDsa87>>),
}

/// The type of a key, with its curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// A point on P-256.
    P256,
    /// A point on P-384.
    P384,
    /// A point on P-521.
    P521,
    /// A point on secp256k1.
    Secp256k1,
    /// An Ed25519 key.
    Ed25519,
    /// An Ed448 key.
    Ed448,
    /// An RSA key.
    Rsa,
    /// An ML-DSA-44 key.
    MlDsa44,
    /// An ML-DSA-65 key.
    MlDsa65,
    /// An ML-DSA-87 key.
    MlDsa87,
}

impl KeyType {
    /// The type that keys of this algorithm have.
    const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Es256 => KeyType::P256,
            Algorithm::Es384 => KeyType::P384,
            Algorithm::Es512 => KeyType::P521,
            Algorithm::Es256k => KeyType::Secp256k1,
            Algorithm::EdDsa => KeyType::Ed25519,
            Algorithm::Ed448 => KeyType::Ed448,
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Rs1 => KeyType::Rsa,
            Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => KeyType::Rsa,
            Algorithm::MlDsa44 => KeyType::MlDsa44,
            Algorithm::MlDsa65 => KeyType::MlDsa65,
            Algorithm::MlDsa87 => KeyType::MlDsa87,
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyType::P256 => "P-256",
            KeyType::P384 => "P-384",
            KeyType::P521 => "P-521",
            KeyType::Secp256k1 => "secp256k1",
            KeyType::Ed25519 => "Ed25519",
            KeyType::Ed448 => "Ed448",
            KeyType::Rsa => "RSA",
            KeyType::MlDsa44 => "ML-DSA-44",
            KeyType::MlDsa65 => "ML-DSA-65",
            KeyType::MlDsa87 => "ML-DSA-87",
        })
    }
}

/// The fewest bits that the modulus of an RSA credential key may have (RFC 8230 §6.1).
#[cfg(feature = "rsa")]
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
        match &self.kind {
            #[cfg(feature = "rsa")]
            Kind::Rsa(key) => Some(rsa::traits::PublicKeyParts::n(key.as_ref()).bit_width_vartime()),
            _ => None,
        }
    }

    /// The uncompressed point `04 ‖ x ‖ y`, the raw key, or `n`, a zero byte and `e`: for comparing and showing.
    pub(super) fn value(&self) -> &[u8] {
        &self.value.1
    }

    /// `n` and `e` of an RSA key.
    fn rsa_parts(&self) -> (&[u8], &[u8]) {
        // Both may have zeros inside, so the number of bits says where `n` ends.
        let bits = self.rsa_bits().and_then(|bits| usize::try_from(bits).ok()).unwrap_or_default();
        let (n, rest) = self.value().split_at_checked(bits.div_ceil(8)).unwrap_or_default();
        (n, rest.get(1..).unwrap_or_default())
    }

    pub(super) fn kind(&self) -> &Kind {
        &self.kind
    }

    fn from_value(key_type: KeyType, value: &[u8]) -> Result<Self, KeyRefusal> {
        let refuse = |found: String| KeyRefusal { found };
        let off_curve = || refuse(format!("{} bytes that are no point on {key_type}", value.len()));
        let no_key = || refuse(format!("{} bytes that are no {key_type} key", value.len()));
        // WebAuthn (§6.5.1.1) and X.509 attestation both ask for uncompressed points.
        let uncompressed = value.first() == Some(&4);
        let kind = match key_type {
            KeyType::P256 if uncompressed => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(value);
                Kind::P256(Box::new(key.map_err(|_| off_curve())?))
            }
            #[cfg(feature = "es384")]
            KeyType::P384 if uncompressed => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(value);
                Kind::P384(Box::new(key.map_err(|_| off_curve())?))
            }
            #[cfg(feature = "es512")]
            KeyType::P521 if uncompressed => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(value);
                Kind::P521(Box::new(key.map_err(|_| off_curve())?))
            }
            #[cfg(feature = "es256k")]
            KeyType::Secp256k1 if uncompressed => {
                let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(value);
                Kind::Secp256k1(Box::new(key.map_err(|_| off_curve())?))
            }
            KeyType::P256 | KeyType::P384 | KeyType::P521 | KeyType::Secp256k1 if !uncompressed => {
                return Err(off_curve());
            }
            #[cfg(feature = "eddsa")]
            KeyType::Ed25519 => {
                let bytes = value.try_into().map_err(|_| no_key())?;
                let key = ed25519_dalek::VerifyingKey::from_bytes(bytes);
                Kind::Ed25519(Box::new(key.map_err(|_| off_curve())?))
            }
            #[cfg(feature = "ed448")]
            KeyType::Ed448 => {
                let bytes = value.try_into().map_err(|_| no_key())?;
                if !ed448_point_is_canonical(value) {
                    return Err(off_curve());
                }
                let key = ed448_goldilocks::VerifyingKey::from_bytes(bytes);
                Kind::Ed448(Box::new(key.map_err(|_| off_curve())?))
            }
            #[cfg(feature = "ml-dsa")]
            KeyType::MlDsa44 => {
                let bytes = value.try_into().map_err(|_| no_key())?;
                Kind::MlDsa44(Box::new(ml_dsa::VerifyingKey::decode(&bytes)))
            }
            #[cfg(feature = "ml-dsa")]
            KeyType::MlDsa65 => {
                let bytes = value.try_into().map_err(|_| no_key())?;
                Kind::MlDsa65(Box::new(ml_dsa::VerifyingKey::decode(&bytes)))
            }
            #[cfg(feature = "ml-dsa")]
            KeyType::MlDsa87 => {
                let bytes = value.try_into().map_err(|_| no_key())?;
                Kind::MlDsa87(Box::new(ml_dsa::VerifyingKey::decode(&bytes)))
            }
            #[expect(clippy::allow_attributes, reason = "whether it is reached depends on the features")]
            #[allow(unreachable_patterns, reason = "no type is left when every feature is on")]
            other => {
                let _ = no_key;
                return Err(refuse(format!("an {other} key, which this build of the verifier lacks")));
            }
        };
        Ok(Self { kind, value: (key_type, value.to_vec()) })
    }

    #[cfg(feature = "rsa")]
    fn from_rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyRefusal> {
        use rsa::BoxedUint;
        let strip = |bytes: &[u8]| {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            bytes.get(zeros..).unwrap_or_default().to_vec()
        };
        let (n, e) = (strip(n), strip(e));
        let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        let key = rsa::PublicKey::new(number(&n), number(&e));
        let key = key.map_err(|error| KeyRefusal {
            found: format!("an RSA key with a modulus of {} bytes that cannot be used ({error})", n.len()),
        })?;
        let value = [n, vec![0], e].concat();
        Ok(Self { kind: Kind::Rsa(Box::new(key)), value: (KeyType::Rsa, value) })
    }

    #[cfg(not(feature = "rsa"))]
    fn from_rsa(_: &[u8], _: &[u8]) -> Result<Self, KeyRefusal> {
        Err(KeyRefusal { found: "an RSA key, which this build of the verifier lacks".into() })
    }

    #[cfg(feature = "rsa")]
    fn expect_rsa_bits(&self) -> Result<(), KeyRefusal> {
        match self.rsa_bits() {
            Some(bits) if bits < LEAST_RSA_BITS => Err(KeyRefusal {
                found: format!("an RSA modulus of {bits} bits, fewer than {LEAST_RSA_BITS}"),
            }),
            _ => Ok(()),
        }
    }

    #[cfg(not(feature = "rsa"))]
    #[expect(clippy::unused_self, reason = "there is no RSA key in this build")]
    fn expect_rsa_bits(&self) -> Result<(), KeyRefusal> {
        Ok(())
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

impl KeyType {
    pub(super) const fn coordinate_length(self) -> usize {
        match self {
            KeyType::P384 => 48,
            KeyType::P521 => 66,
            _ => 32,
        }
    }
}

/// RFC 8032 §5.2.3 step 1: the y coordinate is below p = 2^448 - 2^224 - 1, and of the last byte there is only the
/// sign of x.
#[cfg(feature = "ed448")]
pub(super) fn ed448_point_is_canonical(point: &[u8]) -> bool {
    let Some((sign, y)) = point.split_last() else { return false };
    // p has every byte 0xff but the one at 28, which is 0xfe.
    let p = (0..56).rev().map(|position| if position == 28 { 0xfe } else { 0xff });
    sign & 0x7f == 0 && y.len() == 56 && y.iter().rev().copied().lt(p)
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

/// RSAPublicKey (RFC 8017 §A.1.1).
#[derive(der::Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

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
