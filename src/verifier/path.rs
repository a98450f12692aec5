//! Certificate paths (RFC 5280 §6.1). `x5c` is in order (§8.2 and others), so there is nothing to search: each
//! certificate is followed by its issuer's, until one is issued by a trust anchor.
//!
//! Any policy will do, so the policy tree can never become empty: `certificatePolicies`, `policyMappings` and
//! `inhibitAnyPolicy` are understood and change nothing. `policyConstraints` that require a policy would need the tree.

mod constraints;
mod signing;

use std::sync::Arc;
use std::time::SystemTime;

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use x509_cert::Version;
use x509_cert::ext::pkix::{
    BasicConstraints, CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage, InhibitAnyPolicy,
    KeyUsage, KeyUsages, NameConstraints, PolicyConstraints, PolicyMappings, SubjectAltName,
};

use super::certificate::Certificate;
use super::check::Check;
use super::expectations::{AttestationPolicy, RelyingPartyPolicy, Trust};
use super::judge::{FailedCheck, Judge, Place};
use super::relying_party::RelyingParty;
use crate::crypto::Backend;
use crate::webauthn::Ceremony;

/// Every check that fails where a path, leaf first, is to lead to one of these DER certificates by the system's clock.
pub(super) fn failures(x5c: &[Vec<u8>], anchors: &[Vec<u8>]) -> Vec<FailedCheck> {
    let trust = Trust::Anchors(anchors.to_vec());
    let relying_party = RelyingParty::new(RelyingPartyPolicy::new("", ""))
        .attestation(AttestationPolicy { trust, ..AttestationPolicy::default() });
    let mut judge = Judge::who_reports(Ceremony::Create, &[]);
    examine(&mut judge, x5c, None, "", &relying_party);
    judge.report().refusals().cloned().collect()
}

/// Examines a trust path (step 24) of a format's statement: `x5c`, leaf first, has to lead to a trust anchor of the relying
/// party, or its leaf has to be one.
pub(super) fn examine(
    judge: &mut Judge<'_>,
    x5c: &[Vec<u8>],
    leaf: Option<&Arc<Certificate>>,
    format: &str,
    relying_party: &RelyingParty,
) {
    let Some(certificates) = read(judge, x5c, leaf) else { return };
    let [leaf, issuers @ ..] = certificates.as_slice() else { return };
    follow(judge, &certificates);
    let (policy, anchors) = (relying_party.attestation_policy(), relying_party.anchors());
    let is_anchor = |certificate: &Certificate| anchors.iter().any(|anchor| anchor.der == certificate.der);
    if format == "packed" && !policy.packed_root_in_x5c {
        let included = issuers.iter().any(|issuer| is_anchor(issuer));
        judge.check(
            Check::CertificateRootIncluded,
            !included,
            || "the trust anchor in x5c".into(),
            "the certificates below it only",
        );
    }
    for (position, issuer) in (1..).zip(issuers) {
        judge.within(Place::Certificate(position), |judge| may_sign(judge, issuer));
    }
    let time = policy.time();
    if is_anchor(leaf) {
        return examine_times(judge, leaf, time);
    }
    let path = Path::find(&certificates, anchors, relying_party.backend());
    for (position, certificate) in path.certificates.iter().enumerate() {
        judge.within(Place::Certificate(position), |judge| {
            examine_times(judge, certificate, time);
            path.examine_authority(judge, position, certificate);
            examine_extensions(judge, certificate);
            path.examine_signature(judge, position, certificate);
            path.examine_names(judge, position, certificate);
        });
    }
    let (holds, found) = (path.anchor.is_some(), || "an issuer that is unknown".to_owned());
    let check = Check::CertificateIssuer;
    match anchors.len() {
        0 => judge.check(check, holds, found, "a trust anchor, of which the relying party has none"),
        count => judge.check(check, holds, found, format_args!("a path to one of {count} trust anchors")),
    };
}

