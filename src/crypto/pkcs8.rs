//! Private keys in the encodings that people keep them in.

use p256::SecretKey;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use zeroize::Zeroizing;

use super::key::{KeyError, KeyPair, PrivateKey};

impl KeyPair {
    /// The private key as a DER `PrivateKeyInfo` (RFC 5958), public key included.
    #[must_use]
    pub fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        let document = self.secret_key().to_pkcs8_der().expect("a P-256 key always fits a PrivateKeyInfo");
        Zeroizing::new(document.as_bytes().to_vec())
    }

    /// The private key as a PEM `PRIVATE KEY`.
    #[must_use]
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        self.secret_key().to_pkcs8_pem(LineEnding::LF).expect("a P-256 key always fits a PrivateKeyInfo")
    }

    /// Reads a DER `PrivateKeyInfo` with a P-256 key.
    ///
    /// # Errors
    /// [`KeyError::NotAP256Key`] if it is anything else.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::from_secret_key(
            SecretKey::from_pkcs8_der(der).map_err(|e| KeyError::NotAP256Key(e.to_string()))?,
        )
    }

    /// Reads a PEM `PRIVATE KEY` (PKCS#8) or `EC PRIVATE KEY` (SEC 1) with a P-256 key.
    ///
    /// # Errors
    /// [`KeyError::NotAP256Key`] if it is anything else.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let secret = if pem.contains("-----BEGIN EC PRIVATE KEY-----") {
            SecretKey::from_sec1_pem(pem).map_err(|e| KeyError::NotAP256Key(e.to_string()))?
        } else {
            SecretKey::from_pkcs8_pem(pem).map_err(|e| KeyError::NotAP256Key(e.to_string()))?
        };
        Self::from_secret_key(secret)
    }

    fn from_secret_key(secret: SecretKey) -> Result<Self, KeyError> {
        let scalar = Zeroizing::new(<[u8; 32]>::from(secret.to_bytes()));
        Self::from_private(PrivateKey::P256(scalar))
    }

    fn secret_key(&self) -> SecretKey {
        let PrivateKey::P256(scalar) = self.private();
        SecretKey::from_slice(scalar.as_ref()).expect("a KeyPair's scalar was checked when it was made")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pkcs8_and_pem_come_back_as_the_same_key() {
        let pair = KeyPair::from_p256_scalar(&[7; 32]).unwrap();
        assert_eq!(KeyPair::from_pkcs8_der(&pair.to_pkcs8_der()).unwrap(), pair);
        assert_eq!(KeyPair::from_pem(&pair.to_pkcs8_pem()).unwrap(), pair);
    }

    #[test]
    fn refuses_a_key_on_another_curve() {
        // `openssl genpkey -algorithm ed25519`
        let pem = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEIHxOQJ0UjTyGB6ZR4OzVnJzMt8Nn7iEcZjUEbM1IvW1j\n\
                   -----END PRIVATE KEY-----\n";
        assert!(matches!(KeyPair::from_pem(pem), Err(KeyError::NotAP256Key(_))));
    }
}
