//! base64url without padding (RFC 4648 §5), the text form of every binary field in WebAuthn JSON.
//!
//! By hand, because a ceremony is little else than short texts, and `base64` takes 100 to 300 instructions more for each.
//! Measured under callgrind (rustc 1.95.0, x86-64) on the seven texts that a ceremony writes and the one or two that it
//! reads, and as a part of the ceremony's instructions (benches/instructions.txt):
//!
//! | | register none | register packed | authenticate |
//! |---|---|---|---|
//! | this file | 5,528 | 10,175 | 3,142 |
//! | `base64` 0.23 | 7,715 (+5.3 %) | 13,370 (+6.8 %) | 4,652 (+6.7 %) |
//! | `base64` 0.23 with its SIMD engine | 6,089 (+1.4 %) | 7,192 (−6.3 %) | 4,834 (+7.5 %) |
//! | the SIMD engine for writing alone | 5,426 (−0.2 %) | 6,529 (−7.7 %) | 4,504 (+6.1 %) |
//!
//! A property test holds this file against `base64`, text by text (tests/properties.rs). The verifier, which shares no code
//! with this, reads by `base64`.

use std::borrow::Cow;
use std::fmt;

/// The unpadded base64url text of `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    append(&mut out, bytes);
    String::from_utf8(out).expect("the alphabet is ASCII")
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Appends the unpadded base64url text of `bytes`. The time that it takes may depend on the bytes, because a ceremony sends
/// nothing that is secret.
pub(crate) fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    // Each look-up gives the two digits of twelve bits.
    let pair = |bits: u32| {
        usize::try_from(bits & 0xfff).ok().and_then(|at| PAIRS.get(at)).map_or(0, |two| u32::from(*two))
    };
    let digits = |a: u8, b: u8, c: u8| {
        let bits = u32::from_be_bytes([0, a, b, c]);
        (pair(bits >> 12) | pair(bits) << 16).to_le_bytes()
    };
    let (groups, rest) = bytes.as_chunks::<3>();
    let start = out.len();
    out.resize(start + groups.len() * 4, 0);
    let (texts, _) = out.get_mut(start..).unwrap_or_default().as_chunks_mut::<4>();
    for (text, &[a, b, c]) in texts.iter_mut().zip(groups) {
        *text = digits(a, b, c);
    }
    match *rest {
        [a] => out.extend_from_slice(&digits(a, 0, 0)[..2]),
        [a, b] => out.extend_from_slice(&digits(a, b, 0)[..3]),
        _ => {}
    }
}

/// The two digits of every twelve bits, the first in the lower byte.
#[expect(clippy::indexing_slicing, reason = "in a constant; it would not compile")]
static PAIRS: [u16; 4096] = {
    let mut pairs = [0; 4096];
    let mut bits = 0;
    while bits < 4096 {
        pairs[bits] = u16::from_le_bytes([ALPHABET[bits >> 6], ALPHABET[bits & 0x3f]]);
        bits += 1;
    }
    pairs
};

/// The bytes of an unpadded base64url text.
///
/// # Errors
/// [`NotBase64Url`]: the first character outside the alphabet, or what is wrong at the end.
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase64Url> {
    decoded(text).ok_or_else(|| diagnose(text))
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    // `wrong` collects the bits that mark a byte as no digit, so that nothing branches inside the loop.
    let mut wrong = 0;
    let mut bits = |digit: u8| {
        let bits = DIGITS.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT);
        wrong |= bits;
        bits
    };
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    out.resize(groups.len() * 3, 0);
    for (bytes, &[w, x, y, z]) in out.as_chunks_mut().0.iter_mut().zip(groups) {
        let [w, x, y, z] = [bits(w), bits(x), bits(y), bits(z)];
        *bytes = [w << 2 | x >> 4, x << 4 | y >> 2, y << 6 | z];
    }
    let left_over = match *rest {
        [] => 0,
        [w, x] => {
            let [w, x] = [bits(w), bits(x)];
            out.push(w << 2 | x >> 4);
            x << 4
        }
        [w, x, y] => {
            let [w, x, y] = [bits(w), bits(x), bits(y)];
            out.extend_from_slice(&[w << 2 | x >> 4, x << 4 | y >> 2]);
            y << 6
        }
        _ => NO_DIGIT,
    };
    (wrong & NO_DIGIT == 0 && left_over == 0).then_some(out)
}

