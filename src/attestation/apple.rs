//! `apple` (WebAuthn L3 §8.8): a certificate for the credential's own key, with the hash of authenticator data and client
//! data hash in an extension.

use super::profile::{Intermediate, Profile, subject};
use super::statement::Subject;
use crate::crypto::asn1::{OCTET_STRING, SEQUENCE, explicit, tlv};
use crate::crypto::sha256;
use crate::draft::{Extension, Oid};
use crate::encoding::cbor::Writer;

/// The statement `{x5c}`. Only the certificates are signed. An intermediate issues the leaf, as Apple's does.
pub(super) fn statement(subject: &Subject<'_>) -> Vec<u8> {
    let nonce = sha256(&[subject.auth_data, subject.client_data_hash]);
    let chain = subject.certify_credential(&profile(&nonce));
    let mut writer = Writer::with_capacity(2048);
    writer.map(1);
    subject.write_x5c(&mut writer, &chain);
    writer.into_bytes()
}

fn profile(nonce: &[u8; 32]) -> Profile {
    let value = tlv(SEQUENCE, &[&explicit(1, &tlv(OCTET_STRING, &[nonce]))]);
    Profile {
        purpose: b"apple leaf",
        subject: subject("Authenticator Attestation", "stuntkey test anonymous leaf"),
        extensions: vec![Extension { oid: Oid::APPLE_NONCE, critical: false, value }],
        intermediate: Intermediate::UnlessAsked,
        sends_root: false,
    }
}
