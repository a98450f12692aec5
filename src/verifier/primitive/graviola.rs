//! Signatures by Graviola: P-256, P-384, Ed25519 and RSA.

use std::sync::Arc;

use der::Encode;
use der::asn1::UintRef;
use graviola::hashing::{Sha256, Sha384, Sha512};
use graviola::signing::ecdsa::{self, Curve};
use graviola::signing::eddsa::Ed25519VerifyingKey;
use graviola::signing::rsa;

use super::{Algorithm, KeyType, RsaPublicKey, RsaValue, Scheme};

/// The form in which Graviola keeps a public key. Most have a table of multiples, of some thousand bytes.
#[derive(Clone)]
pub(super) enum Key {
    P256(Arc<ecdsa::VerifyingKey<ecdsa::P256>>),
    P384(Arc<ecdsa::VerifyingKey<ecdsa::P384>>),
    Ed25519(Arc<Ed25519VerifyingKey>),
    Rsa(Arc<rsa::VerifyingKey>),
}

impl Key {
    /// Reads a key that RustCrypto has read before; `None` for one that Graviola does not compute with.
    pub(super) fn read(key_type: KeyType, value: &[u8]) -> Option<Self> {
        match key_type {
            KeyType::P256 => {
                ecdsa::VerifyingKey::from_x962_uncompressed(value).ok().map(Arc::new).map(Self::P256)
            }
            KeyType::P384 => {
                ecdsa::VerifyingKey::from_x962_uncompressed(value).ok().map(Arc::new).map(Self::P384)
            }
            KeyType::Ed25519 => Ed25519VerifyingKey::from_bytes(value).ok().map(Arc::new).map(Self::Ed25519),
            KeyType::Rsa => {
                let key = RsaValue(value);
                // With a modulus of other lengths, the message that PSS encodes may be a byte shorter.
                let whole_bytes = key.parts().0.first().is_some_and(|first| first.leading_zeros() == 0);
                let der = whole_bytes.then(|| pkcs1(key))??;
                rsa::VerifyingKey::from_pkcs1_der(&der).ok().map(Arc::new).map(Self::Rsa)
            }
            _ => None,
        }
    }

    /// Whether the signature holds; `None` for a scheme that Graviola lacks.
    pub(super) fn verify(&self, scheme: Scheme, message: &[&[u8]], signature: &[u8]) -> Option<bool> {
        match (self, scheme) {
            (Self::P256(key), Scheme::Ecdsa(hash)) => ecdsa_holds(key, hash, message, signature),
            (Self::P384(key), Scheme::Ecdsa(hash)) => ecdsa_holds(key, hash, message, signature),
            (Self::Ed25519(key), Scheme::Of(Algorithm::EdDsa)) => {
                Some(key.verify(signature, &message.concat()).is_ok())
            }
            (Self::Rsa(key), Scheme::Of(algorithm)) => {
                rsa_holds(key, algorithm, &message.concat(), signature)
            }
            _ => None,
        }
    }
}

fn ecdsa_holds<C: Curve>(
    key: &ecdsa::VerifyingKey<C>,
    hash: Algorithm,
    message: &[&[u8]],
    signature: &[u8],
) -> Option<bool> {
    let verified = match hash {
        Algorithm::Es256 => key.verify::<Sha256>(message, signature),
        Algorithm::Es384 => key.verify::<Sha384>(message, signature),
        Algorithm::Es512 => key.verify::<Sha512>(message, signature),
        _ => return None,
    };
    Some(verified.is_ok())
}

fn rsa_holds(
    key: &rsa::VerifyingKey,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let verified = match algorithm {
        Algorithm::Rs256 => key.verify_pkcs1_sha256(signature, message),
        Algorithm::Rs384 => key.verify_pkcs1_sha384(signature, message),
        Algorithm::Rs512 => key.verify_pkcs1_sha512(signature, message),
        Algorithm::Ps256 => key.verify_pss_sha256(signature, message),
        Algorithm::Ps384 => key.verify_pss_sha384(signature, message),
        Algorithm::Ps512 => key.verify_pss_sha512(signature, message),
        _ => return None,
    };
    Some(verified.is_ok())
}

/// An `RSAPublicKey` in DER (RFC 8017 §A.1.1).
fn pkcs1(key: RsaValue<'_>) -> Option<Vec<u8>> {
    let (n, e) = key.parts();
    let (modulus, public_exponent) = (UintRef::new(n).ok()?, UintRef::new(e).ok()?);
    RsaPublicKey { modulus, public_exponent }.to_der().ok()
}
