//! The device's side of CTAPHID as clients see it: channels, messages in packets, and whose turn it is (CTAP 2.1 §11.2).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod common;

use std::collections::HashSet;

use common::hid::{BOTH, Bench, Message, PEER, first, ms, next, packets, sent, sent_to, started};
use common::numbers::{BROADCAST, command, error};
use stuntkey_transport::ctaphid::{Effect, Kind, Offers};

const NONCE: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn counted(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

// §11.2.9.1.3: the nonce, the channel, the version of the protocol, three bytes of the device's version, capabilities.
#[test]
fn init_tells_the_nonce_a_channel_the_version_and_what_the_device_can() {
    for (cbor, msg) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut bench = Bench::new(Offers { cbor, msg });
        let answer = bench.ask(BROADCAST, command::INIT, &NONCE);
        assert_eq!((answer.channel, answer.command, answer.data.len()), (BROADCAST, command::INIT, 17));
        assert_eq!(answer.data[..8], NONCE);
        assert_eq!(answer.data[12], 2, "the version of the protocol");
        let capabilities = answer.data[16];
        assert_eq!(capabilities & 0x04 != 0, cbor, "CBOR");
        assert_eq!(capabilities & 0x08 != 0, !msg, "NMSG");
        assert_eq!(capabilities & !0x0d, 0, "bits without a meaning");
        let channel = u32::from_be_bytes(answer.data[8..12].try_into().unwrap());
        let winks = bench.ask(channel, command::WINK, &[]).command == command::WINK;
        assert_eq!(capabilities & 0x01 != 0, winks, "WINK");
    }
}

// §11.2.3: 0 is reserved, and FFFFFFFF is the broadcast channel.
#[test]
fn every_channel_is_new_and_none_is_reserved() {
    let mut bench = Bench::new(BOTH);
    let channels: HashSet<u32> = (0..1000).map(|_| bench.open()).collect();
    assert_eq!(channels.len(), 1000);
    assert!(!channels.contains(&0) && !channels.contains(&BROADCAST));
    for channel in channels {
        bench.echoes(channel);
    }
}

#[test]
fn init_takes_a_nonce_of_eight_bytes_and_no_other() {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    for length in [0, 7, 9, 57, 58, 7609] {
        for asked in [BROADCAST, channel] {
            let effects = bench.report(&packets(asked, command::INIT, &counted(length))[0]);
            assert_eq!(sent(&effects), [Message::error(asked, error::INVALID_LEN)], "{length}");
        }
    }
    bench.echoes(channel);
}

#[test]
fn init_on_a_channel_keeps_it_and_gives_up_the_message_that_was_begun() {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    let begun = packets(channel, command::PING, &counted(200));
    assert_eq!(bench.report(&begun[0]), []);
    assert_eq!(bench.report(&begun[1]), []);
    let answer = bench.ask(channel, command::INIT, &NONCE);
    assert_eq!((answer.channel, answer.command), (channel, command::INIT));
    assert_eq!(answer.data[..8], NONCE);
    assert_eq!(answer.data[8..12], channel.to_be_bytes());
    // What is left of the old message belongs to nothing (§11.2.5.4).
    assert_eq!(bench.report(&begun[2]), []);
    bench.echoes(channel);
    assert_eq!(bench.hear(ms(5000)), [], "no time limit is left of it");
}

#[test]
fn init_on_a_channel_ends_its_request_whose_answer_nobody_gets() {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    bench.begin(channel, b"\x04old");
    let effects = bench.send(channel, command::INIT, &NONCE);
    assert!(effects.contains(&Effect::Cancel));
    assert_eq!(sent(&effects)[0].data[8..12], channel.to_be_bytes());
    assert_eq!(bench.hear(ms(1000)), [], "nobody waits");
    // It had not come to an end when the next one came.
    let effects = bench.send(channel, command::CBOR, b"\x04new");
    assert_eq!(started(&effects), None, "the authenticator is still at the old one");
    let effects = bench.machine.done(b"\x2dold");
    assert!(sent(&effects).iter().all(|message| message.command == command::KEEPALIVE), "{effects:?}");
    assert_eq!(started(&effects), Some((channel, Kind::Cbor, b"\x04new".to_vec())));
    assert_eq!(bench.done(b"\0new"), [Message::new(channel, command::CBOR, b"\0new")]);
}

