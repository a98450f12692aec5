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
//! A [`RelyingParty`] is made once and verifies many ceremonies. [`RelyingParty::verify_registration`] and
//! [`RelyingParty::verify_authentication`] return what to store, or the first [`FailedCheck`];
//! [`RelyingParty::examine_registration`] and [`RelyingParty::examine_authentication`] go on after a failed check and
//! report every step.
//!
//! What the standard leaves to the relying party is a setting of its [policy](RelyingPartyPolicy) or of the
//! [expectations](RegistrationExpectations) of a ceremony, with the standard's default. Each requirement is a [`Check`]
//! of its own.
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
mod json;
mod judge;
mod jws;
mod key;
mod key_type;
mod metadata;
mod path;
mod primitive;
mod received;
mod registration;
mod relying_party;
#[cfg(feature = "serde")]
mod serde;
mod signature;

pub use attestation::{Attestation, AttestationType};
pub use authentication::VerifiedAuthentication;
pub use check::Check;
pub use expectations::{
    AndroidKeyPolicy, AttestationPolicy, AuthenticationExpectations, ClientDataVerification,
    CredentialRecord, Credentials, RegisteredCredential, RegistrationExpectations, RelyingPartyPolicy, Trust,
};
pub use judge::{Examination, FailedCheck, StepReport, StepVerdict};
pub use key::{KeyRefusal, VerifyingKey};
pub use key_type::KeyType;
pub use metadata::{MetadataBlob, MetadataEntry};
pub use registration::VerifiedRegistration;
pub use relying_party::RelyingParty;
pub use signature::SignatureRefusal;

/// What only the fuzz targets and tests of this project use. It is no part of the interface.
#[doc(hidden)]
pub mod internals {
    pub use super::attestation::{AndroidKeyDescription, AuthorizationList};

    use super::{FailedCheck, path};

    /// Examines a certificate path, leaf first, by the system's clock, and returns every failed check.
    #[must_use]
    pub fn examine_path(x5c: &[Vec<u8>], anchors: &[Vec<u8>]) -> Vec<FailedCheck> {
        path::failures(x5c, anchors)
    }
}

use crate::webauthn::Ceremony;
use judge::Judge;

impl RelyingParty {
    /// Verifies a registration: `reply` is the `RegistrationResponseJSON` (§5.1) that the client sent, and
    /// `credentials` are those that are registered already.
    ///
    /// # Errors
    /// The first [`FailedCheck`], in the order of the steps.
    pub fn verify_registration(
        &self,
        reply: &str,
        expected: &RegistrationExpectations,
        credentials: &dyn Credentials,
    ) -> Result<VerifiedRegistration, FailedCheck> {
        let mut judge = Judge::new(Ceremony::Create, &self.policy().disabled);
        let verified = registration::examine(&mut judge, self, reply, expected, credentials);
        outcome(judge, verified)
    }

    /// Verifies an authentication: `reply` is the `AuthenticationResponseJSON` (§5.1) that the client sent.
    ///
    /// # Errors
    /// The first [`FailedCheck`], in the order of the steps.
    pub fn verify_authentication(
        &self,
        reply: &str,
        expected: &AuthenticationExpectations,
        credentials: &dyn Credentials,
    ) -> Result<VerifiedAuthentication, FailedCheck> {
        let mut judge = Judge::new(Ceremony::Get, &self.policy().disabled);
        let verified = authentication::examine(&mut judge, self, reply, expected, credentials);
        outcome(judge, verified)
    }

    /// Examines a registration and reports every step, also those after a failed check.
    #[must_use]
    pub fn examine_registration(
        &self,
        reply: &str,
        expected: &RegistrationExpectations,
        credentials: &dyn Credentials,
    ) -> Examination {
        let mut judge = Judge::who_reports(Ceremony::Create, &self.policy().disabled);
        registration::examine(&mut judge, self, reply, expected, credentials);
        judge.report()
    }

    /// Examines an authentication and reports every step, also those after a failed check.
    #[must_use]
    pub fn examine_authentication(
        &self,
        reply: &str,
        expected: &AuthenticationExpectations,
        credentials: &dyn Credentials,
    ) -> Examination {
        let mut judge = Judge::who_reports(Ceremony::Get, &self.policy().disabled);
        authentication::examine(&mut judge, self, reply, expected, credentials);
        judge.report()
    }
}

fn outcome<T>(judge: Judge<'_>, verified: Option<T>) -> Result<T, FailedCheck> {
    match (judge.first_refusal(), verified) {
        (Some(refusal), _) => Err(refusal),
        (None, Some(verified)) => Ok(verified),
        (None, None) => unreachable!("a ceremony stops early only after a refusal"),
    }
}
