//! Certificate paths (RFC 5280 §6.1). `x5c` is in order (§8.2 and others), so there is nothing to search: each
//! certificate is followed by its issuer's, until one is issued by a trust anchor.
//!
//! Any policy will do, so the policy tree can never become empty: `certificatePolicies`, `policyMappings` and
//! `inhibitAnyPolicy` are understood and change nothing. `policyConstraints` that require a policy would need the tree.

mod constraints;
mod name;
mod signing;

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
use super::expectations::AttestationPolicy;
use super::judge::Judge;

/// Examines a trust path (step 24): `x5c`, leaf first, has to lead to one of `anchors`, or its leaf has to be one.
pub(super) fn examine(
    judge: &mut Judge<'_>,
    x5c: &[Vec<u8>],
    anchors: &[Vec<u8>],
    policy: &AttestationPolicy,
) {
    let Some(certificates) = read(judge, x5c) else { return };
    let [leaf, issuers @ ..] = certificates.as_slice() else { return };
    follow(judge, &certificates);
    let is_anchor = |certificate: &Certificate| anchors.contains(&certificate.der);
    if !policy.root_in_x5c {
        let included = issuers.iter().any(is_anchor);
        judge.check(
            Check::CertificateRootIncluded,
            !included,
            || "the trust anchor in x5c".into(),
            "the certificates below it only",
        );
    }
    for (position, issuer) in (1..).zip(issuers) {
        judge.within(format!("x5c[{position}]"), |judge| may_sign(judge, issuer));
    }
    let time = policy.time();
    if is_anchor(leaf) {
        return examine_times(judge, leaf, time);
    }
    // No path can end in an anchor that cannot be read.
    let anchors: Vec<Certificate> = anchors.iter().filter_map(|der| Certificate::parse(der).ok()).collect();
    let path = Path::find(&certificates, &anchors);
    for (position, certificate) in path.certificates.iter().enumerate() {
        judge.within(format!("x5c[{position}]"), |judge| {
            examine_times(judge, certificate, time);
            path.examine_authority(judge, position, certificate);
            examine_extensions(judge, certificate);
            path.examine_signature(judge, position, certificate);
            path.examine_names(judge, position, certificate);
        });
    }
    let expected = match anchors.len() {
        0 => "a trust anchor, of which the relying party has none".to_owned(),
        count => format!("a path to one of {count} trust anchors"),
    };
    let holds = path.anchor.is_some();
    judge.check(Check::CertificateIssuer, holds, || "an issuer that is unknown".into(), expected);
}

fn read(judge: &mut Judge<'_>, x5c: &[Vec<u8>]) -> Option<Vec<Certificate>> {
    let mut certificates = Vec::with_capacity(x5c.len());
    for (position, der) in x5c.iter().enumerate() {
        let certificate = Certificate::parse(der).and_then(|certificate| match certificate.version() {
            Version::V3 => Ok(certificate),
            other => Err(format!("a certificate of version {other:?}")),
        });
        let certificate = judge.within(format!("x5c[{position}]"), |judge| {
            judge.require(Check::CertificateReadable, certificate, "a DER certificate of version 3")
        });
        certificates.push(certificate?);
    }
    Some(certificates)
}

/// Checks that every certificate is followed by its issuer's.
fn follow(judge: &mut Judge<'_>, certificates: &[Certificate]) {
    for (position, pair) in (1..).zip(certificates.windows(2)) {
        let [certificate, next] = pair else { continue };
        judge.within(format!("x5c[{position}]"), |judge| {
            judge.check(
                Check::CertificateOrder,
                name::same(certificate.issuer(), next.subject()),
                || format!("the subject {:?}", next.subject().to_string()),
                format!("the issuer of the certificate before, {:?}", certificate.issuer().to_string()),
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
        .find(|extension| extension.critical && !UNDERSTOOD.contains(&extension.extn_id));
    let requires_policy = match certificate.decoded::<PolicyConstraints>("policy constraints") {
        Ok(constraints) => {
            constraints.is_some_and(|constraints| constraints.require_explicit_policy.is_some())
        }
        Err(_) => true,
    };
    let found = match unknown {
        Some(extension) => Some(format!("a critical extension that is unknown, {}", extension.extn_id)),
        None => requires_policy.then(|| "policy constraints that require a policy".to_owned()),
    };
    let holds = found.is_none();
    judge.check(Check::CertificateOther, holds, || found.unwrap_or_default(), "a path by RFC 5280");
}

/// The certificates from the leaf to the one that an anchor issued, or to the last there is.
struct Path<'c> {
    certificates: &'c [Certificate],
    anchor: Option<&'c Certificate>,
    /// Why the last certificate's signature is not that of any anchor with its issuer's name.
    forged: Option<String>,
}

impl<'c> Path<'c> {
    fn find(certificates: &'c [Certificate], anchors: &'c [Certificate]) -> Self {
        for (position, certificate) in certificates.iter().enumerate() {
            let named: Vec<&Certificate> =
                anchors.iter().filter(|anchor| name::same(certificate.issuer(), anchor.subject())).collect();
            let signed = named.iter().find(|anchor| signing::verify(certificate, &anchor.key).is_ok());
            let up_to = certificates.get(..=position).unwrap_or(certificates);
            let last = position + 1 == certificates.len();
            match (signed, named.first()) {
                (Some(anchor), _) => return Self { certificates: up_to, anchor: Some(anchor), forged: None },
                (None, Some(anchor)) if last => {
                    let forged = signing::verify(certificate, &anchor.key).err();
                    return Self { certificates: up_to, anchor: Some(anchor), forged };
                }
                _ => {}
            }
        }
        Self { certificates, anchor: None, forged: None }
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
        let expected = format!("at most {}", most.unwrap_or(u8::MAX));
        judge.check(Check::CertificatePathLength, holds, found, expected);
    }

    fn examine_signature(&self, judge: &mut Judge<'_>, position: usize, certificate: &Certificate) {
        let wrong = match self.certificates.get(position + 1) {
            Some(issuer) => signing::verify(certificate, &issuer.key).err(),
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
        let above = self.certificates.get(position + 1..).unwrap_or_default().iter().chain(self.anchor);
        for authority in above {
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
    name::same(certificate.subject(), certificate.issuer())
}
