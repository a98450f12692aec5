use super::{Oid, context};
use crate::crypto::asn1::{BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, OID, SEQUENCE, tlv};

/// A certificate extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The extension's type.
    pub oid: Oid,
    /// Critical: a verifier that does not recognise the extension must reject the certificate.
    pub critical: bool,
    /// The content of the OCTET STRING: the DER of the extension's own type.
    pub value: Vec<u8>,
}

impl Extension {
    /// `BasicConstraints` (RFC 5280 §4.2.1.9), critical.
    #[must_use]
    pub fn basic_constraints(ca: bool, path_length: Option<u8>) -> Self {
        let flag = if ca { tlv(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
        // Below 128, so the one byte is no negative number.
        let length = path_length.map(|n| tlv(INTEGER, &[&[n & 0x7f]])).unwrap_or_default();
        Self::new(Oid::BASIC_CONSTRAINTS, true, tlv(SEQUENCE, &[&flag, &length]))
    }

    /// `KeyUsage` (§4.2.1.3), critical: one byte of bits, of which the last `unused` do not count.
    #[must_use]
    pub fn key_usage(bits: u8, unused: u8) -> Self {
        Self::new(Oid::KEY_USAGE, true, tlv(BIT_STRING, &[&[unused, bits]]))
    }

    /// `SubjectKeyIdentifier` (§4.2.1.2).
    #[must_use]
    pub fn subject_key_identifier(identifier: &[u8]) -> Self {
        Self::new(Oid::SUBJECT_KEY_IDENTIFIER, false, tlv(OCTET_STRING, &[identifier]))
    }

    /// `AuthorityKeyIdentifier` (§4.2.1.1) with the key identifier only.
    #[must_use]
    pub fn authority_key_identifier(identifier: &[u8]) -> Self {
        // [0] IMPLICIT OCTET STRING.
        let value = tlv(SEQUENCE, &[&tlv(0x80, &[identifier])]);
        Self::new(Oid::AUTHORITY_KEY_IDENTIFIER, false, value)
    }

    /// `ExtKeyUsageSyntax` (§4.2.1.12) with one purpose.
    #[must_use]
    pub fn extended_key_usage(purpose: Oid) -> Self {
        Self::new(Oid::EXTENDED_KEY_USAGE, false, tlv(SEQUENCE, &[&tlv(OID, &[purpose.as_bytes()])]))
    }

    /// `SubjectAltName` (§4.2.1.6) with one dNSName.
    #[must_use]
    pub fn dns_name(host: &str) -> Self {
        // [2] IMPLICIT IA5String.
        let value = tlv(SEQUENCE, &[&tlv(0x82, &[host.as_bytes()])]);
        Self::new(Oid::SUBJECT_ALT_NAME, false, value)
    }

    /// `SubjectAltName` with one directoryName, a DER Name. It is critical, which it must be if the subject is empty.
    #[must_use]
    pub fn directory_name(name: &[u8]) -> Self {
        let value = tlv(SEQUENCE, &[&tlv(context(4), &[name])]);
        Self::new(Oid::SUBJECT_ALT_NAME, true, value)
    }

    /// An OCTET STRING, not critical. FIDO's own extensions have this form, for an AAGUID or a serial number (WebAuthn L3
    /// §8.2.1).
    #[must_use]
    pub fn octets(oid: Oid, bytes: &[u8]) -> Self {
        Self::new(oid, false, tlv(OCTET_STRING, &[bytes]))
    }

    fn new(oid: Oid, critical: bool, value: Vec<u8>) -> Self {
        Self { oid, critical, value }
    }
}
