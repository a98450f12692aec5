//! Keys and signatures by RustCrypto's crates.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::digest::Output;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{KeyType, Scheme};
use crate::crypto::Algorithm;

/// The key in the form of the crate that computes with it.
#[derive(Clone)]
pub(super) enum Key {
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

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::verifier) enum Unreadable {
    /// Bytes that are no key of the type: a point that is not on the curve, or in another form.
    NoKey,
    /// Numbers that make no RSA key, and why.
    #[cfg_attr(not(feature = "rsa"), expect(dead_code, reason = "there is no RSA key in this build"))]
    NoRsaKey(String),
    /// This build lacks the type.
    Lacking,
}

impl Key {
    pub(super) fn read(key_type: KeyType, value: &[u8]) -> Result<Self, Unreadable> {
        // WebAuthn (§6.5.1.1) and X.509 attestation both ask for uncompressed points.
        let uncompressed = value.first() == Some(&4);
        Ok(match key_type {
            KeyType::P256 | KeyType::P384 | KeyType::P521 | KeyType::Secp256k1 if !uncompressed => {
                return Err(Unreadable::NoKey);
            }
            KeyType::P256 => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(value);
                Self::P256(Box::new(key.map_err(|_| Unreadable::NoKey)?))
            }
            #[cfg(feature = "es384")]
            KeyType::P384 => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(value);
                Self::P384(Box::new(key.map_err(|_| Unreadable::NoKey)?))
            }
            #[cfg(feature = "es512")]
            KeyType::P521 => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(value);
                Self::P521(Box::new(key.map_err(|_| Unreadable::NoKey)?))
            }
            #[cfg(feature = "es256k")]
            KeyType::Secp256k1 => {
                let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(value);
                Self::Secp256k1(Box::new(key.map_err(|_| Unreadable::NoKey)?))
            }
            #[cfg(feature = "eddsa")]
            KeyType::Ed25519 => {
                let bytes = value.try_into().map_err(|_| Unreadable::NoKey)?;
                if !super::ed25519::is_canonical(value) {
                    return Err(Unreadable::NoKey);
                }
                let key = ed25519_dalek::VerifyingKey::from_bytes(bytes);
                Self::Ed25519(Box::new(key.map_err(|_| Unreadable::NoKey)?))
            }
            #[cfg(feature = "ed448")]
            KeyType::Ed448 => {
                let bytes = value.try_into().map_err(|_| Unreadable::NoKey)?;
                if !ed448::is_canonical(value) {
                    return Err(Unreadable::NoKey);
                }
                let key = ed448_goldilocks::VerifyingKey::from_bytes(bytes);
                Self::Ed448(Box::new(key.map_err(|_| Unreadable::NoKey)?))
            }
            #[cfg(feature = "ml-dsa")]
            KeyType::MlDsa44 => Self::MlDsa44(read_ml_dsa(value)?),
            #[cfg(feature = "ml-dsa")]
            KeyType::MlDsa65 => Self::MlDsa65(read_ml_dsa(value)?),
            #[cfg(feature = "ml-dsa")]
            KeyType::MlDsa87 => Self::MlDsa87(read_ml_dsa(value)?),
            #[expect(clippy::allow_attributes, reason = "whether it is reached depends on the features")]
            #[allow(unreachable_patterns, reason = "only RSA is left when every feature is on")]
            _ => return Err(Unreadable::Lacking),
        })
    }

    #[cfg(feature = "rsa")]
    pub(super) fn read_rsa(n: &[u8], e: &[u8]) -> Result<Self, Unreadable> {
        let number = rsa::BoxedUint::from_be_slice_vartime;
        match rsa::PublicKey::new(number(n), number(e)) {
            Ok(key) => Ok(Self::Rsa(Box::new(key))),
            Err(error) => Err(Unreadable::NoRsaKey(error.to_string())),
        }
    }

    #[cfg(not(feature = "rsa"))]
    pub(super) fn read_rsa(_: &[u8], _: &[u8]) -> Result<Self, Unreadable> {
        Err(Unreadable::Lacking)
    }

    pub(super) fn rsa_bits(&self) -> Option<u32> {
        match self {
            #[cfg(feature = "rsa")]
            Self::Rsa(key) => Some(rsa::traits::PublicKeyParts::n(key.as_ref()).bit_width_vartime()),
            _ => None,
        }
    }

    /// Whether the signature over the concatenation of `message` holds; false for a scheme of another key.
    pub(super) fn verify(&self, scheme: Scheme, message: &[&[u8]], signature: &[u8]) -> bool {
        match scheme {
            Scheme::Ecdsa(hash) => self.verify_ecdsa(hash, message, signature),
            Scheme::Of(algorithm) => {
                #[expect(clippy::allow_attributes, reason = "whether they are used depends on the features")]
                #[allow(unused_variables, reason = "ECDSA is the only scheme without features")]
                let (algorithm, message) = (algorithm, message.concat());
                match self {
                    #[cfg(feature = "eddsa")]
                    Self::Ed25519(key) => {
                        algorithm == Algorithm::EdDsa
                            && ed25519_dalek::Signature::from_slice(signature)
                                .is_ok_and(|signature| key.verify_strict(&message, &signature).is_ok())
                    }
                    #[cfg(feature = "ed448")]
                    Self::Ed448(key) => {
                        algorithm == Algorithm::Ed448 && ed448::holds(key, &message, signature)
                    }
                    #[cfg(feature = "rsa")]
                    Self::Rsa(key) => rsa_holds(key, algorithm, &message, signature),
                    #[cfg(feature = "ml-dsa")]
                    Self::MlDsa44(key) => {
                        algorithm == Algorithm::MlDsa44 && ml_dsa_holds(key, &message, signature)
                    }
                    #[cfg(feature = "ml-dsa")]
                    Self::MlDsa65(key) => {
                        algorithm == Algorithm::MlDsa65 && ml_dsa_holds(key, &message, signature)
                    }
                    #[cfg(feature = "ml-dsa")]
                    Self::MlDsa87(key) => {
                        algorithm == Algorithm::MlDsa87 && ml_dsa_holds(key, &message, signature)
                    }
                    _ => false,
                }
            }
        }
    }

    /// Both of the two values of s are accepted: no document asks for the lower.
    fn verify_ecdsa(&self, hash: Algorithm, message: &[&[u8]], signature: &[u8]) -> bool {
        macro_rules! holds {
            ($curve:ident, $key:expr, $normalize:expr) => {
                $curve::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
                    // As wide as the field, or the library refuses hashes that are much narrower; the number is the same.
                    let prehash = prehash(hash, message, signature.to_bytes().len() / 2);
                    $key.verify_prehash(&prehash, &$normalize(signature)).is_ok()
                })
            };
        }
        match self {
            Self::P256(key) => holds!(p256, key, std::convert::identity),
            #[cfg(feature = "es384")]
            Self::P384(key) => holds!(p384, key, std::convert::identity),
            #[cfg(feature = "es512")]
            Self::P521(key) => holds!(p521, key, std::convert::identity),
            // `k256` accepts the lower s only.
            #[cfg(feature = "es256k")]
            Self::Secp256k1(key) => {
                holds!(k256, key, |signature: k256::ecdsa::Signature| signature.normalize_s())
            }
            #[expect(clippy::allow_attributes, reason = "whether it is reached depends on the features")]
            #[allow(unreachable_patterns, reason = "P-256 is the only type without features")]
            _ => false,
        }
    }
}

