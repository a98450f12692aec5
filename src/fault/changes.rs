//! Functions that the edits of several chapters use.

use std::borrow::Cow;

use crate::encoding::base64url;
use crate::encoding::json::{Json, parse};

/// Changes the members of client data, as JSON.
pub(super) fn client_data(json: &mut Vec<u8>, edit: impl FnOnce(&mut Json<'_>)) {
    let text = String::from_utf8_lossy(json).into_owned();
    if let Ok(mut members) = parse(&text) {
        edit(&mut members);
        *json = members.to_string().into_bytes();
    }
}

/// Sets a member, where it stands or at the end.
pub(super) fn set<'a>(object: &mut Json<'a>, name: &'static str, value: impl Into<Json<'a>>) {
    if let Json::Object(members) = object {
        let value = value.into();
        match members.iter_mut().find(|(found, _)| found == name) {
            Some((_, old)) => *old = value,
            None => members.push((Cow::Borrowed(name), value)),
        }
    }
}

/// Removes a member.
pub(super) fn remove(object: &mut Json<'_>, name: &str) {
    if let Json::Object(members) = object {
        members.retain(|(found, _)| found != name);
    }
}

/// Changes a member that is text.
pub(super) fn change(object: &mut Json<'_>, name: &str, edit: impl FnOnce(&str) -> String) {
    if let Json::Object(members) = object
        && let Some((_, value)) = members.iter_mut().find(|(found, _)| found == name)
        && let Some(text) = value.as_str()
    {
        *value = Json::String(Cow::Owned(edit(text)));
    }
}

/// The member `response`, to change.
pub(super) fn response<'j>(reply: &'j mut Json<'static>) -> &'j mut Json<'static> {
    match reply {
        Json::Object(members) => match members.iter().position(|(name, _)| name == "response") {
            Some(position) => match members.get_mut(position) {
                Some((_, response)) => response,
                None => unreachable!("the position was found just now"),
            },
            None => unreachable!("a reply has a response"),
        },
        other => other,
    }
}

/// Replaces the first character by another of the same alphabet.
pub(super) fn other_first_character(text: &str) -> String {
    let mut characters = text.chars();
    let first = if characters.next() == Some('A') { 'B' } else { 'A' };
    std::iter::once(first).chain(characters).collect()
}

/// Flips the last bit.
pub(super) fn flip_last_bit(bytes: &mut [u8]) {
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
}

/// A public key on P-256 that no device has: the generator (SEC 2 §2.4.2), as a SubjectPublicKeyInfo.
pub(super) const GENERATOR: [u8; 91] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42,
    0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
    0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e,
    0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6,
    0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
];

/// Puts white space into the client data of the reply. It is the same JSON, but not the bytes that were signed.
pub(super) fn with_white_space_in_client_data(reply: &mut Json<'static>) {
    change(response(reply), "clientDataJSON", |text| match base64url::decode(text) {
        Ok(json) => {
            let written_anew = String::from_utf8_lossy(&json).replacen('{', "{ ", 1);
            base64url::encode(written_anew.as_bytes())
        }
        Err(_) => text.to_owned(),
    });
}
