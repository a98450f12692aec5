//! Transports: what comes by a wire, into a device and into a client. The properties of `crates/transport/tests/` are the same
//! functions.
#![allow(dead_code, unreachable_pub, reason = "a test takes what it needs")]

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use stuntkey_transport::TransportError;
use stuntkey_transport::apdu::Command as Apdu;
use stuntkey_transport::ctaphid::{Command, CtapHid, Effect, HidChannel, Kind, Offers, Reports};
use stuntkey_transport::nfc::{Applet, Step as CardStep};

#[path = "../../crates/transport/tests/common/mod.rs"]
pub mod common;

use common::hid::{Message, Report, first, ms, next, packets, sent_to};
use common::numbers::{BROADCAST, command, error};

/// A target's name and what it does with its bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target of this file.
pub const TARGETS: [Target; 3] =
    [("ctaphid_device", ctaphid_device), ("ctaphid_client", ctaphid_client), ("apdu", apdu)];

/// CTAPHID's device: whatever comes, at most one request runs, every report is well formed, and it works in the end.
pub fn ctaphid_device(data: &[u8]) {
    let mut bytes = Bytes(data);
    let offers = bytes.one();
    let mut witness = Witness::new(offers & 1 == 0, offers & 2 == 0);
    // More steps say nothing new, and take time.
    for _ in 0..200 {
        if bytes.0.is_empty() {
            break;
        }
        witness.step(&bytes.step());
    }
    witness.ends();
}

/// CTAPHID's client: whatever a device sends, it comes to an end, and what it takes for an answer is one.
pub fn ctaphid_client(data: &[u8]) {
    const NONCE: [u8; 8] = [7; 8];
    let mut bytes = Bytes(data);
    let asks = bytes.one();
    let device = Device { bytes: data.get(1..).unwrap_or_default().to_vec(), at: 0, says: VecDeque::new() };
    let Ok(channel) = HidChannel::open(device, NONCE) else { return };
    let mut channel = channel.patience(ms(1));
    for shift in [0, 2, 4] {
        let command =
            [Command::Cbor, Command::Msg, Command::Ping, Command::Wink][usize::from(asks >> shift & 3)];
        match channel.exchange(command, &[4]) {
            Ok(answer) => assert!(answer.len() <= 7609),
            Err(TransportError::TooLong { length, most }) => assert!(length > most),
            Err(_) => {}
        }
    }
    drop(channel.cancel());
}

/// Commands to cards: what is read is written, and read as the same; and the applet, which answers each, hands an answer over to
/// its last byte.
pub fn apdu(data: &[u8]) {
    if let Some(command) = Apdu::read(data) {
        assert_eq!(Apdu::read(&command.to_bytes()), Some(command), "it is read as another");
    }
    let mut bytes = Bytes(data);
    let offers = bytes.one();
    let mut applet = Applet::new(Offers { cbor: offers & 1 == 0, msg: offers & 2 == 0 });
    let select = b"\x00\xa4\x04\x00\x08\xa0\x00\x00\x06\x47\x2f\x00\x01\x00";
    if offers & 4 == 0 {
        applet.command(select);
    }
    let mut running = None;
    while !bytes.0.is_empty() {
        let length = usize::from(bytes.one());
        let command = match length {
            0 => vec![0x00, 0xc0, 0x00, 0x00, 0x00],
            1 => select.to_vec(),
            2 => [&[0x90, 0x10, 0x00, 0x00, 0xff][..], &[bytes.one(); 255]].concat(),
            3 => [&[0x80, 0x10, 0x80, 0x00, 0x00, 0x02, 0x00][..], &[bytes.one(); 512], &[0, 0]].concat(),
            _ => bytes.some(length),
        };
        let is_extended = matches!(Apdu::read(&command), Some(Apdu { extended: true, .. }));
        let step = applet.command(&command);
        // A reader gets its answer to what it has just sent.
        let hears = !matches!(step, CardStep::Answer(_));
        match step {
            CardStep::Answer(answer) => assert!(answer.len() >= 2 && (is_extended || answer.len() <= 258)),
            CardStep::Start { kind, request, .. } => {
                assert!(!request.is_empty());
                running = Some((kind, is_extended));
            }
            CardStep::Poll | CardStep::Cancel => assert!(running.is_some(), "nothing runs"),
        }
        let choice = bytes.one();
        if choice & 1 == 0
            && hears
            && let Some((kind, extended)) = running.take()
        {
            let length = usize::from(choice) * 8;
            let mut response = vec![choice; length];
            if kind == Kind::Msg {
                response.extend([0x90, 0x00]);
            }
            let answer = applet.done(kind, &response);
            if extended {
                assert_eq!(answer, [&vec![choice; length][..], &[0x90, 0x00]].concat());
            } else if choice & 2 == 0 {
                fetch(&mut applet, answer, &vec![choice; length]);
            }
        }
        if choice == 255 {
            applet.power_cycle();
            running = None;
        }
    }
}

