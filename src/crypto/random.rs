use std::convert::Infallible;
use std::fmt;

use chacha20::ChaCha20Rng;
use rand_core::{CryptoRng, Rng as _, SeedableRng, TryCryptoRng, TryRng};
use zeroize::{Zeroize, Zeroizing};

use super::sha256;

/// The source of randomness that an authenticator draws keys and credential ids from.
///
/// A seeded source gives every ceremony a stream of its own, and so it does for what a PIN takes: keys for key agreement,
/// tokens, and what is encrypted for a platform. The stream follows from the seed, from the number of streams that this
/// source has given, and from what each is for, as a ceremony's own inputs. So the same seed and options give the
/// same bytes in every process, and two processes under one seed that register different accounts never share a key. What
/// a seed gives is no secret from whoever has the seed, and the source keeps it for as long as it lives.
pub struct RandomSource(Source);

enum Source {
    Stream(Box<dyn CryptoRng + Send>),
    Seeded { seed: Zeroizing<[u8; 32]>, ceremonies: u64 },
}

impl RandomSource {
    /// ChaCha20 with a key from the operating system. After a fork, parent and child draw the same bytes. What was drawn
    /// does not follow from what the source keeps, so whoever reads the memory of a process learns no earlier key.
    ///
    /// # Errors
    /// [`RandomError`] if the operating system gives none.
    pub fn from_os() -> Result<Self, RandomError> {
        key_from_os().map(|key| Self::from_rng(ErasingRng::new(&key)))
    }

    /// A source whose bytes all follow from `seed`, a text of any length.
    #[must_use]
    pub fn seeded(seed: &str) -> Self {
        let seed = Zeroizing::new(sha256(&[b"stuntkey seed v1\0", seed.as_bytes()]));
        Self(Source::Seeded { seed, ceremonies: 0 })
    }

    /// A source that draws from the caller's generator (a [`CryptoRng`](crate::rand_core::CryptoRng)).
    #[must_use]
    pub fn from_rng(rng: impl CryptoRng + Send + 'static) -> Self {
        Self(Source::Stream(Box::new(rng)))
    }

    /// Another source for somebody else, whose bytes follow from the seed of this one, if it has one.
    pub(crate) fn beside(&self, whose: &str) -> Result<Self, RandomError> {
        match &self.0 {
            Source::Stream(_) => Self::from_os(),
            Source::Seeded { seed, .. } => {
                let seed = Zeroizing::new(sha256(&[&**seed, whose.as_bytes()]));
                Ok(Self(Source::Seeded { seed, ceremonies: 0 }))
            }
        }
    }

    /// The generator of one ceremony. `context` holds the inputs that set the ceremony apart from others.
    pub(crate) fn ceremony(&mut self, context: &[&[u8]]) -> CeremonyRng<'_> {
        match &mut self.0 {
            Source::Stream(rng) => CeremonyRng::Stream(rng.as_mut()),
            Source::Seeded { seed, ceremonies } => {
                let index = ceremonies.to_be_bytes();
                *ceremonies = ceremonies.wrapping_add(1);
                CeremonyRng::Own(derived_rng(&**seed, &[&[&index[..]], context].concat()))
            }
        }
    }
}

impl fmt::Debug for RandomSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::Stream(_) => "RandomSource(stream)",
            Source::Seeded { .. } => "RandomSource(seeded)",
        })
    }
}

/// A ChaCha20 key from the operating system.
pub(super) fn key_from_os() -> Result<Zeroizing<[u8; 32]>, RandomError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key).map_err(|e| RandomError(e.to_string()))?;
    Ok(key)
}

/// ChaCha20 whose key is replaced by its own output before any of that output is drawn ("fast key erasure"). Bytes that
/// were drawn are erased.
struct ErasingRng {
    /// The key of the next block, and then the bytes of this one. Those that were drawn are zero.
    block: Zeroizing<[u8; BLOCK]>,
    /// Where the bytes begin that are still to be drawn.
    next: usize,
}

/// What `chacha20` computes at once, in bytes.
const BLOCK: usize = 256;
/// The length of a key in bytes.
const KEY: usize = 32;

impl ErasingRng {
    fn new(key: &[u8; KEY]) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        let (own_key, _) = block.split_at_mut(KEY);
        own_key.copy_from_slice(key);
        Self { block, next: BLOCK }
    }

    fn refill(&mut self) {
        let mut key = Zeroizing::new([0; KEY]);
        let (own_key, _) = self.block.split_at(KEY);
        key.copy_from_slice(own_key);
        // Wiped when it is dropped, as `chacha20` has its feature `zeroize`.
        ChaCha20Rng::from_seed(*key).fill_bytes(&mut *self.block);
        self.next = KEY;
    }
}

impl TryRng for ErasingRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, mut dst: &mut [u8]) -> Result<(), Infallible> {
        while !dst.is_empty() {
            if self.next == BLOCK {
                self.refill();
            }
            let (_, left) = self.block.split_at_mut(self.next);
            let length = left.len().min(dst.len());
            let (drawn, rest) = dst.split_at_mut(length);
            let (taken, _) = left.split_at_mut(length);
            drawn.copy_from_slice(taken);
            taken.zeroize();
            self.next += length;
            dst = rest;
        }
        Ok(())
    }
}

impl TryCryptoRng for ErasingRng {}

