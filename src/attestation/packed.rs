//! `packed` (WebAuthn L3 §8.2): a signature over authenticator data and client data hash.

use super::ca::{AttestationIdentity, CertificateAuthority};
use super::profile::{Intermediate, Profile, subject};
use super::statement::Subject;
use crate::crypto::{Algorithm, KeyPair};
use crate::draft::{Edits, Extension, Oid};
use crate::encoding::cbor::Writer;
use crate::webauthn::Aaguid;

/// The statement `{alg, sig, x5c}`. The attestation key signs it.
pub(super) fn with_certificate(subject: &Subject<'_>) -> Vec<u8> {
    let serial_number = subject.enterprise.then(|| subject.attester.serial_number());
    let known = subject.known_identity();
    let identity = known.unwrap_or_else(|| subject.issue_identity(&profile(subject.aaguid, serial_number)));
    let chain: usize = identity.chain().iter().map(|certificate| 3 + certificate.len()).sum();
    let mut writer = signed(3, subject, identity.key(), chain);
    subject.write_x5c(&mut writer, identity.chain());
    writer.into_bytes()
}

/// The statement `{alg, sig}`. The credential key signs it.
pub(super) fn self_attestation(subject: &Subject<'_>) -> Vec<u8> {
    signed(2, subject, subject.credential_key, 0).into_bytes()
}

/// A statement with `members` members, written up to the signature. About `more` bytes will follow.
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

impl CertificateAuthority {
    /// The ES256 attestation key and certificate of the model `aaguid`. They are the same each time, and the leaf keeps
    /// every rule of WebAuthn L3 §8.2.1. `serial_number` makes it an enterprise attestation (§8.2.2) of one device.
    #[must_use]
    pub fn issue(&self, aaguid: Aaguid, serial_number: Option<&[u8]>) -> AttestationIdentity {
        let profile = profile(aaguid, serial_number);
        let context = [profile.purpose, &aaguid.0, serial_number.unwrap_or_default()];
        let (key, serial) = self.attestation_key(Algorithm::Es256, &context);
        let chain = self.certify(&profile, serial, key.public_key(), &Edits::default());
        AttestationIdentity::new(key, chain)
    }
}

/// The profile of the leaf (§8.2.1). With a serial number it is that of an enterprise attestation (§8.2.2).
fn profile(aaguid: Aaguid, serial_number: Option<&[u8]>) -> Profile {
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