/// The hash that an ECDSA algorithm signs, with zeros before it if it is narrower than `width`.
fn prehash(hash: Algorithm, message: &[&[u8]], width: usize) -> Vec<u8> {
    fn digest<D: Digest>(message: &[&[u8]]) -> Output<D> {
        message.iter().fold(D::new(), |hash, part| hash.chain_update(part)).finalize()
    }
    let wide = |digest: &[u8]| [&vec![0; width.saturating_sub(digest.len())], digest].concat();
    match hash {
        Algorithm::Es384 => wide(&digest::<Sha384>(message)),
        Algorithm::Es512 => wide(&digest::<Sha512>(message)),
        _ => wide(&digest::<Sha256>(message)),
    }
}

/// Reads a DER `Ecdsa-Sig-Value` (RFC 3279 §2.2.3) of the key's curve and gives `work` its `r ‖ s`; `None` if it is none.
pub(in crate::verifier) fn fixed_length<T>(
    key_type: KeyType,
    der: &[u8],
    work: impl FnOnce(&[u8]) -> T,
) -> Option<T> {
    macro_rules! fixed {
        ($curve:ident) => {
            $curve::ecdsa::Signature::from_der(der).ok().map(|signature| work(&signature.to_bytes()))
        };
    }
    match key_type {
        KeyType::P256 => fixed!(p256),
        #[cfg(feature = "es384")]
        KeyType::P384 => fixed!(p384),
        #[cfg(feature = "es512")]
        KeyType::P521 => fixed!(p521),
        #[cfg(feature = "es256k")]
        KeyType::Secp256k1 => fixed!(k256),
        _ => None,
    }
}

