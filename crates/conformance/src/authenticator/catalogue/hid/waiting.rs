//! What happens on other channels, and on this one, while it waits for its user.

use std::time::{Duration, Instant};

use super::play::{PATIENCE, SILENCE, hid, must, new_channel, stop, told};
use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::Answer;
use crate::authenticator::platform::code::{command as ctap, status};
use crate::authenticator::stage::{Hand, Stage};
use crate::authenticator::suite::AuthenticatorCase;
use crate::authenticator::wire::hid::{Hid, command, error};
use crate::core::outcome::{Outcome, Stop};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let cases = vec![
        AuthenticatorCase::of(
            "hid/cancel/own",
            "end a request that waits for the user when its channel cancels it",
            "CTAP 2.1 §11.2.9.1.5",
            |stage| {
                let registration = stage.registration();
                let registration = stage.authorized(registration)?;
                let request = registration.parameters.request(ctap::MAKE_CREDENTIAL);
                let answer = stage.send_with(&request, Hand::Cancels)?;
                stage.expect_of(&answer, "a request that was cancelled", &[status::KEEPALIVE_CANCEL], &[])
            },
        ),
        AuthenticatorCase::of(
            "hid/cancel/other-channel",
            "not end a request when another channel cancels",
            "CTAP 2.1 §11.2.9.1.5",
            |stage| {
                while_waiting(stage, |hid, other| {
                    hid.send(other, command::CANCEL, &[]).map_err(|trouble| stop(&trouble))?;
                    let until = Instant::now() + SILENCE;
                    while let Some(message) = hid.receive(until).map_err(|trouble| stop(&trouble))? {
                        if message.command != command::KEEPALIVE {
                            return Err(Stop::fail(format!(
                                "CANCEL on another channel was answered with {}",
                                told(&message)
                            )));
                        }
                    }
                    Ok(())
                })
            },
        ),
        AuthenticatorCase::of(
            "hid/busy/waiting",
            "tell another channel that it is busy while it waits for its user",
            "CTAP 2.1 §11.2.5.1",
            |stage| {
                while_waiting(stage, |hid, other| {
                    hid.send(other, command::PING, &[1]).map_err(|trouble| stop(&trouble))?;
                    let until = Instant::now() + PATIENCE;
                    while let Some(message) = hid.receive(until).map_err(|trouble| stop(&trouble))? {
                        match message.command {
                            command::KEEPALIVE => {}
                            _ if message.channel == other && message.error() == Some(error::CHANNEL_BUSY) => {
                                return Ok(());
                            }
                            _ => {
                                return Err(Stop::fail(format!(
                                    "another channel was answered with {}",
                                    told(&message)
                                )));
                            }
                        }
                    }
                    Err(Stop::fail("another channel was not answered"))
                })
            },
        ),
        AuthenticatorCase::of(
            "hid/keepalive/period",
            "give a sign of life every 100 ms while it is at work",
            "CTAP 2.1 §11.2.9.1.7",
            |stage| {
                while_waiting(stage, |hid, _| {
                    let mut last = Instant::now();
                    let end = last + Duration::from_millis(1500);
                    while last < end {
                        // A client's own delays are let pass.
                        let until = last + Duration::from_millis(250);
                        match hid.receive(until).map_err(|trouble| stop(&trouble))? {
                            Some(message) if message.command == command::KEEPALIVE => last = Instant::now(),
                            Some(message) => return Err(Stop::fail(format!("{} came", told(&message)))),
                            None => return Err(Stop::fail("no sign of life came for 250 ms")),
                        }
                    }
                    Ok(())
                })
            },
        ),
        AuthenticatorCase::of(
            "hid/keepalive/status",
            "say by its signs of life that it waits for its user",
            "CTAP 2.1 §11.2.9.1.7",
            |stage| {
                while_waiting(stage, |hid, _| {
                    let until = Instant::now() + PATIENCE;
                    match hid.receive(until).map_err(|trouble| stop(&trouble))? {
                        Some(message) if message.command == command::KEEPALIVE => {
                            must(message.data == [2], || format!("a sign of life said {:02x?}", message.data))
                        }
                        Some(message) => Err(Stop::fail(format!("{} came", told(&message)))),
                        None => Err(Stop::fail("no sign of life came")),
                    }
                })
            },
        ),
        AuthenticatorCase::of(
            "hid/keepalive/none-after",
            "give no sign of life after its answer",
            "CTAP 2.1 §11.2.9.1.7",
            |stage| {
                let registration = stage.registration();
                stage.make(registration)?;
                let until = Instant::now() + SILENCE;
                let hid = hid(stage)?;
                match hid.receive(until).map_err(|trouble| stop(&trouble))? {
                    None => Ok(()),
                    Some(message) => Err(Stop::fail(format!("{} came after the answer", told(&message)))),
                }
            },
        ),
    ];
    let needs_no_touch = ["hid/keepalive/none-after"];
    cases
        .into_iter()
        .map(|case| {
            let case = case.if_the_target(Need::Hid);
            match needs_no_touch.contains(&case.id()) {
                true => case,
                false => case.if_the_target(Need::WithheldTouch),
            }
        })
        .collect()
}

/// Has it wait for its user, does something meanwhile with another channel at hand, and cancels.
fn while_waiting(stage: &mut Stage<'_>, act: impl FnOnce(&mut Hid, [u8; 4]) -> Outcome) -> Outcome {
    let registration = stage.registration();
    let registration = stage.authorized(registration)?;
    let request = registration.parameters.request(ctap::MAKE_CREDENTIAL);
    let hid = hid(stage)?;
    let channel = hid.channel;
    let other = new_channel(hid)?;
    hid.send(channel, command::CBOR, &request).map_err(|trouble| stop(&trouble))?;
    let until = Instant::now() + PATIENCE;
    loop {
        let message = hid.receive(until).map_err(|trouble| stop(&trouble))?;
        match message {
            Some(message) if message.command == command::KEEPALIVE && message.data == [2] => break,
            Some(message) if message.command == command::KEEPALIVE => {}
            Some(message) => {
                let status = Answer::read(&message.data).map(|answer| answer.name());
                return Err(Stop::error(format!("a registration did not wait for a touch: {status:?}")));
            }
            None => return Err(Stop::error("a registration gave no sign of life")),
        }
    }
    let outcome = act(hid, other);
    hid.send(channel, command::CANCEL, &[]).map_err(|trouble| stop(&trouble))?;
    // One that does not mind CANCEL goes on waiting, and its answer would be taken for that to another case's request.
    let end = Instant::now() + hid.patience.request;
    while let Some(message) =
        hid.receive(end.min(Instant::now() + PATIENCE)).map_err(|trouble| stop(&trouble))?
    {
        if message.channel == channel && message.command != command::KEEPALIVE {
            break;
        }
    }
    outcome
}
