//! DER (X.690), read as far as it goes, with offsets.

use std::ops::Range;

use x509_cert::der::asn1::ObjectIdentifier;

use super::cbor::Stop;
use super::text::{count, hex, slice};
use super::tree::{Node, Value};

const MAX_DEPTH: usize = 24;
const MAX_ELEMENTS: usize = 20_000;

/// The universal tag of BOOLEAN.
pub const BOOLEAN: u32 = 1;
/// The universal tag of INTEGER.
pub const INTEGER: u32 = 2;
/// The universal tag of BIT STRING.
pub const BIT_STRING: u32 = 3;
/// The universal tag of OCTET STRING.
pub const OCTET_STRING: u32 = 4;
/// The universal tag of NULL.
pub const NULL: u32 = 5;
/// The universal tag of OBJECT IDENTIFIER.
pub const OID: u32 = 6;
/// The universal tag of ENUMERATED.
pub const ENUMERATED: u32 = 10;
/// The universal tag of SEQUENCE and SEQUENCE OF.
pub const SEQUENCE: u32 = 16;
/// The universal tag of SET and SET OF.
pub const SET: u32 = 17;

/// A tag, a length and a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// 0 universal, 1 application, 2 context-specific, 3 private.
    pub class: u8,
    /// Whether the content is further elements.
    pub constructed: bool,
    /// The tag number.
    pub tag: u32,
    /// Where it stands, tag and length included.
    pub range: Range<usize>,
    /// Where its content stands.
    pub content: Range<usize>,
    /// The elements inside, as far as they could be read.
    pub children: Vec<Element>,
    /// Where it, or a child of it, could not be read on.
    pub stop: Option<Stop>,
}

impl Element {
    /// Whether it has this universal tag.
    pub fn is(&self, tag: u32) -> bool {
        self.class == 0 && self.tag == tag
    }

    /// Whether it has this context-specific tag.
    pub fn is_context(&self, tag: u32) -> bool {
        self.class == 2 && self.tag == tag
    }

    /// The bytes of its content.
    pub fn value<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        slice(bytes, self.content.clone())
    }

    /// The element at a position inside.
    pub fn child(&self, index: usize) -> Option<&Element> {
        self.children.get(index)
    }

    /// The object identifier, if it is one.
    pub fn oid(&self, bytes: &[u8]) -> Option<ObjectIdentifier> {
        self.is(OID).then(|| ObjectIdentifier::from_bytes(self.value(bytes)).ok())?
    }

    /// A non-negative INTEGER or ENUMERATED of at most 63 bits.
    pub fn integer(&self, bytes: &[u8]) -> Option<u64> {
        let value = self.value(bytes);
        let fits = (self.is(INTEGER) || self.is(ENUMERATED)) && !value.is_empty() && value.len() <= 8;
        let number = value.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        (fits && value.first().is_some_and(|first| *first < 0x80)).then_some(number)
    }

    /// Where this or something below it could not be read on.
    pub fn first_stop(&self) -> Option<&Stop> {
        self.stop.as_ref().or_else(|| self.children.iter().find_map(Element::first_stop))
    }
}

/// The element at the beginning of a range.
pub fn read(bytes: &[u8], range: Range<usize>) -> Result<Element, Stop> {
    let mut left = MAX_ELEMENTS;
    element(slice(bytes, 0..range.end), range.start, 0, &mut left)
}

fn element(bytes: &[u8], start: usize, depth: usize, left: &mut usize) -> Result<Element, Stop> {
    let stop = |offset: usize, why: &str| Stop { offset, why: why.to_owned() };
    if depth > MAX_DEPTH || *left == 0 {
        return Err(stop(start, "too many elements, or too deep"));
    }
    *left -= 1;
    let mut position = start;
    let mut next = |what: &str| {
        let byte = bytes
            .get(position)
            .copied()
            .ok_or_else(|| stop(position, &format!("the end, where {what} should be")));
        position += 1;
        byte
    };
    let first = next("a tag")?;
    let mut tag = u32::from(first & 0x1f);
    if tag == 0x1f {
        tag = 0;
        for more in 0.. {
            let byte = next("a tag")?;
            tag = tag << 7 | u32::from(byte & 0x7f);
            if byte < 0x80 {
                break;
            }
            if more == 3 {
                return Err(stop(start, "a tag that is too long"));
            }
        }
    }
    let length = match next("a length")? {
        short @ 0..=0x7f => usize::from(short),
        0x80 => return Err(stop(start, "an indefinite length, which DER does not have")),
        long @ 0x81..=0x84 => {
            let mut length = 0_usize;
            for _ in 0..long & 0x7f {
                length = length << 8 | usize::from(next("a length")?);
            }
            length
        }
        _ => return Err(stop(start, "a length that is too long")),
    };
    let there = bytes.len().saturating_sub(position);
    let cut = length > there;
    let content = position..position + length.min(there);
    let mut element = Element {
        class: first >> 6,
        constructed: first & 0x20 != 0,
        tag,
        range: start..content.end,
        content: content.clone(),
        children: Vec::new(),
        stop: cut.then(|| stop(start, &format!("an element of {length} bytes, of which {there} are there"))),
    };
    let inner = slice(bytes, 0..content.end);
    let mut at = content.start;
    while element.constructed && at < content.end {
        match self::element(inner, at, depth + 1, left) {
            Ok(child) => {
                at = child.range.end;
                element.children.push(child);
            }
            Err(stop) => {
                element.stop.get_or_insert(stop);
                break;
            }
        }
    }
    Ok(element)
}

