//! CBOR (RFC 8949), read as far as it goes, with offsets.
//!
//! Everything that is well-formed is read. Where an item departs from the CTAP2 canonical form (CTAP 2.2 §8), it says
//! so; a strict caller refuses the [first departure](Item::first_departure).

mod head;
mod read;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

pub use read::{Limits, read, read_within};

/// A data item and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<'a> {
    /// What it is, with what it holds.
    pub kind: Kind<'a>,
    /// Where it stands, head included.
    pub range: Range<usize>,
    /// How it departs from the canonical form, the items inside left aside.
    pub departures: Vec<Departure>,
}

/// The types of data items (RFC 8949 §3.1).
#[derive(Debug, Clone, PartialEq)]
pub enum Kind<'a> {
    /// Major type 0.
    Unsigned(u64),
    /// Major type 1: the number is -1 - n.
    Negative(u64),
    /// Major type 2: borrowed if it is one piece, owned if it came in segments.
    Bytes(Cow<'a, [u8]>),
    /// Major type 3, the same way. It need not be UTF-8.
    Text(Cow<'a, [u8]>),
    /// Major type 4.
    Array(Vec<Item<'a>>),
    /// Major type 5, in the order of the bytes.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// Major type 6: the tag's number and the item that it is for, if that could be read.
    Tag(u64, Option<Box<Item<'a>>>),
    /// Major type 7 but floats: 20 is false, 21 true, 22 null, 23 undefined.
    Simple(u8),
    /// A float of any width.
    Float(f64),
}

/// A departure from the CTAP2 canonical form, at the beginning of the item that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Departure {
    /// The argument would fit into a shorter head.
    LongHead {
        /// The argument.
        argument: u64,
        /// The bytes of the head.
        width: u8,
    },
    /// An indefinite length.
    IndefiniteLength,
    /// A tag.
    Tag(u64),
    /// A simple value below 32 in two bytes, which is not well-formed (RFC 8949 §3.3).
    SimpleInTwoBytes(u8),
    /// A text that is not UTF-8, which is not valid (RFC 8949 §5.3.1).
    NotUtf8,
    /// A key of a map that stands before a key that has to come first.
    KeyOutOfOrder,
    /// A key of a map that is there before.
    KeyTwice,
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Departure::LongHead { argument, width } => write!(f, "{argument} in a head of {width} bytes"),
            Departure::IndefiniteLength => f.write_str("an indefinite length"),
            Departure::Tag(number) => write!(f, "tag {number}"),
            Departure::SimpleInTwoBytes(number) => write!(f, "simple value {number} in two bytes"),
            Departure::NotUtf8 => f.write_str("text that is not UTF-8"),
            Departure::KeyOutOfOrder => f.write_str("a map key out of order"),
            Departure::KeyTwice => f.write_str("a map key for the second time"),
        }
    }
}

/// Where and why a reader stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The offset of the first byte that could not be read.
    pub offset: usize,
    /// What stands there, or is missing.
    pub why: String,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stops at offset {:#06x}: {}", self.offset, self.why)
    }
}

/// What could be read.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The item, incomplete if there is a stop.
    pub item: Option<Item<'a>>,
    /// Why the reader went no further; `None` if the item is whole.
    pub stop: Option<Stop>,
    /// Where the item ends, or the reader stopped.
    pub end: usize,
}

impl<'a> Item<'a> {
    /// The integer, if it is one.
    #[must_use]
    pub fn integer(&self) -> Option<i128> {
        match self.kind {
            Kind::Unsigned(n) => Some(n.into()),
            Kind::Negative(n) => Some(-1 - i128::from(n)),
            _ => None,
        }
    }

    /// The text, if it is one in UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The bytes of a byte string.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Where the contents of a byte string or a text stand, if they are one piece.
    #[must_use]
    pub fn contents(&self) -> Option<Range<usize>> {
        match &self.kind {
            Kind::Bytes(Cow::Borrowed(bytes)) | Kind::Text(Cow::Borrowed(bytes)) => {
                Some(self.range.end.saturating_sub(bytes.len())..self.range.end)
            }
            _ => None,
        }
    }

