//! The shapes that options come in and replies go out, vendor by vendor.
//!
//! The options are found wherever they stand in a body; a vendor is a name, a way to recognise its bodies, and its
//! two replies, all in one entry of [`vendors`].

mod find;
mod keycloak;
mod vendors;

use std::fmt;

use super::error::Error;
use crate::encoding::json::{self, Json};
use crate::webauthn::{
    AuthenticationResponse, Ceremony, CreationOptions, InputError, Leniency, Notice, RegistrationResponse,
    RequestOptions,
};
use vendors::{VENDORS, Vendor};

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

    fn recognise(body: &BodyPlace<'_>) -> Self {
        // The last entry is the standard itself and recognises everything.
        Self::all().find(|preset| (preset.0.recognise)(body)).unwrap_or(Preset(&vendors::STANDARD))
    }

    pub(super) fn registration(self, response: &RegistrationResponse, carried: &mut Carried<'_>) -> Body {
        (self.0.registration)(response, carried)
    }

    pub(super) fn authentication(self, response: &AuthenticationResponse, carried: &mut Carried<'_>) -> Body {
        (self.0.authentication)(response, carried)
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
    Json(Json<'static>),
    Form(Vec<(&'static str, String)>),
}

/// What a reply carries over: members that the caller gave, then members of the input.
pub(super) struct Carried<'a> {
    given: &'a [(String, String)],
    found: &'a [(String, Json<'static>)],
    pub(super) missing: Vec<&'static str>,
}

impl<'a> Carried<'a> {
    pub(super) fn new(given: &'a [(String, String)], found: &'a [(String, Json<'static>)]) -> Self {
        Self { given, found, missing: Vec::new() }
    }

    /// A member that may be left out.
    fn optional(&self, name: &'static str) -> Option<(&'static str, Json<'static>)> {
        let given = self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone().into());
        let found = || self.found.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        Some((name, given.or_else(found)?))
    }

    /// A member that the server needs: told if there is none.
    fn required(&mut self, name: &'static str) -> Option<(&'static str, Json<'static>)> {
        let member = self.optional(name);
        if member.is_none() {
            self.missing.push(name);
        }
        member
    }

    /// A member of the caller's, or a default. The input's members of that name mean something else.
    fn label(&self, name: &'static str) -> String {
        let given = self.given.iter().find(|(known, _)| known == name);
        given.map_or_else(|| "stuntkey".to_owned(), |(_, value)| value.clone())
    }
}

/// Options found in a body.
pub(super) struct Found<O> {
    pub(super) options: O,
    pub(super) place: Place,
    pub(super) notices: Vec<Notice>,
}

/// Where in the body, and what stands beside.
pub(super) struct Place {
    /// The JSON path of the options.
    pub(super) path: String,
    pub(super) preset: Preset,
    /// `mediation: "conditional"` beside the options.
    pub(super) conditional: bool,
    /// The scalar members of the options and of the objects around them, innermost first.
    pub(super) members: Vec<(String, Json<'static>)>,
}

/// A body and the options in it, as a vendor's recogniser sees them.
struct BodyPlace<'a> {
    /// The names on the way from the root to the options.
    keys: Vec<&'a str>,
    /// The objects on that way, the root first, the options left out.
    around: Vec<&'a Json<'a>>,
    options: &'a Json<'a>,
}

impl BodyPlace<'_> {
    fn under(&self, key: &str) -> bool {
        self.keys.contains(&key)
    }

    /// Whether a member of this name stands in an object around the options.
    fn beside(&self, name: &str) -> bool {
        self.around.iter().any(|object| object.member(name).is_some())
    }

    fn to_place(&self) -> Place {
        let conditional = self
            .around
            .iter()
            .copied()
            .chain([self.options])
            .any(|object| object.member("mediation").and_then(Json::as_str) == Some("conditional"));
        let mut members = Vec::new();
        for object in [self.options].into_iter().chain(self.around.iter().rev().copied()) {
            if let Json::Object(entries) = object {
                let scalars = entries
                    .iter()
                    .filter(|(_, value)| matches!(value, Json::String(_) | Json::Number(_) | Json::Bool(_)));
                members.extend(scalars.map(|(name, value)| (name.to_string(), value.clone().into_owned())));
            }
        }
        let path = find::path_of(&self.keys);
        Place { path, preset: Preset::recognise(self), conditional, members }
    }
}

pub(super) fn find_creation_options(body: &str) -> Result<Found<CreationOptions>, Error> {
    find_options(body, Ceremony::Create, CreationOptions::from_json)
}

pub(super) fn find_request_options(body: &str) -> Result<Found<RequestOptions>, Error> {
    find_options(body, Ceremony::Get, RequestOptions::from_json)
}

fn find_options<O>(
    body: &str,
    ceremony: Ceremony,
    read: impl Fn(&Json<'_>, &str, &mut Vec<Notice>) -> Result<O, InputError>,
) -> Result<Found<O>, Error> {
    let mut notices = Vec::new();
    let body = body.strip_prefix('\u{feff}').map_or(body, |rest| {
        notices.push(Notice { path: "$".into(), leniency: Leniency::ByteOrderMark });
        rest
    });
    let page = keycloak::variables_of_page(body);
    let json = match &page {
        Some(variables) => variables.clone(),
        None => json::parse(body)?,
    };
    let visit = |found: &BodyPlace<'_>| -> Result<Found<O>, Error> {
        let place = found.to_place();
        let mut notices = notices.clone();
        let options = match keycloak::standard_options(found.options, ceremony) {
            Some(standard) => read(&standard, &place.path, &mut notices)?,
            None => read(found.options, &place.path, &mut notices)?,
        };
        Ok(Found { options, place, notices })
    };
    match find::first(&json, ceremony, &visit)? {
        Some(found) => found,
        None => Err(find::nothing(&json, ceremony).into()),
    }
}
