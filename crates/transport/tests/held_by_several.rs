//! A key that others hold, packet by packet: several clients at once, and whatever comes at the worst moment.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod common;
#[path = "common/held.rs"]
mod held;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use common::hid::{messages, ms, packets};
use common::numbers::{BROADCAST, KEEPALIVE_CANCEL, command, error};
use held::{Datagrams, GET_INFO, Held, LONG, SELECTION, key, waiting, willing};
use stuntkey::authenticator::Answer;
use stuntkey::fault::{AnswerFault, LyingAuthenticator};
use stuntkey_transport::ctaphid::{Command, Reports};
use stuntkey_transport::host::{Event, Presence};
use stuntkey_transport::{Address, TransportError};

/// A channel of its own, packet by packet.
fn opened(beside: &mut Datagrams) -> u32 {
    sends(beside, BROADCAST, command::INIT, &[3; 8]);
    let answer = answered(beside, command::INIT);
    u32::from_be_bytes(answer[8..12].try_into().unwrap())
}

fn sends(beside: &mut Datagrams, channel: u32, command: u8, data: &[u8]) {
    for packet in packets(channel, command, data) {
        beside.send(&packet).unwrap();
    }
}

/// The data of the next message of one packet that is no sign of life.
fn answered(beside: &mut Datagrams, command: u8) -> Vec<u8> {
    loop {
        let report = beside.receive(Instant::now() + LONG).unwrap().expect("an answer");
        let message = messages([&report]).remove(0);
        if message.command != command::KEEPALIVE {
            assert_eq!(message.command, command, "{message:?}");
            return message.data;
        }
    }
}

#[test]
fn a_client_hears_what_the_key_waits_for() {
    let held = waiting("security_key_ctap2_1", LONG);
    let (_, mut beside) = held.raw();
    let channel = opened(&mut beside);
    sends(&mut beside, channel, command::CBOR, SELECTION);
    held.until_it_waits();
    let mut gaps = Vec::new();
    let mut last = Instant::now();
    for _ in 0..8 {
        let report = beside.receive(last + LONG).unwrap().unwrap();
        let sign = messages([&report]).remove(0);
        assert_eq!((sign.channel, sign.command), (channel, command::KEEPALIVE));
        gaps.push((last.elapsed(), sign.data[0]));
        last = Instant::now();
    }
    assert!(gaps.iter().all(|(gap, _)| *gap < ms(1000)), "{gaps:?}");
    assert!(gaps[2..].iter().all(|(_, status)| *status == 2), "{gaps:?}");
    held.presence.give(Answer::Present);
    let answer = answered(&mut beside, command::CBOR);
    assert_eq!(answer, [0]);
    assert_eq!(beside.receive(Instant::now() + ms(300)).unwrap(), None, "nothing after the answer");
}

#[test]
fn a_client_cancels_at_any_time() {
    let held = waiting("security_key_ctap2_1", LONG);
    let (_, mut beside) = held.raw();
    let channel = opened(&mut beside);
    for delay in (0..60).map(|n| [0, 0, 1, 5][n % 4]) {
        sends(&mut beside, channel, command::CBOR, SELECTION);
        thread::sleep(ms(delay));
        sends(&mut beside, channel, command::CANCEL, &[]);
        assert_eq!(answered(&mut beside, command::CBOR), [KEEPALIVE_CANCEL]);
    }
    held.until_it_waits_no_more();
    // What was cancelled leaves no trace.
    sends(&mut beside, channel, command::CBOR, SELECTION);
    held.until_it_waits();
    held.presence.give(Answer::Present);
    assert_eq!(answered(&mut beside, command::CBOR), [0]);
}

#[test]
fn a_client_starts_its_channel_anew_at_any_time() {
    let held = waiting("security_key_ctap2_1", LONG);
    let (_, mut beside) = held.raw();
    let channel = opened(&mut beside);
    for delay in (0..60).map(|n| [0, 0, 1, 5][n % 4]) {
        sends(&mut beside, channel, command::CBOR, SELECTION);
        thread::sleep(ms(delay));
        sends(&mut beside, channel, command::INIT, &[9; 8]);
        assert_eq!(answered(&mut beside, command::INIT)[8..12], channel.to_be_bytes());
        // An echo, and not what became of the selection.
        sends(&mut beside, channel, command::PING, &[5]);
        assert_eq!(answered(&mut beside, command::PING), [5]);
    }
    held.until_it_waits_no_more();
    sends(&mut beside, channel, command::CBOR, SELECTION);
    held.until_it_waits();
    held.presence.give(Answer::Present);
    assert_eq!(answered(&mut beside, command::CBOR), [0]);
}

