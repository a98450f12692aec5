//! Descriptions of servers: the requests of each ceremony as templates, in TOML. `docs/conform.md` documents the format.

mod call;
mod condition;
mod element;
mod flow;
mod part;
mod template;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use stuntkey::client::Preset;
use stuntkey::webauthn::Ceremony;

use call::Purpose;
pub(super) use call::{Call, Options};
pub(super) use flow::Flow;
pub(super) use part::Part;
use template::names_in;
pub(super) use template::{Place, Values, fill, only_name};

use super::user_names::UserNames;
use crate::relying_party::hints;

/// Says how a server is spoken to.
#[derive(Debug, Clone)]
pub struct Description {
    /// The kind of server, in a few words.
    pub about: String,
    /// The library that the server stands on, if it is one that hints are known for.
    pub(in crate::relying_party) library: Option<&'static str>,
    pub(in crate::relying_party) reply: Option<Preset>,
    pub(in crate::relying_party) user_names: Option<UserNames>,
    /// The cookie that shows who is logged in.
    pub(super) session_cookie: Option<String>,
    /// How long to wait after a request begins before the next one may begin.
    pub(super) pace: Duration,
    /// How long a request waits at most because the server answers 429.
    pub(super) patience: Option<Duration>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) registration: Flow,
    pub(super) authentication: Flow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    about: String,
    library: Option<String>,
    reply: Option<String>,
    user_names: Option<String>,
    session_cookie: Option<String>,
    pace: Option<String>,
    patience: Option<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    registration: Flow,
    authentication: Flow,
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
const READY_MADE: [(&str, &str); 11] = [
    ("better-auth", include_str!("descriptions/better-auth.toml")),
    ("django-allauth", include_str!("descriptions/django-allauth.toml")),
    ("django-allauth-mfa", include_str!("descriptions/django-allauth-mfa.toml")),
    ("fido", include_str!("descriptions/fido.toml")),
    ("flask-security", include_str!("descriptions/flask-security.toml")),
    ("gitea", include_str!("descriptions/gitea.toml")),
    ("keycloak", include_str!("descriptions/keycloak.toml")),
    ("nevis", include_str!("descriptions/nevis.toml")),
    ("nevisfido", include_str!("descriptions/nevisfido.toml")),
    ("privacyidea", include_str!("descriptions/privacyidea.toml")),
    ("spring-security", include_str!("descriptions/spring-security.toml")),
];

/// The names that the harness gives values to, in every request.
const ALWAYS: [&str; 6] = ["base", "username", "password", "unique", "once", "user_verification"];
/// In registrations.
const IN_REGISTRATIONS: [&str; 6] =
    ["display_name", "resident_key", "require_resident_key", "attestation", "mediation", "extensions"];
