//! A key as a card in a virtual reader, from the reader's end: two bytes of length before each message, and messages of one
//! byte for the power (vsmartcard's `vpcd`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use stuntkey::authenticator::{Answer, Model};
use stuntkey::fault::{AnswerFault, LyingAuthenticator};
use stuntkey_transport::Key;
use stuntkey_transport::host::{Event, Presence, serve_reader, virtual_reader};

const POWER_OFF: &[u8] = &[0];
const POWER_ON: &[u8] = &[1];
const ATR: &[u8] = &[4];
const SELECT: &[u8] = b"\x00\xa4\x04\x00\x08\xa0\x00\x00\x06\x47\x2f\x00\x01\x00";
/// authenticatorGetInfo in NFCCTAP_MSG, which can ask again.
const GET_INFO: &[u8] = &[0x80, 0x10, 0x80, 0x00, 0x01, 0x04, 0x00];
const SELECTION: &[u8] = &[0x80, 0x10, 0x80, 0x00, 0x01, 0x0b, 0x00];
const GET_RESULT: &[u8] = &[0x80, 0x11, 0x00, 0x00, 0x00];
const CANCEL: &[u8] = &[0x80, 0x11, 0x11, 0x00, 0x00];

/// The last guard against a test that never ends.
const LONG: Duration = Duration::from_secs(30);

struct Inserted {
    reader: TcpStream,
    presence: Presence,
    events: Sender<Event>,
    host: Option<JoinHandle<io::Result<()>>>,
}

impl Inserted {
    fn new(presence: &Presence, key: impl Key + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (events, received) = channel();
        let card = virtual_reader(listener.local_addr().unwrap(), events.clone()).unwrap();
        let (reader, _) = listener.accept().unwrap();
        reader.set_read_timeout(Some(LONG)).unwrap();
        reader.set_nodelay(true).unwrap();
        let (to_host, user) = (events.clone(), presence.clone());
        let host = thread::spawn(move || serve_reader(key, &user, card, (to_host, received), |_| ()));
        Self { reader, presence: presence.clone(), events, host: Some(host) }
    }

    fn send(&mut self, message: &[u8]) {
        let length = u16::try_from(message.len()).unwrap().to_be_bytes();
        self.reader.write_all(&[&length[..], message].concat()).unwrap();
    }

    /// Sends a message, and gives the answer: data and status.
    fn ask(&mut self, message: &[u8]) -> (Vec<u8>, u16) {
        self.send(message);
        let mut answer = self.answer();
        let status = answer.split_off(answer.len() - 2);
        (answer, u16::from_be_bytes([status[0], status[1]]))
    }

    fn answer(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.reader.read_exact(&mut length).unwrap();
        let mut answer = vec![0; u16::from_be_bytes(length).into()];
        self.reader.read_exact(&mut answer).unwrap();
        answer
    }

    fn select(&mut self) {
        assert_eq!(self.ask(SELECT), (b"U2F_V2".to_vec(), 0x9000));
    }

    /// Asks again until there is a result.
    fn result(&mut self, mut answer: (Vec<u8>, u16)) -> (Vec<u8>, u16) {
        while answer.1 == 0x9100 {
            assert!(answer.0 == [1] || answer.0 == [2], "{answer:?}");
            answer = self.ask(GET_RESULT);
        }
        answer
    }

