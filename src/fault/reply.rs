//! The reply around the ceremony's bytes: §7.1 and §7.2 steps 3 and 4, and whose credential it is.

use super::Fault;
use super::changes::{change, other_first_character, remove, response, set};
use crate::draft::constant_edits as edits;
use crate::encoding::json::Json;

pub(super) const FAULTS: &[Fault] = &[
    Fault::both(
        "reply/object/no-response",
        (3, 3),
        "the reply has no response",
        edits![Reply(|r| remove(r, "response"))],
    ),
    Fault::both(
        "reply/object/array",
        (3, 3),
        "the response is an array",
        edits![Reply(|r| {
            set(r, "response", Json::Array(Vec::new()));
        })],
    ),
    Fault::both("reply/id/missing", (3, 3), "the reply has no id", edits![Reply(|r| remove(r, "id"))]),
    Fault::both("reply/id/not-text", (3, 3), "the id is a number", edits![Reply(|r| set(r, "id", 1))]),
    Fault::both("reply/id/empty", (3, 3), "the id is an empty string", edits![Reply(|r| set(r, "id", ""))]),
    Fault::both(
        "reply/id/not-base64url",
        (3, 3),
        "the id has a character that base64url lacks",
        edits![Reply(|r| {
            change(r, "id", |id| format!("{id}{FOREIGN}"));
        })],
    ),
    Fault::both(
        "reply/id/padded",
        (3, 3),
        "the id is padded",
        edits![Reply(|r| change(r, "id", |id| format!("{id}=")))],
    ),
    Fault::both(
        "reply/id/other-than-raw-id",
        (3, 3),
        "id and rawId differ",
        edits![Reply(|r| {
            change(r, "rawId", other_first_character);
        })],
    ),
    Fault::both("reply/type/missing", (3, 3), "the reply has no type", edits![Reply(|r| remove(r, "type"))]),
    Fault::both("reply/type/not-text", (3, 3), "the type is a number", edits![Reply(|r| set(r, "type", 1))]),
    Fault::both(
        "reply/type/other",
        (3, 3),
        "the type is not \"public-key\"",
        edits![Reply(|r| set(r, "type", "password"))],
    ),
    Fault::both(
        "reply/client-data-json/missing",
        (3, 3),
        "the response has no clientDataJSON",
        edits![Reply(|r| {
            remove(response(r), "clientDataJSON");
        })],
    ),
    Fault::both(
        "reply/client-data-json/not-text",
        (3, 3),
        "clientDataJSON is an object",
        edits![Reply(|r| {
            set(response(r), "clientDataJSON", Json::Object(Vec::new()));
        })],
    ),
    Fault::both(
        "reply/client-data-json/empty",
        (3, 3),
        "clientDataJSON is an empty string",
        edits![Reply(|r| {
            set(response(r), "clientDataJSON", "");
        })],
    ),
    Fault::both(
        "reply/client-data-json/not-base64url",
        (3, 3),
        "clientDataJSON is no base64url",
        edits![Reply(|r| {
            change(response(r), "clientDataJSON", |text| format!("{text}{FOREIGN}"));
        })],
    ),
    Fault::create(
        "reply/attestation-object/missing",
        3,
        "the response has no attestationObject",
        edits![Reply(|r| {
            remove(response(r), "attestationObject");
        })],
    ),
    Fault::create(
        "reply/attestation-object/not-text",
        3,
        "attestationObject is an object",
        edits![Reply(|r| {
            set(response(r), "attestationObject", Json::Object(Vec::new()));
        })],
    ),
    Fault::create(
        "reply/attestation-object/empty",
        3,
        "attestationObject is an empty string",
        edits![Reply(|r| {
            set(response(r), "attestationObject", "");
        })],
    ),
    Fault::create(
        "reply/attestation-object/not-base64url",
        3,
        "attestationObject is no base64url",
        edits![Reply(|r| {
            change(response(r), "attestationObject", |text| format!("{text}{FOREIGN}"));
        })],
    ),
    Fault::get(
        "reply/authenticator-data/missing",
        3,
        "the response has no authenticatorData",
        edits![Reply(|r| {
            remove(response(r), "authenticatorData");
        })],
    ),
    Fault::get(
        "reply/authenticator-data/not-text",
        3,
        "authenticatorData is an object",
        edits![Reply(|r| {
            set(response(r), "authenticatorData", Json::Object(Vec::new()));
        })],
    ),
    Fault::get(
        "reply/authenticator-data/empty",
        3,
        "authenticatorData is an empty string",
        edits![Reply(|r| {
            set(response(r), "authenticatorData", "");
        })],
    ),
    Fault::get(
        "reply/authenticator-data/not-base64url",
        3,
        "authenticatorData is no base64url",
        edits![Reply(|r| {
            change(response(r), "authenticatorData", |text| format!("{text}{FOREIGN}"));
        })],
    ),
    Fault::get(
        "reply/signature/missing",
        3,
        "the response has no signature",
        edits![Reply(|r| {
            remove(response(r), "signature");
        })],
    ),
    Fault::get(
        "reply/signature/not-text",
        3,
        "the signature is an object",
        edits![Reply(|r| {
            set(response(r), "signature", Json::Object(Vec::new()));
        })],
    ),
    Fault::get(
        "reply/signature/empty",
        3,
        "the signature is an empty string",
        edits![Reply(|r| {
            set(response(r), "signature", "");
        })],
    ),
    Fault::get(
        "reply/signature/not-base64url",
        3,
        "the signature is no base64url",
        edits![Reply(|r| {
            change(response(r), "signature", |text| format!("{text}{FOREIGN}"));
        })],
    ),
    Fault::get(
        "reply/user-handle/not-text",
        3,
        "the user handle is a number",
        edits![Reply(|r| {
            set(response(r), "userHandle", 1);
        })],
    ),
    Fault::get(
        "reply/user-handle/not-base64url",
        3,
        "the user handle is no base64url",
        edits![Reply(|r| {
            set(response(r), "userHandle", "a!b");
        })],
    ),
    Fault::get(
        "reply/user-handle/too-long",
        3,
        "the user handle has 66 bytes",
        edits![Reply(|r| {
            set(response(r), "userHandle", "A".repeat(88));
        })],
    ),
    Fault::both(
        "reply/client-extension-results/not-an-object",
        (4, 4),
        "the client extension results are an array",
        edits![Reply(|r| set(r, "clientExtensionResults", Json::Array(Vec::new())))],
    ),
    Fault::create(
        "credential-id/attested/another",
        27,
        "id and rawId name another credential than the one that is attested",
        edits![Reply(other_id)],
    ),
    Fault::get(
        "user/allowed-credential/another",
        5,
        "the credential is not one that was asked for",
        edits![Reply(other_id)],
    ),
    Fault::get(
        "user/credential/unknown",
        6,
        "the credential is registered to nobody",
        edits![Reply(other_id)],
    ),
    Fault::get(
        "user/handle-missing/missing",
        6,
        "there is no user handle where no user was identified before",
        edits![Reply(|r| remove(response(r), "userHandle"))],
    ),
    Fault::get(
        "user/handle/another",
        6,
        "the user handle is another user's",
        edits![Reply(|r| {
            set(response(r), "userHandle", "YW5vdGhlcg");
        })],
    ),
];

/// Four characters that no base64url has: a whole group, so that a reader who skips them reads the bytes as they were.
const FOREIGN: &str = "!!!!";

fn other_id(reply: &mut Json<'static>) {
    change(reply, "id", other_first_character);
    change(reply, "rawId", other_first_character);
}
