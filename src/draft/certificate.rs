//! Writing X.509 certificates (RFC 5280 §4.1): a draft of every field, and its signature.

mod extension;
mod name;
mod oid;
mod signature_algorithm;

use std::time::Duration;

use der::asn1::{GeneralizedTime, UtcTime};
use der::{DateTime, Encode};

pub use extension::Extension;
pub use name::{multi_valued_name, name};
pub use oid::Oid;

use crate::crypto::KeyPair;
use crate::crypto::asn1::{BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, OID, SEQUENCE, tlv};

/// A certificate before it is signed. Every field can be changed, so a draft can also say what no certificate may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateDraft {
    /// The version: 1, 2 or 3. On the wire it is one less, and version 1 is left out.
    pub version: u8,
    /// The serial number: the content of its INTEGER (big-endian two's complement), which is written unchanged.
    pub serial_number: Vec<u8>,
    /// The issuer: a DER Name, as [`name`] makes one.
    pub issuer: Vec<u8>,
    /// The certificate is valid from this time on: seconds since 1970, as [`year`] gives them.
    pub not_before: u64,
    /// The certificate is valid until this time: seconds since 1970, at most the year 9999. Times until 2049 are written
    /// as UTCTime, later ones as GeneralizedTime (RFC 5280 §4.1.2.5).
    pub not_after: u64,
    /// The subject: a DER Name.
    pub subject: Vec<u8>,
    /// The subject's key: a DER SubjectPublicKeyInfo.
    pub subject_public_key_info: Vec<u8>,
    /// The extensions, in the order in which they are written. If there are none, the field is left out.
    pub extensions: Vec<Extension>,
}

impl CertificateDraft {
    /// The DER certificate. `issuer` signs it by its [algorithm](KeyPair::algorithm). The same draft and key give the same
    /// bytes.
    #[must_use]
    pub fn sign(&self, issuer: &KeyPair) -> Vec<u8> {
        let algorithm = signature_algorithm::identifier(issuer.algorithm());
        let tbs = self.to_be_signed(&algorithm);
        let signature = issuer.sign(&[&tbs]);
        tlv(SEQUENCE, &[&tbs, &algorithm, &tlv(BIT_STRING, &[&[0], &signature])])
    }

    /// `TBSCertificate` (§4.1.2); `signature` is the DER AlgorithmIdentifier.
    fn to_be_signed(&self, signature: &[u8]) -> Vec<u8> {
        let version = match self.version.saturating_sub(1) {
            0 => Vec::new(),
            version => tlv(context(0), &[&tlv(INTEGER, &[&[version]])]),
        };
        let extensions: Vec<u8> = self.extensions.iter().flat_map(Extension::to_der).collect();
        let extensions = match extensions.is_empty() {
            true => Vec::new(),
            false => tlv(context(3), &[&tlv(SEQUENCE, &[&extensions])]),
        };
        tlv(
            SEQUENCE,
            &[
                &version,
                &tlv(INTEGER, &[&self.serial_number]),
                signature,
                &self.issuer,
                &tlv(SEQUENCE, &[&time(self.not_before), &time(self.not_after)]),
                &self.subject,
                &self.subject_public_key_info,
                &extensions,
            ],
        )
    }

    /// The extension of this type.
    #[must_use]
    pub fn extension(&self, oid: Oid) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }

    /// The extension of this type, for a change.
    pub fn extension_mut(&mut self, oid: Oid) -> Option<&mut Extension> {
        self.extensions.iter_mut().find(|extension| extension.oid == oid)
    }

    /// Removes the extension of this type and returns it.
    pub fn remove_extension(&mut self, oid: Oid) -> Option<Extension> {
        let at = self.extensions.iter().position(|extension| extension.oid == oid)?;
        Some(self.extensions.remove(at))
    }

    /// Replaces the extension of the same type, or adds the extension at the end.
    pub fn set_extension(&mut self, extension: Extension) {
        match self.extension_mut(extension.oid) {
            Some(place) => *place = extension,
            None => self.extensions.push(extension),
        }
    }
}

