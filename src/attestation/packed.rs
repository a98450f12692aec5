//! `packed` (WebAuthn L3 §8.2): a signature over authenticator data and client data hash.

use super::Oid;
use super::ca::{Intermediate, Profile};
use super::certificate::Extension;
use super::statement::{Subject, subject};
use crate::crypto::KeyPair;
use crate::encoding::cbor::Writer;
use crate::webauthn::Aaguid;

/// `{alg, sig, x5c}`, signed with the attestation key.
pub(super) fn with_certificate(subject: &Subject<'_>) -> Vec<u8> {
    let serial_number = subject.enterprise.then(|| subject.attester.serial_number());
    let identity = subject.identity(|| profile(subject.aaguid, serial_number));
    let chain: usize = identity.chain().iter().map(|certificate| 3 + certificate.len()).sum();
    let mut writer = signed(3, subject, identity.key(), chain);
    subject.write_x5c(&mut writer, identity.chain());
    writer.into_bytes()
}

/// `{alg, sig}`, signed with the credential key.
pub(super) fn self_attestation(subject: &Subject<'_>) -> Vec<u8> {
    signed(2, subject, subject.credential_key, 0).into_bytes()
}

/// `more`: about how many bytes come after the signature.
fn signed(members: usize, subject: &Subject<'_>, key: &KeyPair, more: usize) -> Writer {
    let signature = subject.sign_with(key);
    let mut writer = Writer::with_capacity(32 + signature.len() + more);
    writer.map(members);
    writer.text("alg");
    writer.int(key.algorithm().cose_identifier());
    writer.text("sig");
    writer.bytes(&signature);
    writer
}

/// The leaf by §8.2.1; with a serial number, of an enterprise attestation by §8.2.2.
pub(super) fn profile(aaguid: Aaguid, serial_number: Option<&[u8]>) -> Profile {
    let mut extensions = vec![Extension::octets(Oid::FIDO_AAGUID, &aaguid.0)];
    extensions.extend(serial_number.map(|number| Extension::octets(Oid::FIDO_SERIAL_NUMBER, number)));
    Profile {
        purpose: match serial_number {
            Some(_) => b"enterprise attestation leaf",
            None => b"attestation leaf",
        },
        subject: subject("Authenticator Attestation", "stuntkey test leaf"),
        extensions,
        intermediate: Intermediate::IfAsked,
        sends_root: false,
    }
}
