//! `packed` (WebAuthn L3 §8.2): a signature over authenticator data and client data hash.

use super::{AttestationIdentity, Subject};
use crate::crypto::KeyPair;
use crate::encoding::cbor::Writer;

/// `{alg, sig, x5c}`, signed with the attestation key.
pub(super) fn with_certificate(subject: &Subject<'_>, identity: &AttestationIdentity) -> Vec<u8> {
    let mut writer = signed(3, subject, identity.key());
    writer.text("x5c");
    writer.array(identity.chain().len());
    for certificate in identity.chain() {
        writer.bytes(certificate);
    }
    writer.into_bytes()
}

/// `{alg, sig}`, signed with the credential key.
pub(super) fn self_attestation(subject: &Subject<'_>) -> Vec<u8> {
    signed(2, subject, subject.credential_key).into_bytes()
}

fn signed(members: usize, subject: &Subject<'_>, key: &KeyPair) -> Writer {
    let signature = key.sign(&[subject.auth_data, subject.client_data_hash]);
    let mut writer = Writer::with_capacity(128);
    writer.map(members);
    writer.text("alg");
    writer.int(key.algorithm().cose_identifier());
    writer.text("sig");
    writer.bytes(&signature);
    writer
}
