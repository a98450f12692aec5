//! The formats of platforms and of U2F, `none` and `compound`: §7.1 step 22 by WebAuthn L3 §8.4 to §8.9.

use super::Fault;
use super::changes::{GENERATOR, change, flip_last_bit, other_first_character, remove, set};
use crate::attestation::AttestationFormat;
use crate::attestation::AttestationFormat::{AndroidKey, AndroidSafetynet, Apple, Compound, FidoU2f, None};
use crate::draft::{Edit, Extension, Oid, constant_edits as edits};
use crate::encoding::cbor::Item;
use crate::encoding::json::Json;

const fn of(
    format: AttestationFormat,
    id: &'static str,
    sentence: &'static str,
    edits: &'static [Edit],
) -> Fault {
    Fault::create(id, 22, sentence, edits).format(format)
}

/// The generator of P-384 (SEC 2 §2.5.1), as a SubjectPublicKeyInfo.
const P384_GENERATOR: [u8; 120] = [
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
    0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04, 0xaa, 0x87, 0xca, 0x22, 0xbe, 0x8b, 0x05, 0x37, 0x8e, 0xb1,
    0xc7, 0x1e, 0xf3, 0x20, 0xad, 0x74, 0x6e, 0x1d, 0x3b, 0x62, 0x8b, 0xa7, 0x9b, 0x98, 0x59, 0xf7, 0x41,
    0xe0, 0x82, 0x54, 0x2a, 0x38, 0x55, 0x02, 0xf2, 0x5d, 0xbf, 0x55, 0x29, 0x6c, 0x3a, 0x54, 0x5e, 0x38,
    0x72, 0x76, 0x0a, 0xb7, 0x36, 0x17, 0xde, 0x4a, 0x96, 0x26, 0x2c, 0x6f, 0x5d, 0x9e, 0x98, 0xbf, 0x92,
    0x92, 0xdc, 0x29, 0xf8, 0xf4, 0x1d, 0xbd, 0x28, 0x9a, 0x14, 0x7c, 0xe9, 0xda, 0x31, 0x13, 0xb5, 0xf0,
    0xb8, 0xc0, 0x0a, 0x60, 0xb1, 0xce, 0x1d, 0x7e, 0x81, 0x9d, 0x7a, 0x43, 0x1d, 0x7c, 0x90, 0xea, 0x0e,
    0x5f,
];

