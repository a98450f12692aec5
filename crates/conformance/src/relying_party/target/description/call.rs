//! One request of a description, and what its answer means.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::condition::Condition;
use super::part::Part;
use super::template;

/// One request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    #[serde(default = "post")]
    pub(crate) method: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default = "json")]
    pub(crate) content_type: String,
    /// Default: the reply, if the request brings one; else nothing.
    body: Option<String>,
    /// Names for parts of the answer.
    #[serde(default)]
    pub(crate) capture: BTreeMap<String, Part>,
    /// What an acceptance is like. If it names no status, the status has to be 2xx.
    #[serde(default)]
    pub(crate) accepted: Condition,
    /// What a refusal with a status of 5xx is like, for servers that refuse so. Any other 5xx is a breakdown.
    #[serde(default)]
    pub(crate) refused: Condition,
    /// What the answer is like as long as the request has to be repeated.
    #[serde(default)]
    pub(crate) pending: Condition,
    /// The part of a refusal's answer that says why.
    pub(crate) reason: Option<Part>,
    /// Where in the answer the options are, or the options themselves as a template.
    pub(crate) options: Option<Options>,
}

/// Where the options are.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Options {
    /// In this part of the answer.
    In(Part),
    /// Nowhere as JSON: this template puts them together from what was captured.
    Template(String),
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Before,
    Options,
    Result,
    Confirm,
}

fn post() -> String {
    "POST".into()
}

fn json() -> String {
    "application/json".into()
}

impl TryFrom<String> for Options {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.starts_with('{') {
            true => Ok(Self::Template(text)),
            false => Part::try_from(text).map(Self::In),
        }
    }
}

/// Whether a text can stand as a method (RFC 9110 §9.1, §5.6.2).
fn is_method(text: &str) -> bool {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_of_token)
}

impl Call {
    /// The body's template. If there is none, no body is sent.
    pub(crate) fn body(&self) -> Option<&str> {
        self.body.as_deref().filter(|body| !body.is_empty() && self.takes_body())
    }

    fn takes_body(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// The texts with names in them.
    pub(super) fn templates(&self) -> impl Iterator<Item = &str> {
        let options = self.options.iter().filter_map(|options| match options {
            Options::Template(text) => Some(text.as_str()),
            Options::In(_) => None,
        });
        [self.url.as_str()]
            .into_iter()
            .chain(self.body())
            .chain(self.headers.values().map(String::as_str))
            .chain(options)
    }

    /// Sets what follows from the purpose, and refuses what makes no sense with it.
    pub(super) fn prepare(&mut self, purpose: Purpose) -> Result<(), String> {
        if !is_method(&self.method) {
            return Err(format!("method: found {:?}, expected a method of HTTP", self.method));
        }
        if self.body.as_ref().is_some_and(|body| !body.is_empty()) && !self.takes_body() {
            return Err(format!("body: found one, expected none with the method {}", self.method));
        }
        if purpose == Purpose::Result && self.body.is_none() {
            self.body = Some("{{reply}}".into());
        }
        if purpose != Purpose::Confirm && !self.pending.is_empty() {
            return Err("pending: found it, expected it in the confirm request only".into());
        }
        if purpose != Purpose::Options && self.options.is_some() {
            return Err("options: found them, expected them in the options request only".into());
        }
        let orderly = self.refused.statuses();
        if !self.refused.is_empty() && (orderly.is_empty() || orderly.iter().any(|status| *status < 500)) {
            return Err(format!(
                "refused: found the statuses {orderly:?}, expected statuses of 5xx, as any other is a refusal anyway"
            ));
        }
        if let Some(both) = orderly.iter().find(|status| self.accepted.statuses().contains(status)) {
            return Err(format!(
                "refused: found the status {both}, expected one that accepted does not have"
            ));
        }
        if let Some((name, part)) = self.capture.iter().find(|(_, part)| !part.has_value()) {
            return Err(format!(
                "capture: {name}: found {:?}, expected a part that has a value, such as /id or text:token='{{}}'",
                part.to_string()
            ));
        }
        self.templates().try_for_each(template::check)
    }
}
