//! A credential as the file store keeps it: a canonical CBOR map with integer keys.

use zeroize::Zeroizing;

use super::Credential;
use crate::crypto::{KeyPair, PrivateKey};
use crate::encoding::cbor::{self, Value, Writer};
use crate::encoding::cose;
use crate::webauthn::User;

const ID: i64 = 1;
const RP_ID: i64 = 2;
const USER_ID: i64 = 3;
const USER_NAME: i64 = 4;
const USER_DISPLAY_NAME: i64 = 5;
const PRIVATE_KEY: i64 = 6;
const PUBLIC_KEY: i64 = 7;
const DISCOVERABLE: i64 = 8;
const SIGN_COUNT: i64 = 9;
const BACKUP_ELIGIBLE: i64 = 10;
const BACKUP_STATE: i64 = 11;

pub(super) fn encode(credential: &Credential) -> Zeroizing<Vec<u8>> {
    let PrivateKey::P256(scalar) = credential.key.private();
    let mut writer = Writer::with_capacity(512);
    writer.map(11);
    writer.int(ID);
    writer.bytes(&credential.id);
    writer.int(RP_ID);
    writer.text(&credential.rp_id);
    writer.int(USER_ID);
    writer.bytes(&credential.user.id);
    writer.int(USER_NAME);
    writer.text(&credential.user.name);
    writer.int(USER_DISPLAY_NAME);
    writer.text(&credential.user.display_name);
    writer.int(PRIVATE_KEY);
    writer.bytes(scalar.as_ref());
    writer.int(PUBLIC_KEY);
    cose::write_public_key(&mut writer, credential.key.public_key());
    writer.int(DISCOVERABLE);
    writer.bool(credential.discoverable);
    writer.int(SIGN_COUNT);
    writer.unsigned(credential.sign_count.into());
    writer.int(BACKUP_ELIGIBLE);
    writer.bool(credential.backup_eligible);
    writer.int(BACKUP_STATE);
    writer.bool(credential.backup_state);
    Zeroizing::new(writer.into_bytes())
}

pub(super) fn decode(record: &[u8]) -> Result<Credential, String> {
    let map = cbor::read(record).map_err(|e| e.to_string())?;
    let at = |key| map.at(key).ok_or_else(|| format!("member {key} is missing"));
    let bytes = |key| at(key)?.as_bytes().ok_or_else(|| format!("member {key} is no byte string"));
    let text = |key| {
        Ok::<_, String>(at(key)?.as_text().ok_or_else(|| format!("member {key} is no text"))?.to_owned())
    };
    let flag = |key| at(key)?.as_bool().ok_or_else(|| format!("member {key} is no boolean"));
    let scalar: [u8; 32] = bytes(PRIVATE_KEY)?
        .try_into()
        .map_err(|_| "the private key has another length than 32 bytes".to_owned())?;
    let public = cose::read_public_key(at(PUBLIC_KEY)?).map_err(|e| e.to_string())?;
    Ok(Credential {
        id: bytes(ID)?.to_vec(),
        rp_id: text(RP_ID)?,
        user: User {
            id: bytes(USER_ID)?.to_vec(),
            name: text(USER_NAME)?,
            display_name: text(USER_DISPLAY_NAME)?,
        },
        key: KeyPair::from_parts(PrivateKey::P256(Zeroizing::new(scalar)), public),
        discoverable: flag(DISCOVERABLE)?,
        sign_count: match at(SIGN_COUNT)? {
            Value::Unsigned(count) => {
                u32::try_from(*count).map_err(|_| "the counter is out of range".to_owned())?
            }
            _ => return Err("the counter is no number".into()),
        },
        backup_eligible: flag(BACKUP_ELIGIBLE)?,
        backup_state: flag(BACKUP_STATE)?,
    })
}
