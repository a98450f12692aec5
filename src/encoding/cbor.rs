//! CBOR in the CTAP2 canonical form (CTAP 2.1 §8, message encoding).
//!
//! An [`Item`] is a tree that owns its content, so it can be changed. For this project's own crates there are a strict
//! reader, which accepts this form and no other, a tree that borrows from its input, and a writer.

mod item;
mod reader;
mod writer;

pub use item::Item;
pub use reader::{CborError, CborErrorKind};
#[doc(hidden)]
pub use reader::{read, read_prefix};
#[doc(hidden)]
pub use writer::Writer;

/// How deep arrays and maps may be nested. CTAP2 messages need 4 levels; a compound attestation object needs 6.
pub const MAX_NESTING: usize = 8;

/// One data item, as it was read. Text and bytes are borrowed from the input.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Major type 0.
    Unsigned(u64),
    /// Major type 1: the value is −1 − this.
    Negative(u64),
    /// Major type 2.
    Bytes(&'a [u8]),
    /// Major type 3.
    Text(&'a str),
    /// Major type 4.
    Array(Vec<Value<'a>>),
    /// Major type 5, in canonical key order.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// `false` or `true`.
    Bool(bool),
    /// `null`.
    Null,
    /// `undefined`.
    Undefined,
    /// A floating-point number. CTAP2 uses none, and asks a reader to keep the form of those that it meets.
    Float {
        /// The width in bytes: 2, 4 or 8.
        width: u8,
        /// The bits, right-aligned.
        bits: u64,
    },
}

impl<'a> Value<'a> {
    /// The integer; `None` for another kind of item, and for an integer beyond 64 bits with a sign.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match *self {
            Value::Unsigned(n) => i64::try_from(n).ok(),
            Value::Negative(n) => i64::try_from(n).ok().map(|n| -1 - n),
            _ => None,
        }
    }

    /// The byte string; `None` for another kind of item.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&'a [u8]> {
        match *self {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text string; `None` for another kind of item.
    #[must_use]
    pub fn as_text(&self) -> Option<&'a str> {
        match *self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean; `None` for another kind of item.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match *self {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The array's items; `None` for another kind of item.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The map's entries; `None` for another kind of item.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Value<'a>, Value<'a>)]> {
        match self {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The map's value under an integer key.
    #[must_use]
    pub fn at(&self, key: i64) -> Option<&Value<'a>> {
        self.as_map()?.iter().find(|(k, _)| k.as_int() == Some(key)).map(|(_, v)| v)
    }

    /// The map's value under a text key.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Value<'a>> {
        self.as_map()?.iter().find(|(k, _)| k.as_text() == Some(key)).map(|(_, v)| v)
    }

    /// The kind of the item, with its article, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Unsigned(_) => "an unsigned integer",
            Value::Negative(_) => "a negative integer",
            Value::Bytes(_) => "a byte string",
            Value::Text(_) => "a text string",
            Value::Array(_) => "an array",
            Value::Map(_) => "a map",
            Value::Bool(_) => "a boolean",
            Value::Null => "null",
            Value::Undefined => "undefined",
            Value::Float { .. } => "a floating-point number",
        }
    }

    /// Writes the item. The entries of a map keep their order, which is canonical if the value was read.
    pub fn write(&self, writer: &mut Writer) {
        match self {
            Value::Unsigned(n) => writer.unsigned(*n),
            Value::Negative(n) => writer.negative(*n),
            Value::Bytes(bytes) => writer.bytes(bytes),
            Value::Text(text) => writer.text(text),
            Value::Array(items) => {
                writer.array(items.len());
                items.iter().for_each(|item| item.write(writer));
            }
            Value::Map(entries) => {
                writer.map(entries.len());
                for (key, value) in entries {
                    key.write(writer);
                    value.write(writer);
                }
            }
            Value::Bool(value) => writer.bool(*value),
            Value::Null => writer.null(),
            Value::Undefined => writer.undefined(),
            Value::Float { width, bits } => writer.float(*width, *bits),
        }
    }
}
