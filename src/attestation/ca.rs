//! The certificate authority that issues attestation certificates.

mod error;
mod issuer;

use std::fmt;

use der::pem::{self, LineEnding};
use rand_core::Rng;

pub use error::AuthorityError;

use super::profile::{Profile, subject};
use crate::crypto::{Algorithm, Backend, KeyPair, PublicKey, derived_rng, sha256};
use crate::draft::certificate::year;
use crate::draft::{CertificateDraft, Edits, Extension};

/// A certificate authority for attestation certificates.
#[derive(Clone)]
pub struct CertificateAuthority {
    key: KeyPair,
    certificate: Vec<u8>,
    subject: Vec<u8>,
    key_identifier: Vec<u8>,
    /// The certificates that follow a leaf in `x5c`: this authority's own and those above it, but not the trust anchor.
    sent: Vec<Vec<u8>>,
}

impl CertificateAuthority {
    /// The fixed root that ships with stuntkey, with its private key. A server under test trusts it once and for good.
    /// It is for tests only, because everybody has its private key.
    #[must_use]
    pub fn test_root() -> Self {
        Self::from_pem(include_str!("test_root.pem")).expect("the root that ships is tested to load")
    }

    /// A root that follows from `seed`: each seed has another.
    #[must_use]
    pub fn seeded(seed: &str) -> Self {
        Self::named("stuntkey test root", seed)
    }

    /// The same, with this common name.
    #[must_use]
    pub fn named(name: &str, seed: &str) -> Self {
        let mut random = derived_rng(seed.as_bytes(), &[b"attestation root"]);
        let key = KeyPair::generate_es256(&mut random);
        let draft = Self::draft(name, serial_number(&mut random), &key, None);
        Self { certificate: draft.sign(&key), subject: draft.subject, ..Self::of(key) }
    }

