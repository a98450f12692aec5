//! `none` (WebAuthn L3 §8.7): an empty map.

pub(super) fn statement() -> Vec<u8> {
    vec![0xa0]
}