#[cfg(feature = "ed448")]
mod ed448 {
    /// RFC 8032 §5.2.3 step 1: the y coordinate is below p = 2^448 - 2^224 - 1, and of the last byte there is only the
    /// sign of x.
    pub(super) fn is_canonical(point: &[u8]) -> bool {
        let Some((sign, y)) = point.split_last() else { return false };
        // p has every byte 0xff but the one at 28, which is 0xfe.
        let p = (0..56).rev().map(|position| if position == 28 { 0xfe } else { 0xff });
        sign & 0x7f == 0 && y.len() == 56 && y.iter().rev().copied().lt(p)
    }

    pub(super) fn holds(key: &ed448_goldilocks::VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
        signature_is_canonical(signature)
            && ed448_goldilocks::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_raw(&signature, message).is_ok())
    }

    /// RFC 8032 §5.2.7 step 1: R is the one encoding of its point, and S is below the group order. Otherwise there would
    /// be further signatures for each; the library lets some through.
    fn signature_is_canonical(signature: &[u8]) -> bool {
        signature.split_at_checked(57).is_some_and(|(r, scalar)| {
            let below_order = scalar.len() == ORDER.len() && scalar.iter().rev().lt(ORDER.iter().rev());
            is_canonical(r) && below_order
        })
    }

    /// The order of the group of Ed448 (RFC 8032 §5.2), little-endian.
    const ORDER: [u8; 57] = [
        0xf3, 0x44, 0x58, 0xab, 0x92, 0xc2, 0x78, 0x23, 0x55, 0x8f, 0xc5, 0x8d, 0x72, 0xc2, 0x6c, 0x21, 0x90,
        0x36, 0xd6, 0xae, 0x49, 0xdb, 0x4e, 0xc4, 0xe9, 0x23, 0xca, 0x7c, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0x3f, 0x00,
    ];
}

#[cfg(feature = "rsa")]
fn rsa_holds(key: &rsa::PublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    use rsa::signature::Verifier;
    use rsa::{pkcs1v15, pss};
    macro_rules! pkcs1 {
        ($hash:ty) => {
            pkcs1v15::Signature::try_from(signature).is_ok_and(|signature| {
                pkcs1v15::VerifyingKey::<$hash>::new(key.clone()).verify(message, &signature).is_ok()
            })
        };
    }
    // The salt is as long as the hash (RFC 8230 §2).
    macro_rules! pss {
        ($hash:ty) => {
            pss::Signature::try_from(signature).is_ok_and(|signature| {
                let length = <$hash as Digest>::output_size();
                let key = pss::VerifyingKey::<$hash>::new_with_salt_len(key.clone(), length);
                key.verify(message, &signature).is_ok()
            })
        };
    }
    match algorithm {
        Algorithm::Rs1 => pkcs1!(sha1::Sha1),
        Algorithm::Rs256 => pkcs1!(Sha256),
        Algorithm::Rs384 => pkcs1!(Sha384),
        Algorithm::Rs512 => pkcs1!(Sha512),
        Algorithm::Ps256 => pss!(Sha256),
        Algorithm::Ps384 => pss!(Sha384),
        Algorithm::Ps512 => pss!(Sha512),
        _ => false,
    }
}

#[cfg(feature = "ml-dsa")]
fn read_ml_dsa<P: ml_dsa::MlDsaParams>(value: &[u8]) -> Result<Box<ml_dsa::VerifyingKey<P>>, Unreadable> {
    let bytes = value.try_into().map_err(|_| Unreadable::NoKey)?;
    Ok(Box::new(ml_dsa::VerifyingKey::decode(&bytes)))
}

/// Pure ML-DSA with an empty context (FIPS 204 §5.3).
#[cfg(feature = "ml-dsa")]
fn ml_dsa_holds<P: ml_dsa::MlDsaParams>(
    key: &ml_dsa::VerifyingKey<P>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    ml_dsa::Signature::<P>::try_from(signature)
        .is_ok_and(|signature| key.verify_with_context(message, &[], &signature))
}
