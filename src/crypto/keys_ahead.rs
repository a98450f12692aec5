//! ES256 key pairs made ahead.

use p256::elliptic_curve::{Generate, Group};
use p256::{NonZeroScalar, ProjectivePoint};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::KeyPair;
use super::ecdsa::affine_coordinates;

/// ES256 key pairs of RustCrypto's made ahead: a batch costs one inversion in the field. Who needs one pair has one made.
#[derive(Default)]
pub(crate) struct KeysAhead {
    ready: Vec<KeyPair>,
    used: bool,
    /// A process that forks has them twice, and must not use them twice.
    process: u32,
}

const BATCH: usize = 8;

impl KeysAhead {
    /// A pair that was never taken before.
    pub(crate) fn take(&mut self, random: &mut dyn CryptoRng) -> KeyPair {
        self.take_in(std::process::id(), random)
    }

    fn take_in(&mut self, process: u32, random: &mut dyn CryptoRng) -> KeyPair {
        if self.process != process {
            *self = Self { process, ..Self::default() };
        }
        if let Some(pair) = self.ready.pop() {
            return pair;
        }
        if self.used {
            self.make(random);
        }
        self.used = true;
        self.ready.pop().unwrap_or_else(|| KeyPair::generate_es256(random))
    }

    fn make(&mut self, random: &mut dyn CryptoRng) {
        let draw = |_| Zeroizing::new(NonZeroScalar::generate_from_rng(random));
        let scalars: [_; BATCH] = std::array::from_fn(draw);
        let points = scalars.each_ref().map(|scalar| ProjectivePoint::mul_by_generator(scalar.as_ref()));
        for (scalar, [x, y]) in scalars.iter().zip(affine_coordinates(&points)) {
            let scalar: Zeroizing<[u8; 32]> = Zeroizing::new(scalar.to_bytes().into());
            self.ready.push(KeyPair::from_p256_parts([&scalar, &x, &y]));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::crypto::Algorithm;

    fn random() -> impl CryptoRng {
        <chacha20::ChaCha20Rng as rand_core::SeedableRng>::from_seed([7; 32])
    }

    #[test]
    fn each_pair_is_sound_and_taken_once() {
        let (mut keys, mut random) = (KeysAhead::default(), random());
        let mut seen = HashSet::new();
        for _ in 0..3 * BATCH {
            let pair = keys.take_in(1, &mut random);
            let secret = pair.private().to_bytes();
            assert_eq!(KeyPair::from_secret(Algorithm::Es256, &secret).unwrap(), pair);
            assert!(seen.insert(secret.to_vec()));
        }
    }

    #[test]
    fn a_forked_process_has_pairs_of_its_own() {
        let (mut keys, mut random) = (KeysAhead::default(), random());
        for _ in 0..2 {
            keys.take_in(1, &mut random);
        }
        let before = keys.ready.clone();
        assert_eq!(before.len(), BATCH - 1);
        for _ in 0..2 * BATCH {
            assert!(!before.contains(&keys.take_in(2, &mut random)));
        }
    }
}
