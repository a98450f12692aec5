//! CBOR in diagnostic notation (RFC 8949 §8), and as a tree.

use stuntkey::encoding::json::Json;

use super::cbor::{Item, Kind, Reading};
use super::tree::{Node, count, hex};

/// The item in diagnostic notation.
pub fn notation(item: &Item, bytes: &[u8]) -> String {
    let mut out = String::new();
    write(&mut out, item, bytes);
    out
}

fn write(out: &mut String, item: &Item, bytes: &[u8]) {
    let indefinite = item.odd.iter().any(|odd| odd == "of indefinite length");
    let open = if indefinite { "_ " } else { "" };
    match &item.kind {
        Kind::Array(items) => {
            out.push_str(&format!("[{open}"));
            for (position, item) in items.iter().enumerate() {
                out.push_str(if position == 0 { "" } else { ", " });
                write(out, item, bytes);
            }
            out.push(']');
        }
        Kind::Map(entries) => {
            out.push_str(&format!("{{{open}"));
            for (position, (key, value)) in entries.iter().enumerate() {
                out.push_str(if position == 0 { "" } else { ", " });
                write(out, key, bytes);
                out.push_str(": ");
                write(out, value, bytes);
            }
            out.push('}');
        }
        Kind::Tag(number, inner) => {
            out.push_str(&format!("{number}("));
            if let Some(inner) = inner {
                write(out, inner, bytes);
            }
            out.push(')');
        }
        _ => out.push_str(&scalar(item, bytes)),
    }
}

fn scalar(item: &Item, bytes: &[u8]) -> String {
    match &item.kind {
        Kind::Unsigned(_) | Kind::Negative(_) => item.integer().unwrap_or_default().to_string(),
        Kind::Bytes(contents) => format!("h'{}'", hex(contents.of(bytes))),
        Kind::Text(contents) => {
            Json::from(String::from_utf8_lossy(contents.of(bytes)).into_owned()).to_string()
        }
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

/// An item as a node, its members below it.
pub fn node(name: impl Into<String>, item: &Item, bytes: &[u8]) -> Node {
    let mut node = bare(name, item, bytes);
    match &item.kind {
        Kind::Array(items) => {
            let items = items.iter().enumerate();
            node.children.extend(items.map(|(index, item)| self::node(format!("[{index}]"), item, bytes)));
        }
        Kind::Map(entries) => {
            node.children.extend(entries.iter().map(|(key, value)| member(key, value, bytes)));
        }
        Kind::Tag(_, Some(inner)) => node.children.push(self::node("content", inner, bytes)),
        _ => {}
    }
    node
}

/// A member of a map, named by its key.
pub fn member(key: &Item, value: &Item, bytes: &[u8]) -> Node {
    keyed(key, node(key_name(key, bytes), value, bytes))
}

/// A member of a map, with its key's place and faults.
pub fn keyed(key: &Item, node: Node) -> Node {
    let node = key.odd.iter().fold(node, |node, odd| node.odd(format!("the key is {odd}")));
    Node { key: Some(key.range.clone()), ..node }
}

/// What a key is called: text as it is, anything else in diagnostic notation.
pub fn key_name(key: &Item, bytes: &[u8]) -> String {
    key.text(bytes).map_or_else(|| notation(key, bytes), str::to_owned)
}

/// An item as a node without what it holds.
pub fn bare(name: impl Into<String>, item: &Item, bytes: &[u8]) -> Node {
    let node = Node::new(name).at(item.range.clone());
    let node = match &item.kind {
        Kind::Unsigned(_) | Kind::Negative(_) => node.number(item.integer().unwrap_or_default()),
        Kind::Bytes(contents) => node.data(contents.of(bytes)),
        Kind::Text(contents) => node.text(String::from_utf8_lossy(contents.of(bytes))),
        Kind::Array(items) => node.word(count(items.len(), "item", "items")),
        Kind::Map(entries) => node.word(count(entries.len(), "member", "members")),
        Kind::Tag(number, _) => node.word(format!("tag {number}")),
        Kind::Simple(_) | Kind::Float(_) => node.word(scalar(item, bytes)),
    };
    item.odd.iter().fold(node, |node, odd| node.odd(odd.clone()))
}

/// Any CBOR: its notation, its tree, and what follows it.
pub fn document(reading: &Reading, bytes: &[u8], end: usize) -> Node {
    let node = match &reading.item {
        Some(item) => {
            let notation = Node::new("diagnostic notation").word(notation(item, bytes));
            Node::new("CBOR").at(item.range.clone()).with(notation).with(node("item", item, bytes))
        }
        None => Node::new("CBOR").at(0..end),
    };
    ending(node, reading, bytes, end)
}

/// Where a reading stopped, and the bytes that it left.
pub fn ending(node: Node, reading: &Reading, bytes: &[u8], end: usize) -> Node {
    let left = super::tree::slice(bytes, reading.end..end);
    let rest = |name: &str| Node::new(name).data(left).at(reading.end..end);
    match &reading.stop {
        Some(stop) if left.is_empty() => node.stop(stop.to_string()),
        Some(stop) => node.with(rest("not read")).stop(stop.to_string()),
        None if left.is_empty() => node,
        None => {
            let more = count(left.len(), "byte", "bytes");
            node.with(rest("more"))
                .stop(format!("{more} more after the item, from offset {:#06x}", reading.end))
        }
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
            assert_eq!(notation(&item, bytes), expected);
        }
    }
}
