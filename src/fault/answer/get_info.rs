//! Answers to getInfo: CTAP 2.1 §6.4.

use super::{AnswerFault, without};
use crate::ctap2::Command::GetInfo;
use crate::encoding::cbor::Item;

const MEMBERS: &str = "CTAP 2.1 §6.4";

pub(super) const FAULTS: &[AnswerFault] = &[
    AnswerFault::body(
        "get-info/versions/missing",
        GetInfo,
        MEMBERS,
        "the versions are missing",
        |body, _| {
            without(body, 1);
        },
    ),
    AnswerFault::body("get-info/versions/empty", GetInfo, MEMBERS, "there is no version", |body, _| {
        body.set(1, Item::Array(Vec::new()));
    }),
    AnswerFault::body(
        "get-info/versions/not-list",
        GetInfo,
        MEMBERS,
        "the versions are a text",
        |body, _| {
            body.set(1, "FIDO_2_0");
        },
    ),
    AnswerFault::body("get-info/aaguid/missing", GetInfo, MEMBERS, "the AAGUID is missing", |body, _| {
        without(body, 3);
    }),
    AnswerFault::body("get-info/aaguid/short", GetInfo, MEMBERS, "the AAGUID has 15 bytes", |body, _| {
        body.set(3, vec![7; 15]);
    }),
    AnswerFault::body("get-info/options/not-map", GetInfo, MEMBERS, "the options are a list", |body, _| {
        body.set(4, Item::Array(vec!["rk".into()]));
    }),
    AnswerFault::body("get-info/options/number", GetInfo, MEMBERS, "the option rk is a number", |body, _| {
        if let Some(options) = body.member_mut(4) {
            options.set("rk", 1);
        }
    }),
    AnswerFault::body(
        "get-info/max-msg-size/zero",
        GetInfo,
        MEMBERS,
        "the longest message has no byte; 1,024 is the least",
        |body, _| body.set(5, 0),
    ),
    AnswerFault::body(
        "get-info/protocols/unknown",
        GetInfo,
        MEMBERS,
        "the only PIN/UV auth protocol is 9",
        |body, _| body.set(6, Item::Array(vec![9.into()])),
    ),
    AnswerFault::body(
        "get-info/max-credential-count/zero",
        GetInfo,
        MEMBERS,
        "the longest list of credentials has none",
        |body, _| {
            if body.member(7).is_some() {
                body.set(7, 0);
            }
        },
    ),
];
