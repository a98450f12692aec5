//! Requests that take time, behind CTAPHID: signs of life, cancelling, the lock, and a device that loses its power
//! (CTAP 2.1 §11.2.9).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod common;

use common::hid::{BOTH, Bench, Message, ms, next, packets, sent, started};
use common::numbers::{BROADCAST, KEEPALIVE_CANCEL, command, error};
use stuntkey_transport::ctaphid::{Effect, Kind};

const PROCESSING: u8 = 1;
const UP_NEEDED: u8 = 2;

fn one() -> (Bench, u32) {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    (bench, channel)
}

#[test]
fn a_request_reaches_the_authenticator_whole_and_its_answer_the_client() {
    let (mut bench, channel) = one();
    for length in [1, 57, 58, 7609] {
        let data: Vec<u8> = (1..=255).cycle().take(length).collect();
        bench.begin(channel, &data);
        assert_eq!(bench.done(&data), [Message::new(channel, command::CBOR, &data)]);
        let effects = bench.send(channel, command::MSG, &data);
        assert_eq!(started(&effects), Some((channel, Kind::Msg, data.clone())));
        assert_eq!(bench.done(&data), [Message::new(channel, command::MSG, &data)]);
    }
}

// Both CTAPHID's code and CTAP's are in use.
#[test]
fn a_request_of_no_bytes_is_refused() {
    let (mut bench, channel) = one();
    let effects = bench.send(channel, command::CBOR, &[]);
    assert_eq!(started(&effects), None);
    let refused =
        [Message::error(channel, error::INVALID_LEN), Message::new(channel, command::CBOR, &[0x03])];
    let answers = sent(&effects);
    assert!(answers.len() == 1 && refused.contains(&answers[0]), "{answers:?}");
    bench.echoes(channel);
}

// §11.2.9.1.7: at least every 100 ms, and whenever the status changes.
#[test]
fn signs_of_life_come_in_time_until_the_answer() {
    let (mut bench, channel) = one();
    bench.begin(channel, &[1]);
    let signs = bench.hear(ms(5000));
    assert!(signs.len() >= 49, "only {} signs", signs.len());
    let mut last = ms(0);
    for (at, sign) in &signs {
        assert_eq!(*sign, Message::new(channel, command::KEEPALIVE, &[PROCESSING]));
        assert!(*at - last <= ms(100), "{at:?} after {last:?}");
        last = *at;
    }
    assert!(signs.len() <= 500, "they are too many: {}", signs.len());
    assert_eq!(bench.done(&[0]), [Message::new(channel, command::CBOR, &[0])]);
    assert_eq!(bench.hear(ms(5000)), [], "none after the answer");
    assert_eq!(bench.machine.next_tick(), None);
}

#[test]
fn a_status_that_changes_is_told_at_once() {
    let (mut bench, channel) = one();
    bench.begin(channel, &[1]);
    bench.hear(ms(30));
    for (waits, status) in [(true, UP_NEEDED), (false, PROCESSING), (true, UP_NEEDED)] {
        let mut signs = sent(&bench.machine.waits_for_user(bench.now, waits));
        signs.extend(bench.hear(ms(0)).into_iter().map(|(_, sign)| sign));
        assert_eq!(signs, [Message::new(channel, command::KEEPALIVE, &[status])]);
        for (_, sign) in bench.hear(ms(350)) {
            assert_eq!(sign, Message::new(channel, command::KEEPALIVE, &[status]));
        }
    }
    assert_eq!(bench.done(&[0]), [Message::new(channel, command::CBOR, &[0])]);
    // The thread of the user may be late.
    assert_eq!(bench.machine.waits_for_user(bench.now, false), []);
    assert_eq!(bench.hear(ms(1000)), []);
}

#[test]
fn a_wait_that_is_over_is_not_the_next_requests() {
    let (mut bench, channel) = one();
    bench.begin(channel, &[1]);
    bench.machine.waits_for_user(bench.now, true);
    bench.done(&[0]);
    bench.begin(channel, &[4]);
    for (_, sign) in bench.hear(ms(350)) {
        assert_eq!(sign, Message::new(channel, command::KEEPALIVE, &[PROCESSING]));
    }
}