    fn waits(&self, waits: bool) {
        let end = Instant::now() + LONG;
        while self.presence.waits() != waits {
            assert!(Instant::now() < end, "waiting for its user: {}", !waits);
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Inserted {
    fn drop(&mut self) {
        drop(self.events.send(Event::Stop));
        let outcome = self.host.take().unwrap().join();
        if !thread::panicking() {
            outcome.unwrap().unwrap();
        }
    }
}

fn sound(presence: &Presence) -> stuntkey::Authenticator {
    let user = presence.before(Answer::NoAnswer, LONG);
    Model::named("security_key_ctap2_1").unwrap().builder().user(user).build().unwrap()
}

/// A card whose user does nothing unless told to.
fn inserted() -> Inserted {
    let presence = Presence::new();
    let mut inserted = Inserted::new(&presence, sound(&presence));
    inserted.send(POWER_ON);
    inserted.select();
    inserted
}

/// PC/SC part 3 §3.1.3.2.3: 3B, 8n with n historical bytes, and an exclusive-or of all that follows TS.
#[test]
fn a_card_tells_what_it_is_and_what_it_can() {
    let mut card = inserted();
    card.send(ATR);
    let atr = card.answer();
    assert_eq!((atr[0], atr[1] & 0xf0), (0x3b, 0x80));
    assert_eq!(atr[1..].iter().fold(0, |sum, byte| sum ^ byte), 0, "{atr:02x?}");
    let (info, status) = card.ask(GET_INFO);
    assert_eq!((info[0], status & 0xff00 == 0x6100 || status == 0x9000), (0, true));
}

#[test]
fn a_reader_asks_again_until_the_user_has_touched_the_card() {
    let mut card = inserted();
    let answer = card.ask(SELECTION);
    assert_eq!(answer, (vec![2], 0x9100), "it waits for its user");
    assert_eq!(card.ask(GET_RESULT), (vec![2], 0x9100));
    card.presence.give(Answer::Present);
    let answer = card.ask(GET_RESULT);
    assert_eq!(card.result(answer), (vec![0], 0x9000));
    assert_eq!(card.ask(GET_RESULT), (Vec::new(), 0x6985));
}

#[test]
fn a_reader_cancels() {
    let mut card = inserted();
    for _ in 0..3 {
        assert_eq!(card.ask(SELECTION).1, 0x9100);
        assert_eq!(card.ask(CANCEL), (vec![0x2d], 0x9000));
        card.waits(false);
    }
}

/// What was begun before is at its end, and the user is asked for the new one.
#[test]
fn a_reader_that_asks_for_something_else_is_answered() {
    let mut card = inserted();
    for _ in 0..3 {
        assert_eq!(card.ask(SELECTION), (vec![2], 0x9100));
        let answer = card.ask(GET_INFO);
        let (info, status) = card.result(answer);
        assert_eq!((info[0], status & 0xff00 == 0x6100 || status == 0x9000), (0, true));
        assert!(info.len() > 1);
        card.waits(false);
    }
    assert_eq!(card.ask(SELECTION), (vec![2], 0x9100));
    assert_eq!(card.ask(SELECTION), (vec![2], 0x9100));
    card.presence.give(Answer::Present);
    let answer = card.ask(GET_RESULT);
    assert_eq!(card.result(answer), (vec![0], 0x9000));
}

#[test]
fn out_of_the_field_the_user_is_asked_no_more() {
    let mut card = inserted();
    for message in [POWER_OFF, POWER_ON] {
        assert_eq!(card.ask(SELECTION), (vec![2], 0x9100));
        card.send(message);
        card.waits(false);
        card.send(POWER_ON);
        assert_ne!(card.ask(GET_RESULT).1, 0x9100);
        card.select();
        let answer = card.ask(GET_INFO);
        assert_eq!(card.result(answer).0[0], 0);
    }
}

#[test]
fn a_card_that_never_answers_is_given_up() {
    let presence = Presence::new();
    let fault = AnswerFault::from_id("message/silence").unwrap();
    let mut card = Inserted::new(&presence, LyingAuthenticator::new(sound(&presence), fault));
    card.presence.give(Answer::Present);
    card.send(POWER_ON);
    card.select();
    for _ in 0..2 {
        assert_eq!(card.ask(SELECTION).1, 0x9100);
        card.presence.give(Answer::Present);
        assert_eq!(card.ask(CANCEL), (vec![0x2d], 0x9000));
        let answer = card.ask(GET_INFO);
        assert_eq!(card.result(answer).0[0], 0);
    }
}
