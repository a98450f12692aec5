//! Templates: texts with names in double braces, which values take the place of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stuntkey::encoding::base64url;

/// Where in a request a template stands. This decides how values are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Url,
    Header,
    JsonBody,
    FormBody,
}

/// What a template is filled with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    /// Values that are no templates, whatever they contain, as they may come from the target.
    pub(crate) literal: BTreeMap<String, String>,
    /// Which of them are JSON objects and arrays. Within JSON, they stand as they are.
    pub(crate) structures: BTreeSet<String>,
    /// The cookies that the session has now.
    pub(crate) cookies: BTreeMap<String, String>,
    /// Values that are templates themselves: the variables of the description and of the caller.
    pub(crate) variables: BTreeMap<String, String>,
}

/// The names in a template.
pub(super) fn names_in(template: &str) -> impl Iterator<Item = &str> {
    let names =
        template.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim()));
    names.map(|name| name.strip_prefix("base64url:").unwrap_or(name))
}

/// The template has a name and closing braces after every pair of opening ones.
pub(super) fn check(template: &str) -> Result<(), String> {
    // JSON has two closing braces of its own where objects end. A name has no such characters.
    let is_name = |name: &str| {
        let name = name.trim();
        let cookie = name.strip_prefix("cookie:").is_some_and(|name| !name.contains(['{', '}', '"', ' ']));
        let name = name.strip_prefix("base64url:").unwrap_or(name);
        cookie || name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '/'))
    };
    let mut parts = template.split("{{").skip(1);
    match parts.all(|part| part.split_once("}}").is_some_and(|(name, _)| is_name(name))) {
        true => Ok(()),
        false => Err(format!("found {template:?}, expected a name and closing braces after every {{{{")),
    }
}

/// The name, if a template is nothing but that.
pub(crate) fn only_name(template: &str) -> Option<&str> {
    let name = template.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!name.contains(['{', '}'])).then(|| name.trim())
}

/// Fills a template in.
pub(crate) fn fill(template: &str, values: &Values, place: Place) -> Result<String, String> {
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
        let value = match (literal(name, values, place), values.variables.get(name)) {
            (Some(value), _) => value,
            (None, Some(variable)) if variable.contains("{{") => fill_to(variable, values, place, depth)?,
            // A variable that is a whole URL is encoded already.
            (None, Some(url)) if place == Place::Url && url.contains("://") => url.clone(),
            (None, Some(variable)) => encoded(variable, place),
            (None, None) => return Err(format!("the name {name:?} has no value")),
        };
        text.push_str(&value);
        text.push_str(rest);
    }
    Ok(text)
}

/// The value of a name that is no variable, encoded for its place.
fn literal(name: &str, values: &Values, place: Place) -> Option<String> {
    let value = |name: &str| values.literal.get(name);
    if let Some(name) = name.strip_prefix("base64url:") {
        return value(name).map(|value| base64url::encode(value.as_bytes()));
    }
    if let Some(cookie) = name.strip_prefix("cookie:") {
        let cookie = values.cookies.get(cookie).map(String::as_str);
        return Some(encoded(cookie.unwrap_or_default(), place));
    }
    match (name, place) {
        ("reply" | "extensions", Place::JsonBody | Place::Header)
        | ("base", Place::Url | Place::JsonBody) => value(name).cloned(),
        (name, Place::JsonBody) if values.structures.contains(name) => value(name).cloned(),
        ("reply_text", _) => value("reply").map(|reply| encoded(reply, place)),
        _ => match name.strip_prefix("reply/") {
            Some(pointer) => value("reply").map(|reply| member(reply, pointer, place)),
            None => value(name).map(|value| encoded(value, place)),
        },
    }
}

/// A member of the reply; nothing, if there is no such member.
fn member(reply: &str, pointer: &str, place: Place) -> String {
    let reply: Value = serde_json::from_str(reply).unwrap_or_default();
    match reply.pointer(&format!("/{pointer}")) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => encoded(text, place),
        // Within JSON, any other value stands as it is.
        Some(value) if place == Place::JsonBody => value.to_string(),
        Some(value) => encoded(&value.to_string(), place),
    }
}

/// Encodes a value for the place in which it stands.
fn encoded(value: &str, place: Place) -> String {
    match place {
        Place::Header => value.to_owned(),
        Place::Url | Place::FormBody => {
            url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
        }
        Place::JsonBody => {
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
        Values { literal: map(literal), variables: map(variables), ..Values::default() }
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
    fn a_reply_stands_whole_as_text_or_in_its_members() {
        let reply = r#"{"id":"a+b","response":{"transports":["usb"],"userHandle":null}}"#;
        let values = values(&[("reply", reply)], &[]);
        let fill = |template: &str, place| fill(template, &values, place).unwrap();
        assert_eq!(
            fill(r#"{"credential":{{reply}}}"#, Place::JsonBody),
            format!(r#"{{"credential":{reply}}}"#)
        );
        let text = fill(r#"{"credential":"{{reply_text}}"}"#, Place::JsonBody);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["credential"], reply);
        assert!(fill("credential={{reply}}", Place::FormBody).starts_with("credential=%7B%22id%22"));
        assert_eq!(
            fill("id={{reply/id}}&h={{reply/response/userHandle}}&x={{reply/x}}", Place::FormBody),
            "id=a%2Bb&h=&x="
        );
        assert_eq!(fill(r#"{"t":{{reply/response/transports}}}"#, Place::JsonBody), r#"{"t":["usb"]}"#);
    }

    #[test]
    fn a_structure_stands_in_json_as_it_is() {
        let mut values = values(&[("list", r#"["a"]"#)], &[]);
        let fill = |values: &Values, place| fill("{{list}}", values, place).unwrap();
        assert_eq!(fill(&values, Place::JsonBody), r#"[\"a\"]"#);
        values.structures.insert("list".into());
        assert_eq!(fill(&values, Place::JsonBody), r#"["a"]"#);
        assert_eq!(fill(&values, Place::FormBody), "%5B%22a%22%5D");
    }

    #[test]
    fn a_text_may_be_encoded() {
        let values = values(&[("challenge", "a b")], &[]);
        assert_eq!(fill("{{base64url:challenge}}", &values, Place::JsonBody).as_deref(), Ok("YSBi"));
        assert!(check("{{base64url:challenge}}").is_ok() && check("{{base64:challenge}}").is_err());
        assert!(fill("{{base64url:other}}", &values, Place::JsonBody).is_err());
    }

    /// As the script of a page that reads `document.cookie`.
    #[test]
    fn a_cookie_is_what_the_session_has_now() {
        let cookies = BTreeMap::from([("X-CSRF.t".to_owned(), "a b".to_owned())]);
        let values = Values { cookies, ..Values::default() };
        assert_eq!(fill("{{cookie:X-CSRF.t}}", &values, Place::Header).as_deref(), Ok("a b"));
        assert_eq!(
            fill("t={{cookie:X-CSRF.t}}&u={{cookie:u}}", &values, Place::FormBody).as_deref(),
            Ok("t=a%20b&u=")
        );
        assert!(check("{{cookie:X-CSRF.t}}").is_ok() && check("{{cookie:a b}}").is_err());
        assert!(check("{\"a\":{{cookie:a\"}}").is_err());
    }

    #[test]
    fn a_template_may_be_nothing_but_a_name() {
        assert_eq!(only_name("{{ action }}"), Some("action"));
        for other in ["{{base}}/x", "{{a}}{{b}}", "x", "{{a"] {
            assert_eq!(only_name(other), None, "{other}");
        }
    }
}
