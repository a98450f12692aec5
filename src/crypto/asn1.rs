//! A writer of DER (X.690) for certificates and public keys: tag, length, content.
//!
//! By hand, because a draft of a certificate must also be able to say what no certificate may (an INTEGER with superfluous
//! zeros, a wrong type, a field left out), which the types of `der` and `x509-cert` rule out. Private keys are written by
//! `pkcs8`, `sec1` and `pkcs1`.

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// One DER value: the tag, the length, and the concatenation of `parts` as its content.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let bytes = u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(zeros..).unwrap_or_default();
    let mut out = Vec::with_capacity(2 + significant.len() + length);
    out.push(tag);
    match *significant {
        [] => out.push(0),
        [short @ ..0x80] => out.push(short),
        // At most eight bytes of length.
        _ => {
            out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
            out.extend_from_slice(significant);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// The INTEGER of a big-endian magnitude without leading zeros.
pub(crate) fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    match magnitude.first() {
        None => tlv(INTEGER, &[&[0]]),
        Some(0x80..) => tlv(INTEGER, &[&[0], magnitude]),
        Some(_) => tlv(INTEGER, &[magnitude]),
    }
}

/// The INTEGER of a number.
pub(crate) fn integer(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    unsigned(bytes.get(zeros..).unwrap_or_default())
}

/// `content` inside the constructed context-specific tag `[number]`. From 31 on, the tag takes its long form (X.690
/// §8.1.2.4).
pub(crate) fn explicit(number: u32, content: &[u8]) -> Vec<u8> {
    match u8::try_from(number) {
        Ok(short @ ..31) => tlv(0xa0 | short, &[content]),
        _ => {
            let groups = [28u32, 21, 14, 7, 0].map(|shift| number >> shift & 0x7f);
            let last = groups.len() - 1;
            let mut out = vec![0xbf];
            let leading = groups.iter().take_while(|group| **group == 0).count();
            for (i, group) in groups.iter().enumerate().skip(leading) {
                // Seven bits at most, by the mask above.
                let group = u8::try_from(*group).unwrap_or(0);
                out.push(if i == last { group } else { 0x80 | group });
            }
            // The length and the content, without the tag in front.
            out.extend(tlv(0, &[content]).into_iter().skip(1));
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_their_shortest_form() {
        assert_eq!(tlv(0x04, &[]), [0x04, 0]);
        assert_eq!(tlv(0x04, &[&[1], &[2, 3]]), [0x04, 3, 1, 2, 3]);
        assert_eq!(tlv(0x04, &[&[0; 127]])[..2], [0x04, 0x7f]);
        assert_eq!(tlv(0x04, &[&[0; 128]])[..3], [0x04, 0x81, 0x80]);
        assert_eq!(tlv(0x04, &[&[0; 256]])[..4], [0x04, 0x82, 1, 0]);
        assert_eq!(tlv(0x04, &[&[0; 65_536]])[..5], [0x04, 0x83, 1, 0, 0]);
    }

    #[test]
    fn integers_are_never_negative() {
        assert_eq!(unsigned(&[]), [0x02, 1, 0]);
        assert_eq!(unsigned(&[0x7f]), [0x02, 1, 0x7f]);
        assert_eq!(unsigned(&[0x80]), [0x02, 2, 0, 0x80]);
    }

    #[test]
    fn tags_above_30_take_more_bytes() {
        assert_eq!(explicit(1, &[5]), [0xa1, 1, 5]);
        assert_eq!(explicit(31, &[5]), [0xbf, 31, 1, 5]);
        // Android's `origin` [702]: 5 * 128 + 62.
        assert_eq!(explicit(702, &[5]), [0xbf, 0x85, 0x3e, 1, 5]);
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(702), [2, 2, 2, 0xbe]);
        assert_eq!(integer(0x80), [2, 2, 0, 0x80]);
    }
}
