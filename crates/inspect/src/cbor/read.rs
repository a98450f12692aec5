//! The reader.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::head::{Argument, Head};
use super::{Departure, Item, Kind, Reading, Stop};
use crate::text::slice;

/// How much a reader follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many arrays, maps and tags may stand inside each other.
    pub depth: usize,
    /// How many items there may be in all.
    pub items: usize,
}

impl Default for Limits {
    /// More than any message of WebAuthn or CTAP needs.
    fn default() -> Self {
        Self { depth: 32, items: 50_000 }
    }
}

/// The first item in a range of bytes. Offsets count from the beginning of `bytes`.
#[must_use]
pub fn read(bytes: &[u8], range: Range<usize>) -> Reading<'_> {
    read_within(bytes, range, Limits::default())
}

/// The first item in a range of bytes, with limits of the caller's.
#[must_use]
pub fn read_within(bytes: &[u8], range: Range<usize>, limits: Limits) -> Reading<'_> {
    let bytes = slice(bytes, 0..range.end);
    let mut reader = Reader { bytes, position: range.start, items: 0, limits, stop: None };
    let item = reader.item(0);
    Reading { item, stop: reader.stop, end: reader.position.min(range.end) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    items: usize,
    limits: Limits,
    stop: Option<Stop>,
}

impl<'a> Reader<'a> {
    fn stop<T>(&mut self, offset: usize, why: impl Into<String>) -> Option<T> {
        self.stop.get_or_insert(Stop { offset, why: why.into() });
        None
    }

    fn head(&mut self) -> Option<Head> {
        match Head::read(self.bytes.get(self.position..).unwrap_or_default()) {
            Ok(head) => {
                self.position += usize::from(head.width);
                Some(head)
            }
            Err(why) => self.stop(self.position, why),
        }
    }

    fn item(&mut self, depth: usize) -> Option<Item<'a>> {
        let start = self.position;
        self.items += 1;
        let Limits { depth: deepest, items: most } = self.limits;
        if self.items > most {
            return self.stop(start, format!("more than {most} items"));
        }
        let head = self.head()?;
        let mut departures: Vec<Departure> = head.departure.into_iter().collect();
        if matches!(head.major, 4..=6) && depth >= deepest {
            self.position = start;
            return self.stop(start, format!("more than {deepest} levels"));
        }
        let kind = match (head.major, head.argument) {
            (0, Argument::Number(n)) => Kind::Unsigned(n),
            (1, Argument::Number(n)) => Kind::Negative(n),
            (2, argument) => Kind::Bytes(self.string(&argument, 2)?),
            (3, argument) => {
                let text = self.string(&argument, 3)?;
                if std::str::from_utf8(&text).is_err() {
                    departures.push(Departure::NotUtf8);
                }
                Kind::Text(text)
            }
            (4, argument) => Kind::Array(self.array(&argument, depth)),
            (5, argument) => Kind::Map(self.map(&argument, depth)),
            (6, Argument::Number(n)) => Kind::Tag(n, self.item(depth + 1).map(Box::new)),
            (_, Argument::Number(n)) => Kind::Simple(u8::try_from(n).unwrap_or(u8::MAX)),
            (_, Argument::Float(n)) => Kind::Float(n),
            (_, Argument::Indefinite) => {
                return self.stop(start, "a break outside of any item of indefinite length");
            }
        };
        Some(Item { kind, range: start..self.position, departures })
    }

    /// As many bytes as the head says, or as many segments as there are before a break.
    fn string(&mut self, argument: &Argument, major: u8) -> Option<Cow<'a, [u8]>> {
        let Argument::Number(length) = argument else { return self.segments(major) };
        let left = self.bytes.len().saturating_sub(self.position);
        let length = usize::try_from(*length).unwrap_or(usize::MAX);
        if length > left {
            let why = format!("a string of {length} bytes, of which {left} are there");
            self.stop.get_or_insert(Stop { offset: self.position, why });
        }
        // What is there of a string that is cut is shown too.
        let range = self.position..self.position + length.min(left);
        self.position = range.end;
        Some(Cow::Borrowed(slice(self.bytes, range)))
    }

    fn segments(&mut self, major: u8) -> Option<Cow<'a, [u8]>> {
        let mut joined = Vec::new();
        while self.stop.is_none() {
            let start = self.position;
            let head = self.head()?;
            match (head.major, head.argument) {
                (7, Argument::Indefinite) => break,
                (same, length @ Argument::Number(_)) if same == major => {
                    joined.extend_from_slice(&self.string(&length, major)?);
                }
                _ => return self.stop(start, "no segment of the string's own type"),
            }
        }
        Some(Cow::Owned(joined))
    }

    /// Whether there is another item of an array or a map that has `read` so far; takes the break that ends one.
    fn goes_on(&mut self, argument: &Argument, read: usize) -> bool {
        if self.stop.is_some() {
            return false;
        }
        match argument {
            Argument::Number(length) => u64::try_from(read).is_ok_and(|read| read < *length),
            _ => {
                let over = self.bytes.get(self.position) == Some(&0xff);
                self.position += usize::from(over);
                !over
            }
        }
    }

    fn array(&mut self, argument: &Argument, depth: usize) -> Vec<Item<'a>> {
        let mut items = Vec::new();
        while self.goes_on(argument, items.len()) {
            let Some(item) = self.item(depth + 1) else { break };
            items.push(item);
        }
        items
    }

    fn map(&mut self, argument: &Argument, depth: usize) -> Vec<(Item<'a>, Item<'a>)> {
        let mut entries: Vec<(Item<'a>, Item<'a>)> = Vec::new();
        // The keys before, once one is not in order: as long as each is greater than the last, none is there twice.
        let mut seen: Option<HashSet<&'a [u8]>> = None;
        let mut last: &[u8] = &[];
        while self.goes_on(argument, entries.len()) {
            let Some(mut key) = self.item(depth + 1).filter(|_| self.stop.is_none()) else { break };
            let bytes = slice(self.bytes, key.range.clone());
            let order = rank(bytes).cmp(&rank(last));
            if order.is_le() && seen.is_none() {
                let before = entries.iter().map(|(key, _)| slice(self.bytes, key.range.clone()));
                seen = Some(before.collect());
            }
            if seen.as_mut().is_some_and(|seen| !seen.insert(bytes)) {
                key.departures.push(Departure::KeyTwice);
            } else if order.is_lt() {
                key.departures.push(Departure::KeyOutOfOrder);
            } else {
                last = bytes;
            }
            let Some(value) = self.item(depth + 1) else { break };
            entries.push((key, value));
        }
        entries
    }
}

/// Map keys come by their major types, then by their lengths, then by their bytes (CTAP 2.2 §8).
fn rank(key: &[u8]) -> (Option<u8>, usize, &[u8]) {
    (key.first().map(|head| head >> 5), key.len(), key)
}