#[test]
fn init_on_the_broadcast_channel_disturbs_no_other() {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    let ping = packets(channel, command::PING, &counted(100));
    assert_eq!(bench.report(&ping[0]), []);
    bench.open();
    assert_eq!(sent(&bench.report(&ping[1])), [Message::new(channel, command::PING, &counted(100))]);
    bench.begin(channel, &[4]);
    let effects = bench.send(BROADCAST, command::INIT, &NONCE);
    assert!(!effects.contains(&Effect::Cancel));
    assert_eq!(bench.done(&[0]), [Message::new(channel, command::CBOR, &[0])]);
}

// §11.2.3.
#[test]
fn a_message_on_a_channel_that_is_not_there_is_refused() {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    for asked in [0, channel + 1, 0x1234_5678, BROADCAST - 1] {
        for command in [command::PING, command::INIT, command::CBOR, command::MSG, command::LOCK, 0x40] {
            let data = if command == command::INIT { &NONCE[..] } else { &[4] };
            let answer = bench.ask(asked, command, data);
            assert_eq!(answer, Message::error(asked, error::INVALID_CHANNEL), "{command:#x} on {asked:#x}");
        }
    }
    for command in [command::PING, command::CBOR, command::MSG, command::LOCK, command::WINK, 0x40] {
        assert_eq!(bench.ask(BROADCAST, command, &[4]), Message::error(BROADCAST, error::INVALID_CHANNEL));
    }
    bench.echoes(channel);
}

// §11.2.9.1.4; 57 bytes are in the first packet, 59 in each that follows, and 7,609 in all of them.
#[test]
fn ping_echoes_messages_of_every_size() {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    for length in [0, 1, 56, 57, 58, 115, 116, 117, 1024, 7608, 7609] {
        let data = counted(length);
        assert_eq!(bench.ask(channel, command::PING, &data), Message::new(channel, command::PING, &data));
    }
}

#[test]
fn a_message_that_no_packets_can_carry_is_refused_at_once() {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    for length in [7610, 0x8000, 65535] {
        for command in [command::PING, command::CBOR, command::MSG] {
            let effects = bench.report(&first(channel, command, length, &[0; 57]));
            assert_eq!(sent(&effects), [Message::error(channel, error::INVALID_LEN)]);
            assert_eq!(bench.report(&next(channel, 0, &[0; 59])), [], "what follows belongs to nothing");
        }
    }
    bench.echoes(channel);
}

// §11.2.5.4.
#[test]
fn a_packet_out_of_its_order_ends_its_message() {
    // Skipped, the first one skipped, and repeated.
    for sequences in [&[0, 2][..], &[1], &[0, 1, 1], &[0, 0], &[127]] {
        let mut bench = Bench::new(BOTH);
        let channel = bench.open();
        assert_eq!(bench.report(&first(channel, command::PING, 1000, &[7; 57])), []);
        let (last, right) = sequences.split_last().unwrap();
        for sequence in right {
            assert_eq!(bench.report(&next(channel, *sequence, &[7; 59])), []);
        }
        let effects = bench.report(&next(channel, *last, &[7; 59]));
        assert_eq!(sent(&effects), [Message::error(channel, error::INVALID_SEQ)], "{sequences:?}");
        assert_eq!(bench.report(&next(channel, 1, &[7; 59])), [], "nothing is left of it");
        bench.echoes(channel);
    }
}

