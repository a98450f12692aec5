//! Verifying signatures.

use std::fmt;

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256, Sha384, Sha512};

#[cfg(feature = "ed448")]
use super::key::ed448_point_is_canonical;
use super::key::{Kind, VerifyingKey};
use crate::crypto::Algorithm;

impl VerifyingKey {
    /// Verifies a signature as WebAuthn writes it (L3 §6.5.5): ECDSA in DER, others as their documents have them.
    ///
    /// # Errors
    /// [`SignatureRefusal`]: what is wrong with it.
    pub fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureRefusal> {
        let refuse = |found: String| Err(SignatureRefusal { found });
        #[cfg(any(feature = "eddsa", feature = "ed448", feature = "rsa", feature = "ml-dsa"))]
        let held = |holds: bool| match holds {
            true => Ok(()),
            false => {
                refuse(format!("{} bytes that the {} key did not sign", signature.len(), self.key_type()))
            }
        };
        let ecdsa = || self.verify_ecdsa(&ecdsa_prehash(algorithm, message), signature);
        match (self.kind(), algorithm) {
            (Kind::P256(_), Algorithm::Es256) => ecdsa(),
            #[cfg(feature = "es384")]
            (Kind::P384(_), Algorithm::Es384) => ecdsa(),
            #[cfg(feature = "es512")]
            (Kind::P521(_), Algorithm::Es512) => ecdsa(),
            #[cfg(feature = "es256k")]
            (Kind::Secp256k1(_), Algorithm::Es256k) => ecdsa(),
            #[cfg(feature = "eddsa")]
            (Kind::Ed25519(key), Algorithm::EdDsa) => held(
                ed25519_dalek::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            ),
            #[cfg(feature = "ed448")]
            (Kind::Ed448(key), Algorithm::Ed448) => held(
                ed448_signature_is_canonical(signature)
                    && ed448_goldilocks::Signature::from_slice(signature)
                        .is_ok_and(|signature| key.verify_raw(&signature, message).is_ok()),
            ),
            #[cfg(feature = "rsa")]
            (Kind::Rsa(key), algorithm) if algorithm.is_rsa() => {
                held(rsa_holds(key, algorithm, message, signature))
            }
            #[cfg(feature = "ml-dsa")]
            (Kind::MlDsa44(key), Algorithm::MlDsa44) => held(ml_dsa_holds(key, message, signature)),
            #[cfg(feature = "ml-dsa")]
            (Kind::MlDsa65(key), Algorithm::MlDsa65) => held(ml_dsa_holds(key, message, signature)),
            #[cfg(feature = "ml-dsa")]
            (Kind::MlDsa87(key), Algorithm::MlDsa87) => held(ml_dsa_holds(key, message, signature)),
            _ => refuse(format!("the algorithm {algorithm} for an {} key", self.key_type())),
        }
    }

    /// Verifies the signature of a certificate, where any hash goes with any curve.
    pub(super) fn verify_certificate(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureRefusal> {
        match algorithm {
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => {
                self.verify_ecdsa(&ecdsa_prehash(algorithm, message), signature)
            }
            _ => self.verify(algorithm, message, signature),
        }
    }

    /// Verifies a signature as JOSE writes it (RFC 7518 §3.4): ECDSA as `r ‖ s`.
    pub(super) fn verify_raw(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureRefusal> {
        match algorithm {
            Algorithm::Es256 => {
                let signature =
                    p256::ecdsa::Signature::from_slice(signature).map_err(|_| SignatureRefusal {
                        found: format!("{} bytes that are no r and s of P-256", signature.len()),
                    })?;
                self.verify(algorithm, message, signature.to_der().as_bytes())
            }
            _ => self.verify(algorithm, message, signature),
        }
    }

    /// Verifies a DER `Ecdsa-Sig-Value` over a hash. Both of the two values of s are accepted: no document asks
    /// for the lower.
    fn verify_ecdsa(&self, prehash: &[u8], signature: &[u8]) -> Result<(), SignatureRefusal> {
        // As wide as the field, or the library refuses hashes that are much narrower; the number is the same.
        let width = self.key_type().coordinate_length();
        let prehash = [vec![0; width.saturating_sub(prehash.len())].as_slice(), prehash].concat();
        let prehash = prehash.as_slice();
        macro_rules! verify {
            ($curve:ident, $key:expr, $normalize:expr) => {
                $curve::ecdsa::Signature::from_der(signature)
                    .map(|signature| $key.verify_prehash(prehash, &$normalize(signature)).is_ok())
            };
        }
        let holds = match self.kind() {
            Kind::P256(key) => verify!(p256, key, std::convert::identity),
            #[cfg(feature = "es384")]
            Kind::P384(key) => verify!(p384, key, std::convert::identity),
            #[cfg(feature = "es512")]
            Kind::P521(key) => verify!(p521, key, std::convert::identity),
            // `k256` accepts the lower s only.
            #[cfg(feature = "es256k")]
            Kind::Secp256k1(key) => {
                verify!(k256, key, |signature: k256::ecdsa::Signature| signature.normalize_s())
            }
            #[expect(clippy::allow_attributes, reason = "whether it is reached depends on the features")]
            #[allow(unreachable_patterns, reason = "P-256 is the only type without features")]
            _ => {
                let found = format!("an ECDSA signature for an {} key", self.key_type());
                return Err(SignatureRefusal { found });
            }
        };
        match holds {
            Ok(true) => Ok(()),
            Ok(false) => Err(SignatureRefusal {
                found: format!("r and s that the {} key did not sign", self.key_type()),
            }),
            Err(_) => Err(SignatureRefusal {
                found: format!("{} bytes that are no Ecdsa-Sig-Value in DER", signature.len()),
            }),
        }
    }
}

/// RFC 8032 §5.2.7 step 1: R is the one encoding of its point, and S is below the group order. Otherwise there would
/// be further signatures for each; the library lets some through.
#[cfg(feature = "ed448")]
fn ed448_signature_is_canonical(signature: &[u8]) -> bool {
    signature.split_at_checked(57).is_some_and(|(r, scalar)| {
        let below_order =
            scalar.len() == ED448_ORDER.len() && scalar.iter().rev().lt(ED448_ORDER.iter().rev());
        ed448_point_is_canonical(r) && below_order
    })
}

/// The order of the group of Ed448 (RFC 8032 §5.2), little-endian.
#[cfg(feature = "ed448")]
const ED448_ORDER: [u8; 57] = [
    0xf3, 0x44, 0x58, 0xab, 0x92, 0xc2, 0x78, 0x23, 0x55, 0x8f, 0xc5, 0x8d, 0x72, 0xc2, 0x6c, 0x21, 0x90,
    0x36, 0xd6, 0xae, 0x49, 0xdb, 0x4e, 0xc4, 0xe9, 0x23, 0xca, 0x7c, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0x3f, 0x00,
];

/// The hash that an ECDSA algorithm signs; nothing for others.
fn ecdsa_prehash(algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Es256 | Algorithm::Es256k => Sha256::digest(message).to_vec(),
        Algorithm::Es384 => Sha384::digest(message).to_vec(),
        Algorithm::Es512 => Sha512::digest(message).to_vec(),
        _ => Vec::new(),
    }
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

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRefusal {
    /// What was found.
    pub found: String,
}

impl fmt::Display for SignatureRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}, expected a signature of the key over the message", self.found)
    }
}

impl std::error::Error for SignatureRefusal {}