pub(super) const FAULTS: &[Fault] = &[
    of(
        AndroidKey,
        "android-key/syntax/alg-missing",
        "the statement has no alg",
        edits![Statement(|s| drop(s.remove("alg")))],
    ),
    of(
        AndroidKey,
        "android-key/syntax/sig-missing",
        "the statement has no sig",
        edits![Statement(|s| drop(s.remove("sig")))],
    ),
    of(
        AndroidKey,
        "android-key/syntax/x5c-missing",
        "the statement has no x5c",
        edits![Statement(|s| drop(s.remove("x5c")))],
    ),
    of(
        AndroidKey,
        "android-key/syntax/x5c-empty",
        "x5c is empty",
        edits![Statement(|s| {
            s.set("x5c", Item::Array(Vec::new()));
        })],
    ),
    of(
        AndroidKey,
        "android-key/certificate/garbage",
        "the first certificate is no certificate",
        edits![Chain(|chain| garbage(chain))],
    ),
    of(
        AndroidKey,
        "android-key/signature/corrupted",
        "one bit of the signature is flipped",
        edits![Signature(|s| {
            flip_last_bit(s);
        })],
    ),
    of(
        AndroidKey,
        "android-key/signature/other-client-data",
        "the signature is over other client data",
        edits![Signed(|m| {
            flip_last_bit(m);
        })],
    ),
    of(
        AndroidKey,
        "android-key/public-key/other",
        "the credential key is not the certificate's",
        edits![CredentialKey(another_credential_key)],
    )
    .on(&[("attestation.format", "android-key"), ("algorithms", "ES256")]),
    of(
        AndroidKey,
        "android-key/key-description/missing",
        "there is no key description",
        edits![Leaf(|leaf| {
            drop(leaf.remove_extension(Oid::ANDROID_KEY_DESCRIPTION));
        })],
    ),
    of(
        AndroidKey,
        "android-key/key-description/truncated",
        "the key description ends early",
        edits![Leaf(|leaf| {
            if let Some(extension) = leaf.extension_mut(Oid::ANDROID_KEY_DESCRIPTION) {
                extension.value.pop();
            }
        })],
    ),
    of(
        AndroidKey,
        "android-key/challenge/other",
        "the attestation challenge is another",
        edits![KeyDescription(|d| {
            flip_last_bit(&mut d.attestation_challenge);
        })],
    ),
    of(
        AndroidKey,
        "android-key/all-applications/tee",
        "every application may use the key, says the environment",
        edits![KeyDescription(|d| d.tee_enforced.all_applications = true)],
    ),
    of(
        AndroidKey,
        "android-key/all-applications/software",
        "every application may use the key, says the system",
        edits![KeyDescription(|d| d.software_enforced.all_applications = true)],
    ),
    of(
        AndroidKey,
        "android-key/origin/imported",
        "the key was imported",
        edits![KeyDescription(|d| {
            d.tee_enforced.origin = Some(2);
        })],
    ),
    of(
        AndroidKey,
        "android-key/origin/missing",
        "the key's origin is not told",
        edits![KeyDescription(|d| {
            d.tee_enforced.origin = Option::None;
        })],
    ),
    of(
        AndroidKey,
        "android-key/purpose/verify",
        "the key is for verifying",
        edits![KeyDescription(|d| {
            d.tee_enforced.purpose = Some(vec![3]);
        })],
    ),
    of(
        AndroidKey,
        "android-key/purpose/missing",
        "the key's purpose is not told",
        edits![KeyDescription(|d| {
            d.tee_enforced.purpose = Option::None;
        })],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/syntax/ver-missing",
        "the statement has no ver",
        edits![Statement(|s| {
            drop(s.remove("ver"));
        })],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/syntax/response-missing",
        "the statement has no response",
        edits![Statement(|s| drop(s.remove("response")))],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/ver/empty",
        "ver is empty",
        edits![Statement(|s| s.set("ver", ""))],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/response/not-a-jws",
        "the response is no JSON Web Signature",
        edits![Statement(|s| s.set("response", b"response".to_vec()))],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/response/x5c-missing",
        "the header has no certificates",
        edits![SafetyNetHeader(|header| remove(header, "x5c"))],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/nonce/other",
        "the nonce is another",
        edits![SafetyNetPayload(|payload| {
            change(payload, "nonce", other_first_character);
        })],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/nonce/missing",
        "there is no nonce",
        edits![SafetyNetPayload(|payload| {
            remove(payload, "nonce");
        })],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/service/other",
        "the certificate is another service's",
        edits![Leaf(|leaf| {
            leaf.set_extension(Extension::dns_name("attest.example.com"));
        })],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/signature/corrupted",
        "one bit of the signature is flipped",
        edits![Signature(|s| flip_last_bit(s))],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/cts-profile-match/false",
        "the device does not match a profile",
        edits![SafetyNetPayload(|payload| set(payload, "ctsProfileMatch", false))],
    ),
    of(
        AndroidSafetynet,
        "android-safetynet/timestamp/old",
        "the response is old",
        edits![SafetyNetPayload(|payload| {
            set(payload, "timestampMs", Json::from(1_500_000_000_000_i64));
        })],
    ),
    of(
        FidoU2f,
        "fido-u2f/syntax/sig-missing",
        "the statement has no sig",
        edits![Statement(|s| drop(s.remove("sig")))],
    ),
    of(
        FidoU2f,
        "fido-u2f/syntax/x5c-empty",
        "x5c is empty",
        edits![Statement(|s| s.set("x5c", Item::Array(Vec::new())))],
    ),
    of(
        FidoU2f,
        "fido-u2f/syntax/two-certificates",
        "there are two certificates",
        edits![Chain(|chain| {
            let leaf = chain.first().cloned();
            chain.extend(leaf);
        })],
    ),
    of(
        FidoU2f,
        "fido-u2f/syntax/further-member",
        "the statement has a member of no use",
        edits![Statement(|s| {
            if let Some(entries) = s.entries_mut() {
                // Where the canonical order has it.
                entries.insert(0, ("alg".into(), (-7).into()));
            }
        })],
    ),
    of(
        FidoU2f,
        "fido-u2f/certificate-key/garbage",
        "the certificate is no certificate",
        edits![Chain(|chain| garbage(chain))],
    ),
    of(
        FidoU2f,
        "fido-u2f/certificate-key/other-curve",
        "the certificate's key is on P-384",
        edits![Leaf(|leaf| {
            leaf.subject_public_key_info = P384_GENERATOR.to_vec();
        })],
    ),
    of(
        FidoU2f,
        "fido-u2f/credential-key/other-curve",
        "the credential key is on P-384",
        edits![CredentialKey(|key| {
            let [x, y] = [&P384_GENERATOR[24..72], &P384_GENERATOR[72..]];
            key.set(3, -35);
            key.set(-1, 2);
            key.set(-2, x.to_vec());
            key.set(-3, y.to_vec());
        })],
    ),
    of(
        FidoU2f,
        "fido-u2f/signature/corrupted",
        "one bit of the signature is flipped",
        edits![Signature(|s| {
            flip_last_bit(s);
        })],
    ),
    of(
        FidoU2f,
        "fido-u2f/signature/other-message",
        "the signature is over other registration data",
        edits![Signed(|m| {
            flip_last_bit(m);
        })],
    ),
    of(
        FidoU2f,
        "fido-u2f/aaguid/not-zero",
        "the AAGUID is not zero, though that is asked for",
        edits![AuthenticatorData(|data| {
            if let Some(attested) = &mut data.attested_credential_data {
                attested.aaguid = crate::webauthn::Aaguid::STUNTKEY;
            }
        })],
    ),
    of(
        None,
        "none/syntax/not-empty",
        "there is a statement under none",
        edits![Statement(|s| s.set("alg", -7))],
    ),
    of(
        None,
        "none/syntax/array",
        "the statement is an array",
        edits![Statement(|s| *s = Item::Array(Vec::new()))],
    ),
    of(
        Apple,
        "apple/syntax/x5c-missing",
        "the statement has no x5c",
        edits![Statement(|s| drop(s.remove("x5c")))],
    ),
    of(
        Apple,
        "apple/syntax/x5c-empty",
        "x5c is empty",
        edits![Statement(|s| s.set("x5c", Item::Array(Vec::new())))],
    ),
    of(
        Apple,
        "apple/certificate/garbage",
        "the first certificate is no certificate",
        edits![Chain(|chain| garbage(chain))],
    ),
    of(
        Apple,
        "apple/nonce/other",
        "the nonce is another",
        edits![Leaf(|leaf| {
            if let Some(extension) = leaf.extension_mut(Oid::APPLE_NONCE) {
                flip_last_bit(&mut extension.value);
            }
        })],
    ),
    of(
        Apple,
        "apple/nonce/missing",
        "there is no nonce",
        edits![Leaf(|leaf| drop(leaf.remove_extension(Oid::APPLE_NONCE)))],
    ),
    of(
        Apple,
        "apple/public-key/other",
        "the certificate's key is not the credential key",
        edits![Leaf(|leaf| {
            leaf.subject_public_key_info = GENERATOR.to_vec();
        })],
    ),
    of(
        Compound,
        "compound/syntax/one",
        "there is one statement",
        edits![Statement(|s| {
            if let Some(items) = s.items_mut() {
                items.truncate(1);
            }
        })],
    ),
    of(
        Compound,
        "compound/syntax/map",
        "the statement is a map",
        edits![Statement(|s| *s = Item::Map(Vec::new()))],
    ),
    of(
        Compound,
        "compound/syntax/att-stmt-missing",
        "a statement has no attStmt",
        edits![Statement(|s| {
            if let Some(first) = s.items_mut().and_then(|items| items.first_mut()) {
                drop(first.remove("attStmt"));
            }
        })],
    ),
    of(
        Compound,
        "compound/nested/compound",
        "a statement is itself compound",
        edits![Statement(|s| {
            let inner = s.clone();
            if let Some(first) = s.items_mut().and_then(|items| items.first_mut()) {
                first.set("fmt", "compound");
                first.set("attStmt", inner);
            }
        })],
    ),
    of(
        Compound,
        "packed/signature/in-compound",
        "one of the statements has a signature with a flipped bit, and another is sound",
        edits![Statement(|s| {
            if let Some(first) = s.items_mut().and_then(|items| items.first_mut())
                && let Some(mut statement) = first.remove("attStmt")
            {
                if let Some(Item::Bytes(mut signature)) = statement.member("sig").cloned() {
                    flip_last_bit(&mut signature);
                    statement.set("sig", signature);
                }
                first.set("attStmt", statement);
            }
        })],
    ),
    of(
        Compound,
        "compound/format/unknown",
        "a statement is of a format that nobody knows",
        edits![Statement(|s| {
            if let Some(first) = s.items_mut().and_then(|items| items.first_mut()) {
                first.set("fmt", "stuntkey");
            }
        })],
    ),
];

fn garbage(chain: &mut [Vec<u8>]) {
    if let Some(leaf) = chain.first_mut() {
        *leaf = vec![0x30, 0x03, 0x02, 0x01, 0x01];
    }
}

/// The generator, in place of the credential's key.
fn another_credential_key(key: &mut Item) {
    let [x, y] = [&GENERATOR[27..59], &GENERATOR[59..]];
    key.set(-2, x.to_vec());
    key.set(-3, y.to_vec());
}
