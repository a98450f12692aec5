//! Graviola: formally verified assembly for elliptic curves, inline in Rust.
//!
//! For ECDSA, Graviola multiplies the base point, which takes most of the time, and [`ecdsa`] does the rest. A signature
//! by Graviola alone takes 40 % longer: each costs an inversion, some thirty rounds of hashing for the nonce, and a system
//! call.

mod ecdsa;

use std::cell::RefCell;
#[cfg(feature = "eddsa")]
use std::sync::Arc;

use graviola::key_agreement::p256;
#[cfg(feature = "es384")]
use graviola::key_agreement::p384;
#[cfg(feature = "eddsa")]
use graviola::signing::eddsa::Ed25519SigningKey;

use crate::crypto::private_key::PrivateKey;
use crate::crypto::{Algorithm, KeyError, PublicKey};
use ecdsa::ThreadNonces;

/// The form in which Graviola keeps a private key.
#[derive(Clone)]
pub(in crate::crypto) enum Key {
    /// Nothing is kept, because reading a scalar takes no time worth saving.
    Ecdsa,
    /// The expanded key. The public key, which takes a multiplication, is part of it.
    #[cfg(feature = "eddsa")]
    Ed25519(Arc<Ed25519SigningKey>),
}

impl Key {
    /// The form for a private key that is known to be sound; `None` for an algorithm that Graviola lacks.
    pub(super) fn of(private: &PrivateKey) -> Option<Self> {
        match private {
            PrivateKey::P256(_) => Some(Self::Ecdsa),
            #[cfg(feature = "es384")]
            PrivateKey::P384(_) => Some(Self::Ecdsa),
            #[allow(unreachable_patterns, reason = "a small build has no other algorithms")]
            other => Self::prepare(other)?.ok().map(|(key, _)| key),
        }
    }

    /// The form for a private key, and its public key; `None` for an algorithm that Graviola lacks.
    pub(super) fn prepare(private: &PrivateKey) -> Option<Result<(Self, PublicKey), KeyError>> {
        Some(match private {
            PrivateKey::P256(scalar) => {
                p256_point(scalar).map(|[x, y]| (Self::Ecdsa, PublicKey::P256 { x, y }))
            }
            #[cfg(feature = "es384")]
            PrivateKey::P384(scalar) => {
                p384_point(scalar).map(|[x, y]| (Self::Ecdsa, PublicKey::P384 { x, y }))
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

    /// The signature over the concatenation of `message`. `None` if the operating system gives no randomness, or the
    /// thread is about to end.
    pub(super) fn sign(&self, private: &PrivateKey, message: &[&[u8]]) -> Option<Vec<u8>> {
        match (self, private) {
            (Self::Ecdsa, PrivateKey::P256(scalar)) => {
                ecdsa::sign::<_, sha2::Sha256, 32>(&P256_NONCES, scalar, message, p256_point)
            }
            #[cfg(feature = "es384")]
            (Self::Ecdsa, PrivateKey::P384(scalar)) => {
                ecdsa::sign::<_, sha2::Sha384, 48>(&P384_NONCES, scalar, message, p384_point)
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

thread_local! {
    static P256_NONCES: ThreadNonces<::p256::NistP256> = const { RefCell::new(None) };
    #[cfg(feature = "es384")]
    static P384_NONCES: ThreadNonces<::p384::NistP384> = const { RefCell::new(None) };
}

/// The coordinates of P-256's base point times `scalar`.
fn p256_point(scalar: &[u8; 32]) -> Result<[[u8; 32]; 2], KeyError> {
    let key = p256::StaticPrivateKey::from_bytes(scalar).map_err(|_| KeyError::ScalarOutOfRange)?;
    let point = key.public_key_uncompressed();
    drop_key(key);
    Ok(coordinates(&point))
}

/// The coordinates of P-384's base point times `scalar`.
#[cfg(feature = "es384")]
fn p384_point(scalar: &[u8; 48]) -> Result<[[u8; 48]; 2], KeyError> {
    let key = p384::StaticPrivateKey::from_bytes(scalar).map_err(|_| KeyError::ScalarOutOfRange)?;
    let point = key.public_key_uncompressed();
    drop_key(key);
    Ok(coordinates(&point))
}

/// Drops a key of Graviola's, then makes a call into Graviola that does nothing but clear registers.
///
/// Graviola wipes a dropped key by 256-bit instructions and leaves the upper halves of the registers as they are. On
/// Intel's processors that slows down all 128-bit code that follows (Optimization Reference Manual, "Mixing AVX code with
/// SSE code"), a registration by some 7 %. Every call into Graviola ends by clearing the upper halves. This one is refused
/// at once, because a scalar of 33 bytes must begin with a zero.
#[inline(never)]
fn drop_key<T>(key: T) {
    drop(key);
    let refused = p256::StaticPrivateKey::from_bytes(&[1; 33]);
    debug_assert!(refused.is_err(), "a scalar has 32 bytes");
}

/// The coordinates of an uncompressed point (SEC 1 §2.3.3): the byte 4, then x and y.
fn coordinates<const N: usize>(point: &[u8]) -> [[u8; N]; 2] {
    match point.get(1..).unwrap_or_default().as_chunks() {
        (&[x, y], []) => [x, y],
        _ => unreachable!("Graviola gives each curve points of its size"),
    }
}
