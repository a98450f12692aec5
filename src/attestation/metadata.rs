//! Signing metadata BLOBs (FIDO Metadata Service v3.0 §3.1.7).

use super::ca::CertificateAuthority;
use super::jws;
use super::profile::{Intermediate, Profile, subject};
use crate::crypto::{Algorithm, KeyError};
use crate::draft::Edits;
use crate::encoding::json::Json;

impl CertificateAuthority {
    /// The metadata BLOB of a payload: a JSON Web Token that is signed by RS256 or ES256. This authority issues the
    /// certificate of the key that signs. The same payload gives the same BLOB.
    ///
    /// FIDO's own BLOB is signed by RS256, and some consumers do not know how JOSE writes an ES256 signature (RFC 7518
    /// §3.4).
    ///
    /// # Errors
    /// [`KeyError::OtherAlgorithm`] for another algorithm than these two; [`KeyError::NotInBuild`] for RS256 in a build
    /// without the feature `rsa`.
    pub fn sign_metadata(&self, payload: &Json<'_>, algorithm: Algorithm) -> Result<String, KeyError> {
        if !matches!(algorithm, Algorithm::Es256 | Algorithm::Rs256) {
            return Err(KeyError::OtherAlgorithm { found: algorithm, expected: Algorithm::Rs256 });
        }
        if !algorithm.is_available() {
            return Err(KeyError::NotInBuild(algorithm));
        }
        let profile = Profile {
            purpose: b"metadata BLOB leaf",
            subject: subject("Metadata BLOB Signing", "stuntkey test metadata"),
            extensions: Vec::new(),
            intermediate: Intermediate::IfAsked,
            sends_root: false,
        };
        let (key, serial_number) = self.attestation_key(algorithm, &[profile.purpose]);
        let chain = self.certify(&profile, serial_number, key.public_key(), &Edits::default());
        let mut header = jws::header(key.algorithm(), &chain);
        if let Json::Object(members) = &mut header {
            members.insert(1, ("typ".into(), "JWT".into()));
        }
        let signed = jws::signing_input(&header, payload);
        let signature = jws::signature_value(key.algorithm(), key.sign(&[signed.as_bytes()]));
        Ok(jws::compact(&signed, &signature))
    }
}