/// Any element as a node, its children below it.
pub fn node(name: impl Into<String>, element: &Element, bytes: &[u8]) -> Node {
    let name = name.into();
    let name = if name.is_empty() { type_name(element) } else { name };
    let node = Node { value: value(element, bytes), ..Node::new(name).at(element.range.clone()) };
    let node = node.with_all(element.children.iter().map(|child| self::node("", child, bytes)));
    match &element.stop {
        Some(stop) if element.constructed => {
            let read = element.children.last().map_or(element.content.start, |last| last.range.end);
            let rest = read..element.range.end;
            let node = match rest.is_empty() {
                true => node,
                false => node.with(Node::new("not read").data(slice(bytes, rest.clone())).at(rest)),
            };
            node.odd(stop.to_string())
        }
        Some(stop) => node.odd(stop.to_string()),
        None => node,
    }
}

/// An element that is shown whole, as hex.
pub(crate) fn raw(name: &str, element: &Element, bytes: &[u8]) -> Node {
    Node::new(name).word(hex(slice(bytes, element.range.clone()))).at(element.range.clone())
}

fn type_name(element: &Element) -> String {
    match (element.class, element.tag) {
        (0, BOOLEAN) => "BOOLEAN".into(),
        (0, INTEGER) => "INTEGER".into(),
        (0, BIT_STRING) => "BIT STRING".into(),
        (0, OCTET_STRING) => "OCTET STRING".into(),
        (0, NULL) => "NULL".into(),
        (0, OID) => "OBJECT IDENTIFIER".into(),
        (0, ENUMERATED) => "ENUMERATED".into(),
        (0, SEQUENCE) => "SEQUENCE".into(),
        (0, SET) => "SET".into(),
        (0, 12) => "UTF8String".into(),
        (0, 19) => "PrintableString".into(),
        (0, 22) => "IA5String".into(),
        (0, 23) => "UTCTime".into(),
        (0, 24) => "GeneralizedTime".into(),
        (0, tag) => format!("UNIVERSAL {tag}"),
        (1, tag) => format!("[APPLICATION {tag}]"),
        (2, tag) => format!("[{tag}]"),
        (_, tag) => format!("[PRIVATE {tag}]"),
    }
}

/// What a primitive element says.
pub fn value(element: &Element, bytes: &[u8]) -> Value {
    let content = element.value(bytes);
    if element.constructed {
        return Value::Word(count(element.children.len(), "element", "elements"));
    }
    match (element.class, element.tag) {
        (0, BOOLEAN) => Value::Truth(content.iter().any(|byte| *byte != 0)),
        (0, INTEGER | ENUMERATED) => match element.integer(bytes) {
            Some(number) => Value::Number(number.into()),
            None => Value::Bytes(content.to_vec()),
        },
        (0, NULL) => Value::None,
        (0, OID) => match element.oid(bytes) {
            Some(oid) => Value::Word(super::oid::described(&oid)),
            None => Value::Bytes(content.to_vec()),
        },
        (0, 12 | 18..=20 | 22..=28) => match std::str::from_utf8(content) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(content.to_vec()),
        },
        _ => Value::Bytes(content.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_their_places() {
        let bytes = [0x30, 0x06, 0x02, 0x01, 0x05, 0x04, 0x01, 0xaa, 0xff];
        let element = read(&bytes, 0..bytes.len()).unwrap();
        assert_eq!(element.range, 0..8);
        assert_eq!(element.children[0].integer(&bytes), Some(5));
        assert_eq!(element.children[1].content, 7..8);
    }

    #[test]
    fn high_tags_and_long_lengths_are_read() {
        // [600] of the Android key description.
        let bytes = [0xbf, 0x84, 0x58, 0x81, 0x02, 0x05, 0x00];
        let element = read(&bytes, 0..bytes.len()).unwrap();
        assert_eq!((element.class, element.tag, element.children.len()), (2, 600, 1));
    }

    #[test]
    fn what_is_cut_stops() {
        assert_eq!(read(&[0x30, 0x03, 0x02], 0..3).unwrap().first_stop().unwrap().offset, 0);
        let inner = read(&[0x30, 0x03, 0x02, 0x05, 0x00], 0..5).unwrap();
        assert_eq!(inner.first_stop().unwrap().offset, 2);
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x1f, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(read(bytes, 0..bytes.len()).is_err(), "{bytes:?}");
        }
    }
}
