//! What the catalogue's edits are made of.

use std::borrow::Cow;

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

/// Takes a member away.
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

/// Another character in place of the first: still of the same alphabet.
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
