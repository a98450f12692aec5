//! Object identifiers by name: the IANA and RFC names by `const-oid`, others here.

use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::oid::db::DB;

const OURS: &[(&str, &str)] = &[
    ("1.2.840.113635.100.8.2", "Apple nonce"),
    ("1.3.6.1.4.1.11129.2.1.17", "Android key description"),
    ("1.3.6.1.4.1.11129.2.1.30", "Android provisioning information"),
    ("1.3.6.1.4.1.311.21.20", "Microsoft request client information"),
    ("1.3.6.1.4.1.41482.2", "Yubico device id"),
    ("1.3.6.1.4.1.41482.3.3", "Yubico firmware version"),
    ("1.3.6.1.4.1.45724.1.1.2", "FIDO device serial number"),
    ("1.3.6.1.4.1.45724.1.1.4", "FIDO AAGUID"),
    ("1.3.6.1.4.1.45724.2.1.1", "FIDO U2F transports"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("1.2.840.10045.3.1.7", "P-256"),
    ("1.3.132.0.34", "P-384"),
    ("1.3.132.0.35", "P-521"),
    ("1.3.132.0.10", "secp256k1"),
    ("2.23.133.2.1", "tpmManufacturer"),
    ("2.23.133.2.2", "tpmModel"),
    ("2.23.133.2.3", "tpmVersion"),
    ("2.23.133.2.16", "tpmSpecification"),
    ("2.23.133.8.1", "tcg-kp-EKCertificate"),
    ("2.23.133.8.3", "tcg-kp-AIKCertificate"),
];

/// Attribute types by the short names of RFC 4514, where const-oid has long ones.
const SHORT: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
];

/// The name of an object identifier, if it has one.
pub fn name(oid: &ObjectIdentifier) -> Option<&'static str> {
    find(OURS, oid).or_else(|| DB.by_oid(oid))
}

/// A name without the arc that it begins with: `basicConstraints` for `id-ce-basicConstraints`.
pub fn without_arc(name: &str) -> &str {
    ["id-ce-", "id-pe-"].iter().find_map(|arc| name.strip_prefix(arc)).unwrap_or(name)
}

/// An attribute type's name, or its number.
pub fn attribute(oid: &ObjectIdentifier) -> String {
    find(SHORT, oid).or_else(|| name(oid)).map_or_else(|| oid.to_string(), str::to_owned)
}

/// The number, and the name if there is one.
pub fn described(oid: &ObjectIdentifier) -> String {
    name(oid).map_or_else(|| oid.to_string(), |name| format!("{name} ({oid})"))
}

fn find(table: &[(&str, &'static str)], oid: &ObjectIdentifier) -> Option<&'static str> {
    let number = oid.to_string();
    table.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        let name_of = |number| name(&ObjectIdentifier::new_unwrap(number));
        assert_eq!(name_of("1.3.6.1.4.1.45724.1.1.4"), Some("FIDO AAGUID"));
        assert_eq!(name_of("1.2.840.10045.4.3.2"), Some("ecdsa-with-SHA256"));
        assert_eq!(name_of("1.2.3.4.5"), None);
        assert_eq!(attribute(&ObjectIdentifier::new_unwrap("2.5.4.3")), "CN");
    }

    #[test]
    fn every_number_in_the_tables_is_one() {
        assert!(OURS.iter().chain(SHORT).all(|(number, _)| ObjectIdentifier::new(number).is_ok()));
    }
}
