//! Load: virtual users who register and log in, at a rate or as fast as the target lets them.
//!
//! Everything that a virtual user has follows from one seed and their number: name, credential id and key. So ten
//! million of them need no storage. They log in by name, with credentials that are not discoverable and have no
//! signature counter.

mod report;
mod user;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use stuntkey::attestation::{AttestationIdentity, CertificateAuthority};
use stuntkey::authenticator::Model;
use stuntkey::fault::Fault;
use stuntkey::webauthn::{Aaguid, AttestationConveyance, Ceremony, ResidentKey, UserVerification};

pub use report::{LoadReport, StepReport};
use user::VirtualUser;

use crate::relying_party::catalogue::plain_faults;
use crate::relying_party::target::{Answer, AuthenticationRequest, RegistrationRequest, Session, Target};

/// How often a watcher is told.
const TICK: Duration = Duration::from_millis(500);

/// A load on one target.
#[must_use]
pub struct Load<'a> {
    target: &'a dyn Target,
    name: String,
    origin: String,
    seed: String,
    users: usize,
    rate: Option<f64>,
    once: Option<u64>,
    logins: f64,
    bad: f64,
    ramp_up: Duration,
    duration: Duration,
    model: Model,
    authority: CertificateAuthority,
    reply: Option<stuntkey::client::Preset>,
    watcher: Option<&'a (dyn Fn(Progress) + Sync)>,
    stop: Option<&'a AtomicBool>,
}

/// How far a load has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Ceremonies that were accepted.
    pub accepted: u64,
    /// Sound ceremonies that were not.
    pub failed: u64,
    /// How long it has run.
    pub elapsed: Duration,
}

/// The four requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    RegistrationOptions,
    RegistrationResult,
    AuthenticationOptions,
    AuthenticationResult,
}

impl Step {
    const ALL: [(Step, &'static str); 4] = [
        (Step::RegistrationOptions, "registration options"),
        (Step::RegistrationResult, "registration result"),
        (Step::AuthenticationOptions, "authentication options"),
        (Step::AuthenticationResult, "authentication result"),
    ];
}

/// What one worker has seen.
struct Tally {
    latencies: BTreeMap<Step, Histogram<u64>>,
    late: Histogram<u64>,
    registered: u64,
    logged_in: u64,
    errors: BTreeMap<(&'static str, &'static str), (u64, String)>,
    bad_sent: u64,
    wrongly_accepted: BTreeMap<String, u64>,
}

/// What workers share.
struct Shared {
    began: Instant,
    accepted: AtomicU64,
    failed: AtomicU64,
    /// The number of the next arrival, at a rate.
    arrivals: AtomicU64,
    over: AtomicBool,
}

impl<'a> Load<'a> {
    /// Ten users, as fast as the target lets them, for ten seconds; half registrations and half logins.
    pub fn new(target: &'a dyn Target, origin: &str) -> Self {
        Self {
            target,
            name: "in process".into(),
            origin: origin.to_owned(),
            seed: crate::core::run::drawn_seed(),
            users: 10,
            rate: None,
            once: None,
            logins: 0.5,
            bad: 0.0,
            ramp_up: Duration::ZERO,
            duration: Duration::from_secs(10),
            model: Model::default(),
            authority: CertificateAuthority::test_root(),
            reply: None,
            watcher: None,
            stop: None,
        }
    }

    /// What the report calls the target.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// What all virtual users follow from. Default: drawn, and told in the report, so that a target that keeps its users
    /// gets others the next time.
    pub fn seed(mut self, seed: &str) -> Self {
        seed.clone_into(&mut self.seed);
        self
    }

    /// How many users are at it at once; at a rate, how many there may be at most.
    pub fn users(mut self, users: usize) -> Self {
        self.users = users.max(1);
        self
    }

    /// So many ceremonies a second, whether the target keeps up or not: an open loop. Latencies count from when a
    /// ceremony was due. Default: a closed loop, each user begins when they have ended.
    pub fn rate(mut self, ceremonies_per_second: f64) -> Self {
        self.rate = Some(ceremonies_per_second.max(f64::MIN_POSITIVE));
        self
    }

    /// So many virtual users register and log in, each once, however long it takes.
    pub fn each_once(mut self, users: u64) -> Self {
        self.once = Some(users);
        self
    }

    /// Which part of the ceremonies is logins, from 0 to 1. Default: half.
    pub fn logins(mut self, share: f64) -> Self {
        self.logins = share.clamp(0.0, 1.0);
        self
    }

