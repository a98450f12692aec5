//! The device's side of CTAPHID: a machine that is fed reports and the time, and says what to do.

use std::time::Duration;

use super::message::{Assembly, reports};
use super::packet::{Packet, Report};
use super::{
    BROADCAST, Command, ErrorCode, KeepAlive, MOST_DATA, NONCE_LENGTH, PROTOCOL_VERSION, capability,
};

/// How long the rest of a message may take between two packets (CTAP 2.1 §11.2.5.2).
const PATIENCE: Duration = Duration::from_millis(500);

/// A sign of life is due every 100 ms (§11.2.9.1.7); a little earlier is never late.
const KEEP_ALIVE_EVERY: Duration = Duration::from_millis(80);

/// The longest lock in seconds (§11.2.9.2.2).
const LONGEST_LOCK: u8 = 10;

/// The status of a CTAP2 request that was cancelled (§8.2).
const KEEPALIVE_CANCEL: u8 = 0x2d;

/// The version of the device that INIT tells, which nothing depends on.
const DEVICE_VERSION: [u8; 3] = [1, 0, 0];

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send a report.
    Send {
        /// To whom: the peer whose report is answered.
        peer: u32,
        /// The report.
        report: Report,
    },
    /// Have the authenticator answer, and tell the machine by [`CtapHid::done`]. It never has to do two things at once.
    Start {
        /// The channel of the request.
        channel: u32,
        /// What the request is.
        kind: Kind,
        /// The request.
        request: Vec<u8>,
    },
    /// End the wait for the user, if the authenticator is in one.
    Cancel,
    /// Show that the device is this one.
    Wink,
}

/// What a request to the authenticator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// CTAP2: a command byte and CBOR.
    Cbor,
    /// U2F: an APDU.
    Msg,
}

impl Kind {
    const fn command(self) -> Command {
        match self {
            Self::Cbor => Command::Cbor,
            Self::Msg => Command::Msg,
        }
    }
}

/// What the authenticator speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    /// CTAP2.
    pub cbor: bool,
    /// U2F.
    pub msg: bool,
}

impl Offers {
    fn capabilities(self) -> u8 {
        let cbor = if self.cbor { capability::CBOR } else { 0 };
        let no_msg = if self.msg { 0 } else { capability::NMSG };
        capability::WINK | cbor | no_msg
    }
}

/// Who is at the other end: a channel, and the peer of the transport that spoke on it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Caller {
    peer: u32,
    channel: u32,
}

/// What the device is at.
#[derive(Debug)]
enum Work {
    Nothing,
    /// The rest of a message has to come until a time.
    Assembling {
        caller: Caller,
        command: u8,
        assembly: Assembly,
        until: Duration,
    },
    /// The authenticator works.
    Running {
        caller: Caller,
        kind: Kind,
        next_sign: Duration,
    },
}

/// The device's side of CTAPHID.
///
/// Times are those since any moment that stays the same. Several peers may share the device, as several programs share one
/// on USB; each gets the answers to its own reports.
#[derive(Debug)]
pub struct CtapHid {
    offers: Offers,
    /// Channels are numbered from 1: those below this are there.
    next_channel: u32,
    lock: Option<(u32, Duration)>,
    work: Work,
    /// Whether the authenticator is still at something that nobody waits for any more.
    works_for_nobody: bool,
    /// What begins when it has come to the end of that.
    queued: Option<Vec<u8>>,
    waits_for_user: bool,
}

impl CtapHid {
    /// A device that has just been given power.
    #[must_use]
    pub fn new(offers: Offers) -> Self {
        Self {
            offers,
            next_channel: 1,
            lock: None,
            work: Work::Nothing,
            works_for_nobody: false,
            queued: None,
            waits_for_user: false,
        }
    }

    /// Takes a report.
    pub fn report(&mut self, now: Duration, peer: u32, report: &Report) -> Vec<Effect> {
        let mut effects = self.tick(now);
        let caller = |channel| Caller { peer, channel };
        match Packet::read(report) {
            Packet::Continuation { channel, sequence, data } => {
                let Work::Assembling { caller, command, assembly, until } = &mut self.work else {
                    return effects;
                };
                // One that no message waits for is passed over (§11.2.5.4).
                if caller.channel != channel {
                    return effects;
                }
                let (caller, command) = (*caller, *command);
                *until = now + PATIENCE;
                if assembly.push(sequence, data).is_err() {
                    self.work = Work::Nothing;
                    effects.push(error(caller, ErrorCode::InvalidSequence));
                } else if assembly.is_complete()
                    && let Work::Assembling { assembly, .. } =
                        std::mem::replace(&mut self.work, Work::Nothing)
                {
                    self.complete(now, caller, command, assembly.into_data(), &mut effects);
                }
            }
            Packet::Initialization { channel, command, length, data } => {
                match self.begin(now, caller(channel), command, length, &mut effects) {
                    Ok(true) => {
                        let assembly = Assembly::begin(length, data);
                        if assembly.is_complete() {
                            self.complete(now, caller(channel), command, assembly.into_data(), &mut effects);
                        } else {
                            let until = now + PATIENCE;
                            self.work =
                                Work::Assembling { caller: caller(channel), command, assembly, until };
                        }
                    }
                    Ok(false) => {}
                    Err(code) => effects.push(error(caller(channel), code)),
                }
            }
        }
        effects
    }

