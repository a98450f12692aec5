//! How requests are encoded (CTAP 2.1 §8), and what an authenticator makes of those that are not.

use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::stage::Stage;
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::Outcome;

/// What a fair reader accepts for CBOR that is not canonical: not to refuse it is let pass with a remark.
const NOT_CANONICAL: &[u8] = &[s::INVALID_CBOR, s::CBOR_UNEXPECTED_TYPE, s::INVALID_PARAMETER];

/// What is refused for what is no CBOR at all.
const NO_CBOR: &[u8] = &[
    s::INVALID_CBOR,
    s::CBOR_UNEXPECTED_TYPE,
    s::INVALID_PARAMETER,
    s::INVALID_LENGTH,
    s::MISSING_PARAMETER,
];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        AuthenticatorCase::of(
            "encoding/command/unknown",
            "refuse a command that it does not know",
            "CTAP 2.1 §8.1",
            |stage| {
                // Not one of the vendor's, which begin at 0x40.
                for number in [0x03, 0x05, 0x3e] {
                    let answer = stage.send(&[number])?;
                    let what = format!("the command {number:#04x}");
                    stage.expect_of(&answer, &what, &[s::INVALID_COMMAND], &[])?;
                }
                stage.is_alive()
            },
        ),
        malformed("no-map", "a list in the place of the map", &[0x80], NO_CBOR),
        malformed("text", "a text in the place of the map", &[0x61, b'a'], NO_CBOR),
        malformed("truncated", "a map that ends too early", &[0xa4, 0x01, 0x58, 0x20, 0x00], NO_CBOR),
        malformed("empty", "no parameters", &[], NO_CBOR),
        malformed("reserved", "a byte that CBOR reserves", &[0x1c], NO_CBOR),
        malformed(
            "huge-length",
            "a length of four thousand million bytes",
            &[0xa1, 0x01, 0x5a, 0xff, 0xff, 0xff, 0xff],
            NO_CBOR,
        ),
        malformed("nested", "lists in lists, 200 deep", &[0x81; 200], NO_CBOR),
        malformed("no-text", "a text that is not UTF-8", &[0xa1, 0x01, 0x62, 0xc3, 0x28], NO_CBOR),
    ];
    cases.extend([
        not_canonical("trailing", "bytes behind the map", |map| [map, &[0x00]].concat()),
        not_canonical("indefinite", "a map of indefinite length", |map| {
            let mut changed = map.to_vec();
            if let Some(first) = changed.first_mut() {
                *first = 0xbf;
            }
            changed.push(0xff);
            changed
        }),
        not_canonical("long-integer", "a key that is written longer than it has to be", |map| {
            // The first key is 1.
            let rest = map.get(2..).unwrap_or_default();
            [map.get(..1).unwrap_or_default(), &[0x18, 0x01], rest].concat()
        }),
        not_canonical("order", "keys in another order", |map| {
            // An unknown member comes first that belongs behind.
            let first = map.first().map_or(0xa0, |first| first + 1);
            [&[first, 0x18, 0x5f, 0x01], map.get(1..).unwrap_or_default()].concat()
        }),
        not_canonical("tag", "a tag", |map| {
            let first = map.first().map_or(0xa0, |first| first + 1);
            [&[first], map.get(1..).unwrap_or_default(), &[0x18, 0x5f, 0xc1, 0x01]].concat()
        }),
    ]);
    cases.push(
        AuthenticatorCase::of(
            "encoding/not-canonical/duplicate",
            "refuse a key that comes twice",
            "CTAP 2.1 §8",
            |stage| {
                let map = sound(stage)?;
                let first = map.first().map_or(0xa0, |first| first + 1);
                // clientDataHash once more, and another one.
                let again = [&[0x01, 0x58, 0x20][..], &[7; 32]].concat();
                let request =
                    [&[command::MAKE_CREDENTIAL, first], again.as_slice(), map.get(1..).unwrap_or_default()]
                        .concat();
                let answer = stage.send(&request)?;
                stage.expect_of(&answer, "a request with a key twice", NOT_CANONICAL, &[])?;
                stage.is_alive()
            },
        )
        .should()
        .only_in(FROM_2_1),
    );
    cases
}

/// The parameters of a sound registration.
fn sound(stage: &mut Stage<'_>) -> Result<Vec<u8>, crate::core::outcome::Stop> {
    let registration = stage.registration();
    let registration = stage.authorized(registration)?;
    Ok(registration.parameters.to_cbor())
}

fn alive_after(
    stage: &mut Stage<'_>,
    parameters: &[u8],
    what: &str,
    accepted: &[u8],
    tolerated: &[u8],
) -> Outcome {
    let request = [&[command::MAKE_CREDENTIAL], parameters].concat();
    let answer = stage.send(&request)?;
    stage.expect_of(&answer, what, accepted, tolerated)?;
    stage.is_alive()
}

/// Parameters that are no map, or no CBOR.
fn malformed(
    id: &str,
    what: &'static str,
    parameters: &'static [u8],
    accepted: &'static [u8],
) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("encoding/malformed/{id}"),
        format!("refuse {what}, and go on"),
        "CTAP 2.1 §8",
        move |stage| {
            alive_after(stage, parameters, what, accepted, &[s::LIMIT_EXCEEDED, s::REQUEST_TOO_LARGE])
        },
    )
}

/// A sound request that is encoded otherwise.
fn not_canonical(id: &str, what: &'static str, change: fn(&[u8]) -> Vec<u8>) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("encoding/not-canonical/{id}"),
        format!("refuse {what}"),
        "CTAP 2.1 §8",
        move |stage| {
            let map = sound(stage)?;
            let changed = change(&map);
            alive_after(stage, &changed, what, NOT_CANONICAL, &[s::OK])
        },
    )
    .should()
    .only_in(FROM_2_1)
}
