//! The shapes that options come in and replies go out, vendor by vendor.
//!
//! A vendor is one entry of [`vendors`]: a name, a way to recognise its bodies, its two replies, and where its options
//! are not the standard's, how they are read.

mod keycloak;
mod vendors;

use std::fmt;
use std::str::FromStr;

use crate::crypto::UnknownName;
use crate::encoding::json::{self, Json, ObjectWriter, Value};
use crate::webauthn::{AuthenticationResponse, Ceremony, Node, RegistrationResponse};
use vendors::VENDORS;

/// A vendor's bodies and replies.
struct Vendor {
    name: &'static str,
    /// Whether a body is this vendor's, by the place of the options. The first entry that says so wins.
    recognise: fn(&Node<'_>) -> bool,
    /// The body that a page of the vendor's stands for, where options come in HTML. It is asked about texts that begin
    /// with `<`.
    page: Option<fn(&str) -> Option<Json<'static>>>,
    /// The options, where they are not the standard's.
    options: Option<OwnOptions>,
    registration: Writer<RegistrationResponse>,
    authentication: Writer<AuthenticationResponse>,
}

/// Options of a vendor's own making.
pub(super) struct OwnOptions {
    /// The ceremony whose options an object holds, if it holds any.
    ceremony: fn(Value<'_>) -> Option<Ceremony>,
    /// The standard's options that they stand for.
    pub(super) to_standard: fn(Value<'_>, Ceremony) -> Json<'static>,
}

/// What makes a reply's body.
enum Writer<R> {
    /// The members of a JSON object.
    Json(fn(&R, &mut Carried<'_>, &mut ObjectWriter<'_>)),
    /// The fields of a form.
    Form(fn(&R, &mut Carried<'_>) -> Vec<(&'static str, String)>),
}

/// The body that a vendor's page stands for, if a text is one.
pub(super) fn body_of_page(text: &str) -> Option<Json<'static>> {
    if !text.trim_start().starts_with('<') {
        return None;
    }
    VENDORS.iter().find_map(|vendor| vendor.page?(text))
}

/// The options of a vendor's own making that an object holds, and their ceremony.
pub(super) fn own_options(object: Value<'_>) -> Option<(&'static OwnOptions, Ceremony)> {
    let mut all = VENDORS.iter().filter_map(|vendor| vendor.options.as_ref());
    all.find_map(|own| Some((own, (own.ceremony)(object)?)))
}

/// The shape of a server's bodies and of the replies it expects. [`FromStr`] reads its name.
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

    /// WebAuthn Level 3 itself.
    pub(super) fn standard() -> Self {
        Preset(&vendors::STANDARD)
    }

    /// The preset of a body, by the place of the options in it.
    pub(super) fn recognise(place: &Node<'_>) -> Self {
        // The last entry is the standard itself and recognises everything.
        Self::all().find(|preset| (preset.0.recognise)(place)).unwrap_or(Self::standard())
    }

    pub(super) fn registration(self, response: &RegistrationResponse, carried: &mut Carried<'_>) -> Body {
        let length = response.attestation_object.len() + response.client_data_json.len();
        // Base64url, the standard's other members, and what is carried over.
        self.0.registration.body(768 + length * 2, response, carried)
    }

    pub(super) fn authentication(self, response: &AuthenticationResponse, carried: &mut Carried<'_>) -> Body {
        self.0.authentication.body(1024, response, carried)
    }

    /// As [`registration`](Self::registration), with the reply's JSON changed before it becomes a text.
    pub(super) fn edited_registration(
        self,
        response: &RegistrationResponse,
        carried: &mut Carried<'_>,
        edit: impl FnOnce(&mut Json<'static>),
    ) -> Body {
        self.0.registration.edited_body(response, carried, edit)
    }

    /// As [`authentication`](Self::authentication), with the reply's JSON changed before it becomes a text.
    pub(super) fn edited_authentication(
        self,
        response: &AuthenticationResponse,
        carried: &mut Carried<'_>,
        edit: impl FnOnce(&mut Json<'static>),
    ) -> Body {
        self.0.authentication.edited_body(response, carried, edit)
    }
}

impl<R> Writer<R> {
    fn body(&self, capacity: usize, response: &R, carried: &mut Carried<'_>) -> Body {
        match self {
            Writer::Json(write) => {
                Body::Json(json::write_object(capacity, |object| write(response, carried, object)))
            }
            Writer::Form(fields) => Body::Form(fields(response, carried)),
        }
    }

    /// A form has no JSON to change.
    fn edited_body(
        &self,
        response: &R,
        carried: &mut Carried<'_>,
        edit: impl FnOnce(&mut Json<'static>),
    ) -> Body {
        match self {
            Writer::Json(write) => {
                let mut json = json::object_tree(|object| write(response, carried, object));
                edit(&mut json);
                Body::Json(json.to_string())
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

impl FromStr for Preset {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::all().find(|preset| preset.name().eq_ignore_ascii_case(name)).ok_or_else(|| UnknownName {
            of: "a preset",
            found: name.to_owned(),
            expected: Self::all().map(Self::name).collect(),
        })
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The body of a reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    /// The text of a JSON object.
    Json(String),
    Form(Vec<(&'static str, String)>),
}

/// What surrounded the options where they were found, as far as replies need it.
pub(super) trait Surroundings {
    /// The first string, number or boolean of this name, from the options outwards.
    fn scalar(&self, name: &str) -> Option<Json<'_>>;
}

/// What a reply carries over: members that the caller gave, or else scalar members of the options and of the objects
/// around them, innermost first.
pub(super) struct Carried<'a> {
    given: &'a [(String, String)],
    around: &'a dyn Surroundings,
    /// Members that the server needs and nobody gave.
    pub(super) missing: Vec<&'static str>,
}

impl<'a> Carried<'a> {
    pub(super) fn new(given: &'a [(String, String)], around: &'a dyn Surroundings) -> Self {
        Self { given, around, missing: Vec::new() }
    }

    /// Writes a member that may be left out. Returns whether there is one.
    fn optional(&self, object: &mut ObjectWriter<'_>, name: &'static str) -> bool {
        if let Some(value) = self.given(name) {
            object.text(name, value);
        } else if let Some(value) = self.around.scalar(name) {
            object.value(name, &value);
        } else {
            return false;
        }
        true
    }

    /// Writes a member that the server needs. If there is none, it counts as missing.
    fn required(&mut self, object: &mut ObjectWriter<'_>, name: &'static str) {
        if !self.optional(object, name) {
            self.missing.push(name);
        }
    }

    /// A member of the caller's, or a default. Members of this name in the input mean something else.
    fn label(&self, name: &str) -> &'a str {
        self.given(name).unwrap_or("stuntkey")
    }

    fn given(&self, name: &str) -> Option<&'a str> {
        self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
