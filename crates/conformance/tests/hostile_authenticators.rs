//! Authenticators that send garbage, say nothing, never end or die: each gets the verdict that is right for it, in time.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use stuntkey::authenticator::Model;
use stuntkey_conformance::{
    AuthenticatorHarness, AuthenticatorTarget, InProcessAuthenticator, Report, Touches, Verdict,
};
use stuntkey_transport::ctaphid::Reports;
use stuntkey_transport::{Link, Reader, TransportError};

const DEADLINE: Duration = Duration::from_millis(300);
/// A run that gives up at its deadlines is over long before, on any machine; one that does not never ends.
const LAST_GUARD: Duration = Duration::from_secs(120);

const INIT: u8 = 0x86;
const CBOR: u8 = 0x90;
const KEEPALIVE: u8 = 0xbb;
/// The channel that these devices give.
const CHANNEL: [u8; 4] = [0, 0, 0, 7];

/// What a device does with a report: the reports that come of it, or its end.
type Play = fn(&[u8; 64]) -> Option<Vec<[u8; 64]>>;

/// A device of a few lines.
struct Device {
    play: Play,
    /// Sent again and again when there is nothing else.
    endless: Option<[u8; 64]>,
    to_come: VecDeque<[u8; 64]>,
    is_gone: bool,
}

impl Reports for Device {
    fn send(&mut self, report: &[u8; 64]) -> Result<(), TransportError> {
        match (self.is_gone, (self.play)(report)) {
            (false, Some(reports)) => {
                self.to_come.extend(reports);
                Ok(())
            }
            _ => {
                self.is_gone = true;
                Err(TransportError::Closed)
            }
        }
    }

    fn receive(&mut self, until: Instant) -> Result<Option<[u8; 64]>, TransportError> {
        if let Some(report) = self.to_come.pop_front() {
            return Ok(Some(report));
        }
        if self.is_gone {
            return Err(TransportError::Closed);
        }
        if let Some(report) = self.endless {
            return Ok(Some(report));
        }
        thread::sleep(until.saturating_duration_since(Instant::now()));
        Ok(None)
    }
}

struct Hostile {
    play: Play,
    endless: Option<[u8; 64]>,
}

impl AuthenticatorTarget for Hostile {
    fn connect(&self) -> Result<Link, TransportError> {
        let device =
            Device { play: self.play, endless: self.endless, to_come: VecDeque::new(), is_gone: false };
        Ok(Link::Reports(Box::new(device)))
    }

    fn touches(&self) -> Touches {
        Touches::Itself
    }
}

fn report(channel: [u8; 4], rest: &[u8]) -> [u8; 64] {
    let mut report = [0; 64];
    report[..4].copy_from_slice(&channel);
    report[4..4 + rest.len()].copy_from_slice(rest);
    report
}

/// A message in reports.
fn message(channel: [u8; 4], command: u8, data: &[u8]) -> Vec<[u8; 64]> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    let (first, rest) = data.split_at(data.len().min(57));
    let mut reports = vec![report(channel, &[&[command, length[0], length[1]], first].concat())];
    reports.extend((0_u8..).zip(rest.chunks(59)).map(|(at, part)| report(channel, &[&[at], part].concat())));
    reports
}

/// The answer to INIT, where a report is that; otherwise what `other` makes of the report.
fn after_init(sent: &[u8; 64], other: impl FnOnce() -> Option<Vec<[u8; 64]>>) -> Option<Vec<[u8; 64]>> {
    match sent[4] {
        INIT => {
            let data = [&sent[7..15], &CHANNEL, &[2, 1, 0, 0, 0x04]].concat();
            Some(message([0xff; 4], INIT, &data))
        }
        // The rest of a longer request.
        0..=0x7f => Some(Vec::new()),
        _ => other(),
    }
}

fn run(target: &dyn AuthenticatorTarget, filters: &[&str]) -> Report {
    let began = Instant::now();
    let harness = AuthenticatorHarness::new(target).seed("hostile").allow_reset(true).deadline(DEADLINE);
    let report = harness.filters(filters.iter().copied()).run();
    let took = began.elapsed();
    assert!(took < LAST_GUARD, "{took:?}");
    report
}

/// One that cannot even say what it is.
fn gives_up(play: Play, endless: Option<[u8; 64]>, why: &str) {
    let report = run(&Hostile { play, endless }, &[]);
    let trouble = report.trouble.as_deref().unwrap_or_default();
    assert!(trouble.contains(why), "found {trouble:?}, expected {why:?}");
    assert!(report.cases.is_empty() && !report.complete && !report.conforms());
}

#[test]
fn one_that_says_nothing_is_given_up() {
    gives_up(|_| Some(Vec::new()), None, "no answer to INIT within 0.3 s");
    gives_up(|sent| after_init(sent, || Some(Vec::new())), None, "no answer to the request within 0.3 s");
}

