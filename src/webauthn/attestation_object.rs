//! Attestation objects (WebAuthn L3 §6.5.4).

use std::fmt;

use crate::encoding::cbor::{self, CborError, Value, Writer};

/// An attestation object: authenticator data and a statement about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationObject {
    /// The attestation statement format identifier.
    pub fmt: String,
    /// The statement: one canonical CBOR item.
    pub att_stmt: Vec<u8>,
    /// The authenticator data.
    pub auth_data: Vec<u8>,
}

impl AttestationObject {
    /// The CBOR map, in canonical key order: `fmt`, `attStmt`, `authData`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Self::encode(&self.fmt, &self.att_stmt, &self.auth_data)
    }

    /// As [`to_bytes`](Self::to_bytes), from borrowed parts.
    #[must_use]
    pub fn encode(fmt: &str, att_stmt: &[u8], auth_data: &[u8]) -> Vec<u8> {
        let mut writer = Writer::with_capacity(40 + fmt.len() + att_stmt.len() + auth_data.len());
        writer.map(3);
        writer.text("fmt");
        writer.text(fmt);
        writer.text("attStmt");
        writer.encoded(att_stmt);
        writer.text("authData");
        writer.bytes(auth_data);
        writer.into_bytes()
    }

    /// Reads an attestation object in canonical form that fills `bytes`.
    ///
    /// # Errors
    /// [`AttestationObjectError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AttestationObjectError> {
        let value = cbor::read(bytes).map_err(AttestationObjectError::Cbor)?;
        let Some(entries) = value.as_map() else {
            return Err(AttestationObjectError::member("attestation object", value.kind(), "a map"));
        };
        if let Some((key, _)) =
            entries.iter().find(|(k, _)| !matches!(k.as_text(), Some("fmt" | "attStmt" | "authData")))
        {
            let found = key.as_text().map_or_else(|| key.kind().to_owned(), |name| format!("{name:?}"));
            return Err(AttestationObjectError::member("keys", found, "fmt, attStmt and authData only"));
        }
        let member = |name: &'static str, expected| {
            value.member(name).ok_or_else(|| AttestationObjectError::member(name, "nothing", expected))
        };
        let fmt = member("fmt", "a text string")?;
        let att_stmt = member("attStmt", "a map or an array")?;
        let auth_data = member("authData", "a byte string")?;
        // §8.9: the statement of `compound` is an array; every other one is a map.
        if !matches!(att_stmt, Value::Map(_) | Value::Array(_)) {
            return Err(AttestationObjectError::member("attStmt", att_stmt.kind(), "a map or an array"));
        }
        let mut writer = Writer::new();
        att_stmt.write(&mut writer);
        Ok(Self {
            fmt: fmt
                .as_text()
                .ok_or_else(|| AttestationObjectError::member("fmt", fmt.kind(), "a text string"))?
                .to_owned(),
            att_stmt: writer.into_bytes(),
            auth_data: auth_data
                .as_bytes()
                .ok_or_else(|| AttestationObjectError::member("authData", auth_data.kind(), "a byte string"))?
                .to_vec(),
        })
    }
}

/// Why bytes are no attestation object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttestationObjectError {
    /// The bytes are no canonical CBOR.
    Cbor(CborError),
    /// A member is missing or has a wrong type, or the map has a member that an attestation object lacks.
    Member {
        /// The member's name.
        name: &'static str,
        /// What was found in its place.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
}

impl AttestationObjectError {
    fn member(name: &'static str, found: impl Into<String>, expected: &'static str) -> Self {
        Self::Member { name, found: found.into(), expected }
    }
}

impl fmt::Display for AttestationObjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cbor(error) => write!(f, "attestation object: {error}"),
            Self::Member { name, found, expected } => {
                write!(f, "attestation object {name}: found {found}, expected {expected}")
            }
        }
    }
}

impl std::error::Error for AttestationObjectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Cbor(error) => Some(error),
            Self::Member { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> String {
        AttestationObject::parse(bytes).unwrap_err().to_string()
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let object = AttestationObject { fmt: "none".into(), att_stmt: vec![0xa0], auth_data: vec![1, 2, 3] };
        let bytes = object.to_bytes();
        assert_eq!(bytes, b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x43\x01\x02\x03");
        assert_eq!(AttestationObject::parse(&bytes), Ok(object));
    }

    #[test]
    fn names_the_member_that_is_wrong() {
        assert!(refused(b"\x80").contains("found an array, expected a map"));
        assert!(refused(b"\xa2\x63fmt\x64none\x67attStmt\xa0").contains("authData: found nothing"));
        assert!(
            refused(b"\xa3\x63fmt\x00\x67attStmt\xa0\x68authData\x40")
                .contains("fmt: found an unsigned integer")
        );
        assert!(
            refused(b"\xa3\x63fmt\x60\x67attStmt\x00\x68authData\x40").contains("attStmt: found an unsigned")
        );
        assert!(
            refused(b"\xa3\x63fmt\x60\x67attStmt\xa0\x68authData\x00")
                .contains("authData: found an unsigned")
        );
        assert!(refused(b"\xa1\x61x\x00").contains("keys: found \"x\""));
        assert!(
            refused(b"\xa3\x67attStmt\xa0\x63fmt\x60\x68authData\x40").contains("out of canonical order")
        );
    }
}
