//! How far the verifier reads CBOR, and which departures it refuses.

use stuntkey_inspect::cbor::{Departure, Item, Limits, Stop, read_within};

/// As deep as WebAuthn's structures may nest, and more items than any has: compound statements and extension outputs
/// go a few levels down.
pub(super) const LIMITS: Limits = Limits { depth: 16, items: 20_000 };

/// Reads the first item, and returns how many bytes it has.
pub(super) fn read_first(bytes: &[u8]) -> Result<(Item<'_>, usize), String> {
    let reading = read_within(bytes, 0..bytes.len(), LIMITS);
    match (reading.item, reading.stop) {
        (Some(item), None) => {
            all_is_text(&item)?;
            Ok((item, reading.end))
        }
        (_, Some(stop)) => Err(format!("CBOR that stops: {}", place(&stop))),
        (None, None) => Err("no CBOR".into()),
    }
}

/// Checks that every text is UTF-8; an item with another is not valid (RFC 8949 §5.3.1).
pub(super) fn all_is_text(item: &Item<'_>) -> Result<(), String> {
    match item.find_departure(&|departure| departure == Departure::NotUtf8) {
        Some((offset, departure)) => Err(format!("{departure} at offset {offset}")),
        None => Ok(()),
    }
}

/// Why and where a reader stopped.
pub(super) fn place(stop: &Stop) -> String {
    format!("{} at offset {}", stop.why, stop.offset)
}

/// Where an item departs from the CTAP2 canonical CBOR encoding form. With `lenient`, only a map key that is there
/// twice counts: that is no valid CBOR in any form (RFC 8949 §5.6).
pub(super) fn departure(item: &Item<'_>, lenient: bool) -> Option<String> {
    let (offset, departure) = item.first_departure()?;
    match lenient {
        true => item.has_a_key_twice().then(|| "a map with one key twice".into()),
        false => Some(format!("{departure} at offset {offset}")),
    }
}

/// The names in a map that are not among `known`, and keys that are no text.
pub(super) fn unknown_members(map: &Item<'_>, known: &[&str]) -> Vec<String> {
    let keys = map.entries().iter().map(|(key, _)| key);
    keys.filter(|key| !key.text().is_some_and(|name| known.contains(&name)))
        .map(|key| key.text().map_or_else(|| key.kind_name().to_owned(), |name| format!("{name:?}")))
        .collect()
}

/// The type of a member, or `nothing`, for messages.
pub(super) fn kind_of(item: Option<&Item<'_>>) -> &'static str {
    item.map_or("nothing", Item::kind_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        stuntkey_inspect::text::from_hex(hex).unwrap()
    }

    fn departure(hex: &str, lenient: bool) -> Option<String> {
        let bytes = bytes(hex);
        let (item, length) = read_first(&bytes).unwrap();
        assert_eq!(length, bytes.len());
        super::departure(&item, lenient)
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
        assert_eq!(departure(&nested(LIMITS.depth), false), None);
        assert!(read_first(&bytes(&nested(LIMITS.depth + 1))).is_err());
        assert!(read_first(&bytes("a161ff00")).is_err(), "a text that is not UTF-8");
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
