//! The authority that vouches for attestation keys.

use std::fmt;

use der::pem::{self, LineEnding};
use rand_core::Rng;

use super::certificate::{self, Certificate, Extension};
use crate::crypto::{Algorithm, KeyError, KeyPair, derived_rng, sha256};
use crate::webauthn::Aaguid;

const ORGANIZATION: &str = "stuntkey test attestation";
/// Antarctica: an ISO 3166 code, as WebAuthn L3 §8.2.1 asks for, of no vendor.
const COUNTRY: &str = "AQ";

/// A certificate authority for attestation certificates.
#[derive(Clone)]
pub struct CertificateAuthority {
    key: KeyPair,
    certificate: Vec<u8>,
    subject: Vec<u8>,
    key_identifier: Vec<u8>,
    /// Whether `certificate` goes into `x5c`, because it is not the trust anchor itself.
    sent: bool,
}

impl CertificateAuthority {
    /// The fixed root that ships with stuntkey, private key and all: a server under test trusts it once and for
    /// good. It is for tests only, as everybody has its key.
    #[must_use]
    pub fn test_root() -> Self {
        Self::from_pem(include_str!("test_root.pem")).expect("the root that ships is tested to load")
    }

    /// A root of its own for each seed.
    #[must_use]
    pub fn seeded(seed: &str) -> Self {
        let mut random = derived_rng(seed.as_bytes(), &[b"attestation root"]);
        let key = KeyPair::generate(Algorithm::Es256, &mut random);
        let mut serial = [0; 16];
        random.fill_bytes(&mut serial);
        let subject =
            certificate::name(COUNTRY, ORGANIZATION, "Authenticator Attestation CA", "stuntkey test root");
        let key_identifier = key_identifier(&key.public_key().to_spki_der());
        let certificate = Certificate {
            serial,
            issuer: &subject,
            subject: &subject,
            public_key: key.public_key(),
            extensions: vec![
                certificate::basic_constraints(true, None),
                certificate::key_usage(0x06, 1),
                certificate::subject_key_identifier(&key_identifier),
            ],
        }
        .sign(&key);
        Self { key, certificate, subject, key_identifier, sent: false }
    }

    /// An authority of the caller's: a PEM text with a `CERTIFICATE` and its P-256 private key (`PRIVATE KEY` or
    /// `EC PRIVATE KEY`), in any order. The certificate is taken for the trust anchor and is not sent in `x5c`.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn from_pem(text: &str) -> Result<Self, AuthorityError> {
        let key = ["PRIVATE KEY", "EC PRIVATE KEY"].iter().find_map(|label| pem_block(text, label));
        let key = KeyPair::from_pem(key.ok_or(AuthorityError::NoPrivateKey)?).map_err(AuthorityError::Key)?;
        let certificate = pem_block(text, "CERTIFICATE").ok_or(AuthorityError::NoCertificate)?;
        let (_, certificate) = pem::decode_vec(certificate.as_bytes())
            .map_err(|e| AuthorityError::Certificate(e.to_string()))?;
        let issuer =
            certificate::read_issuer(&certificate).map_err(|e| AuthorityError::Certificate(e.to_string()))?;
        if issuer.spki != key.public_key().to_spki_der() {
            return Err(AuthorityError::KeyOfAnother);
        }
        let key_identifier = issuer.key_identifier.unwrap_or_else(|| key_identifier(&issuer.spki));
        Ok(Self { key, certificate, subject: issuer.subject, key_identifier, sent: false })
    }

    /// An intermediate authority under this one, always the same. Its certificate is sent in `x5c`.
    #[must_use]
    pub fn intermediate(&self) -> Self {
        let mut random = derived_rng(&self.key.to_pkcs8_der(), &[b"attestation intermediate"]);
        let key = KeyPair::generate(Algorithm::Es256, &mut random);
        let mut serial = [0; 16];
        random.fill_bytes(&mut serial);
        let subject = certificate::name(
            COUNTRY,
            ORGANIZATION,
            "Authenticator Attestation CA",
            "stuntkey test intermediate",
        );
        let key_identifier = key_identifier(&key.public_key().to_spki_der());
        let certificate = Certificate {
            serial,
            issuer: &self.subject,
            subject: &subject,
            public_key: key.public_key(),
            extensions: vec![
                certificate::basic_constraints(true, Some(0)),
                certificate::key_usage(0x06, 1),
                certificate::subject_key_identifier(&key_identifier),
                certificate::authority_key_identifier(&self.key_identifier),
            ],
        }
        .sign(&self.key);
        Self { key, certificate, subject, key_identifier, sent: true }
    }

    /// The attestation key and certificate of the model `aaguid`, always the same: the leaf by every rule of
    /// WebAuthn L3 §8.2.1. `serial_number` makes it an enterprise attestation (§8.2.2) of one device.
    #[must_use]
    pub fn issue(&self, aaguid: Aaguid, serial_number: Option<&[u8]>) -> AttestationIdentity {
        let purpose: &[u8] = match serial_number {
            Some(_) => b"enterprise attestation leaf",
            None => b"attestation leaf",
        };
        let context = [purpose, &aaguid.0, serial_number.unwrap_or_default()];
        let mut random = derived_rng(&self.key.to_pkcs8_der(), &context);
        let key = KeyPair::generate(Algorithm::Es256, &mut random);
        let mut serial = [0; 16];
        random.fill_bytes(&mut serial);
        let fido =
            |oid, bytes: &[u8]| Extension { oid, critical: false, value: certificate::octet_string(bytes) };
        let mut extensions = vec![
            certificate::basic_constraints(false, None),
            certificate::key_usage(0x80, 7),
            certificate::subject_key_identifier(&key_identifier(&key.public_key().to_spki_der())),
            certificate::authority_key_identifier(&self.key_identifier),
            fido(certificate::FIDO_AAGUID, &aaguid.0),
        ];
        extensions.extend(serial_number.map(|number| fido(certificate::FIDO_SERIAL_NUMBER, number)));
        let subject =
            certificate::name(COUNTRY, ORGANIZATION, "Authenticator Attestation", "stuntkey test leaf");
        let leaf = Certificate {
            serial,
            issuer: &self.subject,
            subject: &subject,
            public_key: key.public_key(),
            extensions,
        }
        .sign(&self.key);
        let mut chain = vec![leaf];
        chain.extend(self.sent.then(|| self.certificate.clone()));
        AttestationIdentity { key, chain }
    }

    /// The authority's certificate, DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate
    }

    /// The authority's certificate, PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        pem::encode_string("CERTIFICATE", LineEnding::LF, &self.certificate)
            .expect("a certificate always fits the PEM encoding")
    }

    /// Certificate and private key, PEM: what [`from_pem`](Self::from_pem) reads.
    #[must_use]
    pub fn to_pem(&self) -> zeroize::Zeroizing<String> {
        zeroize::Zeroizing::new(format!("{}{}", self.certificate_pem(), *self.key.to_pkcs8_pem()))
    }
}

