//! The settings of a reference relying party.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use stuntkey::attestation::CertificateAuthority;

use super::configuration::Configuration;
use super::flaw::{Flaw, Misbehaviour};
use crate::core::clock::{Clock, SystemClock, VirtualClock};

/// The settings of a [`ReferenceRelyingParty`](super::ReferenceRelyingParty).
#[derive(Clone)]
pub struct Settings {
    pub(super) rp_id: String,
    pub(super) origins: Vec<String>,
    pub(super) related_origins: Vec<String>,
    /// RP ID and origin of another relying party of the same server.
    pub(super) second: Option<(String, String)>,
    pub(super) trust: Vec<Vec<u8>>,
    pub(super) metadata: Vec<String>,
    pub(super) timeout: Duration,
    pub(super) access_key: Option<String>,
    pub(super) most_users: usize,
    pub(super) configuration: Configuration,
    pub(super) flaw: Option<Flaw>,
    pub(super) clock: Arc<dyn Clock>,
}

/// Leaves the access key out, as it is a secret.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("rp_id", &self.rp_id)
            .field("origins", &self.origins)
            .field("timeout", &self.timeout)
            .field("configuration", &self.configuration)
            .field("flaw", &self.flaw)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Settings for this RP ID and for pages at this origin, with trust in stuntkey's test root.
    #[must_use]
    pub fn new(rp_id: &str, origin: &str) -> Self {
        Self {
            rp_id: rp_id.to_owned(),
            origins: vec![origin.to_owned()],
            related_origins: Vec::new(),
            second: None,
            trust: vec![CertificateAuthority::test_root().certificate_der().to_vec()],
            metadata: Vec::new(),
            timeout: Duration::from_secs(300),
            access_key: None,
            most_users: 1 << 20,
            configuration: Configuration::default(),
            flaw: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Whether the flaw is this misbehaviour.
    pub(super) fn has(&self, misbehaviour: Misbehaviour) -> bool {
        self.flaw.as_ref().is_some_and(|flaw| flaw.is(misbehaviour))
    }

    /// Adds an origin of its pages.
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Self {
        self.origins.push(origin.to_owned());
        self
    }

    /// Adds an origin of its pages that belongs to another site, and lists it at `/.well-known/webauthn` (WebAuthn L3 §5.11).
    #[must_use]
    pub fn related_origin(mut self, origin: &str) -> Self {
        self.related_origins.push(origin.to_owned());
        self.origin(origin)
    }

    /// Adds another relying party of the same server, which has this RP ID, pages at this origin, and users of its own. In
    /// everything else it is like this one.
    #[must_use]
    pub fn second(mut self, rp_id: &str, origin: &str) -> Self {
        self.second = Some((rp_id.to_owned(), origin.to_owned()));
        self
    }

    /// The root certificates (DER) to trust instead of stuntkey's test root.
    #[must_use]
    pub fn trust(mut self, roots: Vec<Vec<u8>>) -> Self {
        self.trust = roots;
        self
    }

    /// Metadata BLOBs, in the order in which they came. The roots that it trusts sign them, too. Default: none.
    #[must_use]
    pub fn metadata(mut self, blobs: impl IntoIterator<Item = String>) -> Self {
        self.metadata = blobs.into_iter().collect();
        self
    }

    /// How long a challenge is valid. Default: five minutes.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The bearer token that clients of the Nevis interface need for enrolments and approvals. Default: none.
    #[must_use]
    pub fn access_key(mut self, key: &str) -> Self {
        self.access_key = Some(key.to_owned());
        self
    }

    /// How many users with credentials are kept. Beyond that, the older half of them is forgotten. Default: 1,048,576.
    #[must_use]
    pub fn most_users(mut self, users: usize) -> Self {
        self.most_users = users;
        self
    }

    /// How it is set up, where the standard leaves it a choice.
    #[must_use]
    pub fn configuration(mut self, configuration: Configuration) -> Self {
        self.configuration = configuration;
        self
    }

    /// The clock that challenges expire by, and certificates are valid by. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: &VirtualClock) -> Self {
        self.clock = Arc::new(clock.clone());
        self
    }

    /// The one thing that it does wrong. Default: nothing.
    #[must_use]
    pub fn flaw(mut self, flaw: Flaw) -> Self {
        self.flaw = Some(flaw);
        self
    }
}
