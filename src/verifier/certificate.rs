//! X.509 certificates (RFC 5280 §4.1), read for the verifier.

pub(super) mod name;

use std::ops::Range;
use std::sync::OnceLock;
use std::time::SystemTime;

use der::asn1::{AnyRef, BitStringRef, ContextSpecific, ObjectIdentifier, OctetStringRef};
use der::{Decode, ErrorKind, Reader, SliceReader, Tag, TagNumber, Tagged};
use x509_cert::certificate::{Rfc5280, Version};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::name::{Name, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use super::key::VerifyingKey;
use crate::webauthn::Aaguid;

/// id-fido-gen-ce-aaguid (WebAuthn L3 §8.2.1).
const FIDO_AAGUID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");

/// A certificate that could be read. Its names and extensions stay in its bytes.
pub(super) struct Certificate {
    pub(super) der: Vec<u8>,
    pub(super) version: Version,
    validity: Validity,
    subject: LazyName,
    issuer: LazyName,
    extensions: Vec<Extension>,
    signed: Signed,
    pub(super) key: VerifyingKey,
}

/// A name that can be read, and is when somebody looks into it.
struct LazyName {
    place: Range<usize>,
    read: OnceLock<Name>,
}

impl LazyName {
    fn at(place: Range<usize>) -> Self {
        Self { place, read: OnceLock::new() }
    }
}

pub(super) struct Extension {
    pub(super) oid: ObjectIdentifier,
    pub(super) critical: bool,
    value: Range<usize>,
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
        let (read, signed) = read(der)
            .map_err(|error| format!("{} bytes that are no DER certificate ({error})", der.len()))?;
        // "A certificate MUST NOT include more than one instance of a particular extension" (RFC 5280 §4.2).
        let extensions = &read.extensions;
        let repeated = extensions.iter().enumerate().find(|(position, extension)| {
            extensions.iter().take(*position).any(|before| before.oid == extension.oid)
        });
        if let Some((_, extension)) = repeated {
            return Err(format!("a certificate with the extension {} twice", extension.oid));
        }
        let key = VerifyingKey::from_info(&read.subject_public_key_info)
            .map_err(|refusal| format!("a certificate of {}", refusal.found))?;
        Ok(Self {
            der: der.to_vec(),
            version: read.version,
            validity: read.validity,
            subject: LazyName::at(read.subject),
            issuer: LazyName::at(read.issuer),
            extensions: read.extensions,
            signed,
            key,
        })
    }

    pub(super) fn subject(&self) -> &Name {
        self.name(&self.subject)
    }

    pub(super) fn issuer(&self) -> &Name {
        self.name(&self.issuer)
    }

    fn name<'c>(&self, name: &'c LazyName) -> &'c Name {
        name.read.get_or_init(|| Name::from_der(self.part(&name.place)).unwrap_or_default())
    }

    /// Whether `issuer` has the name that this certificate gives to its issuer.
    pub(super) fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.part(&self.issuer.place) == issuer.part(&issuer.subject.place)
            || name::same(self.issuer(), issuer.subject())
    }

    /// The first and the last second of its validity; `None` where the clock cannot count so far.
    pub(super) fn validity(&self) -> (Option<SystemTime>, Option<SystemTime>) {
        let at = |time: &Time| SystemTime::UNIX_EPOCH.checked_add(time.to_unix_duration());
        (at(&self.validity.not_before), at(&self.validity.not_after))
    }

    pub(super) fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// Whether an extension is critical, and its value.
    pub(super) fn extension(&self, oid: ObjectIdentifier) -> Option<(bool, &[u8])> {
        let extension = self.extensions.iter().find(|extension| extension.oid == oid)?;
        Some((extension.critical, self.part(&extension.value)))
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
        let Some((_, value)) = self.extension(T::OID) else { return Ok(None) };
        T::from_der(value).map(Some).map_err(|error| format!("{name} that cannot be read ({error})"))
    }

    /// The AAGUID extension: whether it is critical, and the AAGUID, an OCTET STRING inside the extension's own.
    pub(super) fn aaguid(&self) -> Option<(bool, Result<Aaguid, String>)> {
        let (critical, value) = self.extension(FIDO_AAGUID)?;
        let aaguid = match value {
            [0x04, 0x10, rest @ ..] => rest.try_into().map(Aaguid).map_err(|_| ()),
            _ => Err(()),
        };
        let aaguid = aaguid.map_err(|()| format!("the extension value {}", super::judge::hex(value)));
        Some((critical, aaguid))
    }
}

/// What is kept of a TBSCertificate.
struct ToBeSigned<'a> {
    version: Version,
    signature: AlgorithmIdentifierRef<'a>,
    issuer: Range<usize>,
    validity: Validity,
    subject: Range<usize>,
    subject_public_key_info: SubjectPublicKeyInfoRef<'a>,
    extensions: Vec<Extension>,
}

