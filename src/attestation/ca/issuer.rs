//! A reader for the parts of an issuer's certificate that the certificates it issues repeat.

use der::asn1::{Any, OctetString};
use der::{Decode, Encode, Reader, SliceReader, Tag, TagNumber, Tagged};

use crate::draft::Oid;

/// The parts of an issuer's certificate that the certificates it issues repeat.
pub(super) struct Issuer {
    /// Its subject: a DER Name.
    pub(super) subject: Vec<u8>,
    /// Its DER SubjectPublicKeyInfo.
    pub(super) spki: Vec<u8>,
    /// Its subject key identifier, if it has one.
    pub(super) key_identifier: Option<Vec<u8>>,
}

/// Reads an issuer's certificate.
pub(super) fn read(certificate: &[u8]) -> der::Result<Issuer> {
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
                && oid.value() == Oid::SUBJECT_KEY_IDENTIFIER.as_bytes()
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
