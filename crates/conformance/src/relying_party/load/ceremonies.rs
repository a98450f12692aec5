//! The ceremonies of one worker: its virtual users come one after the other, over one connection.

use std::ops::Range;
use std::thread;
use std::time::Duration;

use stuntkey::fault::Fault;
use stuntkey::webauthn::{AttestationConveyance, Ceremony, ResidentKey, UserVerification};

use super::user::{Kit, VirtualUser};
use super::{LOGIN, REGISTRATION};
use crate::core::load::worker::Worker;
use crate::relying_party::catalogue::plain_faults;
use crate::relying_party::target::{Answer, AuthenticationRequest, RegistrationRequest, Session, Target};

/// The four requests.
pub(super) const STEPS: [&str; 4] =
    [REGISTRATION_OPTIONS, REGISTRATION_RESULT, AUTHENTICATION_OPTIONS, AUTHENTICATION_RESULT];
const REGISTRATION_OPTIONS: &str = "registration options";
const REGISTRATION_RESULT: &str = "registration result";
const AUTHENTICATION_OPTIONS: &str = "authentication options";
const AUTHENTICATION_RESULT: &str = "authentication result";

/// Where the numbers of users begin whose registration has a fault. A target that accepts it has the credential, so it may
/// refuse another registration of that user; and nobody else has these numbers, as no load is so long.
const FAULTY: u64 = 1 << 40;

/// What came of the reply of a registration.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// There was none.
    Nothing,
    Registered,
    /// It was not accepted, or had a fault.
    InVain,
}

/// Who is registered of a worker's users, which have the numbers from 0.
#[derive(Default)]
struct Numbers {
    /// The first that was never sent.
    next: u64,
    registered: u64,
    /// Those before it that are not registered, or perhaps: the connection broke, say. They are not tried again. Ascending,
    /// and none begins where another ends.
    in_vain: Vec<Range<u64>>,
}

impl Numbers {
    fn count(&mut self, sent: Sent) {
        let after = self.next + 1;
        match sent {
            Sent::Nothing => return,
            Sent::Registered => self.registered += 1,
            Sent::InVain => match self.in_vain.last_mut().filter(|last| last.end == self.next) {
                Some(last) => last.end = after,
                None => self.in_vain.push(self.next..after),
            },
        }
        self.next = after;
    }

    /// The number of the registered user at this place among all who are registered, from 0.
    fn nth(&self, place: u64) -> u64 {
        let mut number = place;
        for gap in &self.in_vain {
            if gap.start > number {
                break;
            }
            number += gap.end - gap.start;
        }
        number
    }
}

/// How the ceremonies are mixed, as fractions.
#[derive(Clone, Copy)]
pub(super) struct Shares {
    pub(super) logins: f64,
    pub(super) bad: f64,
}

/// The ceremonies of one worker.
pub(super) struct Ceremonies<'w, 'c, 'a> {
    worker: &'w mut Worker<'c>,
    target: &'a dyn Target,
    session: Box<dyn Session + 'a>,
    kit: &'a Kit<'a>,
    shares: Shares,
    faults: [Vec<&'static Fault>; 2],
}

impl<'w, 'c, 'a> Ceremonies<'w, 'c, 'a> {
    pub(super) fn new(
        worker: &'w mut Worker<'c>,
        target: &'a dyn Target,
        kit: &'a Kit<'a>,
        shares: Shares,
    ) -> Self {
        let faults = match shares.bad > 0.0 {
            true => [plain_faults(Ceremony::Create), plain_faults(Ceremony::Get)],
            false => [Vec::new(), Vec::new()],
        };
        Self { worker, target, session: target.session(), kit, shares, faults }
    }

    /// Each of so many users registers and logs in once; this worker takes its share of them.
    pub(super) fn each_once(&mut self, users: u64) {
        self.worker.wait_for_ramp_up();
        let mut user = self.worker.number;
        while user < users && !self.worker.is_stopped() {
            if self.register(user, None) == Sent::Registered {
                self.log_in(user, None);
            }
            user = user.saturating_add(self.worker.users());
        }
    }

