//! The signing seam.

use ecdsa::hazmat::sign_prehashed_rfc6979;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{FieldBytes, NistP256, NonZeroScalar};
use sha2::Sha256;

use super::key::{KeyError, PrivateKey, PublicKey};
use super::sha256;

/// What a signing implementation offers. Signatures are deterministic (RFC 6979) in every implementation.
pub(crate) trait SigningBackend: Sync {
    /// The public key that belongs to `private`.
    fn public_key(&self, private: &PrivateKey) -> Result<PublicKey, KeyError>;

    /// The signature over the concatenation of `message`, in the encoding of WebAuthn L3 §6.5.5.
    fn sign(&self, private: &PrivateKey, message: &[&[u8]]) -> Vec<u8>;
}

/// The implementation in use.
pub(crate) fn backend() -> &'static dyn SigningBackend {
    &RustCrypto
}

/// RustCrypto's `p256` and `ecdsa`: portable, always there.
struct RustCrypto;

impl RustCrypto {
    fn scalar(bytes: &[u8; 32]) -> Result<NonZeroScalar, KeyError> {
        NonZeroScalar::from_repr(FieldBytes::from(*bytes)).into_option().ok_or(KeyError::ScalarOutOfRange)
    }
}

impl SigningBackend for RustCrypto {
    fn public_key(&self, private: &PrivateKey) -> Result<PublicKey, KeyError> {
        match private {
            PrivateKey::P256(scalar) => {
                let point = p256::PublicKey::from_secret_scalar(&Self::scalar(scalar)?).to_sec1_point(false);
                let (Some(x), Some(y)) = (point.x(), point.y()) else {
                    unreachable!("an uncompressed point that is not the identity has both coordinates")
                };
                Ok(PublicKey::P256 { x: (*x).into(), y: (*y).into() })
            }
        }
    }

    fn sign(&self, private: &PrivateKey, message: &[&[u8]]) -> Vec<u8> {
        match private {
            PrivateKey::P256(scalar) => {
                // Straight from the scalar: `SigningKey` would compute the public key once more.
                let scalar = Self::scalar(scalar).expect("a KeyPair's scalar was checked when it was made");
                let digest = sha256(message);
                let (signature, _) = sign_prehashed_rfc6979::<NistP256, Sha256>(&scalar, &digest, &[]);
                signature.to_der().as_bytes().to_vec()
            }
        }
    }
}