/// A generator whose key is a hash of `secret` and `context`. Each part is preceded by its length, so two different
/// lists of parts never give the same key.
pub(crate) fn derived_rng(secret: &[u8], context: &[&[u8]]) -> ChaCha20Rng {
    let mut input = Zeroizing::new(Vec::with_capacity(128));
    for part in std::iter::once(&secret).chain(context) {
        input.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        input.extend_from_slice(part);
    }
    ChaCha20Rng::from_seed(*Zeroizing::new(sha256(&[&input])))
}

/// One ceremony's generator.
#[expect(clippy::large_enum_variant, reason = "one value lives on the stack of one ceremony")]
pub(crate) enum CeremonyRng<'a> {
    Stream(&'a mut (dyn CryptoRng + Send)),
    Own(ChaCha20Rng),
}

impl CeremonyRng<'_> {
    fn rng(&mut self) -> &mut dyn CryptoRng {
        match self {
            CeremonyRng::Stream(rng) => *rng,
            CeremonyRng::Own(rng) => rng,
        }
    }
}

impl TryRng for CeremonyRng<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.rng().next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.rng().next_u64())
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        self.rng().fill_bytes(dst);
        Ok(())
    }
}

impl TryCryptoRng for CeremonyRng<'_> {}

/// The operating system gave no randomness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomError(String);

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the operating system gave no randomness: {}", self.0)
    }
}

impl std::error::Error for RandomError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(source: &mut RandomSource, context: &[&[u8]]) -> [u8; 16] {
        let mut out = [0; 16];
        source.ceremony(context).fill_bytes(&mut out);
        out
    }

    #[test]
    fn the_same_seed_and_inputs_give_the_same_bytes() {
        let (mut one, mut two) = (RandomSource::seeded("a"), RandomSource::seeded("a"));
        assert_eq!(draw(&mut one, &[b"x"]), draw(&mut two, &[b"x"]));
        assert_eq!(draw(&mut one, &[b"x"]), draw(&mut two, &[b"x"]));
    }

    #[test]
    fn another_seed_input_or_turn_gives_other_bytes() {
        let first = draw(&mut RandomSource::seeded("a"), &[b"x", b"y"]);
        assert_ne!(first, draw(&mut RandomSource::seeded("b"), &[b"x", b"y"]));
        assert_ne!(first, draw(&mut RandomSource::seeded("a"), &[b"xy", b""]));
        let mut source = RandomSource::seeded("a");
        assert_eq!(first, draw(&mut source, &[b"x", b"y"]));
        assert_ne!(first, draw(&mut source, &[b"x", b"y"]));
    }

    /// The stream of a generator with this key, as long as many blocks.
    fn stream(key: &[u8]) -> Vec<u8> {
        let mut stream = vec![0; 16 * BLOCK];
        ChaCha20Rng::from_seed(key.try_into().unwrap()).fill_bytes(&mut stream);
        stream
    }

    /// Whoever reads the memory of a process has what is still to come, and nothing of what was drawn before.
    #[test]
    fn what_is_kept_gives_away_no_byte_that_was_drawn() {
        let mut random = ErasingRng::new(&[7; KEY]);
        let holds = |bytes: &[u8], drawn: &[u8]| bytes.windows(drawn.len()).any(|window| window == drawn);
        let mut before = random.block[..KEY].to_vec();
        for turn in 0..3 * BLOCK / 16 {
            let (key, full) = (random.block[..KEY].to_vec(), random.next == BLOCK);
            let mut drawn = [0; 16];
            random.fill_bytes(&mut drawn);
            if full {
                assert_ne!(random.block[..KEY], key, "a block replaces the key");
                before = key;
            }
            // The test would see it: the key of before the block does give it away.
            assert!(holds(&stream(&before), &drawn), "draw {turn}");
            assert!(!holds(&stream(&random.block[..KEY]), &drawn), "draw {turn}");
            assert!(!holds(&random.block[..], &drawn), "draw {turn}");
        }
    }

    /// However the draws are cut, one byte follows the other, and none comes twice.
    #[test]
    fn the_bytes_do_not_depend_on_how_many_are_drawn_at_once() {
        let mut whole = vec![0; 5 * BLOCK];
        ErasingRng::new(&[7; KEY]).fill_bytes(&mut whole);
        for length in [1, 4, 8, 31, 32, 224, 225, 700] {
            let mut random = ErasingRng::new(&[7; KEY]);
            let mut parts = vec![0; whole.len()];
            parts.chunks_mut(length).for_each(|part| random.fill_bytes(part));
            assert!(parts == whole, "{length} at once");
        }
        let mut random = ErasingRng::new(&[7; KEY]);
        assert_eq!(random.next_u32().to_le_bytes(), whole[..4]);
        assert_eq!(random.next_u64().to_le_bytes(), whole[4..12]);
        let blocks: Vec<&[u8]> = whole.chunks(BLOCK - KEY).collect();
        assert!(blocks.iter().all(|block| blocks.iter().filter(|other| *other == block).count() == 1));
    }

    #[test]
    fn the_operating_system_gives_each_source_bytes_of_its_own() {
        let [mut one, mut two] = [(); 2].map(|()| RandomSource::from_os().unwrap());
        assert_ne!(draw(&mut one, &[]), draw(&mut two, &[]));
        assert_ne!(draw(&mut one, &[]), draw(&mut one, &[]));
    }
}
