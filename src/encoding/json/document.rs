//! A JSON text that was checked once and is read where it stands.

use std::borrow::Cow;
use std::ops::Range;

use super::Json;
use super::parse::{JsonError, Parser, check_length, unescaped};

/// A JSON text, and where its values stand in it.
pub(crate) struct Document<'t> {
    text: &'t str,
    /// The values inside an array or an object stand together. The last entry is the whole.
    entries: Vec<Entry>,
}

/// A value.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// Of a member.
    pub(super) name: Literal,
    /// Of a string or a number: where it stands in the text. Of an array or an object: where what is inside stands
    /// among the entries.
    pub(super) place: Literal,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number,
    String,
    Array,
    Object,
}

/// Where a literal stands in the text; a string without its quotation marks. One number, which stays in a register: its
/// start in the upper half, its length, and whether a string has escapes in the lowest bit.
#[derive(Clone, Copy)]
pub(super) struct Literal(u64);

impl Literal {
    pub(super) const NONE: Self = Self(0);

    /// No text is so long that it would not fit: 2 GiB.
    pub(super) fn new(start: usize, length: usize, escaped: bool) -> Self {
        let at_most = |number: usize, most: u64| u64::try_from(number).unwrap_or(most).min(most);
        let (start, length) = (at_most(start, 0xffff_ffff), at_most(length, 0x7fff_ffff));
        Self(start << 32 | length << 1 | u64::from(escaped))
    }

    pub(super) fn escaped(self) -> bool {
        self.0 & 1 == 1
    }

    fn length(self) -> usize {
        usize::try_from(self.0 >> 1 & 0x7fff_ffff).unwrap_or(usize::MAX)
    }

    fn range(self) -> Range<usize> {
        let start = usize::try_from(self.0 >> 32).unwrap_or(usize::MAX);
        start..start + self.length()
    }

    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// The string.
    pub(super) fn string(self, text: &str) -> Cow<'_, str> {
        let literal = self.of(text);
        match self.escaped() {
            true => unescaped(literal).map_or(Cow::Borrowed(literal), Cow::Owned),
            false => Cow::Borrowed(literal),
        }
    }

    /// Whether the string is `other`. Most others differ in length, which is looked at in place.
    #[inline(always)]
    fn is(self, text: &str, other: &str) -> bool {
        if self.escaped() {
            return self.means(text, other);
        }
        self.length() == other.len() && text.as_bytes().get(self.range()) == Some(other.as_bytes())
    }

    #[cold]
    fn means(self, text: &str, other: &str) -> bool {
        // An escape of six bytes may be one byte, and no escape is less than what it stands for.
        (self.length() / 6..=self.length()).contains(&other.len()) && self.string(text) == other
    }

    /// Whether both are the same string, if neither has escapes.
    #[inline(always)]
    pub(super) fn equals(self, other: Self, text: &str) -> bool {
        self.length() == other.length()
            && text.as_bytes().get(self.range()) == text.as_bytes().get(other.range())
    }
}

impl<'t> Document<'t> {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// As [`parse`](super::parse).
    pub(crate) fn parse(text: &'t str) -> Result<Self, JsonError> {
        check_length(text)?;
        Self::written_here(text)
    }

    /// Reads a JSON text that was written by us, so that its length is no one else's choice alone.
    ///
    /// # Errors
    /// As [`parse`](super::parse), but for the length.
    pub(crate) fn written_here(text: &'t str) -> Result<Self, JsonError> {
        Ok(Self { text, entries: Parser::read(text)? })
    }

    pub(crate) fn root(&self) -> Value<'_> {
        const NULL: &Entry = &Entry { kind: Kind::Null, name: Literal::NONE, place: Literal::NONE };
        Value { document: self, entry: self.entries.last().unwrap_or(NULL) }
    }

    /// The tree.
    pub(crate) fn to_json(&self) -> Json<'t> {
        self.entries.last().map_or(Json::Null, |entry| tree(self.text, &self.entries, entry))
    }
}

