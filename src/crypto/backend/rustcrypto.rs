//! Keys and signatures by RustCrypto's crates.

use crate::crypto::private_key::PrivateKey;
use crate::crypto::{KeyError, PublicKey, ecdsa};

/// The public key that belongs to `private`. There is one for sound keys only, so `sign` succeeds afterwards.
pub(super) fn public_key(private: &PrivateKey) -> Result<PublicKey, KeyError> {
    Ok(match private {
        PrivateKey::P256(scalar) => {
            let [x, y] = ecdsa::public_point::<p256::NistP256, 32>(scalar)?;
            PublicKey::P256 { x, y }
        }
        #[cfg(feature = "es384")]
        PrivateKey::P384(scalar) => {
            let [x, y] = ecdsa::public_point::<p384::NistP384, 48>(scalar)?;
            PublicKey::P384 { x, y }
        }
        #[cfg(feature = "es512")]
        PrivateKey::P521(scalar) => {
            let [x, y] = ecdsa::public_point::<p521::NistP521, 66>(scalar)?;
            PublicKey::P521 { x, y }
        }
        #[cfg(feature = "es256k")]
        PrivateKey::Secp256k1(scalar) => {
            let [x, y] = ecdsa::public_point::<k256::Secp256k1, 32>(scalar)?;
            PublicKey::Secp256k1 { x, y }
        }
        #[cfg(feature = "eddsa")]
        PrivateKey::Ed25519(private) => {
            PublicKey::Ed25519(crate::crypto::eddsa::ed25519::public_key(private))
        }
        #[cfg(feature = "ed448")]
        PrivateKey::Ed448(private) => PublicKey::Ed448(crate::crypto::eddsa::ed448::public_key(private)),
        #[cfg(feature = "rsa")]
        PrivateKey::Rsa(key) => key.public_key()?,
        #[cfg(feature = "ml-dsa")]
        PrivateKey::MlDsa(key) => {
            PublicKey::MlDsa { algorithm: key.parameters.algorithm(), key: key.public_key() }
        }
    })
}

/// The signature over the concatenation of `message`, in the encoding of WebAuthn L3 §6.5.5.
pub(super) fn sign(private: &PrivateKey, message: &[&[u8]]) -> Vec<u8> {
    match private {
        PrivateKey::P256(scalar) => ecdsa::sign::<p256::NistP256, sha2::Sha256, 32>(scalar, message),
        #[cfg(feature = "es384")]
        PrivateKey::P384(scalar) => ecdsa::sign::<p384::NistP384, sha2::Sha384, 48>(scalar, message),
        #[cfg(feature = "es512")]
        PrivateKey::P521(scalar) => ecdsa::sign::<p521::NistP521, sha2::Sha512, 66>(scalar, message),
        #[cfg(feature = "es256k")]
        PrivateKey::Secp256k1(scalar) => ecdsa::sign::<k256::Secp256k1, sha2::Sha256, 32>(scalar, message),
        #[cfg(feature = "eddsa")]
        PrivateKey::Ed25519(private) => crate::crypto::eddsa::ed25519::sign(private, message),
        #[cfg(feature = "ed448")]
        PrivateKey::Ed448(private) => crate::crypto::eddsa::ed448::sign(private, message),
        #[cfg(feature = "rsa")]
        PrivateKey::Rsa(key) => key.sign(message),
        #[cfg(feature = "ml-dsa")]
        PrivateKey::MlDsa(key) => key.sign(message),
    }
}
