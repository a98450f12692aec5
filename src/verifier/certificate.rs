//! X.509 certificates (RFC 5280 §4.1), read for the verifier.

use std::time::SystemTime;

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use stuntkey_inspect::der as located;
use x509_cert::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::name::Name;

use super::key::VerifyingKey;
use crate::webauthn::Aaguid;

/// id-fido-gen-ce-aaguid (WebAuthn L3 §8.2.1).
const FIDO_AAGUID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");

/// A certificate that could be read.
pub(super) struct Certificate {
    pub(super) der: Vec<u8>,
    inner: x509_cert::Certificate,
    pub(super) key: VerifyingKey,
}

/// The parts of a certificate that its signature is about.
pub(super) struct Signed<'a> {
    /// TBSCertificate.
    pub(super) message: &'a [u8],
    /// The content of the AlgorithmIdentifier inside.
    pub(super) inner_algorithm: &'a [u8],
    /// The content of the AlgorithmIdentifier beside the signature.
    pub(super) algorithm: &'a [u8],
    /// The bytes of the signature.
    pub(super) signature: &'a [u8],
}

impl Certificate {
    /// Reads a DER certificate and its key; the error says what was found.
    pub(super) fn parse(der: &[u8]) -> Result<Self, String> {
        let inner = x509_cert::Certificate::from_der(der)
            .map_err(|error| format!("{} bytes that are no DER certificate ({error})", der.len()))?;
        let extensions = inner.tbs_certificate().extensions().map(Vec::as_slice).unwrap_or_default();
        // "A certificate MUST NOT include more than one instance of a particular extension" (RFC 5280 §4.2).
        let repeated = extensions.iter().enumerate().find(|(position, extension)| {
            extensions.iter().take(*position).any(|before| before.extn_id == extension.extn_id)
        });
        if let Some((_, extension)) = repeated {
            return Err(format!("a certificate with the extension {} twice", extension.extn_id));
        }
        let spki =
            inner.tbs_certificate().subject_public_key_info().to_der().map_err(|error| error.to_string())?;
        let key = VerifyingKey::from_spki(&spki)
            .map_err(|refusal| format!("a certificate of {}", refusal.found))?;
        Ok(Self { der: der.to_vec(), inner, key })
    }

    pub(super) fn version(&self) -> Version {
        self.inner.tbs_certificate().version()
    }

    pub(super) fn subject(&self) -> &Name {
        self.inner.tbs_certificate().subject()
    }

    pub(super) fn issuer(&self) -> &Name {
        self.inner.tbs_certificate().issuer()
    }

    /// The first and the last second of its validity; `None` where the clock cannot count so far.
    pub(super) fn validity(&self) -> (Option<SystemTime>, Option<SystemTime>) {
        let validity = self.inner.tbs_certificate().validity();
        let at = |time: &x509_cert::time::Time| SystemTime::UNIX_EPOCH.checked_add(time.to_unix_duration());
        (at(&validity.not_before), at(&validity.not_after))
    }

    pub(super) fn extensions(&self) -> &[Extension] {
        self.inner.tbs_certificate().extensions().map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn extension(&self, oid: ObjectIdentifier) -> Option<&Extension> {
        self.extensions().iter().find(|extension| extension.extn_id == oid)
    }

    /// The parts that the signature is about, byte for byte.
    pub(super) fn signed(&self) -> Option<Signed<'_>> {
        let whole = located::read(&self.der, 0..self.der.len()).ok()?;
        let [tbs, algorithm, signature] = whole.children.as_slice() else { return None };
        let inner = tbs.children.iter().filter(|field| !field.is_context(0)).nth(1)?;
        Some(Signed {
            message: self.der.get(tbs.range.clone())?,
            inner_algorithm: inner.value(&self.der),
            algorithm: algorithm.value(&self.der),
            // Behind the number of unused bits, of which a signature has none.
            signature: signature.value(&self.der).strip_prefix(&[0])?,
        })
    }

    /// The basic constraints, if they are there; the error says why they cannot be read.
    pub(super) fn basic_constraints(&self) -> Result<Option<BasicConstraints>, String> {
        self.decoded("basic constraints")
    }

    /// The key usage, if it is there; the error says why it cannot be read.
    pub(super) fn key_usage(&self) -> Result<Option<KeyUsage>, String> {
        self.decoded("key usage")
    }

    /// An extension, decoded.
    pub(super) fn decoded<T>(&self, name: &str) -> Result<Option<T>, String>
    where
        T: for<'a> Decode<'a> + der::oid::AssociatedOid,
        for<'a> <T as Decode<'a>>::Error: std::fmt::Display,
    {
        let Some(extension) = self.extension(T::OID) else { return Ok(None) };
        let value = T::from_der(extension.extn_value.as_bytes());
        value.map(Some).map_err(|error| format!("{name} that cannot be read ({error})"))
    }

    /// The AAGUID extension: whether it is critical, and the AAGUID, an OCTET STRING inside the extension's own.
    pub(super) fn aaguid(&self) -> Option<(bool, Result<Aaguid, String>)> {
        let extension = self.extension(FIDO_AAGUID)?;
        let value = extension.extn_value.as_bytes();
        let aaguid = match value {
            [0x04, 0x10, rest @ ..] => rest.try_into().map(Aaguid).map_err(|_| ()),
            _ => Err(()),
        };
        let aaguid = aaguid.map_err(|()| format!("the extension value {}", super::judge::hex(value)));
        Some((extension.critical, aaguid))
    }
}
