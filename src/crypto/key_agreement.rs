//! Elliptic-curve Diffie–Hellman on P-256.

use std::fmt;

use p256::elliptic_curve::sec1::FromSec1Point;
use p256::{PublicKey, SecretKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{KeyPair, symmetric};

/// A P-256 key pair with which two sides agree on a secret. `Debug` shows the public key alone.
#[derive(Clone)]
pub struct KeyAgreement(KeyPair);

impl KeyAgreement {
    /// A new key pair.
    pub fn generate(random: &mut dyn CryptoRng) -> Self {
        Self(KeyPair::generate_es256(random))
    }

    /// The key pair of this scalar, big-endian; `None` for zero and for what is not below the order of the curve.
    #[must_use]
    pub fn from_scalar(scalar: &[u8; 32]) -> Option<Self> {
        KeyPair::from_p256_scalar(scalar).ok().map(Self)
    }

    fn parts(&self) -> [&[u8; 32]; 3] {
        self.0.p256_parts().unwrap_or([&[0; 32]; 3])
    }

    /// The public key's coordinates x and y, big-endian.
    #[must_use]
    pub fn public_key(&self) -> [[u8; 32]; 2] {
        let [_, x, y] = self.parts();
        [*x, *y]
    }

    /// The x-coordinate of the point that this key and the other side's public key give; `None` if x and y are no point
    /// of the curve.
    #[must_use]
    pub fn agree(&self, [x, y]: [&[u8; 32]; 2]) -> Option<Zeroizing<[u8; 32]>> {
        let point = p256::Sec1Point::from_affine_coordinates(x.into(), y.into(), false);
        let other = Option::<PublicKey>::from(PublicKey::from_sec1_point(&point))?;
        let [scalar, ..] = self.parts();
        let own = SecretKey::from_slice(scalar).ok()?;
        symmetric::diffie_hellman(&own, &other)
    }
}

impl fmt::Debug for KeyAgreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyAgreement").field("public_key", &self.public_key()).finish_non_exhaustive()
    }
}
