//! The CTAP2 canonical CBOR encoding form (CTAP 2.1 §8), judged by the bytes: a value that was read no longer tells how
//! wide its floats were.

use std::cmp::Ordering;

use super::MAX_DEPTH;

/// Whether `bytes` are one item in the form; the error says what stands where instead. Text is not looked into.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let mut walk = Walk { bytes, offset: 0 };
    walk.item(MAX_DEPTH)?;
    match walk.rest() {
        [] => Ok(()),
        _ => departs(walk.offset, "more than one item"),
    }
}

fn departs<T>(offset: usize, found: impl std::fmt::Display) -> Result<T, String> {
    Err(format!("{found} at offset {offset}"))
}

/// Goes over the bytes and keeps none of them.
struct Walk<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Walk<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.offset..).unwrap_or_default()
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], String> {
        let taken = usize::try_from(length).ok().and_then(|length| self.rest().get(..length));
        let Some(taken) = taken else { return departs(self.bytes.len(), "an early end") };
        self.offset += taken.len();
        Ok(taken)
    }

    fn number(&mut self, width: u64) -> Result<u64, String> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// One item, with arrays and maps of at most so many `levels`.
    fn item(&mut self, levels: usize) -> Result<(), String> {
        let start = self.offset;
        let head = self.number(1)?;
        let (major, information) = (head >> 5, head & 0x1f);
        // The argument, the bytes it takes behind the first, and the least that needs them.
        let (argument, width, least) = match information {
            0..24 => (information, 0, 0),
            24 => (self.number(1)?, 1, 24),
            25 => (self.number(2)?, 2, 0x100),
            26 => (self.number(4)?, 4, 0x1_0000),
            27 => (self.number(8)?, 8, 0x1_0000_0000),
            31 => return departs(start, "an indefinite length"),
            _ => return departs(start, format!("the head {head:#04x}")),
        };
        match (major, width) {
            // Two bytes are for the simple values from 32 on (RFC 8949 §3.3).
            (7, 1) if argument < 32 => departs(start, format!("simple value {argument} in two bytes")),
            // "The representations of any floating-point values are not changed."
            (7, _) => Ok(()),
            (6, _) => departs(start, format!("tag {argument}")),
            _ if argument < least => departs(start, format!("{argument} in a head of {} bytes", 1 + width)),
            (0 | 1, _) => Ok(()),
            (2 | 3, _) => self.take(argument).map(drop),
            _ if levels == 0 => departs(start, format!("more than {MAX_DEPTH} levels")),
            (4, _) => (0..argument).try_for_each(|_| self.item(levels - 1)),
            _ => self.map(argument, levels - 1),
        }
    }

    fn map(&mut self, entries: u64, levels: usize) -> Result<(), String> {
        let mut last: &[u8] = &[];
        for _ in 0..entries {
            let start = self.offset;
            self.item(levels)?;
            let key = self.bytes.get(start..self.offset).unwrap_or_default();
            match rank(key).cmp(&rank(last)) {
                Ordering::Less => return departs(start, "a map key out of order"),
                Ordering::Equal => return departs(start, "a map key for the second time"),
                Ordering::Greater => last = key,
            }
            self.item(levels)?;
        }
        Ok(())
    }
}

