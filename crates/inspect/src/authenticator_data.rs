//! Authenticator data (WebAuthn L3 §6.1), field by field.

use std::ops::Range;

use sha2::{Digest, Sha256};
use stuntkey::webauthn::{Aaguid, Flags};

use super::cbor::{self, Item};
use super::tree::{Node, count, hex, slice};
use super::{cose, diagnostic};

/// The RP ID hash, the flags and the counter.
pub const SHORTEST: usize = 37;

/// RP IDs whose hash may be in the authenticator data.
#[derive(Debug, Default)]
pub struct Hints {
    /// The RP IDs, such as `example.org`.
    pub rp_ids: Vec<String>,
}

const FLAG_NAMES: [(Flags, &str); 6] = [
    (Flags::UP, "UP user present"),
    (Flags::UV, "UV user verified"),
    (Flags::BE, "BE backup eligible"),
    (Flags::BS, "BS backed up"),
    (Flags::AT, "AT attested credential data"),
    (Flags::ED, "ED extension data"),
];
const RESERVED: u8 = 0x22;

/// Reads what a range of the bytes holds.
pub fn node(name: impl Into<String>, bytes: &[u8], range: Range<usize>, hints: &Hints) -> Node {
    let mut fields = Fields { bytes, rest: range.clone() };
    let node = Node::new(name).word(count(range.len(), "byte", "bytes")).at(range);
    let mut children = Vec::new();
    let end = read(&mut fields, &mut children, hints);
    let rest = fields.rest.clone();
    let node = node.with_all(children);
    let left = |name: &str| Node::new(name).data(slice(bytes, rest.clone())).at(rest.clone());
    match end {
        Err(why) if rest.is_empty() => node.stop(why),
        Err(why) => node.with(left("not read")).stop(why),
        Ok(()) if rest.is_empty() => node,
        Ok(()) => {
            let more = count(rest.len(), "byte", "bytes");
            node.with(left("more"))
                .stop(format!("{more} more than the flags tell, from offset {:#06x}", rest.start))
        }
    }
}

fn read(fields: &mut Fields<'_>, nodes: &mut Vec<Node>, hints: &Hints) -> Result<(), String> {
    nodes.push(rp_id_hash(fields, hints)?);
    let (byte, range) = fields.take(1, "flags")?;
    let flags = Flags(byte.first().copied().unwrap_or_default());
    nodes.push(flags_node(flags).at(range));
    let (counter, range) = fields.take(4, "signCount")?;
    let counter = counter.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    nodes.push(Node::new("signCount").number(counter).at(range));
    if flags.contains(Flags::AT) {
        let start = fields.rest.start;
        let mut attested = Vec::new();
        let end = attested_credential_data(fields, &mut attested);
        let node = Node::new("attestedCredentialData").at(start..fields.rest.start).with_all(attested);
        nodes.push(node);
        end?;
    }
    if flags.contains(Flags::ED) {
        let item = fields.item("extensions")?;
        let mut node = diagnostic::bare("extensions", &item, fields.bytes);
        for (key, value) in item.entries() {
            let output = diagnostic::member(key, value, fields.bytes);
            node.children.push(extension(output, value));
        }
        if item.entries().is_empty() {
            node = node.odd("not a map of at least one output");
        }
        nodes.push(node);
    }
    Ok(())
}

fn rp_id_hash(fields: &mut Fields<'_>, hints: &Hints) -> Result<Node, String> {
    let (hash, range) = fields.take(32, "rpIdHash")?;
    let node = Node::new("rpIdHash").data(hash).at(range);
    let known = hints.rp_ids.iter().find(|rp_id| Sha256::digest(rp_id.as_bytes()).as_slice() == hash);
    Ok(match known {
        Some(rp_id) => node.remark(format!("the SHA-256 of {rp_id:?}")),
        None => node,
    })
}

