//! Descriptions of servers: the requests of each ceremony as templates, in TOML. `docs/conform.md` documents the format.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use stuntkey::client::Preset;

/// Says how a server is spoken to.
#[derive(Debug, Clone)]
pub struct Description {
    /// The kind of server, in a few words.
    pub about: String,
    pub(super) reply: Option<Preset>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) registration: Flow,
    pub(super) authentication: Flow,
}

/// The requests of one ceremony.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flow {
    /// Whether an authentication can begin with the user's name. Default: it can.
    by_name: Option<bool>,
    pub(super) options: Call,
    pub(super) result: Call,
    /// A request whose answer says whether the result was accepted, if the answer to the result does not say so.
    pub(super) confirm: Option<Call>,
}

/// One request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    #[serde(default = "post")]
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default = "json")]
    pub(super) content_type: String,
    #[serde(default = "reply")]
    pub(super) body: String,
    /// Names for parts of the answer, each with a JSON pointer to its part.
    #[serde(default)]
    pub(super) capture: BTreeMap<String, String>,
    /// The values that parts of the answer have if it is an acceptance, by JSON pointers. The status has to be 2xx, too.
    #[serde(default)]
    pub(super) accepted: BTreeMap<String, Value>,
    /// The values that parts of the answer have as long as the request has to be repeated, by JSON pointers.
    #[serde(default)]
    pub(super) pending: BTreeMap<String, Value>,
    /// A JSON pointer to the reason in the answer of a refusal.
    pub(super) reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    about: String,
    reply: Option<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    registration: Flow,
    authentication: Flow,
}

fn post() -> String {
    "POST".into()
}

fn json() -> String {
    "application/json".into()
}

fn reply() -> String {
    "{{reply}}".into()
}

/// Why a description cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescriptionError(String);

impl fmt::Display for DescriptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DescriptionError {}

/// The descriptions that come with the harness: name and text.
const READY_MADE: [(&str, &str); 3] = [
    ("fido", include_str!("descriptions/fido.toml")),
    ("nevis", include_str!("descriptions/nevis.toml")),
    ("nevisfido", include_str!("descriptions/nevisfido.toml")),
];

/// The names that the harness gives values to.
const GIVEN: [&str; 9] = [
    "base",
    "username",
    "display_name",
    "user_verification",
    "resident_key",
    "require_resident_key",
    "attestation",
    "extensions",
    "reply",
];

impl Description {
    /// The names of the descriptions that come with the harness.
    pub fn ready_made() -> impl Iterator<Item = &'static str> {
        READY_MADE.iter().map(|(name, _)| *name)
    }

    /// The description of this name that comes with the harness.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = READY_MADE.iter().find(|(known, _)| *known == name)?;
        Self::from_toml(text).ok()
    }

    /// Reads a description.
    ///
    /// # Errors
    /// [`DescriptionError`], which names the line or the member at fault.
    pub fn from_toml(text: &str) -> Result<Self, DescriptionError> {
        let file: File = toml::from_str(text).map_err(|error| DescriptionError(error.to_string()))?;
        let reply = match &file.reply {
            None => None,
            Some(name) => Some(Preset::from_name(name).ok_or_else(|| {
                let known: Vec<&str> = Preset::all().map(Preset::name).collect();
                DescriptionError(format!("reply: found {name:?}, expected one of {}", known.join(", ")))
            })?),
        };
        let mut description = Self {
            about: file.about,
            reply,
            variables: file.variables,
            registration: file.registration,
            authentication: file.authentication,
        };
        if description.registration.by_name.is_some() {
            return Err(DescriptionError(
                "registration.by_name: found it, expected it in [authentication] only".into(),
            ));
        }
        for (place, call) in description.calls_mut() {
            for (name, value) in &file.headers {
                call.headers.entry(name.clone()).or_insert_with(|| value.clone());
            }
            call.check().map_err(|why| DescriptionError(format!("{place}: {why}")))?;
        }
        Ok(description)
    }

    pub(super) fn logs_in_by_name(&self) -> bool {
        self.authentication.by_name.unwrap_or(true)
    }

    /// The names that the caller has to give values to, as neither the harness nor the description does.
    #[must_use]
    pub fn needed_variables(&self) -> Vec<String> {
        let mut needed = Vec::new();
        for flow in [&self.registration, &self.authentication] {
            let mut captured: Vec<&str> = Vec::new();
            for call in [Some(&flow.options), Some(&flow.result), flow.confirm.as_ref()].into_iter().flatten()
            {
                let texts = [&call.url, &call.body].into_iter().chain(call.headers.values());
                let names = texts.chain(self.variables.values()).flat_map(|text| names_in(text));
                needed.extend(
                    names
                        .filter(|name| !GIVEN.contains(name) && !captured.contains(name))
                        .filter(|name| !self.variables.contains_key(*name))
                        .map(str::to_owned),
                );
                captured.extend(call.capture.keys().map(String::as_str));
            }
        }
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    fn calls_mut(&mut self) -> Vec<(&'static str, &mut Call)> {
        let mut calls = vec![
            ("registration.options", &mut self.registration.options),
            ("registration.result", &mut self.registration.result),
            ("authentication.options", &mut self.authentication.options),
            ("authentication.result", &mut self.authentication.result),
        ];
        calls.extend(self.registration.confirm.as_mut().map(|call| ("registration.confirm", call)));
        calls.extend(self.authentication.confirm.as_mut().map(|call| ("authentication.confirm", call)));
        calls
    }
}

