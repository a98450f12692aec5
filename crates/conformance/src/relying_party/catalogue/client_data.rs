//! Client data: what may be unusual in it, and what must not be wrong.

use stuntkey::draft::Edit;
use stuntkey::encoding::json::{self, Json};
use stuntkey::webauthn::Ceremony;

use super::faults::{Chapter, MUST_IN_L2, advice, chapter, should};
use super::play::{edited_login, edited_registration};
use crate::core::case::Level;
use crate::relying_party::need::Need;
use crate::relying_party::suite::{Case, L3_ONLY};

pub(super) const FAULTS: &[Chapter] = &[
    chapter("client-data").aligned(RESP_2.0, RESP_2.1),
    // The limited verifier of §5.8.1.2 stops after the last member that it knows.
    should("client-data/json/trailing-bytes").beside("§5.8.1.2").aligned(RESP_2.0, RESP_2.1),
    chapter("client-data/origin").beside("§13.4.9").aligned(RESP_2.0, RESP_2.1),
    // §13.4.9 lets a relying party compare origins by other means than character by character.
    should("client-data/origin/subdomain").beside("§13.4.8; §13.4.9").but(MUST_IN_L2),
    should("client-data/origin/port").beside("§13.4.9").but(MUST_IN_L2),
    should("client-data/origin/default-port").beside("§13.4.9"),
    should("client-data/origin/trailing-slash").beside("§13.4.9"),
    should("client-data/origin/upper-case").beside("§13.4.9"),
    // Which of several members of one name counts is the parser's choice.
    advice("client-data/*/twice").cites("WebAuthn L3 §5.8.1"),
    chapter("client-data/cross-origin").only_in(L3_ONLY),
    // The step speaks of the value true alone.
    advice("client-data/cross-origin/not-boolean").cites("WebAuthn L3 §5.8.1").only_in(L3_ONLY),
    chapter("client-data/top-origin").only_in(L3_ONLY),
];

const RESP_2: (Option<&str>, Option<&str>) = (Some("Attestation Resp-2"), Some("Assertion Resp-2"));

pub(super) fn cases() -> Vec<Case> {
    let mut cases = client_data(Ceremony::Create);
    cases.extend(client_data(Ceremony::Get));
    cases
}

