//! EdDSA (RFC 8032), pure and without context: Ed25519 by `ed25519-dalek`, Ed448 by `ed448-goldilocks`.

#[cfg(feature = "eddsa")]
pub(super) mod ed25519 {
    use ed25519_dalek::{Signer, SigningKey};

    /// The public key that belongs to a private key.
    pub(crate) fn public_key(private: &[u8; 32]) -> [u8; 32] {
        SigningKey::from_bytes(private).verifying_key().to_bytes()
    }

    /// The 64 bytes of RFC 8032 §5.1.6 over the concatenation of `message`.
    pub(crate) fn sign(private: &[u8; 32], message: &[&[u8]]) -> Vec<u8> {
        SigningKey::from_bytes(private).sign(&message.concat()).to_bytes().to_vec()
    }
}

#[cfg(feature = "ed448")]
pub(super) mod ed448 {
    use ed448_goldilocks::SigningKey;

    /// The public key that belongs to a private key.
    pub(crate) fn public_key(private: &[u8; 57]) -> [u8; 57] {
        signing_key(private).verifying_key().to_bytes()
    }

    /// The 114 bytes of RFC 8032 §5.2.6 over the concatenation of `message`.
    pub(crate) fn sign(private: &[u8; 57], message: &[&[u8]]) -> Vec<u8> {
        signing_key(private).sign_raw(&message.concat()).to_bytes().to_vec()
    }

    fn signing_key(private: &[u8; 57]) -> SigningKey {
        SigningKey::try_from(private.as_slice()).expect("an Ed448 private key is any 57 bytes")
    }
}