impl Call {
    fn check(&self) -> Result<(), String> {
        if ureq::http::Method::from_bytes(self.method.as_bytes()).is_err() {
            return Err(format!("method: found {:?}, expected a method of HTTP", self.method));
        }
        let members = self.accepted.keys().chain(self.pending.keys());
        let pointers = self.capture.values().chain(members).chain(&self.reason);
        for pointer in pointers {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                return Err(format!("found {pointer:?}, expected a JSON pointer, which begins with a slash"));
            }
        }
        for text in [&self.url, &self.body].into_iter().chain(self.headers.values()) {
            // JSON has two closing braces of its own where objects end. A name has no such characters.
            let is_name = |name: &str| name.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let mut parts = text.split("{{").skip(1);
            if !parts.all(|part| part.split_once("}}").is_some_and(|(name, _)| is_name(name))) {
                return Err(format!("found {text:?}, expected a name and closing braces after every {{{{"));
            }
        }
        Ok(())
    }
}

/// The names in a template.
fn names_in(template: &str) -> impl Iterator<Item = &str> {
    template.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim()))
}

/// Where in a request a template stands. This decides how values are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Url,
    Header,
    JsonBody,
    FormBody,
}

/// What a template is filled with.
#[derive(Debug, Clone, Default)]
pub(super) struct Values {
    /// Values that are no templates, whatever they contain, as they may come from the target.
    pub(super) literal: BTreeMap<String, String>,
    /// Values that are templates themselves: the variables of the description and of the caller.
    pub(super) variables: BTreeMap<String, String>,
}

/// Fills a template in.
pub(super) fn fill(template: &str, values: &Values, place: Place) -> Result<String, String> {
    fill_to(template, values, place, 8)
}

fn fill_to(template: &str, values: &Values, place: Place, depth: u8) -> Result<String, String> {
    let Some(depth) = depth.checked_sub(1) else { return Err("variables that contain each other".into()) };
    let mut parts = template.split("{{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) =
            part.split_once("}}").ok_or_else(|| format!("{template:?} lacks a closing }}}}"))?;
        let name = name.trim();
        let value = match (values.literal.get(name), values.variables.get(name)) {
            (Some(value), _) => encoded(name, value, place),
            (None, Some(variable)) if variable.contains("{{") => fill_to(variable, values, place, depth)?,
            // A variable that is a whole URL is encoded already.
            (None, Some(url)) if place == Place::Url && url.contains("://") => url.clone(),
            (None, Some(variable)) => encoded(name, variable, place),
            (None, None) => return Err(format!("the name {name:?} has no value")),
        };
        text.push_str(&value);
        text.push_str(rest);
    }
    Ok(text)
}

