//! CTAPHID (CTAP 2.1 §11.2).

mod play;
mod waiting;

use std::time::{Duration, Instant};

use play::{
    PATIENCE, ask, begin, case, echoes, expect_error, locked, must, new_channel, next, receive, refused,
    send_all, silence, stop, told, wrong_sequence,
};

use crate::authenticator::platform::code::command as ctap;
use crate::authenticator::suite::AuthenticatorCase;
use crate::authenticator::wire::hid::{
    BROADCAST, CAPABILITY_CBOR, CAPABILITY_NMSG, CAPABILITY_WINK, command, error, packets, report,
};
use crate::core::outcome::Stop;

/// The longest message (§11.2.4).
const LONGEST: usize = 7609;

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        case("hid/init/nonce", "answer INIT with the nonce of the request", "§11.2.9.1.3", |hid, seen| {
            let nonce = hid.nonce();
            let answer = ask(hid, seen, BROADCAST, command::INIT, &nonce)?;
            must(answer.command == command::INIT && answer.data.starts_with(&nonce), || {
                format!("INIT with the nonce {nonce:02x?} was answered with {}", told(&answer))
            })
        }),
        case("hid/init/length", "answer INIT with 17 bytes", "§11.2.9.1.3", |hid, seen| {
            let nonce = hid.nonce();
            let answer = ask(hid, seen, BROADCAST, command::INIT, &nonce)?;
            must(answer.data.len() == 17, || format!("INIT was answered with {} bytes", answer.data.len()))
        }),
        case("hid/init/channel", "answer INIT on the channel that asked", "§11.2.9.1.3", |hid, seen| {
            let nonce = hid.nonce();
            let answer = ask(hid, seen, BROADCAST, command::INIT, &nonce)?;
            must(answer.channel == BROADCAST, || format!("INIT was answered on {:02x?}", answer.channel))
        }),
        case("hid/init/version", "tell version 2 of CTAPHID", "§11.2.9.1.3", |hid, seen| {
            let nonce = hid.nonce();
            let answer = ask(hid, seen, BROADCAST, command::INIT, &nonce)?;
            let version = answer.data.get(12).copied();
            must(version == Some(2), || format!("INIT told version {version:?}"))
        }),
        case("hid/init/unique", "give each INIT a channel of its own", "§11.2.3", |hid, _| {
            let mut channels = vec![hid.channel];
            for _ in 0..16 {
                channels.push(new_channel(hid)?);
            }
            channels.sort_unstable();
            let before = channels.len();
            channels.dedup();
            must(channels.len() == before, || "a channel was given twice".to_owned())
        }),
        case("hid/init/reserved", "give no channel 0 and no broadcast channel", "§11.2.3", |hid, _| {
            for _ in 0..8 {
                let channel = new_channel(hid)?;
                must(![[0; 4], BROADCAST].contains(&channel), || {
                    format!("INIT gave the channel {channel:02x?}")
                })?;
            }
            Ok(())
        }),
        case(
            "hid/init/resync",
            "end a channel's unfinished message when the channel begins anew",
            "§11.2.5.3",
            |hid, seen| {
                let channel = hid.channel;
                begin(hid, channel, &[7; 200])?;
                let nonce = hid.nonce();
                let answer = ask(hid, seen, channel, command::INIT, &nonce)?;
                must(answer.command == command::INIT && answer.data.starts_with(&nonce), || {
                    format!("INIT in the middle of a message was answered with {}", told(&answer))
                })?;
                let told_channel = answer.data.get(8..12) == Some(&channel);
                must(told_channel, || "INIT on a channel gave another channel".to_owned())?;
                echoes(hid, seen, channel, &[8; 100])
            },
        ),
        case(
            "hid/init/own-channel",
            "answer INIT on a channel with that channel, when nothing is at work",
            "§11.2.9.1.3",
            |hid, seen| {
                let channel = hid.channel;
                let nonce = hid.nonce();
                let answer = ask(hid, seen, channel, command::INIT, &nonce)?;
                must(answer.command == command::INIT && answer.data.starts_with(&nonce), || {
                    format!("INIT on a channel was answered with {}", told(&answer))
                })?;
                let told_channel = answer.data.get(8..12) == Some(&channel);
                must(told_channel, || "INIT on a channel gave another channel".to_owned())?;
                echoes(hid, seen, channel, &[9; 8])
            },
        ),
        case("hid/channel/zero", "refuse channel 0", "§11.2.3", |hid, seen| {
            refused(hid, seen, [0; 4], command::PING, &[1], error::INVALID_CHANNEL, true)
        }),
        case("hid/channel/unallocated", "refuse a channel that it has not given", "§11.2.3", |hid, seen| {
            let channel = [0x7e, 0xad, 0xbe, 0xef];
            refused(hid, seen, channel, command::PING, &[1], error::INVALID_CHANNEL, true)
        }),
        case(
            "hid/channel/broadcast-ping",
            "refuse all but INIT on the broadcast channel",
            "§11.2.3",
            |hid, seen| refused(hid, seen, BROADCAST, command::PING, &[1], error::INVALID_CHANNEL, false),
        ),
        case(
            "hid/sequence/skipped",
            "refuse a message of which a packet is missing",
            "§11.2.5.4",
            |hid, seen| wrong_sequence(hid, seen, 1),
        ),
        case(
            "hid/sequence/repeated",
            "refuse a message of which a packet comes twice",
            "§11.2.5.4",
            |hid, seen| {
                let channel = hid.channel;
                let sent = packets(channel, command::PING, &[7; 200]);
                for report in sent.iter().take(2).chain(sent.get(1)) {
                    hid.send_report(report).map_err(|trouble| stop(&trouble))?;
                }
                expect_error(hid, seen, channel, error::INVALID_SEQ, "a packet that came twice", false)
            },
        ),
        case("hid/sequence/recovers", "go on after a message out of order", "§11.2.5.4", |hid, seen| {
            let channel = hid.channel;
            begin(hid, channel, &[7; 200])?;
            hid.send_report(&report(channel, &[5])).map_err(|trouble| stop(&trouble))?;
            // What comes of it is another case's.
            receive(hid, seen, play::SILENCE)?;
            echoes(hid, seen, channel, &[9; 10])
        }),
        case(
            "hid/sequence/spurious",
            "pass over a packet that continues nothing",
            "§11.2.5.4",
            |hid, seen| {
                let channel = hid.channel;
                hid.send_report(&report(channel, &[0, 1, 2])).map_err(|trouble| stop(&trouble))?;
                silence(hid, seen, "a packet that continues nothing")
            },
        ),
        case(
            "hid/sequence/interleaved",
            "refuse a message in the middle of another of the same channel",
            "§11.2.5.1",
            |hid, seen| {
                let channel = hid.channel;
                begin(hid, channel, &[7; 200])?;
                hid.send(channel, command::PING, &[1]).map_err(|trouble| stop(&trouble))?;
                expect_error(hid, seen, channel, error::INVALID_SEQ, "a message within another", false)
            },
        ),
        case(
            "hid/busy/assembling",
            "tell another channel that it is busy while a message comes",
            "§11.2.5.1",
            |hid, seen| {
                let (first, second) = (hid.channel, new_channel(hid)?);
                let sent = packets(first, command::PING, &[7; 200]);
                send_all(hid, sent.get(..1).unwrap_or_default())?;
                hid.send(second, command::PING, &[1]).map_err(|trouble| stop(&trouble))?;
                let what = "a message in the middle of another channel's";
                expect_error(hid, seen, second, error::CHANNEL_BUSY, what, false)?;
                send_all(hid, sent.get(1..).unwrap_or_default())?;
                let answer = next(hid, seen, "the first message")?;
                must(answer.channel == first && answer.data == [7; 200], || {
                    format!("the first message was answered with {}", told(&answer))
                })
            },
        ),
        case(
            "hid/busy/init",
            "give another channel while a message comes, or say that it is busy",
            "§11.2.5.3",
            |hid, seen| {
                let channel = hid.channel;
                let sent = packets(channel, command::PING, &[7; 200]);
                send_all(hid, sent.get(..1).unwrap_or_default())?;
                let nonce = hid.nonce();
                let answer = ask(hid, seen, BROADCAST, command::INIT, &nonce)?;
                let is_fair = answer.data.starts_with(&nonce) || answer.error() == Some(error::CHANNEL_BUSY);
                must(is_fair, || format!("INIT was answered with {}", told(&answer)))?;
                send_all(hid, sent.get(1..).unwrap_or_default())?;
                let answer = next(hid, seen, "the first message")?;
                must(answer.data == [7; 200], || {
                    format!("the first message was answered with {}", told(&answer))
                })
            },
        ),
        case(
            "hid/timeout/told",
            "give up a message that does not come to its end, and say so",
            "§11.2.5.2",
            |hid, seen| {
                let channel = hid.channel;
                begin(hid, channel, &[7; 200])?;
                expect_error(hid, seen, channel, error::MSG_TIMEOUT, "a message without its end", false)
            },
        ),
        case(
            "hid/timeout/frees",
            "serve other channels after a message that did not come to its end",
            "§11.2.5.2",
            |hid, seen| {
                let (first, second) = (hid.channel, new_channel(hid)?);
                begin(hid, first, &[7; 200])?;
                receive(hid, seen, PATIENCE)?;
                echoes(hid, seen, second, &[3; 70])
            },
        ),
        case("hid/cancel/idle", "not answer CANCEL", "§11.2.9.1.5", |hid, seen| {
            let channel = hid.channel;
            hid.send(channel, command::CANCEL, &[]).map_err(|trouble| stop(&trouble))?;
            silence(hid, seen, "CANCEL, as nothing was at work")?;
            echoes(hid, seen, channel, &[4; 5])
        }),
        case(
            "hid/wink/answer",
            "answer WINK without data, or refuse it where INIT does not tell of it",
            "§11.2.9.2.1",
            |hid, seen| {
                let channel = hid.channel;
                let has_it = hid.capabilities & CAPABILITY_WINK != 0;
                let answer = ask(hid, seen, channel, command::WINK, &[])?;
                let is_fair = match has_it {
                    true => answer.command == command::WINK && answer.data.is_empty(),
                    false => answer.error() == Some(error::INVALID_CMD),
                };
                must(is_fair, || format!("WINK was answered with {}", told(&answer)))
            },
        ),
        case(
            "hid/lock/others",
            "be busy for others while a channel has locked it, and free when that ends",
            "§11.2.9.2.2",
            |hid, seen| {
                let (first, second) = locked(hid, seen, 10)?;
                hid.send(second, command::PING, &[1]).map_err(|trouble| stop(&trouble))?;
                let what = "a message while another channel has locked the authenticator";
                expect_error(hid, seen, second, error::CHANNEL_BUSY, what, false)?;
                echoes(hid, seen, first, &[2; 3])?;
                ask(hid, seen, first, command::LOCK, &[0])?;
                echoes(hid, seen, second, &[5; 3])
            },
        )
        .may(),
        case("hid/lock/time", "refuse a lock of more than ten seconds", "§11.2.9.2.2", |hid, seen| {
            let (first, _) = locked(hid, seen, 1)?;
            ask(hid, seen, first, command::LOCK, &[0])?;
            let answer = ask(hid, seen, first, command::LOCK, &[11])?;
            if answer.error().is_none() {
                ask(hid, seen, first, command::LOCK, &[0])?;
            }
            must(answer.error() == Some(error::INVALID_PAR), || {
                format!("a lock of 11 seconds was answered with {}", told(&answer))
            })
        }),
        case("hid/lock/expires", "end a lock when its time is over", "§11.2.9.2.2", |hid, seen| {
            let (_, second) = locked(hid, seen, 1)?;
            std::thread::sleep(Duration::from_millis(1200));
            echoes(hid, seen, second, &[6; 3])
        })
        .may(),
        case("hid/padding", "fill reports up with zeros", "§11.2.4", |hid, _| {
            let channel = hid.channel;
            send_all(hid, &packets(channel, command::PING, &[0xff; 3]))?;
            let until = Instant::now() + PATIENCE;
            let report = hid.receive_report(until).map_err(|trouble| stop(&trouble))?;
            let report = report.ok_or_else(|| Stop::hung("PING was not answered"))?;
            let behind = report.get(10..).unwrap_or_default();
            must(behind.iter().all(|byte| *byte == 0), || "bytes behind a message were not zero".to_owned())
        })
        .should(),
        case(
            "hid/msg/nmsg",
            "refuse U2F's messages where INIT says that it takes none, and take them elsewhere",
            "§11.2.9.1.1",
            |hid, seen| {
                let channel = hid.channel;
                let has_none = hid.capabilities & CAPABILITY_NMSG != 0;
                // U2F_VERSION.
                let answer = ask(hid, seen, channel, command::MSG, &[0, 3, 0, 0, 0, 0, 0])?;
                let is_fair = match has_none {
                    true => answer.error() == Some(error::INVALID_CMD),
                    false => answer.command == command::MSG,
                };
                must(is_fair, || format!("a message of U2F was answered with {}", told(&answer)))
            },
        ),
        case(
            "hid/cbor/capability",
            "take CTAP2's requests where INIT says so, and refuse them elsewhere",
            "§11.2.9.1.2",
            |hid, seen| {
                let channel = hid.channel;
                let has_it = hid.capabilities & CAPABILITY_CBOR != 0;
                let answer = ask(hid, seen, channel, command::CBOR, &[ctap::GET_INFO])?;
                let is_fair = match has_it {
                    true => answer.command == command::CBOR,
                    false => answer.error() == Some(error::INVALID_CMD),
                };
                must(is_fair, || format!("getInfo was answered with {}", told(&answer)))
            },
        ),
    ];
    cases.extend([0, 1, 57, 58, 116, 1024, LONGEST].map(|length| {
        case(
            format!("hid/ping/{length}"),
            format!("echo a PING of {length} bytes"),
            "§11.2.9.1.4",
            move |hid, seen| {
                let data: Vec<u8> = (0..=250).cycle().take(length).collect();
                let channel = hid.channel;
                echoes(hid, seen, channel, &data)
            },
        )
        .catches(if length > 57 { "hid/ping/long" } else { "hid/ping/short" })
    }));
    cases.extend([LONGEST + 1, 65_535].map(|length| {
        case(
            format!("hid/length/{length}"),
            format!("refuse a message of {length} bytes, which is too long"),
            "§11.2.4",
            move |hid, seen| {
                let channel = hid.channel;
                let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
                send_all(hid, &[report(channel, &[command::PING, high, low, 1])])?;
                let what = format!("a message of {length} bytes");
                expect_error(hid, seen, channel, error::INVALID_LEN, &what, false)
            },
        )
        .catches("hid/length")
    }));
    cases.extend([0, 7, 9].map(|length: usize| {
        case(
            format!("hid/init/payload/{length}"),
            format!("refuse INIT with {length} bytes"),
            "§11.2.9.1.3",
            move |hid, seen| {
                refused(hid, seen, BROADCAST, command::INIT, &vec![5; length], error::INVALID_LEN, false)
            },
        )
        .should()
        .catches("hid/init/payload")
    }));
    // Those from 0x40 to 0x7f are the vendor's.
    cases.extend([0x02, 0x05, 0x2a, 0x3b, 0x3f].map(|number: u8| {
        case(
            format!("hid/command/{number:#04x}"),
            format!("refuse the command {number:#04x}, which no client sends"),
            "§11.2.9.1.6",
            move |hid, seen| {
                let channel = hid.channel;
                refused(hid, seen, channel, number | 0x80, &[], error::INVALID_CMD, false)
            },
        )
        .catches("hid/command")
    }));
    cases.extend(waiting::cases());
    cases
}
