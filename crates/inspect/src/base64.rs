//! base64url without padding (RFC 4648 §5), the text form of every binary field in WebAuthn JSON, and what comes close
//! to it.

use base64ct::{Base64UrlUnpadded, Encoding};

/// The unpadded base64url text of `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Reads unpadded base64url and nothing else.
///
/// # Errors
/// What is found instead, for people.
pub fn decode(text: &str) -> Result<Vec<u8>, String> {
    Base64UrlUnpadded::decode_vec(text).map_err(|_| {
        let mut characters = text.char_indices();
        match characters.find(|(_, c)| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
            Some((position, character)) => format!("{character:?} at offset {position}"),
            None if text.len() % 4 == 1 => "a length that no byte string has".into(),
            None => "non-zero bits after the last byte".into(),
        }
    })
}

/// What [`decode_lenient`] had to mend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mended {
    /// `+` or `/`: the alphabet of RFC 4648 §4.
    pub standard_alphabet: bool,
    /// `=` at the end.
    pub padding: bool,
    /// White space inside or around.
    pub white_space: bool,
}

/// Reads base64url or base64, padded or not, with white space anywhere.
///
/// # Errors
/// What is found instead, for people.
pub fn decode_lenient(text: &str) -> Result<(Vec<u8>, Mended), String> {
    let mut mended = Mended::default();
    if let Ok(bytes) = decode(text) {
        return Ok((bytes, mended));
    }
    let mut plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    mended.white_space = plain.len() < text.len();
    if plain.contains(['+', '/']) {
        mended.standard_alphabet = true;
        plain = plain.replace('+', "-").replace('/', "_");
    }
    if plain.ends_with('=') {
        mended.padding = true;
        // Padding may only fill the last group of four.
        let unpadded = plain.trim_end_matches('=').len();
        if !plain.len().is_multiple_of(4) || plain.len() - unpadded > 2 {
            return Err("a length that no byte string has".into());
        }
        plain.truncate(unpadded);
    }
    Ok((decode(&plain)?, mended))
}

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
        assert_eq!(decode("Zm9v=").unwrap_err(), "'=' at offset 4");
        assert_eq!(decode("Zm9vY").unwrap_err(), "a length that no byte string has");
        assert_eq!(decode("Zh").unwrap_err(), "non-zero bits after the last byte");
        assert!(decode_lenient("Zm9v====").is_err() && decode_lenient("Zg=").is_err());
        assert_eq!(decode_lenient("é").unwrap_err(), "'é' at offset 0");
    }
}