fn flags_node(flags: Flags) -> Node {
    let mut set: Vec<String> = FLAG_NAMES
        .iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .map(|(_, name)| (*name).to_owned())
        .collect();
    let reserved = flags.0 & RESERVED;
    if reserved != 0 {
        set.push(format!("reserved {reserved:#04x}"));
    }
    let meaning = if set.is_empty() { "none set".to_owned() } else { set.join(", ") };
    let mut node = Node::new("flags").word(format!("{:#04x}", flags.0)).meaning(meaning);
    if reserved != 0 {
        node = node.odd("reserved bits are set");
    }
    if flags.contains(Flags::BS) && !flags.contains(Flags::BE) {
        node = node.odd("backed up (BS) without being eligible (BE)");
    }
    node
}

fn attested_credential_data(fields: &mut Fields<'_>, nodes: &mut Vec<Node>) -> Result<(), String> {
    let (aaguid, range) = fields.take(16, "aaguid")?;
    nodes.push(aaguid_node("aaguid", aaguid).at(range));
    let (length, range) = fields.take(2, "credentialIdLength")?;
    let length = length.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
    let node = Node::new("credentialIdLength").number(i128::try_from(length).unwrap_or_default()).at(range);
    nodes.push(if length > 1023 { node.odd("more than the 1,023 bytes that are allowed") } else { node });
    let (id, range) = fields.take(length, "credentialId")?;
    nodes.push(Node::new("credentialId").data(id).at(range));
    let item = fields.item("credentialPublicKey")?;
    nodes.push(cose::node("credentialPublicKey", &item, fields.bytes));
    Ok(())
}

/// An AAGUID as a UUID.
pub fn aaguid_node(name: &str, bytes: &[u8]) -> Node {
    let Ok(aaguid) = bytes.try_into().map(Aaguid) else { return Node::new(name).data(bytes) };
    let node = Node::new(name).word(aaguid.to_string());
    match aaguid {
        Aaguid::STUNTKEY => node.meaning("stuntkey"),
        known if known == Aaguid::default() => node.meaning("none told"),
        _ => node,
    }
}

/// What an extension output means, where it is a number (WebAuthn L3 §10, CTAP 2.2 §12).
fn extension(node: Node, value: &Item) -> Node {
    let meaning = match (node.name.as_str(), value.integer()) {
        ("credProtect", Some(1)) => "userVerificationOptional",
        ("credProtect", Some(2)) => "userVerificationOptionalWithCredentialIDList",
        ("credProtect", Some(3)) => "userVerificationRequired",
        _ => return node,
    };
    node.meaning(meaning)
}

struct Fields<'a> {
    bytes: &'a [u8],
    rest: Range<usize>,
}

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize, what: &str) -> Result<(&'a [u8], Range<usize>), String> {
        let start = self.rest.start;
        if length > self.rest.len() {
            let left = count(self.rest.len(), "byte", "bytes");
            return Err(format!("stops at offset {start:#06x}: {left} for {what}, which has {length}"));
        }
        let range = start..start + length;
        self.rest.start = range.end;
        Ok((slice(self.bytes, range.clone()), range))
    }

    fn item(&mut self, what: &str) -> Result<Item, String> {
        let reading = cbor::read(self.bytes, self.rest.clone());
        match (reading.item, reading.stop) {
            (Some(item), None) => {
                self.rest.start = reading.end;
                Ok(item)
            }
            (_, stop) => Err(format!("{what} {}", stop.map(|stop| stop.to_string()).unwrap_or_default())),
        }
    }
}

/// Whether bytes can be authenticator data and little else: no reserved flag, and the layout fits exactly.
pub fn is_exact(bytes: &[u8]) -> bool {
    let reserved = bytes.get(32).is_none_or(|flags| flags & RESERVED != 0);
    bytes.len() >= SHORTEST
        && !reserved
        && node("", bytes, 0..bytes.len(), &Hints::default()).first_stop().is_none()
}

/// The hash of the client data, as a node.
pub fn hash_node(bytes: &[u8]) -> Node {
    Node::new("SHA-256").word(hex(&Sha256::digest(bytes)))
}
