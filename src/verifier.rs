//! The verifier does a relying party's side of both ceremonies (WebAuthn L3 §7.1 and §7.2), step by step.
//!
//! ```text
//!   reply ─ client data ─ attestation object ─ authenticator data ─ statement ─ certificate path
//!     │          │                │                     │               │              │
//!   step 3    5 … 12             13                 14 … 20         21, 22         23, 24   (of §7.1)
//!     └──────────┴────────────────┴──────────┬──────────┴───────────────┴──────────────┘
//!                           a credential record, or the checks that failed
//! ```
//!
//! [`verify_registration`] and [`verify_authentication`] return what to store, or the first [`FailedCheck`];
//! [`examine_registration`] and [`examine_authentication`] go on after a failed check and report every step.
//!
//! What the standard leaves to the relying party is a setting of the [expectations](RegistrationExpectations), with
//! the standard's default. Each requirement is a [`Check`] of its own.
//!
//! The verifier shares no code with the authenticator but plain types: bytes are read by `stuntkey-inspect`, which
//! knows nothing of this library, and certificates by `x509-cert`.

mod attestation;
mod authentication;
mod authenticator_data;
mod cbor;
mod certificate;
mod check;
mod client_data;
mod expectations;
mod extensions;
mod judge;
mod jws;
mod key;
mod metadata;
mod path;
mod received;
mod registration;
mod signature;

pub use attestation::{Attestation, AttestationType};
pub use authentication::VerifiedAuthentication;
pub use check::Check;
pub use expectations::{
    AndroidKeyPolicy, AttestationPolicy, AuthenticationExpectations, ClientDataVerification,
    CredentialRecord, Credentials, RegisteredCredential, RegistrationExpectations, RelyingPartyPolicy, Trust,
};
pub use judge::{Examination, FailedCheck, StepReport, StepVerdict};
pub use key::{KeyRefusal, KeyType, VerifyingKey};
pub use metadata::{MetadataBlob, MetadataEntry};
pub use registration::VerifiedRegistration;
pub use signature::SignatureRefusal;

/// What only the fuzz targets and tests of this project use. It is no part of the interface.
#[doc(hidden)]
pub mod internals {
    pub use super::attestation::{AndroidKeyDescription, AuthorizationList};

    use super::{AttestationPolicy, FailedCheck, judge::Judge, path};
    use crate::webauthn::Ceremony;

    /// Examines a certificate path, leaf first, by the system's clock, and returns every failed check.
    #[must_use]
    pub fn examine_path(x5c: &[Vec<u8>], anchors: &[Vec<u8>]) -> Vec<FailedCheck> {
        let mut judge = Judge::new(Ceremony::Create, &[]);
        path::examine(&mut judge, x5c, anchors, &AttestationPolicy::default());
        judge.report().refusals().cloned().collect()
    }
}

use crate::webauthn::Ceremony;
use judge::Judge;

/// Verifies a registration: `reply` is the `RegistrationResponseJSON` (§5.1) that the client sent, and
/// `credentials` are those that are registered already.
///
/// # Errors
/// The first [`FailedCheck`], in the order of the steps.
pub fn verify_registration(
    reply: &str,
    expected: &RegistrationExpectations,
    credentials: &dyn Credentials,
) -> Result<VerifiedRegistration, FailedCheck> {
    let mut judge = Judge::new(Ceremony::Create, &expected.relying_party.disabled);
    let verified = registration::examine(&mut judge, reply, expected, credentials);
    outcome(judge, verified)
}

/// Verifies an authentication: `reply` is the `AuthenticationResponseJSON` (§5.1) that the client sent.
///
/// # Errors
/// The first [`FailedCheck`], in the order of the steps.
pub fn verify_authentication(
    reply: &str,
    expected: &AuthenticationExpectations,
    credentials: &dyn Credentials,
) -> Result<VerifiedAuthentication, FailedCheck> {
    let mut judge = Judge::new(Ceremony::Get, &expected.relying_party.disabled);
    let verified = authentication::examine(&mut judge, reply, expected, credentials);
    outcome(judge, verified)
}

/// Examines a registration and reports every step, also those after a failed check.
#[must_use]
pub fn examine_registration(
    reply: &str,
    expected: &RegistrationExpectations,
    credentials: &dyn Credentials,
) -> Examination {
    let mut judge = Judge::new(Ceremony::Create, &expected.relying_party.disabled);
    registration::examine(&mut judge, reply, expected, credentials);
    judge.report()
}

/// Examines an authentication and reports every step, also those after a failed check.
#[must_use]
pub fn examine_authentication(
    reply: &str,
    expected: &AuthenticationExpectations,
    credentials: &dyn Credentials,
) -> Examination {
    let mut judge = Judge::new(Ceremony::Get, &expected.relying_party.disabled);
    authentication::examine(&mut judge, reply, expected, credentials);
    judge.report()
}

fn outcome<T>(judge: Judge<'_>, verified: Option<T>) -> Result<T, FailedCheck> {
    match (judge.report().refusals().next(), verified) {
        (Some(refusal), _) => Err(refusal.clone()),
        (None, Some(verified)) => Ok(verified),
        (None, None) => unreachable!("a ceremony stops early only after a refusal"),
    }
}
