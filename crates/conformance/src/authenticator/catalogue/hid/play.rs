//! CTAPHID, message by message: what cases send, and what they hold the answers against.

use std::time::{Duration, Instant};

use crate::authenticator::need::Need;
use crate::authenticator::stage::Stage;
use crate::authenticator::suite::{AuthenticatorCase, AuthenticatorProfile};
use crate::authenticator::wire::hid::{Hid, Message, command, error, error_name, packets};
use crate::authenticator::wire::{Trouble, Wire};
use crate::core::outcome::{Outcome, Stop};

/// How long nothing has to come, so that nothing is taken to come.
pub(super) const SILENCE: Duration = Duration::from_millis(400);

/// How long an answer is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// A case that speaks CTAPHID itself. What goes over the wire is kept for the report.
pub(super) fn case(
    id: impl Into<String>,
    requirement: impl Into<String>,
    section: &str,
    play: impl Fn(&mut Hid, &mut Vec<Message>) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    let id: String = id.into();
    let name = id.clone();
    AuthenticatorCase::of(&id, requirement, format!("CTAP 2.1 {section}"), move |stage| {
        let mut seen = Vec::new();
        let hid = hid(stage)?;
        let before = hid.channel;
        let outcome = play(hid, &mut seen);
        if outcome.is_err() {
            // Whatever is still to come is no other case's.
            let end = Instant::now() + PATIENCE;
            let soon = || end.min(Instant::now() + SILENCE);
            while hid.receive_report(soon()).is_ok_and(|report| report.is_some()) {}
            hid.channel = before;
        }
        for message in seen {
            stage.log_raw(&name, &[], told(&message));
        }
        outcome
    })
    .if_the_target(Need::Hid)
    .only_in(AuthenticatorProfile::ALL)
}

pub(super) fn hid<'s>(stage: &'s mut Stage<'_>) -> Result<&'s mut Hid, Stop> {
    match stage.wire()? {
        Wire::Hid(hid) => Ok(hid),
        Wire::Card(_) => Err(Stop::skip("the target is not reached by CTAPHID")),
    }
}

pub(super) fn stop(trouble: &Trouble) -> Stop {
    crate::authenticator::stage::stop(trouble)
}

pub(super) fn must(holds: bool, why: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(Stop::fail(why())) }
}

/// A message in a few words.
pub(super) fn told(message: &Message) -> String {
    match message.error() {
        Some(code) => error_name(code),
        None => format!("the command {:#04x} and {} bytes", message.command & 0x7f, message.data.len()),
    }
}

pub(super) fn send_all(hid: &mut Hid, reports: &[[u8; 64]]) -> Outcome {
    reports.iter().try_for_each(|report| hid.send_report(report)).map_err(|trouble| stop(&trouble))
}

/// Sends the first packet of a PING, and no other.
pub(super) fn begin(hid: &mut Hid, channel: [u8; 4], data: &[u8]) -> Outcome {
    send_all(hid, packets(channel, command::PING, data).get(..1).unwrap_or_default())
}

pub(super) fn receive(
    hid: &mut Hid,
    seen: &mut Vec<Message>,
    patience: Duration,
) -> Result<Option<Message>, Stop> {
    let message = hid.receive(Instant::now() + patience).map_err(|trouble| stop(&trouble))?;
    seen.extend(message.clone());
    Ok(message)
}

pub(super) fn next(hid: &mut Hid, seen: &mut Vec<Message>, what: &str) -> Result<Message, Stop> {
    receive(hid, seen, PATIENCE)?.ok_or_else(|| Stop::fail(format!("{what} was not answered")))
}

/// Sends a message, and returns the next one that comes.
pub(super) fn ask(
    hid: &mut Hid,
    seen: &mut Vec<Message>,
    channel: [u8; 4],
    command: u8,
    data: &[u8],
) -> Result<Message, Stop> {
    hid.send(channel, command, data).map_err(|trouble| stop(&trouble))?;
    next(hid, seen, &format!("the command {:#04x}", command & 0x7f))
}

pub(super) fn new_channel(hid: &mut Hid) -> Result<[u8; 4], Stop> {
    let answer = hid.allocate().map_err(|trouble| stop(&trouble))?;
    Ok(answer.data.get(8..12).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default())
}

pub(super) fn echoes(hid: &mut Hid, seen: &mut Vec<Message>, channel: [u8; 4], data: &[u8]) -> Outcome {
    let answer = ask(hid, seen, channel, command::PING, data)?;
    must(answer.channel == channel && answer.command == command::PING && answer.data == data, || {
        format!("a PING of {} bytes was answered with {}", data.len(), told(&answer))
    })
}

pub(super) fn silence(hid: &mut Hid, seen: &mut Vec<Message>, what: &str) -> Outcome {
    match receive(hid, seen, SILENCE)? {
        None => Ok(()),
        Some(message) => Err(Stop::fail(format!("{what} was answered with {}", told(&message)))),
    }
}

/// The next message is this error on this channel; where `silence` is fair too, it is let pass with a remark.
pub(super) fn expect_error(
    hid: &mut Hid,
    seen: &mut Vec<Message>,
    channel: [u8; 4],
    code: u8,
    what: &str,
    silence: bool,
) -> Outcome {
    let expected = error_name(code);
    match receive(hid, seen, PATIENCE)? {
        Some(message) if message.error() == Some(code) && message.channel == channel => Ok(()),
        Some(message) => {
            Err(Stop::fail(format!("{what} was answered with {}, expected {expected}", told(&message))))
        }
        None if silence => Err(Stop::weak(format!("{what} was not answered, expected {expected}"))),
        None => Err(Stop::fail(format!("{what} was not answered, expected {expected}"))),
    }
}

pub(super) fn refused(
    hid: &mut Hid,
    seen: &mut Vec<Message>,
    channel: [u8; 4],
    command: u8,
    data: &[u8],
    code: u8,
    silence: bool,
) -> Outcome {
    hid.send(channel, command, data).map_err(|trouble| stop(&trouble))?;
    expect_error(hid, seen, channel, code, &format!("the command {:#04x}", command & 0x7f), silence)
}

pub(super) fn wrong_sequence(hid: &mut Hid, seen: &mut Vec<Message>, skipped: usize) -> Outcome {
    let channel = hid.channel;
    let sent = packets(channel, command::PING, &[7; 200]);
    send_all(hid, sent.get(..1).unwrap_or_default())?;
    send_all(hid, sent.get(1 + skipped..2 + skipped).unwrap_or_default())?;
    expect_error(hid, seen, channel, error::INVALID_SEQ, "a message of which a packet is missing", false)
}

/// Locks the authenticator for the channel of the run, if it can be locked; that channel, and another.
pub(super) fn locked(
    hid: &mut Hid,
    seen: &mut Vec<Message>,
    seconds: u8,
) -> Result<([u8; 4], [u8; 4]), Stop> {
    let (first, second) = (hid.channel, new_channel(hid)?);
    let answer = ask(hid, seen, first, command::LOCK, &[seconds])?;
    match answer.command {
        command::LOCK => Ok((first, second)),
        _ => Err(Stop::skip("the target cannot be locked")),
    }
}