impl Extension {
    fn to_der(&self) -> Vec<u8> {
        // DER leaves the default, which is false, out.
        let critical = if self.critical { tlv(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
        let value = tlv(OCTET_STRING, &[&self.value]);
        tlv(SEQUENCE, &[&tlv(OID, &[self.oid.as_bytes()]), &critical, &value])
    }
}

/// The first second of a year (UTC), in seconds since 1970. Years before 1970 count as 1970, years after 9999 as 9999.
#[must_use]
pub fn year(year: u16) -> u64 {
    DateTime::new(year.clamp(1970, 9999), 1, 1, 0, 0, 0)
        .expect("the first of January of these years exists")
        .unix_duration()
        .as_secs()
}

/// `Time` (§4.1.2.5).
fn time(seconds: u64) -> Vec<u8> {
    let time = DateTime::from_unix_duration(Duration::from_secs(seconds)).unwrap_or(DateTime::INFINITY);
    match UtcTime::from_date_time(time) {
        Ok(utc) => utc.to_der(),
        Err(_) => GeneralizedTime::from_date_time(time).to_der(),
    }
    .expect("a time has room in 17 bytes")
}

/// The constructed context-specific tag `[number]`, for numbers below 31.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

#[cfg(test)]
mod tests {
    use der::Decode;

    use super::*;

    fn draft() -> CertificateDraft {
        CertificateDraft {
            version: 3,
            serial_number: vec![1],
            issuer: name(&[(Oid::COMMON_NAME, "issuer")]),
            not_before: year(2049),
            not_after: year(2050),
            subject: name(&[]),
            subject_public_key_info: key().public_key().to_spki_der(),
            extensions: vec![Extension::basic_constraints(false, None)],
        }
    }

    fn key() -> KeyPair {
        KeyPair::from_p256_scalar(&[7; 32]).unwrap()
    }

    #[test]
    fn an_independent_reader_reads_what_every_algorithm_signs() {
        for algorithm in crate::crypto::Algorithm::available() {
            let mut random = crate::crypto::derived_rng(b"certificate", &[]);
            let issuer = match algorithm.is_rsa() {
                true => KeyPair::from_rsa_pool(*algorithm, &mut random),
                false => KeyPair::generate(*algorithm, &mut random),
            };
            let der = draft().sign(&issuer.unwrap());
            let read = x509_cert::Certificate::from_der(&der).unwrap();
            assert_eq!(der::Encode::to_der(&read).unwrap(), der, "{algorithm}");
            assert_eq!(read.signature_algorithm(), read.tbs_certificate().signature());
        }
    }

    #[test]
    fn times_change_their_form_with_2050() {
        assert_eq!(time(year(2049)), b"\x17\x0d490101000000Z");
        assert_eq!(time(year(2050) - 1), b"\x17\x0d491231235959Z");
        assert_eq!(time(year(2050)), b"\x18\x0f20500101000000Z");
        assert_eq!(time(u64::MAX), b"\x18\x0f99991231235959Z");
        assert_eq!(year(1970), 0);
    }

    #[test]
    fn version_1_and_no_extensions_leave_their_fields_out() {
        let bare = CertificateDraft { version: 1, extensions: vec![], ..draft() };
        let read = x509_cert::Certificate::from_der(&bare.sign(&key())).unwrap();
        assert_eq!(read.tbs_certificate().version(), x509_cert::Version::V1);
        assert!(read.tbs_certificate().extensions().is_none());
    }

    #[test]
    fn extensions_are_found_replaced_and_removed() {
        let mut draft = draft();
        assert!(draft.extension(Oid::BASIC_CONSTRAINTS).unwrap().critical);
        draft.set_extension(Extension { critical: false, ..Extension::basic_constraints(true, Some(1)) });
        draft.set_extension(Extension::key_usage(0x80, 7));
        assert_eq!(draft.extensions.len(), 2);
        assert_eq!(
            draft.remove_extension(Oid::BASIC_CONSTRAINTS).unwrap().value,
            [0x30, 6, 1, 1, 0xff, 2, 1, 1]
        );
        assert_eq!(draft.remove_extension(Oid::BASIC_CONSTRAINTS), None);
    }
}
