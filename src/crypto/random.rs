use std::convert::Infallible;
use std::fmt;

use chacha20::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng, TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use super::sha256;

/// The source of randomness that an authenticator draws keys and credential ids from.
///
/// A seeded source gives every ceremony a stream of its own. The stream follows from the seed, from the number of
/// ceremonies that this source has served, and from the ceremony's own inputs. So the same seed and options give the
/// same bytes in every process, and two processes under one seed that register different accounts never share a key.
pub struct RandomSource(Source);

enum Source {
    Stream(Box<dyn CryptoRng + Send>),
    Seeded { seed: [u8; 32], ceremonies: u64 },
}

impl RandomSource {
    /// ChaCha20 with a key from the operating system. After a fork, parent and child draw the same bytes.
    ///
    /// # Errors
    /// [`RandomError`] if the operating system gives none.
    pub fn from_os() -> Result<Self, RandomError> {
        key_from_os().map(|key| Self::from_rng(ChaCha20Rng::from_seed(*key)))
    }

    /// A source whose bytes all follow from `seed`, a text of any length.
    #[must_use]
    pub fn seeded(seed: &str) -> Self {
        Self(Source::Seeded { seed: sha256(&[b"stuntkey seed v1\0", seed.as_bytes()]), ceremonies: 0 })
    }

    /// A source that draws from the caller's generator (a [`CryptoRng`](crate::rand_core::CryptoRng)).
    #[must_use]
    pub fn from_rng(rng: impl CryptoRng + Send + 'static) -> Self {
        Self(Source::Stream(Box::new(rng)))
    }

    /// The generator of one ceremony. `context` holds the inputs that set the ceremony apart from others.
    pub(crate) fn ceremony(&mut self, context: &[&[u8]]) -> CeremonyRng<'_> {
        match &mut self.0 {
            Source::Stream(rng) => CeremonyRng::Stream(rng.as_mut()),
            Source::Seeded { seed, ceremonies } => {
                let index = ceremonies.to_be_bytes();
                *ceremonies = ceremonies.wrapping_add(1);
                CeremonyRng::Own(derived_rng(seed, &[&[&index[..]], context].concat()))
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
    use rand_core::Rng as _;

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
}
