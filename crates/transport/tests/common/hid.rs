//! Reports, taken apart and put together as CTAP 2.1 §11.2.4 draws them, and a device under test on a bench.

use std::time::Duration;

use stuntkey_transport::ctaphid::{CtapHid, Effect, Kind, Offers};

use super::numbers::{BROADCAST, command};

pub type Report = [u8; 64];

pub const BOTH: Offers = Offers { cbor: true, msg: true };

/// A message of CTAPHID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub channel: u32,
    pub command: u8,
    pub data: Vec<u8>,
}

impl Message {
    pub fn new(channel: u32, command: u8, data: &[u8]) -> Self {
        Self { channel, command, data: data.to_vec() }
    }

    pub fn error(channel: u32, code: u8) -> Self {
        Self::new(channel, command::ERROR, &[code])
    }
}

/// An initialization packet: CID, the command with its high bit, BCNT, 57 bytes.
pub fn first(channel: u32, command: u8, length: u16, data: &[u8]) -> Report {
    filled(&[&channel.to_be_bytes()[..], &[0x80 | command], &length.to_be_bytes(), data].concat())
}

/// A continuation packet: CID, SEQ, 59 bytes.
pub fn next(channel: u32, sequence: u8, data: &[u8]) -> Report {
    filled(&[&channel.to_be_bytes()[..], &[sequence], data].concat())
}

fn filled(bytes: &[u8]) -> Report {
    let mut report = [0; 64];
    report[..bytes.len()].copy_from_slice(bytes);
    report
}

/// The packets of a message.
pub fn packets(channel: u32, command: u8, data: &[u8]) -> Vec<Report> {
    let (beginning, rest) = data.split_at(data.len().min(57));
    let mut packets = vec![first(channel, command, u16::try_from(data.len()).unwrap(), beginning)];
    packets.extend((0..).zip(rest.chunks(59)).map(|(sequence, data)| next(channel, sequence, data)));
    packets
}

/// The messages in these reports. Each report is one that §11.2.4 allows a device to send, or this panics: no message is cut
/// off, no other comes between its packets, and what is not used is zero.
pub fn messages<'r>(reports: impl IntoIterator<Item = &'r Report>) -> Vec<Message> {
    let mut reports = reports.into_iter();
    let mut messages = Vec::new();
    while let Some(report) = reports.next() {
        let channel = u32::from_be_bytes(report[..4].try_into().unwrap());
        assert_ne!(report[4] & 0x80, 0, "a continuation packet of nothing");
        let length = usize::from(u16::from_be_bytes([report[5], report[6]]));
        assert!(length <= 7609, "{length} bytes");
        let mut data = report[7..].to_vec();
        for sequence in 0.. {
            if data.len() >= length {
                break;
            }
            let more = reports.next().expect("the rest of a message");
            assert_eq!((&more[..4], more[4]), (&report[..4], sequence));
            data.extend_from_slice(&more[5..]);
        }
        let unused = data.split_off(length);
        assert!(unused.iter().all(|byte| *byte == 0), "what is not used is zero");
        messages.push(Message { channel, command: report[4] & 0x7f, data });
    }
    messages
}

/// The messages among effects, whoever they go to.
pub fn sent(effects: &[Effect]) -> Vec<Message> {
    messages(effects.iter().filter_map(|effect| match effect {
        Effect::Send { report, .. } => Some(report),
        _ => None,
    }))
}

/// The messages to a peer.
pub fn sent_to(peer: u32, effects: &[Effect]) -> Vec<Message> {
    messages(effects.iter().filter_map(|effect| match effect {
        Effect::Send { peer: to, report } if *to == peer => Some(report),
        _ => None,
    }))
}

/// The one request that begins.
pub fn started(effects: &[Effect]) -> Option<(u32, Kind, Vec<u8>)> {
    let mut starts = effects.iter().filter_map(|effect| match effect {
        Effect::Start { channel, kind, request } => Some((*channel, *kind, request.clone())),
        _ => None,
    });
    let start = starts.next();
    assert_eq!(starts.next(), None, "two begin at once");
    start
}

