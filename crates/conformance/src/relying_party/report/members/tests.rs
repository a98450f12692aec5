use super::*;
use crate::relying_party::catalogue;
use crate::relying_party::harness::Harness;
use crate::relying_party::reference::{Flaw, ReferenceRelyingParty, Settings};
use crate::relying_party::report::tests::fixture::{AUTHENTICATION, REGISTRATION};

const ORIGIN: &str = "https://example.org";

/// Cases in which nothing differs but what differs in any two requests, and why.
const NOTHING_TELLING: &[(&str, &str)] = &[
    ("registration/challenge/replayed", "the challenge is the same again, and right in itself"),
    ("authentication/challenge/replayed", "the whole reply is the same again"),
    ("registration/accepts/credentials/second", "the second registration is sound"),
    ("registration/credential-id/in-use", "the id is the same again, and right in itself"),
    ("registration/android-safetynet/signature", "the signature of a JWS is not taken apart"),
    ("authentication/sign-count/same", "the counter is the same again"),
    ("authentication/state/the-counter-stays", "the last login is sound"),
];

/// Where the change of a case is, by the beginning of its id without the ceremony.
const WHERE: &[(&str, &[&str])] = &[
    ("client-data", &["clientDataJSON"]),
    ("attestation-object", &["attestationObject"]),
    ("authenticator-data", &["authData", "authenticatorData"]),
    ("credential-public-key/key", &["credentialPublicKey"]),
    ("credential-id/length", &["id", "credentialId", "credentialIdLength"]),
    ("signature", &["signature"]),
    ("sign-count", &["signCount"]),
    ("packed", &["attStmt", "fmt"]),
    ("tpm", &["attStmt"]),
    ("android-key", &["attStmt"]),
    ("fido-u2f", &["attStmt", "attestedCredentialData"]),
    ("apple", &["attStmt"]),
    ("trust", &["x5c"]),
];

/// Plays every case before a target that does not refuse what it has to, and looks where the report finds the change.
#[test]
fn the_change_of_every_case_is_found_where_it_is() {
    let mut wrong = Vec::new();
    for case in catalogue::all().iter().filter(|case| case.chapter() != "accepts") {
        let flaw = Flaw::from_id(case.caught_flaw()).unwrap();
        let target = ReferenceRelyingParty::new(Settings::new("example.org", ORIGIN).flaw(flaw)).unwrap();
        let report = Harness::new(&target, ORIGIN).seed("members").play(case);
        let Some(contrast) = &report.contrast else { continue };
        let excepted = NOTHING_TELLING.iter().any(|(id, _)| case.matches(id));
        let check = case.id().split_once('/').unwrap().1;
        let places =
            WHERE.iter().find(|(beginning, _)| check.starts_with(beginning)).map(|(_, places)| *places);
        let first = contrast.telling().next().map(|change| change.member.as_str());
        let is_there =
            |first: &str| places.is_none_or(|places| first.split('.').any(|name| places.contains(&name)));
        if first.is_some_and(|first| !is_there(first)) || first.is_none() != excepted {
            wrong.push(format!("{}: {}", case.id(), contrast.sentence()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn value(members: &[Member], path: &str) -> String {
    let found = members.iter().find(|member| member.path.join(".") == path);
    found.map_or_else(|| panic!("no {path}: {members:#?}"), |member| member.value.clone())
}

#[test]
fn a_reply_is_taken_apart() {
    let found = members(REGISTRATION, "");
    assert_eq!(value(&found, "response.clientDataJSON.type"), "\"webauthn.create\"");
    assert_eq!(value(&found, "response.attestationObject.fmt"), "\"packed\"");
    assert_eq!(value(&found, "response.attestationObject.authData.signCount"), "0");
    let key = "response.attestationObject.authData.attestedCredentialData";
    assert_eq!(value(&found, &format!("{key}.credentialPublicKey.alg (3)")), "-7 ES256");
    assert_eq!(value(&found, &format!("{key}.credentialId")), "the same as id");
    let found = members(AUTHENTICATION, "");
    assert_eq!(value(&found, "response.clientDataJSON.origin"), "1");
    assert!(value(&found, "response.authenticatorData.flags").starts_with("0x05"));
}

#[test]
fn a_challenge_is_known_by_the_options() {
    let challenge = "q17t-h2RZNxFRt27JzuvUgj_xGbNPTViVtQTy_YkYrM";
    let path = "response.clientDataJSON.challenge";
    let asked = |text: &str| value(&members(REGISTRATION, text), path);
    assert_eq!(asked(&format!("{{\"challenge\":\"{challenge}\"}}")), "the challenge of the options");
    // More than the challenge is another one.
    assert_eq!(asked(&format!("{{\"challenge\":\"{challenge}AA\"}}")), format!("\"{challenge}\" 32 bytes"));
    assert_eq!(asked(""), format!("\"{challenge}\" 32 bytes"));
}

#[test]
fn the_fields_of_a_form_are_members_too() {
    assert_eq!(value(&members("id=AAEC&type=public-key", ""), "type"), "\"public-key\"");
    assert_eq!(value(&members("{\"type\"", ""), "the body"), "{\"type\"");
}
