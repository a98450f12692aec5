//! Changes to a string of bytes.

use arbitrary::{Result, Unstructured};

use super::super::choices::{bytes, place};

/// One change: a bit, a byte, some bytes more or fewer, or a part of another string.
pub(super) fn change(u: &mut Unstructured<'_>, target: &mut Vec<u8>, donor: &[u8]) -> Result<()> {
    let kind = u.int_in_range(0..=5)?;
    let Some(at) = place(u, target.len())? else {
        *target = bytes(u, 16)?;
        return Ok(());
    };
    match kind {
        0 => target[at] ^= 1 << u.int_in_range(0..=7)?,
        1 => target[at] = u.arbitrary()?,
        2 => {
            let more = bytes(u, 16)?;
            target.splice(at..at, more);
        }
        3 => {
            let end = at + u.int_in_range(1..=(target.len() - at).min(255))?;
            target.drain(at..end);
        }
        4 => target.truncate(at),
        _ => {
            let from = place(u, donor.len())?.unwrap_or_default();
            let length = u.int_in_range(0..=donor.len() - from)?;
            let end = (at + length).min(target.len());
            target.splice(at..end, donor[from..from + length].iter().copied());
        }
    }
    Ok(())
}
