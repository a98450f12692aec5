//! Answers to makeCredential: CTAP 2.1 §6.1, WebAuthn L3 §6.1.

use super::{AnswerFault, data, raw_data, without};
use crate::crypto::{PublicKey, sha256};
use crate::ctap2::Command::MakeCredential;
use crate::encoding::cbor::Item;
use crate::webauthn::{AttestedCredentialData, Flags};

const RESPONSE: &str = "CTAP 2.1 §6.1.2";
const DATA: &str = "WebAuthn L3 §6.1";
const KEY: &str = "WebAuthn L3 §6.5.1";

const AUTH_DATA: i64 = 2;

/// Changes the attested credential data.
fn attested(body: &mut Item, change: impl FnOnce(&mut AttestedCredentialData)) {
    data(body, AUTH_DATA, |data| {
        if let Some(attested) = &mut data.attested_credential_data {
            change(attested);
        }
    });
}

pub(super) const FAULTS: &[AnswerFault] = &[
    AnswerFault::body(
        "make-credential/fmt/missing",
        MakeCredential,
        RESPONSE,
        "fmt is missing",
        |body, _| {
            without(body, 1);
        },
    ),
    AnswerFault::body(
        "make-credential/fmt/not-text",
        MakeCredential,
        RESPONSE,
        "fmt is a number",
        |body, _| {
            body.set(1, 7);
        },
    ),
    AnswerFault::body(
        "make-credential/auth-data/missing",
        MakeCredential,
        RESPONSE,
        "authData is missing",
        |body, _| {
            without(body, AUTH_DATA);
        },
    ),
    AnswerFault::body(
        "make-credential/auth-data/not-bytes",
        MakeCredential,
        RESPONSE,
        "authData is a text",
        |body, _| {
            body.set(AUTH_DATA, "data");
        },
    ),
    AnswerFault::body(
        "make-credential/auth-data/empty",
        MakeCredential,
        DATA,
        "authData has no byte",
        |body, _| {
            raw_data(body, AUTH_DATA, Vec::clear);
        },
    ),
    AnswerFault::body(
        "make-credential/auth-data/short",
        MakeCredential,
        DATA,
        "authData ends within the AAGUID",
        |body, _| raw_data(body, AUTH_DATA, |bytes| bytes.truncate(40)),
    ),
    AnswerFault::body(
        "make-credential/auth-data/trailing-byte",
        MakeCredential,
        DATA,
        "a byte follows authData",
        |body, _| raw_data(body, AUTH_DATA, |bytes| bytes.push(0)),
    ),
    AnswerFault::body(
        "make-credential/rp-id-hash/another",
        MakeCredential,
        RESPONSE,
        "the credential is for another relying party",
        |body, _| data(body, AUTH_DATA, |data| data.rp_id_hash = sha256(&[b"evil.example"])),
    ),
    AnswerFault::body(
        "make-credential/flags/no-user-presence",
        MakeCredential,
        RESPONSE,
        "UP is clear, though a touch was asked for",
        |body, _| data(body, AUTH_DATA, |data| data.flags = data.flags.with(Flags::UP, false)),
    ),
    AnswerFault::body(
        "make-credential/flags/no-user-verification",
        MakeCredential,
        RESPONSE,
        "UV is clear, though the user was verified",
        |body, _| data(body, AUTH_DATA, |data| data.flags = data.flags.with(Flags::UV, false)),
    ),
    AnswerFault::body(
        "make-credential/flags/no-credential-data",
        MakeCredential,
        DATA,
        "AT is clear, and there are no attested credential data",
        |body, _| {
            data(body, AUTH_DATA, |data| {
                data.flags = data.flags.with(Flags::AT, false);
                data.attested_credential_data = None;
            });
        },
    ),
    AnswerFault::body(
        "make-credential/flags/extensions-missing",
        MakeCredential,
        DATA,
        "ED is set, and there are no extension data",
        |body, _| {
            raw_data(body, AUTH_DATA, |bytes| {
                if let Some(flags) = bytes.get_mut(32)
                    && *flags & Flags::ED.0 == 0
                {
                    *flags |= Flags::ED.0;
                }
            });
        },
    ),
    AnswerFault::body(
        "make-credential/flags/backed-up-not-eligible",
        MakeCredential,
        "WebAuthn L3 §6.1.3",
        "BS is set and BE is clear",
        |body, _| {
            data(body, AUTH_DATA, |data| data.flags = data.flags.with(Flags::BS, true).with(Flags::BE, false))
        },
    ),
    AnswerFault::body(
        "make-credential/id/empty",
        MakeCredential,
        "WebAuthn L3 §4",
        "the credential id has no byte",
        |body, _| attested(body, |attested| attested.credential_id.clear()),
    ),
    AnswerFault::body(
        "make-credential/id/too-long",
        MakeCredential,
        "WebAuthn L3 §4",
        "the credential id has 1,024 bytes; 1,023 are the most",
        |body, _| attested(body, |attested| attested.credential_id = vec![7; 1024]),
    ),
    AnswerFault::body(
        "make-credential/id/beyond-the-end",
        MakeCredential,
        DATA,
        "the credential id is said to be longer than authData",
        |body, _| {
            raw_data(body, AUTH_DATA, |bytes| {
                bytes.iter_mut().skip(53).take(2).for_each(|byte| *byte = 0xff);
            });
        },
    ),
    AnswerFault::body(
        "make-credential/id/excluded",
        MakeCredential,
        RESPONSE,
        "the new credential has the id of one that is excluded",
        |body, told| {
            let excluded = told.request.as_ref().and_then(|request| match request.member(5)? {
                Item::Array(items) => items.first()?.member("id")?.as_bytes(),
                _ => None,
            });
            if let Some(id) = excluded {
                let id = id.to_vec();
                attested(body, |attested| attested.credential_id = id);
            }
        },
    ),
    AnswerFault::body(
        "make-credential/id/repeated",
        MakeCredential,
        RESPONSE,
        "every credential has the same id",
        |body, _| attested(body, |attested| attested.credential_id = vec![7; 32]),
    ),
    AnswerFault::body(
        "make-credential/key/not-on-curve",
        MakeCredential,
        KEY,
        "the public key is no point of the curve",
        |body, _| {
            attested(body, |attested| {
                if let PublicKey::P256 { y, .. } = &mut attested.public_key {
                    *y = [1; 32];
                }
            });
        },
    ),
    AnswerFault::body(
        "make-credential/key/not-asked-for",
        MakeCredential,
        RESPONSE,
        "the algorithm of the public key is one that was not asked for",
        |body, _| {
            attested(body, |attested| {
                attested.public_key = PublicKey::Ed448([5; 57]);
            });
        },
    ),
    AnswerFault::body(
        "make-credential/att-stmt/missing",
        MakeCredential,
        RESPONSE,
        "attStmt is missing",
        |body, _| without(body, 3),
    ),
    AnswerFault::body(
        "make-credential/att-stmt/not-map",
        MakeCredential,
        RESPONSE,
        "attStmt is a list",
        |body, _| body.set(3, Item::Array(Vec::new())),
    ),
    AnswerFault::body(
        "make-credential/att-stmt/signature-of-another",
        MakeCredential,
        "WebAuthn L3 §8.2",
        "the attestation signature is over other data",
        |body, _| {
            if let Some(statement) = body.member_mut(3) {
                raw_signature(statement);
            }
        },
    ),
    AnswerFault::body(
        "make-credential/enterprise/unasked",
        MakeCredential,
        "CTAP 2.1 §7.1.3",
        "epAtt is true, and nobody asked for an enterprise attestation",
        |body, _| {
            if body.member(4).is_none() {
                body.set(4, Item::Bool(true));
            }
        },
    ),
    AnswerFault::body(
        "make-credential/extensions/unasked",
        MakeCredential,
        "CTAP 2.1 §12",
        "there is the output of an extension that nobody asked for",
        |body, _| {
            data(body, AUTH_DATA, |data| {
                data.flags = data.flags.with(Flags::ED, true);
                // {"unasked": true}
                data.extensions = Some([&[0xa1, 0x67][..], b"unasked", &[0xf5]].concat());
            });
        },
    ),
];

fn raw_signature(statement: &mut Item) {
    if let Some(signature) = statement.member_mut("sig").and_then(Item::bytes_mut)
        && let Some(last) = signature.last_mut()
    {
        *last ^= 1;
    }
}