#[test]
fn a_continuation_of_nothing_is_passed_over() {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    let other = bench.open();
    for asked in [channel, 0, 0x1234_5678, BROADCAST] {
        assert_eq!(bench.report(&next(asked, 0, &[7; 59])), []);
    }
    let ping = packets(channel, command::PING, &counted(100));
    assert_eq!(bench.report(&ping[0]), []);
    assert_eq!(bench.report(&next(other, 0, &[7; 59])), [], "another channel's");
    assert_eq!(sent(&bench.report(&ping[1])), [Message::new(channel, command::PING, &counted(100))]);
}

// §11.2.5.1, §11.2.5.4.
#[test]
fn another_message_within_one_is_out_of_order() {
    for command in [command::PING, command::CBOR, command::MSG, command::WINK, command::LOCK, 0x40] {
        let mut bench = Bench::new(BOTH);
        let channel = bench.open();
        let begun = packets(channel, command::PING, &counted(100));
        assert_eq!(bench.report(&begun[0]), []);
        assert_eq!(bench.ask(channel, command, &[]), Message::error(channel, error::INVALID_SEQ));
        bench.echoes(channel);
    }
}

#[test]
fn while_one_channel_sends_another_hears_that_the_device_is_busy() {
    for command in [command::PING, command::CBOR, command::MSG, command::WINK, command::LOCK] {
        let mut bench = Bench::new(BOTH);
        let (channel, other) = (bench.open(), bench.open());
        let ping = packets(channel, command::PING, &counted(150));
        for packet in &ping[..2] {
            assert_eq!(bench.report(packet), []);
            let effects = bench.report(&packets(other, command, &[1])[0]);
            assert_eq!(sent(&effects), [Message::error(other, error::CHANNEL_BUSY)]);
            assert_eq!(effects.len(), 1);
        }
        assert_eq!(sent(&bench.report(&ping[2])), [Message::new(channel, command::PING, &counted(150))]);
        bench.echoes(other);
    }
}

#[test]
fn while_one_channel_waits_another_hears_that_the_device_is_busy() {
    let mut bench = Bench::new(BOTH);
    let (channel, other) = (bench.open(), bench.open());
    for kind in [command::CBOR, command::MSG] {
        let effects = bench.send(channel, kind, &[4]);
        assert!(started(&effects).is_some());
        for command in [command::PING, command::CBOR, command::MSG, command::WINK, command::LOCK] {
            assert_eq!(bench.ask(other, command, &[1]), Message::error(other, error::CHANNEL_BUSY));
            let effects = bench.send(channel, command, &[1]);
            assert_eq!(started(&effects), None, "one request at a time");
            let own = sent(&effects);
            let refused = [error::CHANNEL_BUSY, error::INVALID_SEQ].map(|code| Message::error(channel, code));
            assert!(own.len() == 1 && refused.contains(&own[0]), "{own:?}");
        }
        assert_eq!(bench.done(&[0, 9]), [Message::new(channel, kind, &[0, 9])]);
        bench.echoes(other);
    }
}

// §11.2.5.2; devices wait about half a second.
#[test]
fn a_message_whose_rest_does_not_come_ends_and_frees_the_device() {
    let mut bench = Bench::new(BOTH);
    let (channel, other) = (bench.open(), bench.open());
    let ping = packets(channel, command::PING, &counted(150));
    assert_eq!(bench.report(&ping[0]), []);
    assert_eq!(bench.wait(ms(90)), []);
    assert_eq!(bench.report(&ping[1]), []);
    let heard = bench.hear(ms(3000));
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].1, Message::error(channel, error::MSG_TIMEOUT));
    assert!((ms(100)..=ms(3000)).contains(&heard[0].0), "{:?}", heard[0].0);
    assert_eq!(bench.report(&ping[2]), []);
    bench.echoes(other);
    bench.echoes(channel);
}

