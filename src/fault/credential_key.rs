//! The credential public key: §7.1 step 20.

use super::changes::flip_last_bit;
use super::{ES256, Fault};
use crate::crypto::Algorithm;
use crate::draft::constant_edits as edits;
use crate::encoding::cbor::Item;

pub(super) const FAULTS: &[Fault] = &[
    Fault::create(
        "authenticator-data/canonical/key-order",
        13,
        "the key's parameters are in another order",
        edits![CredentialKey(|key| {
            if let Some(entries) = key.entries_mut() {
                entries.reverse();
            }
        })],
    ),
    Fault::create(
        "authenticator-data/canonical/duplicate-parameter",
        13,
        "a parameter of the key is there twice",
        edits![CredentialKey(|key| {
            if let Some(entries) = key.entries_mut() {
                let last = entries.last().cloned();
                entries.extend(last);
            }
        })],
    ),
    Fault::create(
        "credential-public-key/key/not-a-map",
        20,
        "the key is an array",
        edits![CredentialKey(|key| *key = Item::Array(Vec::new()))],
    ),
    Fault::create(
        "credential-public-key/key/kty-missing",
        20,
        "the key has no kty",
        edits![CredentialKey(|key| drop(key.remove(1)))],
    ),
    Fault::create(
        "credential-public-key/key/kty-other",
        20,
        "kty is not that of the algorithm",
        edits![CredentialKey(|key| key.set(1, Item::Int(3)))],
    )
    .on(ES256),
    Fault::create(
        "credential-public-key/key/alg-missing",
        20,
        "the key has no alg",
        edits![CredentialKey(|key| drop(key.remove(3)))],
    ),
    Fault::create(
        "credential-public-key/key/alg-unknown",
        20,
        "alg is an algorithm that nobody knows",
        edits![CredentialKey(|key| key.set(3, Item::Int(-65_000)))],
    ),
    Fault::create(
        "credential-public-key/key/alg-of-another-type",
        20,
        "alg is one of RSA keys",
        edits![CredentialKey(|key| key.set(3, Item::Int(-257)))],
    )
    .on(ES256),
    Fault::create(
        "credential-public-key/key/curve-other",
        20,
        "the curve is not that of the algorithm",
        edits![CredentialKey(|key| key.set(-1, Item::Int(2)))],
    )
    .on(ES256),
    Fault::create(
        "credential-public-key/key/x-missing",
        20,
        "the key has no x",
        edits![CredentialKey(|key| drop(key.remove(-2)))],
    )
    .on(ES256),
    Fault::create(
        "credential-public-key/key/x-short",
        20,
        "x has 31 bytes",
        edits![CredentialKey(shorten_x)],
    )
    .on(ES256),
    Fault::create(
        "credential-public-key/key/x-long",
        20,
        "x has 33 bytes, the first of them zero",
        edits![CredentialKey(lengthen_x)],
    )
    .on(ES256),
    // §8.6 step 4 looks at the lengths once more.
    Fault::create(
        "credential-public-key/key/u2f-x-short",
        20,
        "x has 31 bytes",
        edits![CredentialKey(shorten_x)],
    )
    .on(U2F),
    Fault::create(
        "credential-public-key/key/u2f-x-long",
        20,
        "x has 33 bytes, the first of them zero",
        edits![CredentialKey(lengthen_x)],
    )
    .on(U2F),
    Fault::create(
        "credential-public-key/key/u2f-y-missing",
        20,
        "the key has no y",
        edits![CredentialKey(|key| drop(key.remove(-3)))],
    )
    .on(U2F),
    Fault::create(
        "credential-public-key/key/off-curve",
        20,
        "the point is not on the curve",
        edits![CredentialKey(|key| {
            if let Some(y) = parameter(key, -3) {
                flip_last_bit(y);
            }
        })],
    )
    .on(ES256),
    Fault::create(
        "credential-public-key/key/zero",
        20,
        "x and y are zero",
        edits![CredentialKey(|key| {
            key.set(-2, Item::Bytes(vec![0; 32]));
            key.set(-3, Item::Bytes(vec![0; 32]));
        })],
    )
    .on(ES256),
    Fault::create(
        "credential-public-key/key/further-parameter",
        20,
        "the key has a parameter of no use",
        edits![CredentialKey(|key| {
            if let Some(entries) = key.entries_mut() {
                // key_ops, where the canonical order has it.
                entries.insert(2.min(entries.len()), (Item::Int(4), Item::Array(vec![Item::Int(2)])));
            }
        })],
    ),
    Fault::create(
        "credential-public-key/key/rsa-exponent-one",
        20,
        "the exponent of the RSA key is 1",
        edits![CredentialKey(|key| key.set(-2, Item::Bytes(vec![1])))],
    )
    .on(&[("algorithms", "RS256")]),
    Fault::create(
        "credential-public-key/key/rsa-modulus-small",
        20,
        "the modulus of the RSA key has 1,024 bits",
        edits![CredentialKey(|key| {
            if let Some(n) = parameter(key, -1) {
                n.truncate(128);
                if let Some(last) = n.last_mut() {
                    *last |= 1;
                }
            }
        })],
    )
    .on(&[("algorithms", "RS256")]),
    Fault::create(
        "credential-public-key/algorithm/not-asked-for",
        20,
        "the algorithm is none that was asked for",
        edits![RequestedAlgorithms(|algorithms| {
            let wanted = algorithms.clone();
            let others = Algorithm::available().iter().map(|algorithm| algorithm.cose_identifier());
            *algorithms = others.filter(|identifier| !wanted.contains(identifier)).collect();
        })],
    )
    .on(&[("algorithms", "all")]),
];

/// The patch of faults in a key that U2F attests.
const U2F: &[(&str, &str)] = &[("attestation.format", "fido-u2f"), ("algorithms", "ES256")];

fn shorten_x(key: &mut Item) {
    key.set(-2, Item::Bytes(vec![1; 31]));
}

/// Puts a zero byte in front of x: the same number, one byte longer.
fn lengthen_x(key: &mut Item) {
    if let Some(x) = parameter(key, -2) {
        x.insert(0, 0);
    }
}

/// The bytes of a parameter, to change.
fn parameter(key: &mut Item, label: i64) -> Option<&mut Vec<u8>> {
    key.entries_mut()?.iter_mut().find_map(|entry| match entry {
        (Item::Int(found), Item::Bytes(bytes)) if *found == label => Some(bytes),
        _ => None,
    })
}
