//! Who vouches in an authenticator, and what is kept of that between registrations.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::ca::{AttestationIdentity, CertificateAuthority};
use super::profile::{Intermediate, Profile};
use super::{AttestationFormat, Clock, Plan};
use crate::crypto::{Algorithm, Backend, KeyPair, PublicKey, sha256};
use crate::draft::Edits;
use crate::webauthn::Aaguid;

/// The authority at the end of chains. Roots are made when they are first needed: that takes two signatures.
#[derive(Clone)]
pub(crate) enum Root {
    /// The one that ships.
    Shipped,
    Seeded(String),
    Given(Box<CertificateAuthority>),
}

/// What an attester needs beside its plan: what is no data, and what follows from the authenticator.
pub(crate) struct AttesterSettings {
    pub(crate) root: Root,
    /// An attestation key of the caller's, to be certified.
    pub(crate) key: Option<KeyPair>,
    /// A key and its certificates of the caller's.
    pub(crate) identity: Option<AttestationIdentity>,
    /// Who signs with attestation keys. Certificates are signed by RustCrypto, so that an authority's stay the same.
    pub(crate) backend: Backend,
    /// Whether everything follows from a seed, the time too.
    pub(crate) seeded: bool,
}

/// Issues certificates, and keeps those that come out the same each time. An authenticator makes one kind of
/// statement with an attestation key, so one identity, and one for enterprises, is all there is to keep.
pub(crate) struct Attester {
    plan: Plan,
    settings: AttesterSettings,
    /// The algorithm with which issued attestation keys sign.
    issued_algorithm: Algorithm,
    clock: Clock,
    root: OnceCell<CertificateAuthority>,
    intermediate: OnceCell<CertificateAuthority>,
    identity: OnceCell<AttestationIdentity>,
    enterprise_identity: OnceCell<AttestationIdentity>,
}

impl Attester {
    pub(crate) fn new(plan: Plan, settings: AttesterSettings) -> Self {
        let issued_algorithm = plan.algorithm.unwrap_or(match plan.format {
            Some(AttestationFormat::AndroidSafetynet) => Algorithm::Rs256,
            _ => Algorithm::Es256,
        });
        let clock = plan.clock.unwrap_or(if settings.seeded { Clock::SEEDED } else { Clock::System });
        Self {
            plan,
            settings,
            issued_algorithm,
            clock,
            root: OnceCell::new(),
            intermediate: OnceCell::new(),
            identity: OnceCell::new(),
            enterprise_identity: OnceCell::new(),
        }
    }

    /// The end of every chain: what a server has to trust.
    pub(crate) fn root(&self) -> &CertificateAuthority {
        self.root.get_or_init(|| match &self.settings.root {
            Root::Shipped => CertificateAuthority::test_root(),
            Root::Seeded(seed) => CertificateAuthority::seeded(seed),
            Root::Given(authority) => authority.as_ref().clone(),
        })
    }

    /// The algorithm with which attestation keys sign.
    pub(crate) fn algorithm(&self) -> Algorithm {
        let given = self.settings.identity.as_ref().map(AttestationIdentity::key);
        given.or(self.settings.key.as_ref()).map_or(self.issued_algorithm, KeyPair::algorithm)
    }

    /// Whether it has a key for the format's attestations.
    pub(crate) fn can_attest(&self, format: AttestationFormat) -> bool {
        let algorithm = self.algorithm();
        !format.needs_identity() || algorithm.is_available() && format.supports_attestation_key(algorithm)
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    pub(crate) fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    pub(super) fn serial_number(&self) -> &[u8] {
        &self.plan.serial_number.0
    }

    /// The attestation key and certificates of the model (of the device, for an enterprise), where they were given
    /// by the caller or issued for an earlier registration.
    pub(super) fn known_identity(&self, enterprise: bool, edits: &Edits) -> Option<&AttestationIdentity> {
        match &self.settings.identity {
            given @ Some(_) => given.as_ref(),
            None if edits.touch_certificates() => None,
            None => self.place_of_identity(enterprise).get(),
        }
    }

    /// The attestation key and certificates of the model (of the device, for an enterprise), issued by `profile` and
    /// kept, unless an edit changes them.
    pub(super) fn issue_identity(
        &self,
        aaguid: Aaguid,
        enterprise: bool,
        profile: &Profile,
        edits: &Edits,
    ) -> Cow<'_, AttestationIdentity> {
        let serial = if enterprise { self.serial_number() } else { &[] };
        let context = [profile.purpose, &aaguid.0, serial];
        let issuer = self.issuer(profile, edits);
        let (key, serial) = match &self.settings.key {
            Some(key) => (key.clone(), issuer.serial_number(&context)),
            None => issuer.attestation_key(self.issued_algorithm, &context),
        };
        let chain = issuer.certify(profile, serial, key.public_key(), edits);
        let chain = self.with_root(profile, chain);
        let identity = AttestationIdentity::new(key.with_backend(self.settings.backend), chain);
        match edits.touch_certificates() {
            true => Cow::Owned(identity),
            false => Cow::Borrowed(self.place_of_identity(enterprise).get_or_init(|| identity)),
        }
    }

    fn place_of_identity(&self, enterprise: bool) -> &OnceCell<AttestationIdentity> {
        if enterprise { &self.enterprise_identity } else { &self.identity }
    }

    /// A chain for a key that is no attestation key: a credential's.
    pub(super) fn certify(&self, profile: &Profile, key: &PublicKey, edits: &Edits) -> Vec<Vec<u8>> {
        let issuer = self.issuer(profile, edits);
        let serial = issuer.serial_number(&[profile.purpose, &sha256(&[&key.to_spki_der()])]);
        self.with_root(profile, issuer.certify(profile, serial, key, edits))
    }

    /// The chain, and the root where it is sent.
    fn with_root(&self, profile: &Profile, mut chain: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        if profile.sends_root || self.plan.root_in_x5c {
            chain.push(self.root().certificate_der().to_vec());
        }
        chain
    }

    fn issuer(&self, profile: &Profile, edits: &Edits) -> Cow<'_, CertificateAuthority> {
        let asked = self.plan.intermediates;
        let least = u8::from(edits.touch_intermediate());
        let count = match profile.intermediate {
            Intermediate::Never => 0,
            Intermediate::IfAsked => asked.unwrap_or(0).max(least),
            Intermediate::UnlessAsked => asked.unwrap_or(1).max(least),
        };
        match count {
            0 => Cow::Borrowed(self.root()),
            _ if edits.touch_intermediate() => Cow::Owned(self.below_root(count, edits)),
            _ => Cow::Borrowed(self.intermediate.get_or_init(|| self.below_root(count, edits))),
        }
    }

    /// The last of `count` authorities below the root.
    fn below_root(&self, count: u8, edits: &Edits) -> CertificateAuthority {
        (0..count).fold(self.root().clone(), |issuer, _| issuer.intermediate_with(edits))
    }
}
