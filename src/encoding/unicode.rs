//! Unicode normalisation, in which PINs are (CTAP 2.1 §6.5.1).

use zeroize::Zeroizing;

/// The text in Normalization Form C.
#[cfg(feature = "ctap")]
pub(crate) fn nfc(text: &str) -> Zeroizing<String> {
    let normalizer = icu_normalizer::ComposingNormalizerBorrowed::new_nfc();
    Zeroizing::new(normalizer.normalize(text).into_owned())
}

/// In a build without the Cargo feature `ctap` no authenticator of ours takes a PIN.
#[cfg(not(feature = "ctap"))]
pub(crate) fn nfc(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}