#[test]
fn one_that_sends_garbage_is_given_up() {
    gives_up(|_| Some(vec![[0x5a; 64]]), None, "packet 90 of a message that has not begun");
    gives_up(|_| Some(vec![[0xa5; 64]]), None, "a message of 42405 bytes");
    gives_up(
        |sent| after_init(sent, || Some(message(CHANNEL, CBOR, &[0x00, 0xff, 0xfe, 0x5a]))),
        None,
        "getInfo was answered with what is no map of CBOR",
    );
}

#[test]
fn one_that_floods_is_given_up() {
    let elsewhere = report([9, 9, 9, 9], &[INIT, 0, 0]);
    gives_up(|_| Some(Vec::new()), Some(elsewhere), "no answer to INIT");
    let other_nonce = report([0xff; 4], &[INIT, 0, 17]);
    gives_up(|_| Some(Vec::new()), Some(other_nonce), "no answer to INIT");
}

#[test]
fn one_that_gives_signs_of_life_for_ever_is_given_up() {
    for status in [1, 2] {
        let sign = report(CHANNEL, &[KEEPALIVE, 0, 1, status]);
        gives_up(
            |sent| after_init(sent, || Some(Vec::new())),
            Some(sign),
            "signs of life for 0.3 s, and no answer",
        );
    }
}

#[test]
fn one_that_answers_elsewhere_is_given_up() {
    gives_up(
        |sent| after_init(sent, || Some(message([1, 2, 3, 4], CBOR, &[0]))),
        None,
        "an answer on a channel that asked nothing",
    );
    gives_up(
        |sent| after_init(sent, || Some(message(CHANNEL, 0x83, &[0]))),
        None,
        "the command 0x83 in an answer",
    );
}

#[test]
fn one_that_answers_too_much_is_given_up() {
    gives_up(
        |sent| after_init(sent, || Some(vec![report(CHANNEL, &[CBOR, 0xff, 0xff])])),
        None,
        "a message of 65535 bytes",
    );
    // More packets than their numbers can count.
    gives_up(
        |sent| {
            after_init(sent, || {
                let mut reports = vec![report(CHANNEL, &[CBOR, 0x1d, 0xb9])];
                reports.extend((0..64).cycle().take(4000).map(|at| report(CHANNEL, &[at])));
                Some(reports)
            })
        },
        None,
        "packet 0x00 of an answer, expected packet 64",
    );
}

#[test]
fn one_that_dies_halfway_is_given_up() {
    gives_up(|_| None, None, "went away");
    gives_up(|sent| after_init(sent, || None), None, "went away");
    gives_up(
        |sent| after_init(sent, || Some(vec![report(CHANNEL, &[CBOR, 0x01, 0x00, 0x00, 0xa1])])),
        None,
        "the rest of an answer did not come",
    );
}

