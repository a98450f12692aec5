//! The members of messages (CTAP 2.1 §6 and §12, and what CTAP 2.2 and 2.3 added), and which values of them are written: not
//! those that say what their absence says.

use Key::{Name, Number};
use Shape::{Any, Filled, Is, List, Map, Needs, Of, Several, Whole, Word};
use stuntkey::encoding::cbor::Value;

/// The key of a member.
pub enum Key {
    Number(i64),
    Name(&'static str),
}

/// What a value may be that comes back as it is.
pub enum Shape {
    /// Whatever can be read.
    Any,
    /// This boolean, as the other one says nothing.
    Is(bool),
    /// Text, an array or a map that has something in it.
    Filled,
    /// One of these integers.
    Of(&'static [i64]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// An array of these.
    List(&'static Shape),
    /// An array of these that has something in it.
    Several(&'static Shape),
    /// A map with some of these members, and no others.
    Map(&'static [(Key, Shape)]),
    /// A map with all of these members, and no others.
    Whole(&'static [(Key, Shape)]),
    /// A map that has the second of these members only if it has the first.
    Needs(i64, i64, &'static Shape),
}

impl Shape {
    /// Whether a value, which can be read, is of this shape.
    pub fn is_all_of(&self, value: &Value<'_>) -> bool {
        match self {
            Any => true,
            Is(expected) => value.as_bool() == Some(*expected),
            Filled => match value {
                Value::Text(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Map(entries) => !entries.is_empty(),
                _ => false,
            },
            Of(numbers) => value.as_int().is_some_and(|number| numbers.contains(&number)),
            Word(words) => value.as_text().is_some_and(|word| words.contains(&word)),
            List(shape) => {
                value.as_array().is_some_and(|items| items.iter().all(|item| shape.is_all_of(item)))
            }
            Several(shape) => Filled.is_all_of(value) && List(shape).is_all_of(value),
            Map(members) => value.as_map().is_some_and(|entries| {
                !entries.is_empty() && entries.iter().all(|(key, value)| member(members, key, value))
            }),
            Whole(members) => value.as_map().is_some_and(|entries| {
                entries.len() == members.len()
                    && entries.iter().all(|(key, value)| member(members, key, value))
            }),
            Needs(first, second, shape) => {
                (value.at(*second).is_none() || value.at(*first).is_some()) && shape.is_all_of(value)
            }
        }
    }
}

/// Whether a member is one of these, and of its shape.
fn member(members: &[(Key, Shape)], key: &Value<'_>, value: &Value<'_>) -> bool {
    let found = members.iter().find(|(known, _)| match known {
        Number(number) => key.as_int() == Some(*number),
        Name(name) => key.as_text() == Some(name),
    });
    found.is_some_and(|(_, shape)| shape.is_all_of(value))
}

const KEY_AGREEMENT: Shape = Whole(&[
    (Number(1), Any),
    (Number(3), Of(&[-25])),
    (Number(-1), Any),
    (Number(-2), Any),
    (Number(-3), Any),
]);
const PUBLIC_KEY: Shape = Word(&["public-key"]);
const DESCRIPTOR: Shape = Whole(&[(Name("id"), Any), (Name("type"), PUBLIC_KEY)]);
const USER: Shape = Map(&[(Name("id"), Any), (Name("name"), Any), (Name("displayName"), Any)]);
const HMAC_SECRET: Shape =
    Map(&[(Number(1), KEY_AGREEMENT), (Number(2), Any), (Number(3), Any), (Number(4), Any)]);
/// Transports that have a name in WebAuthn.
const TRANSPORT: Shape = Word(&["usb", "nfc", "ble", "smart-card", "hybrid", "internal"]);
/// Algorithms that every build has: others are passed over where they are not.
const ALGORITHM: Shape = Whole(&[(Name("alg"), Of(&[-7])), (Name("type"), PUBLIC_KEY)]);

pub const CLIENT_PIN_REQUEST: Shape = Map(&[
    (Number(0x01), Any),
    (Number(0x02), Any),
    (Number(0x03), KEY_AGREEMENT),
    (Number(0x04), Any),
    (Number(0x05), Any),
    (Number(0x06), Any),
    (Number(0x09), Any),
    (Number(0x0a), Any),
]);

pub const CLIENT_PIN_RESPONSE: Shape = Map(&[
    (Number(0x01), KEY_AGREEMENT),
    (Number(0x02), Any),
    (Number(0x03), Any),
    (Number(0x04), Any),
    (Number(0x05), Any),
]);

pub const CREDENTIAL_MANAGEMENT_REQUEST: Shape =
    Map(&[(Number(0x01), Any), (Number(0x02), Any), (Number(0x03), Any), (Number(0x04), Any)]);

pub const CREDENTIAL_MANAGEMENT_RESPONSE: Shape = Map(&[
    (Number(0x01), Any),
    (Number(0x02), Any),
    (Number(0x03), Map(&[(Name("id"), Any), (Name("name"), Any)])),
    (Number(0x04), Any),
    (Number(0x05), Any),
    (Number(0x06), USER),
    (Number(0x07), Whole(&[(Name("id"), Any), (Name("type"), Any)])),
    // A COSE key has no members but those of its type.
    (Number(0x08), Any),
    (Number(0x09), Any),
    (Number(0x0a), Any),
    (Number(0x0b), Any),
    (Number(0x0c), Any),
]);

pub const LARGE_BLOBS_REQUEST: Shape = Map(&[
    (Number(0x01), Any),
    (Number(0x02), Any),
    (Number(0x03), Any),
    (Number(0x04), Any),
    (Number(0x05), Any),
    (Number(0x06), Any),
]);

pub const LARGE_BLOBS_RESPONSE: Shape = Map(&[(Number(0x01), Any)]);

pub const CONFIG_REQUEST: Shape =
    Map(&[(Number(0x01), Any), (Number(0x02), Any), (Number(0x03), Any), (Number(0x04), Any)]);

pub const BIO_ENROLLMENT_REQUEST: Shape = Map(&[
    (Number(0x01), Any),
    (Number(0x02), Any),
    (Number(0x03), Any),
    (Number(0x04), Any),
    (Number(0x05), Any),
    (Number(0x06), Any),
]);

pub const BIO_ENROLLMENT_RESPONSE: Shape = Map(&[
    (Number(0x01), Any),
    (Number(0x02), Any),
    (Number(0x03), Any),
    (Number(0x04), Any),
    (Number(0x05), Any),
    (Number(0x06), Any),
    (Number(0x07), List(&Whole(&[(Number(0x01), Any), (Number(0x02), Any)]))),
    (Number(0x08), Any),
]);

pub const GET_INFO_RESPONSE: Shape = Map(&[
    (Number(0x01), Any),
    (Number(0x02), Filled),
    (Number(0x03), Any),
    (Number(0x04), Filled),
    (Number(0x05), Any),
    (Number(0x06), Filled),
    (Number(0x07), Any),
    (Number(0x08), Any),
    (Number(0x09), Several(&TRANSPORT)),
    (Number(0x0a), Several(&ALGORITHM)),
    (Number(0x0b), Any),
    (Number(0x0c), Any),
    (Number(0x0d), Any),
    (Number(0x0e), Any),
    (Number(0x0f), Any),
    (Number(0x10), Any),
    (Number(0x11), Any),
    (Number(0x12), Any),
    (Number(0x13), Filled),
    (Number(0x14), Any),
    (Number(0x15), Any),
    (Number(0x16), Filled),
    (Number(0x17), Any),
    (Number(0x18), Any),
    (Number(0x19), Any),
    (Number(0x1a), Several(&TRANSPORT)),
    (Number(0x1b), Any),
    (Number(0x1c), Any),
    (Number(0x1d), Any),
    (Number(0x1e), Any),
    (Number(0x1f), Filled),
]);

pub const MAKE_CREDENTIAL_REQUEST: Shape = Needs(
    0x08,
    0x09,
    &Map(&[
        (Number(0x01), Any),
        // The name of a relying party is not kept.
        (Number(0x02), Whole(&[(Name("id"), Any)])),
        (Number(0x03), Map(&[(Name("id"), Any), (Name("name"), Filled), (Name("displayName"), Filled)])),
        (Number(0x04), List(&Whole(&[(Name("alg"), Any), (Name("type"), PUBLIC_KEY)]))),
        (Number(0x05), Several(&DESCRIPTOR)),
        (
            Number(0x06),
            Map(&[
                (Name("uvm"), Is(true)),
                (Name("credBlob"), Any),
                (Name("largeBlob"), Whole(&[(Name("support"), Any)])),
                (Name("credProtect"), Any),
                (Name("hmac-secret"), Is(true)),
                (Name("largeBlobKey"), Any),
                (Name("minPinLength"), Is(true)),
                (Name("hmac-secret-mc"), HMAC_SECRET),
                (Name("thirdPartyPayment"), Is(true)),
                (Name("pinComplexityPolicy"), Is(true)),
            ]),
        ),
        (Number(0x07), Map(&[(Name("rk"), Is(true)), (Name("uv"), Is(true))])),
        (Number(0x08), Any),
        (Number(0x09), Any),
        (Number(0x0a), Any),
        (Number(0x0b), Filled),
    ]),
);

pub const MAKE_CREDENTIAL_RESPONSE: Shape = Map(&[
    (Number(0x01), Any),
    (Number(0x02), Any),
    (Number(0x03), Any),
    (Number(0x04), Is(true)),
    (Number(0x05), Any),
    (Number(0x06), Any),
]);

pub const GET_ASSERTION_REQUEST: Shape = Needs(
    0x06,
    0x07,
    &Map(&[
        (Number(0x01), Any),
        (Number(0x02), Any),
        (Number(0x03), List(&DESCRIPTOR)),
        (
            Number(0x04),
            Map(&[
                (Name("uvm"), Is(true)),
                (Name("credBlob"), Is(true)),
                (
                    Name("largeBlob"),
                    Map(&[(Name("read"), Any), (Name("write"), Any), (Name("originalSize"), Any)]),
                ),
                (Name("hmac-secret"), HMAC_SECRET),
                (Name("largeBlobKey"), Any),
                (Name("thirdPartyPayment"), Is(true)),
            ]),
        ),
        (Number(0x05), Map(&[(Name("up"), Is(false)), (Name("uv"), Is(true))])),
        (Number(0x06), Any),
        (Number(0x07), Any),
    ]),
);

/// The credential, which CTAP 2.0 lets a device leave out, is always written.
pub const GET_ASSERTION_RESPONSE: Shape = Needs(
    0x01,
    0x02,
    &Map(&[
        (Number(0x01), DESCRIPTOR),
        (Number(0x02), Any),
        (Number(0x03), Any),
        (Number(0x04), USER),
        (Number(0x05), Any),
        (Number(0x06), Any),
        (Number(0x07), Any),
        (Number(0x08), Any),
    ]),
);