/// Reads every certificate but the leaf, if that has been read before.
fn read(
    judge: &mut Judge<'_>,
    x5c: &[Vec<u8>],
    mut leaf: Option<&Arc<Certificate>>,
) -> Option<Vec<Arc<Certificate>>> {
    let mut certificates = Vec::with_capacity(x5c.len());
    for (position, der) in x5c.iter().enumerate() {
        let certificate = match leaf.take() {
            Some(leaf) => Ok(Arc::clone(leaf)),
            None => Certificate::parse(der).map(Arc::new),
        };
        let certificate = certificate.and_then(|certificate| match certificate.version {
            Version::V3 => Ok(certificate),
            other => Err(format!("a certificate of version {other:?}")),
        });
        let certificate = judge.within(Place::Certificate(position), |judge| {
            judge.require(Check::CertificateReadable, certificate, "a DER certificate of version 3")
        });
        certificates.push(certificate?);
    }
    Some(certificates)
}

/// Checks that every certificate is followed by its issuer's.
fn follow(judge: &mut Judge<'_>, certificates: &[Arc<Certificate>]) {
    for (position, pair) in (1..).zip(certificates.windows(2)) {
        let [certificate, next] = pair else { continue };
        judge.within(Place::Certificate(position), |judge| {
            judge.check(
                Check::CertificateOrder,
                certificate.names_as_issuer(next),
                || format!("the subject {:?}", next.subject().to_string()),
                format_args!("the issuer of the certificate before, {:?}", certificate.issuer().to_string()),
            );
        });
    }
}

/// Checks that an issuer's key usage, if it has one, allows signing certificates (§6.1.4 (n)).
fn may_sign(judge: &mut Judge<'_>, issuer: &Certificate) {
    let usage = issuer.key_usage();
    let holds = match &usage {
        Ok(usage) => usage.as_ref().is_none_or(|usage| usage.0.contains(KeyUsages::KeyCertSign)),
        Err(_) => false,
    };
    let found = || usage.err().unwrap_or_else(|| "a key usage without keyCertSign".into());
    judge.check(Check::CertificateKeyUsage, holds, found, "keyCertSign");
}

fn examine_times(judge: &mut Judge<'_>, certificate: &Certificate, time: SystemTime) {
    let (from, to) = certificate.validity();
    let second = |time: Option<SystemTime>| {
        let elapsed = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        elapsed.map_or_else(|| "beyond the clock".to_owned(), |elapsed| elapsed.as_secs().to_string())
    };
    let found = || format!("a certificate that is valid from the second {} (Unix time)", second(from));
    let holds = from.is_some_and(|from| time >= from);
    judge.check(Check::CertificateNotYetValid, holds, found, "one that is valid now");
    let found = || format!("a certificate that expired at the second {} (Unix time)", second(to));
    judge.check(Check::CertificateExpired, to.is_none_or(|to| time <= to), found, "one that is valid now");
}

/// Refuses critical extensions that the verifier does not process (§6.1.4 (o), §6.1.5 (f)).
fn examine_extensions(judge: &mut Judge<'_>, certificate: &Certificate) {
    const UNDERSTOOD: [ObjectIdentifier; 10] = [
        BasicConstraints::OID,
        KeyUsage::OID,
        ExtendedKeyUsage::OID,
        SubjectAltName::OID,
        NameConstraints::OID,
        CertificatePolicies::OID,
        PolicyMappings::OID,
        PolicyConstraints::OID,
        InhibitAnyPolicy::OID,
        CrlDistributionPoints::OID,
    ];
    let unknown = certificate
        .extensions()
        .iter()
        .find(|extension| extension.critical && !UNDERSTOOD.contains(&extension.oid));
    let requires_policy = match certificate.decoded::<PolicyConstraints>("policy constraints") {
        Ok(constraints) => {
            constraints.is_some_and(|constraints| constraints.require_explicit_policy.is_some())
        }
        Err(_) => true,
    };
    let found = match unknown {
        Some(extension) => Some(format!("a critical extension that is unknown, {}", extension.oid)),
        None => requires_policy.then(|| "policy constraints that require a policy".to_owned()),
    };
    let holds = found.is_none();
    judge.check(Check::CertificateOther, holds, || found.unwrap_or_default(), "a path by RFC 5280");
}