    /// Which part of the ceremonies has a fault of the catalogue and has to be refused, from 0 to 1. Default: none.
    pub fn bad(mut self, share: f64) -> Self {
        self.bad = share.clamp(0.0, 1.0);
        self
    }

    /// How long it takes until all users are there, or the rate is reached. Default: no time.
    pub fn ramp_up(mut self, time: Duration) -> Self {
        self.ramp_up = time;
        self
    }

    /// How long it goes on. Default: ten seconds.
    pub fn duration(mut self, time: Duration) -> Self {
        self.duration = time;
        self
    }

    /// The authenticators that virtual users have, but for what follows from the user: an ES256 key, and no counter.
    /// Default: the default model.
    pub fn model(mut self, model: Model) -> Self {
        self.model = model;
        self
    }

    /// The authority at the end of attestation chains. Default: stuntkey's test root.
    pub fn attestation_authority(mut self, authority: CertificateAuthority) -> Self {
        self.authority = authority;
        self
    }

    /// The shape of replies. Default: the one that goes with the options.
    pub fn reply(mut self, preset: stuntkey::client::Preset) -> Self {
        self.reply = Some(preset);
        self
    }

    /// Is told twice a second how far it has come.
    pub fn watcher(mut self, watcher: &'a (dyn Fn(Progress) + Sync)) -> Self {
        self.watcher = Some(watcher);
        self
    }

    /// Becomes true when it is to end.
    pub fn stop_when(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Runs it.
    #[must_use]
    pub fn run(&self) -> LoadReport {
        let shared = Shared {
            began: Instant::now(),
            accepted: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            arrivals: AtomicU64::new(0),
            over: AtomicBool::new(false),
        };
        let identity = self.authority.issue(self.model.aaguid.unwrap_or(Aaguid::STUNTKEY), None);
        let tallies: Mutex<Vec<Tally>> = Mutex::default();
        thread::scope(|scope| {
            let workers: Vec<_> = (0..self.users)
                .map(|worker| {
                    let (shared, identity, tallies) = (&shared, &identity, &tallies);
                    scope.spawn(move || {
                        let tally = Worker::new(self, shared, identity, worker).run();
                        tallies.lock().unwrap_or_else(PoisonError::into_inner).push(tally);
                    })
                })
                .collect();
            if let Some(watcher) = self.watcher {
                scope.spawn(|| {
                    while !shared.over.load(Ordering::Relaxed) {
                        watcher(shared.progress());
                        thread::park_timeout(TICK);
                    }
                });
            }
            for worker in workers {
                // A worker's panic is a bug of ours, and goes on.
                if let Err(panic) = worker.join() {
                    std::panic::resume_unwind(panic);
                }
            }
            shared.over.store(true, Ordering::Relaxed);
        });
        let tallies = tallies.into_inner().unwrap_or_else(PoisonError::into_inner);
        report::make(self, shared.began.elapsed(), tallies)
    }
}

impl Shared {
    fn progress(&self) -> Progress {
        Progress {
            accepted: self.accepted.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            elapsed: self.began.elapsed(),
        }
    }
}

impl Tally {
    fn new() -> Self {
        let histogram = || Histogram::new(3).expect("three digits are what a histogram can have");
        Self {
            latencies: Step::ALL.iter().map(|(step, _)| (*step, histogram())).collect(),
            late: histogram(),
            registered: 0,
            logged_in: 0,
            errors: BTreeMap::new(),
            bad_sent: 0,
            wrongly_accepted: BTreeMap::new(),
        }
    }

    fn error(&mut self, step: &'static str, kind: &'static str, why: &str) {
        let (count, _) =
            self.errors.entry((step, kind)).or_insert_with(|| (0, why.chars().take(200).collect()));
        *count += 1;
    }
}

/// One user at a time, over one connection.
struct Worker<'a> {
    load: &'a Load<'a>,
    shared: &'a Shared,
    identity: &'a AttestationIdentity,
    number: u64,
    random: u64,
    faults: [Vec<&'static Fault>; 2],
    session: Box<dyn Session + 'a>,
    tally: Tally,
}

impl<'a> Worker<'a> {
    fn new(load: &'a Load<'a>, shared: &'a Shared, identity: &'a AttestationIdentity, worker: usize) -> Self {
        let number = u64::try_from(worker).unwrap_or(u64::MAX);
        Self {
            load,
            shared,
            identity,
            number,
            random: user::number_of(&load.seed, number),
            faults: [plain_faults(Ceremony::Create), plain_faults(Ceremony::Get)],
            session: load.target.session(),
            tally: Tally::new(),
        }
    }

