//! Answers to getAssertion: CTAP 2.1 §6.2, WebAuthn L3 §6.1.

use super::{AnswerFault, data, known_point, raw_data, without};
use crate::crypto::{PublicKey, sha256};
use crate::ctap2::Command::GetAssertion;
use crate::encoding::cbor::Item;
use crate::webauthn::{Aaguid, AttestedCredentialData, Flags};

const RESPONSE: &str = "CTAP 2.1 §6.2.2";
const DATA: &str = "WebAuthn L3 §6.1";

const CREDENTIAL: i64 = 1;
const AUTH_DATA: i64 = 2;
const SIGNATURE: i64 = 3;
const USER: i64 = 4;
const NUMBER: i64 = 5;

pub(super) const FAULTS: &[AnswerFault] = &[
    AnswerFault::body(
        "get-assertion/auth-data/missing",
        GetAssertion,
        RESPONSE,
        "authData is missing",
        |body, _| {
            without(body, AUTH_DATA);
        },
    ),
    AnswerFault::body(
        "get-assertion/auth-data/not-bytes",
        GetAssertion,
        RESPONSE,
        "authData is a text",
        |body, _| {
            body.set(AUTH_DATA, "data");
        },
    ),
    AnswerFault::body(
        "get-assertion/auth-data/short",
        GetAssertion,
        DATA,
        "authData has 36 bytes",
        |body, _| {
            raw_data(body, AUTH_DATA, |bytes| bytes.truncate(36));
        },
    ),
    AnswerFault::body(
        "get-assertion/auth-data/trailing-byte",
        GetAssertion,
        DATA,
        "a byte follows authData",
        |body, _| raw_data(body, AUTH_DATA, |bytes| bytes.push(0)),
    ),
    AnswerFault::body(
        "get-assertion/rp-id-hash/another",
        GetAssertion,
        RESPONSE,
        "the assertion is for another relying party",
        |body, _| data(body, AUTH_DATA, |data| data.rp_id_hash = sha256(&[b"evil.example"])),
    ),
    AnswerFault::body(
        "get-assertion/flags/no-user-presence",
        GetAssertion,
        RESPONSE,
        "UP is clear, though a touch was asked for",
        |body, _| data(body, AUTH_DATA, |data| data.flags = data.flags.with(Flags::UP, false)),
    ),
    AnswerFault::body(
        "get-assertion/flags/no-user-verification",
        GetAssertion,
        RESPONSE,
        "UV is clear, though the user was verified",
        |body, _| data(body, AUTH_DATA, |data| data.flags = data.flags.with(Flags::UV, false)),
    ),
    AnswerFault::body(
        "get-assertion/flags/credential-data",
        GetAssertion,
        DATA,
        "AT is set, and there are attested credential data",
        |body, _| {
            data(body, AUTH_DATA, |data| {
                data.flags = data.flags.with(Flags::AT, true);
                let [x, y] = known_point();
                data.attested_credential_data = Some(AttestedCredentialData {
                    aaguid: Aaguid::default(),
                    credential_id: vec![7; 16],
                    public_key: PublicKey::P256 { x, y },
                });
            });
        },
    ),
    AnswerFault::body(
        "get-assertion/flags/extensions-missing",
        GetAssertion,
        DATA,
        "ED is set, and there are no extension data",
        |body, _| {
            raw_data(body, AUTH_DATA, |bytes| {
                bytes.iter_mut().skip(32).take(1).for_each(|flags| *flags |= Flags::ED.0);
            });
        },
    ),
    AnswerFault::body(
        "get-assertion/counter/falls",
        GetAssertion,
        "WebAuthn L3 §6.1.1",
        "the signature counter falls from one assertion to the next",
        |body, told| {
            data(body, AUTH_DATA, |data| data.sign_count = 1_000_000_u32.saturating_sub(told.before))
        },
    ),
    AnswerFault::body(
        "get-assertion/signature/missing",
        GetAssertion,
        RESPONSE,
        "the signature is missing",
        |body, _| {
            without(body, SIGNATURE);
        },
    ),
    AnswerFault::body(
        "get-assertion/signature/empty",
        GetAssertion,
        RESPONSE,
        "the signature has no byte",
        |body, _| {
            raw_data(body, SIGNATURE, Vec::clear);
        },
    ),
    AnswerFault::body(
        "get-assertion/signature/not-bytes",
        GetAssertion,
        RESPONSE,
        "the signature is a text",
        |body, _| {
            body.set(SIGNATURE, "signature");
        },
    ),
    AnswerFault::body(
        "get-assertion/signature/of-another",
        GetAssertion,
        RESPONSE,
        "the signature is over other data",
        |body, _| {
            raw_data(body, SIGNATURE, |bytes| {
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
            });
        },
    ),
    AnswerFault::body(
        "get-assertion/credential/not-allowed",
        GetAssertion,
        RESPONSE,
        "the credential is none of the allow list",
        |body, _| {
            if let Some(credential) = body.member_mut(CREDENTIAL) {
                credential.set("id", vec![7; 32]);
            }
        },
    ),
    AnswerFault::body(
        "get-assertion/credential/missing",
        GetAssertion,
        RESPONSE,
        "the credential is missing, which it may be for an allow list of one alone",
        |body, told| {
            let one = told.request.as_ref().and_then(|request| match request.member(3)? {
                Item::Array(items) => Some(items.len() == 1),
                _ => None,
            });
            if one != Some(true) {
                without(body, CREDENTIAL);
            }
        },
    ),
    AnswerFault::body(
        "get-assertion/credential/no-id",
        GetAssertion,
        RESPONSE,
        "the credential has no id",
        |body, _| {
            if let Some(credential) = body.member_mut(CREDENTIAL) {
                without(credential, "id");
            }
        },
    ),
    AnswerFault::body(
        "get-assertion/credential/not-map",
        GetAssertion,
        RESPONSE,
        "the credential is bytes",
        |body, _| body.set(CREDENTIAL, vec![7; 32]),
    ),
    AnswerFault::body(
        "get-assertion/user/no-id",
        GetAssertion,
        RESPONSE,
        "the account has a name and no id",
        |body, _| {
            if body.member(USER).is_some() {
                body.set(USER, Item::Map(vec![("name".into(), "alice".into())]));
            }
        },
    ),
    AnswerFault::body(
        "get-assertion/user/empty-id",
        GetAssertion,
        RESPONSE,
        "the user handle has no byte",
        |body, _| {
            if let Some(user) = body.member_mut(USER) {
                user.set("id", Vec::new());
            }
        },
    ),
    AnswerFault::body(
        "get-assertion/user/long-id",
        GetAssertion,
        "WebAuthn L3 §5.4.3",
        "the user handle has 65 bytes; 64 are the most",
        |body, _| {
            if let Some(user) = body.member_mut(USER) {
                user.set("id", vec![7; 65]);
            }
        },
    ),
    AnswerFault::body(
        "get-assertion/user/text-id",
        GetAssertion,
        RESPONSE,
        "the user handle is a text",
        |body, _| {
            if let Some(user) = body.member_mut(USER) {
                user.set("id", "alice");
            }
        },
    ),
    AnswerFault::body(
        "get-assertion/number/too-many",
        GetAssertion,
        RESPONSE,
        "there are 1,000 accounts, and the next assertion is refused",
        |body, _| body.set(NUMBER, 1000),
    ),
    AnswerFault::body(
        "get-assertion/number/negative",
        GetAssertion,
        RESPONSE,
        "there are -1 accounts",
        |body, _| {
            body.set(NUMBER, -1);
        },
    ),
    AnswerFault::body(
        "get-assertion/hmac-secret/short",
        GetAssertion,
        "CTAP 2.1 §12.5",
        "the output of hmac-secret lacks its last byte",
        |body, _| {
            data(body, AUTH_DATA, |data| {
                let Some(mut outputs) = data.extensions.as_deref().and_then(|map| Item::read(map).ok())
                else {
                    return;
                };
                if let Some(output) = outputs.member_mut("hmac-secret").and_then(Item::bytes_mut) {
                    output.pop();
                    data.extensions = Some(outputs.to_bytes());
                }
            });
        },
    ),
    AnswerFault::body(
        "get-assertion/large-blob-key/short",
        GetAssertion,
        "CTAP 2.1 §12.3",
        "the key of the large blob has 31 bytes",
        |body, _| raw_data(body, 7, |bytes| bytes.truncate(31)),
    ),
];