/// A value in a document.
#[derive(Clone, Copy)]
pub(crate) struct Value<'d> {
    document: &'d Document<'d>,
    entry: &'d Entry,
}

impl<'d> Value<'d> {
    pub(crate) fn is_null(self) -> bool {
        self.entry.kind == Kind::Null
    }

    pub(crate) fn is_array(self) -> bool {
        self.entry.kind == Kind::Array
    }

    pub(crate) fn is_object(self) -> bool {
        self.entry.kind == Kind::Object
    }

    /// Whether it is a string, a number or a boolean.
    pub(crate) fn is_scalar(self) -> bool {
        matches!(self.entry.kind, Kind::String | Kind::Number | Kind::Bool(_))
    }

    /// The string, if it is one.
    pub(crate) fn as_str(self) -> Option<Cow<'d, str>> {
        (self.entry.kind == Kind::String).then(|| self.entry.place.string(self.document.text))
    }

    /// Whether it is this string.
    pub(crate) fn is(self, string: &str) -> bool {
        self.entry.kind == Kind::String && self.entry.place.is(self.document.text, string)
    }

    /// The number, if it is one that is written as an integer.
    pub(crate) fn as_int(self) -> Option<i64> {
        (self.entry.kind == Kind::Number).then(|| self.entry.place.of(self.document.text).parse().ok())?
    }

    /// The member of this name, if this is an object that has it.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        let entry = self.inside(Kind::Object).iter().find(|entry| entry.name.is(self.document.text, name))?;
        Some(Self { entry, ..self })
    }

    /// The members of these names, in one pass.
    #[inline(always)]
    pub(crate) fn members_named<const N: usize>(self, names: [&str; N]) -> [Option<Self>; N] {
        let mut found = [None; N];
        for entry in self.inside(Kind::Object) {
            let mut places = found.iter_mut().zip(names);
            if let Some((place, _)) = places.find(|(_, name)| entry.name.is(self.document.text, name)) {
                *place = Some(Self { entry, ..self });
            }
        }
        found
    }

    /// The members of an object, and nothing for other values.
    pub(crate) fn members(self) -> impl Iterator<Item = (Cow<'d, str>, Self)> {
        let members = self.inside(Kind::Object).iter();
        members.map(move |entry| (entry.name.string(self.document.text), Self { entry, ..self }))
    }

    /// The items of an array, and nothing for other values.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        self.inside(Kind::Array).iter().map(move |entry| Self { entry, ..self })
    }

    fn inside(self, kind: Kind) -> &'d [Entry] {
        match self.entry.kind == kind {
            true => self.document.entries.get(self.entry.place.range()).unwrap_or_default(),
            false => &[],
        }
    }

    /// As [`Json::describe`].
    pub(crate) fn describe(self) -> String {
        match self.entry.kind {
            Kind::Array => format!("an array of {}", self.entry.place.length()),
            Kind::Object => "an object".into(),
            _ => self.to_json().describe(),
        }
    }

    /// As a tree.
    pub(crate) fn to_json(self) -> Json<'d> {
        tree(self.document.text, &self.document.entries, self.entry)
    }
}

fn tree<'t>(text: &'t str, entries: &[Entry], entry: &Entry) -> Json<'t> {
    let inside = || {
        let inside = entries.get(entry.place.range()).unwrap_or_default();
        inside.iter().map(|entry| (entry.name, tree(text, entries, entry)))
    };
    match entry.kind {
        Kind::Null => Json::Null,
        Kind::Bool(value) => Json::Bool(value),
        // That it is one was found when it was read.
        Kind::Number => entry.place.of(text).parse().map_or(Json::Null, Json::Number),
        Kind::String => Json::String(entry.place.string(text)),
        Kind::Array => Json::Array(inside().map(|(_, item)| item).collect()),
        Kind::Object => Json::Object(inside().map(|(name, value)| (name.string(text), value)).collect()),
    }
}