    /// An authority of the caller's. The PEM text has a `CERTIFICATE` and its private key (`PRIVATE KEY`,
    /// `EC PRIVATE KEY` or `RSA PRIVATE KEY`), in any order. The key is for any algorithm of this build; an RSA key signs
    /// by RS256. The certificate counts as the trust anchor, so `x5c` does not have it.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn from_pem(text: &str) -> Result<Self, AuthorityError> {
        let key = ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"]
            .iter()
            .find_map(|label| pem_block(text, label));
        let key = KeyPair::from_pem(key.ok_or(AuthorityError::NoPrivateKey)?).map_err(AuthorityError::Key)?;
        let certificate = pem_block(text, "CERTIFICATE").ok_or(AuthorityError::NoCertificate)?;
        let (_, certificate) = pem::decode_vec(certificate.as_bytes())
            .map_err(|e| AuthorityError::Certificate(e.to_string()))?;
        let issuer = issuer::read(&certificate).map_err(|e| AuthorityError::Certificate(e.to_string()))?;
        if issuer.spki != key.public_key().to_spki_der() {
            return Err(AuthorityError::KeyOfAnother);
        }
        let key_identifier = issuer.key_identifier.unwrap_or_else(|| key_identifier(&issuer.spki));
        Ok(Self { key, certificate, subject: issuer.subject, key_identifier, sent: Vec::new() })
    }

    /// An intermediate authority below this one. It is the same each time, and `x5c` has its certificate.
    #[must_use]
    pub fn intermediate(&self) -> Self {
        self.intermediate_with(&Edits::default())
    }

    pub(super) fn intermediate_with(&self, edits: &Edits) -> Self {
        let mut random = derived_rng(&self.key.to_pkcs8_der(), &[b"attestation intermediate"]);
        let key = KeyPair::generate_es256(&mut random);
        let serial = serial_number(&mut random);
        let name = match self.sent.len() {
            0 => "stuntkey test intermediate".to_owned(),
            above => format!("stuntkey test intermediate {}", above + 1),
        };
        let mut draft = Self::draft(&name, serial, &key, Some(self));
        edits.intermediate(&mut draft);
        let certificate = draft.sign(&self.key);
        let sent = std::iter::once(&certificate).chain(&self.sent).cloned().collect();
        Self { certificate, subject: draft.subject, sent, ..Self::of(key) }
    }

    /// The certificate of an authority: a root, or one below `issuer`.
    fn draft(
        common_name: &str,
        serial_number: Vec<u8>,
        key: &KeyPair,
        issuer: Option<&Self>,
    ) -> CertificateDraft {
        let subject = subject("Authenticator Attestation CA", common_name);
        let mut extensions = vec![
            Extension::basic_constraints(true, issuer.map(|_| 0)),
            Extension::key_usage(0x06, 1),
            Extension::subject_key_identifier(&key_identifier(&key.public_key().to_spki_der())),
        ];
        extensions.extend(issuer.map(|issuer| Extension::authority_key_identifier(&issuer.key_identifier)));
        CertificateDraft {
            version: 3,
            serial_number,
            issuer: issuer.map_or_else(|| subject.clone(), |issuer| issuer.subject.clone()),
            not_before: year(2025),
            not_after: year(2049),
            subject,
            subject_public_key_info: key.public_key().to_spki_der(),
            extensions,
        }
    }

    /// An authority without a certificate and a name, which the caller fills in.
    fn of(key: KeyPair) -> Self {
        let key_identifier = key_identifier(&key.public_key().to_spki_der());
        Self { key, certificate: Vec::new(), subject: Vec::new(), key_identifier, sent: Vec::new() }
    }

    /// An attestation key that follows from this authority's key and `context`, and the serial number of its
    /// certificate. An RSA key is one of those that ship. This build must have the algorithm.
    pub(super) fn attestation_key(&self, algorithm: Algorithm, context: &[&[u8]]) -> (KeyPair, Vec<u8>) {
        let name = algorithm.name().as_bytes();
        let context = match algorithm {
            Algorithm::Es256 => context.to_vec(),
            _ => [context, &[name]].concat(),
        };
        let mut random = derived_rng(&self.key.to_pkcs8_der(), &context);
        let key = match algorithm.is_rsa() {
            true => KeyPair::from_rsa_pool(algorithm, &mut random),
            false => KeyPair::generate(algorithm, &mut random),
        }
        .expect("an authenticator without the algorithm refuses before it attests");
        (key, serial_number(&mut random))
    }

    /// The serial number of a certificate for a key that this authority did not make.
    pub(super) fn serial_number(&self, context: &[&[u8]]) -> Vec<u8> {
        let context = [&[&b"serial number"[..]], context].concat();
        serial_number(&mut derived_rng(&self.key.to_pkcs8_der(), &context))
    }

    /// The chain for a key: the leaf by its profile, then the certificates up to the trust anchor.
    pub(super) fn certify(
        &self,
        profile: &Profile,
        serial_number: Vec<u8>,
        key: &PublicKey,
        edits: &Edits,
    ) -> Vec<Vec<u8>> {
        let spki = key.to_spki_der();
        let mut extensions = vec![
            Extension::basic_constraints(false, None),
            Extension::key_usage(0x80, 7),
            Extension::subject_key_identifier(&key_identifier(&spki)),
            Extension::authority_key_identifier(&self.key_identifier),
        ];
        extensions.extend_from_slice(&profile.extensions);
        let mut leaf = CertificateDraft {
            version: 3,
            serial_number,
            issuer: self.subject.clone(),
            not_before: year(2025),
            not_after: year(2049),
            subject: profile.subject.clone(),
            subject_public_key_info: spki,
            extensions,
        };
        edits.leaf(&mut leaf);
        let mut chain = vec![leaf.sign(&self.key)];
        chain.extend_from_slice(&self.sent);
        chain
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
    /// An identity of the caller's: the leaf's private key, and the DER certificates for `x5c`, the leaf first.
    #[must_use]
    pub fn new(key: KeyPair, chain: Vec<Vec<u8>>) -> Self {
        Self { key, chain }
    }

    pub(crate) fn key(&self) -> &KeyPair {
        &self.key
    }

    /// The same identity, which `backend` signs with.
    pub(crate) fn with_backend(self, backend: Backend) -> Self {
        Self { key: self.key.with_backend(backend), ..self }
    }

    /// The DER certificates for `x5c`, leaf first.
    #[must_use]
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
}

/// 16 random bytes, of which the first is from 0x40 to 0x7f: so the number is positive and never shorter (RFC 5280
/// §4.1.2.2).
fn serial_number(random: &mut impl Rng) -> Vec<u8> {
    let mut serial = [0; 16];
    random.fill_bytes(&mut serial);
    serial[0] = serial[0] & 0x3f | 0x40;
    serial.to_vec()
}

/// The leftmost 160 bits of SHA-256 over the SubjectPublicKeyInfo. RFC 5280 §4.2.1.2 takes any value that is unique to
/// the key.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webauthn::Aaguid;

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