#[test]
fn while_one_client_waits_for_the_user_another_waits_for_its_turn() {
    let held = waiting("security_key_ctap2_1", LONG);
    let (mut first, _) = held.raw();
    let (mut second, mut beside) = held.raw();
    let other = opened(&mut beside);
    thread::scope(|scope| {
        let first = scope.spawn(move || first.exchange(Command::Cbor, SELECTION).unwrap());
        held.until_it_waits();
        sends(&mut beside, other, command::PING, &[5]);
        assert_eq!(answered(&mut beside, command::ERROR), [error::CHANNEL_BUSY]);
        let second = scope.spawn(move || second.exchange(Command::Ping, &[5]));
        thread::sleep(ms(200));
        assert!(!first.is_finished() && !second.is_finished());
        held.presence.give(Answer::Present);
        assert_eq!(first.join().unwrap(), [0]);
        assert_eq!(second.join().unwrap().unwrap(), [5]);
    });
}

#[test]
fn without_power_the_user_is_asked_no_more_and_the_next_client_gets_its_own_answer() {
    let held = waiting("security_key_ctap2_1", LONG);
    for delay in (0..40).map(|n| [0, 0, 1, 5][n % 4]) {
        let (_, mut beside) = held.raw();
        let channel = opened(&mut beside);
        sends(&mut beside, channel, command::CBOR, SELECTION);
        thread::sleep(ms(delay));
        held.events.send(Event::PowerCycle).unwrap();
        let (mut next, _) = held.raw();
        let info = next.exchange(Command::Cbor, GET_INFO).unwrap();
        assert!(info.len() > 1 && info[0] == 0, "{info:x?}");
    }
    held.until_it_waits_no_more();
}

#[test]
fn a_key_that_never_answers_keeps_nobody_waiting() {
    let fault = AnswerFault::from_id("message/silence").unwrap();
    let presence = Presence::new();
    let sound = key("security_key_ctap2_1", presence.before(Answer::Verified, LONG));
    let held = Held::new(LyingAuthenticator::new(sound, fault), &presence, "udp");
    let (raw, mut beside) = held.raw();
    let mut raw = raw.patience(ms(300));
    let begun = Instant::now();
    let given_up = raw.exchange(Command::Cbor, SELECTION);
    let cancelled = given_up.as_ref().is_ok_and(|answer| *answer == [KEEPALIVE_CANCEL]);
    assert!(cancelled || matches!(given_up, Err(TransportError::Endless(_))), "{given_up:?}");
    assert!(begun.elapsed() < LONG);
    assert_eq!(raw.exchange(Command::Cbor, GET_INFO).unwrap()[0], 0);
    // However early it is given up.
    let channel = opened(&mut beside);
    for (n, delay) in (0..60).map(|n| (n, [0, 0, 1, 5][n % 4])) {
        sends(&mut beside, channel, command::CBOR, SELECTION);
        thread::sleep(ms(delay));
        if n % 2 == 0 {
            sends(&mut beside, channel, command::CANCEL, &[]);
            assert_eq!(answered(&mut beside, command::CBOR), [KEEPALIVE_CANCEL], "after {delay} ms");
        } else {
            sends(&mut beside, channel, command::INIT, &[9; 8]);
            assert_eq!(answered(&mut beside, command::INIT)[8..12], channel.to_be_bytes());
        }
    }
    assert_eq!(raw.exchange(Command::Cbor, GET_INFO).unwrap()[0], 0);
}

#[test]
fn the_end_ends_it() {
    let held = waiting("security_key_ctap2_1", LONG);
    let (mut raw, _) = held.raw();
    let begun = Instant::now();
    thread::scope(|scope| {
        let selecting = scope.spawn(|| raw.exchange(Command::Cbor, SELECTION));
        held.until_it_waits();
        drop(held);
        let outcome = selecting.join().unwrap();
        assert!(outcome.is_err(), "{outcome:?}");
    });
    assert!(begun.elapsed() < LONG, "nobody asks the user any more");
}

#[test]
fn a_client_that_reads_nothing_keeps_nobody_waiting() {
    let held = willing("security_key_ctap2_1", "tcp");
    let Address::Tcp(at) = &held.address else { panic!("a test over TCP") };
    let mut deaf = TcpStream::connect(at).unwrap();
    for packet in packets(BROADCAST, command::INIT, &[3; 8]) {
        deaf.write_all(&packet).unwrap();
    }
    let mut answer = [0; 64];
    deaf.read_exact(&mut answer).unwrap();
    let channel = u32::from_be_bytes(answer[15..19].try_into().unwrap());
    // More echoes than the system keeps for one who does not read them.
    let pings = packets(channel, command::PING, &[5; 7609]).concat();
    for _ in 0..2_000 {
        if deaf.write_all(&pings).is_err() {
            break;
        }
    }
    // It asks for a channel, and for getInfo.
    held.client();
}
