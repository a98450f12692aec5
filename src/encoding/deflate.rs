//! DEFLATE (RFC 1951), in which large blobs are kept (CTAP 2.1 §6.10.3).

/// The compressed form.
#[cfg(feature = "ctap")]
pub(crate) fn compress(bytes: &[u8]) -> Vec<u8> {
    const BEST: u8 = 9;
    miniz_oxide::deflate::compress_to_vec(bytes, BEST)
}

/// What was compressed; `None` for what is no such form, or is longer than `most` bytes.
#[cfg(feature = "ctap")]
pub(crate) fn decompress(compressed: &[u8], most: usize) -> Option<Vec<u8>> {
    miniz_oxide::inflate::decompress_to_vec_with_limit(compressed, most).ok()
}

/// In a build without the Cargo feature `ctap` no authenticator of ours keeps large blobs.
#[cfg(not(feature = "ctap"))]
pub(crate) fn compress(_: &[u8]) -> Vec<u8> {
    Vec::new()
}

#[cfg(not(feature = "ctap"))]
pub(crate) fn decompress(_: &[u8], _: usize) -> Option<Vec<u8>> {
    None
}