    fn run(mut self) -> Tally {
        let workers = u64::try_from(self.load.users).unwrap_or(u64::MAX);
        let share = self.load.ramp_up.mul_f64(ratio(self.number, workers));
        if self.load.rate.is_none() {
            self.sleep_until(self.shared.began + share);
        }
        match self.load.once {
            Some(users) => {
                let mut user = self.number;
                while user < users && !self.is_stopped() {
                    if self.register(user, None) {
                        self.log_in(user, None);
                    }
                    user = user.saturating_add(workers);
                }
            }
            None => self.go_on(workers),
        }
        self.tally
    }

    /// Until the time is over: registers new users, and logs in those that this worker has registered. At a rate, what
    /// is due before the end is done, however late.
    fn go_on(&mut self, workers: u64) {
        let mut registered: u64 = 0;
        while !self.is_stopped() && (self.load.rate.is_some() || !self.is_over()) {
            if !self.wait_for_arrival() {
                break;
            }
            let fault = self.draws(self.load.bad);
            if registered == 0 || !self.draws(self.load.logins) {
                let user = self.number.saturating_add(registered.saturating_mul(workers));
                let fault = if fault { self.fault(Ceremony::Create) } else { None };
                if self.register(user, fault) {
                    registered += 1;
                }
            } else {
                let user = self.number.saturating_add((self.draw() % registered).saturating_mul(workers));
                let fault = if fault { self.fault(Ceremony::Get) } else { None };
                self.log_in(user, fault);
            }
        }
    }

    /// At a rate: until the next ceremony is due. False if it is due after the end.
    fn wait_for_arrival(&mut self) -> bool {
        let Some(rate) = self.load.rate else { return true };
        let arrival = self.shared.arrivals.fetch_add(1, Ordering::Relaxed);
        let due = due(arrival, rate, self.load.ramp_up);
        if due >= self.load.duration {
            return false;
        }
        let due = self.shared.began + due;
        self.sleep_until(due);
        // How late a ceremony begins, because every user was still at it, is a latency of its own.
        let late = Instant::now().saturating_duration_since(due);
        record(&mut self.tally.late, late);
        true
    }

    /// Whether the user is registered now.
    fn register(&mut self, user: u64, fault: Option<&'static Fault>) -> bool {
        let user = VirtualUser::new(&self.load.seed, user);
        self.begin_anew();
        let wanted = RegistrationRequest {
            username: &user.name,
            display_name: &user.name,
            user_verification: UserVerification::Required,
            resident_key: ResidentKey::Discouraged,
            attestation: AttestationConveyance::Direct,
            extensions: "{}",
        };
        let (session, step) = (&mut self.session, Step::RegistrationOptions);
        let answer = timed(&mut self.tally, step, || session.registration_options(&wanted));
        let Some(body) = self.accepted(answer, "registration options") else { return false };
        let reply = user.register(self.load, self.identity, &body, fault);
        let Some(reply) = self.made(reply, "registration") else { return false };
        let (session, step) = (&mut self.session, Step::RegistrationResult);
        let answer = timed(&mut self.tally, step, || session.register(&reply));
        let done = self.ended(answer, "registration result", fault);
        self.tally.registered += u64::from(done);
        done
    }

    fn log_in(&mut self, user: u64, fault: Option<&'static Fault>) {
        let user = VirtualUser::new(&self.load.seed, user);
        self.begin_anew();
        let wanted = AuthenticationRequest {
            username: Some(&user.name),
            user_verification: UserVerification::Required,
        };
        let (session, step) = (&mut self.session, Step::AuthenticationOptions);
        let answer = timed(&mut self.tally, step, || session.authentication_options(&wanted));
        let Some(body) = self.accepted(answer, "authentication options") else { return };
        let reply = user.log_in(self.load, &body, fault);
        let Some(reply) = self.made(reply, "authentication") else { return };
        let (session, step) = (&mut self.session, Step::AuthenticationResult);
        let answer = timed(&mut self.tally, step, || session.authenticate(&reply));
        let done = self.ended(answer, "authentication result", fault);
        self.tally.logged_in += u64::from(done);
    }

    /// Another browser, over the same connection where the target can.
    fn begin_anew(&mut self) {
        if !self.session.renew() {
            self.session = self.load.target.session();
        }
    }

    fn accepted(&mut self, answer: Answer, step: &'static str) -> Option<String> {
        match answer {
            Answer::Accepted(body) => Some(body),
            other => {
                self.failed(&other, step);
                None
            }
        }
    }

