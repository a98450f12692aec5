//! Finding options in a body: the first object that looks like them, depth first. JSON in a string is searched, too, but
//! not a string within it.

use std::borrow::Cow;

use super::super::preset::{self, OwnOptions};
use crate::encoding::json::{Document, JsonErrorKind, Value};
use crate::webauthn::{Ceremony, InputError, NextStep, Node};

/// What is called with the first options: their place, their ceremony, and what to make of them if they are of a vendor's
/// own making.
pub(super) type Visit<'v> = dyn FnMut(&Node<'_>, Ceremony, Option<&'static OwnOptions>) + 'v;

/// Calls `visit` with the first options for the ceremony, or without one for any.
///
/// # Errors
/// [`InputError`]: JSON in a string on the way is refused.
pub(super) fn first(
    body: &Node<'_>,
    wanted: Option<Ceremony>,
    visit: &mut Visit<'_>,
) -> Result<(), InputError> {
    descend(body, wanted, visit, false).map(|_| ())
}

/// Returns whether there were options here or below.
fn descend(
    place: &Node<'_>,
    wanted: Option<Ceremony>,
    visit: &mut Visit<'_>,
    in_string: bool,
) -> Result<bool, InputError> {
    let value = place.value;
    if value.is_object()
        && let Some((ceremony, own)) = ceremony_of(value)
        && wanted.is_none_or(|wanted| wanted == ceremony)
    {
        visit(place, ceremony, own);
        return Ok(true);
    }
    for (name, value) in value.members() {
        if descend(&place.at_member(&name, value), wanted, visit, in_string)? {
            return Ok(true);
        }
    }
    for item in place.at_items() {
        if descend(&item, wanted, visit, in_string)? {
            return Ok(true);
        }
    }
    match value.as_str() {
        Some(text) if !in_string && text.trim_start().starts_with('{') => match Document::parse(&text) {
            // What the string holds stands where the string does.
            Ok(inner) => descend(&place.replaced_by(inner.root()), wanted, visit, true),
            // Text in braces that is not JSON.
            Err(error) if error.kind == JsonErrorKind::Syntax => Ok(false),
            Err(error) => Err(InputError::at(error, place)),
        },
        _ => Ok(false),
    }
}

/// The ceremony whose options an object looks like, and what to make of them if they are of a vendor's own making.
fn ceremony_of(object: Value<'_>) -> Option<(Ceremony, Option<&'static OwnOptions>)> {
    match preset::own_options(object) {
        Some((own, ceremony)) => Some((ceremony, Some(own))),
        None => Some((ceremony_of_standard(object)?, None)),
    }
}

/// The same for the standard's options. Two of the four members that creation options require are enough, so that options
/// without a third are an error and not overlooked.
fn ceremony_of_standard(object: Value<'_>) -> Option<Ceremony> {
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

/// The error that a body has no options for the ceremony, or without one for any.
pub(super) fn nothing(body: &Node<'_>, wanted: Option<Ceremony>) -> InputError {
    let expected = match wanted {
        Some(Ceremony::Create) => "creation options: an object with challenge, rp, user and pubKeyCredParams",
        Some(Ceremony::Get) => "request options: an object with a challenge",
        None => "creation or request options: an object with a challenge",
    };
    let mut other = None;
    // The whole body was searched before, so nothing in it is refused now.
    let searched = first(body, None, &mut |place, ceremony, _| other = Some((place.path(), ceremony)));
    match (searched, other) {
        (Ok(()), Some((path, Ceremony::Create))) => {
            InputError::new(path, "creation options", expected).with_hint(NextStep::Register)
        }
        (Ok(()), Some((path, Ceremony::Get))) => {
            InputError::new(path, "request options", expected).with_hint(NextStep::Authenticate)
        }
        _ => InputError::new("$", describe(body.value), expected),
    }
}

/// What a body without options holds: a server's own words, if they are there.
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