    /// The items of an array.
    #[must_use]
    pub fn items(&self) -> Option<&[Item<'a>]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is a map.
    #[must_use]
    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// The entries of a map; nothing of any other item.
    #[must_use]
    pub fn entries(&self) -> &[(Item<'a>, Item<'a>)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value at a text key.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Item<'a>> {
        self.entries().iter().find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value)
    }

    /// The value at an integer key.
    #[must_use]
    pub fn labelled(&self, label: i128) -> Option<&Item<'a>> {
        self.entries().iter().find(|(key, _)| key.integer() == Some(label)).map(|(_, value)| value)
    }

    /// What it is, for people: `a byte string`.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Unsigned(_) | Kind::Negative(_) => "an integer",
            Kind::Bytes(_) => "a byte string",
            Kind::Text(_) => "a text",
            Kind::Array(_) => "an array",
            Kind::Map(_) => "a map",
            Kind::Tag(..) => "a tag",
            Kind::Float(_) => "a float",
            Kind::Simple(20 | 21) => "a boolean",
            Kind::Simple(22) => "null",
            Kind::Simple(_) => "something else",
        }
    }

    /// Whether it has this departure, the items inside left aside.
    #[must_use]
    pub fn departs(&self, departure: Departure) -> bool {
        self.departures.contains(&departure)
    }

    /// The first departure of the item or any inside, and its offset.
    #[must_use]
    pub fn first_departure(&self) -> Option<(usize, Departure)> {
        self.find_departure(&|_| true)
    }

    /// The first departure that is `wanted`, of the item or any inside, and its offset.
    #[must_use]
    pub fn find_departure(&self, wanted: &dyn Fn(Departure) -> bool) -> Option<(usize, Departure)> {
        let own = self.departures.iter().find(|departure| wanted(**departure));
        own.map(|departure| (self.range.start, *departure)).or_else(|| match &self.kind {
            Kind::Array(items) => items.iter().find_map(|item| item.find_departure(wanted)),
            Kind::Map(entries) => entries
                .iter()
                .find_map(|(key, value)| key.find_departure(wanted).or_else(|| value.find_departure(wanted))),
            Kind::Tag(_, Some(inner)) => inner.find_departure(wanted),
            _ => None,
        })
    }

    /// Whether any map has two keys of one value, however they are encoded: no CBOR at all may (RFC 8949 §5.6).
    /// `undefined` counts as `null`, and a float as the same float of any width.
    #[must_use]
    pub fn has_a_key_twice(&self) -> bool {
        match &self.kind {
            Kind::Array(items) => items.iter().any(Item::has_a_key_twice),
            Kind::Map(entries) => {
                let mut keys = std::collections::HashSet::new();
                entries.iter().any(|(key, value)| {
                    !keys.insert(key.to_plain()) || key.has_a_key_twice() || value.has_a_key_twice()
                })
            }
            Kind::Tag(_, Some(inner)) => inner.has_a_key_twice(),
            _ => false,
        }
    }

    /// Bytes that are the same for items of one value, whatever the lengths of their heads.
    fn to_plain(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_plain(&mut out);
        out
    }

    fn write_plain(&self, out: &mut Vec<u8>) {
        let mut head = |major: u8, argument: u64| {
            out.push(major);
            out.extend_from_slice(&argument.to_be_bytes());
        };
        let length = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        match &self.kind {
            Kind::Unsigned(n) => head(0, *n),
            Kind::Negative(n) => head(1, *n),
            Kind::Bytes(bytes) => {
                head(2, length(bytes.len()));
                out.extend_from_slice(bytes);
            }
            Kind::Text(bytes) => {
                head(3, length(bytes.len()));
                out.extend_from_slice(bytes);
            }
            Kind::Array(items) => {
                head(4, length(items.len()));
                items.iter().for_each(|item| item.write_plain(out));
            }
            Kind::Map(entries) => {
                head(5, length(entries.len()));
                for (key, value) in entries {
                    key.write_plain(out);
                    value.write_plain(out);
                }
            }
            Kind::Tag(number, inner) => {
                head(6, *number);
                inner.iter().for_each(|inner| inner.write_plain(out));
            }
            Kind::Simple(22 | 23) => head(7, 22),
            Kind::Simple(n) => head(7, (*n).into()),
            Kind::Float(n) => head(8, n.to_bits()),
        }
    }
}
