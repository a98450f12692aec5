//! The verifier, as the settings of a reference relying party and its flaw make it.

use std::borrow::Cow;
use std::time::SystemTime;

use stuntkey::verifier::{AttestationPolicy, Check, RelyingParty, RelyingPartyPolicy, Trust};

use super::flaw::{Flaw, FlawKind, Misbehaviour};
use super::settings::Settings;
use super::{ReferenceRelyingParty, sound_ceremony};

/// The verifier with the settings of this relying party.
pub(super) fn judge(settings: &Settings) -> RelyingParty {
    let configuration = &settings.configuration;
    let disabled = match settings.flaw.as_ref().map(Flaw::kind) {
        Some(FlawKind::IgnoresChecks(checks)) => checks.to_vec(),
        _ => Vec::new(),
    };
    let formats = configuration.formats.as_ref();
    RelyingParty::new(RelyingPartyPolicy {
        origins: settings.origins.clone(),
        client_data: configuration.client_data,
        disabled,
        ..RelyingPartyPolicy::new(&settings.rp_id, "")
    })
    .attestation(AttestationPolicy {
        trust: match configuration.trust_anchors {
            true => Trust::Anchors(settings.trust.clone()),
            false => Trust::Anybody,
        },
        none: configuration.attestation_optional,
        formats: formats.map(|formats| formats.iter().map(|f| f.identifier().to_owned()).collect()),
        // FIDO's tests of packed attestation forbid the root in `x5c`; Android sends it.
        packed_root_in_x5c: false,
        fido_u2f_zero_aaguid: true,
        ..AttestationPolicy::default()
    })
}

impl ReferenceRelyingParty {
    /// What verifies this reply.
    pub(super) fn judge_of(&self, reply: &str) -> Cow<'_, RelyingParty> {
        if !self.settings.configuration.subdomain_origins {
            return Cow::Borrowed(&self.judge);
        }
        let found = sound_ceremony::origin_of(reply);
        let mut policy = self.judge.policy().clone();
        let is_below = |found: &String| self.settings.origins.iter().any(|own| is_below(found, own));
        policy.origins.extend(found.filter(is_below));
        Cow::Owned(self.judge.clone().with_policy(policy))
    }

    /// What verifies nothing, and tells what there is in a reply.
    pub(super) fn lenient_judge(&self) -> RelyingParty {
        let policy = RelyingPartyPolicy { disabled: Check::ALL.to_vec(), ..self.judge.policy().clone() };
        self.judge.clone().with_policy(policy)
    }

    /// What verifies this registration. It trusts those of the settings to attest, and those of the model's metadata.
    pub(super) fn judge_of_registration(&self, reply: &str) -> Cow<'_, RelyingParty> {
        let judge = self.judge_of(reply);
        let clock = &*self.settings.clock;
        // Without metadata the reply is not read once more.
        if self.metadata.is_empty() && !clock.stands_still() {
            return judge;
        }
        let mut policy = judge.attestation_policy().clone();
        if clock.stands_still() {
            policy.time = Some(SystemTime::UNIX_EPOCH + clock.since_1970());
        }
        if let Trust::Anchors(anchors) = &mut policy.trust {
            match self.has(Misbehaviour::MetadataModelIgnored) {
                true => anchors.extend(self.metadata.all_roots().cloned()),
                false => {
                    let aaguid = sound_ceremony::aaguid_of(reply).unwrap_or_default();
                    anchors.extend(self.metadata.roots_of(aaguid).cloned());
                }
            }
        }
        Cow::Owned(judge.into_owned().attestation(policy))
    }
}

/// Whether an origin is that of pages at a subdomain of another's host.
fn is_below(origin: &str, other: &str) -> bool {
    let Some((scheme, host)) = other.split_once("://") else { return false };
    let below = origin.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://"));
    let labels = below.and_then(|below| below.strip_suffix(host)).and_then(|rest| rest.strip_suffix('.'));
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    labels.is_some_and(|labels| !labels.is_empty() && labels.chars().all(is_name))
}
