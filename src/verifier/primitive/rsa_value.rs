//! RSA public keys as bytes.

use der::asn1::UintRef;

/// The value of an RSA key: the length of `n` in two bytes, `n` and `e`, big-endian without leading zeros.
#[derive(Clone, Copy)]
pub(in crate::verifier) struct RsaValue<'a>(pub(in crate::verifier) &'a [u8]);

impl<'a> RsaValue<'a> {
    /// Writes one. Numbers may have leading zeros.
    pub(in crate::verifier) fn write(n: &[u8], e: &[u8]) -> Vec<u8> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        // No longer one is ever a key.
        let length = u16::try_from(n.len()).unwrap_or(u16::MAX);
        [&length.to_be_bytes(), n, e].concat()
    }

    /// The modulus and the public exponent.
    pub(in crate::verifier) fn parts(self) -> (&'a [u8], &'a [u8]) {
        let Some(([high, low], rest)) = self.0.split_first_chunk() else { return (&[], &[]) };
        rest.split_at_checked(u16::from_be_bytes([*high, *low]).into()).unwrap_or_default()
    }
}

/// RSAPublicKey (RFC 8017 §A.1.1).
#[derive(der::Sequence)]
pub(in crate::verifier) struct RsaPublicKey<'a> {
    pub(in crate::verifier) modulus: UintRef<'a>,
    pub(in crate::verifier) public_exponent: UintRef<'a>,
}

/// A big-endian number without leading zeros.
pub(in crate::verifier) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
