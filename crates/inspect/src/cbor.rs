//! CBOR (RFC 8949), read as far as it goes, with offsets; `ciborium-ll` reads the heads.
//!
//! Everything that is well-formed is taken, and what departs from the CTAP2 canonical form (CTAP 2.2 §8) is noted.

use std::collections::HashSet;
use std::ops::Range;

use ciborium_ll::{Decoder, Error, Header};

use super::tree::slice;

/// Deeper nesting is not followed.
const MAX_DEPTH: usize = 32;
/// More items are not read.
const MAX_ITEMS: usize = 50_000;

/// A data item and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it is, with what it holds.
    pub kind: Kind,
    /// Where it stands, head included.
    pub range: Range<usize>,
    /// How it departs from the canonical form.
    pub odd: Vec<String>,
}

/// The types of data items (RFC 8949 §3.1).
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Major type 0.
    Unsigned(u64),
    /// Major type 1: the number is -1 - n.
    Negative(u64),
    /// Major type 2.
    Bytes(Contents),
    /// Major type 3; whether it is UTF-8 is not known.
    Text(Contents),
    /// Major type 4.
    Array(Vec<Item>),
    /// Major type 5, in the order of the bytes.
    Map(Vec<(Item, Item)>),
    /// Major type 6: the tag's number and the item that it is for, if that could be read.
    Tag(u64, Option<Box<Item>>),
    /// Major type 7 but floats: 20 is false, 21 true, 22 null, 23 undefined.
    Simple(u8),
    /// A float of any width.
    Float(f64),
}

/// What a string holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Contents {
    /// One piece of the bytes.
    Whole(Range<usize>),
    /// Segments, put together.
    Joined(Vec<u8>),
}

impl Contents {
    /// The contents; `bytes` are those in which the item was read.
    pub fn of<'a>(&'a self, bytes: &'a [u8]) -> &'a [u8] {
        match self {
            Contents::Whole(range) => slice(bytes, range.clone()),
            Contents::Joined(joined) => joined,
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

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "stops at offset {:#06x}: {}", self.offset, self.why)
    }
}

/// What could be read.
#[derive(Debug)]
pub struct Reading {
    /// The item, incomplete if there is a stop.
    pub item: Option<Item>,
    /// Why the reader went no further; `None` if the item is whole.
    pub stop: Option<Stop>,
    /// Where the item ends, or the reader stopped.
    pub end: usize,
}

/// The first item in a range of bytes. Offsets count from the beginning of `bytes`.
pub fn read(bytes: &[u8], range: Range<usize>) -> Reading {
    let bytes = slice(bytes, 0..range.end);
    let mut reader = Reader { bytes, position: range.start, items: 0, stop: None };
    let item = reader.item(0);
    Reading { item, stop: reader.stop, end: reader.position.min(range.end) }
}

impl Item {
    /// The integer, if it is one.
    pub fn integer(&self) -> Option<i128> {
        match self.kind {
            Kind::Unsigned(n) => Some(n.into()),
            Kind::Negative(n) => Some(-1 - i128::from(n)),
            _ => None,
        }
    }

    /// The text, if it is one in UTF-8.
    pub fn text<'a>(&'a self, bytes: &'a [u8]) -> Option<&'a str> {
        match &self.kind {
            Kind::Text(contents) => std::str::from_utf8(contents.of(bytes)).ok(),
            _ => None,
        }
    }

    /// The entries of a map; nothing of any other item.
    pub fn entries(&self) -> &[(Item, Item)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value at a text key.
    pub fn member<'a>(&'a self, name: &str, bytes: &[u8]) -> Option<&'a Item> {
        self.entries().iter().find(|(key, _)| key.text(bytes) == Some(name)).map(|(_, value)| value)
    }

    /// The value at an integer key.
    pub fn labelled(&self, label: i128) -> Option<&Item> {
        self.entries().iter().find(|(key, _)| key.integer() == Some(label)).map(|(_, value)| value)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    items: usize,
    stop: Option<Stop>,
}