// The text names MSG; U2F's clients ask again instead, and know no such message.
#[test]
fn u2f_has_no_signs_of_life() {
    let (mut bench, channel) = one();
    let effects = bench.send(channel, command::MSG, &[0, 3, 0, 0]);
    assert!(started(&effects).is_some());
    bench.machine.waits_for_user(bench.now, true);
    assert_eq!(bench.hear(ms(5000)), []);
    assert_eq!(bench.done(&[0x69, 0x85]), [Message::new(channel, command::MSG, &[0x69, 0x85])]);
}

// §11.2.9.1.5.
#[test]
fn cancel_has_no_answer_of_its_own() {
    let (mut bench, channel) = one();
    let other = bench.open();
    for asked in [channel, other] {
        assert_eq!(bench.send(asked, command::CANCEL, &[]), [], "nothing runs");
    }
    bench.begin(channel, &[1]);
    assert_eq!(bench.send(other, command::CANCEL, &[]), [], "it is not theirs");
    assert_eq!(bench.send(channel, command::CANCEL, &[]), [Effect::Cancel]);
    let answer = bench.done(&[KEEPALIVE_CANCEL]);
    assert_eq!(answer, [Message::new(channel, command::CBOR, &[KEEPALIVE_CANCEL])]);
    assert_eq!(bench.send(channel, command::CANCEL, &[]), [], "it has ended");
    bench.begin(channel, &[1]);
    assert_eq!(bench.done(&[0]), [Message::new(channel, command::CBOR, &[0])], "the next one lives");
}

#[test]
fn cancel_ends_no_u2f_message() {
    let (mut bench, channel) = one();
    bench.send(channel, command::MSG, &[0, 3, 0, 0]);
    assert_eq!(bench.send(channel, command::CANCEL, &[]), []);
    assert_eq!(bench.done(&[0x90, 0]), [Message::new(channel, command::MSG, &[0x90, 0])]);
}

#[test]
fn cancel_on_a_channel_that_is_not_there_cancels_nothing() {
    let (mut bench, channel) = one();
    bench.begin(channel, &[1]);
    for asked in [0, BROADCAST, channel + 1] {
        let effects = bench.send(asked, command::CANCEL, &[]);
        assert!(!effects.contains(&Effect::Cancel));
        // An error is the channel's fault, silence the command's.
        let refused = Message::error(asked, error::INVALID_CHANNEL);
        assert!(sent(&effects).iter().all(|message| *message == refused), "{effects:?}");
    }
}

#[test]
fn cancel_within_a_message_has_no_answer() {
    let (mut bench, channel) = one();
    let ping = packets(channel, command::PING, &[7; 100]);
    assert_eq!(bench.report(&ping[0]), []);
    assert_eq!(bench.send(channel, command::CANCEL, &[]), []);
    let rest = sent(&bench.report(&ping[1]));
    assert!(rest.is_empty() || rest == [Message::new(channel, command::PING, &[7; 100])], "{rest:?}");
    bench.echoes(channel);
}

#[test]
fn cancel_after_init_reaches_only_what_came_since() {
    let (mut bench, channel) = one();
    bench.begin(channel, b"\x01old");
    bench.send(channel, command::INIT, &[9; 8]);
    assert_eq!(sent(&bench.send(channel, command::CANCEL, &[])), [], "nobody waits");
    let effects = bench.send(channel, command::CBOR, b"\x01new");
    assert_eq!(started(&effects), None);
    let mut effects = bench.send(channel, command::CANCEL, &[]);
    effects.extend(bench.machine.done(&[KEEPALIVE_CANCEL]));
    if started(&effects).is_some() {
        assert!(effects.contains(&Effect::Cancel), "what was cancelled waits for its user");
        effects.extend(bench.machine.done(&[KEEPALIVE_CANCEL]));
    }
    let mut answers = sent(&effects);
    answers.retain(|message| message.command != command::KEEPALIVE);
    assert_eq!(answers, [Message::new(channel, command::CBOR, &[KEEPALIVE_CANCEL])]);
    bench.begin(channel, &[4]);
    assert_eq!(bench.done(&[0]), [Message::new(channel, command::CBOR, &[0])]);
}