/// Fetches an answer to its end: these bytes.
fn fetch(applet: &mut Applet, mut piece: Vec<u8>, whole: &[u8]) {
    let mut all = Vec::new();
    loop {
        assert!((2..=258).contains(&piece.len()));
        let status = piece.split_off(piece.len() - 2);
        all.extend(piece);
        match status[..] {
            [0x61, _] => {}
            _ => break assert_eq!((all.as_slice(), &status[..]), (whole, &[0x90, 0x00][..])),
        }
        piece = match applet.command(&[0x00, 0xc0, 0x00, 0x00, 0x00]) {
            CardStep::Answer(piece) => piece,
            other => panic!("{other:?}"),
        };
    }
}

/// A device that sends what the bytes say, and is silent where they have come to their end.
struct Device {
    bytes: Vec<u8>,
    at: usize,
    says: VecDeque<Report>,
}

impl Reports for Device {
    fn send(&mut self, _: &Report) -> Result<(), TransportError> {
        Ok(())
    }

    fn receive(&mut self, _: Instant) -> Result<Option<Report>, TransportError> {
        if let Some(report) = self.says.pop_front() {
            return Ok(Some(report));
        }
        let mut bytes = Bytes(self.bytes.get(self.at..).unwrap_or_default());
        if bytes.0.is_empty() {
            return Ok(None);
        }
        let kind = bytes.one();
        // The channel that it gives out.
        let channel = if kind & 0x80 == 0 { 5 } else { bytes.channel() };
        match kind & 7 {
            0 => self.says.push_back(bytes.report()),
            1 => self.says.push_back(next(channel, bytes.one(), &[kind; 59])),
            2 => self.says.extend(packets(channel, command::KEEPALIVE, &[bytes.one() % 4])),
            3 => {
                let answer = [&[7; 8][..], &5_u32.to_be_bytes(), &[2, 0, 0, 0, bytes.one()]].concat();
                let asked = if kind & 0x40 == 0 { BROADCAST } else { 5 };
                self.says.extend(packets(asked, command::INIT, &answer));
            }
            4 => {
                let code = Some(bytes.one()).filter(|code| *code != error::CHANNEL_BUSY);
                // Being busy takes time, and other tests.
                self.says.extend(packets(channel, command::ERROR, &[code.unwrap_or(0x7f)]));
            }
            5 => {
                let (command, length) = (bytes.command(), bytes.length());
                let some = usize::from(bytes.one());
                self.says
                    .extend(packets(channel, command, &vec![command; length.into()]).into_iter().take(some));
            }
            6 => self.says.push_back(first(channel, bytes.command(), bytes.two(), &[kind; 57])),
            _ => {
                self.at = self.bytes.len() - bytes.0.len();
                return if kind == 0xff { Err(TransportError::Closed) } else { Ok(None) };
            }
        }
        self.at = self.bytes.len() - bytes.0.len();
        Ok(self.says.pop_front())
    }
}

