//! What stands in for AES, HMAC, HKDF and ECDH in a build without the Cargo feature `ctap`, which brings them. An authenticator
//! that would use them is not built there, so nothing of this is ever called.

use p256::elliptic_curve::subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub(crate) const BLOCK: usize = 16;

pub(crate) fn encrypt(_: &[u8; 32], _: &[u8; BLOCK], _: &[u8]) -> Option<Vec<u8>> {
    None
}

pub(crate) fn encrypt_128(_: &[u8; 16], _: &[u8; BLOCK], _: &[u8]) -> Option<Vec<u8>> {
    None
}

pub(crate) fn decrypt(_: &[u8; 32], _: &[u8; BLOCK], _: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    None
}

pub(crate) fn hmac(_: &[u8], _: &[&[u8]]) -> [u8; 32] {
    [0; 32]
}

pub(crate) fn hmac_begins_with(_: &[u8], _: &[&[u8]], _: &[u8]) -> bool {
    false
}

pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

pub(crate) fn hkdf(_: &[u8], _: &str) -> Zeroizing<[u8; 32]> {
    Zeroizing::new([0; 32])
}

/// The x-coordinate of what two keys give.
pub(crate) fn diffie_hellman(_: &p256::SecretKey, _: &p256::PublicKey) -> Option<Zeroizing<[u8; 32]>> {
    None
}
