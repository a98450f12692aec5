//! FIDO's application on a card (CTAP 2.1 §11.3), and what ISO 7816-4 has to say about its commands.

use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::Answer;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::Registration;
use crate::authenticator::suite::{AuthenticatorCase, AuthenticatorProfile};
use crate::authenticator::wire::card::SELECT;
use crate::core::outcome::{Outcome, Stop};

const OK: u16 = 0x9000;
const WORKING: u16 = 0x9100;

/// A command of NFCCTAP in the short form.
fn message(class: u8, parameter: u8, part: &[u8], is_last: bool) -> Vec<u8> {
    let length = u8::try_from(part.len()).unwrap_or(u8::MAX);
    let mut command = [&[class, 0x10, parameter, 0x00, length], part].concat();
    if is_last {
        command.push(0);
    }
    command
}

/// The same in the extended form.
fn extended(parameter: u8, data: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[0x80, 0x10, parameter, 0x00, 0x00, high, low], data, &[0, 0]].concat()
}

/// A status word that has to come.
fn word_is(found: u16, expected: &[u16], what: &str) -> Outcome {
    match expected.contains(&found) {
        true => Ok(()),
        false => {
            let expected: Vec<String> = expected.iter().map(|word| format!("{word:04X}")).collect();
            Err(Stop::fail(format!(
                "{what} was answered with {found:04X}, expected {}",
                expected.join(" or ")
            )))
        }
    }
}

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_every_card();
    cases.extend(of_ctap2());
    cases.extend(of_polling());
    cases.into_iter().map(|case| case.if_the_target(Need::Card)).collect()
}