/// What client data may be like in either ceremony.
struct ClientDataCase {
    id: &'static str,
    requirement: &'static str,
    /// Of a registration, of a login.
    clauses: [&'static str; 2],
    level: Level,
    change: fn(&mut Vec<u8>),
}

const CLIENT_DATA: &[ClientDataCase] = &[
    ClientDataCase {
        id: "accepts/client-data/byte-order-mark",
        requirement: "accept client data that begins with a byte order mark",
        clauses: ["WebAuthn L3 §7.1 step 5; §5.8.1.2", "WebAuthn L3 §7.2 step 8; §5.8.1.2"],
        level: Level::Should,
        change: byte_order_mark,
    },
    ClientDataCase {
        id: "accepts/client-data/unknown-member",
        requirement: "accept client data with members that it does not know",
        clauses: ["WebAuthn L3 §7.1 step 6; §5.8.1", "WebAuthn L3 §7.2 step 9; §5.8.1"],
        level: Level::Must,
        change: unknown_member,
    },
    ClientDataCase {
        id: "accepts/client-data/invalid-utf-8",
        requirement: "accept client data with a byte that is no UTF-8 in a member that it does not know",
        clauses: ["WebAuthn L3 §7.1 step 5", "WebAuthn L3 §7.2 step 8"],
        level: Level::Must,
        change: invalid_utf_8,
    },
    ClientDataCase {
        id: "accepts/client-data/duplicate-member",
        requirement: "accept client data in which a member is there twice, or refuse it without breaking",
        clauses: ["WebAuthn L3 §7.1 step 6", "WebAuthn L3 §7.2 step 9"],
        level: Level::May,
        change: duplicate_member,
    },
    ClientDataCase {
        id: "accepts/client-data/other-order",
        requirement: "accept client data whose members stand in another order",
        clauses: ["WebAuthn L3 §7.1 step 6; §5.8.1.2", "WebAuthn L3 §7.2 step 9; §5.8.1.2"],
        level: Level::Should,
        change: other_order,
    },
    ClientDataCase {
        id: "accepts/client-data/white-space",
        requirement: "accept client data with white space, and hash it as it came",
        clauses: ["WebAuthn L3 §7.1 step 12; §5.8.1.2", "WebAuthn L3 §7.2 step 20; §5.8.1.2"],
        level: Level::Should,
        change: white_space,
    },
    ClientDataCase {
        id: "accepts/client-data/escapes",
        requirement: "accept client data whose strings are escaped, and hash it as it came",
        clauses: ["WebAuthn L3 §7.1 steps 6 and 12; §5.8.1.2", "WebAuthn L3 §7.2 steps 9 and 20; §5.8.1.2"],
        level: Level::Should,
        change: escapes,
    },
    ClientDataCase {
        id: "accepts/client-data/no-cross-origin",
        requirement: "accept client data without crossOrigin, as clients of Level 1 send it",
        clauses: ["WebAuthn L3 §7.1 step 10; §5.8.1.2", "WebAuthn L3 §7.2 step 13; §5.8.1.2"],
        level: Level::Should,
        change: no_cross_origin,
    },
    ClientDataCase {
        id: "accepts/client-data/token-binding",
        requirement: "accept client data with the tokenBinding member of Level 2",
        clauses: ["WebAuthn L3 §5.8.1", "WebAuthn L3 §5.8.1"],
        level: Level::Must,
        change: token_binding,
    },
];

fn client_data(ceremony: Ceremony) -> Vec<Case> {
    let case = |case: &ClientDataCase| {
        let ClientDataCase { id, requirement, clauses: [create, get], level, change } = *case;
        let edit = Edit::client_data_json(change);
        let case = match ceremony {
            Ceremony::Create => edited_registration(id, requirement, create, edit),
            Ceremony::Get => edited_login(id, requirement, get, edit),
        };
        match level {
            // The limited verifier may refuse it, as it compares the beginning with a template.
            Level::Should => case.with_level(level).if_the_target(Need::JsonParser),
            _ => case.with_level(level),
        }
    };
    CLIENT_DATA.iter().map(case).collect()
}

fn byte_order_mark(json: &mut Vec<u8>) {
    json.splice(0..0, *b"\xef\xbb\xbf");
}

fn unknown_member(json: &mut Vec<u8>) {
    edit(json, |data| {
        data.set("other_keys_can_be_added_here", "do not compare clientDataJSON against a template")
    });
}

/// At the end, where clients put what the standard does not have.
fn invalid_utf_8(json: &mut Vec<u8>) {
    json.truncate(json.len().saturating_sub(1));
    json.extend_from_slice(b",\"stuntkey\":\"\xff\"}");
}

fn duplicate_member(json: &mut Vec<u8>) {
    json.truncate(json.len().saturating_sub(1));
    json.extend_from_slice(b",\"crossOrigin\":false}");
}

fn token_binding(json: &mut Vec<u8>) {
    edit(json, |data| data.set("tokenBinding", Json::object([("status", Json::from("supported"))])));
}

fn no_cross_origin(json: &mut Vec<u8>) {
    edit(json, |data| drop(data.remove("crossOrigin")));
}

fn other_order(json: &mut Vec<u8>) {
    edit(json, |data| {
        if let Json::Object(members) = data {
            members.reverse();
        }
    });
}

fn white_space(json: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(json).into_owned();
    if let Ok(data) = json::parse(&text) {
        *json = format!("\n{}\n", data.to_pretty_string()).into_bytes();
    }
}

/// `:` and `/` only stand in strings, or after a name: every slash may be escaped.
fn escapes(json: &mut Vec<u8>) {
    *json = String::from_utf8_lossy(json).replace('/', "\\/").into_bytes();
}

fn edit(json: &mut Vec<u8>, change: impl FnOnce(&mut Json<'_>)) {
    let text = String::from_utf8_lossy(json).into_owned();
    if let Ok(mut data) = json::parse(&text) {
        change(&mut data);
        *json = data.to_string().into_bytes();
    }
}
