//! What an answer has to be like: the values that its parts have.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::part::Part;

/// The values that parts of an answer have to have, all of them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(try_from = "BTreeMap<Part, Value>")]
pub(crate) struct Condition {
    /// Empty, if the condition does not say.
    statuses: Vec<u16>,
    parts: Vec<(Part, Wanted)>,
}

/// The value that a part has to have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wanted {
    Anything,
    Nothing,
    Equal(Value),
    Beginning(String),
}

impl TryFrom<BTreeMap<Part, Value>> for Condition {
    type Error = String;

    fn try_from(members: BTreeMap<Part, Value>) -> Result<Self, String> {
        let mut condition = Self::default();
        for (part, value) in members {
            match (part, value) {
                (Part::Status, value) => condition.statuses = statuses(&value)?,
                (part, Value::String(text)) => {
                    let wanted = match text.strip_suffix('*') {
                        Some("") => Wanted::Anything,
                        Some(beginning) => Wanted::Beginning(beginning.to_owned()),
                        None => Wanted::Equal(Value::String(text)),
                    };
                    condition.parts.push((part, wanted));
                }
                (part @ Part::Json(_), value) => condition.parts.push((part, Wanted::Equal(value))),
                (part, Value::Bool(false)) => condition.parts.push((part, Wanted::Nothing)),
                (part, value) => {
                    return Err(format!(
                        "{part}: found {value}, expected a text, which may end with *, or false if there has to be none"
                    ));
                }
            }
        }
        Ok(condition)
    }
}

fn statuses(value: &Value) -> Result<Vec<u16>, String> {
    let one = std::slice::from_ref(value);
    let values = value.as_array().map_or(one, Vec::as_slice);
    let status = |value: &Value| {
        value
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .filter(|status| (100..600).contains(status))
    };
    match values.iter().map(status).collect::<Option<Vec<u16>>>() {
        Some(statuses) if !statuses.is_empty() => Ok(statuses),
        _ => Err(format!("status: found {value}, expected a status of HTTP, such as 200, or a list of them")),
    }
}

impl Condition {
    /// The statuses that it names. If it names none, there are none.
    pub(crate) fn statuses(&self) -> &[u16] {
        &self.statuses
    }

    /// Whether it is about an answer that redirects, rather than about the page that the redirect leads to.
    pub(crate) fn is_about_a_redirect(&self) -> bool {
        let is_location =
            |part: &Part| matches!(part, Part::Header(name) if name.eq_ignore_ascii_case("location"));
        self.statuses.iter().any(|status| (300..400).contains(status))
            || self.parts.iter().any(|(part, _)| is_location(part))
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.statuses.is_empty() && self.parts.is_empty()
    }

    /// Whether it is about the body as JSON.
    pub(crate) fn is_about_json(&self) -> bool {
        self.parts.iter().any(|(part, _)| matches!(part, Part::Json(_)))
    }

    /// What an answer lacks of it: the first part that has another value. `value` gives the value of a part. Statuses are
    /// the caller's to compare.
    pub(crate) fn unmet(&self, value: impl Fn(&Part) -> Option<Value>) -> Option<String> {
        self.parts.iter().find_map(|(part, wanted)| {
            let found = value(part);
            let is_met = match (wanted, &found) {
                (Wanted::Anything, found) => found.is_some(),
                (Wanted::Nothing, found) => found.is_none(),
                (Wanted::Equal(wanted), found) => found.as_ref() == Some(wanted),
                (Wanted::Beginning(beginning), found) => {
                    let text = found.as_ref().and_then(Value::as_str);
                    text.is_some_and(|text| text.starts_with(beginning.as_str()))
                }
            };
            (!is_met).then(|| match found {
                Some(found) => format!("{part} is {found}, expected {wanted}"),
                None => format!("there is no {part}, expected {wanted}"),
            })
        })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anything => f.write_str("any"),
            Self::Nothing => f.write_str("none"),
            Self::Equal(value) => write!(f, "{value}"),
            Self::Beginning(beginning) => write!(f, "one that begins with {beginning:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(text: &str) -> Result<Condition, String> {
        #[derive(Deserialize)]
        struct File {
            accepted: Condition,
        }
        toml::from_str::<File>(&format!("accepted = {text}"))
            .map(|file| file.accepted)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_part_has_to_have_its_value() {
        let text =
            r#"{ "/ok" = true, "/user" = "*", "header:location" = "/account/*", "cookie:error" = false }"#;
        let condition = condition(text).unwrap();
        let unmet = |changed: &str, to: Option<Value>| {
            condition.unmet(|part| match (part.to_string(), part) {
                (name, _) if name == changed => to.clone(),
                (_, Part::Json(name)) if name == "/ok" => Some(true.into()),
                (_, Part::Json(_)) => Some(7.into()),
                (_, Part::Header(_)) => Some("/account/keys".into()),
                _ => None,
            })
        };
        assert_eq!(unmet("nothing", None), None);
        assert_eq!(unmet("/ok", Some("true".into())).unwrap(), "/ok is \"true\", expected true");
        assert_eq!(unmet("/user", None).unwrap(), "there is no /user, expected any");
        assert_eq!(
            unmet("header:location", Some("/login".into())).unwrap(),
            "header:location is \"/login\", expected one that begins with \"/account/\""
        );
        assert_eq!(unmet("cookie:error", Some("1".into())).unwrap(), "cookie:error is \"1\", expected none");
    }

    #[test]
    fn statuses_are_one_or_several() {
        assert_eq!(condition("{ status = 302 }").unwrap().statuses(), [302]);
        assert_eq!(condition("{ status = [200, 401] }").unwrap().statuses(), [200, 401]);
        assert!(condition("{ status = 302 }").unwrap().is_about_a_redirect());
        assert!(condition(r#"{ "header:Location" = "*" }"#).unwrap().is_about_a_redirect());
        assert!(!condition(r#"{ status = 401, "header:x" = "*" }"#).unwrap().is_about_a_redirect());
        for wrong in ["\"ok\"", "99", "[]", "[200, 600]", "true", "\"2xx\""] {
            let error = condition(&format!("{{ status = {wrong} }}")).unwrap_err();
            assert!(error.contains("expected a status of HTTP") && error.contains("line 1"), "{error}");
        }
    }

    #[test]
    fn values_that_no_such_part_can_have_are_refused() {
        for wrong in ["true", "1", "[\"a\"]"] {
            let error = condition(&format!("{{ \"cookie:session\" = {wrong} }}")).unwrap_err();
            assert!(error.contains("cookie:session: found") && error.contains("expected a text"), "{error}");
        }
        assert!(condition("{ session = true }").unwrap_err().contains("expected a JSON pointer"));
    }
}
