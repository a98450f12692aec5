//! Writing X.509 v3 certificates (RFC 5280 §4.1) for ES256 keys, and reading what an issuer needs of one.

use der::asn1::{Any, BitString, ObjectIdentifier, OctetString, UtcTime};
use der::{DateTime, Decode, Encode, Reader, SliceReader, Tag, TagNumber, Tagged};

use crate::crypto::{KeyPair, PublicKey};

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const ORGANIZATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

pub(super) const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
pub(super) const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
pub(super) const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
pub(super) const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
/// id-fido-gen-ce-sernum (WebAuthn L3 §8.2.2).
pub(super) const FIDO_SERIAL_NUMBER: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.2");
/// id-fido-gen-ce-aaguid (WebAuthn L3 §8.2.1).
pub(super) const FIDO_AAGUID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");

/// What a certificate says, but for the signature.
pub(super) struct Certificate<'a> {
    /// 16 bytes; made positive.
    pub(super) serial: [u8; 16],
    /// DER Name.
    pub(super) issuer: &'a [u8],
    /// DER Name.
    pub(super) subject: &'a [u8],
    pub(super) public_key: &'a PublicKey,
    pub(super) extensions: Vec<Extension>,
}

/// A certificate extension: `value` is what goes inside the OCTET STRING.
pub(super) struct Extension {
    pub(super) oid: ObjectIdentifier,
    pub(super) critical: bool,
    pub(super) value: Vec<u8>,
}

impl Certificate<'_> {
    /// Signs with `issuer_key` by ecdsa-with-SHA256; valid 2025 to 2049. The same input gives the same bytes.
    pub(super) fn sign(&self, issuer_key: &KeyPair) -> Vec<u8> {
        let mut serial = self.serial;
        // Positive, and of full length whatever was drawn (RFC 5280 §4.1.2.2).
        serial[0] = serial[0] & 0x3f | 0x40;
        let algorithm = sequence(&[&encode(&ECDSA_WITH_SHA256)]);
        let utc = |year| {
            encode(
                &UtcTime::from_date_time(
                    DateTime::new(year, 1, 1, 0, 0, 0).expect("the first of January exists"),
                )
                .expect("UTCTime reaches 2049"),
            )
        };
        let extensions: Vec<Vec<u8>> = self.extensions.iter().map(Extension::to_der).collect();
        let extensions = sequence(&extensions.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let tbs = sequence(&[
            &tlv(context(0), &[&encode(&2u8)]),
            &tlv(Tag::Integer, &[&serial]),
            &algorithm,
            self.issuer,
            &sequence(&[&utc(2025), &utc(2049)]),
            self.subject,
            &self.public_key.to_spki_der(),
            &tlv(context(3), &[&extensions]),
        ]);
        let signature = issuer_key.sign(&[&tbs]);
        let signature = BitString::from_bytes(&signature).expect("a signature fits a BIT STRING");
        sequence(&[&tbs, &algorithm, &encode(&signature)])
    }
}

impl Extension {
    fn to_der(&self) -> Vec<u8> {
        let value =
            encode(&OctetString::new(self.value.as_slice()).expect("an extension fits an OCTET STRING"));
        let critical = if self.critical { encode(&true) } else { Vec::new() };
        sequence(&[&encode(&self.oid), &critical, &value])
    }
}

/// A Name of C (PrintableString), O, OU and CN (UTF8String), as WebAuthn L3 §8.2.1 asks of a leaf.
pub(super) fn name(country: &str, organization: &str, unit: &str, common_name: &str) -> Vec<u8> {
    let rdn = |oid: &ObjectIdentifier, tag, text: &str| {
        tlv(Tag::Set, &[&sequence(&[&encode(oid), &tlv(tag, &[text.as_bytes()])])])
    };
    sequence(&[
        &rdn(&COUNTRY, Tag::PrintableString, country),
        &rdn(&ORGANIZATION, Tag::Utf8String, organization),
        &rdn(&ORGANIZATIONAL_UNIT, Tag::Utf8String, unit),
        &rdn(&COMMON_NAME, Tag::Utf8String, common_name),
    ])
}

