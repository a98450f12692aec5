//! CBOR for the judge, read by `ciborium`.

use std::collections::BTreeSet;

use ciborium::Value;

mod canonical;

/// As deep as WebAuthn's structures may nest: compound statements and extension outputs go a few levels down.
const MAX_DEPTH: usize = 16;

/// The first item, and how many bytes it takes.
pub(super) fn read_first(bytes: &[u8]) -> Result<(Value, usize), String> {
    let mut rest = bytes;
    match ciborium::de::from_reader_with_recursion_limit::<Value, _>(&mut rest, MAX_DEPTH) {
        Ok(value) => Ok((value, bytes.len() - rest.len())),
        Err(ciborium::de::Error::Io(_)) => Err(format!("CBOR that ends early, after {} bytes", bytes.len())),
        Err(ciborium::de::Error::Syntax(offset)) => Err(format!("no CBOR at offset {offset}")),
        Err(ciborium::de::Error::Semantic(_, why)) => Err(format!("CBOR that cannot be used: {why}")),
        Err(ciborium::de::Error::RecursionLimitExceeded) => {
            Err(format!("CBOR nested more than {MAX_DEPTH} levels"))
        }
    }
}

/// Where `bytes`, which read as `value`, depart from the CTAP2 canonical CBOR encoding form. With `lenient`, only a
/// map key that is there twice counts: that is no valid CBOR in any form (RFC 8949 §5.6).
pub(super) fn departure(value: &Value, bytes: &[u8], lenient: bool) -> Option<String> {
    let departure = canonical::check(bytes).err()?;
    match lenient {
        true => has_a_key_twice(value).then(|| "a map with one key twice".into()),
        false => Some(departure),
    }
}

/// Whether any map has two keys of one value, however they are encoded. `ciborium` reads `undefined` as `null`.
fn has_a_key_twice(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_a_key_twice),
        Value::Map(entries) => {
            let mut keys = BTreeSet::new();
            entries.iter().any(|(key, value)| {
                !keys.insert(encoded(key)) || has_a_key_twice(key) || has_a_key_twice(value)
            })
        }
        Value::Tag(_, item) => has_a_key_twice(item),
        _ => false,
    }
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("a Vec takes everything");
    bytes
}

/// The value at a text key.
pub(super) fn member<'v>(map: &'v Value, name: &str) -> Option<&'v Value> {
    map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// The names in a map that are not among `known`, and keys that are no text.
pub(super) fn unknown_members(map: &Value, known: &[&str]) -> Vec<String> {
    let keys = map.as_map().into_iter().flatten().map(|(key, _)| key);
    keys.filter(|key| !key.as_text().is_some_and(|name| known.contains(&name)))
        .map(|key| key.as_text().map_or_else(|| kind(key).to_owned(), |name| format!("{name:?}")))
        .collect()
}

/// What a value is, for people.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Integer(_) => "an integer",
        Value::Bytes(_) => "a byte string",
        Value::Float(_) => "a float",
        Value::Text(_) => "a text",
        Value::Bool(_) => "a boolean",
        Value::Null => "null",
        Value::Tag(..) => "a tag",
        Value::Array(_) => "an array",
        Value::Map(_) => "a map",
        _ => "something else",
    }
}

/// What a member is, or that it is missing.
pub(super) fn kind_of(value: Option<&Value>) -> &'static str {
    value.map_or("nothing", kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn departure(hex: &str, lenient: bool) -> Option<String> {
        let bytes = bytes(hex);
        let (value, length) = read_first(&bytes).unwrap();
        assert_eq!(length, bytes.len());
        super::departure(&value, &bytes, lenient)
    }

    #[test]
    fn what_is_read_may_be_canonical_or_not() {
        assert_eq!(
            departure("a16161fb3ff0000000000000", false),
            None,
            "a float that a shorter one could carry"
        );
        assert_eq!(departure("a16161f7", false), None, "undefined");
        assert_eq!(departure("a16161c060", false).as_deref(), Some("tag 0 at offset 3"));
        assert_eq!(departure("f814", false).as_deref(), Some("simple value 20 in two bytes at offset 0"));
        let nested = |levels| "81".repeat(levels) + "00";
        assert_eq!(departure(&nested(MAX_DEPTH), false), None);
        assert!(read_first(&bytes(&nested(MAX_DEPTH + 1))).is_err());
    }

    #[test]
    fn lenience_ends_at_a_key_that_is_there_twice() {
        for hex in ["a220000000", "bf0000ff", "180a", "c060", "a201000200"] {
            assert_eq!(departure(hex, true), None, "{hex}");
        }
        // As integers of two widths, in an array, in a key, in a tag.
        for hex in ["a20100180100", "81a201000100", "a1a20100010000", "c0a201000100"] {
            assert_eq!(departure(hex, true).as_deref(), Some("a map with one key twice"), "{hex}");
        }
        // {1("b"): 0, h'ffffff': 0, 1("aa"): 0, h'ffffff': 0}: the same key, with tags between.
        let between = departure("a4c161620043ffffff00c16261610043ffffff00", true);
        assert_eq!(between.as_deref(), Some("a map with one key twice"));
        // {null: 0, undefined: 0}, {1.0 in two bytes: 0, 1.0 in four: 0}: canonical, and so no key is there twice.
        for hex in ["a2f600f700", "a2f93c0000fa3f80000000"] {
            assert_eq!(departure(hex, true), None, "{hex}");
        }
    }
}