/// Answers whose CBOR is made to be the end of who reads it.
#[test]
fn one_whose_answers_are_bombs_is_read_to_a_verdict() {
    let bombs: [fn() -> Vec<u8>; 6] = [
        // Arrays in arrays.
        || [vec![0x00], vec![0x81; 7000]].concat(),
        // Maps in maps.
        || [vec![0x00], [0xa1, 0x01].repeat(3500)].concat(),
        // Lengths that promise more than there is memory.
        || vec![0x00, 0xa1, 0x01, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        || vec![0x00, 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        // Indefinite lengths without an end.
        || [vec![0x00, 0xbf], [0x01, 0x9f].repeat(3000)].concat(),
        // Tags on tags.
        || [vec![0x00], vec![0xc1; 7000]].concat(),
    ];
    for bomb in bombs {
        let target = Bombs { bomb };
        let report = run(&target, &[]);
        assert!(report.trouble.as_deref().is_some_and(|trouble| trouble.contains("getInfo")), "{report:?}");
        assert!(!report.conforms());
    }
}

/// A device that answers every request with the same bytes.
struct Bombs {
    bomb: fn() -> Vec<u8>,
}

impl AuthenticatorTarget for Bombs {
    fn connect(&self) -> Result<Link, TransportError> {
        struct Answering(fn() -> Vec<u8>, VecDeque<[u8; 64]>);
        impl Reports for Answering {
            fn send(&mut self, sent: &[u8; 64]) -> Result<(), TransportError> {
                let bomb = self.0;
                self.1.extend(
                    after_init(sent, || Some(message(CHANNEL, sent[4], &bomb()))).unwrap_or_default(),
                );
                Ok(())
            }

            fn receive(&mut self, _: Instant) -> Result<Option<[u8; 64]>, TransportError> {
                Ok(self.1.pop_front())
            }
        }
        Ok(Link::Reports(Box::new(Answering(self.bomb, VecDeque::new()))))
    }

    fn touches(&self) -> Touches {
        Touches::Itself
    }
}

/// A sound authenticator that goes away for good after so many reports, or breaks.
struct Dying {
    sound: InProcessAuthenticator,
    left: Mutex<usize>,
    breaks: bool,
    is_dead: AtomicBool,
}

impl AuthenticatorTarget for Dying {
    fn connect(&self) -> Result<Link, TransportError> {
        if self.is_dead.load(Ordering::Relaxed) {
            return Err(TransportError::Closed);
        }
        let Link::Reports(reports) = self.sound.connect()? else { return Err(TransportError::Closed) };
        let left = std::mem::take(&mut *self.left.lock().unwrap());
        self.is_dead.store(true, Ordering::Relaxed);
        Ok(Link::Reports(Box::new(Limited { reports, left, breaks: self.breaks })))
    }

    fn touches(&self) -> Touches {
        self.sound.touches()
    }

    fn touch(&self, what: &str) -> Result<(), String> {
        self.sound.touch(what)
    }
}

struct Limited {
    reports: Box<dyn Reports>,
    left: usize,
    breaks: bool,
}

impl Reports for Limited {
    fn send(&mut self, report: &[u8; 64]) -> Result<(), TransportError> {
        self.reports.send(report)
    }

    fn receive(&mut self, until: Instant) -> Result<Option<[u8; 64]>, TransportError> {
        let received = self.reports.receive(until)?;
        if received.is_none() {
            return Ok(None);
        }
        match (self.left.checked_sub(1), self.breaks) {
            (Some(left), _) => {
                self.left = left;
                Ok(received)
            }
            (None, true) => Ok(Some([0xa5; 64])),
            (None, false) => Err(TransportError::Closed),
        }
    }
}

#[test]
fn one_that_dies_on_the_way_passes_nothing_that_it_did_not_answer() {
    for breaks in [false, true] {
        let sound = InProcessAuthenticator::new(&Model::named("full").unwrap(), None, "dies").unwrap();
        let target = Dying { sound, left: Mutex::new(2000), breaks, is_dead: AtomicBool::new(false) };
        let report = run(&target, &["get-info", "make-credential", "get-assertion"]);
        let passed = report.cases.iter().filter(|case| case.verdict == Verdict::Pass).count();
        let dead =
            report.cases.iter().skip_while(|case| matches!(case.verdict, Verdict::Pass | Verdict::Skip));
        let after: Vec<&str> =
            dead.skip(1).filter(|case| case.verdict == Verdict::Pass).map(|case| case.id.as_str()).collect();
        assert!(passed > 10, "{passed}");
        assert!(after.is_empty(), "{after:?}");
        let is_bad = |verdict| matches!(verdict, Verdict::Error | Verdict::Fail);
        assert!(!report.conforms() && report.cases.iter().any(|case| is_bad(case.verdict)));
    }
}

/// What a card does with a command.
type Transmit = fn(&[u8]) -> Result<Vec<u8>, TransportError>;

/// A card of a few lines.
struct Cards(Transmit);

impl AuthenticatorTarget for Cards {
    fn connect(&self) -> Result<Link, TransportError> {
        struct Card(Transmit);
        impl Reader for Card {
            fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
                (self.0)(command)
            }
        }
        Ok(Link::Reader(Box::new(Card(self.0))))
    }

    fn touches(&self) -> Touches {
        Touches::Itself
    }
}

/// What a card does behind SELECT.
fn selected(command: &[u8], answer: &[u8]) -> Vec<u8> {
    if command[1] == 0xa4 { b"FIDO_2_0\x90\x00".to_vec() } else { answer.to_vec() }
}

#[test]
fn a_card_that_is_none_is_given_up() {
    let cards: [(Transmit, &str); 7] = [
        (|_| Err(TransportError::Closed), "went away"),
        (|_| Ok(Vec::new()), "without a status word"),
        (|_| Ok(vec![0x6a, 0x82]), "6A82"),
        (|command| Ok(selected(command, &[0x90])), "without a status word"),
        (|command| Ok(selected(command, &[2, 0x91, 0x00])), "signs of life"),
        (|command| Ok(selected(command, &[7, 0x61, 0x00])), "an answer that never ends"),
        (|command| Ok(selected(command, &[0x61, 0x10])), "an answer of which no byte comes"),
    ];
    for (card, why) in cards {
        let report = run(&Cards(card), &[]);
        let trouble = report.trouble.as_deref().unwrap_or_default();
        assert!(trouble.contains(why), "found {trouble:?}, expected {why:?}");
        assert!(!report.complete && !report.conforms());
    }
}
