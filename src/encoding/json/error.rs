//! Why a text, or a tree, is not JSON that this library reads.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::quoted_start;

/// Longer bodies are refused unread: 4 MiB, far above any options that a relying party sends.
pub const MAX_BODY_LENGTH: usize = 4 << 20;

/// Arrays and objects may be nested this deep.
pub const MAX_DEPTH: usize = 64;

/// Text that is not JSON, or not JSON that this library reads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonError {
    /// Which rule the text breaks.
    pub kind: JsonErrorKind,
    /// The JSON path.
    pub path: String,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
}

/// The rule that a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// The text is not JSON.
    Syntax,
    /// An object has two members of one name.
    DuplicateMember,
    /// Arrays and objects are nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// The text is longer than [`MAX_BODY_LENGTH`].
    TooLong,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, expected {}", self.path, self.found, self.expected)
    }
}

impl std::error::Error for JsonError {}

/// Why a reader stopped, and the way from there outwards.
pub(super) struct Refusal<'t> {
    kind: JsonErrorKind,
    way: Vec<Segment<'t>>,
}

/// One step of the way.
pub(super) enum Segment<'t> {
    Member(Cow<'t, str>),
    Item(usize),
}

impl<'t> Refusal<'t> {
    pub(super) fn of(kind: JsonErrorKind) -> Box<Self> {
        Box::new(Self { kind, way: Vec::new() })
    }

    /// Adds the next step outwards.
    pub(super) fn inside(mut self: Box<Self>, segment: Segment<'t>) -> Box<Self> {
        self.way.push(segment);
        self
    }

    /// The error; `text` is the whole that was read.
    pub(super) fn into_error(self: Box<Self>, text: &str) -> JsonError {
        let (found, expected) = match self.kind {
            JsonErrorKind::Syntax => {
                let found = match text.trim() {
                    "" => "an empty text".into(),
                    _ => quoted_start(text.trim_start()),
                };
                // serde_json knows line and column, and the reason.
                let reason = serde_json::from_str::<serde_json::Value>(text).err();
                let reason = reason.map_or_else(|| "RFC 8259".into(), |error| error.to_string());
                let expected = format!("JSON ({reason})");
                return JsonError { kind: self.kind, path: "$".into(), found, expected };
            }
            JsonErrorKind::DuplicateMember => ("a second member of this name".into(), "one".into()),
            JsonErrorKind::TooDeep => {
                (format!("more than {MAX_DEPTH} levels of nesting"), format!("at most {MAX_DEPTH} levels"))
            }
            JsonErrorKind::TooLong => (format!("{} bytes", text.len()), "at most 4 MiB".into()),
        };
        JsonError { kind: self.kind, path: self.to_string(), found, expected }
    }
}

/// The JSON path.
impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('$')?;
        for segment in self.way.iter().rev().take(8) {
            match segment {
                Segment::Member(name) => write!(f, ".{name}")?,
                Segment::Item(index) => write!(f, "[{index}]")?,
            }
        }
        f.write_str(if self.way.len() > 8 { "…" } else { "" })
    }
}
