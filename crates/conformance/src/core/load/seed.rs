//! What the users of a load follow from.

use sha2::{Digest, Sha256};

/// A seed, hashed once, as every user needs it.
pub(crate) struct Seed(Sha256);

impl Seed {
    pub(crate) fn new(seed: &str) -> Self {
        Self(Sha256::new_with_prefix(b"stuntkey virtual user v1\0").chain_update(Sha256::digest(seed)))
    }

    /// What follows from the seed and a number, for one purpose.
    pub(crate) fn derive(&self, number: u64, what: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(number.to_be_bytes()).chain_update(what).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed::hex;

    /// Computed with Python's hashlib: `sha256(b"stuntkey virtual user v1\0" + sha256(b"a") + number + what)`.
    #[test]
    fn everything_follows_from_the_seed_and_a_number() {
        let seed = Seed::new("a");
        assert_eq!(hex(&seed.derive(0, b"n")).get(..8), Some("025dd842"));
        assert_eq!(
            hex(&seed.derive(7, b"i")),
            "5326af58489579d09562291d4fd04a940dc1c80aec126fc8dda877ab7f425dc1"
        );
    }
}