/// Map keys go by their major types, then by their lengths, then by their bytes.
fn rank(key: &[u8]) -> (Option<u8>, usize, &[u8]) {
    (key.first().map(|head| head >> 5), key.len(), key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(hex: &str) -> Option<String> {
        check(&super::super::tests::bytes(hex)).err()
    }

    #[test]
    fn takes_the_canonical_form() {
        let integers = "00 17 1818 18ff 190100 19ffff 1a00010000 1affffffff 1b0000000100000000 1bffffffffffffffff \
            20 37 3818 38ff 390100 39ffff 3a00010000 3affffffff 3b0000000100000000 3bffffffffffffffff";
        // 1.0 in every width, and what is no number.
        let floats =
            "f93c00 fa3f800000 fb3ff0000000000000 a16161fb3ff0000000000000 f97e00 fb7ff8000000000000";
        // 0, 19, false, true, null, undefined, 32 and 255.
        let simple = "e0 f3 f4 f5 f6 f7 f820 f8ff";
        let lengths = "40 420001 60 6161 80 820080 a0 a10080";
        for hex in [integers, floats, simple, lengths].iter().flat_map(|list| list.split_whitespace()) {
            assert_eq!(found(hex), None, "{hex}");
        }
        for (head, length) in
            [("5818", 24), ("58ff", 0xff), ("590100", 0x100), ("59ffff", 0xffff), ("5a00010000", 0x1_0000)]
        {
            assert_eq!(found(&(head.to_owned() + &"00".repeat(length))), None, "{length} bytes");
        }
    }

    #[test]
    fn integers_and_lengths_are_as_short_as_they_can_be() {
        for (hex, expected) in [
            ("1817", "23 in a head of 2 bytes at offset 0"),
            ("1900ff", "255 in a head of 3 bytes at offset 0"),
            ("1a0000ffff", "65535 in a head of 5 bytes at offset 0"),
            ("1b00000000ffffffff", "4294967295 in a head of 9 bytes at offset 0"),
            ("3817", "23 in a head of 2 bytes at offset 0"),
            ("580100", "1 in a head of 2 bytes at offset 0"),
            ("78016161", "1 in a head of 2 bytes at offset 0"),
            ("8198010000", "1 in a head of 2 bytes at offset 1"),
            ("a100b800", "0 in a head of 2 bytes at offset 2"),
            ("a1180000", "0 in a head of 2 bytes at offset 1"),
        ] {
            assert_eq!(found(hex).as_deref(), Some(expected), "{hex}");
        }
    }

    #[test]
    fn refuses_indefinite_lengths() {
        for hex in ["5f4100ff", "7f6161ff", "9fff", "bfff", "ff"] {
            assert_eq!(found(hex).as_deref(), Some("an indefinite length at offset 0"), "{hex}");
        }
        assert_eq!(found("a161619fff").as_deref(), Some("an indefinite length at offset 3"));
    }

    #[test]
    fn refuses_tags() {
        assert_eq!(found("c060").as_deref(), Some("tag 0 at offset 0"));
        assert_eq!(found("a16161c060").as_deref(), Some("tag 0 at offset 3"));
        // An integer in bytes, and CBOR in bytes.
        assert_eq!(found("c24101").as_deref(), Some("tag 2 at offset 0"));
        assert_eq!(found("81d8184100").as_deref(), Some("tag 24 at offset 1"));
    }

    #[test]
    fn map_keys_go_by_major_type_then_length_then_bytes() {
        for (hex, offset) in [
            // {24: 0, -1: 0, "": 0}: the longest of the keys is first.
            ("a318180020006000", None),
            ("a320006000181800", Some(5)),
            ("a261620062616100", None),
            ("a262616100616200", Some(5)),
            ("a2616100616200", None),
            ("a2616200616100", Some(4)),
            // {[1, 2]: 0, [256]: 0}: not the order of the bytes.
            ("a2820102008119010000", None),
            ("a2811901000082010200", Some(6)),
            // A float's width is a part of its value, and `undefined` is not `null`.
            ("a2f93c0000fa3f80000000", None),
            ("a2f600f700", None),
            ("a2f700f600", Some(3)),
        ] {
            let expected = offset.map(|offset| format!("a map key out of order at offset {offset}"));
            assert_eq!(found(hex), expected, "{hex}");
        }
    }

    #[test]
    fn refuses_a_map_key_that_is_there_twice() {
        assert_eq!(found("a201000100").as_deref(), Some("a map key for the second time at offset 3"));
        assert_eq!(found("a1a20100010000").as_deref(), Some("a map key for the second time at offset 4"));
    }

    #[test]
    fn refuses_what_is_not_well_formed() {
        for (hex, expected) in [
            ("", "an early end at offset 0"),
            ("19", "an early end at offset 1"),
            ("6261", "an early end at offset 2"),
            ("a100", "an early end at offset 2"),
            ("1c", "the head 0x1c at offset 0"),
            ("fe", "the head 0xfe at offset 0"),
            ("f814", "simple value 20 in two bytes at offset 0"),
            ("f81f", "simple value 31 in two bytes at offset 0"),
            ("0000", "more than one item at offset 1"),
        ] {
            assert_eq!(found(hex).as_deref(), Some(expected), "{hex}");
        }
    }

    #[test]
    fn no_length_is_believed() {
        for hex in ["5bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff"] {
            assert_eq!(found(hex).as_deref(), Some("an early end at offset 9"), "{hex}");
        }
    }

    #[test]
    fn follows_no_more_levels_than_it_says() {
        let nested = |levels: usize| "81".repeat(levels) + "00";
        assert_eq!(found(&nested(MAX_DEPTH)), None);
        let expected = format!("more than {MAX_DEPTH} levels at offset {MAX_DEPTH}");
        assert_eq!(found(&nested(MAX_DEPTH + 1)), Some(expected.clone()));
        assert_eq!(found(&nested(1_000_000)), Some(expected));
    }
}
