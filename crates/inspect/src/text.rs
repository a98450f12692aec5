//! Numbers, bytes and foreign text, made fit for people to read.

use std::ops::Range;

/// The character, or U+FFFD in place of one that could drive a terminal, turn the text around, stand in it unseen or
/// break XML and HTML: control and format characters, separators of lines and paragraphs, and what is no character.
#[must_use]
pub fn harmless(character: char) -> char {
    let unseen = FORMAT.iter().any(|range| range.contains(&character));
    // Code points that are no characters: XML 1.0 §2.2 has no place for some, and an HTML parser calls them errors.
    let none = matches!(character, '\u{fdd0}'..='\u{fdef}') || u32::from(character) & 0xfffe == 0xfffe;
    if character.is_control() || unseen || none { char::REPLACEMENT_CHARACTER } else { character }
}

/// The general categories Cf, Zl and Zp of Unicode 17, every tag character, and fillers that have no shape.
const FORMAT: [std::ops::RangeInclusive<char>; 24] = [
    '\u{ad}'..='\u{ad}',
    '\u{600}'..='\u{605}',
    '\u{61c}'..='\u{61c}',
    '\u{6dd}'..='\u{6dd}',
    '\u{70f}'..='\u{70f}',
    '\u{890}'..='\u{891}',
    '\u{8e2}'..='\u{8e2}',
    '\u{115f}'..='\u{1160}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff9}'..='\u{fffb}',
    '\u{110bd}'..='\u{110bd}',
    '\u{110cd}'..='\u{110cd}',
    '\u{13430}'..='\u{1343f}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e007f}',
    '\u{e0100}'..='\u{e01ef}',
];

/// The bytes of a range; none, where it goes too far.
#[must_use]
pub fn slice(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or_default()
}

/// `n` of something.
#[must_use]
pub fn count(n: usize, one: &str, more: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        _ => format!("{} {more}", thousands(n)),
    }
}

/// A number with a comma after every three digits.
#[must_use]
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in hex, lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = vec![0; bytes.len() * 2];
    base16ct::lower::encode_str(bytes, &mut digits).unwrap_or_default().to_owned()
}

/// The bytes of hex in lower or upper case, and nothing between the digits. `None` if the text is no hex.
#[must_use]
pub fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0; digits.len() / 2];
    let length = base16ct::mixed::decode(digits, &mut bytes).ok()?.len();
    (length * 2 == digits.len()).then_some(bytes)
}

/// A big-endian number.
pub(crate) fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([1, 999, 1_000, 1_234_567].map(thousands), ["1", "999", "1,000", "1,234,567"]);
        assert_eq!(count(1, "byte", "bytes"), "1 byte");
    }

    #[test]
    fn hex_is_written_and_read() {
        assert_eq!(hex(&[0, 0xaf, 0x12]), "00af12");
        assert_eq!(from_hex("00aF12"), Some(vec![0, 0xaf, 0x12]));
        assert_eq!(from_hex(""), Some(Vec::new()));
        assert_eq!(["0", "0g", "00 ", "é"].map(from_hex), [None, None, None, None]);
    }

    #[test]
    fn what_drives_a_terminal_or_is_unseen_is_replaced() {
        for character in "\u{0}\u{7}\u{1b}\u{7f}\u{9b}\u{ad}\u{61c}\u{200b}\u{200d}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}".chars() {
            assert_eq!(harmless(character), '\u{fffd}', "{:x}", u32::from(character));
        }
        for character in "aé ß\u{301}漢😀\u{fffd}".chars() {
            assert_eq!(harmless(character), character);
        }
    }
}