fn of_every_card() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "nfc/select/version",
            "say which version it speaks when it is selected",
            "CTAP 2.1 §11.3.3",
            |stage| {
                let (version, word) = stage.transmit("SELECT", &SELECT)?;
                word_is(word, &[OK], "SELECT")?;
                match version.as_slice() {
                    b"U2F_V2" | b"FIDO_2_0" => Ok(()),
                    other => Err(Stop::fail(format!("SELECT was answered with {other:02x?}"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "nfc/select/other",
            "not be selected by the name of another application, and be there afterwards",
            "ISO 7816-4 §11.1.1",
            |stage| {
                let mut other = SELECT.to_vec();
                if let Some(byte) = other.get_mut(5) {
                    *byte ^= 0x0f;
                }
                let (_, word) = stage.transmit("SELECT of another application", &other)?;
                let (_, again) = stage.transmit("SELECT", &SELECT)?;
                match word {
                    OK => Err(Stop::fail("another application was selected")),
                    _ => word_is(again, &[OK], "SELECT after that"),
                }
            },
        ),
        AuthenticatorCase::of(
            "nfc/instruction",
            "refuse an instruction that it does not know",
            "ISO 7816-4 §5.6",
            |stage| {
                let (_, word) = stage.transmit("an unknown instruction", &[0x80, 0xee, 0, 0])?;
                word_is(word, &[0x6d00], "an unknown instruction")
            },
        ),
        AuthenticatorCase::of(
            "nfc/class",
            "refuse a class that it does not know",
            "ISO 7816-4 §5.6",
            |stage| {
                let (_, word) =
                    stage.transmit("an unknown class", &[0xe0, 0x10, 0, 0, 1, command::GET_INFO, 0])?;
                word_is(word, &[0x6e00, 0x6d00, 0x6881, 0x6882], "an unknown class")
            },
        ),
        AuthenticatorCase::of(
            "nfc/length",
            "refuse a command whose length is not that of its data",
            "ISO 7816-4 §5.6",
            |stage| {
                let (_, word) = stage.transmit("a command that is too short", &[0x80, 0x10, 0, 0, 9, 4])?;
                word_is(word, &[0x6700], "a command that is too short")
            },
        ),
        AuthenticatorCase::of(
            "nfc/u2f",
            "answer messages of U2F",
            "U2F NFC protocol §4, CTAP 2.1 §11.3.5",
            |stage| {
                let (version, word) = stage.transmit("U2F_VERSION", &[0, 3, 0, 0, 0])?;
                word_is(word, &[OK], "U2F_VERSION")?;
                match version.as_slice() {
                    b"U2F_V2" => Ok(()),
                    other => Err(Stop::fail(format!("U2F_VERSION was answered with {other:02x?}"))),
                }
            },
        )
        .if_the_target(Need::U2f),
    ]
    .into_iter()
    .map(|case| case.only_in(AuthenticatorProfile::ALL))
    .collect()
}

/// A registration that is longer than a short command.
fn long(stage: &mut Stage<'_>) -> Result<Registration, Stop> {
    let registration = stage.registration().with(0x5f, vec![7; 300]);
    stage.authorized(registration)
}

/// The whole answer to a command that may have come in part, and may have been polled for.
fn whole(stage: &mut Stage<'_>, answer: &(Vec<u8>, u16)) -> Result<Answer, Stop> {
    let (bytes, word) = stage.rest_of(answer)?;
    word_is(word, &[OK], "the command")?;
    Answer::read(&bytes).ok_or_else(|| Stop::fail("the answer has no byte, expected a status"))
}

fn of_ctap2() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "nfc/chaining",
            "take a request in several parts",
            "CTAP 2.1 §11.3.6, ISO 7816-4 §5.3.3",
            |stage| {
                let registration = long(stage)?;
                let request = registration.request();
                let mut parts = request.chunks(100).peekable();
                let mut answer = (Vec::new(), OK);
                while let Some(part) = parts.next() {
                    let is_last = parts.peek().is_none();
                    let class = if is_last { 0x80 } else { 0x90 };
                    answer = stage.transmit("a part of a request", &message(class, 0x80, part, is_last))?;
                    if !is_last {
                        word_is(answer.1, &[OK], "a part of a request")?;
                    }
                }
                let answer = stage.polled(answer)?;
                let answer = whole(stage, &answer)?;
                stage.read_made(&registration, answer).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "nfc/chaining/broken",
            "forget a part of a request when another command comes",
            "ISO 7816-4 §5.3.3",
            |stage| {
                stage.transmit("a part of a request", &message(0x90, 0x80, &[command::GET_INFO], false))?;
                stage.transmit("SELECT", &SELECT)?;
                let answer = stage.transmit("getInfo", &message(0x80, 0x80, &[command::GET_INFO], true))?;
                let answer = whole(stage, &answer)?;
                stage.expect_of(&answer, "getInfo", &[s::OK], &[])
            },
        ),
        AuthenticatorCase::of(
            "nfc/get-response",
            "give a long answer in parts",
            "CTAP 2.1 §11.3.6, ISO 7816-4 §11.4.3",
            |stage| {
                let registration = stage.registration();
                let registration = stage.authorized(registration)?;
                let parts: Vec<Vec<u8>> = registration.request().chunks(255).map(<[u8]>::to_vec).collect();
                let mut answer = (Vec::new(), OK);
                for (at, part) in parts.iter().enumerate() {
                    let is_last = at + 1 == parts.len();
                    let class = if is_last { 0x80 } else { 0x90 };
                    answer = stage.transmit("a registration", &message(class, 0x80, part, is_last))?;
                }
                let answer = stage.polled(answer)?;
                if answer.0.len() > 256 {
                    return Err(Stop::fail(format!("{} bytes came at once, expected 256", answer.0.len())));
                }
                let answer = whole(stage, &answer)?;
                stage.read_made(&registration, answer).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "nfc/extended",
            "take a request in the extended form, and give the answer in one piece",
            "CTAP 2.1 §11.3.6, ISO 7816-4 §5.1",
            |stage| {
                let registration = long(stage)?;
                let answer = stage.transmit("a registration", &extended(0x80, &registration.request()))?;
                let (bytes, word) = stage.polled(answer)?;
                word_is(word, &[OK], "a registration in the extended form")?;
                let answer = Answer::read(&bytes)
                    .ok_or_else(|| Stop::fail("the answer has no byte, expected a status"))?;
                stage.read_made(&registration, answer).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "nfc/error",
            "tell an error of CTAP2 by its status, behind which all is well",
            "CTAP 2.1 §11.3.7",
            |stage| {
                let (data, word) =
                    stage.transmit("an unknown command", &message(0x80, 0x80, &[0x3e], true))?;
                word_is(word, &[OK], "a command that it does not know")?;
                match data.as_slice() {
                    [s::INVALID_COMMAND] => Ok(()),
                    other => Err(Stop::fail(format!("found {other:02x?}, expected INVALID_COMMAND"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "nfc/no-polling",
            "answer at once a reader that cannot ask again",
            "CTAP 2.1 §11.3.7.1",
            |stage| {
                let answer = stage.transmit("getInfo", &message(0x80, 0x00, &[command::GET_INFO], true))?;
                let answer = whole(stage, &answer)?;
                stage.expect_of(&answer, "getInfo", &[s::OK], &[])
            },
        ),
        AuthenticatorCase::of("nfc/end", "let the reader end the session", "CTAP 2.1 §11.3.7.3", |stage| {
            let (_, word) = stage.transmit("NFCCTAP_CONTROL", &[0x80, 0x12, 0x01, 0x00])?;
            stage.transmit("SELECT", &SELECT)?;
            word_is(word, &[OK], "NFCCTAP_CONTROL")
        })
        .should(),
        AuthenticatorCase::of(
            "nfc/poll/idle",
            "refuse to be asked again where nothing was asked",
            "CTAP 2.1 §11.3.7.2",
            |stage| {
                let (_, word) = stage.transmit("NFCCTAP_GETRESPONSE", &[0x80, 0x11, 0x00, 0x00, 0x00])?;
                word_is(word, &[0x6985], "NFCCTAP_GETRESPONSE")
            },
        )
        .should(),
    ]
}

fn of_polling() -> Vec<AuthenticatorCase> {
    let begin = |stage: &mut Stage<'_>| {
        let registration = stage.registration();
        let registration = stage.authorized(registration)?;
        let answer = stage.transmit("a registration", &extended(0x80, &registration.request()))?;
        match answer.1 {
            WORKING => Ok((registration, answer.0)),
            OK => Err(Stop::skip("the target takes itself for touched")),
            other => Err(Stop::fail(format!("a registration was answered with {other:04X}, expected 9100"))),
        }
    };
    vec![
        AuthenticatorCase::of(
            "nfc/poll/status",
            "say to a reader that can ask again that it waits for its user",
            "CTAP 2.1 §11.3.7.1",
            move |stage| {
                let (_, status) = begin(stage)?;
                stage.transmit("NFCCTAP_GETRESPONSE", &[0x80, 0x11, 0x11, 0x00, 0x00])?;
                match status.as_slice() {
                    [1 | 2] => Ok(()),
                    other => Err(Stop::fail(format!("found the status {other:02x?}, expected 1 or 2"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "nfc/poll/answer",
            "give the answer when it is asked again after a touch",
            "CTAP 2.1 §11.3.7.2",
            move |stage| {
                let (registration, status) = begin(stage)?;
                let (bytes, word) = stage.polled((status, WORKING))?;
                word_is(word, &[OK], "NFCCTAP_GETRESPONSE")?;
                let answer = Answer::read(&bytes)
                    .ok_or_else(|| Stop::fail("the answer has no byte, expected a status"))?;
                stage.read_made(&registration, answer).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "nfc/poll/cancel",
            "end a request that the reader cancels",
            "CTAP 2.1 §11.3.7.2",
            move |stage| {
                begin(stage)?;
                let (data, word) = stage.transmit("NFCCTAP_GETRESPONSE", &[0x80, 0x11, 0x11, 0x00, 0x00])?;
                word_is(word, &[OK], "the end of a request")?;
                match data.as_slice() {
                    [s::KEEPALIVE_CANCEL] => Ok(()),
                    other => Err(Stop::fail(format!("found {other:02x?}, expected KEEPALIVE_CANCEL"))),
                }
            },
        )
        .should(),
    ]
    .into_iter()
    .map(|case| case.if_the_target(Need::WithheldTouch))
    .collect()
}
