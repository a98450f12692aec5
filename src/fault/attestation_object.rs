//! The attestation object's CBOR: §7.1 step 13, and the format's name, step 21.

use super::Fault;
use crate::draft::constant_edits as edits;
use crate::encoding::cbor::Item;

pub(super) const FAULTS: &[Fault] = &[
    Fault::create(
        "attestation-object/cbor/not-a-map",
        13,
        "the attestation object is an array",
        edits![AttestationObject(|object| *object = Item::Array(Vec::new()))],
    ),
    Fault::create(
        "attestation-object/cbor/truncated",
        13,
        "the attestation object ends early",
        edits![AttestationObjectBytes(|bytes| {
            bytes.pop();
        })],
    ),
    Fault::create(
        "attestation-object/cbor/not-cbor",
        13,
        "the attestation object begins with a reserved byte",
        edits![AttestationObjectBytes(|bytes| bytes.insert(0, 0x1c))],
    ),
    Fault::create(
        "attestation-object/cbor/deep-nesting",
        13,
        "the attestation object is nested 1,000 levels deep",
        edits![AttestationObjectBytes(|bytes| *bytes = [vec![0x81; 1000], vec![0x00]].concat())],
    ),
    Fault::create(
        "attestation-object/trailing-bytes/one",
        13,
        "a byte follows the attestation object",
        edits![AttestationObjectBytes(|bytes| bytes.push(0))],
    ),
    Fault::create(
        "attestation-object/canonical/member-order",
        13,
        "the members are in another order",
        edits![AttestationObject(|object| {
            if let Item::Map(entries) = object {
                entries.reverse();
            }
        })],
    ),
    Fault::create(
        "attestation-object/canonical/duplicate-member",
        13,
        "a member is there twice",
        edits![AttestationObject(|object| {
            if let Item::Map(entries) = object {
                let first = entries.first().cloned();
                entries.extend(first);
            }
        })],
    ),
    Fault::create(
        "attestation-object/canonical/long-length",
        13,
        "the map's length takes more bytes than it needs",
        edits![AttestationObjectBytes(|bytes| {
            // a3: a map of three. b8 03: the same with a length byte.
            bytes.splice(..1, [0xb8, 0x03]);
        })],
    ),
    Fault::create(
        "attestation-object/canonical/indefinite-length",
        13,
        "the map has an indefinite length",
        edits![AttestationObjectBytes(|bytes| {
            bytes.splice(..1, [0xbf]);
            bytes.push(0xff);
        })],
    ),
    Fault::create(
        "attestation-object/fmt/missing",
        13,
        "the attestation object has no fmt",
        edits![AttestationObject(|object| drop(object.remove("fmt")))],
    ),
    Fault::create(
        "attestation-object/fmt/not-text",
        13,
        "fmt is a byte string",
        edits![AttestationObject(|object| {
            object.set("fmt", Item::Bytes(b"none".to_vec()));
        })],
    ),
    Fault::create(
        "attestation-object/att-stmt/missing",
        13,
        "the attestation object has no attStmt",
        edits![AttestationObject(|object| drop(object.remove("attStmt")))],
    ),
    Fault::create(
        "attestation-object/att-stmt/not-a-map",
        13,
        "attStmt is a byte string",
        edits![AttestationObject(|object| object.set("attStmt", Item::Bytes(Vec::new())))],
    ),
    Fault::create(
        "attestation-object/auth-data/missing",
        13,
        "the attestation object has no authData",
        edits![AttestationObject(|object| drop(object.remove("authData")))],
    ),
    Fault::create(
        "attestation-object/auth-data/not-bytes",
        13,
        "authData is a text",
        edits![AttestationObject(|object| object.set("authData", Item::Text(String::new())))],
    ),
    Fault::create(
        "attestation/format/unknown",
        21,
        "the format is one that nobody knows",
        edits![AttestationObject(|object| object.set("fmt", Item::Text("stuntkey".into())))],
    ),
    Fault::create(
        "attestation/format/upper-case",
        21,
        "the format is in another case",
        edits![AttestationObject(|object| {
            if let Item::Map(entries) = object {
                for (_, value) in entries {
                    if let Item::Text(text) = value {
                        *text = text.to_uppercase();
                    }
                }
            }
        })],
    ),
    Fault::create(
        "attestation/format/empty",
        21,
        "the format is empty",
        edits![AttestationObject(|object| {
            object.set("fmt", Item::Text(String::new()));
        })],
    ),
];
