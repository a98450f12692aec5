//! Bytes written as text: hex, base64url, numbers, PEM.

use super::{base64, text};

/// A way of writing bytes, and the bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The way of writing: `hex`, `base64url` and so on.
    pub encoding: &'static str,
    /// The bytes that are written so.
    pub bytes: Vec<u8>,
}

/// A PEM block (RFC 7468).
#[derive(Debug, Clone, PartialEq)]
pub struct Pem {
    /// What stands after BEGIN: `CERTIFICATE`.
    pub label: String,
    /// None if what stands between the lines is no base64.
    pub bytes: Option<Vec<u8>>,
}

/// Everything that the input may be, the most telling first, the bytes as they are last.
pub fn candidates(input: &[u8]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    if let Ok(text) = std::str::from_utf8(input) {
        let text = text.trim_start_matches('\u{feff}').trim().trim_matches(['"', '\'']);
        if let Some(bytes) = hex(text).filter(|bytes| !bytes.is_empty()) {
            candidates.push(Candidate { encoding: "hex", bytes });
        }
        if let Some(bytes) = numbers(text).filter(|bytes| !bytes.is_empty()) {
            candidates.push(Candidate { encoding: "numbers", bytes });
        }
        if let Ok((bytes, mended)) = base64::decode_lenient(text)
            && !bytes.is_empty()
        {
            let encoding = if mended.standard_alphabet { "base64" } else { "base64url" };
            candidates.push(Candidate { encoding, bytes });
        }
    }
    candidates.push(Candidate { encoding: "raw", bytes: input.to_vec() });
    candidates
}

/// Hex digits in pairs; spaces, colons, commas and `0x` between or before them.
fn hex(text: &str) -> Option<Vec<u8>> {
    let plain: String = text
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | ','))
        .map(|part| part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")).unwrap_or(part))
        .collect();
    text::from_hex(&plain)
}

/// A JSON array of numbers, as JavaScript prints an array of bytes.
fn numbers(text: &str) -> Option<Vec<u8>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner.split(',').map(|number| number.trim().parse().ok()).collect()
}

/// The PEM blocks in a text.
pub fn pem(input: &[u8]) -> Vec<Pem> {
    let Ok(text) = std::str::from_utf8(input) else { return Vec::new() };
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let Some((label, after)) = after.split_once("-----") else { break };
        let (body, after) = after.split_once("-----END ").unwrap_or((after, ""));
        let bytes = base64::decode_lenient(body).ok().map(|(bytes, _)| bytes);
        blocks.push(Pem { label: label.to_owned(), bytes });
        rest = after;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_every_dress() {
        for text in
            ["a30163", "A30163", "a3 01 63", "a3:01:63", "0xa3, 0x01, 0x63", "0xA30163", "a3\n01\n63\n"]
        {
            let first = candidates(text.as_bytes()).swap_remove(0);
            assert_eq!(first, Candidate { encoding: "hex", bytes: vec![0xa3, 1, 0x63] }, "{text}");
        }
        assert_eq!(hex("a3016"), None);
    }

    #[test]
    fn base64_is_read_padded_or_not_and_across_lines() {
        for text in ["owFj_w", "owFj_w==", "owFj/w==", "owFj\n  _w", "\"owFj_w\""] {
            let read = candidates(text.as_bytes());
            assert!(read.iter().any(|candidate| candidate.bytes == [0xa3, 1, 0x63, 0xff]), "{text}");
        }
        assert_eq!(candidates(b"[163, 1]")[0], Candidate { encoding: "numbers", bytes: vec![163, 1] });
    }

    #[test]
    fn pem_blocks_are_found_in_order() {
        let text = b"junk\n-----BEGIN A-----\nAQID\n-----END A-----\n-----BEGIN B-----\n!\n-----END B-----\n";
        let blocks = pem(text);
        assert_eq!(blocks[0], Pem { label: "A".into(), bytes: Some(vec![1, 2, 3]) });
        assert_eq!(blocks[1], Pem { label: "B".into(), bytes: None });
    }
}
