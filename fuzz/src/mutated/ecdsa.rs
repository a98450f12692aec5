//! The second signature that holds where one does: with `(r, s)`, `(r, n − s)` (SEC 1 §4.1.4 uses s only as a factor of
//! a point whose x coordinate counts). No document that leads to WebAuthn asks for one of the two.

use base64ct::{Base64UrlUnpadded, Encoding};
use stuntkey::crypto::Algorithm;

/// The other DER signature (RFC 3279 §2.2.3) of an ECDSA algorithm; `None` for bytes that are none.
pub(super) fn other(algorithm: Algorithm, signature: &[u8]) -> Option<Vec<u8>> {
    let order = order(algorithm)?;
    let (content, rest) = take(0x30, signature)?;
    let (r, s) = take(0x02, content)?;
    let (s, more) = take(0x02, s)?;
    if !rest.is_empty() || !more.is_empty() {
        return None;
    }
    let s = integer(&subtract(&order, s)?);
    Some(tlv(0x30, &[tlv(0x02, r), s].concat()))
}

/// The other signature in a JSON Web Signature of ES256 (RFC 7518 §3.4: `r ‖ s`).
pub(super) fn other_in_jws(text: &[u8]) -> Option<Vec<u8>> {
    let at = text.iter().rposition(|byte| *byte == b'.')? + 1;
    let signature = Base64UrlUnpadded::decode_vec(std::str::from_utf8(&text[at..]).ok()?).ok()?;
    let (r, s) = signature.split_at_checked(32)?;
    let s = subtract(&order(Algorithm::Es256)?, s)?;
    let signature = Base64UrlUnpadded::encode_string(&[r, &s].concat());
    Some([&text[..at], signature.as_bytes()].concat())
}

/// The certificate with the other signature of its issuer's (RFC 5280 §4.1.1.3): nobody signs the signature.
pub(super) fn other_in_certificate(der: &[u8]) -> Option<Vec<u8>> {
    let (content, []) = take(0x30, der)? else { return None };
    let (_, after_body) = take(0x30, content)?;
    let (_, signature) = take(0x30, after_body)?;
    let ([0, value @ ..], []) = take(0x03, signature)? else { return None };
    let value = other(Algorithm::Es256, value)?;
    let signed = &content[..content.len() - signature.len()];
    Some(tlv(0x30, &[signed, &tlv(0x03, &[&[0], value.as_slice()].concat())].concat()))
}

/// The content of a DER element and what follows it.
fn take(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let [found, length, rest @ ..] = der else { return None };
    let (length, rest) = match (length, rest) {
        (0..=0x7f, rest) => (usize::from(*length), rest),
        (0x81, [length, rest @ ..]) => (usize::from(*length), rest),
        (0x82, [high, low, rest @ ..]) => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return None,
    };
    if *found == tag { rest.split_at_checked(length) } else { None }
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("no signature or certificate is longer");
    let head = match length.to_be_bytes() {
        [0, low @ 0..0x80] => vec![tag, low],
        [0, low] => vec![tag, 0x81, low],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [head.as_slice(), content].concat()
}

/// A positive INTEGER.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    match &number[zeros..] {
        digits @ [0x80..=0xff, ..] => tlv(0x02, &[&[0], digits].concat()),
        digits => tlv(0x02, digits),
    }
}

/// `order` − `number`, as long as the order; `None` unless the number is from 1 to the order − 1.
fn subtract(order: &[u8], number: &[u8]) -> Option<Vec<u8>> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros..];
    let missing = order.len().checked_sub(digits.len())?;
    let number = [vec![0; missing].as_slice(), digits].concat();
    if digits.is_empty() || number.as_slice() >= order {
        return None;
    }
    let mut borrow = 0;
    let mut difference: Vec<u8> = order
        .iter()
        .zip(&number)
        .rev()
        .map(|(order, digit)| {
            let digit = i16::from(*order) - i16::from(*digit) - borrow;
            borrow = i16::from(digit < 0);
            u8::try_from(digit.rem_euclid(256)).expect("the remainder of 256 is a byte")
        })
        .collect();
    difference.reverse();
    Some(difference)
}

/// The order of the curve's group (SEC 2 §2.4).
fn order(algorithm: Algorithm) -> Option<Vec<u8>> {
    let hex = match algorithm {
        Algorithm::Es256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        Algorithm::Es256k => "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        Algorithm::Es384 => {
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        }
        Algorithm::Es512 => {
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
        }
        _ => return None,
    };
    Some(base16ct::lower::decode_vec(hex).expect("it is hex"))
}
