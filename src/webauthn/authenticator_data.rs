//! Authenticator data (WebAuthn L3 §6.1).

use std::fmt;

use super::Aaguid;
use crate::crypto::PublicKey;
use crate::encoding::cbor::{self, CborError, Value, Writer};
use crate::encoding::cose::{self, CoseKeyError};

/// The flags byte (§6.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// User present.
    pub const UP: Flags = Flags(0x01);
    /// User verified.
    pub const UV: Flags = Flags(0x04);
    /// Backup eligible.
    pub const BE: Flags = Flags(0x08);
    /// Backup state.
    pub const BS: Flags = Flags(0x10);
    /// Attested credential data included.
    pub const AT: Flags = Flags(0x40);
    /// Extension data included.
    pub const ED: Flags = Flags(0x80);

    /// The flags by their names in the standard.
    pub const NAMED: [(&'static str, Flags); 6] = [
        ("UP", Flags::UP),
        ("UV", Flags::UV),
        ("BE", Flags::BE),
        ("BS", Flags::BS),
        ("AT", Flags::AT),
        ("ED", Flags::ED),
    ];

    /// Whether all of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Flags) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These flags with `flags` set (`on`) or cleared.
    #[must_use]
    pub const fn with(self, flags: Flags, on: bool) -> Self {
        Self(if on { self.0 | flags.0 } else { self.0 & !flags.0 })
    }
}

impl std::ops::BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

/// The byte, and the names of the flags that are set: `0x45 UP UV AT`.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x}", self.0)?;
        let set = Self::NAMED.iter().filter(|(_, flag)| self.contains(*flag));
        set.into_iter().try_for_each(|(name, _)| write!(f, " {name}"))
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flags({self})")
    }
}

/// Attested credential data (§6.5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestedCredentialData {
    /// The authenticator's model.
    pub aaguid: Aaguid,
    /// The credential id: at most 65,535 bytes on the wire, at most 1,023 by the standard.
    pub credential_id: Vec<u8>,
    /// The credential public key.
    pub public_key: PublicKey,
}

/// Authenticator data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatorData {
    /// SHA-256 of the RP ID.
    pub rp_id_hash: [u8; 32],
    /// The flags byte as it stands on the wire.
    pub flags: Flags,
    /// The signature counter.
    pub sign_count: u32,
    /// The new credential, at registration.
    pub attested_credential_data: Option<AttestedCredentialData>,
    /// Authenticator extension outputs: one canonical CBOR map.
    pub extensions: Option<Vec<u8>>,
}

impl AuthenticatorData {
    /// The bytes. `flags` are written unchanged: the caller makes sure that AT and ED match what follows.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.write(cose::write_public_key)
    }

    /// The bytes, with `credential_public_key` in the place of the credential's public key.
    #[must_use]
    pub fn to_bytes_with_key(&self, credential_public_key: &[u8]) -> Vec<u8> {
        self.write(|writer, _| writer.encoded(credential_public_key))
    }

    fn write(&self, write_key: impl FnOnce(&mut Writer, &PublicKey)) -> Vec<u8> {
        let attested = self.attested_credential_data.as_ref();
        let extensions = self.extensions.as_deref().unwrap_or_default();
        let attested_length = attested.map_or(0, |a| 16 + 2 + a.credential_id.len() + 77);
        let mut bytes = Vec::with_capacity(37 + attested_length + extensions.len());
        bytes.extend_from_slice(&self.rp_id_hash);
        bytes.push(self.flags.0);
        bytes.extend_from_slice(&self.sign_count.to_be_bytes());
        if let Some(attested) = attested {
            bytes.extend_from_slice(&attested.aaguid.0);
            let id = attested.credential_id.get(..0xffff).unwrap_or(&attested.credential_id);
            let length = u16::try_from(id.len()).expect("cut to what two bytes can say just above");
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(id);
            let mut writer = Writer::append_to(bytes);
            write_key(&mut writer, &attested.public_key);
            bytes = writer.into_bytes();
        }
        bytes.extend_from_slice(extensions);
        bytes
    }

    /// Reads authenticator data that fills `bytes`.
    ///
    /// # Errors
    /// [`AuthenticatorDataError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AuthenticatorDataError> {
        let mut rest = bytes;
        let rp_id_hash = *take::<32>(&mut rest, "rpIdHash")?;
        let [flags] = *take::<1>(&mut rest, "flags")?;
        let flags = Flags(flags);
        let sign_count = u32::from_be_bytes(*take::<4>(&mut rest, "signCount")?);
        let mut attested_credential_data = None;
        if flags.contains(Flags::AT) {
            let aaguid = Aaguid(*take::<16>(&mut rest, "aaguid")?);
            let length = u16::from_be_bytes(*take::<2>(&mut rest, "credentialIdLength")?);
            let credential_id =
                rest.split_off(..usize::from(length)).ok_or(AuthenticatorDataError::Truncated {
                    field: "credentialId",
                    needed: usize::from(length),
                    found: rest.len(),
                })?;
            let (key, after) = cbor::read_prefix(rest).map_err(AuthenticatorDataError::PublicKeyCbor)?;
            let public_key = cose::read_public_key(&key).map_err(AuthenticatorDataError::PublicKey)?;
            rest = after;
            attested_credential_data =
                Some(AttestedCredentialData { aaguid, credential_id: credential_id.to_vec(), public_key });
        }
        let mut extensions = None;
        if flags.contains(Flags::ED) {
            let (value, after) = cbor::read_prefix(rest).map_err(AuthenticatorDataError::ExtensionsCbor)?;
            if !matches!(value, Value::Map(_)) {
                return Err(AuthenticatorDataError::ExtensionsNotAMap(value.kind()));
            }
            let length = rest.len() - after.len();
            extensions = rest.get(..length).map(<[u8]>::to_vec);
            rest = after;
        }
        if !rest.is_empty() {
            return Err(AuthenticatorDataError::TrailingBytes(rest.len()));
        }
        Ok(Self { rp_id_hash, flags, sign_count, attested_credential_data, extensions })
    }
}