/// A device with a clock that is set by hand. What is not said otherwise comes from peer 1.
pub struct Bench {
    pub machine: CtapHid,
    pub now: Duration,
    nonce: u64,
}

pub const PEER: u32 = 1;

impl Bench {
    pub fn new(offers: Offers) -> Self {
        // Any moment may be the first.
        Self { machine: CtapHid::new(offers), now: Duration::from_secs(100), nonce: 0 }
    }

    pub fn report(&mut self, report: &Report) -> Vec<Effect> {
        self.machine.report(self.now, PEER, report)
    }

    /// Sends a whole message from a peer.
    pub fn send_from(&mut self, peer: u32, channel: u32, command: u8, data: &[u8]) -> Vec<Effect> {
        let packets = packets(channel, command, data);
        packets.iter().flat_map(|packet| self.machine.report(self.now, peer, packet)).collect()
    }

    pub fn send(&mut self, channel: u32, command: u8, data: &[u8]) -> Vec<Effect> {
        self.send_from(PEER, channel, command, data)
    }

    /// The one message that is answered with.
    pub fn ask(&mut self, channel: u32, command: u8, data: &[u8]) -> Message {
        let mut answers = sent(&self.send(channel, command, data));
        assert_eq!(answers.len(), 1, "{answers:?}");
        answers.remove(0)
    }

    /// Asks for a channel.
    pub fn open(&mut self) -> u32 {
        self.open_from(PEER)
    }

    pub fn open_from(&mut self, peer: u32) -> u32 {
        self.nonce += 1;
        let nonce = self.nonce.to_be_bytes();
        let effects = self.send_from(peer, BROADCAST, command::INIT, &nonce);
        let answers = sent_to(peer, &effects);
        assert_eq!((answers[0].channel, answers[0].command), (BROADCAST, command::INIT), "{answers:?}");
        assert_eq!(answers[0].data[..8], nonce);
        u32::from_be_bytes(answers[0].data[8..12].try_into().unwrap())
    }

    /// Begins a CTAP2 request, which the machine hands to the authenticator.
    pub fn begin(&mut self, channel: u32, request: &[u8]) {
        let effects = self.send(channel, command::CBOR, request);
        assert_eq!(started(&effects), Some((channel, Kind::Cbor, request.to_vec())));
    }

    pub fn done(&mut self, response: &[u8]) -> Vec<Message> {
        sent(&self.machine.done(response))
    }

    /// Lets time go by, and looks whenever the machine wants to: what was due, and after how long.
    pub fn wait(&mut self, time: Duration) -> Vec<(Duration, Effect)> {
        let begun = self.now;
        let until = begun + time;
        let mut due = Vec::new();
        for _ in 0..10_000 {
            match self.machine.next_tick() {
                Some(next) if next <= until => self.now = self.now.max(next),
                _ => {
                    self.now = until;
                    let late = self.machine.tick(self.now);
                    assert_eq!(late, [], "something was due that it had not said");
                    return due;
                }
            }
            let effects = self.machine.tick(self.now);
            due.extend(effects.into_iter().map(|effect| (self.now - begun, effect)));
        }
        panic!("it is due again and again");
    }

    /// The messages that come of themselves within a time, and after how long.
    pub fn hear(&mut self, time: Duration) -> Vec<(Duration, Message)> {
        let due = self.wait(time);
        let message = |(at, effect)| sent(&[effect]).pop().map(|message| (at, message));
        due.into_iter().filter_map(message).collect()
    }

    /// Whether the device works: an echo on this channel.
    pub fn echoes(&mut self, channel: u32) {
        assert_eq!(
            self.ask(channel, command::PING, b"still there"),
            Message::new(channel, command::PING, b"still there")
        );
    }
}

pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
