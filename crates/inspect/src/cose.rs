//! COSE keys (RFC 9052 §7, RFC 9053 §7).

use super::cbor::{Item, Kind};
use super::diagnostic::{self, keyed};
use super::text::big_endian;
use super::tree::{Node, Role, Value};

/// Whether a map looks like a key: it has `kty`, and `alg` or parameters.
#[must_use]
pub fn is_key(item: &Item<'_>) -> bool {
    item.labelled(1).and_then(Item::integer).is_some()
        && [3, -1].iter().any(|label| item.labelled(*label).is_some())
}

/// A key with its parameters by name.
pub fn node(name: impl Into<String>, item: &Item<'_>) -> Node {
    let kty = item.labelled(1).and_then(Item::integer).unwrap_or_default();
    let mut node = diagnostic::bare(name, item);
    node.role = Some(Role::CoseKey);
    for (key, value) in item.entries() {
        node.children.push(keyed(key, parameter(kty, key, value)));
    }
    match described(item) {
        Some(described) => Node { value: Value::Word(described), ..node },
        None => node,
    }
}

/// The type of a key and its algorithm: `P-256 key, ES256`. `None` for a type that no signature is made with.
#[must_use]
pub fn described(item: &Item<'_>) -> Option<String> {
    let number = |label| item.labelled(label).and_then(Item::integer);
    let algorithm = number(3).map(algorithm);
    let key = match number(1)? {
        1 | 2 => format!("{} key", curve(number(-1)?)?),
        3 => {
            let modulus = item.labelled(-1).and_then(Item::bytes)?;
            format!("RSA key of {} bits", bit_length(modulus))
        }
        7 => format!("{} key", algorithm.as_deref()?),
        _ => return None,
    };
    Some(algorithm.map_or(key.clone(), |algorithm| format!("{key}, {algorithm}")))
}

/// How many bits a big-endian number has.
pub(crate) fn bit_length(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let unused = digits.first().map_or(0, |first| first.leading_zeros());
    (digits.len() * 8).saturating_sub(usize::try_from(unused).unwrap_or_default())
}

fn parameter(kty: i128, key: &Item<'_>, value: &Item<'_>) -> Node {
    let label = key.integer();
    let known = label.and_then(|label| parameter_name(kty, label));
    let name = match (known, label) {
        (Some(name), Some(label)) => format!("{name} ({label})"),
        _ => diagnostic::key_name(key),
    };
    let node = diagnostic::node(name, value);
    let meaning = match (known, value.integer()) {
        (Some("kty"), Some(kty)) => key_type(kty),
        (Some("alg"), Some(alg)) => return Node { meaning: Some(algorithm(alg)), ..node },
        (Some("crv"), Some(crv)) => curve(crv),
        _ => None,
    };
    let node = Node { meaning: meaning.map(str::to_owned), ..node };
    match (known, &value.kind) {
        _ if label.is_some_and(|label| diagnostic::is_private(kty, label)) => {
            node.secret().odd("a private key, which belongs in no response")
        }
        (Some("e"), Kind::Bytes(exponent)) => match exponent.as_ref() {
            e @ [_, ..] if e.len() <= 8 => node.meaning(big_endian(e).to_string()),
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
        // RFC 8230 §4: the primes and what is computed from them.
        (-12..=-4, 3) => "priv",
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

/// The name of a COSE algorithm (IANA, COSE Algorithms), or `unknown`.
#[must_use]
pub fn algorithm(identifier: i128) -> String {
    let known = ALGORITHMS.iter().find(|(known, _)| *known == identifier);
    known.map_or("unknown", |(_, name)| name).to_owned()
}

/// The algorithms that sign in WebAuthn, and those that CTAP's key agreement and newer registrations name.
const ALGORITHMS: [(i128, &str); 21] = [
    (-7, "ES256"),
    (-8, "EdDSA"),
    (-9, "ESP256"),
    (-19, "Ed25519"),
    (-25, "ECDH-ES + HKDF-256"),
    (-35, "ES384"),
    (-36, "ES512"),
    (-37, "PS256"),
    (-38, "PS384"),
    (-39, "PS512"),
    (-47, "ES256K"),
    (-48, "ML-DSA-44"),
    (-49, "ML-DSA-65"),
    (-50, "ML-DSA-87"),
    (-51, "ESP384"),
    (-52, "ESP512"),
    (-53, "Ed448"),
    (-257, "RS256"),
    (-258, "RS384"),
    (-259, "RS512"),
    (-65_535, "RS1"),
];
