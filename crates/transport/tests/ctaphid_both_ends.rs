//! CTAPHID's device and client of ours, at both ends of nothing at all.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod common;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::hid::{BOTH, Message, Report, ms, sent, started};
use common::numbers::command;
use stuntkey_transport::TransportError;
use stuntkey_transport::ctaphid::{Command, CtapHid, Effect, HidChannel, Reports};

const NONCE: [u8; 8] = *b"my nonce";
const NOTHING: [u8; 0] = [];

/// A device as it should be, whose authenticator answers when it is told to.
struct Sound {
    machine: CtapHid,
    begun: Instant,
    says: VecDeque<Report>,
    /// How it answers each request, and how late.
    answer: fn(&[u8]) -> (Duration, Vec<u8>),
    due: Option<(Instant, Vec<u8>)>,
    log: Arc<Mutex<Vec<Message>>>,
}

impl Sound {
    fn take(&mut self, effects: &[Effect]) {
        if let Some((_, _, request)) = started(effects) {
            let (late, answer) = (self.answer)(&request);
            self.due = Some((Instant::now() + late, answer));
        }
        if effects.contains(&Effect::Cancel)
            && let Some((at, answer)) = &mut self.due
        {
            (*at, *answer) = (Instant::now(), vec![0x2d]);
        }
        self.log.lock().unwrap().extend(sent(effects));
        self.says.extend(effects.iter().filter_map(|effect| match effect {
            Effect::Send { report, .. } => Some(*report),
            _ => None,
        }));
    }
}

impl Reports for Sound {
    fn send(&mut self, report: &Report) -> Result<(), TransportError> {
        let effects = self.machine.report(self.begun.elapsed(), 0, report);
        self.take(&effects);
        Ok(())
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        while Instant::now() < until {
            if let Some(report) = self.says.pop_front() {
                return Ok(Some(report));
            }
            if self.due.as_ref().is_some_and(|(at, _)| *at <= Instant::now()) {
                let (_, answer) = self.due.take().unwrap();
                let effects = self.machine.done(&answer);
                self.take(&effects);
            }
            let effects = self.machine.tick(self.begun.elapsed());
            self.take(&effects);
            std::thread::sleep(ms(1));
        }
        Ok(None)
    }
}

fn sound(answer: fn(&[u8]) -> (Duration, Vec<u8>)) -> Sound {
    let (begun, says, due) = (Instant::now(), VecDeque::new(), None);
    Sound { machine: CtapHid::new(BOTH), begun, says, answer, due, log: Arc::default() }
}

#[test]
fn messages_of_every_size_go_there_and_back() {
    let mut channel = HidChannel::open(sound(|request| (ms(0), request.to_vec())), NONCE).unwrap();
    for length in [1, 56, 57, 58, 115, 116, 117, 1024, 7608, 7609] {
        let data: Vec<u8> = (0..=255).cycle().take(length).collect();
        for command in [Command::Ping, Command::Cbor, Command::Msg] {
            assert_eq!(channel.exchange(command, &data).unwrap(), data);
        }
    }
    assert_eq!(channel.exchange(Command::Wink, &[]).unwrap(), NOTHING);
    assert_eq!(channel.exchange(Command::Lock, &[1]).unwrap(), NOTHING);
}

/// What the machine of the device says is what §11.2.4 draws, and a client of ours reads no other.
#[test]
fn a_device_and_a_client_of_ours_speak_the_standard_to_each_other() {
    let device = sound(|_| (ms(250), vec![0]));
    let log = Arc::clone(&device.log);
    let mut channel = HidChannel::open(device, NONCE).unwrap();
    channel.exchange(Command::Cbor, &[4]).unwrap();
    let log = log.lock().unwrap();
    let commands: Vec<u8> = log.iter().map(|message| message.command).collect();
    assert_eq!(commands.first(), Some(&command::INIT));
    assert_eq!(commands.last(), Some(&command::CBOR));
    assert!(commands[1..commands.len() - 1].iter().all(|command| *command == command::KEEPALIVE));
    assert!(commands.len() >= 4, "{commands:x?}");
}
