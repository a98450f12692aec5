//! `none` (WebAuthn L3 §8.7): an empty map.

/// The statement `{}`.
pub(super) fn statement() -> Vec<u8> {
    vec![0xa0]
}
