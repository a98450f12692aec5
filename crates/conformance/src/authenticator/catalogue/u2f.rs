//! U2F: CTAP1 (FIDO U2F Raw Message Formats 1.2, CTAP 2.1 §10).

use crate::authenticator::need::Need;
use crate::authenticator::platform::code::status as s;
use crate::authenticator::stage::u2f::{apdu, application, word};
use crate::authenticator::stage::{Hand, Stage};
use crate::authenticator::suite::{AuthenticatorCase, AuthenticatorProfile, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases: Vec<AuthenticatorCase> =
        of_u2f().into_iter().map(|case| case.only_in(AuthenticatorProfile::ALL)).collect();
    cases.push(
        AuthenticatorCase::of(
            "u2f/cross/get-assertion",
            "sign by CTAP2 with a credential of U2F",
            "CTAP 2.1 §10.3",
            |stage| {
                let registered = stage.u2f_registered()?;
                let rp_id = registered.client_data.rp_id.clone();
                let assertion = stage.assertion(&rp_id).list([registered.key_handle.as_slice()]);
                let what = "an assertion with a credential of U2F";
                let answer = stage.expect_ceremony(&assertion, what, &[s::OK])?;
                let verified = assertion.client_data.verify_assertion(&answer, &registered.record, &[1]);
                verified.map_err(|why| Stop::fail(format!("a relying party refuses the assertion: {why}")))
            },
        )
        .only_in(FROM_2_1),
    );
    cases.into_iter().map(|case| case.if_the_target(Need::U2f).if_the_target(Need::NoAlwaysUv)).collect()
}

