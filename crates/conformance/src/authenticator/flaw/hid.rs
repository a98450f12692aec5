//! Reports that are lost or changed on the way.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use stuntkey_transport::TransportError;
use stuntkey_transport::ctaphid::Reports;
use stuntkey_transport::host::{Event, Wire};

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::wire::hid::{command, error, packets};

/// What happens to reports.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HidChange {
    /// What the authenticator takes a client's report for. An answer can be put into the memory at once.
    to_device: fn(&mut HidMemory, [u8; 64]) -> Vec<[u8; 64]>,
    /// What becomes of the authenticator's report.
    to_client: fn(&mut HidMemory, [u8; 64]) -> Vec<[u8; 64]>,
}

/// What such a flaw remembers.
#[derive(Debug, Default)]
pub(crate) struct HidMemory {
    /// Reports that go to the client next.
    answers: VecDeque<[u8; 64]>,
    /// How many reports of a kind there were.
    count: u64,
    /// The last report of interest.
    last: Option<[u8; 64]>,
}

/// A way to an authenticator that changes reports.
pub(crate) struct FlawedReports<R> {
    reports: R,
    change: HidChange,
    memory: HidMemory,
}

impl<R: Reports> FlawedReports<R> {
    pub(crate) fn new(reports: R, change: HidChange) -> Self {
        Self { reports, change, memory: HidMemory::default() }
    }
}

impl<R: Reports> Reports for FlawedReports<R> {
    fn send(&mut self, report: &[u8; 64]) -> Result<(), TransportError> {
        let sent = (self.change.to_device)(&mut self.memory, *report);
        sent.iter().try_for_each(|report| self.reports.send(report))
    }

    fn receive(&mut self, until: Instant) -> Result<Option<[u8; 64]>, TransportError> {
        loop {
            if let Some(answer) = self.memory.answers.pop_front() {
                return Ok(Some(answer));
            }
            let Some(report) = self.reports.receive(until)? else { return Ok(None) };
            let received = (self.change.to_client)(&mut self.memory, report);
            self.memory.answers.extend(received);
        }
    }
}

/// The device's end of a wire that changes reports.
struct FlawedWire {
    wire: Arc<Mutex<Box<dyn Wire + Send>>>,
    memory: Arc<Mutex<HidMemory>>,
    change: HidChange,
}

impl Wire for FlawedWire {
    fn send(&mut self, peer: u32, report: &[u8; 64]) -> io::Result<()> {
        let sent = {
            let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            (self.change.to_client)(&mut memory, *report)
        };
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        sent.iter().try_for_each(|report| wire.send(peer, report))
    }
}

/// Puts a change of reports between a wire and its host: what the wire hears comes from `heard`, and goes to `to_host`.
fn between(
    change: HidChange,
    wire: Box<dyn Wire + Send>,
    heard: Receiver<Event>,
    to_host: Sender<Event>,
) -> impl Wire {
    let flawed = FlawedWire { wire: Arc::new(Mutex::new(wire)), memory: Arc::default(), change };
    let (wire, memory) = (Arc::clone(&flawed.wire), Arc::clone(&flawed.memory));
    thread::spawn(move || {
        for event in heard {
            let Event::Report { peer, report } = event else {
                if to_host.send(event).is_err() {
                    return;
                }
                continue;
            };
            let (reports, answers) = {
                let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
                let reports = (change.to_device)(&mut memory, report);
                (reports, std::mem::take(&mut memory.answers))
            };
            for report in reports {
                if to_host.send(Event::Report { peer, report }).is_err() {
                    return;
                }
            }
            let mut wire = wire.lock().unwrap_or_else(PoisonError::into_inner);
            for answer in answers {
                // A peer that is gone is the host's to see.
                drop(wire.send(peer, &answer));
            }
        }
    });
    flawed
}

impl AuthenticatorFlaw {
    /// Whether it is one of CTAPHID, and changes reports.
    #[must_use]
    pub fn is_of_reports(&self) -> bool {
        self.hid().is_some()
    }

    /// Puts the flaw between a wire and its host, if it is one of CTAPHID: what the wire hears comes from `heard`, and goes to
    /// `to_host`. `None` for another flaw.
    pub fn between(
        &self,
        wire: Box<dyn Wire + Send>,
        heard: Receiver<Event>,
        to_host: Sender<Event>,
    ) -> Option<Box<dyn Wire + Send>> {
        Some(Box::new(between(self.hid()?, wire, heard, to_host)))
    }
}

