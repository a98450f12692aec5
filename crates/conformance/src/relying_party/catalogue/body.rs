//! Changes to the options that a target sent, before the browser sees them.

use stuntkey::authenticator::Credential;
use stuntkey::encoding::json::{self, Json};

use crate::core::outcome::Stop;

/// Options that ask for this credential.
pub(super) fn with_credential(body: &str, credential: &Credential) -> Result<String, Stop> {
    let descriptor =
        Json::object([("type", Json::from("public-key")), ("id", Json::from(base64url(&credential.id)))]);
    with_json(body, "allowCredentials", &Json::Array(vec![descriptor]))
}

pub(super) fn with_member(body: &str, name: &'static str, value: &str) -> Result<String, Stop> {
    with_json(body, name, &Json::from(value.to_owned()))
}

/// The body, with a member of the options set.
pub(super) fn with_json(body: &str, name: &'static str, value: &Json<'static>) -> Result<String, Stop> {
    changed(body, |options| options.set(name, value.clone()))
}

/// The body, without a member of the options.
pub(super) fn without(body: &str, name: &'static str) -> Result<String, Stop> {
    changed(body, |options| drop(options.remove(name)))
}

pub(super) fn changed(body: &str, change: impl Fn(&mut Json<'static>)) -> Result<String, Stop> {
    let mut body = json::parse(body).map_err(|error| Stop::error(error.to_string()))?.into_owned();
    match options_in(&mut body) {
        Some(options) => {
            change(options);
            Ok(body.to_string())
        }
        None => Err(Stop::skip("the options are in a text inside the body")),
    }
}

/// The object with the challenge.
fn options_in<'j>(body: &'j mut Json<'static>) -> Option<&'j mut Json<'static>> {
    if body.member("challenge").is_some() {
        return Some(body);
    }
    match body {
        Json::Object(members) => members.iter_mut().find_map(|(_, value)| options_in(value)),
        _ => None,
    }
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    stuntkey::encoding::base64url::encode(bytes)
}
