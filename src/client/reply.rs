use std::fmt;

use super::preset::{Body, Preset};
use crate::encoding::json::{Document, Json};
use crate::webauthn::{AuthenticationResponse, Notice, RegistrationResponse};

/// The body of the client's next request to the server, which [`Display`](fmt::Display) prints, and the response in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply<R> {
    pub(super) response: R,
    pub(super) preset: Preset,
    pub(super) body: Body,
    pub(super) notices: Vec<Notice>,
    pub(super) missing: Vec<&'static str>,
}

/// What a client answers to a request of either ceremony.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Response {
    /// To creation options.
    Registration(RegistrationResponse),
    /// To request options.
    Authentication(AuthenticationResponse),
}

impl<R> Reply<R> {
    pub(super) fn map<S>(self, response: impl FnOnce(R) -> S) -> Reply<S> {
        Reply {
            response: response(self.response),
            preset: self.preset,
            body: self.body,
            notices: self.notices,
            missing: self.missing,
        }
    }

    /// The standard response inside.
    #[must_use]
    pub fn response(&self) -> &R {
        &self.response
    }

    /// The standard response, without the body.
    #[must_use]
    pub fn into_response(self) -> R {
        self.response
    }

    /// The shape of the body.
    #[must_use]
    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// The body as JSON, unless it is a form post.
    #[must_use]
    pub fn json(&self) -> Option<Json<'_>> {
        match &self.body {
            Body::Json(text) => {
                Some(Document::written_here(text).expect("a reply is written as JSON").to_json())
            }
            Body::Form(_) => None,
        }
    }

    /// The body's text.
    #[must_use]
    pub fn into_text(self) -> String {
        match self.body {
            Body::Json(text) => text,
            Body::Form(fields) => form(&fields),
        }
    }

    /// The media type to send the body under.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match &self.body {
            Body::Json(_) => "application/json",
            Body::Form(_) => "application/x-www-form-urlencoded",
        }
    }

    /// What the client mended or ignored in the options.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The members that this shape requires and that neither the input nor the caller gave.
    #[must_use]
    pub fn missing(&self) -> &[&'static str] {
        &self.missing
    }
}

impl<R> fmt::Display for Reply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            Body::Json(text) => f.write_str(text),
            Body::Form(fields) => f.write_str(&form(fields)),
        }
    }
}

fn form(fields: &[(&'static str, String)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(name, value);
    }
    form.finish()
}
