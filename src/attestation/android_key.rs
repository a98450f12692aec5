//! `android-key` (WebAuthn L3 §8.4): the key store certifies the credential key and says how the key is guarded.

use super::profile::{Intermediate, Profile, subject};
use super::statement::Subject;
use crate::draft::{Extension, KeyDescription, Oid};
use crate::encoding::cbor::Writer;

/// The statement `{alg, sig, x5c}`. The credential key signs it, and the leaf certifies the credential key.
pub(super) fn statement(subject: &Subject<'_>) -> Vec<u8> {
    let public_key = subject.credential_key.public_key();
    let clock = subject.attester.clock();
    let mut description = KeyDescription::of(public_key, subject.client_data_hash, clock.now());
    subject.edits.key_description(&mut description);
    let chain = subject.certify_credential(&profile(&description));
    let signature = subject.sign_with(subject.credential_key);
    let mut writer = Writer::with_capacity(2048);
    writer.map(3);
    writer.text("alg");
    writer.int(public_key.algorithm().cose_identifier());
    writer.text("sig");
    writer.bytes(&signature);
    subject.write_x5c(&mut writer, &chain);
    writer.into_bytes()
}

fn profile(description: &KeyDescription) -> Profile {
    Profile {
        purpose: b"android-key leaf",
        subject: subject("Authenticator Attestation", "stuntkey test Android key"),
        extensions: vec![Extension {
            oid: Oid::ANDROID_KEY_DESCRIPTION,
            critical: false,
            value: description.to_der(),
        }],
        intermediate: Intermediate::IfAsked,
        // Android's key store sends the whole chain, and some verifiers look for the root in it.
        sends_root: true,
    }
}
