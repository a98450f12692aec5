//! ES256 key pairs made ahead.

use p256::elliptic_curve::{Generate, Group};
use p256::{NonZeroScalar, ProjectivePoint};
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::KeyPair;
use super::ecdsa::affine_coordinates;

/// ES256 key pairs that RustCrypto makes ahead, because a batch costs one inversion in the field. The first pair is made
/// alone, so a caller that needs a single pair pays for a single one.
#[derive(Default)]
pub(crate) struct KeysAhead {
    batch: [Ahead; BATCH],
    left: usize,
    used: bool,
}

/// The scalar and the coordinates of a pair. The scalar of a pair that was taken is zero.
#[derive(Default)]
struct Ahead {
    scalar: Zeroizing<[u8; 32]>,
    coordinates: [[u8; 32]; 2],
}

const BATCH: usize = 8;

impl KeysAhead {
    /// A pair that was never taken before.
    pub(crate) fn take(&mut self, random: &mut dyn CryptoRng) -> KeyPair {
        if self.left == 0 && self.used {
            self.make(random);
        }
        self.used = true;
        let place = self.left.checked_sub(1);
        let Some(ahead) = place.and_then(|place| self.batch.get_mut(place)) else {
            return KeyPair::generate_es256(random);
        };
        self.left -= 1;
        let [x, y] = &ahead.coordinates;
        let pair = KeyPair::from_p256_parts([&ahead.scalar, x, y]);
        ahead.scalar.zeroize();
        pair
    }

    fn make(&mut self, random: &mut dyn CryptoRng) {
        let draw = |_| Zeroizing::new(NonZeroScalar::generate_from_rng(random));
        let scalars: [_; BATCH] = std::array::from_fn(draw);
        let points = scalars.each_ref().map(|scalar| ProjectivePoint::mul_by_generator(scalar.as_ref()));
        for ((ahead, scalar), coordinates) in
            self.batch.iter_mut().zip(&scalars).zip(affine_coordinates(&points))
        {
            let scalar = Zeroizing::new(scalar.to_bytes());
            *ahead = Ahead { scalar: Zeroizing::new((*scalar).into()), coordinates };
        }
        self.left = BATCH;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::crypto::Algorithm;

    #[test]
    fn each_pair_is_sound_and_taken_once() {
        let mut random = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::from_seed([7; 32]);
        let (mut keys, mut seen) = (KeysAhead::default(), HashSet::new());
        for _ in 0..3 * BATCH {
            let pair = keys.take(&mut random);
            let secret = pair.private().to_bytes();
            assert_eq!(KeyPair::from_secret(Algorithm::Es256, &secret).unwrap(), pair);
            assert!(seen.insert(secret.to_vec()));
        }
    }
}