/// Who looks at the clock late hears of it with the next report.
#[test]
fn a_message_that_ended_unseen_does_not_stand_in_anothers_way() {
    let mut bench = Bench::new(BOTH);
    let (channel, other) = (bench.open_from(7), bench.open());
    let begun = packets(channel, command::PING, &counted(150));
    assert_eq!(bench.machine.report(bench.now, 7, &begun[0]), []);
    bench.now += ms(10_000);
    let effects = bench.send(other, command::PING, b"after");
    assert_eq!(sent_to(7, &effects), [Message::error(channel, error::MSG_TIMEOUT)]);
    assert_eq!(sent_to(PEER, &effects), [Message::new(other, command::PING, b"after")]);
}

// §11.2.9.1.6.
#[test]
fn a_command_that_is_not_known_is_refused() {
    let mut bench = Bench::new(BOTH);
    let channel = bench.open();
    // KEEPALIVE and ERROR are the device's alone.
    for command in [0x00, 0x02, 0x05, 0x07, 0x09, 0x12, 0x3a, 0x3b, 0x3f, 0x40, 0x7f] {
        assert_eq!(
            bench.ask(channel, command, &[]),
            Message::error(channel, error::INVALID_CMD),
            "{command:#x}"
        );
        let effects = bench.report(&packets(channel, command, &counted(100))[0]);
        assert_eq!(sent(&effects), [Message::error(channel, error::INVALID_CMD)], "{command:#x}");
    }
    bench.echoes(channel);
}

#[test]
fn what_the_device_does_not_speak_is_not_known() {
    for (offers, refused) in [
        (Offers { cbor: true, msg: false }, &[command::MSG][..]),
        (Offers { cbor: false, msg: true }, &[command::CBOR]),
        (Offers { cbor: false, msg: false }, &[command::CBOR, command::MSG]),
    ] {
        let mut bench = Bench::new(offers);
        let channel = bench.open();
        for command in refused {
            assert_eq!(bench.ask(channel, *command, &[4]), Message::error(channel, error::INVALID_CMD));
        }
        bench.echoes(channel);
    }
}

#[test]
fn an_answer_goes_to_the_one_who_asked() {
    let mut bench = Bench::new(BOTH);
    let (mine, yours) = (bench.open_from(7), bench.open_from(8));
    for (peer, other, channel) in [(7, 8, mine), (8, 7, yours)] {
        let effects = bench.send_from(peer, channel, command::PING, &[peer.try_into().unwrap()]);
        assert_eq!(sent_to(peer, &effects).len(), 1);
        assert_eq!(sent_to(other, &effects), []);
    }
    let effects = bench.send_from(7, mine, command::CBOR, &[4]);
    assert_eq!(started(&effects), Some((mine, Kind::Cbor, vec![4])));
    // In the meantime the other is refused, and opens another channel.
    let effects = bench.send_from(8, yours, command::CBOR, &[4]);
    assert_eq!(sent_to(8, &effects), [Message::error(yours, error::CHANNEL_BUSY)]);
    assert_eq!(sent_to(7, &effects), []);
    bench.open_from(8);
    let signs = bench.wait(ms(300));
    assert!(!signs.is_empty());
    for (_, sign) in signs {
        assert!(matches!(sign, Effect::Send { peer: 7, .. }), "{sign:?}");
    }
    let effects = bench.machine.done(&[0]);
    assert_eq!(sent_to(7, &effects), [Message::new(mine, command::CBOR, &[0])]);
    assert_eq!(sent_to(8, &effects), []);
}

#[test]
fn packets_of_two_peers_between_each_other_are_told_apart() {
    let mut bench = Bench::new(BOTH);
    let (mine, yours) = (bench.open_from(7), bench.open_from(8));
    let ping = packets(mine, command::PING, &counted(200));
    let other = packets(yours, command::PING, &counted(200));
    let mut answers = Vec::new();
    for (mine, yours) in ping.iter().zip(&other) {
        answers.extend(bench.machine.report(bench.now, 7, mine));
        answers.extend(bench.machine.report(bench.now, 8, yours));
    }
    assert_eq!(sent_to(7, &answers), [Message::new(mine, command::PING, &counted(200))]);
    assert_eq!(sent_to(8, &answers), [Message::error(yours, error::CHANNEL_BUSY)]);
}
