//! Answers that are no message: CTAP 2.1 §8.

use super::{AnswerFault, Change};
use crate::encoding::cbor::Item;

const MESSAGE: &str = "CTAP 2.1 §8";

pub(super) const FAULTS: &[AnswerFault] = &[
    AnswerFault {
        id: "message/silence",
        sentence: "there is no answer",
        clause: "CTAP 2.1 §6",
        command: None,
        change: Change::Silence,
    },
    AnswerFault::bytes("message/empty", MESSAGE, "the answer has no status byte", Vec::clear),
    AnswerFault::bytes("message/status-alone", MESSAGE, "nothing follows the status OK", |answer| {
        answer.truncate(1);
    }),
    AnswerFault::bytes(
        "message/unknown-status",
        "CTAP 2.1 §8.2",
        "the status is 0x70, which has no name",
        |answer| {
            answer.truncate(1);
            answer.iter_mut().for_each(|status| *status = 0x70);
        },
    ),
    AnswerFault::bytes(
        "message/body-with-error",
        "CTAP 2.1 §8.2",
        "the status is an error, and the answer follows it",
        |answer| answer.iter_mut().take(1).for_each(|status| *status = 0x27),
    ),
    AnswerFault::bytes("cbor/not-cbor", MESSAGE, "a break stands in place of the map", |answer| {
        answer.truncate(1);
        answer.push(0xff);
    }),
    AnswerFault::bytes("cbor/array", MESSAGE, "an array stands in place of the map", |answer| {
        answer.truncate(1);
        answer.push(0x80);
    }),
    AnswerFault::bytes("cbor/text-keys", MESSAGE, "the keys of the map are texts", |answer| {
        edit(answer, |entries| {
            for (key, _) in entries {
                if let Item::Int(number) = key {
                    *key = Item::Text(number.to_string());
                }
            }
        });
    }),
    AnswerFault::bytes("cbor/truncated", MESSAGE, "the last byte of the map is missing", |answer| {
        answer.pop();
    }),
    AnswerFault::bytes("cbor/trailing-byte", MESSAGE, "a byte follows the map", |answer| answer.push(0)),
    AnswerFault::bytes("cbor/indefinite", MESSAGE, "the map has an indefinite length", |answer| {
        answer.iter_mut().skip(1).take(1).for_each(|head| *head = 0xbf);
        answer.push(0xff);
    }),
    AnswerFault::bytes("cbor/duplicate-key", MESSAGE, "the map has its first member twice", |answer| {
        edit(answer, |entries| {
            if let Some(first) = entries.first().cloned() {
                entries.insert(0, first);
            }
        });
    }),
    AnswerFault::bytes(
        "cbor/keys-out-of-order",
        MESSAGE,
        "the members stand in the opposite order",
        |answer| {
            edit(answer, |entries| entries.reverse());
        },
    ),
    AnswerFault::bytes(
        "cbor/long-integer",
        MESSAGE,
        "the first key takes two bytes instead of one",
        |answer| {
            edit(answer, |entries| {
                if let Some((key @ Item::Int(0..24), _)) = entries.first_mut()
                    && let Item::Int(number) = *key
                {
                    *key = Item::Raw(vec![0x18, u8::try_from(number).unwrap_or(0)]);
                }
            });
        },
    ),
    AnswerFault::bytes("cbor/tag", MESSAGE, "the map stands under a tag", |answer| {
        answer.insert(1.min(answer.len()), 0xc1)
    }),
    AnswerFault::bytes(
        "cbor/float",
        MESSAGE,
        "a member that nobody knows is a floating-point number",
        |answer| {
            edit(answer, |entries| entries.push((Item::Int(0x7f), Item::Raw(vec![0xf9, 0x3c, 0x00]))));
        },
    ),
    AnswerFault::bytes(
        "cbor/deep",
        MESSAGE,
        "a member that nobody knows is nested a thousand deep",
        |answer| {
            edit(answer, |entries| {
                let deep = [vec![0x81; 1000], vec![0x80]].concat();
                entries.push((Item::Int(0x7f), Item::Raw(deep)));
            });
        },
    ),
    AnswerFault::bytes(
        "cbor/huge-length",
        MESSAGE,
        "a member that nobody knows is said to have 4 GiB, and ends",
        |answer| {
            edit(answer, |entries| {
                entries.push((Item::Int(0x7f), Item::Raw(vec![0x5a, 0xff, 0xff, 0xff, 0xff])));
            });
        },
    ),
    AnswerFault::bytes(
        "message/oversized",
        "CTAP 2.1 §11.2.4",
        "the answer has 70,000 bytes, more than CTAPHID carries",
        |answer| {
            edit(answer, |entries| entries.push((Item::Int(0x7f), Item::Bytes(vec![0; 70_000]))));
        },
    ),
];

/// Changes the members of an answer's map, if it has one.
fn edit(answer: &mut Vec<u8>, change: impl FnOnce(&mut Vec<(Item, Item)>)) {
    let Some(mut body) = answer.get(1..).and_then(|body| Item::read(body).ok()) else { return };
    if let Some(entries) = body.entries_mut() {
        change(entries);
    }
    answer.truncate(1);
    answer.extend_from_slice(&body.to_bytes());
}
