//! What the tests of authenticatorCredentialManagement share.

use ciborium::{Value, cbor};
use stuntkey::ctap2::MakeCredentialResponse;

use super::codes::{permission, status};
use super::device::with_pin;
use super::management::{bytes, descriptor, map};
use super::platform::Platform;
use super::sha256;

pub const METADATA: u8 = 0x01;
pub const RPS: u8 = 0x02;
pub const NEXT_RP: u8 = 0x03;
pub const CREDENTIALS: u8 = 0x04;
pub const NEXT_CREDENTIAL: u8 = 0x05;
pub const DELETE: u8 = 0x06;
pub const UPDATE: u8 = 0x07;

/// With two credentials of one relying party and one of another.
pub fn key() -> (Platform, [MakeCredentialResponse; 3]) {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    let made = [("example.org", 1), ("example.org", 2), ("example.com", 3)]
        .map(|(rp_id, user)| key.make_at(rp_id, user));
    (key, made)
}

pub fn of(rp_id: &str) -> Option<Value> {
    Some(map([(1, Some(bytes(&sha256(rp_id.as_bytes()))))]))
}

pub fn one(id: &[u8]) -> Option<Value> {
    Some(map([(2, Some(descriptor(id)))]))
}

pub fn renamed(id: &[u8], user: Value) -> Option<Value> {
    Some(map([(2, Some(descriptor(id))), (3, Some(user))]))
}

pub fn named(user: u8, name: &str, display_name: &str) -> Value {
    cbor!({"id" => bytes(&[user]), "name" => name, "displayName" => display_name}).unwrap()
}

/// A token with cm, for this relying party or for all.
pub fn token(key: &mut Platform, rp_id: Option<&str>) -> Vec<u8> {
    key.permitted(permission::MANAGE, rp_id).unwrap()
}

/// A credential as it is listed.
#[derive(Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: Vec<u8>,
    pub user: u8,
    pub name: Option<String>,
    pub display_name: Option<String>,
}

/// The relying party's credentials, by their user handles.
pub fn listed(key: &mut Platform, rp_id: &str) -> Vec<Listed> {
    let token = token(key, None);
    let mut response = match key.manage(CREDENTIALS, of(rp_id), Some(&token)) {
        Err(status) => {
            assert_eq!(status, status::NO_CREDENTIALS);
            return Vec::new();
        }
        Ok(response) => response,
    };
    let mut listed = Vec::new();
    for left in (0..response.total_credentials.unwrap()).rev() {
        let user = response.user.take().unwrap();
        listed.push(Listed {
            id: response.credential_id.unwrap().id,
            user: user.id[0],
            name: user.name,
            display_name: user.display_name,
        });
        response = match key.manage(NEXT_CREDENTIAL, None, None) {
            Ok(response) => response,
            Err(status) => {
                assert_eq!((status, left), (status::NOT_ALLOWED, 0));
                break;
            }
        };
        assert_eq!(response.total_credentials, None, "told in the first response alone");
    }
    listed.sort_by_key(|listed| listed.user);
    listed
}