/// The six bits that each byte stands for, or [`NO_DIGIT`].
#[expect(clippy::as_conversions, clippy::indexing_slicing, reason = "in a constant; it would not compile")]
static DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 64 {
        digits[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    digits
};
const NO_DIGIT: u8 = 0xc0;

/// The ways in which a text that [`decode_lenient`] read was not unpadded base64url.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mended {
    /// It had `+` or `/`, of the alphabet of RFC 4648 §4.
    pub standard_alphabet: bool,
    /// It had `=` at the end.
    pub padding: bool,
    /// It had white space inside or around it.
    pub white_space: bool,
}

/// The bytes of a base64url or base64 text, padded or not, with white space anywhere, and what was unusual about it. No
/// engine of `base64` takes both alphabets, or white space.
///
/// # Errors
/// [`NotBase64Url`] if the text is none of these.
pub fn decode_lenient(text: &str) -> Result<(Vec<u8>, Mended), NotBase64Url> {
    let mut mended = Mended::default();
    if let Some(bytes) = decoded(text) {
        return Ok((bytes, mended));
    }
    let mut plain = Cow::Borrowed(text);
    if plain.contains(|c: char| c.is_ascii_whitespace()) {
        mended.white_space = true;
        plain = plain.chars().filter(|c| !c.is_ascii_whitespace()).collect::<String>().into();
    }
    if plain.contains(['+', '/']) {
        mended.standard_alphabet = true;
        plain = plain.replace('+', "-").replace('/', "_").into();
    }
    if plain.ends_with('=') {
        mended.padding = true;
        // Padding may only fill the last group of four.
        let unpadded = plain.trim_end_matches('=');
        if plain.len() % 4 != 0 || plain.len() - unpadded.len() > 2 {
            return Err(NotBase64Url::Length);
        }
        plain = unpadded.to_owned().into();
    }
    Ok((decode(&plain)?, mended))
}

fn diagnose(text: &str) -> NotBase64Url {
    match text.char_indices().find(|(_, c)| !c.is_ascii_alphanumeric() && *c != '-' && *c != '_') {
        Some((position, character)) => NotBase64Url::Character { position, character },
        None if text.len() % 4 == 1 => NotBase64Url::Length,
        None => NotBase64Url::TrailingBits,
    }
}

/// Why text is not unpadded base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotBase64Url {
    /// A character outside the alphabet.
    Character {
        /// Byte offset in the text.
        position: usize,
        /// What stands there.
        character: char,
    },
    /// A length, or an amount of padding, that no byte string has.
    Length,
    /// The last character carries bits that do not make up a byte and are not zero.
    TrailingBits,
}

impl fmt::Display for NotBase64Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotBase64Url::Character { position, character } => {
                write!(f, "{character:?} at offset {position}")
            }
            NotBase64Url::Length => f.write_str("a length that no byte string has"),
            NotBase64Url::TrailingBits => f.write_str("non-zero bits after the last byte"),
        }
    }
}

impl std::error::Error for NotBase64Url {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_rfc_4648_samples_in_every_spelling() {
        // RFC 4648 §10.
        for (bytes, padded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            let unpadded = padded.trim_end_matches('=');
            assert_eq!(encode(bytes.as_bytes()), unpadded);
            assert_eq!(decode(unpadded).unwrap(), bytes.as_bytes());
            let (lenient, mended) = decode_lenient(padded).unwrap();
            assert_eq!(lenient, bytes.as_bytes());
            assert_eq!(mended.padding, padded != unpadded);
        }
        let (bytes, mended) = decode_lenient(" +/+/ \n").unwrap();
        assert_eq!(bytes, decode("-_-_").unwrap());
        assert!(mended.standard_alphabet && mended.white_space && !mended.padding);
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(decode("Zm9v="), Err(NotBase64Url::Character { position: 4, character: '=' }));
        assert_eq!(decode("Zm9vY"), Err(NotBase64Url::Length));
        assert_eq!(decode("Zh"), Err(NotBase64Url::TrailingBits));
        assert_eq!(decode_lenient("Zm9v===="), Err(NotBase64Url::Length));
        assert_eq!(decode_lenient("Zg="), Err(NotBase64Url::Length));
        assert_eq!(decode_lenient("é"), Err(NotBase64Url::Character { position: 0, character: 'é' }));
    }
}
