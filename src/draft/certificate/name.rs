use super::Oid;
use crate::crypto::asn1::{OID, PRINTABLE_STRING, SEQUENCE, SET, UTF8_STRING, tlv};

/// A DER Name (RFC 5280 §4.1.2.4) with these attributes in their order, each in a set of its own. A country is a
/// PrintableString, as WebAuthn L3 §8.2.1 asks; every other attribute is a UTF8String. Without attributes it is the empty
/// Name.
#[must_use]
pub fn name(attributes: &[(Oid, &str)]) -> Vec<u8> {
    let sets: Vec<u8> = attributes.iter().flat_map(|one| tlv(SET, &[&attribute(one)])).collect();
    tlv(SEQUENCE, &[&sets])
}

/// A DER Name with all these attributes in one set, in the order that DER asks for (X.690 §11.6). The examples of the
/// TPM 2.0 EK Credential Profile name a TPM in this form.
#[must_use]
pub fn multi_valued_name(attributes: &[(Oid, &str)]) -> Vec<u8> {
    let mut set: Vec<Vec<u8>> = attributes.iter().map(attribute).collect();
    set.sort_unstable();
    tlv(SEQUENCE, &[&tlv(SET, &[&set.concat()])])
}

/// `AttributeTypeAndValue`.
fn attribute((oid, text): &(Oid, &str)) -> Vec<u8> {
    let tag = if *oid == Oid::COUNTRY { PRINTABLE_STRING } else { UTF8_STRING };
    tlv(SEQUENCE, &[&tlv(OID, &[oid.as_bytes()]), &tlv(tag, &[text.as_bytes()])])
}
