//! Verifying signatures.

use std::fmt;

use super::key::VerifyingKey;
use super::key_type::KeyType;
use super::primitive::{Scheme, fixed_length};
use crate::crypto::{Algorithm, Backend};

impl VerifyingKey {
    /// Verifies a signature as WebAuthn writes it (L3 §6.5.5): ECDSA in DER, others as their documents have them. The
    /// fastest backend computes.
    ///
    /// # Errors
    /// [`SignatureRefusal`]: what is wrong with it.
    pub fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureRefusal> {
        self.verify_with(Backend::fastest(), algorithm, &[message], signature)
    }

    /// The same by this backend, over the concatenation of `message`. RustCrypto stands in for a backend that is not
    /// available, or lacks the algorithm.
    ///
    /// # Errors
    /// [`SignatureRefusal`]: what is wrong with it.
    pub fn verify_with(
        &self,
        backend: Backend,
        algorithm: Algorithm,
        message: &[&[u8]],
        signature: &[u8],
    ) -> Result<(), SignatureRefusal> {
        let key_type = self.key_type();
        if key_type != KeyType::of(algorithm) {
            return refuse(format!("the algorithm {algorithm} for an {key_type} key"));
        }
        match algorithm {
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 | Algorithm::Es256k => {
                self.verify_ecdsa(backend, algorithm, message, signature)
            }
            _ if self.holds(backend, Scheme::Of(algorithm), message, signature) => Ok(()),
            _ => refuse(format!("{} bytes that the {key_type} key did not sign", signature.len())),
        }
    }

    /// Verifies the signature of a certificate, where any hash goes with any curve.
    pub(super) fn verify_certificate(
        &self,
        backend: Backend,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureRefusal> {
        match algorithm {
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => {
                self.verify_ecdsa(backend, algorithm, &[message], signature)
            }
            _ => self.verify_with(backend, algorithm, &[message], signature),
        }
    }

    /// Verifies a signature as JOSE writes it (RFC 7518 §3.4): ECDSA as `r ‖ s`.
    pub(super) fn verify_raw(
        &self,
        backend: Backend,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureRefusal> {
        if (algorithm, self.key_type()) != (Algorithm::Es256, KeyType::P256) {
            return self.verify_with(backend, algorithm, &[message], signature);
        }
        match self.holds(backend, Scheme::Ecdsa(algorithm), &[message], signature) {
            true => Ok(()),
            false => refuse("an r and s that the P-256 key did not sign".into()),
        }
    }

    /// Verifies a DER `Ecdsa-Sig-Value`, with the hash of an ECDSA algorithm.
    fn verify_ecdsa(
        &self,
        backend: Backend,
        hash: Algorithm,
        message: &[&[u8]],
        signature: &[u8],
    ) -> Result<(), SignatureRefusal> {
        let key_type = self.key_type();
        let holds = fixed_length(key_type, signature, |signature| {
            self.holds(backend, Scheme::Ecdsa(hash), message, signature)
        });
        match holds {
            Some(true) => Ok(()),
            Some(false) => refuse(format!("r and s that the {key_type} key did not sign")),
            None => refuse(format!("{} bytes that are no Ecdsa-Sig-Value in DER", signature.len())),
        }
    }

    fn holds(&self, backend: Backend, scheme: Scheme, message: &[&[u8]], signature: &[u8]) -> bool {
        self.primitive().verify(backend, scheme, (self.key_type(), self.value()), message, signature)
    }
}

fn refuse(found: String) -> Result<(), SignatureRefusal> {
    Err(SignatureRefusal { found })
}

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRefusal {
    /// What was found.
    pub found: String,
}

impl fmt::Display for SignatureRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}, expected a signature of the key over the message", self.found)
    }
}

impl std::error::Error for SignatureRefusal {}