    /// Until the time is over: registers new users, and logs in those that this worker has registered.
    pub(super) fn until_the_end(&mut self) {
        self.worker.wait_for_ramp_up();
        let user = |worker: &Worker<'_>, index: u64| {
            worker.number.saturating_add(index.saturating_mul(worker.users()))
        };
        let mut sound = Numbers::default();
        let mut faulty: u64 = 0;
        while self.worker.wait_for_turn() {
            let is_bad = self.worker.draws(self.shares.bad);
            let log_in = sound.registered > 0 && self.worker.draws(self.shares.logins);
            match (log_in, is_bad) {
                (false, false) => {
                    let sent = self.register(user(self.worker, sound.next), None);
                    sound.count(sent);
                }
                (false, true) => {
                    let fault = self.fault(Ceremony::Create);
                    self.register(FAULTY.saturating_add(user(self.worker, faulty)), fault);
                    faulty += 1;
                }
                (true, is_bad) => {
                    let fault = if is_bad { self.fault(Ceremony::Get) } else { None };
                    let drawn = self.worker.draw_below(sound.registered);
                    self.log_in(user(self.worker, sound.nth(drawn)), fault);
                }
            }
        }
    }

    fn register(&mut self, user: u64, fault: Option<&'static Fault>) -> Sent {
        let user = VirtualUser::new(self.kit, user);
        let name = user.name.clone();
        self.begin_anew();
        let wanted = RegistrationRequest {
            username: &name,
            display_name: &name,
            user_verification: UserVerification::Required,
            resident_key: ResidentKey::Discouraged,
            attestation: AttestationConveyance::Direct,
            conditional: false,
            extensions: "{}",
        };
        let answer = self.ask(REGISTRATION_OPTIONS, &name, |session| session.registration_options(&wanted));
        let Some(body) = self.accepted(answer, REGISTRATION_OPTIONS) else { return Sent::Nothing };
        let reply = user.register(self.kit, &body, fault);
        let Some(reply) = self.made(reply, REGISTRATION) else { return Sent::Nothing };
        let answer = self.ask(REGISTRATION_RESULT, &name, |session| session.register(&reply));
        match self.ended(answer, REGISTRATION, REGISTRATION_RESULT, fault) {
            true => Sent::Registered,
            false => Sent::InVain,
        }
    }

    fn log_in(&mut self, user: u64, fault: Option<&'static Fault>) {
        let user = VirtualUser::new(self.kit, user);
        let name = user.name.clone();
        self.begin_anew();
        let wanted =
            AuthenticationRequest { username: Some(&name), user_verification: UserVerification::Required };
        let answer =
            self.ask(AUTHENTICATION_OPTIONS, &name, |session| session.authentication_options(&wanted));
        let Some(body) = self.accepted(answer, AUTHENTICATION_OPTIONS) else { return };
        let reply = user.log_in(self.kit, &body, fault);
        let Some(reply) = self.made(reply, LOGIN) else { return };
        let answer = self.ask(AUTHENTICATION_RESULT, &name, |session| session.authenticate(&reply));
        self.ended(answer, LOGIN, AUTHENTICATION_RESULT, fault);
    }

    /// Sends a request and times it.
    fn ask(
        &mut self,
        step: &'static str,
        user: &str,
        request: impl FnOnce(&mut dyn Session) -> Answer,
    ) -> Answer {
        let session = &mut *self.session;
        let tell = |answer: &Answer| {
            let (kind, why) = told(answer);
            (user.to_owned(), if why.is_empty() { kind.to_owned() } else { format!("{kind}: {why}") })
        };
        let has_reached = |answer: &Answer| !matches!(answer, Answer::Unreachable(_));
        self.worker.timed(step, || request(session), has_reached, tell)
    }

    /// Another browser, over the same connection where the target can.
    fn begin_anew(&mut self) {
        if !self.session.renew() {
            self.session = self.target.session();
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
        reply.map_err(|why| self.worker.failed(what, "no reply", &why)).ok()
    }

    /// Whether the ceremony was sound and accepted.
    fn ended(
        &mut self,
        answer: Answer,
        kind: &'static str,
        step: &'static str,
        fault: Option<&Fault>,
    ) -> bool {
        self.worker.tally.bad += u64::from(fault.is_some());
        match (fault, answer) {
            (None, Answer::Accepted(_)) => {
                self.worker.accepted(kind);
                true
            }
            (Some(fault), Answer::Accepted(_)) => {
                let count = self.worker.tally.wrongly_accepted.entry(fault.id().to_owned()).or_default();
                *count += 1;
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
        let (kind, why) = told(answer);
        self.worker.failed(step, kind, why);
        if let Answer::Unreachable(_) = answer {
            // A target that is gone is not to be asked as fast as a processor can.
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn fault(&mut self, ceremony: Ceremony) -> Option<&'static Fault> {
        let [create, get] = &self.faults;
        let faults = if ceremony == Ceremony::Create { create } else { get };
        let drawn = self.worker.draw_below(u64::try_from(faults.len()).unwrap_or_default());
        faults.get(usize::try_from(drawn).unwrap_or_default()).copied()
    }
}

/// The kind of an answer, and what it said.
fn told(answer: &Answer) -> (&'static str, &str) {
    match answer {
        Answer::Accepted(_) => ("accepted", ""),
        Answer::Refused(why) => ("refused", why),
        Answer::Crashed(how) => ("broke down", how),
        Answer::Hung(how) => ("hung", how),
        Answer::Busy(how) => ("too busy", how),
        Answer::Unreachable(why) => ("not reached", why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_registered_never_logs_in() {
        let mut numbers = Numbers::default();
        for sent in [Sent::InVain, Sent::Nothing, Sent::InVain] {
            numbers.count(sent);
        }
        assert_eq!((numbers.next, numbers.registered), (2, 0));
        for sent in [Sent::Registered, Sent::InVain, Sent::Registered, Sent::Registered, Sent::InVain] {
            numbers.count(sent);
        }
        let all: Vec<u64> = (0..numbers.registered).map(|place| numbers.nth(place)).collect();
        assert_eq!(all, [2, 4, 5]);
        assert_eq!(numbers.in_vain, [0..2, 3..4, 6..7]);
    }
}