    /// Whether a message may begin; `false` for one that needs no more than its first packet.
    fn begin(
        &mut self,
        now: Duration,
        caller: Caller,
        command: u8,
        length: u16,
        effects: &mut Vec<Effect>,
    ) -> Result<bool, ErrorCode> {
        let known = Command::from_number(command);
        let is_there = (1..self.next_channel).contains(&caller.channel);
        let may_speak = is_there || (caller.channel == BROADCAST && known == Some(Command::Init));
        if !may_speak {
            return Err(ErrorCode::InvalidChannel);
        }
        match known {
            // It is taken at any time, and disturbs no other channel (§11.2.5.3).
            Some(Command::Init) if usize::from(length) == NONCE_LENGTH => {
                if caller.channel != BROADCAST {
                    self.abandon(caller.channel, effects);
                }
                return match caller.channel == BROADCAST || !self.is_busy_for(caller.channel) {
                    true => Ok(true),
                    false => Err(ErrorCode::ChannelBusy),
                };
            }
            Some(Command::Init) => return Err(ErrorCode::InvalidLength),
            Some(Command::Cancel) => {
                if let Work::Running { caller: running, kind: Kind::Cbor, .. } = self.work
                    && running.channel == caller.channel
                {
                    match self.queued.take() {
                        Some(_) => {
                            self.work = Work::Nothing;
                            send(running, Command::Cbor.number(), &[KEEPALIVE_CANCEL], effects);
                        }
                        None => effects.push(Effect::Cancel),
                    }
                }
                return Ok(false);
            }
            _ => {}
        }
        if self.lock.is_some_and(|(channel, until)| channel != caller.channel && now < until) {
            return Err(ErrorCode::ChannelBusy);
        }
        match &self.work {
            Work::Assembling { caller: other, .. } if other.channel == caller.channel => {
                self.work = Work::Nothing;
                return Err(ErrorCode::InvalidSequence);
            }
            _ if self.is_busy_for(caller.channel) => return Err(ErrorCode::ChannelBusy),
            _ => {}
        }
        if usize::from(length) > MOST_DATA {
            return Err(ErrorCode::InvalidLength);
        }
        match known {
            Some(Command::Cbor) if self.offers.cbor => Ok(true),
            Some(Command::Msg) if self.offers.msg => Ok(true),
            Some(Command::Ping | Command::Wink | Command::Lock) => Ok(true),
            _ => Err(ErrorCode::InvalidCommand),
        }
    }

    /// Whether a message of this channel has to wait for another's.
    fn is_busy_for(&self, channel: u32) -> bool {
        match &self.work {
            Work::Nothing => false,
            Work::Assembling { caller, .. } => caller.channel != channel,
            Work::Running { .. } => true,
        }
    }

    /// What a channel was at, it is not any more.
    fn abandon(&mut self, channel: u32, effects: &mut Vec<Effect>) {
        match &self.work {
            Work::Assembling { caller, .. } if caller.channel == channel => self.work = Work::Nothing,
            Work::Running { caller, .. } if caller.channel == channel => {
                self.work = Work::Nothing;
                if self.queued.take().is_none() {
                    self.works_for_nobody = true;
                    effects.push(Effect::Cancel);
                }
            }
            _ => {}
        }
    }

    /// A message is there.
    fn complete(
        &mut self,
        now: Duration,
        caller: Caller,
        command: u8,
        data: Vec<u8>,
        effects: &mut Vec<Effect>,
    ) {
        let answer = match Command::from_number(command) {
            Some(Command::Init) => Ok(self.init(caller.channel, &data)),
            Some(Command::Ping) => Ok(data),
            Some(Command::Wink) if data.is_empty() => {
                effects.push(Effect::Wink);
                Ok(data)
            }
            Some(Command::Lock) => match data.as_slice() {
                [0] => {
                    self.lock = None;
                    Ok(Vec::new())
                }
                [seconds @ 1..=LONGEST_LOCK] => {
                    self.lock = Some((caller.channel, now + Duration::from_secs((*seconds).into())));
                    Ok(Vec::new())
                }
                [_] => Err(ErrorCode::InvalidParameter),
                _ => Err(ErrorCode::InvalidLength),
            },
            Some(Command::Cbor) if !data.is_empty() => {
                return self.start(now, caller, Kind::Cbor, data, effects);
            }
            Some(Command::Msg) => {
                return self.start(now, caller, Kind::Msg, data, effects);
            }
            _ => Err(ErrorCode::InvalidLength),
        };
        match answer {
            Ok(answer) => send(caller, command, &answer, effects),
            Err(code) => effects.push(error(caller, code)),
        }
    }

