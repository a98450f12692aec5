//! CBOR in diagnostic notation (RFC 8949 §8), and as a tree.

use std::fmt::Write as _;
use std::ops::Range;

use super::cbor::{Departure, Item, Kind, Reading};
use super::text::{count, hex, slice};
use super::tree::{NOTATION, Node};

/// The item in diagnostic notation.
#[must_use]
pub fn notation(item: &Item<'_>) -> String {
    let mut out = String::new();
    write(&mut out, item);
    out
}

fn write(out: &mut String, item: &Item<'_>) {
    let open = if item.departs(Departure::IndefiniteLength) { "_ " } else { "" };
    match &item.kind {
        Kind::Array(items) => {
            out.push('[');
            out.push_str(open);
            for (position, item) in items.iter().enumerate() {
                out.push_str(if position == 0 { "" } else { ", " });
                write(out, item);
            }
            out.push(']');
        }
        Kind::Map(entries) => {
            out.push('{');
            out.push_str(open);
            for (position, (key, value)) in entries.iter().enumerate() {
                out.push_str(if position == 0 { "" } else { ", " });
                write(out, key);
                out.push_str(": ");
                write(out, value);
            }
            out.push('}');
        }
        Kind::Tag(number, inner) => {
            out.push_str(&format!("{number}("));
            if let Some(inner) = inner {
                write(out, inner);
            }
            out.push(')');
        }
        _ => out.push_str(&scalar(item)),
    }
}

fn scalar(item: &Item<'_>) -> String {
    match &item.kind {
        Kind::Unsigned(_) | Kind::Negative(_) => item.integer().unwrap_or_default().to_string(),
        Kind::Bytes(bytes) => format!("h'{}'", hex(bytes)),
        Kind::Text(bytes) => quoted(&String::from_utf8_lossy(bytes)),
        Kind::Simple(20) => "false".into(),
        Kind::Simple(21) => "true".into(),
        Kind::Simple(22) => "null".into(),
        Kind::Simple(23) => "undefined".into(),
        Kind::Simple(n) => format!("simple({n})"),
        Kind::Float(n) if n.is_nan() => "NaN".into(),
        Kind::Float(n) if n.is_infinite() => if *n > 0.0 { "Infinity" } else { "-Infinity" }.into(),
        Kind::Float(n) => format!("{n:?}"),
        Kind::Array(_) | Kind::Map(_) | Kind::Tag(..) => String::new(),
    }
}

/// Text in quotes, as in JSON.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => {
                write!(out, "\\u{:04x}", u32::from(character)).expect("a String takes everything");
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// An item as a node, its members below it.
pub fn node(name: impl Into<String>, item: &Item<'_>) -> Node {
    let mut node = bare(name, item);
    match &item.kind {
        Kind::Array(items) => {
            let items = items.iter().enumerate();
            node.children.extend(items.map(|(index, item)| self::node(format!("[{index}]"), item)));
        }
        Kind::Map(entries) => {
            let kty = item.labelled(1).and_then(Item::integer).unwrap_or_default();
            node.children.extend(entries.iter().map(|(key, value)| {
                let member = member(key, value);
                if key.integer().is_some_and(|label| is_private(kty, label)) {
                    member.secret()
                } else {
                    member
                }
            }));
        }
        Kind::Tag(_, Some(inner)) => node.children.push(self::node("content", inner)),
        _ => {}
    }
    node
}

/// Whether the parameter with this label is private in a COSE_Key of the type `kty` (RFC 9053 §7, RFC 8230 §4).
pub(crate) fn is_private(kty: i128, label: i128) -> bool {
    matches!((kty, label), (1 | 2, -4) | (3, -12..=-3) | (4, -1) | (7, -2))
}

/// A member of a map, named by its key.
#[must_use]
pub fn member(key: &Item<'_>, value: &Item<'_>) -> Node {
    keyed(key, node(key_name(key), value))
}

/// A member of a map, with its key's place and faults.
#[must_use]
pub fn keyed(key: &Item<'_>, node: Node) -> Node {
    let own = key.departures.iter().filter(|departure| !is_of_map(**departure));
    let node = own.fold(node, |node, departure| node.odd(format!("the key is {}", note(*departure))));
    Node { key: Some(key.range.clone()), ..node }
}

/// What a key is called: text as it is, anything else in diagnostic notation.
#[must_use]
pub fn key_name(key: &Item<'_>) -> String {
    key.text().map_or_else(|| notation(key), str::to_owned)
}

/// An item as a node without what it holds.
pub fn bare(name: impl Into<String>, item: &Item<'_>) -> Node {
    let node = Node::new(name).at(item.range.clone());
    let node = match &item.kind {
        Kind::Unsigned(_) | Kind::Negative(_) => node.number(item.integer().unwrap_or_default()),
        Kind::Bytes(bytes) => node.data(bytes.to_vec()),
        Kind::Text(bytes) => node.text(String::from_utf8_lossy(bytes)),
        Kind::Array(items) => node.word(count(items.len(), "item", "items")),
        Kind::Map(entries) => node.word(count(entries.len(), "member", "members")),
        Kind::Tag(number, _) => node.word(format!("tag {number}")),
        Kind::Simple(_) | Kind::Float(_) => node.word(scalar(item)),
    };
    notes(item).into_iter().fold(node, Node::odd)
}

