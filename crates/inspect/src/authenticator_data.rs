//! Authenticator data (WebAuthn L3 §6.1), field by field.

mod show;

use std::ops::Range;

pub use show::{Hints, aaguid_node, is_exact, node};

use super::cbor::{self, Item, Limits, Stop};
use super::text::{big_endian, count, slice};

/// The fewest bytes that authenticator data has: the RP ID hash, the flags and the counter.
pub const SHORTEST: usize = 37;

/// The flag for attested credential data.
const AT: u8 = 0x40;
/// The flag for extension data.
const ED: u8 = 0x80;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Field<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub range: Range<usize>,
}

/// Authenticator data, as far as it could be read. What is `None` is not there, or stands behind the stop.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthenticatorData<'a> {
    /// The SHA-256 of the RP ID.
    pub rp_id_hash: Option<Field<[u8; 32]>>,
    /// The flags byte.
    pub flags: Option<Field<u8>>,
    /// The signature counter.
    pub sign_count: Option<Field<u32>>,
    /// The attested credential data.
    pub attested: Option<AttestedCredentialData<'a>>,
    /// The extension data.
    pub extensions: Option<Item<'a>>,
    /// Why the reader went no further.
    pub stop: Option<Stop>,
    /// Where the bytes stand that were not read.
    pub rest: Range<usize>,
}

/// Attested credential data (§6.5.1), as far as it could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct AttestedCredentialData<'a> {
    /// The authenticator's model.
    pub aaguid: Option<Field<[u8; 16]>>,
    /// The length of the credential id.
    pub credential_id_length: Option<Field<u16>>,
    /// The credential id.
    pub credential_id: Option<Field<&'a [u8]>>,
    /// The credential public key.
    pub public_key: Option<Item<'a>>,
    /// Where all of it stands.
    pub range: Range<usize>,
}

/// Reads what a range of the bytes holds. Offsets count from the beginning of `bytes`.
#[must_use]
pub fn read(bytes: &[u8], range: Range<usize>, limits: Limits) -> AuthenticatorData<'_> {
    let mut fields = Fields { bytes, rest: range, limits };
    let mut data = AuthenticatorData {
        rp_id_hash: None,
        flags: None,
        sign_count: None,
        attested: None,
        extensions: None,
        stop: None,
        rest: 0..0,
    };
    data.stop = fields.data(&mut data).err();
    data.rest = fields.rest;
    data
}

struct Fields<'a> {
    bytes: &'a [u8],
    rest: Range<usize>,
    limits: Limits,
}

impl<'a> Fields<'a> {
    fn data(&mut self, data: &mut AuthenticatorData<'a>) -> Result<(), Stop> {
        data.rp_id_hash = Some(self.array("rpIdHash")?);
        let flags = self.array::<1>("flags")?;
        let [byte] = flags.value;
        data.flags = Some(Field { value: byte, range: flags.range });
        let count = self.array("signCount")?;
        data.sign_count = Some(Field { value: u32::from_be_bytes(count.value), range: count.range });
        if byte & AT != 0 {
            let start = self.rest.start;
            let attested = data.attested.insert(AttestedCredentialData {
                aaguid: None,
                credential_id_length: None,
                credential_id: None,
                public_key: None,
                range: start..start,
            });
            let end = self.attested(attested);
            attested.range.end = self.rest.start;
            end?;
        }
        if byte & ED != 0 {
            data.extensions = Some(self.item("extensions")?);
        }
        Ok(())
    }

    fn attested(&mut self, attested: &mut AttestedCredentialData<'a>) -> Result<(), Stop> {
        attested.aaguid = Some(self.array("aaguid")?);
        let (length, range) = self.take(2, "credentialIdLength")?;
        let length = u16::try_from(big_endian(length)).unwrap_or(u16::MAX);
        attested.credential_id_length = Some(Field { value: length, range });
        let (value, range) = self.take(length.into(), "credentialId")?;
        attested.credential_id = Some(Field { value, range });
        attested.public_key = Some(self.item("credentialPublicKey")?);
        Ok(())
    }

    fn take(&mut self, length: usize, what: &str) -> Result<(&'a [u8], Range<usize>), Stop> {
        let start = self.rest.start;
        if length > self.rest.len() {
            let left = count(self.rest.len(), "byte", "bytes");
            return Err(Stop { offset: start, why: format!("{left} for {what}, which has {length}") });
        }
        let range = start..start + length;
        self.rest.start = range.end;
        Ok((slice(self.bytes, range.clone()), range))
    }

    fn array<const N: usize>(&mut self, what: &str) -> Result<Field<[u8; N]>, Stop> {
        let (value, range) = self.take(N, what)?;
        let none = || Stop { offset: range.start, why: format!("no {what}") };
        Ok(Field { value: value.try_into().map_err(|_| none())?, range: range.clone() })
    }

    fn item(&mut self, what: &str) -> Result<Item<'a>, Stop> {
        let reading = cbor::read_within(self.bytes, self.rest.clone(), self.limits);
        match (reading.item, reading.stop) {
            (Some(item), None) => {
                self.rest.start = reading.end;
                Ok(item)
            }
            (_, stop) => {
                let Stop { offset, why } =
                    stop.unwrap_or(Stop { offset: self.rest.start, why: "no CBOR".into() });
                Err(Stop { offset, why: format!("{what}: {why}") })
            }
        }
    }
}
