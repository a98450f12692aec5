use std::fmt;

use der::asn1::ObjectIdentifier;

/// An object identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Oid(ObjectIdentifier);

impl Oid {
    /// id-at-commonName (RFC 5280 §A.1).
    pub const COMMON_NAME: Oid = Oid::constant("2.5.4.3");
    /// id-at-countryName.
    pub const COUNTRY: Oid = Oid::constant("2.5.4.6");
    /// id-at-organizationName.
    pub const ORGANIZATION: Oid = Oid::constant("2.5.4.10");
    /// id-at-organizationalUnitName.
    pub const ORGANIZATIONAL_UNIT: Oid = Oid::constant("2.5.4.11");

    /// id-ce-subjectKeyIdentifier (§4.2.1.2).
    pub const SUBJECT_KEY_IDENTIFIER: Oid = Oid::constant("2.5.29.14");
    /// id-ce-keyUsage (§4.2.1.3).
    pub const KEY_USAGE: Oid = Oid::constant("2.5.29.15");
    /// id-ce-subjectAltName (§4.2.1.6).
    pub const SUBJECT_ALT_NAME: Oid = Oid::constant("2.5.29.17");
    /// id-ce-basicConstraints (§4.2.1.9).
    pub const BASIC_CONSTRAINTS: Oid = Oid::constant("2.5.29.19");
    /// id-ce-authorityKeyIdentifier (§4.2.1.1).
    pub const AUTHORITY_KEY_IDENTIFIER: Oid = Oid::constant("2.5.29.35");
    /// id-ce-extKeyUsage (§4.2.1.12).
    pub const EXTENDED_KEY_USAGE: Oid = Oid::constant("2.5.29.37");

    /// id-fido-gen-ce-sernum (WebAuthn L3 §8.2.2).
    pub const FIDO_SERIAL_NUMBER: Oid = Oid::constant("1.3.6.1.4.1.45724.1.1.2");
    /// id-fido-gen-ce-aaguid (§8.2.1).
    pub const FIDO_AAGUID: Oid = Oid::constant("1.3.6.1.4.1.45724.1.1.4");
    /// The key description of `android-key` (§8.4.1).
    pub const ANDROID_KEY_DESCRIPTION: Oid = Oid::constant("1.3.6.1.4.1.11129.2.1.17");
    /// The nonce of `apple` (§8.8).
    pub const APPLE_NONCE: Oid = Oid::constant("1.2.840.113635.100.8.2");

    /// tcg-at-tpmManufacturer (TPM 2.0 EK Credential Profile §3.2.9).
    pub const TPM_MANUFACTURER: Oid = Oid::constant("2.23.133.2.1");
    /// tcg-at-tpmModel.
    pub const TPM_MODEL: Oid = Oid::constant("2.23.133.2.2");
    /// tcg-at-tpmVersion.
    pub const TPM_VERSION: Oid = Oid::constant("2.23.133.2.3");
    /// tcg-kp-AIKCertificate (WebAuthn L3 §8.3.1).
    pub const TPM_AIK_CERTIFICATE: Oid = Oid::constant("2.23.133.8.3");

    /// Reads the dotted decimal form.
    #[must_use]
    pub fn new(dotted: &str) -> Option<Self> {
        ObjectIdentifier::new(dotted).ok().map(Self)
    }

    const fn constant(dotted: &str) -> Self {
        Self(ObjectIdentifier::new_unwrap(dotted))
    }

    /// The content of the DER OBJECT IDENTIFIER.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Dotted decimal.
impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}
