//! `fido-u2f` (WebAuthn L3 §8.6): the signature that a U2F token makes at registration.

use super::profile::{Intermediate, Profile, subject};
use super::statement::Subject;
use crate::crypto::PublicKey;
use crate::encoding::cbor::{Item, Writer, read_prefix};

/// The statement `{sig, x5c}` with one certificate. The attestation key signs it.
pub(super) fn statement(subject: &Subject<'_>) -> Vec<u8> {
    let identity = subject.known_identity().unwrap_or_else(|| subject.issue_identity(&profile()));
    let signed = Registration::of(subject);
    let signature = subject.edits.sign(
        identity.key(),
        &[&[0], signed.rp_id_hash, subject.client_data_hash, signed.credential_id, &signed.public_key],
    );
    let mut writer = Writer::with_capacity(1024);
    writer.map(2);
    writer.text("sig");
    writer.bytes(&signature);
    // §8.6: exactly one certificate, even if the caller's identity has more.
    subject.write_x5c(&mut writer, identity.chain().get(..1).unwrap_or_default());
    writer.into_bytes()
}

fn profile() -> Profile {
    Profile {
        purpose: b"fido-u2f leaf",
        subject: subject("Authenticator Attestation", "stuntkey test U2F leaf"),
        extensions: Vec::new(),
        // §8.6 takes one certificate.
        intermediate: Intermediate::Never,
        sends_root: false,
    }
}

/// The parts of authenticator data that `verificationData` consists of.
struct Registration<'a> {
    rp_id_hash: &'a [u8],
    credential_id: &'a [u8],
    /// `publicKeyU2F`: the point, uncompressed.
    public_key: Vec<u8>,
}

impl<'a> Registration<'a> {
    /// Read from authenticator data as a relying party reads it, so that the signature covers what an edit changed. If
    /// the data cannot be read, the parts are those of the credential.
    fn of(subject: &'a Subject<'_>) -> Self {
        let read = Self::read(subject.auth_data);
        read.unwrap_or_else(|| Self {
            rp_id_hash: subject.auth_data.get(..32).unwrap_or_default(),
            credential_id: subject.credential_id,
            public_key: match subject.credential_key.public_key() {
                PublicKey::P256 { x, y } => point(x, y),
                // The authenticator refuses other keys before: §8.6 has no place for them.
                _ => Vec::new(),
            },
        })
    }

    fn read(auth_data: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = auth_data.split_at_checked(32)?;
        // Flags, signature counter, AAGUID.
        let (length, rest) = rest.get(1 + 4 + 16..)?.split_first_chunk()?;
        let (credential_id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let key = Item::from(&read_prefix(rest).ok()?.0);
        let coordinate = |label: i64| key.member(label).and_then(Item::as_bytes);
        Some(Self { rp_id_hash, credential_id, public_key: point(coordinate(-2)?, coordinate(-3)?) })
    }
}

/// The uncompressed point (SEC 1 §2.3.3).
fn point(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[0x04], x, y].concat()
}