fn through(_: &mut HidMemory, report: [u8; 64]) -> Vec<[u8; 64]> {
    vec![report]
}

/// The channel and the command of a report that begins a message.
fn begins(report: &[u8; 64]) -> Option<([u8; 4], u8)> {
    match *report {
        [a, b, c, d, command, ..] if command & 0x80 != 0 => Some(([a, b, c, d], command)),
        _ => None,
    }
}

const fn to_device(
    id: &'static str,
    sentence: &'static str,
    to_device: fn(&mut HidMemory, [u8; 64]) -> Vec<[u8; 64]>,
) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(id, sentence, Change::Hid(HidChange { to_device, to_client: through }))
}

const fn to_client(
    id: &'static str,
    sentence: &'static str,
    to_client: fn(&mut HidMemory, [u8; 64]) -> Vec<[u8; 64]>,
) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(id, sentence, Change::Hid(HidChange { to_device: through, to_client }))
}

/// Changes one error to another.
fn other_error(report: [u8; 64], from: u8, to: u8) -> Vec<[u8; 64]> {
    match begins(&report) {
        Some((channel, command::ERROR)) if report[7] == from => packets(channel, command::ERROR, &[to]),
        _ => vec![report],
    }
}

/// Says nothing where it should answer with an error.
fn silent(report: [u8; 64], code: u8) -> Vec<[u8; 64]> {
    match begins(&report) {
        Some((_, command::ERROR)) if report[7] == code => Vec::new(),
        _ => vec![report],
    }
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    to_client("hid/init/nonce", "answers INIT with another nonce, but for the first", |memory, report| {
        memory.count += u64::from(is(&report, command::INIT));
        if memory.count < 2 { vec![report] } else { init(report, |data| data[0] ^= 1) }
    }),
    to_client("hid/init/length", "answers INIT with 18 bytes", |_, mut report| {
        if is(&report, command::INIT) {
            report[6] = 18;
        }
        vec![report]
    }),
    to_client(
        "hid/init/channel",
        "answers INIT on the new channel, but for the first",
        |memory, mut report| {
            if is(&report, command::INIT) {
                memory.count += 1;
                if memory.count > 1 {
                    report.copy_within(15..19, 0);
                }
            }
            vec![report]
        },
    ),
    to_client("hid/init/version", "tells version 1 of CTAPHID", |_, report| {
        init(report, |data| data[12] = 1)
    }),
    to_client("hid/init/unique", "gives the same channel to everybody", |memory, report| {
        if !is(&report, command::INIT) {
            return vec![report];
        }
        let first = *memory.last.get_or_insert(report);
        let mut answer = report;
        answer[15..19].copy_from_slice(&first[15..19]);
        vec![answer]
    }),
    to_client("hid/init/reserved", "gives channel 0 to the third who asks", |memory, report| {
        if is(&report, command::INIT) {
            memory.count += 1;
            if memory.count == 3 {
                return init(report, |data| data[8..12].fill(0));
            }
        }
        vec![report]
    }),
    to_device("hid/init/resync", "does not begin anew on a channel that is there", |memory, report| {
        match begins(&report) {
            Some((channel, command::INIT)) if channel != [0xff; 4] => {
                memory.answers.extend(packets(channel, command::ERROR, &[error::CHANNEL_BUSY]));
                Vec::new()
            }
            _ => vec![report],
        }
    }),
    to_client("hid/init/own-channel", "gives another channel where there is one", |_, mut report| {
        if is(&report, command::INIT) && report[..4] != [0xff; 4] {
            report[15] ^= 1;
        }
        vec![report]
    }),
    to_device("hid/init/payload", "gives a channel for a nonce of any length", |_, mut report| {
        if is(&report, command::INIT) {
            (report[5], report[6]) = (0, 8);
        }
        vec![report]
    }),
    to_client("hid/channel/zero", "refuses channel 0 as a command", |_, report| match begins(&report) {
        Some(([0, 0, 0, 0], _)) => other_error(report, error::INVALID_CHANNEL, error::INVALID_CMD),
        _ => vec![report],
    }),
    to_client("hid/channel/unallocated", "refuses unknown channels as busy", |_, report| {
        match begins(&report) {
            Some(([0x7e, ..], _)) => other_error(report, error::INVALID_CHANNEL, error::CHANNEL_BUSY),
            _ => vec![report],
        }
    }),
    to_device(
        "hid/channel/broadcast-ping",
        "answers on the broadcast channel",
        |memory, report| match begins(&report) {
            Some(([0xff, 0xff, 0xff, 0xff], command::PING)) => {
                memory.answers.push_back(report);
                Vec::new()
            }
            _ => vec![report],
        },
    ),
    to_client("hid/sequence/skipped", "says another error where a packet is missing", |memory, report| {
        let next = memory.last.is_some_and(|last| last[4] == 1);
        match next {
            true => other_error(report, error::INVALID_SEQ, error::INVALID_CMD),
            false => other_error(report, error::INVALID_SEQ, error::INVALID_PAR),
        }
    }),
    to_client("hid/sequence/repeated", "says another error where a packet comes twice", |_, report| {
        other_error(report, error::INVALID_SEQ, error::INVALID_PAR)
    }),
    to_device(
        "hid/sequence/recovers",
        "takes nothing any more after a packet out of order",
        |memory, report| {
            let is_odd = begins(&report).is_none() && report[4] == 5 && report[5] == 0;
            memory.count += u64::from(is_odd);
            if memory.count > 0 { Vec::new() } else { vec![report] }
        },
    ),
    to_device("hid/sequence/spurious", "answers packets that continue nothing", |memory, report| {
        match begins(&report) {
            Some(_) => {
                memory.last = Some(report);
            }
            None if memory.last.is_none_or(|last| last[5] == 0 && last[6] <= 57) => {
                let channel = [report[0], report[1], report[2], report[3]];
                memory.answers.extend(packets(channel, command::ERROR, &[error::INVALID_SEQ]));
                return Vec::new();
            }
            None => {}
        }
        vec![report]
    }),
    to_client("hid/sequence/interleaved", "says that it is busy in the middle of a message", |_, report| {
        other_error(report, error::INVALID_SEQ, error::CHANNEL_BUSY)
    }),
    to_client("hid/busy/assembling", "says another error where it is busy", |_, report| {
        other_error(report, error::CHANNEL_BUSY, error::INVALID_CMD)
    }),
    to_device("hid/busy/init", "says that the channel is wrong where a message comes", |memory, report| {
        let is_begun = std::mem::replace(
            &mut memory.last,
            Some(report).filter(|report| is(report, command::PING) && report[6] > 57),
        );
        match (is_begun, begins(&report)) {
            (Some(_), Some(([0xff, 0xff, 0xff, 0xff], command::INIT))) => {
                memory.answers.extend(packets([0xff; 4], command::ERROR, &[error::INVALID_CHANNEL]));
                Vec::new()
            }
            _ => vec![report],
        }
    }),
    to_client("hid/timeout/told", "says nothing when a message does not come to its end", |_, report| {
        silent(report, error::MSG_TIMEOUT)
    }),
    to_client(
        "hid/timeout/frees",
        "stays busy after a message that does not come to its end",
        |memory, report| match begins(&report) {
            Some((_, command::ERROR)) if report[7] == error::MSG_TIMEOUT => {
                memory.count = 1;
                vec![report]
            }
            Some((channel, command::PING)) if memory.count > 0 => {
                packets(channel, command::ERROR, &[error::CHANNEL_BUSY])
            }
            _ => vec![report],
        },
    ),
    to_device("hid/cancel/idle", "answers CANCEL", |memory, report| {
        if let Some((channel, command::CANCEL)) = begins(&report) {
            memory.answers.extend(packets(channel, command::CANCEL, &[]));
        }
        vec![report]
    }),
    to_client("hid/wink/answer", "answers WINK with data", |_, mut report| {
        if is(&report, command::WINK) {
            report[6] = 1;
        }
        vec![report]
    }),
    to_client("hid/lock/others", "locks, and serves others", |memory, report| match begins(&report) {
        Some((channel, command::ERROR)) if report[7] == error::CHANNEL_BUSY => {
            memory.count += 1;
            packets(channel, command::PING, &[1])
        }
        _ => vec![report],
    }),
    to_client("hid/lock/time", "locks for any time", |_, report| match begins(&report) {
        Some((channel, command::ERROR)) if report[7] == error::INVALID_PAR => {
            packets(channel, command::LOCK, &[])
        }
        _ => vec![report],
    }),
    to_device("hid/lock/expires", "locks for ten seconds, whatever is asked for", |_, mut report| {
        if is(&report, command::LOCK) && report[7] > 0 {
            report[7] = 10;
        }
        vec![report]
    }),
    to_client("hid/padding", "sends what stood in its memory behind a message", |_, mut report| {
        if is(&report, command::PING) && report[6] < 50 {
            report[63] = 7;
        }
        vec![report]
    }),
    to_client("hid/msg/nmsg", "says that it takes no U2F, and takes it", |_, report| {
        init(report, |data| data[16] ^= 0x08)
    }),
    to_client("hid/cbor/capability", "does not say that it takes CTAP2", |memory, report| {
        match begins(&report) {
            Some((channel, command::CBOR)) if memory.count == 1 => {
                memory.count = 2;
                packets(channel, command::ERROR, &[error::INVALID_CMD])
            }
            Some((_, command::CBOR)) => {
                // The run's own getInfo comes first.
                memory.count += u64::from(memory.last.is_some());
                memory.last = Some(report);
                vec![report]
            }
            _ => vec![report],
        }
    }),
    to_client("hid/ping/short", "changes what it echoes in the first packet", |_, report| {
        match begins(&report) {
            Some((channel, command::PING)) if report[5] == 0 && report[6] <= 57 => {
                packets(channel, command::PING, &[9; 3])
            }
            _ => vec![report],
        }
    }),
    to_client("hid/ping/long", "changes what it echoes in the second packet", |_, mut report| {
        if begins(&report).is_none() && report[4] == 0 {
            report[5] ^= 1;
        }
        vec![report]
    }),
    to_client("hid/length", "says another error where a message is too long", |_, report| {
        other_error(report, error::INVALID_LEN, error::INVALID_CMD)
    }),
    to_client("hid/command", "says another error where it does not know a command", |_, report| {
        other_error(report, error::INVALID_CMD, error::INVALID_PAR)
    }),
    to_client("hid/cancel/own", "says that the user was too slow where it was cancelled", |_, mut report| {
        if is(&report, command::CBOR) && report[7] == 0x2d {
            report[7] = 0x2f;
        }
        vec![report]
    }),
    to_device("hid/cancel/other-channel", "takes CANCEL from every channel", |memory, mut report| {
        match begins(&report) {
            Some((_, command::CBOR)) => memory.last = Some(report),
            Some((_, command::CANCEL)) => {
                if let Some(last) = memory.last {
                    report[..4].copy_from_slice(&last[..4]);
                }
            }
            _ => {}
        }
        vec![report]
    }),
    to_client("hid/busy/waiting", "says another error while it waits for its user", |_, report| {
        other_error(report, error::CHANNEL_BUSY, error::INVALID_CMD)
    }),
    to_client("hid/keepalive/period", "gives one sign of life", |memory, report| {
        if is(&report, command::KEEPALIVE) {
            memory.count += 1;
            if memory.count > 3 {
                return Vec::new();
            }
        }
        vec![report]
    }),
    to_client(
        "hid/keepalive/status",
        "says after a while that it computes, as it waits",
        |memory, mut report| {
            if is(&report, command::KEEPALIVE) && report[7] == 2 {
                memory.count += 1;
                if memory.count > 1 {
                    report[7] = 1;
                }
            }
            vec![report]
        },
    ),
    to_client("hid/keepalive/none-after", "gives a sign of life after its answer", |_, report| match begins(
        &report,
    ) {
        Some((channel, command::CBOR)) if report[5] > 1 => {
            let mut sent = vec![report];
            sent.extend(packets(channel, command::KEEPALIVE, &[1]));
            sent
        }
        _ => vec![report],
    }),
];

/// Whether the report begins a message of this command.
fn is(report: &[u8; 64], wanted: u8) -> bool {
    matches!(begins(report), Some((_, found)) if found == wanted)
}

/// Changes the data of an answer to INIT.
fn init(mut report: [u8; 64], change: impl FnOnce(&mut [u8; 57])) -> Vec<[u8; 64]> {
    if is(&report, command::INIT)
        && let Some(data) = report.last_chunk_mut()
    {
        change(data);
    }
    vec![report]
}
