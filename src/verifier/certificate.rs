//! X.509 certificates (RFC 5280 §4.1), read for the verifier.

use std::ops::Range;
use std::time::SystemTime;

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::referenced::OwnedToRef;
use der::{Decode, ErrorKind, Reader, SliceReader, Tag};
use x509_cert::certificate::{TbsCertificate, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::name::Name;
use x509_cert::spki::AlgorithmIdentifierRef;

use super::key::VerifyingKey;
use crate::webauthn::Aaguid;

/// id-fido-gen-ce-aaguid (WebAuthn L3 §8.2.1).
const FIDO_AAGUID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");

/// A certificate that could be read.
pub(super) struct Certificate {
    pub(super) der: Vec<u8>,
    tbs: TbsCertificate,
    signed: Signed,
    pub(super) key: VerifyingKey,
}

/// The parts of a certificate that its signature is about.
struct Signed {
    /// TBSCertificate.
    message: Range<usize>,
    /// The content of the AlgorithmIdentifier beside the signature.
    algorithm: Range<usize>,
    /// Whether the AlgorithmIdentifier inside is the same.
    same_inside: bool,
    /// The bytes of the signature.
    signature: Range<usize>,
}

impl Certificate {
    /// Reads a DER certificate and its key; the error says what was found.
    pub(super) fn parse(der: &[u8]) -> Result<Self, String> {
        let (tbs, signed) = read(der)
            .map_err(|error| format!("{} bytes that are no DER certificate ({error})", der.len()))?;
        let extensions = tbs.extensions().map(Vec::as_slice).unwrap_or_default();
        // "A certificate MUST NOT include more than one instance of a particular extension" (RFC 5280 §4.2).
        let repeated = extensions.iter().enumerate().find(|(position, extension)| {
            extensions.iter().take(*position).any(|before| before.extn_id == extension.extn_id)
        });
        if let Some((_, extension)) = repeated {
            return Err(format!("a certificate with the extension {} twice", extension.extn_id));
        }
        let key = VerifyingKey::from_info(&tbs.subject_public_key_info().owned_to_ref())
            .map_err(|refusal| format!("a certificate of {}", refusal.found))?;
        Ok(Self { der: der.to_vec(), tbs, signed, key })
    }

    pub(super) fn version(&self) -> Version {
        self.tbs.version()
    }

    pub(super) fn subject(&self) -> &Name {
        self.tbs.subject()
    }

    pub(super) fn issuer(&self) -> &Name {
        self.tbs.issuer()
    }

    /// The first and the last second of its validity; `None` where the clock cannot count so far.
    pub(super) fn validity(&self) -> (Option<SystemTime>, Option<SystemTime>) {
        let validity = self.tbs.validity();
        let at = |time: &x509_cert::time::Time| SystemTime::UNIX_EPOCH.checked_add(time.to_unix_duration());
        (at(&validity.not_before), at(&validity.not_after))
    }

    pub(super) fn extensions(&self) -> &[Extension] {
        self.tbs.extensions().map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn extension(&self, oid: ObjectIdentifier) -> Option<&Extension> {
        self.extensions().iter().find(|extension| extension.extn_id == oid)
    }

    /// The TBSCertificate, byte for byte.
    pub(super) fn signed_message(&self) -> &[u8] {
        self.part(&self.signed.message)
    }

    /// The signature over it.
    pub(super) fn signature(&self) -> &[u8] {
        self.part(&self.signed.signature)
    }

    /// The content of the AlgorithmIdentifier beside the signature; `None` if the one inside is another.
    pub(super) fn signature_algorithm(&self) -> Option<&[u8]> {
        self.signed.same_inside.then(|| self.part(&self.signed.algorithm))
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.der.get(range.clone()).unwrap_or_default()
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

/// Reads a Certificate (RFC 5280 §4.1), and remembers where its parts stand.
fn read(der: &[u8]) -> der::Result<(TbsCertificate, Signed)> {
    let mut reader = SliceReader::new(der)?;
    let [tbs, algorithm, signature] =
        reader.sequence(|inner: &mut SliceReader<'_>| -> der::Result<[&[u8]; 3]> {
            Ok([inner.tlv_bytes()?, inner.tlv_bytes()?, inner.tlv_bytes()?])
        })?;
    reader.finish()?;
    let message = TbsCertificate::from_der(tbs)?;
    let same_inside = AlgorithmIdentifierRef::from_der(algorithm)? == message.signature().owned_to_ref();
    let bits = BitStringRef::from_der(signature)?;
    // A signature is a whole number of bytes.
    let bytes = bits.as_bytes().ok_or_else(|| ErrorKind::Value { tag: Tag::BitString }.to_error())?;
    // The three stand one after the other, and each content at the end of its part.
    let signature_end = der.len();
    let algorithm_end = signature_end - signature.len();
    let message_end = algorithm_end - algorithm.len();
    let signed = Signed {
        message: message_end - tbs.len()..message_end,
        algorithm: algorithm_end - AnyRef::from_der(algorithm)?.value().len()..algorithm_end,
        same_inside,
        signature: signature_end - bytes.len()..signature_end,
    };
    Ok((message, signed))
}
