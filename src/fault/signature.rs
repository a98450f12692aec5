//! The assertion signature and the counter: §7.2 steps 21 and 22.

use super::changes::{flip_last_bit, with_white_space_in_client_data};
use super::{ES256, Fault};
use crate::crypto::ecdsa::p256_fixed_length;
use crate::draft::constant_edits as edits;

pub(super) const FAULTS: &[Fault] = &[
    Fault::get(
        "signature/value/corrupted",
        21,
        "one bit of the signature is flipped",
        edits![Signature(|s| {
            flip_last_bit(s);
        })],
    ),
    Fault::get(
        "signature/value/truncated",
        21,
        "the signature lacks its last byte",
        edits![Signature(|s| {
            s.pop();
        })],
    ),
    Fault::get(
        "signature/value/trailing-bytes",
        21,
        "a byte follows the signature",
        edits![Signature(|s| s.push(0))],
    ),
    Fault::get(
        "signature/value/trailing-bytes-es256",
        21,
        "a byte follows the DER of an ES256 signature",
        edits![Signature(|s| s.push(0))],
    )
    .on(ES256),
    Fault::get(
        "signature/value/trailing-bytes-eddsa",
        21,
        "a byte follows the 64 of an EdDSA signature",
        edits![Signature(|s| s.push(0))],
    )
    .on(&[("algorithms", "EdDSA")]),
    Fault::get(
        "signature/value/trailing-bytes-rs256",
        21,
        "a byte follows an RS256 signature, which is as long as the modulus",
        edits![Signature(|s| s.push(0))],
    )
    .on(&[("algorithms", "RS256")]),
    Fault::get(
        "signature/value/zero",
        21,
        "every byte of the signature is zero",
        edits![Signature(|s| s.fill(0))],
    ),
    Fault::get(
        "signature/value/zero-r-s",
        21,
        "r and s are zero",
        edits![Signature(|s| {
            *s = vec![0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00];
        })],
    )
    .on(ES256),
    Fault::get(
        "signature/value/raw",
        21,
        "the signature is r and s side by side, without DER",
        edits![Signature(|s| {
            if let Some(raw) = p256_fixed_length(s) {
                *s = raw;
            }
        })],
    )
    .on(ES256),
    Fault::get(
        "signature/value/client-data-written-anew",
        21,
        "the client data was written anew after it was signed",
        edits![Reply(with_white_space_in_client_data)],
    ),
    Fault::get(
        "signature/value/other-client-data",
        21,
        "the signature is over other client data",
        edits![Signed(|message| {
            flip_last_bit(message);
        })],
    ),
    Fault::get(
        "signature/value/without-client-data",
        21,
        "the signature is over the authenticator data alone",
        edits![Signed(|message| message.truncate(message.len().saturating_sub(32)))],
    ),
    Fault::get("policy/sign-count/rolled-back", 22, "the signature counter is back at zero", &[])
        .on(&[("counter", "zero")]),
];
