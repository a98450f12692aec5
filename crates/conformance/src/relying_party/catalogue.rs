//! Every case, by subject. A new one is an entry in the file of its subject.

mod attestation;
mod authenticator_data;
mod body;
mod challenge;
mod client_data;
mod counter;
mod credential;
mod faults;
mod metadata;
mod options;
mod play;
pub(crate) mod related_origins;
mod reply;
mod rp_id;
mod second;
mod session;
mod signature;
mod state;
mod user;
mod user_verification;

#[cfg(feature = "load")]
use stuntkey::fault::Fault;
use stuntkey::webauthn::Ceremony;

use super::suite::{Case, Profile};
use faults::Chapter;

/// The cases of each subject that are written one by one.
const CASES: [fn() -> Vec<Case>; 16] = [
    options::cases,
    reply::cases,
    client_data::cases,
    challenge::cases,
    authenticator_data::cases,
    user_verification::cases,
    rp_id::cases,
    credential::cases,
    attestation::cases,
    metadata::cases,
    user::cases,
    second::cases,
    signature::cases,
    counter::cases,
    related_origins::cases,
    session::cases,
];

/// What each subject says of the faults that belong to it. Each fault is a case.
const FAULTS: [&[Chapter]; 7] = [
    reply::FAULTS,
    client_data::FAULTS,
    authenticator_data::FAULTS,
    credential::FAULTS,
    user::FAULTS,
    signature::FAULTS,
    attestation::FAULTS,
];

/// Every case: registration before authentication, the subjects in their order.
#[must_use]
pub fn all() -> Vec<Case> {
    let mut cases: Vec<Case> = CASES.iter().flat_map(|cases| cases()).collect();
    cases.extend(faults::cases(&chapters()));
    cases.extend(state::cases());
    // Stable, so that the order within a ceremony stays.
    cases.sort_by_key(|case| case.ceremony() == Ceremony::Get);
    cases
}

/// The cases of a profile that one of the filters names; all of them without a filter.
#[must_use]
pub fn select<S: AsRef<str>>(profile: Profile, filters: &[S]) -> Vec<Case> {
    let named =
        |case: &Case| filters.is_empty() || filters.iter().any(|filter| case.matches(filter.as_ref()));
    all().into_iter().filter(|case| case.profiles().contains(&profile) && named(case)).collect()
}

/// The faults that any registration, or any login by name, can have, and that must be refused.
#[cfg(feature = "load")]
pub(crate) fn plain_faults(ceremony: Ceremony) -> Vec<&'static Fault> {
    faults::plain(ceremony, &chapters())
}

fn chapters() -> Vec<&'static Chapter> {
    FAULTS.iter().copied().flatten().collect()
}

#[cfg(test)]
mod tests;
