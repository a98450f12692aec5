//! A JSON text that was checked once and is read where it stands.

use std::borrow::Cow;

use super::error::JsonError;
use super::flatten::flatten;
use super::parse;
use super::tape::{Entry, Kind, Literal};
use super::{Json, Number};

/// A JSON text, and where its values stand in it.
pub(crate) struct Document<'t> {
    text: &'t str,
    /// The values inside an array or an object stand together. The last entry is the whole.
    entries: Vec<Entry>,
}

impl<'t> Document<'t> {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// As [`parse`](super::parse()).
    pub(crate) fn parse(text: &'t str) -> Result<Self, JsonError> {
        Ok(Self { text, entries: parse::read(text)? })
    }

    /// Reads a JSON text that this library wrote, whatever its length.
    ///
    /// # Errors
    /// As [`parse`](super::parse()), but for the length.
    pub(crate) fn written_here(text: &'t str) -> Result<Self, JsonError> {
        Ok(Self { text, entries: parse::read_any_length(text)? })
    }

    /// The document of a tree. `text` is cleared and takes its strings and numbers, one after the other.
    ///
    /// # Errors
    /// As [`parse`](super::parse()) of the tree's text, but for the length.
    pub(crate) fn of_tree(tree: &Json<'_>, text: &'t mut String) -> Result<Self, JsonError> {
        text.clear();
        let entries = flatten(tree, text)?;
        Ok(Self { text, entries })
    }

    /// The whole.
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

    /// The number, if it is written as an integer.
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
        // The parser let nothing else pass.
        Kind::Number => Number::parse(entry.place.of(text)).map_or(Json::Null, Json::Number),
        Kind::String => Json::String(entry.place.string(text)),
        Kind::Array => Json::Array(inside().map(|(_, item)| item).collect()),
        Kind::Object => Json::Object(inside().map(|(name, value)| (name.string(text), value)).collect()),
    }
}
