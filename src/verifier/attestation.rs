//! Attestation statements (WebAuthn L3 §8), one file a format: §7.1 steps 21 to 24.

mod android_key;
mod android_safetynet;
mod apple;
mod compound;
mod fido_u2f;
mod none;
mod packed;
mod tpm;

pub use android_key::{AndroidKeyDescription, AuthorizationList};

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use stuntkey_inspect::cbor::Item;

use super::certificate::Certificate;
use super::check::Check;
use super::expectations::{AttestationPolicy, Trust};
use super::judge::{Judge, Place};
use super::key::VerifyingKey;
use super::relying_party::RelyingParty;
use super::{cbor, path};
use crate::crypto::Algorithm;
use crate::webauthn::Aaguid;

/// An attestation statement that was examined: its format, type and trust path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The attestation statement format identifier.
    pub format: String,
    /// Who signed the attestation.
    pub attestation_type: AttestationType,
    /// The certificates of the trust path, DER, leaf first. Empty for none and self attestation.
    pub trust_path: Vec<Vec<u8>>,
    /// The statements inside a compound one.
    pub parts: Vec<Attestation>,
}

/// A statement that was examined, with its first certificate as it was read.
pub(super) struct Examined {
    format: &'static str,
    attestation_type: AttestationType,
    x5c: Vec<Vec<u8>>,
    leaf: Option<Arc<Certificate>>,
    parts: Vec<Examined>,
}

impl Examined {
    /// One without certificates.
    fn of(format: &'static str, attestation_type: AttestationType) -> Self {
        Self { format, attestation_type, x5c: Vec::new(), leaf: None, parts: Vec::new() }
    }

    /// With these certificates, the first of which was read.
    fn with(self, x5c: Vec<Vec<u8>>, leaf: Option<Arc<Certificate>>) -> Self {
        Self { x5c, leaf, ..self }
    }

    pub(super) fn into_attestation(self) -> Attestation {
        Attestation {
            format: self.format.into(),
            attestation_type: self.attestation_type,
            trust_path: self.x5c,
            parts: self.parts.into_iter().map(Self::into_attestation).collect(),
        }
    }
}

/// Who signed an attestation (WebAuthn L3 §6.5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttestationType {
    /// Nobody signed.
    None,
    /// The credential key signed.
    SelfAttestation,
    /// A certificate of a batch of authenticators, or of a privacy CA: a verifier cannot tell which.
    BasicOrAttestationCa,
    /// A CA that attests each credential anew.
    AnonymizationCa,
    /// Several statements in one.
    Compound,
}

impl AttestationType {
    /// The type in the standard's words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            AttestationType::None => "no attestation",
            AttestationType::SelfAttestation => "self attestation",
            AttestationType::BasicOrAttestationCa => "basic attestation or attestation CA",
            AttestationType::AnonymizationCa => "anonymization CA",
            AttestationType::Compound => "compound attestation",
        }
    }
}

/// What an attestation statement attests.
pub(super) struct Evidence<'a> {
    pub(super) auth_data: &'a [u8],
    pub(super) client_data_hash: &'a [u8; 32],
    pub(super) rp_id_hash: &'a [u8; 32],
    pub(super) aaguid: Aaguid,
    pub(super) credential_id: &'a [u8],
    /// The credential public key, if it could be read.
    pub(super) key: Option<&'a (VerifyingKey, Algorithm)>,
    /// Whether an enterprise attestation was asked for.
    pub(super) enterprise: bool,
    pub(super) relying_party: &'a RelyingParty,
}

impl Evidence<'_> {
    /// The authenticator data and the client data hash: what most formats sign.
    pub(super) fn signed(&self) -> [&[u8]; 2] {
        [self.auth_data, self.client_data_hash]
    }

    /// The SHA-256 of that.
    pub(super) fn nonce(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.signed().iter().for_each(|part| hash.update(part));
        hash.finalize().into()
    }

    fn policy(&self) -> &AttestationPolicy {
        self.relying_party.attestation_policy()
    }
}

