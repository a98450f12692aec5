//! Seeds, from which everything random on our side follows.

use std::time::SystemTime;

pub(crate) use stuntkey_inspect::text::hex;

/// A seed that no run had before.
pub(crate) fn drawn() -> String {
    let mut seed = [0; 8];
    // Without randomness the time has to do: the seed is no secret.
    if getrandom::fill(&mut seed).is_err() {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        seed = since.as_micros().to_be_bytes().last_chunk().copied().unwrap_or_default();
    }
    hex(&seed)
}