/// Encodes a value for the place in which it stands.
fn encoded(name: &str, value: &str, place: Place) -> String {
    match (place, name) {
        (_, "reply" | "base" | "extensions") | (Place::Header, _) => value.to_owned(),
        (Place::Url | Place::FormBody, _) => {
            url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
        }
        (Place::JsonBody, _) => {
            let quoted = Value::from(value).to_string();
            quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&quoted).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(literal: &[(&str, &str)], variables: &[(&str, &str)]) -> Values {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        Values { literal: map(literal), variables: map(variables) }
    }

    #[test]
    fn a_value_is_encoded_for_its_place() {
        let values = values(
            &[("username", "a\"/ä {{api}}"), ("base", "http://localhost:1")],
            &[("api", "{{base}}/api"), ("other", "https://example.org/x"), ("key", "secret")],
        );
        let fill = |template: &str, place| fill(template, &values, place).unwrap();
        assert_eq!(fill("{\"u\":\"{{username}}\"}", Place::JsonBody), "{\"u\":\"a\\\"/ä {{api}}\"}");
        assert_eq!(
            fill("{{api}}/{{ username }}", Place::Url),
            "http://localhost:1/api/a%22%2F%C3%A4%20%7B%7Bapi%7D%7D"
        );
        assert_eq!(fill("u={{username}}&x=1", Place::FormBody), "u=a%22%2F%C3%A4%20%7B%7Bapi%7D%7D&x=1");
        assert_eq!(fill("{{other}}", Place::Url), "https://example.org/x");
        assert_eq!(fill("Bearer {{key}}", Place::Header), "Bearer secret");
    }

    /// A value from the target may look like a template, or like a URL.
    #[test]
    fn a_captured_value_is_no_template() {
        let values = values(&[("flow", "http://x/{{key}}")], &[("key", "secret")]);
        let fill = |place| fill("{{flow}}", &values, place).unwrap();
        assert_eq!(fill(Place::Url), "http%3A%2F%2Fx%2F%7B%7Bkey%7D%7D");
        assert_eq!(fill(Place::JsonBody), "http://x/{{key}}");
    }

    #[test]
    fn a_name_without_a_value_is_an_error() {
        let values = values(&[], &[("a", "{{b}}"), ("b", "{{a}}")]);
        assert_eq!(fill("{{c}}", &values, Place::Url), Err("the name \"c\" has no value".into()));
        assert_eq!(fill("{{a}}", &values, Place::Url), Err("variables that contain each other".into()));
        assert!(fill("{{a", &values, Place::Url).is_err());
    }

    #[test]
    fn the_descriptions_of_the_harness_can_be_read() {
        for name in Description::ready_made() {
            assert!(Description::named(name).is_some(), "{name}");
        }
        assert!(Description::named("fido").unwrap().needed_variables().is_empty());
        assert_eq!(Description::named("nevis").unwrap().needed_variables(), ["access_key"]);
    }

    #[test]
    fn a_malformed_description_is_refused() {
        let fido = READY_MADE[0].1;
        let error = |text: &str| Description::from_toml(text).unwrap_err().to_string();
        assert!(error(&fido.replace("url =", "uri =")).contains("unknown field `uri`"));
        assert!(error(&fido.replace("\"l3\"", "\"l4\"")).contains("found \"l4\""));
        assert!(error(&fido.replace("\"/status\"", "\"status\"")).contains("expected a JSON pointer"));
        assert!(
            error(&fido.replace("{{base}}/assertion/result", "{{base/"))
                .contains("expected a name and closing braces")
        );
        let in_registration =
            fido.replace("[registration.options]", "[registration]\nby_name = false\n[registration.options]");
        assert!(error(&in_registration).contains("expected it in [authentication] only"));
        assert!(error("").contains("missing field `registration`"));
    }
}