/// Reads a Certificate (RFC 5280 §4.1), and remembers where its parts stand.
fn read(der: &[u8]) -> der::Result<(ToBeSigned<'_>, Signed)> {
    let mut reader = SliceReader::new(der)?;
    let [tbs, algorithm, signature] =
        reader.sequence(|inner: &mut SliceReader<'_>| -> der::Result<[&[u8]; 3]> {
            Ok([inner.tlv_bytes()?, inner.tlv_bytes()?, inner.tlv_bytes()?])
        })?;
    reader.finish()?;
    let mut reader = SliceReader::new(tbs)?;
    let message = reader.sequence(|inner| to_be_signed(der, inner))?;
    reader.finish()?;
    let bits = BitStringRef::from_der(signature)?;
    // A signature is a whole number of bytes.
    let bytes = bits.as_bytes().ok_or_else(|| ErrorKind::Value { tag: Tag::BitString }.to_error())?;
    let signed = Signed {
        message: place(der, tbs),
        algorithm: place(der, AnyRef::from_der(algorithm)?.value()),
        same_inside: AlgorithmIdentifierRef::from_der(algorithm)? == message.signature,
        signature: place(der, bytes),
    };
    Ok((message, signed))
}

/// Reads the members of the TBSCertificate of a certificate.
fn to_be_signed<'a>(certificate: &[u8], reader: &mut SliceReader<'a>) -> der::Result<ToBeSigned<'a>> {
    let version = ContextSpecific::decode_explicit(reader, TagNumber(0))?.map(|version| version.value);
    SerialNumber::<Rfc5280>::decode(reader)?;
    let signature = reader.decode()?;
    let issuer = name(certificate, reader)?;
    let validity = reader.decode()?;
    let subject = name(certificate, reader)?;
    let subject_public_key_info = reader.decode()?;
    for unique_id in [TagNumber(1), TagNumber(2)] {
        ContextSpecific::<BitStringRef<'_>>::decode_implicit(reader, unique_id)?;
    }
    let extensions = ContextSpecific::<AnyRef<'_>>::decode_explicit(reader, TagNumber(3))?;
    let extensions = extensions.map(|extensions| extensions.value.sequence(|inner| all(certificate, inner)));
    Ok(ToBeSigned {
        version: version.unwrap_or_default(),
        signature,
        issuer,
        validity,
        subject,
        subject_public_key_info,
        extensions: extensions.transpose()?.unwrap_or_default(),
    })
}

/// Reads a Name, and returns its place in the certificate.
fn name<'a>(certificate: &[u8], reader: &mut SliceReader<'a>) -> der::Result<Range<usize>> {
    let name = reader.tlv_bytes()?;
    SliceReader::new(name)?.sequence(|sets: &mut SliceReader<'a>| -> der::Result<()> {
        while !sets.is_finished() {
            let mut rest = sets.clone();
            // Nothing is allocated for the usual set of one attribute.
            match one_attribute(&mut rest) {
                Ok(()) => *sets = rest,
                Err(_) => drop(RelativeDistinguishedName::decode(sets)?),
            }
        }
        Ok(())
    })?;
    Ok(place(certificate, name))
}

/// Reads a SET of one AttributeTypeAndValue.
fn one_attribute(reader: &mut SliceReader<'_>) -> der::Result<()> {
    let set = AnyRef::decode(reader)?;
    set.tag().assert_eq(Tag::Set)?;
    let mut reader = SliceReader::new(set.value())?;
    reader.sequence(|attribute: &mut SliceReader<'_>| -> der::Result<()> {
        <ObjectIdentifier>::decode(attribute)?;
        AnyRef::decode(attribute)?;
        Ok(())
    })?;
    reader.finish()
}

/// Reads Extensions.
fn all(certificate: &[u8], reader: &mut SliceReader<'_>) -> der::Result<Vec<Extension>> {
    let mut extensions = Vec::new();
    while !reader.is_finished() {
        extensions.push(reader.sequence(|inner: &mut SliceReader<'_>| -> der::Result<Extension> {
            Ok(Extension {
                oid: inner.decode()?,
                critical: Option::<bool>::decode(inner)?.unwrap_or_default(),
                value: place(certificate, <&OctetStringRef>::decode(inner)?.as_bytes()),
            })
        })?);
    }
    Ok(extensions)
}

/// Where a part of some bytes stands in them.
fn place(bytes: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().wrapping_sub(bytes.as_ptr().addr());
    start..start.wrapping_add(part.len())
}

#[cfg(test)]
mod tests {
    use der::{Decode, Document};
    use x509_cert::Certificate;

    fn x509_cert_reads(der: &[u8]) -> bool {
        Certificate::from_der(der).is_ok_and(|read| read.signature().as_bytes().is_some())
    }

    /// `x509_cert` reads the same certificates, with copies.
    #[test]
    fn what_is_a_certificate_is_that_for_x509_cert() {
        let pem = include_str!("../attestation/test_root.pem");
        let (certificate, _) = pem.split_at(pem.find("-----BEGIN PRIVATE").unwrap());
        let (_, document) = Document::from_pem(certificate).unwrap();
        let root = document.as_bytes();
        assert!(x509_cert_reads(root));
        for position in 0..root.len() {
            for bit in 0..8 {
                let mut changed = root.to_vec();
                changed[position] ^= 1 << bit;
                assert_eq!(super::read(&changed).is_ok(), x509_cert_reads(&changed), "{position}, {bit}");
            }
        }
    }
}