impl fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateAuthority").field("key", &self.key).finish_non_exhaustive()
    }
}

/// An attestation key and the certificates that go into `x5c`, leaf first.
#[derive(Debug, Clone)]
pub struct AttestationIdentity {
    key: KeyPair,
    chain: Vec<Vec<u8>>,
}

impl AttestationIdentity {
    /// An identity of the caller's: the leaf's private key and the DER certificates for `x5c`, leaf first.
    #[must_use]
    pub fn new(key: KeyPair, chain: Vec<Vec<u8>>) -> Self {
        Self { key, chain }
    }

    pub(crate) fn key(&self) -> &KeyPair {
        &self.key
    }

    /// The DER certificates for `x5c`, leaf first.
    #[must_use]
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
}

/// The leftmost 160 bits of SHA-256 over the SubjectPublicKeyInfo: any value will do that is unique to the key
/// (RFC 5280 §4.2.1.2).
fn key_identifier(spki: &[u8]) -> Vec<u8> {
    let [identifier @ .., _, _, _, _, _, _, _, _, _, _, _, _] = sha256(&[spki]);
    let identifier: [u8; 20] = identifier;
    identifier.to_vec()
}

/// The PEM block with this label, markers included.
fn pem_block<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let from = text.get(text.find(&begin)?..)?;
    from.get(..from.find(&end)? + end.len())
}

/// Why a PEM text makes no authority.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityError {
    /// There is no `CERTIFICATE` block.
    NoCertificate,
    /// There is no private key block.
    NoPrivateKey,
    /// The certificate cannot be read.
    Certificate(String),
    /// The private key cannot be read or used.
    Key(KeyError),
    /// The private key does not belong to the certificate.
    KeyOfAnother,
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attestation CA: ")?;
        match self {
            Self::NoCertificate => f.write_str("found no CERTIFICATE block, expected one in PEM"),
            Self::NoPrivateKey => {
                f.write_str("found no PRIVATE KEY or EC PRIVATE KEY block, expected one in PEM")
            }
            Self::Certificate(why) => write!(f, "the certificate cannot be read: {why}"),
            Self::Key(error) => error.fmt(f),
            Self::KeyOfAnother => f.write_str("found a private key of another certificate, expected its own"),
        }
    }
}

impl std::error::Error for AuthorityError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file is written by `STUNTKEY_BLESS=1 cargo test -p stuntkey the_root_that_ships`.
    #[test]
    fn the_root_that_ships_is_the_one_that_this_code_makes() {
        let made = CertificateAuthority::seeded("stuntkey test attestation root").to_pem();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/attestation/test_root.pem");
        if std::env::var_os("STUNTKEY_BLESS").is_some() {
            std::fs::write(path, &*made).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), *made);
        assert_eq!(*CertificateAuthority::test_root().to_pem(), *made);
    }

    #[test]
    fn names_what_is_missing_in_the_pem() {
        let refused = |text: &str| CertificateAuthority::from_pem(text).unwrap_err();
        let root = CertificateAuthority::test_root();
        assert_eq!(refused(&root.key.to_pkcs8_pem()), AuthorityError::NoCertificate);
        assert_eq!(refused(&root.certificate_pem()), AuthorityError::NoPrivateKey);
        let other = CertificateAuthority::seeded("x");
        let mixed = format!("{}{}", root.certificate_pem(), *other.key.to_pkcs8_pem());
        assert_eq!(refused(&mixed), AuthorityError::KeyOfAnother);
        let garbled = format!(
            "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n{}",
            *root.key.to_pkcs8_pem()
        );
        assert!(matches!(refused(&garbled), AuthorityError::Certificate(_)));
    }

    #[test]
    fn an_identity_is_the_same_each_time_and_another_for_another_model() {
        let root = CertificateAuthority::test_root();
        let leaf = |aaguid, serial| root.issue(aaguid, serial).chain().to_vec();
        assert_eq!(leaf(Aaguid::STUNTKEY, None), leaf(Aaguid::STUNTKEY, None));
        assert_ne!(leaf(Aaguid::STUNTKEY, None), leaf(Aaguid::default(), None));
        assert_ne!(leaf(Aaguid::STUNTKEY, None), leaf(Aaguid::STUNTKEY, Some(b"1")));
        assert_eq!(root.intermediate().issue(Aaguid::STUNTKEY, None).chain().len(), 2);
    }
}