    fn init(&mut self, channel: u32, nonce: &[u8]) -> Vec<u8> {
        let channel = match channel {
            BROADCAST => {
                let new = self.next_channel;
                // The last number before that of the broadcast is given again and again.
                self.next_channel = new.saturating_add(1).min(BROADCAST - 1);
                new
            }
            channel => channel,
        };
        let version = [&[PROTOCOL_VERSION], &DEVICE_VERSION[..], &[self.offers.capabilities()]].concat();
        [nonce, &channel.to_be_bytes(), &version].concat()
    }

    fn start(
        &mut self,
        now: Duration,
        caller: Caller,
        kind: Kind,
        request: Vec<u8>,
        effects: &mut Vec<Effect>,
    ) {
        self.work = Work::Running { caller, kind, next_sign: now + KEEP_ALIVE_EVERY };
        match self.works_for_nobody {
            true => self.queued = Some(request),
            false => effects.push(Effect::Start { channel: caller.channel, kind, request }),
        }
    }

    /// The authenticator has answered what it was [started](Effect::Start) with.
    pub fn done(&mut self, response: &[u8]) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.waits_for_user = false;
        match (&self.work, std::mem::take(&mut self.works_for_nobody)) {
            (Work::Running { caller, kind, .. }, true) => {
                let (channel, kind) = (caller.channel, *kind);
                let request = self.queued.take();
                effects.extend(request.map(|request| Effect::Start { channel, kind, request }));
            }
            (Work::Running { caller, kind, .. }, false) => {
                if response.len() > MOST_DATA {
                    // No packets can carry it (§11.2.4), and the client is not to wait for them.
                    effects.push(error(*caller, ErrorCode::Other));
                } else {
                    send(*caller, kind.command().number(), response, &mut effects);
                }
                self.work = Work::Nothing;
            }
            (Work::Nothing | Work::Assembling { .. }, _) => {}
        }
        effects
    }

    /// The authenticator waits for its user, or does so no more.
    pub fn waits_for_user(&mut self, now: Duration, waits: bool) -> Vec<Effect> {
        let changes = self.waits_for_user != waits;
        self.waits_for_user = waits;
        if let (true, Work::Running { next_sign, .. }) = (changes, &mut self.work) {
            *next_sign = now;
        }
        self.tick(now)
    }

    /// What is due by now.
    pub fn tick(&mut self, now: Duration) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.lock.is_some_and(|(_, until)| until <= now) {
            self.lock = None;
        }
        match &mut self.work {
            Work::Assembling { caller, until, .. } if *until <= now => {
                effects.push(error(*caller, ErrorCode::MessageTimeout));
                self.work = Work::Nothing;
            }
            Work::Running { caller, kind: Kind::Cbor, next_sign } if *next_sign <= now => {
                *next_sign = now + KEEP_ALIVE_EVERY;
                // A request that has not begun yet waits for nobody.
                let status = match self.waits_for_user && self.queued.is_none() {
                    true => KeepAlive::UserPresenceNeeded,
                    false => KeepAlive::Processing,
                };
                send(*caller, Command::KeepAlive.number(), &[status.number()], &mut effects);
            }
            _ => {}
        }
        effects
    }

    /// When something is due next.
    #[must_use]
    pub fn next_tick(&self) -> Option<Duration> {
        match &self.work {
            Work::Nothing | Work::Running { kind: Kind::Msg, .. } => None,
            Work::Assembling { until, .. } => Some(*until),
            Work::Running { next_sign, .. } => Some(*next_sign),
        }
    }

    /// The power was away: no channel is there any more, and nobody waits.
    pub fn power_cycle(&mut self) -> Vec<Effect> {
        let runs = matches!(self.work, Work::Running { .. }) && self.queued.is_none();
        let works_for_nobody = self.works_for_nobody || runs;
        *self = Self { works_for_nobody, ..Self::new(self.offers) };
        if runs { vec![Effect::Cancel] } else { Vec::new() }
    }
}

fn send(caller: Caller, command: u8, data: &[u8], effects: &mut Vec<Effect>) {
    let sent = reports(caller.channel, command, data);
    effects.extend(sent.into_iter().map(|report| Effect::Send { peer: caller.peer, report }));
}

fn error(caller: Caller, code: ErrorCode) -> Effect {
    let sent = reports(caller.channel, Command::Error.number(), &[code.number()]);
    let report = sent.into_iter().next().unwrap_or([0; super::REPORT_LENGTH]);
    Effect::Send { peer: caller.peer, report }
}
