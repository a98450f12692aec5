//! `compound` (WebAuthn L3 §8.9): several statements about one credential.

use super::AttestationFormat;
use super::statement::Subject;
use crate::encoding::cbor::Writer;

/// The statement `[{fmt, attStmt}, {fmt, attStmt}]`: `packed` with a certificate, then `android-key`, or self attestation if
/// `android-key` does not support the credential's algorithm. If there are two chains, both end in the same root.
pub(super) fn statement(subject: &Subject<'_>) -> Vec<u8> {
    let algorithm = subject.credential_key.algorithm();
    let second = match AttestationFormat::AndroidKey.supports(algorithm) {
        true => AttestationFormat::AndroidKey,
        false => AttestationFormat::PackedSelf,
    };
    let mut writer = Writer::with_capacity(2048);
    writer.array(2);
    for format in [AttestationFormat::Packed, second] {
        writer.map(2);
        writer.text("fmt");
        writer.text(format.identifier());
        writer.text("attStmt");
        writer.encoded(&format.unedited_statement(subject));
    }
    writer.into_bytes()
}
