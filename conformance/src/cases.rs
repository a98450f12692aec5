//! Every case, by chapter. A new one is an entry in one of these files.

mod accepted;
mod faults;
mod options;
mod sequences;

pub(crate) use faults::plain as plain_faults;

use crate::case::Case;

/// Every case: first what has to be accepted, then what has to be refused, registration before authentication.
#[must_use]
pub fn all() -> Vec<Case> {
    let mut cases = options::cases();
    cases.extend(accepted::cases());
    cases.extend(faults::cases());
    cases.extend(sequences::cases());
    cases
}

#[cfg(test)]
mod tests;
