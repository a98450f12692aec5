//! Authenticator data as a tree.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::{AttestedCredentialData, AuthenticatorData, Field, SHORTEST, read};
use crate::cbor::{Item, Limits};
use crate::text::count;
use crate::tree::Node;
use crate::{cose, diagnostic};

/// RP IDs whose hash may be in the authenticator data.
#[derive(Debug, Default)]
pub struct Hints {
    /// The RP IDs, such as `example.org`.
    pub rp_ids: Vec<String>,
}

const BE: u8 = 0x08;
const BS: u8 = 0x10;
const FLAG_NAMES: [(u8, &str); 6] = [
    (0x01, "UP user present"),
    (0x04, "UV user verified"),
    (BE, "BE backup eligible"),
    (BS, "BS backed up"),
    (super::AT, "AT attested credential data"),
    (super::ED, "ED extension data"),
];
const RESERVED: u8 = 0x22;
/// The longest credential id that a relying party has to take (§7.1 step 25).
const LONGEST_CREDENTIAL_ID: u16 = 1023;
/// The AAGUID of stuntkey's own authenticator.
const STUNTKEY: &[u8] = b"STUNTKEY\x80\x01\0\0\0\0\0\x01";

/// What a range of the bytes holds, as a tree.
pub fn node(name: impl Into<String>, bytes: &[u8], range: Range<usize>, hints: &Hints) -> Node {
    let data = read(bytes, range.clone(), Limits::default());
    let node = Node::new(name).word(count(range.len(), "byte", "bytes")).at(range);
    let node = node.with_all(fields(&data, hints));
    let rest = data.rest.clone();
    match data.stop {
        Some(stop) => diagnostic::left_over(node, bytes, rest, Some(stop.to_string())),
        None if rest.is_empty() => node,
        None => {
            let more = count(rest.len(), "byte", "bytes");
            let why = format!("{more} more than the flags announce, from offset {:#06x}", rest.start);
            diagnostic::left_over(node, bytes, rest, None).stop(why)
        }
    }
}

fn fields(data: &AuthenticatorData<'_>, hints: &Hints) -> Vec<Node> {
    let hash = data.rp_id_hash.as_ref().map(|hash| rp_id_hash(hash, hints));
    let flags = data.flags.as_ref().map(|flags| flags_node(flags.value).at(flags.range.clone()));
    let count = data.sign_count.as_ref();
    let count = count.map(|count| Node::new("signCount").number(count.value).at(count.range.clone()));
    let attested = data.attested.as_ref().map(attested_node);
    let extensions = data.extensions.as_ref().map(extensions_node);
    [hash, flags, count, attested, extensions].into_iter().flatten().collect()
}

fn rp_id_hash(hash: &Field<[u8; 32]>, hints: &Hints) -> Node {
    let node = Node::new("rpIdHash").data(hash.value).at(hash.range.clone());
    let known = hints.rp_ids.iter().find(|rp_id| Sha256::digest(rp_id.as_bytes()).as_slice() == hash.value);
    match known {
        Some(rp_id) => node.remark(format!("the SHA-256 of {rp_id:?}")),
        None => node,
    }
}

fn flags_node(flags: u8) -> Node {
    let named = FLAG_NAMES.iter().filter(|(flag, _)| flags & flag != 0);
    let mut set: Vec<String> = named.map(|(_, name)| (*name).to_owned()).collect();
    let reserved = flags & RESERVED;
    if reserved != 0 {
        set.push(format!("reserved {reserved:#04x}"));
    }
    let meaning = if set.is_empty() { "none set".to_owned() } else { set.join(", ") };
    let mut node = Node::new("flags").word(format!("{flags:#04x}")).meaning(meaning);
    if reserved != 0 {
        node = node.odd("reserved bits are set");
    }
    if flags & BS != 0 && flags & BE == 0 {
        node = node.odd("backed up (BS) without being eligible (BE)");
    }
    node
}

fn attested_node(attested: &AttestedCredentialData<'_>) -> Node {
    let aaguid = attested.aaguid.as_ref();
    let aaguid = aaguid.map(|aaguid| aaguid_node("aaguid", &aaguid.value).at(aaguid.range.clone()));
    let length = attested.credential_id_length.as_ref().map(|length| {
        let node = Node::new("credentialIdLength").number(length.value).at(length.range.clone());
        match length.value > LONGEST_CREDENTIAL_ID {
            true => node.odd("more than the 1,023 bytes that are allowed"),
            false => node,
        }
    });
    let id = attested.credential_id.as_ref();
    let id = id.map(|id| Node::new("credentialId").data(id.value).at(id.range.clone()));
    let key = attested.public_key.as_ref().map(|key| cose::node("credentialPublicKey", key));
    let children = [aaguid, length, id, key].into_iter().flatten();
    Node::new("attestedCredentialData").at(attested.range.clone()).with_all(children)
}

/// An AAGUID as a UUID.
#[must_use]
pub fn aaguid_node(name: &str, bytes: &[u8]) -> Node {
    let hex = crate::text::hex(bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or_default());
    if bytes.len() != 16 {
        return Node::new(name).data(bytes);
    }
    let node = Node::new(name).word(parts.join("-"));
    match bytes {
        STUNTKEY => node.meaning("stuntkey"),
        zeros if zeros.iter().all(|byte| *byte == 0) => node.meaning("no model stated"),
        _ => node,
    }
}

fn extensions_node(item: &Item<'_>) -> Node {
    let mut node = diagnostic::bare("extensions", item);
    for (key, value) in item.entries() {
        let output = diagnostic::member(key, value);
        node.children.push(extension(output, value));
    }
    match item.entries().is_empty() {
        true => node.odd("not a map of at least one output"),
        false => node,
    }
}

/// What an extension output means, where it is a number (WebAuthn L3 §10, CTAP 2.2 §12).
fn extension(node: Node, value: &Item<'_>) -> Node {
    let meaning = match (node.name.as_str(), value.integer()) {
        ("credProtect", Some(1)) => "userVerificationOptional",
        ("credProtect", Some(2)) => "userVerificationOptionalWithCredentialIDList",
        ("credProtect", Some(3)) => "userVerificationRequired",
        _ => return node,
    };
    node.meaning(meaning)
}

/// Whether bytes can be authenticator data and little else: no reserved flag, and the layout fits exactly.
#[must_use]
pub fn is_exact(bytes: &[u8]) -> bool {
    let reserved = bytes.get(32).is_none_or(|flags| flags & RESERVED != 0);
    let fits = || {
        let data = read(bytes, 0..bytes.len(), Limits::default());
        data.stop.is_none() && data.rest.is_empty()
    };
    bytes.len() >= SHORTEST && !reserved && fits()
}
