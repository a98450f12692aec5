//! Seeds, from which everything random on our side follows.

pub(crate) use stuntkey_inspect::text::hex;

use super::clock::Clock;

/// A seed that no run had before.
pub(crate) fn drawn(clock: &dyn Clock) -> String {
    let mut seed = [0; 8];
    // Without randomness the time has to do: the seed is no secret.
    if getrandom::fill(&mut seed).is_err() {
        seed = clock.since_1970().as_micros().to_be_bytes().last_chunk().copied().unwrap_or_default();
    }
    hex(&seed)
}