#[test]
fn another_channels_request_waits_for_what_nobody_waits_for_or_is_refused() {
    let (mut bench, channel) = one();
    let other = bench.open();
    bench.begin(channel, b"\x01old");
    bench.send(channel, command::INIT, &[9; 8]);
    let effects = bench.send(other, command::CBOR, b"\x01new");
    assert_eq!(started(&effects), None, "the authenticator is still at the old one");
    let refused = sent(&effects) == [Message::error(other, error::CHANNEL_BUSY)];
    let effects = bench.machine.done(b"\0old");
    assert!(sent(&effects).iter().all(|message| message.command == command::KEEPALIVE), "{effects:?}");
    if !refused {
        assert_eq!(started(&effects), Some((other, Kind::Cbor, b"\x01new".to_vec())));
        assert_eq!(bench.done(b"\0new"), [Message::new(other, command::CBOR, b"\0new")]);
    }
    bench.echoes(channel);
}

/// A client that waits for its turn hears that the device lives.
#[test]
fn a_request_that_waits_for_its_turn_has_signs_of_life() {
    let (mut bench, channel) = one();
    bench.begin(channel, b"\x01old");
    bench.send(channel, command::INIT, &[9; 8]);
    bench.send(channel, command::CBOR, b"\x01new");
    // What waits for the user is the old one.
    bench.machine.waits_for_user(bench.now, true);
    let signs = bench.hear(ms(1000));
    assert!(signs.len() >= 9, "{signs:?}");
    for (_, sign) in signs {
        assert_eq!(sign, Message::new(channel, command::KEEPALIVE, &[PROCESSING]));
    }
}

// §11.2.9.2.1.
#[test]
fn wink_is_seen_and_has_no_data() {
    let (mut bench, channel) = one();
    let effects = bench.send(channel, command::WINK, &[]);
    assert!(effects.contains(&Effect::Wink));
    assert_eq!(sent(&effects), [Message::new(channel, command::WINK, &[])]);
    let effects = bench.send(channel, command::WINK, &[1]);
    assert!(!effects.contains(&Effect::Wink));
    assert_eq!(sent(&effects), [Message::error(channel, error::INVALID_LEN)]);
}

// §11.2.9.2.2.
#[test]
fn a_lock_keeps_others_away_until_it_expires() {
    for seconds in [1, 10] {
        let (mut bench, channel) = one();
        let other = bench.open();
        assert_eq!(bench.ask(channel, command::LOCK, &[seconds]), Message::new(channel, command::LOCK, &[]));
        bench.wait(ms(u64::from(seconds) * 1000 - 1));
        for command in [command::PING, command::CBOR, command::MSG, command::WINK, command::LOCK] {
            let effects = bench.send(other, command, &[1]);
            assert_eq!(effects.len(), 1);
            assert_eq!(sent(&effects), [Message::error(other, error::CHANNEL_BUSY)]);
        }
        bench.echoes(channel);
        bench.begin(channel, &[4]);
        bench.done(&[0]);
        bench.wait(ms(2));
        bench.echoes(other);
    }
}

#[test]
fn a_lock_is_released_by_zero_and_renewed_by_another() {
    let (mut bench, channel) = one();
    let other = bench.open();
    bench.ask(channel, command::LOCK, &[10]);
    assert_eq!(bench.ask(channel, command::LOCK, &[0]), Message::new(channel, command::LOCK, &[]));
    bench.echoes(other);
    bench.ask(channel, command::LOCK, &[2]);
    bench.wait(ms(1500));
    bench.ask(channel, command::LOCK, &[2]);
    bench.wait(ms(1500));
    assert_eq!(bench.ask(other, command::PING, &[]), Message::error(other, error::CHANNEL_BUSY));
    bench.wait(ms(501));
    bench.echoes(other);
}