    fn made(&mut self, reply: Result<String, String>, what: &'static str) -> Option<String> {
        reply
            .map_err(|why| {
                self.tally.error(what, "no reply", &why);
                self.shared.failed.fetch_add(1, Ordering::Relaxed);
            })
            .ok()
    }

    /// Whether the ceremony was sound and accepted.
    fn ended(&mut self, answer: Answer, step: &'static str, fault: Option<&Fault>) -> bool {
        self.tally.bad_sent += u64::from(fault.is_some());
        match (fault, answer) {
            (None, Answer::Accepted(_)) => {
                self.shared.accepted.fetch_add(1, Ordering::Relaxed);
                true
            }
            (Some(fault), Answer::Accepted(_)) => {
                *self.tally.wrongly_accepted.entry(fault.id().to_owned()).or_default() += 1;
                false
            }
            (Some(_), Answer::Refused(_)) => false,
            (_, other) => {
                self.failed(&other, step);
                false
            }
        }
    }

    fn failed(&mut self, answer: &Answer, step: &'static str) {
        let (kind, why) = match answer {
            Answer::Accepted(_) => return,
            Answer::Refused(why) => ("refused", why),
            Answer::Crashed(how) => ("broke down", how),
            Answer::Hung(how) => ("hung", how),
            Answer::Unreachable(why) => ("not reached", why),
        };
        self.tally.error(step, kind, why);
        self.shared.failed.fetch_add(1, Ordering::Relaxed);
        if kind == "not reached" {
            // A target that is gone is not to be asked as fast as a processor can.
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn fault(&mut self, ceremony: Ceremony) -> Option<&'static Fault> {
        let drawn = usize::try_from(self.draw() >> 32).unwrap_or_default();
        let [create, get] = &self.faults;
        let faults = if ceremony == Ceremony::Create { create } else { get };
        faults.get(drawn % faults.len().max(1)).copied()
    }

    fn is_stopped(&self) -> bool {
        self.load.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    fn is_over(&self) -> bool {
        self.shared.began.elapsed() >= self.load.duration
    }

    fn sleep_until(&self, at: Instant) {
        while !self.is_stopped() {
            match at.saturating_duration_since(Instant::now()) {
                Duration::ZERO => break,
                left => thread::sleep(left.min(TICK)),
            }
        }
    }

    /// Whether something of this probability happens.
    fn draws(&mut self, probability: f64) -> bool {
        probability > 0.0 && ratio(self.draw() >> 32, 1 << 32) < probability
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): even enough for a mix, and the same for the same seed.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn timed(tally: &mut Tally, step: Step, request: impl FnOnce() -> Answer) -> Answer {
    let began = Instant::now();
    let answer = request();
    if let Some(histogram) = tally.latencies.get_mut(&step) {
        record(histogram, began.elapsed());
    }
    answer
}

/// When an arrival is due. The rate rises evenly from nothing during the ramp-up.
fn due(arrival: u64, rate: f64, ramp_up: Duration) -> Duration {
    let (arrival, ramp) = (ratio(arrival, 1), ramp_up.as_secs_f64());
    let during_ramp = rate * ramp / 2.0;
    let seconds = match arrival < during_ramp {
        true => (2.0 * ramp * arrival / rate).sqrt(),
        false => ramp + (arrival - during_ramp) / rate,
    };
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

fn ratio(part: u64, whole: u64) -> f64 {
    // Exact below 2^53, which no count here comes near.
    let float = |number: u64| {
        let (high, low) = (u32::try_from(number >> 32).unwrap_or_default(), number & 0xffff_ffff);
        f64::from(high) * 4_294_967_296.0 + f64::from(u32::try_from(low).unwrap_or_default())
    };
    float(part) / float(whole).max(1.0)
}

/// In microseconds. The histogram grows as it has to, up to centuries.
fn record(histogram: &mut Histogram<u64>, time: Duration) {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    if histogram.record(micros).is_err() {
        histogram.saturating_record(micros);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_come_evenly_after_a_ramp() {
        let second = |arrival, ramp| due(arrival, 100.0, Duration::from_secs(ramp)).as_secs_f64();
        assert_eq!(second(0, 0), 0.0);
        assert_eq!(second(250, 0), 2.5);
        // Half as many as at the full rate come during the ramp.
        assert_eq!(second(200, 4), 4.0);
        assert_eq!(second(50, 4), 2.0);
        assert_eq!(second(300, 4), 5.0);
    }

    #[test]
    fn ratios_are_what_they_are() {
        assert_eq!(ratio(1, 4), 0.25);
        assert_eq!(ratio(1 << 40, 1 << 41), 0.5);
        assert_eq!(ratio(3, 0), 3.0);
    }
}