impl Reader<'_> {
    fn stop<T>(&mut self, offset: usize, why: impl Into<String>) -> Option<T> {
        self.stop.get_or_insert(Stop { offset, why: why.into() });
        None
    }

    /// A head, and whether it is longer than it needs to be.
    fn head(&mut self) -> Option<(Header, bool)> {
        let start = self.position;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let Some(first) = rest.first() else {
            return self.stop(start, "the end, where an item should begin");
        };
        let mut decoder = Decoder::from(rest);
        let header = match decoder.pull() {
            Ok(header) => header,
            Err(Error::Io(_)) => return self.stop(start, "the end, inside the head of an item"),
            Err(Error::Syntax(_)) => {
                return self.stop(start, format!("the byte {first:#04x} begins no item"));
            }
        };
        let length = decoder.offset();
        self.position += length;
        let shortest = |n: u64| match n {
            0..=23 => 1,
            24..=0xff => 2,
            0x100..=0xffff => 3,
            0x1_0000..=0xffff_ffff => 5,
            _ => 9,
        };
        let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let needed = match header {
            Header::Positive(n) | Header::Negative(n) | Header::Tag(n) => shortest(n),
            Header::Bytes(Some(n))
            | Header::Text(Some(n))
            | Header::Array(Some(n))
            | Header::Map(Some(n)) => shortest(wide(n)),
            Header::Simple(n) => shortest(n.into()),
            _ => length,
        };
        Some((header, length > needed))
    }

    fn item(&mut self, depth: usize) -> Option<Item> {
        let start = self.position;
        if depth > MAX_DEPTH {
            return self.stop(start, format!("more than {MAX_DEPTH} levels"));
        }
        self.items += 1;
        if self.items > MAX_ITEMS {
            return self.stop(start, format!("more than {MAX_ITEMS} items"));
        }
        let (header, long) = self.head()?;
        let mut odd = Vec::new();
        if long {
            odd.push("not the shortest head".to_owned());
        }
        if matches!(
            header,
            Header::Bytes(None) | Header::Text(None) | Header::Array(None) | Header::Map(None)
        ) {
            odd.push("of indefinite length".to_owned());
        }
        let kind = match header {
            Header::Positive(n) => Kind::Unsigned(n),
            Header::Negative(n) => Kind::Negative(n),
            Header::Float(n) => Kind::Float(n),
            Header::Simple(n) => {
                if (24..32).contains(&n) {
                    odd.push("a simple value that is not well-formed in two bytes".to_owned());
                }
                Kind::Simple(n)
            }
            Header::Break => return self.stop(start, "a break outside of any item of indefinite length"),
            Header::Bytes(length) => Kind::Bytes(self.string(length, false)?),
            Header::Text(length) => {
                let contents = self.string(length, true)?;
                if std::str::from_utf8(contents.of(self.bytes)).is_err() {
                    odd.push("text that is not UTF-8".to_owned());
                }
                Kind::Text(contents)
            }
            Header::Array(length) => Kind::Array(self.array(length, depth)),
            Header::Map(length) => {
                let entries = self.map(length, depth);
                odd.extend(self.key_faults(&entries));
                Kind::Map(entries)
            }
            Header::Tag(n) => {
                odd.push("a tag, which the CTAP2 canonical form does not have".to_owned());
                Kind::Tag(n, self.item(depth + 1).map(Box::new))
            }
        };
        Some(Item { kind, range: start..self.position, odd })
    }

    /// As many bytes as are told, or as many segments as there are before a break.
    fn string(&mut self, length: Option<usize>, text: bool) -> Option<Contents> {
        let Some(length) = length else {
            let mut joined = Vec::new();
            loop {
                let start = self.position;
                match self.head()?.0 {
                    Header::Break => return Some(Contents::Joined(joined)),
                    Header::Bytes(length @ Some(_)) if !text => {
                        joined.extend_from_slice(self.string(length, text)?.of(self.bytes));
                    }
                    Header::Text(length @ Some(_)) if text => {
                        joined.extend_from_slice(self.string(length, text)?.of(self.bytes));
                    }
                    _ => return self.stop(start, "no segment of the string's own type"),
                }
                if self.stop.is_some() {
                    return Some(Contents::Joined(joined));
                }
            }
        };
        let left = self.bytes.len().saturating_sub(self.position);
        if length > left {
            let why = format!("a string of {length} bytes, of which {left} are there");
            self.stop.get_or_insert(Stop { offset: self.position, why });
        }
        // What is there of a string that is cut is shown too.
        let range = self.position..self.position + length.min(left);
        self.position = range.end;
        Some(Contents::Whole(range))
    }

    /// Whether a break ends an item of indefinite length here; takes it.
    fn is_over(&mut self) -> bool {
        let over = self.bytes.get(self.position) == Some(&0xff);
        self.position += usize::from(over);
        over
    }

    fn array(&mut self, length: Option<usize>, depth: usize) -> Vec<Item> {
        let mut items = Vec::new();
        while length.map_or_else(|| !self.is_over(), |length| items.len() < length) {
            let item = self.item(depth + 1);
            items.extend(item);
            if self.stop.is_some() {
                break;
            }
        }
        items
    }

    fn map(&mut self, length: Option<usize>, depth: usize) -> Vec<(Item, Item)> {
        let mut entries = Vec::new();
        while length.map_or_else(|| !self.is_over(), |length| entries.len() < length) {
            let Some(key) = self.item(depth + 1) else { break };
            if self.stop.is_some() {
                break;
            }
            let Some(value) = self.item(depth + 1) else { break };
            entries.push((key, value));
            if self.stop.is_some() {
                break;
            }
        }
        entries
    }

    /// Keys that come twice or out of order: by major type, then length, then bytes (CTAP 2.2 §8).
    fn key_faults(&self, entries: &[(Item, Item)]) -> Vec<String> {
        let keys: Vec<&[u8]> = entries.iter().map(|(key, _)| slice(self.bytes, key.range.clone())).collect();
        let rank = |key: &[u8]| (key.first().map_or(0, |first| first >> 5), key.len());
        let sorted = keys.windows(2).all(|pair| match pair {
            [one, next] => (rank(one), *one) <= (rank(next), *next),
            _ => true,
        });
        let mut seen = HashSet::new();
        let twice = keys.iter().filter(|key| !seen.insert(**key)).count();
        let mut faults = Vec::new();
        if twice > 0 {
            faults.push(format!("{twice} of its keys are there before"));
        }
        if !sorted {
            faults.push("keys out of canonical order".to_owned());
        }
        faults
    }
}

#[cfg(test)]
mod tests;