/// Once there is a reply. Its members are names, too: `reply/id`.
const WITH_A_REPLY: [&str; 2] = ["reply", "reply_text"];

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
        Self::from_file(file).map_err(DescriptionError)
    }

    fn from_file(file: File) -> Result<Self, String> {
        let preset = |name: &String| {
            let known: Vec<&str> = Preset::all().map(Preset::name).collect();
            Preset::from_name(name)
                .ok_or_else(|| format!("reply: found {name:?}, expected one of {}", known.join(", ")))
        };
        let library = |name: &String| {
            let known: Vec<&str> = hints::libraries().collect();
            hints::library_named(name)
                .ok_or_else(|| format!("library: found {name:?}, expected one of {}", known.join(", ")))
        };
        let form = |form: &String| form.parse().map_err(|why| format!("user_names: {why}"));
        let mut description = Self {
            about: file.about,
            library: file.library.as_ref().map(library).transpose()?,
            reply: file.reply.as_ref().map(preset).transpose()?,
            user_names: file.user_names.as_ref().map(form).transpose()?,
            session_cookie: file.session_cookie,
            pace: time("pace", file.pace.as_deref())?.unwrap_or_default(),
            patience: time("patience", file.patience.as_deref())?,
            variables: file.variables,
            registration: file.registration,
            authentication: file.authentication,
        };
        if description.registration.by_name.is_some() {
            return Err("registration.by_name: found it, expected it in [authentication] only".into());
        }
        for (name, value) in &description.variables {
            template::check(value).map_err(|why| format!("variables.{name}: {why}"))?;
        }
        let flows = [
            ("registration", &mut description.registration),
            ("authentication", &mut description.authentication),
        ];
        for (ceremony, flow) in flows {
            for (step, call) in flow.calls_mut() {
                for (name, value) in &file.headers {
                    call.headers.entry(name.clone()).or_insert_with(|| value.clone());
                }
                call.prepare(step.purpose).map_err(|why| format!("{ceremony}.{step}: {why}"))?;
            }
        }
        description.names_have_values()?;
        Ok(description)
    }

    /// Every name that the harness gives a value to is used where it has one.
    fn names_have_values(&self) -> Result<(), String> {
        for (ceremony, flow) in self.flows() {
            for (step, call) in flow.calls() {
                let names = call.templates().flat_map(names_in);
                let early = names.filter(|name| is_given(name)).find(|name| {
                    let has_reply = matches!(step.purpose, Purpose::Result | Purpose::Confirm);
                    (is_of_reply(name) && !has_reply)
                        || (IN_REGISTRATIONS.contains(name) && ceremony != "registration")
                });
                if let Some(name) = early {
                    return Err(format!("{ceremony}.{step}: found {{{{{name}}}}}, which has no value there"));
                }
            }
        }
        Ok(())
    }

    fn flows(&self) -> [(&'static str, &Flow); 2] {
        [("registration", &self.registration), ("authentication", &self.authentication)]
    }

    pub(in crate::relying_party) fn logs_in_by_name(&self) -> bool {
        self.authentication.by_name.unwrap_or(true)
    }

    /// Whether the result of a ceremony brings this member of the reply, or a part of it.
    pub(super) fn sends(&self, ceremony: Ceremony, member: &str) -> bool {
        let flow = match ceremony {
            Ceremony::Create => &self.registration,
            Ceremony::Get => &self.authentication,
        };
        let texts = flow.result.templates().chain(self.variables.values().map(String::as_str));
        texts.flat_map(names_in).any(|name| match name.strip_prefix("reply/") {
            Some(sent) => !member.is_empty() && sent.starts_with(member),
            None => WITH_A_REPLY.contains(&name),
        })
    }

    /// The names that answers give values to.
    pub(super) fn captured(&self) -> impl Iterator<Item = &str> {
        self.flows().into_iter().flat_map(|(_, flow)| flow.captured())
    }

    /// The names that the caller has to give values to, as neither the harness nor the description does.
    #[must_use]
    pub fn needed_variables(&self) -> Vec<String> {
        let mut needed = Vec::new();
        for (_, flow) in self.flows() {
            // A header for every request may have a name that only a later answer brings; it is empty till then.
            let captured: Vec<&str> = flow.captured().collect();
            let texts = flow.calls().flat_map(|(_, call)| call.templates());
            let names = texts.chain(self.variables.values().map(String::as_str)).flat_map(names_in);
            needed.extend(
                names
                    .filter(|name| !is_given(name) && !captured.contains(name))
                    .filter(|name| !self.variables.contains_key(*name))
                    .map(str::to_owned),
            );
        }
        needed.sort_unstable();
        needed.dedup();
        needed
    }
}

fn is_given(name: &str) -> bool {
    ALWAYS.contains(&name)
        || name.starts_with("cookie:")
        || IN_REGISTRATIONS.contains(&name)
        || is_of_reply(name)
}

fn is_of_reply(name: &str) -> bool {
    WITH_A_REPLY.contains(&name) || name.starts_with("reply/")
}

