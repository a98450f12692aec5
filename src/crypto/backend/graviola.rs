//! Graviola: formally verified assembly for curves, inline in Rust.

use std::sync::Arc;

use graviola::hashing::{Hash, Sha256};
use graviola::key_agreement::p256;
use graviola::signing::ecdsa::{Curve, P256, SigningKey};
#[cfg(feature = "eddsa")]
use graviola::signing::eddsa::Ed25519SigningKey;
#[cfg(feature = "es384")]
use graviola::{hashing::Sha384, key_agreement::p384, signing::ecdsa::P384};

use crate::crypto::private_key::PrivateKey;
use crate::crypto::{Algorithm, KeyError, PublicKey};

/// The longest DER `Ecdsa-Sig-Value` over P-384: a SEQUENCE of two integers of 49 bytes.
const MOST_DER: usize = 104;

/// What is made of a private key once.
#[derive(Clone)]
pub(in crate::crypto) enum Key {
    /// The scalar, read for each signature.
    Ecdsa,
    /// The scalar, read once.
    P256(Arc<SigningKey<P256>>),
    /// The expanded key. The public key, a multiplication, is part of it.
    #[cfg(feature = "eddsa")]
    Ed25519(Arc<Ed25519SigningKey>),
}

impl Key {
    /// Of a private key that is known to be sound; `None` for an algorithm that Graviola lacks.
    pub(super) fn of(private: &PrivateKey) -> Option<Self> {
        match private {
            PrivateKey::P256(_) => Some(Self::Ecdsa),
            #[cfg(feature = "es384")]
            PrivateKey::P384(_) => Some(Self::Ecdsa),
            #[allow(unreachable_patterns, reason = "a small build has no other algorithms")]
            other => Self::prepare(other)?.ok().map(|(key, _)| key),
        }
    }

    /// Keeps what is read of a private key that signs often.
    pub(super) fn keep(&mut self, private: &PrivateKey) {
        if let PrivateKey::P256(scalar) = private
            && let Ok(private_key) = p256::StaticPrivateKey::from_bytes(&**scalar)
        {
            *self = Self::P256(Arc::new(SigningKey { private_key }));
        }
    }

    /// And the public key; `None` for an algorithm that Graviola lacks.
    pub(super) fn prepare(private: &PrivateKey) -> Option<Result<(Self, PublicKey), KeyError>> {
        let out_of_range = |_| KeyError::ScalarOutOfRange;
        Some(match private {
            PrivateKey::P256(scalar) => {
                let key = p256::StaticPrivateKey::from_bytes(&**scalar).map_err(out_of_range);
                dropping_keys(|| {
                    key.map(|key| {
                        let [x, y] = coordinates(&key.public_key_uncompressed());
                        (Self::Ecdsa, PublicKey::P256 { x, y })
                    })
                })
            }
            #[cfg(feature = "es384")]
            PrivateKey::P384(scalar) => {
                let key = p384::StaticPrivateKey::from_bytes(&**scalar).map_err(out_of_range);
                dropping_keys(|| {
                    key.map(|key| {
                        let [x, y] = coordinates(&key.public_key_uncompressed());
                        (Self::Ecdsa, PublicKey::P384 { x, y })
                    })
                })
            }
            #[cfg(feature = "eddsa")]
            PrivateKey::Ed25519(seed) => Ed25519SigningKey::from_bytes(&**seed)
                .map_err(|error| KeyError::Unreadable(format!("{error:?}")))
                .map(|key| {
                    let public = PublicKey::Ed25519(key.public_key().as_bytes());
                    (Self::Ed25519(Arc::new(key)), public)
                }),
            #[allow(unreachable_patterns, reason = "see above")]
            _ => return None,
        })
    }

    /// `None` if it fails: the operating system gave no randomness.
    pub(super) fn sign(&self, private: &PrivateKey, message: &[&[u8]]) -> Option<Vec<u8>> {
        match (self, private) {
            (Self::P256(key), _) => ecdsa::<P256, Sha256>(key, message),
            (Self::Ecdsa, PrivateKey::P256(scalar)) => {
                let private_key = p256::StaticPrivateKey::from_bytes(&**scalar).ok()?;
                dropping_keys(|| ecdsa::<P256, Sha256>(&SigningKey { private_key }, message))
            }
            #[cfg(feature = "es384")]
            (Self::Ecdsa, PrivateKey::P384(scalar)) => {
                let private_key = p384::StaticPrivateKey::from_bytes(&**scalar).ok()?;
                dropping_keys(|| ecdsa::<P384, Sha384>(&SigningKey { private_key }, message))
            }
            #[cfg(feature = "eddsa")]
            (Self::Ed25519(key), _) => Some(key.sign(&message.concat()).to_vec()),
            #[allow(unreachable_patterns, reason = "see above")]
            _ => None,
        }
    }
}

pub(super) fn is_available() -> bool {
    graviola::util::is_cpu_supported()
}

pub(super) fn computes(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa)
}

/// The DER `Ecdsa-Sig-Value`; the nonce is RFC 6979's with 16 random bytes added (§3.6).
fn ecdsa<C: Curve, H: Hash>(key: &SigningKey<C>, message: &[&[u8]]) -> Option<Vec<u8>> {
    let mut der = [0; MOST_DER];
    key.sign_asn1::<H>(message, &mut der).ok().map(<[u8]>::to_vec)
}

/// Does what drops keys. Graviola wipes them with 256-bit instructions, and when no call of its own is
/// left that would clear the registers' upper halves, all 128-bit code that follows is slowed on Intel's processors
/// (Optimization Reference Manual, "Mixing AVX code with SSE code"): a registration by some 7 %. Every call ends with
/// clearing them; this one does nothing else, as a scalar has no byte before its 32 but zero.
fn dropping_keys<T>(work: impl FnOnce() -> T) -> T {
    let result = work();
    let refused = p256::StaticPrivateKey::from_bytes(&[1; 33]);
    debug_assert!(refused.is_err(), "a scalar has 32 bytes");
    result
}

/// The coordinates of an uncompressed point (SEC 1 §2.3.3): the byte 4, then x and y.
fn coordinates<const N: usize>(point: &[u8]) -> [[u8; N]; 2] {
    match point.get(1..).unwrap_or_default().as_chunks() {
        (&[x, y], []) => [x, y],
        _ => unreachable!("Graviola gives each curve points of its size"),
    }
}
