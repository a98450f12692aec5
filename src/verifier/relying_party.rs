//! A relying party, which verifies many ceremonies.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::certificate::Certificate;
use super::expectations::{AttestationPolicy, RelyingPartyPolicy, Trust};
use crate::crypto::Backend;

/// A relying party: what it expects of every response, whom it trusts to attest, and what computes. Trust anchors are read
/// when they are set, and their keys made ready, so a relying party is made once for many ceremonies. A clone shares them.
#[derive(Clone)]
pub struct RelyingParty {
    policy: RelyingPartyPolicy,
    rp_id_hash: [u8; 32],
    attestation: AttestationPolicy,
    anchors: Arc<[Certificate]>,
    backend: Backend,
}

impl RelyingParty {
    /// A relying party of this policy, with the defaults of [`AttestationPolicy`] and the fastest backend.
    #[must_use]
    pub fn new(policy: RelyingPartyPolicy) -> Self {
        Self {
            rp_id_hash: Sha256::digest(&policy.rp_id).into(),
            policy,
            attestation: AttestationPolicy::default(),
            anchors: Arc::default(),
            backend: Backend::fastest(),
        }
    }

    /// Sets what is expected of every response.
    #[must_use]
    pub fn with_policy(self, policy: RelyingPartyPolicy) -> Self {
        Self { rp_id_hash: Sha256::digest(&policy.rp_id).into(), policy, ..self }
    }

    /// Sets what is expected of attestation. A trust anchor that is no certificate is left out, as no path can end in it.
    #[must_use]
    pub fn attestation(mut self, policy: AttestationPolicy) -> Self {
        self.anchors = match &policy.trust {
            Trust::Anybody => Arc::default(),
            Trust::Anchors(anchors) => {
                anchors.iter().filter_map(|der| Certificate::parse(der).ok()).collect()
            }
        };
        self.attestation = policy;
        self
    }

    /// Sets the backend that verifies signatures. RustCrypto stands in for one that is not available, or lacks an algorithm.
    #[must_use]
    pub fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// What it expects of every response.
    #[must_use]
    pub fn policy(&self) -> &RelyingPartyPolicy {
        &self.policy
    }

    /// The SHA-256 of the RP ID.
    pub(super) fn rp_id_hash(&self) -> &[u8; 32] {
        &self.rp_id_hash
    }

    /// What it expects of attestation.
    #[must_use]
    pub fn attestation_policy(&self) -> &AttestationPolicy {
        &self.attestation
    }

    /// The backend that verifies signatures.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The trust anchors that could be read.
    pub(super) fn anchors(&self) -> &[Certificate] {
        &self.anchors
    }
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty")
            .field("policy", &self.policy)
            .field("attestation", &self.attestation)
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}