type Verify = fn(&mut Judge<'_>, &Item<'_>, &Evidence<'_>) -> Option<Examined>;

/// Every format by its identifier.
static FORMATS: [(&str, Verify); 8] = [
    ("packed", packed::verify),
    ("tpm", tpm::verify),
    ("android-key", android_key::verify),
    ("android-safetynet", android_safetynet::verify),
    ("fido-u2f", fido_u2f::verify),
    ("none", none::verify),
    ("apple", apple::verify),
    ("compound", compound::verify),
];

/// Steps 21 and 22.
pub(super) fn examine(
    judge: &mut Judge<'_>,
    format: &str,
    statement: &Item<'_>,
    evidence: &Evidence<'_>,
) -> Option<Examined> {
    let verify = find(judge, Check::AttestationFormat, format, evidence.policy())?;
    let attestation = verify(judge, statement, evidence);
    if let Some(attestation) = &attestation {
        judge.note(22, format_args!("{format}: {}", attestation.attestation_type.name()));
    }
    attestation
}

/// The procedure of a format that the relying party supports.
fn find(judge: &mut Judge<'_>, check: Check, format: &str, policy: &AttestationPolicy) -> Option<Verify> {
    let found = supported(policy).find(|(name, _)| *name == format).map(|(_, verify)| *verify);
    judge.require(check, found.ok_or_else(|| format!("{format:?}")), OneOfTheFormats(policy))
}

fn supported(policy: &AttestationPolicy) -> impl Iterator<Item = &'static (&'static str, Verify)> {
    let wanted = |name: &str| policy.formats.as_ref().is_none_or(|formats| formats.iter().any(|f| f == name));
    FORMATS.iter().filter(move |(name, _)| wanted(name))
}

/// The names of the formats that are supported.
struct OneOfTheFormats<'a>(&'a AttestationPolicy);

impl fmt::Display for OneOfTheFormats<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = supported(self.0).map(|(name, _)| *name).collect();
        write!(f, "one of {}", names.join(", "))
    }
}

/// Steps 23 and 24.
pub(super) fn examine_trust(judge: &mut Judge<'_>, attestation: &Examined, relying_party: &RelyingParty) {
    match &relying_party.attestation_policy().trust {
        Trust::Anybody => judge.not_applicable(23, "the relying party trusts anybody"),
        Trust::Anchors(anchors) => {
            let plural = if anchors.len() == 1 { "" } else { "s" };
            judge.note(23, format_args!("{} trust anchor{plural}", anchors.len()));
        }
    }
    assess(judge, attestation, relying_party);
}

fn assess(judge: &mut Judge<'_>, attestation: &Examined, relying_party: &RelyingParty) {
    let policy = relying_party.attestation_policy();
    match attestation.attestation_type {
        AttestationType::None => {
            judge.check(Check::AttestationNone, policy.none, || "no attestation".into(), "an attestation");
        }
        AttestationType::SelfAttestation => {
            let found = || "self attestation".to_owned();
            judge.check(Check::AttestationSelf, policy.self_attestation, found, "an attestation by another");
        }
        AttestationType::Compound => {
            for (position, part) in attestation.parts.iter().enumerate() {
                judge.within(Place::Statement(position), |judge| assess(judge, part, relying_party));
            }
        }
        AttestationType::BasicOrAttestationCa | AttestationType::AnonymizationCa => match &policy.trust {
            Trust::Anybody => judge.not_applicable(24, "the relying party trusts anybody"),
            Trust::Anchors(_) => {
                let Examined { format, x5c, leaf, .. } = attestation;
                path::examine(judge, x5c, leaf.as_ref(), format, relying_party);
            }
        },
    }
}

/// How many certificates `x5c` may have. No document has a maximum; the longest chains that are known in attestation have
/// five. Every certificate costs the verifier a signature.
const MOST_CERTIFICATES: usize = 16;

/// Reads `x5c`, an array of at least one byte string; the error says what was found.
fn x5c(statement: &Item<'_>) -> Result<Vec<Vec<u8>>, String> {
    let found = |value| Err(format!("{} as x5c", cbor::kind_of(value)));
    let value = statement.member("x5c");
    let Some(items) = value.and_then(Item::items) else { return found(value) };
    if items.is_empty() {
        return Err("an empty x5c".into());
    }
    not_too_many(items.len())?;
    let bytes = |item: &Item<'_>| {
        item.bytes().map(<[u8]>::to_vec).ok_or_else(|| format!("{} in x5c", item.kind_name()))
    };
    items.iter().map(bytes).collect()
}

/// Checks the number of certificates in `x5c`; the error says what was found.
pub(super) fn not_too_many(certificates: usize) -> Result<(), String> {
    match certificates > MOST_CERTIFICATES {
        true => Err(format!("{certificates} certificates in x5c, more than {MOST_CERTIFICATES}")),
        false => Ok(()),
    }
}

