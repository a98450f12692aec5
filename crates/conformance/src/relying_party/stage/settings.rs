//! What every case of a run shares.

use std::sync::Arc;
use std::time::Duration;

use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::Model;
use stuntkey::client::Preset;
use stuntkey::webauthn::Attachment;

use crate::core::clock::{Clock, SystemClock};
use crate::relying_party::need::Known;
use crate::relying_party::target::UserNames;

/// What every case of a run shares.
#[derive(Debug, Clone)]
pub(crate) struct RunSettings {
    /// The page's origin.
    pub(crate) origin: String,
    /// What everything random on our side follows from.
    pub(crate) seed: String,
    pub(crate) user_names: UserNames,
    /// The authenticators that people have, where a case is not about another.
    pub(crate) model: Model,
    /// The shape of replies, unless it follows from the options.
    pub(crate) reply: Option<Preset>,
    /// The authority at the end of attestation chains.
    pub(crate) authority: CertificateAuthority,
    /// The attestation that plain registrations have, if the target does not accept the default.
    pub(crate) plain_format: Option<AttestationFormat>,
    /// The attachment that the target's options ask for.
    pub(crate) attachment: Option<Attachment>,
    /// What is known of the target before the cases.
    pub(crate) known: Known,
    /// How long a case may take.
    pub(crate) deadline: Duration,
    /// How long a case may wait for a challenge to expire.
    pub(crate) longest_wait: Duration,
    pub(crate) clock: Arc<dyn Clock>,
}

impl RunSettings {
    /// Pages at this origin, and everything else as it comes.
    pub(crate) fn new(origin: &str, seed: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            seed: seed.to_owned(),
            user_names: UserNames::default(),
            model: every_algorithm(),
            reply: None,
            authority: CertificateAuthority::test_root(),
            plain_format: None,
            attachment: None,
            known: Known::default(),
            deadline: Duration::from_secs(10),
            longest_wait: Duration::from_secs(5),
            clock: Arc::new(SystemClock),
        }
    }
}

/// A model that takes the first algorithm that a target offers, of those that the build has.
fn every_algorithm() -> Model {
    let mut model = Model::named("every_algorithm").unwrap_or_default();
    model.algorithms.retain(|algorithm| algorithm.is_available());
    model
}
