//! The Android key attestation extension (Android Open Source Project, "Key and ID attestation").

use super::super::der::{self, ENUMERATED, Element, INTEGER, OCTET_STRING, SEQUENCE};
use super::super::text::count;
use super::super::tree::{Node, Value};

/// The fields of a KeyDescription; none, if it has not its eight.
pub(super) fn key_description(value: &Element, bytes: &[u8]) -> Option<Vec<Node>> {
    let [version, level, mint, mint_level, challenge, unique_id, software, tee] = value.children.as_slice()
    else {
        return None;
    };
    let bytes_of =
        |name: &str, element: &Element| Node::new(name).data(element.value(bytes)).at(element.range.clone());
    Some(vec![
        der::node("attestationVersion", version, bytes),
        security_level("attestationSecurityLevel", level, bytes),
        der::node("keyMintVersion", mint, bytes),
        security_level("keyMintSecurityLevel", mint_level, bytes),
        bytes_of("attestationChallenge", challenge),
        bytes_of("uniqueId", unique_id),
        authorization_list("softwareEnforced", software, bytes),
        authorization_list("hardwareEnforced (TEE)", tee, bytes),
    ])
}

fn security_level(name: &str, element: &Element, bytes: &[u8]) -> Node {
    let meaning = match element.integer(bytes) {
        Some(0) => "Software",
        Some(1) => "TrustedEnvironment",
        Some(2) => "StrongBox",
        _ => "unknown",
    };
    der::node(name, element, bytes).meaning(meaning)
}

fn authorization_list(name: &str, list: &Element, bytes: &[u8]) -> Node {
    let node = Node::new(name).at(list.range.clone());
    let node = if list.children.is_empty() { node.word("empty") } else { node };
    node.with_all(list.children.iter().map(|entry| authorization(entry, bytes)))
}

/// One authorization: `[tag] EXPLICIT value`.
fn authorization(entry: &Element, bytes: &[u8]) -> Node {
    let name = TAGS.iter().find(|(tag, _)| *tag == entry.tag).map(|(_, name)| *name);
    let label = name.map_or_else(|| format!("[{}]", entry.tag), |name| format!("{name} [{}]", entry.tag));
    let node = Node::new(label).at(entry.range.clone());
    let Some(value) = entry.child(0) else { return node };
    if name == Some("rootOfTrust") && value.is(SEQUENCE) {
        return node.with_all(root_of_trust(value, bytes));
    }
    if value.is(der::NULL) {
        return node.word("yes");
    }
    if value.is(der::SET) {
        let words: Option<Vec<String>> = value
            .children
            .iter()
            .map(|item| item.integer(bytes).map(|number| number_word(entry.tag, number)))
            .collect();
        return match words {
            Some(words) => node.word(words.join(", ")),
            None => node.with(der::node("", value, bytes)),
        };
    }
    if value.is(INTEGER) || value.is(ENUMERATED) {
        let node = Node { value: der::value(value, bytes), ..node };
        let known = value.integer(bytes).and_then(|number| number_name(entry.tag, number));
        return Node { meaning: known.map(str::to_owned), ..node };
    }
    match value.is(OCTET_STRING) {
        true => match std::str::from_utf8(value.value(bytes)) {
            Ok(text) if !text.is_empty() && !text.contains(char::is_control) => node.text(text),
            _ => node.data(value.value(bytes)),
        },
        false => node.with(der::node("", value, bytes)),
    }
}

fn root_of_trust(value: &Element, bytes: &[u8]) -> Vec<Node> {
    let names = ["verifiedBootKey", "deviceLocked", "verifiedBootState", "verifiedBootHash"];
    let field = |(name, element): (&&str, &Element)| {
        let node = Node { value: der::value(element, bytes), ..Node::new(*name).at(element.range.clone()) };
        let state = (*name == "verifiedBootState").then(|| match element.integer(bytes) {
            Some(0) => "Verified",
            Some(1) => "SelfSigned",
            Some(2) => "Unverified",
            Some(3) => "Failed",
            _ => "unknown",
        });
        Node { meaning: state.map(str::to_owned), ..node }
    };
    let mut nodes: Vec<Node> = names.iter().zip(&value.children).map(field).collect();
    let known = names.len();
    nodes.extend(value.children.iter().skip(known).map(|more| der::raw("more", more, bytes)));
    if value.children.len() < 3 {
        let told = count(value.children.len(), "field", "fields");
        nodes.push(Node { value: Value::None, ..Node::new("end") }.odd(format!("{told}, fewer than 3")));
    }
    nodes
}

fn number_word(tag: u32, number: u64) -> String {
    number_name(tag, number).map_or_else(|| number.to_string(), |name| format!("{number} {name}"))
}

/// What the numbers of an authorization mean (keymaster_defs.h).
fn number_name(tag: u32, number: u64) -> Option<&'static str> {
    Some(match (tag, number) {
        (1, 0) => "encrypt",
        (1, 1) => "decrypt",
        (1, 2) => "sign",
        (1, 3) => "verify",
        (1, 5) => "wrap key",
        (1, 6) => "agree key",
        (1, 7) => "attest key",
        (2, 1) => "RSA",
        (2, 3) => "EC",
        (2, 32) => "AES",
        (2, 128) => "HMAC",
        (5, 0) => "none",
        (5, 1) => "MD5",
        (5, 2) => "SHA-1",
        (5, 3) => "SHA-224",
        (5, 4) => "SHA-256",
        (5, 5) => "SHA-384",
        (5, 6) => "SHA-512",
        (10, 0) => "P-224",
        (10, 1) => "P-256",
        (10, 2) => "P-384",
        (10, 3) => "P-521",
        (10, 4) => "Curve25519",
        (702, 0) => "generated",
        (702, 1) => "derived",
        (702, 2) => "imported",
        (702, 3) => "unknown",
        (702, 4) => "securely imported",
        _ => return None,
    })
}

const TAGS: &[(u32, &str)] = &[
    (1, "purpose"),
    (2, "algorithm"),
    (3, "keySize"),
    (5, "digest"),
    (6, "padding"),
    (10, "ecCurve"),
    (200, "rsaPublicExponent"),
    (203, "mgfDigest"),
    (303, "rollbackResistance"),
    (305, "earlyBootOnly"),
    (400, "activeDateTime"),
    (401, "originationExpireDateTime"),
    (402, "usageExpireDateTime"),
    (405, "usageCountLimit"),
    (502, "userSecureId"),
    (503, "noAuthRequired"),
    (504, "userAuthType"),
    (505, "authTimeout"),
    (506, "allowWhileOnBody"),
    (507, "trustedUserPresenceRequired"),
    (508, "trustedConfirmationRequired"),
    (509, "unlockedDeviceRequired"),
    (600, "allApplications"),
    (601, "applicationId"),
    (701, "creationDateTime"),
    (702, "origin"),
    (703, "rollbackResistant"),
    (704, "rootOfTrust"),
    (705, "osVersion"),
    (706, "osPatchLevel"),
    (709, "attestationApplicationId"),
    (710, "attestationIdBrand"),
    (711, "attestationIdDevice"),
    (712, "attestationIdProduct"),
    (713, "attestationIdSerial"),
    (714, "attestationIdImei"),
    (715, "attestationIdMeid"),
    (716, "attestationIdManufacturer"),
    (717, "attestationIdModel"),
    (718, "vendorPatchLevel"),
    (719, "bootPatchLevel"),
    (720, "deviceUniqueAttestation"),
    (723, "attestationIdSecondImei"),
    (724, "moduleHash"),
];
