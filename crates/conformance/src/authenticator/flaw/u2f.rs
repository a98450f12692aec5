//! What can go wrong with U2F.

use super::{AuthenticatorFlaw, Change};

/// Answers with another status word.
fn instead(answer: &mut Vec<u8>, sound: u16, other: u16) {
    if answer.ends_with(&sound.to_be_bytes()) {
        *answer = other.to_be_bytes().to_vec();
    }
}

const fn flaw(
    id: &'static str,
    sentence: &'static str,
    change: fn(&[u8], &mut Vec<u8>),
) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(id, sentence, Change::Msg(change))
}

/// Changes a byte of what is registered or signed.
fn changed(apdu: &[u8], answer: &mut [u8], instruction: u8) {
    // The last byte before the status word is one of the signature.
    if apdu.get(1) == Some(&instruction)
        && answer.len() > 66
        && let Some(byte) = answer.len().checked_sub(3).and_then(|at| answer.get_mut(at))
    {
        *byte ^= 1;
    }
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    flaw("u2f/version", "says that it speaks U2F_V3", |apdu, answer| {
        if apdu.get(1) == Some(&3) {
            *answer = b"U2F_V3\x90\0".to_vec();
        }
    }),
    flaw("u2f/register/verifies", "signs something else as it registers", |apdu, answer| {
        changed(apdu, answer, 1)
    }),
    flaw("u2f/register/touch", "says that it waits by another word", |apdu, answer| {
        if apdu.get(1) == Some(&1) {
            instead(answer, 0x6985, 0x6a80);
        }
    }),
    flaw("u2f/register/length", "says that all is well where bytes are missing", |_, answer| {
        instead(answer, 0x6700, 0x9000);
    }),
    flaw("u2f/authenticate/check-own", "signs where it should only look", |apdu, answer| {
        if matches!(apdu, [_, 2, 7, ..]) {
            instead(answer, 0x6985, 0x9000);
        }
    }),
    flaw("u2f/authenticate/check-foreign", "knows every key handle", |apdu, answer| {
        if matches!(apdu, [_, 2, 7, ..]) {
            instead(answer, 0x6a80, 0x6985);
        }
    }),
    flaw("u2f/authenticate/check-application", "knows key handles for every application", |apdu, answer| {
        if matches!(apdu, [_, 2, 7, ..]) {
            instead(answer, 0x6a80, 0x6985);
        }
    }),
    flaw("u2f/authenticate/verifies", "signs something else as it logs in", |apdu, answer| {
        changed(apdu, answer, 2)
    }),
    flaw(
        "u2f/authenticate/application",
        "says that it is done where the application is another",
        |apdu, answer| {
            if matches!(apdu, [_, 2, 3, ..]) {
                instead(answer, 0x6a80, 0x9000);
            }
        },
    ),
    flaw("u2f/authenticate/touch", "says that it is done where nobody touched it", |apdu, answer| {
        if matches!(apdu, [_, 2, 3, ..]) {
            instead(answer, 0x6985, 0x9000);
        }
    }),
    flaw("u2f/authenticate/length", "waits for a touch where bytes are missing", |apdu, answer| {
        if matches!(apdu, [_, 2, ..]) {
            instead(answer, 0x6700, 0x6985);
            instead(answer, 0x6a80, 0x6985);
        }
    }),
    flaw("u2f/instruction", "says that data are wrong where the instruction is", |_, answer| {
        instead(answer, 0x6d00, 0x6a80);
    }),
    flaw("u2f/class", "takes every class", |apdu, answer| {
        if apdu.first() == Some(&0x6c) {
            *answer = b"U2F_V2\x90\0".to_vec();
        }
    }),
    AuthenticatorFlaw::new(
        "u2f/cross/get-assertion",
        "does not know credentials of U2F in CTAP2",
        Change::Answer(|call, reply| {
            if call.command == crate::authenticator::platform::code::command::GET_ASSERTION {
                reply.fail(crate::authenticator::platform::code::status::NO_CREDENTIALS);
            }
        }),
    ),
];