fn of_u2f() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "u2f/version",
            "say that it speaks U2F_V2",
            "U2F Raw Message Formats §6",
            |stage| {
                let reply = stage.u2f("U2F_VERSION", &apdu(0, 3, 0, &[]), Hand::Withholds)?;
                match (reply.word, reply.data.as_slice()) {
                    (word::NO_ERROR, b"U2F_V2") => Ok(()),
                    (word, data) => Err(Stop::fail(format!("it answered {word:04X} and {data:02x?}"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "u2f/register/verifies",
            "attest what a relying party can verify",
            "U2F Raw Message Formats §4.3",
            |stage| stage.u2f_registered().map(drop),
        ),
        AuthenticatorCase::of(
            "u2f/register/touch",
            "register nothing without a touch",
            "U2F Raw Message Formats §4.2",
            |stage| {
                let rp_id = stage.new_rp_id();
                let data = [stage.random().to_vec(), application(&rp_id)].concat();
                expect(stage, 1, 3, &data, &[word::CONDITIONS_NOT_SATISFIED], &[])
            },
        )
        .if_the_target(Need::WithheldTouch),
        AuthenticatorCase::of(
            "u2f/register/length",
            "refuse a registration of 63 bytes",
            "U2F Raw Message Formats §3.3",
            |stage| expect(stage, 1, 3, &[7; 63], &[word::WRONG_LENGTH], &[word::WRONG_DATA]),
        ),
        AuthenticatorCase::of(
            "u2f/authenticate/check-own",
            "say without a touch that it knows a key handle",
            "U2F Raw Message Formats §5.1",
            |stage| {
                let registered = stage.u2f_registered()?;
                let (_, message) = stage.u2f_login(&registered, 7);
                held_against(stage, &message, &[word::CONDITIONS_NOT_SATISFIED], &[])
            },
        ),
        AuthenticatorCase::of(
            "u2f/authenticate/check-foreign",
            "say without a touch that it does not know a key handle",
            "U2F Raw Message Formats §5.1",
            |stage| {
                let mut registered = stage.u2f_registered()?;
                if let Some(byte) = registered.key_handle.first_mut() {
                    *byte ^= 1;
                }
                let (_, message) = stage.u2f_login(&registered, 7);
                held_against(stage, &message, &[word::WRONG_DATA], &[])
            },
        ),
        AuthenticatorCase::of(
            "u2f/authenticate/check-application",
            "not know a key handle for another application",
            "U2F Raw Message Formats §5.1",
            |stage| {
                let mut registered = stage.u2f_registered()?;
                registered.client_data.rp_id = stage.new_rp_id();
                let (_, message) = stage.u2f_login(&registered, 7);
                held_against(stage, &message, &[word::WRONG_DATA], &[])
            },
        ),
        AuthenticatorCase::of(
            "u2f/authenticate/verifies",
            "sign what a relying party can verify, and count",
            "U2F Raw Message Formats §5.4",
            |stage| {
                let registered = stage.u2f_registered()?;
                let first = stage.u2f_signed(&registered)?;
                let second = stage.u2f_signed(&registered)?;
                match second > first || (first, second) == (0, 0) {
                    true => Ok(()),
                    false => Err(Stop::fail(format!("the counter went from {first} to {second}"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "u2f/authenticate/application",
            "not sign for another application",
            "U2F Raw Message Formats §5.1",
            |stage| {
                let mut registered = stage.u2f_registered()?;
                registered.client_data.rp_id = stage.new_rp_id();
                let (_, message) = stage.u2f_login(&registered, 3);
                held_against(stage, &message, &[word::WRONG_DATA], &[word::CONDITIONS_NOT_SATISFIED])
            },
        ),
        AuthenticatorCase::of(
            "u2f/authenticate/touch",
            "not sign without a touch that is enforced",
            "U2F Raw Message Formats §5.2",
            |stage| {
                let registered = stage.u2f_registered()?;
                let (_, message) = stage.u2f_login(&registered, 3);
                held_against(stage, &message, &[word::CONDITIONS_NOT_SATISFIED], &[])
            },
        )
        .if_the_target(Need::WithheldTouch),
        AuthenticatorCase::of(
            "u2f/authenticate/length",
            "refuse a login whose key handle is shorter than it says",
            "U2F Raw Message Formats §3.3",
            |stage| {
                let data = [vec![7; 64], vec![32], vec![7; 16]].concat();
                expect(stage, 2, 7, &data, &[word::WRONG_LENGTH, word::WRONG_DATA], &[])
            },
        ),
        AuthenticatorCase::of(
            "u2f/instruction",
            "refuse an instruction that it does not know",
            "U2F Raw Message Formats §3.3",
            |stage| expect(stage, 0x3e, 0, &[], &[word::INS_NOT_SUPPORTED], &[]),
        ),
        AuthenticatorCase::of(
            "u2f/class",
            "refuse a class that it does not know",
            "U2F Raw Message Formats §3.3",
            |stage| {
                let message = apdu(0x6c, 3, 0, &[]);
                held_against(stage, &message, &[word::CLA_NOT_SUPPORTED, word::INS_NOT_SUPPORTED], &[])
            },
        ),
    ]
}

/// Sends a message without a touch, and holds its status word against what is accepted.
fn expect(
    stage: &mut Stage<'_>,
    instruction: u8,
    parameter: u8,
    data: &[u8],
    accepted: &[u16],
    tolerated: &[u16],
) -> Outcome {
    held_against(stage, &apdu(0, instruction, parameter, data), accepted, tolerated)
}

fn held_against(stage: &mut Stage<'_>, message: &[u8], accepted: &[u16], tolerated: &[u16]) -> Outcome {
    let reply = stage.u2f("the message", message, Hand::Withholds)?;
    let names: Vec<String> = accepted.iter().map(|word| format!("{word:04X}")).collect();
    let why = format!("the message was answered with {:04X}, expected {}", reply.word, names.join(" or "));
    match (accepted.contains(&reply.word), tolerated.contains(&reply.word)) {
        (true, _) => Ok(()),
        (false, true) => Err(Stop::weak(why)),
        (false, false) => Err(Stop::fail(why)),
    }
}
