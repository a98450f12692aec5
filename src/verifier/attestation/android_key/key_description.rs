//! The Android key attestation certificate extension data schema.
//! Source: Android Open Source Project, "Key and ID attestation", attestation versions 1 to 400.

use der::asn1::{AnyRef, Null, OctetStringRef, SetOfVec};
use der::{Decode, Error, ErrorKind, Reader, SliceReader, Tag, TagNumber, Tagged};

/// `KeyDescription`: what the key store says of an attested key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AndroidKeyDescription {
    /// The version of the schema: 100 times KeyMint's, or 1 to 4 for Keymaster.
    pub attestation_version: u64,
    /// 0 software, 1 trusted environment, 2 StrongBox.
    pub attestation_security_level: u64,
    /// The version of KeyMint or Keymaster.
    pub key_mint_version: u64,
    /// 0 software, 1 trusted environment, 2 StrongBox.
    pub key_mint_security_level: u64,
    /// The challenge at key generation.
    pub attestation_challenge: Vec<u8>,
    /// An identifier of the device that system applications may ask for.
    pub unique_id: Vec<u8>,
    /// What the operating system enforces.
    pub software_enforced: AuthorizationList,
    /// What the trusted environment enforces.
    pub tee_enforced: AuthorizationList,
}

/// `AuthorizationList`: the members that WebAuthn looks at, and the numbers of all that are there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorizationList {
    /// `purpose [1]`: what the key may be used for; 2 is signing.
    pub purpose: Option<Vec<u64>>,
    /// `allApplications [600]`: whether every application may use the key.
    pub all_applications: bool,
    /// `origin [702]`: where the key comes from; 0 is generated in the device.
    pub origin: Option<u64>,
    /// The tag numbers of all members, in order.
    pub tags: Vec<u32>,
}

const PURPOSE: u32 = 1;
const ALL_APPLICATIONS: u32 = 600;
const ORIGIN: u32 = 702;

impl AndroidKeyDescription {
    /// Reads the value of the extension 1.3.6.1.4.1.11129.2.1.17.
    ///
    /// # Errors
    /// [`der::Error`]: where it departs from the schema or from DER.
    pub fn parse(der: &[u8]) -> Result<Self, Error> {
        let mut reader = SliceReader::new(der)?;
        let description = reader.sequence(|fields: &mut SliceReader<'_>| {
            Ok::<_, Error>(Self {
                attestation_version: integer(AnyRef::decode(fields)?, Tag::Integer)?,
                attestation_security_level: integer(AnyRef::decode(fields)?, Tag::Enumerated)?,
                key_mint_version: integer(AnyRef::decode(fields)?, Tag::Integer)?,
                key_mint_security_level: integer(AnyRef::decode(fields)?, Tag::Enumerated)?,
                attestation_challenge: <&OctetStringRef>::decode(fields)?.as_bytes().to_vec(),
                unique_id: <&OctetStringRef>::decode(fields)?.as_bytes().to_vec(),
                software_enforced: AuthorizationList::decode(fields)?,
                tee_enforced: AuthorizationList::decode(fields)?,
            })
        })?;
        reader.finish()?;
        Ok(description)
    }
}

impl AuthorizationList {
    fn decode(reader: &mut SliceReader<'_>) -> Result<Self, Error> {
        reader.sequence(|members: &mut SliceReader<'_>| {
            let mut list = Self::default();
            while !members.is_finished() {
                let member = AnyRef::decode(members)?;
                let Tag::ContextSpecific { constructed: true, number: TagNumber(number) } = member.tag()
                else {
                    return Err(member.tag().value_error().into());
                };
                // Members are optional but stand in order, so none comes twice.
                if list.tags.last().is_some_and(|last| *last >= number) {
                    return Err(ErrorKind::SetOrdering.into());
                }
                list.tags.push(number);
                match number {
                    PURPOSE => {
                        let purposes = SetOfVec::<AnyRef<'_>>::from_der(member.value())?;
                        let purposes = purposes.iter().map(|purpose| integer(*purpose, Tag::Integer));
                        list.purpose = Some(purposes.collect::<Result<_, _>>()?);
                    }
                    ALL_APPLICATIONS => {
                        Null::from_der(member.value())?;
                        list.all_applications = true;
                    }
                    ORIGIN => list.origin = Some(integer(AnyRef::from_der(member.value())?, Tag::Integer)?),
                    _ => {
                        AnyRef::from_der(member.value())?;
                    }
                }
            }
            Ok(list)
        })
    }
}

/// A non-negative INTEGER or ENUMERATED of at most 64 bits.
fn integer(value: AnyRef<'_>, tag: Tag) -> Result<u64, Error> {
    value.tag().assert_eq(tag)?;
    let too_large = || Error::from(tag.value_error());
    let digits = match value.value() {
        [] | [0x80..=0xff, ..] => return Err(too_large()),
        [0, 0..=0x7f, ..] => return Err(tag.non_canonical_error().into()),
        [0, digits @ ..] => digits,
        digits => digits,
    };
    if digits.len() > 8 {
        return Err(too_large());
    }
    Ok(digits.iter().fold(0, |number, digit| number << 8 | u64::from(*digit)))
}