fn take<'a, const N: usize>(
    rest: &mut &'a [u8],
    field: &'static str,
) -> Result<&'a [u8; N], AuthenticatorDataError> {
    let truncated = AuthenticatorDataError::Truncated { field, needed: N, found: rest.len() };
    let (head, tail) = rest.split_first_chunk().ok_or(truncated)?;
    *rest = tail;
    Ok(head)
}

/// Why bytes are no authenticator data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthenticatorDataError {
    /// The bytes end within a field.
    Truncated {
        /// The field's name in §6.1.
        field: &'static str,
        /// The field's length in bytes.
        needed: usize,
        /// How many bytes are left.
        found: usize,
    },
    /// The credential public key is no canonical CBOR.
    PublicKeyCbor(CborError),
    /// The credential public key is no COSE_Key of a known type.
    PublicKey(CoseKeyError),
    /// The extension data is no canonical CBOR.
    ExtensionsCbor(CborError),
    /// The extension data is another kind of item than a map: its kind.
    ExtensionsNotAMap(&'static str),
    /// This many bytes follow the last field that the flags announce.
    TrailingBytes(usize),
}

impl fmt::Display for AuthenticatorDataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("authenticator data ")?;
        match self {
            Self::Truncated { field, needed, found } => {
                write!(f, "{field}: found {found} bytes, expected {needed}")
            }
            Self::PublicKeyCbor(error) => write!(f, "credentialPublicKey: {error}"),
            Self::PublicKey(error) => write!(f, "credentialPublicKey: {error}"),
            Self::ExtensionsCbor(error) => write!(f, "extensions: {error}"),
            Self::ExtensionsNotAMap(kind) => write!(f, "extensions: found {kind}, expected a map"),
            Self::TrailingBytes(count) => write!(f, "end: found {count} more bytes, expected none"),
        }
    }
}

impl std::error::Error for AuthenticatorDataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::PublicKeyCbor(error) | Self::ExtensionsCbor(error) => Some(error),
            Self::PublicKey(error) => Some(error),
            Self::Truncated { .. } | Self::ExtensionsNotAMap(_) | Self::TrailingBytes(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> AuthenticatorData {
        AuthenticatorData {
            rp_id_hash: [9; 32],
            flags: Flags(0xc5),
            sign_count: 0x0102_0304,
            attested_credential_data: Some(AttestedCredentialData {
                aaguid: Aaguid::STUNTKEY,
                credential_id: vec![3; 20],
                public_key: PublicKey::P256 { x: [1; 32], y: [2; 32] },
            }),
            extensions: Some(vec![0xa1, 0x61, 0x78, 0xf5]),
        }
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let data = sample();
        let bytes = data.to_bytes();
        assert_eq!(bytes.len(), 37 + 16 + 2 + 20 + 77 + 4);
        assert_eq!(bytes[32..37], [0xc5, 1, 2, 3, 4]);
        assert_eq!(AuthenticatorData::parse(&bytes).unwrap(), data);
    }

    #[test]
    fn names_the_field_that_is_cut_short() {
        let bytes = sample().to_bytes();
        let field = |length: usize| match AuthenticatorData::parse(&bytes[..length]) {
            Err(AuthenticatorDataError::Truncated { field, .. }) => field,
            other => panic!("{length}: {other:?}"),
        };
        assert_eq!(
            [0, 31, 32, 36, 37, 52, 54, 74].map(field),
            [
                "rpIdHash",
                "rpIdHash",
                "flags",
                "signCount",
                "aaguid",
                "aaguid",
                "credentialIdLength",
                "credentialId"
            ]
        );
        assert!(matches!(
            AuthenticatorData::parse(&bytes[..80]),
            Err(AuthenticatorDataError::PublicKeyCbor(_))
        ));
        assert!(matches!(
            AuthenticatorData::parse(&bytes[..bytes.len() - 1]),
            Err(AuthenticatorDataError::ExtensionsCbor(_))
        ));
    }

    #[test]
    fn refuses_what_the_flags_do_not_announce() {
        let longer = [&sample().to_bytes()[..], &[0]].concat();
        assert_eq!(AuthenticatorData::parse(&longer), Err(AuthenticatorDataError::TrailingBytes(1)));
        let no_map = AuthenticatorData { extensions: Some(vec![0x80]), ..sample() };
        assert_eq!(
            AuthenticatorData::parse(&no_map.to_bytes()),
            Err(AuthenticatorDataError::ExtensionsNotAMap("an array"))
        );
    }
}
