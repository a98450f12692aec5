//! Escapes in string literals (RFC 8259 §7).

/// How many bytes come before the quotation mark that ends a string literal with escapes. The first `plain` of them have
/// none.
pub(super) fn escaped_length(bytes: &[u8], plain: usize) -> Option<usize> {
    let mut at = plain;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            // A control character.
            _ => return None,
        }
        at += plain_length(bytes.get(at..)?);
    }
}

/// The string that a literal with escapes stands for (RFC 8259 §7); `None` if an escape is invalid.
pub(super) fn unescaped(literal: &str) -> Option<String> {
    let mut out = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let character;
        (character, rest) = escaped(escape)?;
        out.push(character);
    }
    out.push_str(rest);
    Some(out)
}

/// The character that an escape stands for, and the text after it. `escape` begins after the backslash.
fn escaped(escape: &str) -> Option<(char, &str)> {
    let (kind, rest) = escape.split_at_checked(1)?;
    let character = match kind {
        "\"" | "\\" | "/" => kind.chars().next()?,
        "b" => '\u{8}',
        "f" => '\u{c}',
        "n" => '\n',
        "r" => '\r',
        "t" => '\t',
        "u" => {
            let (first, mut rest) = code_unit(rest)?;
            let mut second = None;
            if matches!(first, 0xd800..=0xdbff) {
                let unit;
                (unit, rest) = code_unit(rest.strip_prefix("\\u")?)?;
                second = Some(unit);
            }
            let mut characters = char::decode_utf16(std::iter::once(first).chain(second));
            return match (characters.next(), characters.next()) {
                (Some(Ok(character)), None) => Some((character, rest)),
                // A lone surrogate is not a character.
                _ => None,
            };
        }
        _ => return None,
    };
    Some((character, rest))
}

/// The code unit that four hexadecimal digits stand for, and the text after them.
fn code_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    Some((hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())??, rest))
}

/// How many bytes come before the first quotation mark, backslash or control character. A string literal holds these
/// bytes unescaped.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    // Eight bytes are examined at a time: subtracting the bound makes each byte below it borrow, which sets its highest
    // bit. A borrow can only spoil the bytes after it, so the first bit found is right.
    const ONES: u64 = 0x0101_0101_0101_0101;
    let below = |bytes: u64, bound: u64| bytes.wrapping_sub(ONES * bound) & !bytes & (ONES * 0x80);
    let (chunks, rest) = bytes.as_chunks();
    let mut plain = 0;
    for chunk in chunks {
        let bytes = u64::from_le_bytes(*chunk);
        // The exclusive or swaps the quotation mark (0x22) with the space (0x20), next to the control characters.
        let special = below(bytes ^ (ONES * 0x02), 0x21) | below(bytes ^ (ONES * 0x5c), 1);
        if special != 0 {
            return plain + usize::try_from(special.trailing_zeros() / 8).unwrap_or(0);
        }
        plain += 8;
    }
    plain + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' ')).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_where_its_first_special_byte_is() {
        for byte in 0..=u8::MAX {
            for at in 0..20 {
                let mut bytes = [b'a'; 20];
                bytes[at] = byte;
                let special = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(plain_length(&bytes), if special { at } else { 20 }, "{byte} at {at}");
            }
        }
    }
}
