//! The signature of a login.

use stuntkey::crypto::Algorithm;
use stuntkey::draft::Edit;
use stuntkey::encoding::{base64url, json};
use stuntkey::webauthn::Ceremony;

use super::faults::{Chapter, chapter};
use super::play::finishes_edited;
use crate::core::outcome::Stop;
use crate::core::verdict::Verdict;
use crate::relying_party::need::Need;
use crate::relying_party::suite::Case;

/// A login whose signature takes no change is begun again so many times.
const MOST_ATTEMPTS: usize = 32;

/// So many signatures are made until one has a short integer.
const MOST_SIGNATURES: u32 = 4096;

pub(super) const FAULTS: &[Chapter] = &[
    chapter("signature").aligned(None, Some("Assertion Resp-1")),
    chapter("signature/value/raw").beside("§6.5.5").aligned(None, Some("Assertion Resp-1")),
    chapter("signature/value/trailing-bytes*").beside("§6.5.5").aligned(None, Some("Assertion Resp-1")),
];

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::of(
            Ceremony::Get,
            "accepts/signature/high-s",
            "accept an ECDSA signature whose s is in the upper half",
            "WebAuthn L3 §7.2 step 21; §6.5.5",
            |stage| {
                let mut person = stage.person()?;
                person.register()?.required("a registration")?;
                // Half of all signatures have their s there already: such a login is given up, and begun again.
                for _ in 0..MOST_ATTEMPTS {
                    let begun = person.begin_authentication(true)?;
                    match finishes_edited(&mut person, &begun.body, &Edit::signature(high_s)) {
                        Err(stop) if stop.verdict == Verdict::Skip => {}
                        outcome => return outcome,
                    }
                }
                Err(Stop::skip("no signature had its s in the lower half"))
            },
        )
        .if_the_target(Need::Algorithm(Algorithm::Es256)),
        Case::of(
            Ceremony::Get,
            "accepts/signature/short-integer",
            "accept an ECDSA signature whose r or s begins with a zero byte, which DER leaves out",
            "WebAuthn L3 §7.2 step 21; §6.5.5",
            |stage| {
                let mut person = stage.person()?;
                person.register()?.required("a registration")?;
                let begun = person.begin_authentication(true)?;
                // One signature in 128 is so. Each has another counter, further ahead.
                for leap in 1..MOST_SIGNATURES {
                    let edit = Edit::authenticator_data(move |data| data.sign_count += leap);
                    let reply = person.get_edited([edit], &begun.body)?;
                    if has_short_integer(&reply) {
                        return person.finish_authentication(&reply)?.accepted("the login").map(drop);
                    }
                }
                Err(Stop::skip("no signature had a short r or s"))
            },
        )
        .if_the_target(Need::Algorithm(Algorithm::Es256)),
    ]
}

/// The order of P-256 (SEC 2 §2.4.2).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Takes n − s for s where s is in the lower half: as valid a signature (SEC 1 §4.1.4).
fn high_s(signature: &mut Vec<u8>) {
    let Some((r, s)) = integers(signature) else { return };
    let mut padded = [0; 32];
    let Some(start) = padded.len().checked_sub(s.len()) else { return };
    if let Some(place) = padded.get_mut(start..) {
        place.copy_from_slice(&s);
    }
    let other = subtract(&ORDER, &padded);
    let high = if other > padded { other } else { padded };
    let sequence = [integer(&r), integer(&high)].concat();
    let Ok(length) = u8::try_from(sequence.len()) else { return };
    *signature = [&[0x30, length], sequence.as_slice()].concat();
}

/// The two INTEGERs of a DER signature on P-256, without leading zeros.
fn integers(signature: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut rest = signature.strip_prefix(&[0x30])?.get(1..)?;
    let mut next = || {
        let (length, after) = rest.strip_prefix(&[0x02])?.split_first()?;
        let (value, after) = after.split_at_checked(usize::from(*length))?;
        rest = after;
        Some(value.iter().copied().skip_while(|byte| *byte == 0).collect())
    };
    Some((next()?, next()?))
}

/// Whether r or s of the reply's signature has less than 32 bytes.
fn has_short_integer(reply: &str) -> bool {
    let reply = json::parse(reply).ok();
    let signature = reply.as_ref().and_then(|reply| reply.member("response")?.member("signature")?.as_str());
    let signature = signature.and_then(|text| base64url::decode(text).ok()).unwrap_or_default();
    integers(&signature).is_some_and(|(r, s)| r.len() < ORDER.len() || s.len() < ORDER.len())
}

fn integer(value: &[u8]) -> Vec<u8> {
    let mut value: Vec<u8> = value.iter().copied().skip_while(|byte| *byte == 0).collect();
    if value.first().is_none_or(|first| *first >= 0x80) {
        value.insert(0, 0);
    }
    let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
    [&[0x02, length], value.as_slice()].concat()
}

fn subtract(from: &[u8; 32], value: &[u8; 32]) -> [u8; 32] {
    let mut difference = [0; 32];
    let mut borrow = false;
    for (place, (a, b)) in difference.iter_mut().zip(from.iter().zip(value)).rev() {
        let (first, under) = a.overflowing_sub(*b);
        let (second, under_again) = first.overflowing_sub(u8::from(borrow));
        *place = second;
        borrow = under || under_again;
    }
    difference
}