/// How an item departs from the canonical form, in a line each. A map's keys are its own.
#[must_use]
pub fn notes(item: &Item<'_>) -> Vec<String> {
    let mut notes: Vec<String> =
        item.departures.iter().filter(|d| !is_of_map(**d)).map(|d| note(*d)).collect();
    let keys = || item.entries().iter().map(|(key, _)| key);
    let twice = keys().filter(|key| key.departs(Departure::KeyTwice)).count();
    if twice > 0 {
        notes.push(format!("{twice} of its keys are there before"));
    }
    if keys().any(|key| key.departs(Departure::KeyOutOfOrder)) {
        notes.push("keys out of canonical order".into());
    }
    notes
}

fn is_of_map(departure: Departure) -> bool {
    matches!(departure, Departure::KeyTwice | Departure::KeyOutOfOrder)
}

fn note(departure: Departure) -> String {
    match departure {
        Departure::LongHead { .. } => "not the shortest head".into(),
        Departure::IndefiniteLength => "of indefinite length".into(),
        Departure::Tag(_) => "a tag, which the CTAP2 canonical form does not have".into(),
        Departure::SimpleInTwoBytes(_) => "a simple value that is not well-formed in two bytes".into(),
        other => other.to_string(),
    }
}

/// Any CBOR: its notation, its tree, and what follows it.
#[must_use]
pub fn document(reading: &Reading<'_>, bytes: &[u8], end: usize) -> Node {
    let node = match &reading.item {
        Some(item) => {
            let notation = Node::new(NOTATION).word(notation(item));
            Node::new("CBOR").at(item.range.clone()).with(notation).with(node("item", item))
        }
        None => Node::new("CBOR").at(0..end),
    };
    ending(node, reading, bytes, end)
}

/// Where a reading stopped, and the bytes that it left.
#[must_use]
pub fn ending(node: Node, reading: &Reading<'_>, bytes: &[u8], end: usize) -> Node {
    match &reading.stop {
        Some(stop) => left_over(node, bytes, reading.end..end, Some(stop.to_string())),
        None => {
            let more = count(end.saturating_sub(reading.end), "byte", "bytes");
            let why = format!("{more} more after the item, from offset {:#06x}", reading.end);
            match reading.end < end {
                true => left_over(node, bytes, reading.end..end, None).stop(why),
                false => node,
            }
        }
    }
}

/// The bytes that a reader left: `not read` after a stop, `more` otherwise.
#[must_use]
pub fn left_over(node: Node, bytes: &[u8], rest: Range<usize>, stop: Option<String>) -> Node {
    let name = if stop.is_some() { "not read" } else { "more" };
    let left = (!rest.is_empty()).then(|| Node::new(name).data(slice(bytes, rest.clone())).at(rest));
    let node = node.with_all(left);
    match stop {
        Some(why) => node.stop(why),
        None => node,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor;

    /// Examples of RFC 8949, appendix A.
    #[test]
    fn notation_is_that_of_the_rfc() {
        let cases: [(&[u8], &str); 14] = [
            (&[0x19, 0x03, 0xe8], "1000"),
            (&[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "-18446744073709551616"),
            (&[0xf9, 0x3e, 0x00], "1.5"),
            (&[0xf9, 0xfc, 0x00], "-Infinity"),
            (&[0xf9, 0x7e, 0x00], "NaN"),
            (&[0xf4], "false"),
            (&[0xf7], "undefined"),
            (&[0xf8, 0xff], "simple(255)"),
            (&[0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0], "1(1363896240)"),
            (&[0x44, 0x01, 0x02, 0x03, 0x04], "h'01020304'"),
            (&[0x62, 0x22, 0x5c], "\"\\\"\\\\\""),
            (&[0x83, 0x01, 0x82, 0x02, 0x03, 0x82, 0x04, 0x05], "[1, [2, 3], [4, 5]]"),
            (&[0xa2, 0x61, 0x61, 0x01, 0x61, 0x62, 0x82, 0x02, 0x03], "{\"a\": 1, \"b\": [2, 3]}"),
            (&[0x9f, 0x01, 0x82, 0x02, 0x03, 0xff], "[_ 1, [2, 3]]"),
        ];
        for (bytes, expected) in cases {
            let item = cbor::read(bytes, 0..bytes.len()).item.unwrap();
            assert_eq!(notation(&item), expected);
        }
    }

    #[test]
    fn departures_are_noted_in_a_line_each() {
        let notes = |bytes: &[u8]| notes(&cbor::read(bytes, 0..bytes.len()).item.unwrap());
        assert_eq!(notes(&[0x18, 0x17]), ["not the shortest head"]);
        assert_eq!(notes(&[0x9f, 0x01, 0xff]), ["of indefinite length"]);
        assert_eq!(notes(&[0xa2, 0x01, 0x01, 0x01, 0x02]), ["1 of its keys are there before"]);
        assert_eq!(notes(&[0xa2, 0x02, 0x01, 0x01, 0x02]), ["keys out of canonical order"]);
        assert_eq!(notes(&[0xa2, 0x20, 0x01, 0x18, 0x64, 0x02]), ["keys out of canonical order"]);
        assert_eq!(notes(&[0x61, 0xff]), ["text that is not UTF-8"]);
        assert!(notes(&[0xa2, 0x18, 0x64, 0x02, 0x20, 0x01]).is_empty());
    }
}
