//! Reading options out of JSON: leniently where relying parties are known to stray, telling each mend.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use crate::encoding::base64url;
use crate::encoding::json::{Json, JsonError, Value};

/// Input that cannot be used: where, what was found, what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// The JSON path.
    pub path: String,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, expected {}", self.path, self.found, self.expected)
    }
}

impl std::error::Error for InputError {}

impl InputError {
    /// The error of a JSON text that stands at `place`.
    pub(crate) fn at(error: JsonError, place: &dyn fmt::Display) -> Self {
        Self { path: error.path.replacen('$', &place.to_string(), 1), ..error.into() }
    }
}

impl From<JsonError> for InputError {
    fn from(error: JsonError) -> Self {
        Self { path: error.path, found: error.found, expected: error.expected }
    }
}

/// Something in the options that the standard does not allow, or ignores, and that was mended or passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The JSON path.
    pub path: String,
    /// What was done.
    pub leniency: Leniency,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.leniency)
    }
}

/// What was mended or passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leniency {
    /// `relyingParty` stands for `rp`.
    RelyingPartyForRp,
    /// `authenticatorAttachement` stands for `authenticatorAttachment`.
    MisspelledAttachment,
    /// An empty RP ID is taken as absent.
    EmptyRpId,
    /// A byte order mark before the JSON (RFC 8259 §8.1).
    ByteOrderMark,
    /// `null` is taken as absent.
    NullAsAbsent,
    /// The alphabet of plain base64.
    StandardBase64,
    /// Padded base64url.
    Base64Padding,
    /// White space in base64url.
    Base64WhiteSpace,
    /// A number given as text.
    NumberAsText,
    /// A boolean given as text.
    BooleanAsText,
    /// `user.displayName` is missing; the name stands in.
    MissingDisplayName,
    /// A value that the standard does not know, ignored as it says.
    UnknownValue(String),
    /// A challenge below 16 bytes (WebAuthn L3 §13.4.3).
    ShortChallenge(usize),
    /// An RP ID that is not in ASCII lower case; its ASCII form was used.
    RpIdNotAscii(String),
}

impl fmt::Display for Leniency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Leniency::RelyingPartyForRp => f.write_str("\"relyingParty\", read as \"rp\""),
            Leniency::MisspelledAttachment => f.write_str("misspelled, read as \"authenticatorAttachment\""),
            Leniency::EmptyRpId => f.write_str("an empty RP ID, taken as absent: the origin's host is used"),
            Leniency::ByteOrderMark => f.write_str("a byte order mark, passed over"),
            Leniency::NullAsAbsent => f.write_str("null, taken as absent"),
            Leniency::StandardBase64 => f.write_str("base64 with + or /, expected base64url"),
            Leniency::Base64Padding => f.write_str("padded base64url, expected no padding"),
            Leniency::Base64WhiteSpace => f.write_str("white space in base64url"),
            Leniency::NumberAsText => f.write_str("a number given as text"),
            Leniency::BooleanAsText => f.write_str("a boolean given as text"),
            Leniency::MissingDisplayName => f.write_str("missing, the user's name stands in"),
            Leniency::UnknownValue(value) => write!(f, "the unknown value {value}, ignored"),
            Leniency::ShortChallenge(length) => {
                write!(f, "a challenge of {length} bytes, expected at least 16")
            }
            Leniency::RpIdNotAscii(ascii) => write!(f, "not in ASCII lower case, {ascii:?} is used"),
        }
    }
}

/// A place in a JSON body: the value, the way to it, and where notices go.
#[derive(Clone, Copy)]
pub(crate) struct Node<'n> {
    value: Value<'n>,
    step: Step<'n>,
    parent: Option<&'n Node<'n>>,
    notices: &'n RefCell<Vec<Notice>>,
}