#[test]
fn a_lock_is_one_byte_of_up_to_ten_seconds() {
    let (mut bench, channel) = one();
    let other = bench.open();
    for seconds in [11, 255] {
        assert_eq!(
            bench.ask(channel, command::LOCK, &[seconds]),
            Message::error(channel, error::INVALID_PAR)
        );
    }
    for data in [&[][..], &[1, 1], &[0; 57]] {
        assert_eq!(bench.ask(channel, command::LOCK, data), Message::error(channel, error::INVALID_LEN));
    }
    bench.echoes(other);
}

#[test]
fn a_channel_can_be_asked_for_in_spite_of_a_lock_or_is_refused() {
    let (mut bench, channel) = one();
    bench.ask(channel, command::LOCK, &[5]);
    let answer = bench.ask(BROADCAST, command::INIT, &[9; 8]);
    if answer.command == command::INIT {
        let new = u32::from_be_bytes(answer.data[8..12].try_into().unwrap());
        assert_eq!(bench.ask(new, command::PING, &[]), Message::error(new, error::CHANNEL_BUSY));
    } else {
        assert_eq!(answer, Message::error(BROADCAST, error::CHANNEL_BUSY));
    }
}

#[test]
fn without_power_no_channel_no_message_and_no_lock_is_left() {
    let (mut bench, channel) = one();
    bench.ask(channel, command::LOCK, &[10]);
    let ping = packets(channel, command::PING, &[7; 100]);
    assert_eq!(bench.report(&ping[0]), []);
    assert_eq!(bench.machine.power_cycle(), []);
    assert_eq!(bench.report(&next(channel, 0, &[7; 59])), []);
    assert_eq!(bench.ask(channel, command::PING, &[]), Message::error(channel, error::INVALID_CHANNEL));
    assert_eq!(bench.hear(ms(20_000)), []);
    let new = bench.open();
    bench.echoes(new);
}

#[test]
fn without_power_a_request_is_given_up_and_its_answer_reaches_nobody() {
    let (mut bench, channel) = one();
    bench.begin(channel, b"\x01old");
    bench.machine.waits_for_user(bench.now, true);
    assert_eq!(bench.machine.power_cycle(), [Effect::Cancel]);
    assert_eq!(bench.hear(ms(1000)), [], "no sign of life of what is gone");
    // Its number may be the old one: to the new client it is a new channel.
    let new = bench.open();
    let effects = bench.send(new, command::CBOR, b"\x01new");
    assert_eq!(started(&effects), None, "the authenticator is still at the old one");
    let effects = bench.machine.done(b"\0old");
    assert!(sent(&effects).iter().all(|message| message.command == command::KEEPALIVE), "{effects:?}");
    assert_eq!(started(&effects), Some((new, Kind::Cbor, b"\x01new".to_vec())));
    assert_eq!(bench.done(b"\0new"), [Message::new(new, command::CBOR, b"\0new")]);
}

#[test]
fn power_that_goes_twice_loses_what_waited_for_its_turn() {
    let (mut bench, channel) = one();
    bench.begin(channel, b"\x01old");
    bench.machine.power_cycle();
    let new = bench.open();
    bench.send(new, command::CBOR, b"\x01new");
    bench.machine.power_cycle();
    let newest = bench.open();
    assert_eq!(bench.machine.done(b"\0old"), []);
    bench.begin(newest, b"\x01newest");
    assert_eq!(bench.done(b"\0newest"), [Message::new(newest, command::CBOR, b"\0newest")]);
}

#[test]
fn an_answer_that_nobody_asked_for_goes_nowhere() {
    let (mut bench, channel) = one();
    assert_eq!(bench.machine.done(&[0]), []);
    assert_eq!(bench.machine.waits_for_user(bench.now, true), []);
    bench.machine.waits_for_user(bench.now, false);
    bench.echoes(channel);
}

/// More than the packets of a message carry cannot be said in CTAPHID: the client gets an error rather than silence.
#[test]
fn an_answer_that_no_packets_can_carry_is_an_error() {
    let (mut bench, channel) = one();
    bench.begin(channel, &[4]);
    let answers = bench.done(&vec![0; 7610]);
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!((answers[0].channel, answers[0].command), (channel, command::ERROR));
    bench.echoes(channel);
}
