//! CTAP responses (CTAP 2.2 §6): maps with numbers for keys, by name.

use std::borrow::Cow;

use super::authenticator_data::{self, Hints};
use super::cbor::{Item, Kind, Reading};
use super::diagnostic::{self, ending, keyed};
use super::tree::Node;
use super::{attestation_object, cose};

/// A response that is known by its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    /// Of authenticatorMakeCredential (§6.1).
    MakeCredential,
    /// Of authenticatorGetAssertion (§6.2).
    GetAssertion,
    /// Of authenticatorGetInfo (§6.4).
    GetInfo,
}

/// Which response a map looks like.
pub fn recognise(item: &Item<'_>) -> Option<Response> {
    let kind = |label| item.labelled(label).map(|value| &value.kind);
    match (kind(1), kind(2), kind(3)) {
        (Some(Kind::Text(_)), Some(Kind::Bytes(_)), Some(Kind::Map(_) | Kind::Array(_))) => {
            Some(Response::MakeCredential)
        }
        (_, Some(Kind::Bytes(_)), Some(Kind::Bytes(_))) => Some(Response::GetAssertion),
        (Some(Kind::Array(_)), _, Some(Kind::Bytes(aaguid))) if aaguid.len() == 16 => Some(Response::GetInfo),
        _ => None,
    }
}

impl Response {
    fn label(self, key: i128) -> Option<&'static str> {
        let names: &[&'static str] = match self {
            Response::MakeCredential => {
                &["fmt", "authData", "attStmt", "epAtt", "largeBlobKey", "unsignedExtensionOutputs"]
            }
            Response::GetAssertion => &[
                "credential",
                "authData",
                "signature",
                "user",
                "numberOfCredentials",
                "userSelected",
                "largeBlobKey",
                "unsignedExtensionOutputs",
            ],
            Response::GetInfo => &GET_INFO,
        };
        let index = usize::try_from(key).ok()?.checked_sub(1)?;
        names.get(index).copied()
    }

    /// The response's map by name.
    pub fn node(
        self,
        name: &str,
        item: &Item<'_>,
        reading: &Reading<'_>,
        bytes: &[u8],
        hints: &Hints,
    ) -> Node {
        let mut node = diagnostic::bare(name, item);
        for (key, value) in item.entries() {
            let label = key.integer().and_then(|key| Some((self.label(key)?, key)));
            let Some((label, number)) = label else {
                node.children.push(diagnostic::member(key, value));
                continue;
            };
            let named = format!("{label} ({number})");
            let member = match (label, &value.kind) {
                ("authData", Kind::Bytes(Cow::Borrowed(_))) => {
                    let range = value.contents().unwrap_or_default();
                    authenticator_data::node(named, bytes, range, hints)
                }
                ("attStmt", Kind::Map(_)) => {
                    let format = item.labelled(1).and_then(Item::text).unwrap_or_default();
                    attestation_object::statement(named, format, value, bytes)
                }
                ("aaguid", Kind::Bytes(aaguid)) => {
                    let aaguid = authenticator_data::aaguid_node(&named, aaguid);
                    aaguid.at(value.range.clone())
                }
                ("algorithms", Kind::Array(entries)) => algorithms(diagnostic::node(named, value), entries),
                _ => diagnostic::node(named, value),
            };
            node.children.push(keyed(key, member));
        }
        ending(node, reading, bytes, bytes.len())
    }
}

/// Each algorithm's name beside its number.
fn algorithms(mut node: Node, entries: &[Item<'_>]) -> Node {
    for (child, entry) in node.children.iter_mut().zip(entries) {
        let identifier = entry.member("alg").and_then(Item::integer);
        child.meaning = identifier.map(cose::algorithm);
    }
    node
}

const GET_INFO: [&str; 31] = [
    "versions",
    "extensions",
    "aaguid",
    "options",
    "maxMsgSize",
    "pinUvAuthProtocols",
    "maxCredentialCountInList",
    "maxCredentialIdLength",
    "transports",
    "algorithms",
    "maxSerializedLargeBlobArray",
    "forcePINChange",
    "minPINLength",
    "firmwareVersion",
    "maxCredBlobLength",
    "maxRPIDsForSetMinPINLength",
    "preferredPlatformUvAttempts",
    "uvModality",
    "certifications",
    "remainingDiscoverableCredentials",
    "vendorPrototypeConfigCommands",
    "attestationFormats",
    "uvCountSinceLastPinEntry",
    "longTouchForReset",
    "encIdentifier",
    "transportsForReset",
    "pinComplexityPolicy",
    "pinComplexityPolicyURL",
    "maxPINLength",
    "encCredStoreState",
    "authenticatorConfigCommands",
];
