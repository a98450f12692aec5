//! Answers to clientPIN: CTAP 2.1 §6.5.

use super::{AnswerFault, known_point, raw_data, without};
use crate::ctap2::Command::ClientPin;
use crate::encoding::cbor::Item;

const KEY: &str = "CTAP 2.1 §6.5.4";
const TOKEN: &str = "CTAP 2.1 §6.5.5.7";
const RETRIES: &str = "CTAP 2.1 §6.5.5.2";

pub(super) const FAULTS: &[AnswerFault] = &[
    AnswerFault::body(
        "client-pin/key-agreement/missing",
        ClientPin,
        KEY,
        "the public key is missing",
        |body, _| {
            without(body, 1);
        },
    ),
    AnswerFault::body(
        "client-pin/key-agreement/not-map",
        ClientPin,
        KEY,
        "the public key is bytes",
        |body, _| {
            if body.member(1).is_some() {
                body.set(1, vec![4; 65]);
            }
        },
    ),
    AnswerFault::body(
        "client-pin/key-agreement/off-curve",
        ClientPin,
        KEY,
        "the public key is no point of the curve",
        |body, _| {
            if let Some(key) = body.member_mut(1) {
                key.set(-3, vec![1; 32]);
            }
        },
    ),
    AnswerFault::body(
        "client-pin/key-agreement/zero",
        ClientPin,
        KEY,
        "both coordinates of the public key are zero",
        |body, _| {
            if let Some(key) = body.member_mut(1) {
                key.set(-2, vec![0; 32]);
                key.set(-3, vec![0; 32]);
            }
        },
    ),
    AnswerFault::body(
        "client-pin/key-agreement/short",
        ClientPin,
        KEY,
        "a coordinate of the public key has 31 bytes",
        |body, _| {
            if let Some(key) = body.member_mut(1) {
                raw_data(key, -2, |bytes| bytes.truncate(31));
            }
        },
    ),
    AnswerFault::body(
        "client-pin/key-agreement/other-curve",
        ClientPin,
        KEY,
        "the public key says that it is on P-384",
        |body, _| {
            if let Some(key) = body.member_mut(1) {
                key.set(-1, 2);
            }
        },
    ),
    AnswerFault::body(
        "client-pin/key-agreement/another",
        ClientPin,
        KEY,
        "the public key is that of somebody else",
        |body, _| {
            if let Some(key) = body.member_mut(1) {
                let [x, y] = known_point();
                key.set(-2, x.to_vec());
                key.set(-3, y.to_vec());
            }
        },
    ),
    AnswerFault::body("client-pin/token/missing", ClientPin, TOKEN, "the token is missing", |body, _| {
        without(body, 2);
    }),
    AnswerFault::body("client-pin/token/empty", ClientPin, TOKEN, "the token has no byte", |body, _| {
        raw_data(body, 2, Vec::clear);
    }),
    AnswerFault::body(
        "client-pin/token/short",
        ClientPin,
        TOKEN,
        "the token lacks its last byte",
        |body, _| {
            raw_data(body, 2, |bytes| {
                bytes.pop();
            });
        },
    ),
    AnswerFault::body("client-pin/token/not-bytes", ClientPin, TOKEN, "the token is a text", |body, _| {
        if body.member(2).is_some() {
            body.set(2, "token");
        }
    }),
    AnswerFault::body("client-pin/token/another", ClientPin, TOKEN, "the token is another one", |body, _| {
        raw_data(body, 2, |bytes| {
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
        });
    }),
    AnswerFault::body(
        "client-pin/retries/missing",
        ClientPin,
        RETRIES,
        "the retries are missing",
        |body, _| {
            without(body, 3);
        },
    ),
    AnswerFault::body("client-pin/retries/text", ClientPin, RETRIES, "the retries are a text", |body, _| {
        if body.member(3).is_some() {
            body.set(3, "eight");
        }
    }),
    AnswerFault::body(
        "client-pin/retries/negative",
        ClientPin,
        RETRIES,
        "there are -1 retries",
        |body, _| {
            if body.member(3).is_some() {
                body.set(3, -1);
            }
        },
    ),
    AnswerFault::body(
        "client-pin/retries/many",
        ClientPin,
        RETRIES,
        "there are 2^32 retries; 8 is the most",
        |body, _| {
            if body.member(3).is_some() {
                body.set(3, 1_i64 << 32);
            }
        },
    ),
    AnswerFault::body(
        "client-pin/retries/boolean-state",
        ClientPin,
        RETRIES,
        "powerCycleState is a number",
        |body, _| {
            if body.member(3).is_some() {
                body.set(4, Item::Int(1));
            }
        },
    ),
];
