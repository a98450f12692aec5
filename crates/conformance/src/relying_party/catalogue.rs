//! Every case, by chapter. A new one is an entry in one of these files.

mod accepted;
mod faults;
mod options;
mod sequences;

pub(crate) use faults::plain as plain_faults;

use crate::core::case::{Case, Profile};

/// Every case: first what has to be accepted, then what has to be refused, registration before authentication.
#[must_use]
pub fn all() -> Vec<Case> {
    let mut cases = options::cases();
    cases.extend(accepted::cases());
    cases.extend(faults::cases());
    cases.extend(sequences::cases());
    cases
}

/// The cases of a profile that one of the filters names; all of them without a filter.
#[must_use]
pub fn select<S: AsRef<str>>(profile: Profile, filters: &[S]) -> Vec<Case> {
    let named =
        |case: &Case| filters.is_empty() || filters.iter().any(|filter| case.matches(filter.as_ref()));
    all().into_iter().filter(|case| case.profiles.contains(&profile) && named(case)).collect()
}

#[cfg(test)]
mod tests;
