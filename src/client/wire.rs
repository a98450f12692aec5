//! The shapes that options come in and replies go out, vendor by vendor.
//!
//! The options are found wherever they stand in a body; a vendor is a name, a way to recognise its bodies, and its
//! two replies, all in one entry of [`vendors`].

mod find;
mod keycloak;
mod vendors;

use std::fmt;

use super::error::Error;
use crate::encoding::json::{self, Document, ObjectWriter, Value};
use crate::webauthn::{
    AuthenticationResponse, Ceremony, CreationOptions, InputError, Leniency, Notice, RegistrationResponse,
    RequestOptions,
};
use vendors::{VENDORS, Vendor, Writer};

/// The shape of a server's bodies and of the replies it expects.
#[derive(Clone, Copy)]
pub struct Preset(&'static Vendor);

impl Preset {
    /// Every preset.
    pub fn all() -> impl Iterator<Item = Preset> {
        VENDORS.iter().map(Preset)
    }

    /// The preset's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The preset of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|preset| preset.name() == name)
    }

    fn recognise(place: &Place<'_>) -> Self {
        // The last entry is the standard itself and recognises everything.
        Self::all().find(|preset| (preset.0.recognise)(place)).unwrap_or(Preset(&vendors::STANDARD))
    }

    pub(super) fn registration(self, response: &RegistrationResponse, carried: &mut Carried<'_>) -> Body {
        match self.0.registration {
            Writer::Json(write) => {
                let length = response.attestation_object.len() + response.client_data_json.len();
                // Base64url, the standard's other members, and what is carried over.
                Body::Json(json::write_object(768 + length * 2, |object| write(response, carried, object)))
            }
            Writer::Form(fields) => Body::Form(fields(response, carried)),
        }
    }

    pub(super) fn authentication(self, response: &AuthenticationResponse, carried: &mut Carried<'_>) -> Body {
        match self.0.authentication {
            Writer::Json(write) => {
                Body::Json(json::write_object(1024, |object| write(response, carried, object)))
            }
            Writer::Form(fields) => Body::Form(fields(response, carried)),
        }
    }
}

impl PartialEq for Preset {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Preset {}

impl fmt::Debug for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Preset({})", self.name())
    }
}

/// The body of a reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    /// The text of a JSON object.
    Json(String),
    Form(Vec<(&'static str, String)>),
}

/// What a reply carries over: members that the caller gave, then scalar members of the options and of the objects
/// around them, innermost first.
pub(super) struct Carried<'a> {
    given: &'a [(String, String)],
    place: &'a Place<'a>,
    pub(super) missing: Vec<&'static str>,
}

impl<'a> Carried<'a> {
    pub(super) fn new(given: &'a [(String, String)], place: &'a Place<'a>) -> Self {
        Self { given, place, missing: Vec::new() }
    }

    /// Writes a member that may be left out; whether there is one.
    fn optional(&self, object: &mut ObjectWriter<'_>, name: &'static str) -> bool {
        if let Some(value) = self.given(name) {
            object.text(name, value);
        } else if let Some(value) = self.place.scalar(name) {
            object.value(name, &value.to_json());
        } else {
            return false;
        }
        true
    }

    /// Writes a member that the server needs: told if there is none.
    fn required(&mut self, object: &mut ObjectWriter<'_>, name: &'static str) {
        if !self.optional(object, name) {
            self.missing.push(name);
        }
    }

    /// A member of the caller's, or a default. The input's members of that name mean something else.
    fn label(&self, name: &str) -> &'a str {
        self.given(name).unwrap_or("stuntkey")
    }

    fn given(&self, name: &str) -> Option<&'a str> {
        self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Options found in a body.
pub(super) struct Found<'a, O> {
    pub(super) options: &'a mut O,
    pub(super) place: &'a Place<'a>,
    pub(super) notices: Vec<Notice>,
}

/// A value in a body, and the way to it. Its [`Display`](fmt::Display) is the JSON path.
pub(super) struct Place<'a> {
    value: Value<'a>,
    step: Step<'a>,
    parent: Option<&'a Place<'a>>,
}

/// The last step on the way to a place.
#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Item(usize),
}

impl<'a> Place<'a> {
    pub(super) fn preset(&self) -> Preset {
        Preset::recognise(self)
    }

    /// Whether `mediation: "conditional"` stands in the options or around them.
    pub(super) fn is_conditional(&self) -> bool {
        self.outwards()
            .any(|place| place.value.member("mediation").is_some_and(|mediation| mediation.is("conditional")))
    }

    /// Whether the way leads through a member of this name.
    fn under(&self, name: &str) -> bool {
        self.outwards().any(|place| matches!(place.step, Step::Member(step) if step == name))
    }

    /// Whether a member of this name stands in an object around this one.
    fn beside(&self, name: &str) -> bool {
        self.outwards().skip(1).any(|place| place.value.member(name).is_some())
    }

    /// The first scalar member of this name, from here outwards.
    fn scalar(&self, name: &str) -> Option<Value<'a>> {
        self.outwards().find_map(|place| place.value.member(name).filter(|value| value.is_scalar()))
    }

    /// This place and those around it.
    fn outwards(&self) -> impl Iterator<Item = &Place<'a>> {
        std::iter::successors(Some(self), |place| place.parent)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => f.write_str("$"),
            Step::Member(name) => write!(f, ".{name}"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

/// Finds creation options and hands them to `then`, while the body that they borrow from is there.
pub(super) fn with_creation_options<R>(
    body: &str,
    then: impl FnOnce(Found<'_, CreationOptions>) -> Result<R, Error>,
) -> Result<R, Error> {
    with_options(body, Ceremony::Create, CreationOptions::from_value, then)
}

/// As [`with_creation_options`], for request options.
pub(super) fn with_request_options<R>(
    body: &str,
    then: impl FnOnce(Found<'_, RequestOptions>) -> Result<R, Error>,
) -> Result<R, Error> {
    with_options(body, Ceremony::Get, RequestOptions::from_value, then)
}

fn with_options<O, R>(
    body: &str,
    ceremony: Ceremony,
    read: impl Fn(Value<'_>, &dyn fmt::Display, &mut Vec<Notice>) -> Result<O, InputError>,
    then: impl FnOnce(Found<'_, O>) -> Result<R, Error>,
) -> Result<R, Error> {
    let mut notices = Vec::new();
    let body = body.strip_prefix('\u{feff}').map_or(body, |rest| {
        notices.push(Notice { path: "$".into(), leniency: Leniency::ByteOrderMark });
        rest
    });
    let variables = keycloak::variables_of_page(body);
    let document = match &variables {
        Some(variables) => Document::written_here(variables)?,
        None => Document::parse(body)?,
    };
    // The search ends with the first options, so these are taken once.
    let mut rest = Some((then, notices));
    let mut result = None;
    find::first(document.root(), ceremony, &mut |place| {
        let Some((then, mut notices)) = rest.take() else { return };
        let options = match keycloak::standard_options(place.value, ceremony) {
            Some(standard) => {
                let standard = standard.to_string();
                let document =
                    Document::written_here(&standard).map_err(|error| InputError::at(error, place));
                document.and_then(|document| read(document.root(), place, &mut notices))
            }
            None => read(place.value, place, &mut notices),
        };
        result = Some(match options {
            Ok(mut options) => then(Found { options: &mut options, place, notices }),
            Err(error) => Err(error.into()),
        });
    })?;
    result.unwrap_or_else(|| Err(find::nothing(document.root(), ceremony).into()))
}