#[derive(Clone, Copy)]
enum Step<'n> {
    Root(&'n dyn fmt::Display),
    Member(&'n str),
    Item(usize),
}

impl<'n> Node<'n> {
    pub(crate) fn new(
        value: Value<'n>,
        path: &'n dyn fmt::Display,
        notices: &'n RefCell<Vec<Notice>>,
    ) -> Self {
        Self { value, step: Step::Root(path), parent: None, notices }
    }

    pub(crate) fn path(&self) -> String {
        let parent = self.parent.map(Node::path).unwrap_or_default();
        match self.step {
            Step::Root(path) => path.to_string(),
            Step::Member(name) => format!("{parent}.{name}"),
            Step::Item(index) => format!("{parent}[{index}]"),
        }
    }

    pub(crate) fn notice(&self, leniency: Leniency) {
        self.notices.borrow_mut().push(Notice { path: self.path(), leniency });
    }

    /// A notice about a member that is not there.
    pub(crate) fn notice_at(&self, name: &str, leniency: Leniency) {
        self.notices.borrow_mut().push(Notice { path: format!("{}.{name}", self.path()), leniency });
    }

    /// An error here, with what stands here.
    pub(crate) fn unexpected(&self, expected: &str) -> InputError {
        self.error(self.describe(), expected)
    }

    pub(crate) fn error(&self, found: impl Into<String>, expected: impl Into<String>) -> InputError {
        InputError { path: self.path(), found: found.into(), expected: expected.into() }
    }

    /// The error that a required member is missing.
    pub(crate) fn missing(&self, name: &str, expected: &str) -> InputError {
        InputError {
            path: format!("{}.{name}", self.path()),
            found: "nothing".into(),
            expected: expected.into(),
        }
    }

    /// The member of this name; `null` counts as absent and is told.
    pub(crate) fn member<'m>(&'m self, name: &'m str) -> Option<Node<'m>> {
        self.inside(name, self.value.member(name)?)
    }

    /// The members of these names, as [`member`](Self::member) gives each.
    #[inline(always)]
    pub(crate) fn members<'m, const N: usize>(&'m self, names: [&'m str; N]) -> [Option<Node<'m>>; N] {
        let mut nodes = [None; N];
        for ((node, name), value) in nodes.iter_mut().zip(names).zip(self.value.members_named(names)) {
            *node = value.and_then(|value| self.inside(name, value));
        }
        nodes
    }

    #[inline(always)]
    fn inside<'m>(&'m self, name: &'m str, value: Value<'m>) -> Option<Node<'m>> {
        let node = || Node { value, step: Step::Member(name), parent: Some(self), notices: self.notices };
        // Made in each arm, so that it is written once and not copied: to read what was just written part by part
        // takes processors longer.
        match value.is_null() {
            true => {
                node().notice(Leniency::NullAsAbsent);
                None
            }
            false => Some(node()),
        }
    }

    /// Whether there is a member of this name, `null` or not.
    pub(crate) fn has_member(&self, name: &str) -> bool {
        self.value.member(name).is_some()
    }

    pub(crate) fn required<'m>(&'m self, name: &'m str, expected: &str) -> Result<Node<'m>, InputError> {
        self.member(name).ok_or_else(|| self.missing(name, expected))
    }

    pub(crate) fn object(&self) -> Result<(), InputError> {
        match self.value.is_object() {
            true => Ok(()),
            false => Err(self.unexpected("an object")),
        }
    }

    pub(crate) fn text(&self) -> Result<Cow<'n, str>, InputError> {
        self.value.as_str().ok_or_else(|| self.unexpected("a string"))
    }

    /// The items of an array.
    pub(crate) fn items<'m>(&'m self) -> Result<impl Iterator<Item = Node<'m>>, InputError> {
        match self.value.is_array() {
            true => Ok(self.value.items().enumerate().map(|(index, value)| Node {
                value,
                step: Step::Item(index),
                parent: Some(self),
                notices: self.notices,
            })),
            false => Err(self.unexpected("an array")),
        }
    }

    /// Bytes as base64url, or any other base64, told.
    pub(crate) fn bytes(&self, expected: &str) -> Result<Vec<u8>, InputError> {
        let text = self.value.as_str().ok_or_else(|| self.unexpected(expected))?;
        let (bytes, mended) = base64url::decode_lenient(&text)
            .map_err(|why| self.error(format!("{}: {why}", self.describe()), expected))?;
        if mended.standard_alphabet {
            self.notice(Leniency::StandardBase64);
        }
        if mended.padding {
            self.notice(Leniency::Base64Padding);
        }
        if mended.white_space {
            self.notice(Leniency::Base64WhiteSpace);
        }
        Ok(bytes)
    }

    /// An integer, maybe given as text.
    pub(crate) fn int(&self, expected: &str) -> Result<i64, InputError> {
        if let Some(integer) = self.value.as_int() {
            return Ok(integer);
        }
        if !self.value.is_scalar() {
            return Err(self.unexpected(expected));
        }
        match self.value.to_json() {
            // 1.0 is an integer in JavaScript.
            Json::Number(number) => match number.as_f64() {
                Some(float) if float.fract() == 0.0 && float.abs() < 9.0e15 => {
                    format!("{float:.0}").parse().map_err(|_| self.unexpected(expected))
                }
                _ => Err(self.unexpected(expected)),
            },
            Json::String(text) => {
                let integer = text.trim().parse().map_err(|_| self.unexpected(expected))?;
                self.notice(Leniency::NumberAsText);
                Ok(integer)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    /// A boolean, maybe given as text.
    pub(crate) fn boolean(&self) -> Result<bool, InputError> {
        if !self.value.is_scalar() {
            return Err(self.unexpected("true or false"));
        }
        let value = match self.value.to_json() {
            Json::Bool(value) => return Ok(value),
            Json::String(text) if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes") => {
                true
            }
            Json::String(text) if text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("no") => {
                false
            }
            _ => return Err(self.unexpected("true or false")),
        };
        self.notice(Leniency::BooleanAsText);
        Ok(value)
    }

    /// One of an enumeration's values; an unknown one is ignored, as the standard says, and told.
    pub(crate) fn enumerated<T>(&self, known: impl Fn(&str) -> Option<T>) -> Result<Option<T>, InputError> {
        let value = known(&self.text()?);
        if value.is_none() {
            self.notice(Leniency::UnknownValue(self.describe()));
        }
        Ok(value)
    }

    fn describe(&self) -> String {
        self.value.describe()
    }
}
