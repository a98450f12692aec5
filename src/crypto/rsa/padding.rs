//! The encoding methods of RFC 8017 §9. Each is written for moduli of any length in bits.

use sha1::Sha1;
use sha2::digest::{Digest, Output};
use sha2::{Sha256, Sha384, Sha512};

/// A hash that PKCS #1 has a `DigestInfo` for.
pub(super) trait Named: Digest {
    /// The DER `DigestInfo` up to the digest (RFC 8017 §9.2, note 1).
    const DIGEST_INFO: &'static [u8];
}

impl Named for Sha1 {
    const DIGEST_INFO: &'static [u8] =
        &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
}

impl Named for Sha256 {
    const DIGEST_INFO: &'static [u8] = &[
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];
}

impl Named for Sha384 {
    const DIGEST_INFO: &'static [u8] = &[
        0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00,
        0x04, 0x30,
    ];
}

impl Named for Sha512 {
    const DIGEST_INFO: &'static [u8] = &[
        0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00,
        0x04, 0x40,
    ];
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) of the concatenation of `message`, as long as a modulus of `modulus_bits`.
pub(super) fn pkcs1_v1_5<D: Named>(message: &[&[u8]], modulus_bits: u32) -> Vec<u8> {
    let digest = hash::<D>(message);
    let tail = D::DIGEST_INFO.len() + digest.len();
    let mut encoded = vec![0x00, 0x01];
    encoded.resize(bytes(modulus_bits).saturating_sub(tail + 1), 0xff);
    encoded.push(0x00);
    encoded.extend_from_slice(D::DIGEST_INFO);
    encoded.extend_from_slice(&digest);
    encoded
}

/// EMSA-PSS (RFC 8017 §9.1.1) with MGF1 over the same hash and a salt as long as the hash, which `fill_salt` gives.
/// One bit shorter than the modulus.
pub(super) fn pss<D: Digest>(message: &[&[u8]], modulus_bits: u32, fill_salt: impl Fn(&mut [u8])) -> Vec<u8> {
    let bits = modulus_bits - 1;
    let mut salt = Output::<D>::default();
    fill_salt(&mut salt);
    let digest = hash::<D>(&[&[0; 8], &hash::<D>(message), &salt]);
    let mut block = vec![0; bytes(bits).saturating_sub(2 * digest.len() + 2)];
    block.push(0x01);
    block.extend_from_slice(&salt);
    let mask = (0u32..).flat_map(|counter| hash::<D>(&[&digest, &counter.to_be_bytes()]));
    block.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    if let Some(first) = block.first_mut() {
        // The bits that the last byte of the length does not fill.
        *first &= 0xff >> (bits.next_multiple_of(8) - bits);
    }
    block.extend_from_slice(&digest);
    block.push(0xbc);
    block
}

fn hash<D: Digest>(parts: &[&[u8]]) -> Output<D> {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
}

fn bytes(bits: u32) -> usize {
    usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX)
}
