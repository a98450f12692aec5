//! What a TPM says of a key that it holds (TPM 2.0 Library, part 2).

mod cert_info;
mod pub_area;

pub use cert_info::{CertInfo, ClockInfo};
pub use pub_area::{PubArea, PublicParameters, TpmScheme};

/// TPM_ALG_SHA1 (table 9), which only an edit puts into a draft.
#[cfg(feature = "rsa")]
pub(crate) const TPM_ALG_SHA1: u16 = 0x0004;
pub(crate) const TPM_ALG_SHA256: u16 = 0x000b;
pub(crate) const TPM_ALG_SHA384: u16 = 0x000c;
pub(crate) const TPM_ALG_SHA512: u16 = 0x000d;

/// A TPM2B: a 16-bit length and the bytes.
fn sized(bytes: &[u8]) -> Vec<u8> {
    // No structure of ours is near 64 KiB. If an edit makes one longer, its beginning is written.
    let bytes = bytes.get(..0xffff).unwrap_or(bytes);
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), bytes].concat()
}