/// Bytes that say what happens. Where there are none left, they are zero.
struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn one(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    fn two(&mut self) -> u16 {
        u16::from_be_bytes([self.one(), self.one()])
    }

    fn some(&mut self, length: usize) -> Vec<u8> {
        let (some, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        some.to_vec()
    }

    fn report(&mut self) -> Report {
        let mut report = [0; 64];
        report.iter_mut().for_each(|byte| *byte = self.one());
        report
    }

    /// Few, so that they meet.
    fn channel(&mut self) -> u32 {
        match self.one() {
            0..100 => 1,
            100..140 => 2,
            140..160 => 3,
            160..180 => 5,
            180..190 => 0,
            190..200 => 0x0102_0304,
            _ => BROADCAST,
        }
    }

    fn command(&mut self) -> u8 {
        use command::{CANCEL, CBOR, ERROR, INIT, KEEPALIVE, LOCK, MSG, PING, WINK};
        let known = [CBOR, INIT, PING, CANCEL, MSG, LOCK, WINK, KEEPALIVE, ERROR];
        let byte = self.one();
        known.get(usize::from(byte)).copied().unwrap_or(byte & 0x7f)
    }

    fn length(&mut self) -> u16 {
        match self.one() {
            0 => 7609,
            255 => 1024,
            length => length.into(),
        }
    }

    fn step(&mut self) -> Step {
        match self.one() & 15 {
            0 => Step::Any(self.report()),
            1..=5 => {
                let (peer, channel, command) = ((self.one() % 3).into(), self.channel(), self.command());
                let length = if command == command::INIT { 8 } else { self.length() };
                Step::Message { peer, channel, command, length, packets: usize::MAX }
            }
            6 => {
                let (peer, channel, command) = ((self.one() % 3).into(), self.channel(), self.command());
                let (length, packets) = (self.length(), self.one().into());
                Step::Message { peer, channel, command, length, packets }
            }
            7 | 8 => {
                let (peer, channel, sequence) = ((self.one() % 3).into(), self.channel(), self.one());
                Step::Continuation { peer, channel, sequence }
            }
            9 => {
                let (channel, command, length) = (self.channel(), self.command(), self.two());
                Step::Announced { channel, command, length }
            }
            10 => Step::Wait(u64::from(self.two()) % 12_000),
            11 => Step::Wait(self.one().into()),
            12 => Step::Done(self.one().into()),
            13 => Step::Done(usize::from(self.two()) % 8_000),
            14 => Step::Waits(self.one() & 1 == 0),
            _ => Step::PowerCycle,
        }
    }
}

/// Something that happens to a device.
#[derive(Debug, Clone)]
pub enum Step {
    /// A report of any bytes.
    Any(Report),
    /// The first so many packets of a message.
    Message {
        peer: u32,
        channel: u32,
        command: u8,
        length: u16,
        packets: usize,
    },
    /// A packet that follows, with any number.
    Continuation {
        peer: u32,
        channel: u32,
        sequence: u8,
    },
    /// A first packet that announces any length.
    Announced {
        channel: u32,
        command: u8,
        length: u16,
    },
    Wait(u64),
    Done(usize),
    Waits(bool),
    PowerCycle,
}

fn channel_of(answer: &Message) -> u32 {
    u32::from_be_bytes([answer.data[8], answer.data[9], answer.data[10], answer.data[11]])
}

/// What the device may say, kept by what it was told.
pub struct Witness {
    machine: CtapHid,
    now: Duration,
    /// What the authenticator is at.
    running: Option<(u32, Kind)>,
    /// Channels that were given out since the power was away.
    channels: HashSet<u32>,
}

impl Witness {
    /// A device with one channel, which few sequences would have of themselves.
    pub fn new(cbor: bool, msg: bool) -> Self {
        let machine = CtapHid::new(Offers { cbor, msg });
        let mut witness = Self { machine, now: ms(7), running: None, channels: HashSet::new() };
        let (peer, channel, command) = (0, BROADCAST, command::INIT);
        witness.step(&Step::Message { peer, channel, command, length: 8, packets: 1 });
        witness
    }

    /// In the end it still works, whatever it is at.
    pub fn ends(mut self) {
        self.wait(ms(20_000));
        self.step(&Step::Done(1));
        self.step(&Step::Done(1));
        let effects = self.machine.report(self.now, 0, &packets(BROADCAST, command::INIT, &[1; 8])[0]);
        let answer = sent_to(0, &effects).pop().expect("an answer to INIT");
        let channel = channel_of(&answer);
        let effects = self.machine.report(self.now, 0, &packets(channel, command::PING, &[3])[0]);
        assert_eq!(sent_to(0, &effects), [Message::new(channel, command::PING, &[3])]);
    }

    fn report(&mut self, peer: u32, report: &Report) {
        let effects = self.machine.report(self.now, peer, report);
        self.take(&effects);
    }

    fn take(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Start { channel, kind, request } => {
                    assert_eq!(self.running, None, "a second request while one runs");
                    assert!(self.channels.contains(channel), "a request on a channel that is not there");
                    assert!(*kind == Kind::Msg || !request.is_empty());
                    assert!(request.len() <= 7609);
                    self.running = Some((*channel, *kind));
                }
                Effect::Cancel => {
                    assert!(matches!(self.running, Some((_, _))), "there is nothing to cancel");
                }
                Effect::Send { .. } | Effect::Wink => {}
            }
        }
        for peer in 0..3 {
            for message in sent_to(peer, effects) {
                self.check(&message);
            }
        }
        let to_others = effects.iter().any(|effect| matches!(effect, Effect::Send { peer: 3.., .. }));
        assert!(!to_others, "a report to a peer who has never spoken");
    }

    fn check(&mut self, message: &Message) {
        let Message { channel, command, data } = message;
        match *command {
            command::INIT => {
                assert_eq!(data.len(), 17);
                let given = channel_of(message);
                if *channel == BROADCAST {
                    assert!(given != 0 && given != BROADCAST);
                    assert!(self.channels.insert(given), "a channel that is in use");
                } else {
                    assert_eq!(given, *channel);
                }
            }
            command::ERROR => {
                assert_eq!(data.len(), 1);
                let has_channel = self.channels.contains(channel);
                assert_eq!(data[0] == error::INVALID_CHANNEL, !has_channel && data[0] != error::INVALID_LEN);
            }
            command::KEEPALIVE => {
                assert!(data == &[1] || data == &[2]);
                assert!(self.running.is_some(), "a sign of life, and nothing lives");
            }
            command::PING | command::MSG | command::CBOR => {}
            command::WINK | command::LOCK => assert!(data.is_empty()),
            other => panic!("a message with the command {other:#x}"),
        }
        if *channel != BROADCAST && *command != command::ERROR {
            assert!(self.channels.contains(channel), "a message on a channel that is not there");
        }
    }

    /// Time goes by, and whatever is due comes when it is due.
    pub fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..10_000 {
            let Some(next) = self.machine.next_tick().filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            let effects = self.machine.tick(self.now);
            self.take(&effects);
            assert!(self.machine.next_tick().is_none_or(|next| next > self.now), "it is due at once again");
        }
        self.now = until;
    }

    pub fn step(&mut self, step: &Step) {
        match *step {
            Step::Any(ref report) => self.report(0, report),
            Step::Message { peer, channel, command, length, packets: some } => {
                let data = vec![5; length.into()];
                for packet in packets(channel, command, &data).iter().take(some) {
                    self.report(peer, packet);
                }
            }
            Step::Continuation { peer, channel, sequence } => {
                self.report(peer, &next(channel, sequence, &[6; 59]));
            }
            Step::Announced { channel, command, length } => {
                self.report(0, &first(channel, command, length, &[7; 57]));
            }
            Step::Wait(time) => self.wait(ms(time)),
            Step::Done(length) => {
                if let Some((_, kind)) = self.running.take() {
                    let effects = self.machine.done(&vec![8; length]);
                    // What runs next has its signs of life from now on.
                    let answers = (0..3).flat_map(|peer| sent_to(peer, &effects));
                    let answers: Vec<Message> =
                        answers.filter(|message| message.command != command::KEEPALIVE).collect();
                    assert!(answers.len() <= 1, "{answers:?}");
                    if let [answer] = answers.as_slice() {
                        let of_its_kind = if kind == Kind::Cbor { command::CBOR } else { command::MSG };
                        assert!([of_its_kind, command::ERROR].contains(&answer.command));
                    }
                    self.take(&effects);
                }
            }
            Step::Waits(waits) => {
                let effects = self.machine.waits_for_user(self.now, waits);
                self.take(&effects);
            }
            Step::PowerCycle => {
                let effects = self.machine.power_cycle();
                self.channels.clear();
                self.take(&effects);
            }
        }
    }
}
