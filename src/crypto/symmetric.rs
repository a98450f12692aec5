//! AES, HMAC, HKDF and ECDH, as CTAP uses them.

use aes::cipher::array::Array;
use aes::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use p256::elliptic_curve::subtle::ConstantTimeEq;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The block of AES, and so the initialisation vector of CBC, in bytes.
pub(crate) const BLOCK: usize = 16;

/// AES-256-CBC without padding. `None` where the plaintext is no whole number of blocks.
pub(crate) fn encrypt(key: &[u8; 32], iv: &[u8; BLOCK], plaintext: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = plaintext.to_vec();
    let blocks = blocks::<cbc::Encryptor<aes::Aes256>>(&mut bytes)?;
    cbc::Encryptor::<aes::Aes256>::new(key.into(), iv.into()).encrypt_blocks(blocks);
    Some(bytes)
}

/// AES-128-CBC without padding. `None` where the plaintext is no whole number of blocks.
pub(crate) fn encrypt_128(key: &[u8; 16], iv: &[u8; BLOCK], plaintext: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = plaintext.to_vec();
    let blocks = blocks::<cbc::Encryptor<aes::Aes128>>(&mut bytes)?;
    cbc::Encryptor::<aes::Aes128>::new(key.into(), iv.into()).encrypt_blocks(blocks);
    Some(bytes)
}

/// AES-256-CBC without padding, the other way. `None` where the ciphertext is no whole number of blocks.
pub(crate) fn decrypt(key: &[u8; 32], iv: &[u8; BLOCK], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(ciphertext.to_vec());
    let blocks = blocks::<cbc::Decryptor<aes::Aes256>>(&mut bytes)?;
    cbc::Decryptor::<aes::Aes256>::new(key.into(), iv.into()).decrypt_blocks(blocks);
    Some(bytes)
}

fn blocks<C: aes::cipher::BlockSizeUser>(bytes: &mut [u8]) -> Option<&mut [Block<C>]> {
    let (blocks, rest) = Array::slice_as_chunks_mut(bytes);
    rest.is_empty().then_some(blocks)
}

/// HMAC-SHA-256 over the concatenation of `parts`.
pub(crate) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    keyed(key, parts).finalize().into_bytes().into()
}

/// Whether `tag` begins HMAC-SHA-256 over the concatenation of `parts`; compared in constant time.
pub(crate) fn hmac_begins_with(key: &[u8], parts: &[&[u8]], tag: &[u8]) -> bool {
    keyed(key, parts).verify_truncated_left(tag).is_ok()
}

/// Whether two byte strings are the same; the time depends on their lengths alone.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104 §2)")]
fn keyed(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac
}

/// 32 bytes of HKDF-SHA-256 with a salt of 32 zero bytes.
#[expect(clippy::expect_used, reason = "HKDF gives as much as 255 hashes (RFC 5869 §2.3)")]
pub(crate) fn hkdf(secret: &[u8], info: &str) -> Zeroizing<[u8; 32]> {
    let mut output = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(&[0; 32]), secret).expand(info.as_bytes(), &mut *output).expect("short");
    output
}

/// The x-coordinate of what two keys on P-256 give.
#[expect(clippy::unnecessary_wraps, reason = "a build without the Cargo feature `ctap` has none")]
pub(crate) fn diffie_hellman(own: &p256::SecretKey, other: &p256::PublicKey) -> Option<Zeroizing<[u8; 32]>> {
    let secret = p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), other.as_affine());
    Some(Zeroizing::new((*secret.raw_secret_bytes()).into()))
}
