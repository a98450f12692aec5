//! The members of a reply, with client data, authenticator data, keys, certificates and statements taken apart, so that two
//! replies can be compared.

use std::collections::BTreeMap;

use stuntkey::encoding::base64url;
use stuntkey_inspect::authenticator_data::Hints;
use stuntkey_inspect::tree::{Node, Note, Value};
use stuntkey_inspect::{json, response};

use crate::core::change::{Member, Varies};
use crate::core::report::text::hex;

/// What a credential, its attestation and its signatures have of their own, by the member's name.
#[rustfmt::skip]
const VARYING: &[&str] = &[
    "id", "rawId", "credentialId", "challenge", "userHandle", "signCount",
    // COSE_Key and SubjectPublicKeyInfo.
    "x (-2)", "y (-3)", "n (-1)", "pub (-1)", "value",
    // Certificates and statements that name the key, or the hash of what was signed.
    "subjectKeyIdentifier", "serial number", "nonce", "attestationChallenge", "extraData", "unique.x", "unique.y", "unique",
    "attested.name", "attested.qualifiedName", "clockInfo", "timestampMs", "creationDateTime [701]", "not before", "not after",
];
/// Signatures, whose length is not always the same.
const SIGNATURES: &[&str] = &["signature", "sig", "signature value"];
/// What a reply of Level 3 says of its attestation object once more.
const SAID_TWICE: &[&str] = &["authenticatorData", "publicKey", "publicKeyAlgorithm"];
/// What is computed, and stands nowhere in the reply.
const COMPUTED: &str = "SHA-256";
/// Client data as it was written, without its challenge: white space, escapes and the order of its members.
const AS_WRITTEN: &str = "as written";
/// What the reader of a member has to say against it.
const NOTE: &str = "note";

/// The members of a body; `asked` is the answer with the options that it replies to.
pub(crate) fn members(sent: &str, asked: &str) -> Vec<Member> {
    let form;
    let sent = match sent.trim_start().starts_with(['{', '[']) {
        true => sent,
        false => {
            form = json_of_form(sent);
            form.as_str()
        }
    };
    let Some(body) = json::read(sent).whole() else {
        return vec![Member { path: vec!["the body".into()], value: sent.to_owned(), varies: Varies::Not }];
    };
    let tree = response::node("", sent, &body, &Hints::default());
    let mut members = Vec::new();
    flatten(&tree, &[], &mut members);
    let is_registration =
        members.iter().any(|member| member.path.iter().any(|name| name == "attestationObject"));
    for member in members.iter_mut().filter(|member| is_registration && is_said_twice(&member.path)) {
        member.varies = Varies::AsTheyDo;
    }
    tie(&mut members, asked);
    members
}

/// The fields of a form as a JSON object.
fn json_of_form(sent: &str) -> String {
    let fields: BTreeMap<_, _> = url::form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
    serde_json::to_string(&fields).unwrap_or_default()
}

