//! COSE keys (RFC 9052 §7, RFC 9053 §7).

use stuntkey::crypto::Algorithm;
use stuntkey::verifier::VerifyingKey;

use super::cbor::{Item, Kind};
use super::diagnostic::{self, keyed};
use super::tree::{Node, Value, slice};

/// Whether a map looks like a key: it has `kty`, and `alg` or parameters.
pub fn is_key(item: &Item) -> bool {
    item.labelled(1).and_then(Item::integer).is_some()
        && [3, -1].iter().any(|label| item.labelled(*label).is_some())
}

/// A key with its parameters by name.
pub fn node(name: impl Into<String>, item: &Item, bytes: &[u8]) -> Node {
    let kty = item.labelled(1).and_then(Item::integer).unwrap_or_default();
    let mut node = diagnostic::bare(name, item, bytes);
    for (key, value) in item.entries() {
        node.children.push(keyed(key, parameter(kty, key, value, bytes)));
    }
    match VerifyingKey::from_cose(slice(bytes, item.range.clone())) {
        Ok((key, algorithm)) => {
            let bits = key.rsa_bits().map(|bits| format!(" of {bits} bits")).unwrap_or_default();
            Node { value: Value::Word(format!("{} key{bits}, {algorithm}", key.key_type())), ..node }
        }
        Err(refusal) => node.odd(format!("cannot verify: found {}", refusal.found)),
    }
}

fn parameter(kty: i128, key: &Item, value: &Item, bytes: &[u8]) -> Node {
    let label = key.integer();
    let known = label.and_then(|label| parameter_name(kty, label));
    let name = match (known, label) {
        (Some(name), Some(label)) => format!("{name} ({label})"),
        _ => diagnostic::key_name(key, bytes),
    };
    let node = diagnostic::node(name, value, bytes);
    let meaning = match (known, value.integer()) {
        (Some("kty"), Some(kty)) => key_type(kty),
        (Some("alg"), Some(alg)) => return Node { meaning: Some(algorithm(alg)), ..node },
        (Some("crv"), Some(crv)) => curve(crv),
        _ => None,
    };
    let node = Node { meaning: meaning.map(str::to_owned), ..node };
    match (known, &value.kind) {
        (Some("d" | "priv"), _) => node.odd("a private key, which belongs in no response"),
        (Some("e"), Kind::Bytes(contents)) => match contents.of(bytes) {
            e @ [_, ..] if e.len() <= 8 => {
                let exponent = e.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
                node.meaning(exponent.to_string())
            }
            _ => node,
        },
        (Some("y"), Kind::Simple(20 | 21)) => {
            node.odd("the sign of a compressed point, which WebAuthn does not allow")
        }
        _ => node,
    }
}

fn parameter_name(kty: i128, label: i128) -> Option<&'static str> {
    Some(match (label, kty) {
        (1, _) => "kty",
        (2, _) => "kid",
        (3, _) => "alg",
        (4, _) => "key_ops",
        (5, _) => "Base IV",
        (-1, 1 | 2) => "crv",
        (-2, 1 | 2) => "x",
        (-3, 2) => "y",
        (-4, 1 | 2) => "d",
        (-1, 3) => "n",
        (-2, 3) => "e",
        (-3, 3) => "d",
        (-1, 4) => "k",
        (-1, 7) => "pub",
        (-2, 7) => "priv",
        _ => return None,
    })
}

fn key_type(kty: i128) -> Option<&'static str> {
    Some(match kty {
        1 => "OKP",
        2 => "EC2",
        3 => "RSA",
        4 => "Symmetric",
        7 => "AKP",
        _ => return None,
    })
}

fn curve(crv: i128) -> Option<&'static str> {
    Some(match crv {
        1 => "P-256",
        2 => "P-384",
        3 => "P-521",
        4 => "X25519",
        5 => "X448",
        6 => "Ed25519",
        7 => "Ed448",
        8 => "secp256k1",
        _ => return None,
    })
}

/// The name of a COSE algorithm; CTAP's key agreement has one that signs nothing.
pub fn algorithm(identifier: i128) -> String {
    let known = i64::try_from(identifier).ok().and_then(Algorithm::from_cose_identifier);
    match (known, identifier) {
        (Some(algorithm), _) => algorithm.name().to_owned(),
        (None, -9) => "ESP256".into(),
        (None, -19) => "Ed25519".into(),
        (None, -25) => "ECDH-ES + HKDF-256".into(),
        (None, -51) => "ESP384".into(),
        (None, -52) => "ESP512".into(),
        (None, _) => "unknown".into(),
    }
}