/// The certificates from the leaf to the one that an anchor issued, or to the last there is.
struct Path<'c> {
    certificates: &'c [Arc<Certificate>],
    anchor: Option<&'c Certificate>,
    /// Why the last certificate's signature is not that of any anchor with its issuer's name.
    forged: Option<String>,
    backend: Backend,
}

impl<'c> Path<'c> {
    fn find(certificates: &'c [Arc<Certificate>], anchors: &'c [Certificate], backend: Backend) -> Self {
        let verify = |certificate, anchor: &Certificate| signing::verify(backend, certificate, &anchor.key);
        for (position, certificate) in certificates.iter().enumerate() {
            let named: Vec<&Certificate> =
                anchors.iter().filter(|anchor| certificate.names_as_issuer(anchor)).collect();
            let signed = named.iter().find(|anchor| verify(certificate, anchor).is_ok());
            let up_to = certificates.get(..=position).unwrap_or(certificates);
            let last = position + 1 == certificates.len();
            match (signed, named.first()) {
                (Some(anchor), _) => {
                    return Self { certificates: up_to, anchor: Some(anchor), forged: None, backend };
                }
                (None, Some(anchor)) if last => {
                    let forged = verify(certificate, anchor).err();
                    return Self { certificates: up_to, anchor: Some(anchor), forged, backend };
                }
                _ => {}
            }
        }
        Self { certificates, anchor: None, forged: None, backend }
    }

    /// Checks that the leaf is no authority, every issuer is one, and the path is no longer than each allows (§6.1.4 (k) to (m)).
    fn examine_authority(&self, judge: &mut Judge<'_>, position: usize, certificate: &Certificate) {
        let constraints = certificate.basic_constraints();
        let is_authority = matches!(&constraints, Ok(Some(constraints)) if constraints.ca);
        if position == 0 {
            let found = || "an authority as the leaf".to_owned();
            judge.check(Check::CertificateAuthority, !is_authority, found, "a leaf that is no authority");
            return;
        }
        let found =
            || constraints.as_ref().err().cloned().unwrap_or_else(|| "an issuer that is no authority".into());
        judge.check(Check::CertificateAuthority, is_authority, found, "issuers that are authorities");
        let most = constraints.as_ref().ok().and_then(Option::as_ref).and_then(|c| c.path_len_constraint);
        // Self-issued certificates do not count, and neither does the leaf.
        let between = self.certificates.get(1..position).unwrap_or_default();
        let below = between.iter().filter(|certificate| !is_self_issued(certificate)).count();
        let holds = most.is_none_or(|most| below <= usize::from(most));
        let found = || format!("{below} authorities below");
        let most = most.unwrap_or(u8::MAX);
        judge.check(Check::CertificatePathLength, holds, found, format_args!("at most {most}"));
    }

    fn examine_signature(&self, judge: &mut Judge<'_>, position: usize, certificate: &Certificate) {
        let wrong = match self.certificates.get(position + 1) {
            Some(issuer) => signing::verify(self.backend, certificate, &issuer.key).err(),
            None => self.forged.clone(),
        };
        judge.check(
            Check::CertificateSignature,
            wrong.is_none(),
            || wrong.unwrap_or_default(),
            "its issuer's",
        );
    }

    /// Checks that all the authorities above permit every name (§6.1.3 (b) and (c)).
    fn examine_names(&self, judge: &mut Judge<'_>, position: usize, certificate: &Certificate) {
        if position > 0 && is_self_issued(certificate) {
            return;
        }
        let above = self.certificates.get(position + 1..).unwrap_or_default().iter().map(AsRef::as_ref);
        for authority in above.chain(self.anchor) {
            let constraints = authority.decoded::<NameConstraints>("name constraints");
            let found = match constraints {
                Ok(None) => continue,
                Ok(Some(constraints)) => constraints::check(&constraints, certificate).err(),
                Err(found) => Some(found),
            };
            let holds = found.is_none();
            let found = || found.unwrap_or_default();
            judge.check(Check::CertificateOther, holds, found, "a name that the authorities above allow");
        }
    }
}

fn is_self_issued(certificate: &Certificate) -> bool {
    certificate.names_as_issuer(certificate)
}