pub(super) fn octet_string(bytes: &[u8]) -> Vec<u8> {
    tlv(Tag::OctetString, &[bytes])
}

/// `BasicConstraints` (RFC 5280 §4.2.1.9).
pub(super) fn basic_constraints(ca: bool, path_length: Option<u8>) -> Extension {
    let flag = if ca { encode(&true) } else { Vec::new() };
    let length = path_length.map(|n| encode(&n)).unwrap_or_default();
    Extension { oid: BASIC_CONSTRAINTS, critical: true, value: sequence(&[&flag, &length]) }
}

/// `KeyUsage` (§4.2.1.3) as one byte of bits, of which the last `unused` are none.
pub(super) fn key_usage(bits: u8, unused: u8) -> Extension {
    Extension { oid: KEY_USAGE, critical: true, value: tlv(Tag::BitString, &[&[unused, bits]]) }
}

pub(super) fn subject_key_identifier(identifier: &[u8]) -> Extension {
    Extension { oid: SUBJECT_KEY_IDENTIFIER, critical: false, value: octet_string(identifier) }
}

/// `AuthorityKeyIdentifier` (§4.2.1.1) with the key identifier only.
pub(super) fn authority_key_identifier(identifier: &[u8]) -> Extension {
    let key_identifier = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };
    let value = sequence(&[&tlv(key_identifier, &[identifier])]);
    Extension { oid: AUTHORITY_KEY_IDENTIFIER, critical: false, value }
}

/// What an issuer's certificate contributes to those it issues.
pub(super) struct Issuer {
    /// Its subject: a DER Name.
    pub(super) subject: Vec<u8>,
    /// Its DER SubjectPublicKeyInfo.
    pub(super) spki: Vec<u8>,
    /// Its subject key identifier, if it has one.
    pub(super) key_identifier: Option<Vec<u8>>,
}

/// Reads an issuer's certificate.
pub(super) fn read_issuer(certificate: &[u8]) -> der::Result<Issuer> {
    let certificate = Any::from_der(certificate)?;
    certificate.tag().assert_eq(Tag::Sequence)?;
    let tbs = items(certificate.value())?
        .into_iter()
        .next()
        .ok_or(der::ErrorKind::Incomplete { expected_len: 1u8.into(), actual_len: 0u8.into() })?;
    let mut fields = items(tbs.value())?.into_iter().peekable();
    // version [0], serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
    fields.next_if(|field| field.tag() == context(0));
    let mut field = |tag: Tag| {
        let field = fields.next().ok_or_else(|| der::Error::from(tag.value_error()))?;
        field.tag().assert_eq(tag)?;
        Ok::<Any, der::Error>(field)
    };
    field(Tag::Integer)?;
    field(Tag::Sequence)?;
    field(Tag::Sequence)?;
    field(Tag::Sequence)?;
    let subject = field(Tag::Sequence)?;
    let spki = field(Tag::Sequence)?;
    let mut key_identifier = None;
    if let Some(extensions) = fields.find(|field| field.tag() == context(3)) {
        for extension in items(Any::from_der(extensions.value())?.value())? {
            let parts = items(extension.value())?;
            if let (Some(oid), Some(value)) = (parts.first(), parts.last())
                && oid.value() == SUBJECT_KEY_IDENTIFIER.as_bytes()
            {
                key_identifier = Some(OctetString::from_der(value.value())?.into_bytes().to_vec());
            }
        }
    }
    Ok(Issuer { subject: subject.to_der()?, spki: spki.to_der()?, key_identifier })
}

fn items(content: &[u8]) -> der::Result<Vec<Any>> {
    let mut reader = SliceReader::new(content)?;
    let mut items = Vec::new();
    while !reader.is_finished() {
        items.push(Any::decode(&mut reader)?);
    }
    Ok(items)
}

const fn context(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(Tag::Sequence, parts)
}

fn tlv(tag: Tag, parts: &[&[u8]]) -> Vec<u8> {
    encode(&Any::new(tag, parts.concat()).expect("a certificate's parts are far below 256 MiB"))
}

fn encode(value: &impl Encode) -> Vec<u8> {
    value.to_der().expect("a certificate's parts are far below 256 MiB")
}
