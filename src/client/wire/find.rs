//! Finding options in a body: depth first, into JSON strings once, the first object that looks like them.

use std::borrow::Cow;

use super::{Place, Step, keycloak};
use crate::encoding::json::{Document, JsonErrorKind, Value};
use crate::webauthn::{Ceremony, InputError};

/// Calls `visit` with the first options for `ceremony`, if there are any.
///
/// # Errors
/// That JSON in a string is refused on the way.
pub(super) fn first(
    body: Value<'_>,
    ceremony: Ceremony,
    visit: &mut dyn FnMut(&Place<'_>),
) -> Result<(), InputError> {
    descend(&Place { value: body, step: Step::Root, parent: None }, ceremony, visit, false).map(|_| ())
}

/// Whether there were any here or below.
fn descend(
    place: &Place<'_>,
    ceremony: Ceremony,
    visit: &mut dyn FnMut(&Place<'_>),
    in_string: bool,
) -> Result<bool, InputError> {
    let value = place.value;
    if value.is_object() && kind(value) == Some(ceremony) {
        visit(place);
        return Ok(true);
    }
    for (name, value) in value.members() {
        let member = Place { value, step: Step::Member(&name), parent: Some(place) };
        if descend(&member, ceremony, visit, in_string)? {
            return Ok(true);
        }
    }
    for (index, value) in value.items().enumerate() {
        let item = Place { value, step: Step::Item(index), parent: Some(place) };
        if descend(&item, ceremony, visit, in_string)? {
            return Ok(true);
        }
    }
    match value.as_str() {
        Some(text) if !in_string && text.trim_start().starts_with('{') => match Document::parse(&text) {
            // What it holds stands where the string does.
            Ok(inner) => {
                let inner = Place { value: inner.root(), step: place.step, parent: place.parent };
                descend(&inner, ceremony, visit, true)
            }
            // Text in braces, and no JSON.
            Err(error) if error.kind == JsonErrorKind::Syntax => Ok(false),
            Err(error) => Err(InputError::at(error, place)),
        },
        _ => Ok(false),
    }
}

/// Which options an object looks like. Two of the four members that creation options require make them creation
/// options, so that a missing third is an error there and not options overlooked.
fn kind(object: Value<'_>) -> Option<Ceremony> {
    if let Some(ceremony) = keycloak::kind(object) {
        return Some(ceremony);
    }
    let [challenge, rp, relying_party, user, params, rp_id, allow_list] = object.members_named([
        "challenge",
        "rp",
        "relyingParty",
        "user",
        "pubKeyCredParams",
        "rpId",
        "allowCredentials",
    ]);
    let challenge = challenge.is_some_and(|challenge| !challenge.is_object() && !challenge.is_array());
    let (rp, params) = (rp.or(relying_party).is_some(), params.is_some());
    let allow_list = allow_list.is_some_and(Value::is_array);
    if challenge && (allow_list || rp_id.is_some()) && !rp && !params {
        return Some(Ceremony::Get);
    }
    let signs = [challenge, rp, user.is_some_and(Value::is_object), params];
    if signs.into_iter().filter(|sign| *sign).count() >= 2 {
        return Some(Ceremony::Create);
    }
    (challenge || allow_list).then_some(Ceremony::Get)
}

/// Why there are none.
pub(super) fn nothing(body: Value<'_>, ceremony: Ceremony) -> InputError {
    let (wanted, other, other_name) = match ceremony {
        Ceremony::Create => (
            "creation options: an object with challenge, rp, user and pubKeyCredParams",
            Ceremony::Get,
            "request",
        ),
        Ceremony::Get => ("request options: an object with a challenge", Ceremony::Create, "creation"),
    };
    let mut other_path = None;
    // It was gone through before, so nothing in it is refused.
    let searched = first(body, other, &mut |place| other_path = Some(place.to_string()));
    let (path, found) = match (searched, other_path) {
        (Ok(()), Some(path)) => (path, format!("{other_name} options")),
        _ => ("$".to_owned(), describe(body)),
    };
    InputError { path, found, expected: wanted.into() }
}

/// A server's own words, if this is its refusal.
fn describe(body: Value<'_>) -> String {
    let words = ["errorMessage", "error_description", "error", "message"].iter().find_map(|name| {
        let text = body.member(name)?.as_str()?;
        (!text.is_empty()).then_some((name, text))
    });
    if let Some((name, text)) = words {
        return format!("{name} {text:?}");
    }
    if !body.is_object() {
        return body.describe();
    }
    let names: Vec<Cow<'_, str>> = body.members().map(|(name, _)| name).collect();
    match (names.get(..8), names.len()) {
        (_, 0) => "an empty object".into(),
        (Some(first), more @ 9..) => format!("an object with {} and {} more", first.join(", "), more - 8),
        _ => format!("an object with {}", names.join(", ")),
    }
}
