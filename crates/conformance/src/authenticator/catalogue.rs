//! Every case for authenticators, by chapter. A new one is an entry in the file of its chapter.

mod bio_enrollment;
mod ceremony;
mod client_pin;
mod config;
mod credential_management;
mod encoding;
mod extensions;
mod get_assertion;
mod get_info;
mod get_next_assertion;
mod hid;
mod large_blobs;
mod make_credential;
mod nfc;
mod options;
mod permissions;
mod proofs;
mod reset;
mod u2f;
mod whole_run;

use super::suite::{AuthenticatorCase, AuthenticatorProfile};

/// The cases of each chapter. The last one looks back at the run.
const CHAPTERS: &[fn() -> Vec<AuthenticatorCase>] = &[
    get_info::cases,
    make_credential::cases,
    get_assertion::cases,
    get_next_assertion::cases,
    client_pin::cases,
    extensions::cases,
    credential_management::cases,
    large_blobs::cases,
    config::cases,
    bio_enrollment::cases,
    encoding::cases,
    u2f::cases,
    hid::cases,
    nfc::cases,
    reset::cases,
    whole_run::cases,
];

/// Every case, by chapter.
#[must_use]
pub fn all() -> Vec<AuthenticatorCase> {
    CHAPTERS.iter().flat_map(|cases| cases()).collect()
}

/// The cases of a profile that one of the filters names; all of them without a filter.
#[must_use]
pub fn select<S: AsRef<str>>(profile: AuthenticatorProfile, filters: &[S]) -> Vec<AuthenticatorCase> {
    let named = |case: &AuthenticatorCase| {
        filters.is_empty() || filters.iter().any(|filter| case.matches(filter.as_ref()))
    };
    all().into_iter().filter(|case| case.profiles().contains(&profile) && named(case)).collect()
}

#[cfg(test)]
mod tests;
