use rand_core::CryptoRng;
use zeroize::Zeroizing;

#[cfg(feature = "store")]
use super::ecdsa::check_scalar;
use super::{Algorithm, KeyError};

/// A private key, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PrivateKey {
    /// The scalar, big-endian.
    P256(Zeroizing<[u8; 32]>),
    #[cfg(feature = "es384")]
    P384(Zeroizing<[u8; 48]>),
    #[cfg(feature = "es512")]
    P521(Zeroizing<[u8; 66]>),
    #[cfg(feature = "es256k")]
    Secp256k1(Zeroizing<[u8; 32]>),
    /// The private key of RFC 8032 §5.1.5. The scalar is a hash of it.
    #[cfg(feature = "eddsa")]
    Ed25519(Zeroizing<[u8; 32]>),
    #[cfg(feature = "ed448")]
    Ed448(Zeroizing<[u8; 57]>),
    #[cfg(feature = "rsa")]
    Rsa(super::rsa::RsaKey),
    #[cfg(feature = "ml-dsa")]
    MlDsa(super::ml_dsa::MlDsaKey),
}

impl PrivateKey {
    /// Draws a private key. A scalar that is drawn may be out of range.
    ///
    /// # Errors
    /// [`KeyError::NotInBuild`].
    pub(super) fn draw(algorithm: Algorithm, random: &mut dyn CryptoRng) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::Es256 => Ok(Self::P256(drawn(random))),
            #[cfg(feature = "es384")]
            Algorithm::Es384 => Ok(Self::P384(drawn(random))),
            #[cfg(feature = "es512")]
            Algorithm::Es512 => {
                let mut scalar: Zeroizing<[u8; 66]> = drawn(random);
                // The order has 521 bits, the bytes 528.
                let [first, ..] = &mut *scalar;
                *first &= 1;
                Ok(Self::P521(scalar))
            }
            #[cfg(feature = "es256k")]
            Algorithm::Es256k => Ok(Self::Secp256k1(drawn(random))),
            #[cfg(feature = "eddsa")]
            Algorithm::EdDsa => Ok(Self::Ed25519(drawn(random))),
            #[cfg(feature = "ed448")]
            Algorithm::Ed448 => Ok(Self::Ed448(drawn(random))),
            #[cfg(feature = "rsa")]
            rsa if rsa.is_rsa() => super::rsa::RsaKey::generate(rsa, random).map(Self::Rsa),
            other => Self::ml_dsa(other, || Ok(drawn(random))),
        }
    }

    /// The key whose secret is `bytes`, in the form that [`to_bytes`](Self::to_bytes) gives. A scalar may be out of range:
    /// nothing checks it here.
    ///
    /// # Errors
    /// [`KeyError`].
    pub(crate) fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::Es256 => fixed(bytes).map(Self::P256),
            #[cfg(feature = "es384")]
            Algorithm::Es384 => fixed(bytes).map(Self::P384),
            #[cfg(feature = "es512")]
            Algorithm::Es512 => fixed(bytes).map(Self::P521),
            #[cfg(feature = "es256k")]
            Algorithm::Es256k => fixed(bytes).map(Self::Secp256k1),
            #[cfg(feature = "eddsa")]
            Algorithm::EdDsa => fixed(bytes).map(Self::Ed25519),
            #[cfg(feature = "ed448")]
            Algorithm::Ed448 => fixed(bytes).map(Self::Ed448),
            #[cfg(feature = "rsa")]
            rsa if rsa.is_rsa() => super::rsa::RsaKey::from_pkcs1_der(rsa, bytes).map(Self::Rsa),
            other => Self::ml_dsa(other, || fixed(bytes)),
        }
    }

    #[cfg(feature = "ml-dsa")]
    fn ml_dsa(
        algorithm: Algorithm,
        seed: impl FnOnce() -> Result<Zeroizing<[u8; 32]>, KeyError>,
    ) -> Result<Self, KeyError> {
        use super::ml_dsa::{MlDsaKey, ParameterSet};
        let parameters = ParameterSet::of(algorithm).ok_or(KeyError::NotInBuild(algorithm))?;
        Ok(Self::MlDsa(MlDsaKey { parameters, seed: seed()? }))
    }

    #[cfg(not(feature = "ml-dsa"))]
    fn ml_dsa(
        algorithm: Algorithm,
        _: impl FnOnce() -> Result<Zeroizing<[u8; 32]>, KeyError>,
    ) -> Result<Self, KeyError> {
        Err(KeyError::NotInBuild(algorithm))
    }

    /// Checks that the key can sign. That takes no multiplication on a curve, but one signature of an RSA key.
    ///
    /// # Errors
    /// [`KeyError::ScalarOutOfRange`]; [`KeyError::Unreadable`] for an RSA key whose factors are no primes.
    #[cfg(feature = "store")]
    pub(super) fn check(&self) -> Result<(), KeyError> {
        match self {
            Self::P256(scalar) => check_scalar::<p256::NistP256, 32>(scalar),
            #[cfg(feature = "es384")]
            Self::P384(scalar) => check_scalar::<p384::NistP384, 48>(scalar),
            #[cfg(feature = "es512")]
            Self::P521(scalar) => check_scalar::<p521::NistP521, 66>(scalar),
            #[cfg(feature = "es256k")]
            Self::Secp256k1(scalar) => check_scalar::<k256::Secp256k1, 32>(scalar),
            #[cfg(feature = "rsa")]
            Self::Rsa(key) => key.check(),
            // Any bytes of the right length are a key.
            #[cfg(feature = "eddsa")]
            Self::Ed25519(_) => Ok(()),
            #[cfg(feature = "ed448")]
            Self::Ed448(_) => Ok(()),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa(_) => Ok(()),
        }
    }

    /// The secret: a scalar (big-endian), an EdDSA private key, an ML-DSA seed, or a DER `RSAPrivateKey`.
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let copy = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
        match self {
            Self::P256(scalar) => copy(&**scalar),
            #[cfg(feature = "es384")]
            Self::P384(scalar) => copy(&**scalar),
            #[cfg(feature = "es512")]
            Self::P521(scalar) => copy(&**scalar),
            #[cfg(feature = "es256k")]
            Self::Secp256k1(scalar) => copy(&**scalar),
            #[cfg(feature = "eddsa")]
            Self::Ed25519(private) => copy(&**private),
            #[cfg(feature = "ed448")]
            Self::Ed448(private) => copy(&**private),
            #[cfg(feature = "rsa")]
            Self::Rsa(key) => key.to_pkcs1_der(),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa(key) => copy(&*key.seed),
        }
    }
}

fn drawn<const N: usize>(random: &mut dyn CryptoRng) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    random.fill_bytes(bytes.as_mut());
    bytes
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<Zeroizing<[u8; N]>, KeyError> {
    let fixed: [u8; N] = bytes.try_into().map_err(|_| {
        KeyError::Unreadable(format!("found a secret of {} bytes, expected {N}", bytes.len()))
    })?;
    Ok(Zeroizing::new(fixed))
}