fn time(member: &str, text: Option<&str>) -> Result<Option<Duration>, String> {
    let parse = |text: &str| {
        humantime::parse_duration(text).map_err(|error| {
            format!("{member}: found {text:?}, expected a time such as 200ms or 2m ({error})")
        })
    };
    text.map(parse).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIDO: &str = include_str!("descriptions/fido.toml");

    fn error(text: &str) -> String {
        Description::from_toml(text).unwrap_err().to_string()
    }

    /// The description `fido` with this before all, or with these lines in a table.
    fn with(table: &str, lines: &str) -> String {
        match table {
            "" => format!("{lines}\n{FIDO}"),
            table => FIDO.replace(&format!("[{table}]"), &format!("[{table}]\n{lines}")),
        }
    }

    #[test]
    fn the_descriptions_of_the_harness_can_be_read() {
        for (name, text) in READY_MADE {
            let description = Description::from_toml(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!description.about.is_empty(), "{name}");
        }
        assert!(Description::named("fido").unwrap().needed_variables().is_empty());
        assert_eq!(Description::named("nevis").unwrap().needed_variables(), ["access_key"]);
    }

    #[test]
    fn a_malformed_description_is_refused() {
        for (text, why) in [
            (String::new(), "missing field `registration`"),
            (FIDO.replace("url =", "uri ="), "unknown field `uri`"),
            (FIDO.replace("\"l3\"", "\"l4\""), "reply: found \"l4\", expected one of"),
            (
                format!("library = \"other\"\n{FIDO}"),
                "library: found \"other\", expected one of SimpleWebAuthn,",
            ),
            (FIDO.replace("\"/status\"", "\"state\""), "found \"state\", expected a JSON pointer"),
            (FIDO.replace("\"/status\"", "\"status\""), "status: found \"ok\", expected a status of HTTP"),
            (FIDO.replace("{{base}}/assertion/result", "{{base/"), "expected a name and closing braces"),
            (with("", "pace = \"fast\""), "pace: found \"fast\", expected a time such as 200ms"),
            (with("", "patience = \"1\""), "patience: found \"1\", expected a time"),
            (with("", "user_names = \"alice\""), "user_names: found \"alice\", expected a name with one {}"),
            (with("", "variables = { a = \"{{b\" }"), "variables.a: found \"{{b\", expected a name"),
            (with("registration.result", "method = \"GET ME\""), "registration.result: method: found"),
            (with("registration.options", "method = \"GET\""), "expected none with the method GET"),
            (
                with("registration.result", "pending = { \"/a\" = 1 }"),
                "expected it in the confirm request only",
            ),
            (with("registration.result", "options = \"/a\""), "expected them in the options request only"),
            (with("registration.options", "options = \"a\""), "found \"a\", expected a JSON pointer"),
            (with("registration.result", "refused = { status = 400 }"), "found the statuses [400], expected"),
            (
                with("registration.result", "refused = { \"/error\" = \"*\" }"),
                "found the statuses [], expected",
            ),
            (with("registration.result", "capture = { a = \"text:a\" }"), "capture: a: found \"text:a\""),
            (with("registration.result", "capture = { a = \"status\" }"), "expected a part that has a value"),
            (
                with("registration.options", "headers = { X = \"{{reply}}\" }"),
                "found {{reply}}, which has no value",
            ),
            (
                with("authentication.result", "headers = { X = \"{{display_name}}\" }"),
                "authentication.result: found {{display_name}}, which has no value there",
            ),
            (
                with(
                    "registration.options",
                    "[[registration.before]]\nurl = \"{{reply/id}}\"\n[registration.options]",
                )
                .replacen("[registration.options]\n[[", "[[", 1),
                "registration.before, request 1: found {{reply/id}}",
            ),
            (
                with("registration.options", "x = 1").replace(
                    "[registration.options]\nx = 1",
                    "[registration]\nby_name = false\n[registration.options]",
                ),
                "expected it in [authentication] only",
            ),
        ] {
            let error = error(&text);
            assert!(error.contains(why), "expected {why}, found {error}");
        }
    }

    #[test]
    fn what_a_request_captures_the_later_ones_need_not_be_given() {
        let before =
            "[[registration.before]]\nurl = \"{{base}}/{{tenant}}\"\ncapture = { csrf = \"cookie:csrf\" }\n";
        let text = FIDO.replace("[registration.options]", &format!("{before}[registration.options]"));
        let text = text.replacen(
            "[registration.result]",
            "[registration.result]\nheaders = { X = \"{{csrf}}\" }",
            1,
        );
        assert_eq!(Description::from_toml(&text).unwrap().needed_variables(), ["tenant"]);
        // A login may come in another session than the registration.
        let text = text.replacen(
            "[authentication.result]",
            "[authentication.result]\nheaders = { X = \"{{csrf}}\" }",
            1,
        );
        assert_eq!(Description::from_toml(&text).unwrap().needed_variables(), ["csrf", "tenant"]);
    }
}
