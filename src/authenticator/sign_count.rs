//! Signature counters (WebAuthn L3 §6.1.1).

use super::model::CounterPolicy;
use super::store::{StoreError, Transaction};

/// The count of the next signature. `stored` is the last one of a credential that is kept.
pub(super) fn next_count(
    policy: CounterPolicy,
    stored: Option<u32>,
    transaction: &mut dyn Transaction,
) -> Result<u32, StoreError> {
    let least = || stored.unwrap_or(0).checked_add(1).ok_or(StoreError::CounterExhausted);
    Ok(match policy {
        CounterPolicy::PerCredential if stored.is_none() => 0,
        CounterPolicy::PerCredential => least()?,
        // An imported credential may be ahead of the shared counter; its own count must not fall.
        CounterPolicy::Global => {
            let least = least()?;
            transaction.next_global_count()?.max(least)
        }
        CounterPolicy::Zero => 0,
    })
}