fn flatten(node: &Node, path: &[String], members: &mut Vec<Member>) {
    if node.name == COMPUTED {
        return;
    }
    let notes: Vec<&str> =
        node.notes.iter().filter(|note| !matches!(note, Note::Remark(_))).map(Note::text).collect();
    let mut member = |path: Vec<String>, value: String, varies| members.push(Member { path, value, varies });
    if node.children.is_empty() {
        let varies = match node.name.as_str() {
            name if SIGNATURES.contains(&name) => Varies::InItsLength,
            name if VARYING.contains(&name) => Varies::InItsBytes,
            _ => Varies::Not,
        };
        member(path.to_vec(), value_of(node).unwrap_or_default(), varies);
    }
    if !notes.is_empty() {
        member([path, &[NOTE.to_owned()]].concat(), notes.join("; "), Varies::Not);
    }
    if let ("clientDataJSON", Some(bytes)) = (node.name.as_str(), &node.bytes) {
        let challenge = node
            .children
            .iter()
            .find(|child| child.name == "challenge")
            .and_then(value_of)
            .unwrap_or_default();
        let challenge = challenge.split('"').nth(1).filter(|text| !text.is_empty()).unwrap_or("\0");
        let value = String::from_utf8_lossy(bytes).replace(challenge, "…");
        member([path, &[AS_WRITTEN.to_owned()]].concat(), value, Varies::AsTheyDo);
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for child in &node.children {
        let times = seen.entry(&child.name).or_default();
        *times += 1;
        let name = match times {
            1 => child.name.clone(),
            times => format!("{} ({times})", child.name),
        };
        flatten(child, &[path, &[name]].concat(), members);
    }
}

fn is_said_twice(path: &[String]) -> bool {
    path.iter().any(|name| SAID_TWICE.contains(&name.as_str())) && path.iter().any(|name| name == "response")
}

fn value_of(node: &Node) -> Option<String> {
    let value = match &node.value {
        Value::None => None,
        Value::Word(word) => Some(word.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Truth(truth) => Some(truth.to_string()),
        Value::Text(text) => Some(format!("{text:?}")),
        // Ids are written as they stand in JSON.
        Value::Bytes(bytes) if matches!(node.name.as_str(), "id" | "rawId") => {
            Some(format!("{:?}", base64url::encode(bytes)))
        }
        Value::Bytes(bytes) if bytes.is_empty() => Some("no bytes".into()),
        Value::Bytes(bytes) => Some(hex(bytes)),
    };
    match (value, &node.meaning) {
        (Some(value), Some(meaning)) => Some(format!("{value} {meaning}")),
        (value, meaning) => value.or_else(|| meaning.clone()),
    }
}

/// Says of what differs in every reply whether it is what it has to be: the challenge that of the options, the ids those of
/// the same credential. What is as it has to be does not differ, then.
fn tie(members: &mut [Member], asked: &str) {
    let value = |members: &[Member], name: &str| {
        members
            .iter()
            .find(|member| member.path.last().is_some_and(|last| last == name))
            .map(|it| it.value.clone())
    };
    let id = value(members, "id").or_else(|| value(members, "rawId"));
    let bytes =
        id.as_deref().and_then(|id| base64url::decode(id.trim_matches('"')).ok()).map(|bytes| hex(&bytes));
    for member in members {
        let Some(name) = member.path.last() else { continue };
        let own = member.value.split('"').nth(1).unwrap_or_default();
        let tied = match name.as_str() {
            "challenge" if has_word(asked, own) => "the challenge of the options",
            "rawId" if id.as_ref() == Some(&member.value) => "the same as id",
            "credentialId" if bytes.as_ref() == Some(&member.value) => "the same as id",
            _ => continue,
        };
        tied.clone_into(&mut member.value);
    }
}

/// Whether base64url stands in a text, and no more of it to its left and right.
fn has_word(text: &str, word: &str) -> bool {
    let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let mut places = text.match_indices(word);
    !word.is_empty()
        && places.any(|(at, _)| {
            let (before, rest) = text.split_at(at);
            !goes_on(before.chars().next_back()) && !goes_on(rest.chars().nth(word.len()))
        })
}

/// What a case is about among the members that vary, by the words of its id. The first entry that fits counts.
#[rustfmt::skip]
const ABOUT: &[(&str, &[&str])] = &[
    ("trust", &["x5c"]),
    ("certificate", &["x5c"]),
    ("signature", SIGNATURES),
    ("challenge", &["challenge", "attestationChallenge"]),
    ("client-data", &[AS_WRITTEN]),
    ("sign-count", &["signCount"]),
    ("credential-id", &["id", "rawId", "credentialId"]),
    ("id", &["id", "rawId"]),
    ("user", &["signature", "id", "rawId", "userHandle"]),
    ("credential-public-key", &["credentialPublicKey"]),
    ("credential-key", &["credentialPublicKey", "x5c"]),
    ("public-key", &["x5c", "pubArea", "credentialPublicKey"]),
    ("pub-area", &["pubArea"]),
    ("cert-info", &["certInfo"]),
    ("nonce", &["nonce", "x5c"]),
    ("timestamp", &["timestampMs"]),
];

/// Whether the case of this id is about the member at this path.
pub(crate) fn is_about(case: &str, path: &[String]) -> bool {
    let words: Vec<&str> = case.split('/').skip(1).collect();
    let is_repeated = case.starts_with("registration/") && is_said_twice(path);
    let entry = ABOUT.iter().find(|(word, _)| words.contains(word)).filter(|_| !is_repeated);
    entry.is_some_and(|(_, names)| path.iter().any(|name| names.contains(&name.as_str())))
}

#[cfg(test)]
mod tests;
