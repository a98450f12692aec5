//! The profile of a leaf certificate: what a format asks of it.

use crate::draft::{Extension, Oid, certificate};

/// What a format asks of its leaf certificate, beside what every leaf has.
pub(super) struct Profile {
    /// Sets the leaf's key and serial number apart from those of other kinds.
    pub(super) purpose: &'static [u8],
    /// DER Name.
    pub(super) subject: Vec<u8>,
    /// After basic constraints, key usage and key identifiers.
    pub(super) extensions: Vec<Extension>,
    /// Whether an intermediate issues the leaf.
    pub(super) intermediate: Intermediate,
    /// Whether the root stands at the end of `x5c` too.
    pub(super) sends_root: bool,
}

/// Whether an intermediate stands between a leaf and the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intermediate {
    /// Never: the format has no place for its certificate.
    Never,
    /// If the authenticator's settings ask for one.
    IfAsked,
    /// Unless the authenticator's settings ask for none.
    UnlessAsked,
}

/// The organisation that every certificate of ours names.
const ORGANIZATION: &str = "stuntkey test attestation";
/// Antarctica. WebAuthn L3 §8.2.1 asks for an ISO 3166 code, and no vendor has this one.
const COUNTRY: &str = "AQ";

/// A certificate's subject: C, O, OU and CN, as §8.2.1 asks of a leaf.
pub(super) fn subject(unit: &str, common_name: &str) -> Vec<u8> {
    certificate::name(&[
        (Oid::COUNTRY, COUNTRY),
        (Oid::ORGANIZATION, ORGANIZATION),
        (Oid::ORGANIZATIONAL_UNIT, unit),
        (Oid::COMMON_NAME, common_name),
    ])
}
