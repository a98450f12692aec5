//! Finding options in a body: depth first, into JSON strings once, the first object that looks like them.

use super::{Place, Step, keycloak};
use crate::encoding::json::{self, Json, JsonErrorKind};
use crate::webauthn::{Ceremony, InputError};

/// Calls `visit` with the first options for `ceremony`, if there are any.
///
/// # Errors
/// That JSON in a string is refused on the way.
pub(super) fn first(
    body: &Json<'_>,
    ceremony: Ceremony,
    visit: &mut dyn FnMut(&Place<'_>),
) -> Result<(), InputError> {
    descend(&Place { json: body, step: Step::Root, parent: None }, ceremony, visit, false).map(|_| ())
}

/// Whether there were any here or below.
fn descend(
    place: &Place<'_>,
    ceremony: Ceremony,
    visit: &mut dyn FnMut(&Place<'_>),
    in_string: bool,
) -> Result<bool, InputError> {
    let json = place.json;
    let mut into =
        |json, step| descend(&Place { json, step, parent: Some(place) }, ceremony, visit, in_string);
    match json {
        Json::Object(_) if kind(json) == Some(ceremony) => {
            visit(place);
            return Ok(true);
        }
        Json::Object(members) => {
            for (name, value) in members {
                if into(value, Step::Member(name))? {
                    return Ok(true);
                }
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                if into(item, Step::Item(index))? {
                    return Ok(true);
                }
            }
        }
        Json::String(text) if !in_string && text.trim_start().starts_with('{') => match json::parse(text) {
            // What it holds stands where the string does.
            Ok(inner) => {
                let place = Place { json: &inner, step: place.step, parent: place.parent };
                return descend(&place, ceremony, visit, true);
            }
            // Text in braces, and no JSON.
            Err(error) if error.kind == JsonErrorKind::Syntax => {}
            Err(error) => {
                let mut error = InputError::from(error);
                error.path = error.path.replacen('$', &place.to_string(), 1);
                return Err(error);
            }
        },
        _ => {}
    }
    Ok(false)
}

/// Which options an object looks like. Two of the four members that creation options require make them creation
/// options, so that a missing third is an error there and not options overlooked.
fn kind(object: &Json<'_>) -> Option<Ceremony> {
    if let Some(ceremony) = keycloak::kind(object) {
        return Some(ceremony);
    }
    let has = |name| object.member(name).is_some();
    let challenge =
        object.member("challenge").is_some_and(|c| !matches!(c, Json::Object(_) | Json::Array(_)));
    let (rp, params) = (has("rp") || has("relyingParty"), has("pubKeyCredParams"));
    let request = has("rpId") || matches!(object.member("allowCredentials"), Some(Json::Array(_)));
    if challenge && request && !rp && !params {
        return Some(Ceremony::Get);
    }
    let signs = [challenge, rp, matches!(object.member("user"), Some(Json::Object(_))), params];
    if signs.into_iter().filter(|sign| *sign).count() >= 2 {
        return Some(Ceremony::Create);
    }
    (challenge || matches!(object.member("allowCredentials"), Some(Json::Array(_)))).then_some(Ceremony::Get)
}

/// Why there are none.
pub(super) fn nothing(body: &Json<'_>, ceremony: Ceremony) -> InputError {
    let (wanted, other, other_name) = match ceremony {
        Ceremony::Create => (
            "creation options: an object with challenge, rp, user and pubKeyCredParams",
            Ceremony::Get,
            "request",
        ),
        Ceremony::Get => ("request options: an object with a challenge", Ceremony::Create, "creation"),
    };
    let mut other_path = None;
    // What is refused on the way was told before.
    let _ = first(body, other, &mut |place| other_path = Some(place.to_string()));
    let (path, found) = match other_path {
        Some(path) => (path, format!("{other_name} options")),
        None => ("$".to_owned(), describe(body)),
    };
    InputError { path, found, expected: wanted.into() }
}

/// A server's own words, if this is its refusal.
fn describe(body: &Json<'_>) -> String {
    let words = ["errorMessage", "error_description", "error", "message"]
        .iter()
        .find_map(|name| Some((name, body.member(name)?.as_str().filter(|text| !text.is_empty())?)));
    match (words, body) {
        (Some((name, text)), _) => format!("{name} {text:?}"),
        (None, Json::Object(members)) => {
            let names: Vec<&str> = members.iter().take(8).map(|(name, _)| name.as_ref()).collect();
            match members.len() {
                0 => "an empty object".into(),
                1..=8 => format!("an object with {}", names.join(", ")),
                more => format!("an object with {} and {} more", names.join(", "), more - 8),
            }
        }
        (None, other) => other.describe(),
    }
}