/// Reads `alg`, an algorithm that the verifier knows; the error says what was found.
fn alg(statement: &Item<'_>) -> Result<Algorithm, String> {
    let value = statement.member("alg");
    let Some(identifier) = value.and_then(Item::integer) else {
        return Err(format!("{} as alg", cbor::kind_of(value)));
    };
    i64::try_from(identifier)
        .ok()
        .and_then(Algorithm::from_cose_identifier)
        .ok_or_else(|| format!("the unknown algorithm {identifier} as alg"))
}

/// Reads a byte string; the error says what was found.
fn bytes(statement: &Item<'_>, name: &str) -> Result<Vec<u8>, String> {
    let value = statement.member(name);
    let bytes = value.and_then(Item::bytes).map(<[u8]>::to_vec);
    bytes.ok_or_else(|| format!("{} as {name}", cbor::kind_of(value)))
}

/// Reads a text; the error says what was found.
fn text(statement: &Item<'_>, name: &str) -> Result<String, String> {
    let value = statement.member(name);
    let text = value.and_then(Item::text).map(str::to_owned);
    text.ok_or_else(|| format!("{} as {name}", cbor::kind_of(value)))
}

/// Checks that the statement is a map with no members but these; the error says what was found.
fn only(statement: &Item<'_>, known: &[&str]) -> Result<(), String> {
    if !statement.is_map() {
        return Err(format!("{} as attStmt", statement.kind_name()));
    }
    let unknown = cbor::unknown_members(statement, known);
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(format!("the members {}", unknown.join(", "))),
    }
}

/// Reads the first certificate of `x5c`.
fn first_certificate(judge: &mut Judge<'_>, check: Check, x5c: &[Vec<u8>]) -> Option<Arc<Certificate>> {
    let certificate = x5c.first().map_or_else(|| Err("no certificate".into()), |der| Certificate::parse(der));
    let certificate =
        judge.within(Place::Certificate(0), |judge| judge.require(check, certificate, "a DER certificate"));
    certificate.map(Arc::new)
}

/// Checks that the key signed the concatenation of `message`.
fn signed_by(
    judge: &mut Judge<'_>,
    check: Check,
    (key, algorithm): (&VerifyingKey, Algorithm),
    evidence: &Evidence<'_>,
    message: &[&[u8]],
    signature: &[u8],
) {
    let verified = key.verify_with(evidence.relying_party.backend(), algorithm, message, signature);
    let holds = verified.is_ok();
    let found = || verified.err().map_or_else(String::new, |refusal| refusal.found);
    judge.check(check, holds, found, format_args!("an {algorithm} signature by the {} key", key.key_type()));
}

/// Checks that the certificate's key is the credential public key.
fn same_key(judge: &mut Judge<'_>, check: Check, certificate: &Certificate, evidence: &Evidence<'_>) {
    if let Some((key, _)) = evidence.key {
        let found = || format!("{:?}", certificate.key);
        judge.check(check, certificate.key == *key, found, format_args!("{key:?}"));
    }
}

/// Checks that the AAGUID extension of an attestation certificate, if it is there, has the AAGUID of the authenticator
/// data.
fn aaguid_extension(judge: &mut Judge<'_>, check: Check, certificate: &Certificate, evidence: &Evidence<'_>) {
    let extension = certificate.aaguid().map(|(_, aaguid)| aaguid);
    let holds = match &extension {
        None => true,
        Some(aaguid) => aaguid.as_ref() == Ok(&evidence.aaguid),
    };
    let found = || match extension {
        Some(Ok(aaguid)) => aaguid.to_string(),
        Some(Err(found)) => found,
        None => String::new(),
    };
    judge.check(check, holds, found, evidence.aaguid);
}

/// Checks that basic constraints are there and say that the certificate is no authority.
fn no_authority(judge: &mut Judge<'_>, check: Check, certificate: &Certificate) {
    let found = match certificate.basic_constraints() {
        Ok(Some(constraints)) if !constraints.ca => None,
        Ok(Some(_)) => Some("CA true".to_owned()),
        Ok(None) => Some("no basic constraints".to_owned()),
        Err(found) => Some(found),
    };
    judge.check(check, found.is_none(), || found.unwrap_or_default(), "CA false");
}

/// Checks that a certificate has version 3.
fn version_3(judge: &mut Judge<'_>, check: Check, certificate: &Certificate) {
    let version = certificate.version;
    judge.check(check, version == x509_cert::Version::V3, || format!("{version:?}"), "V3");
}
