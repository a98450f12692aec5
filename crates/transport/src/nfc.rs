//! FIDO's applet on a card (CTAP 2.1 §11.3): one command in, and what is to be done.

use crate::apdu::{Command, FIDO_AID, answer, status};
use crate::ctaphid::{Kind, Offers};

/// The bit of a class that says that more of the command follows (ISO 7816-4 §5.4.1).
const CHAINED: u8 = 0x10;

const SELECT: u8 = 0xa4;
const GET_RESPONSE: u8 = 0xc0;
const NFCCTAP_MSG: u8 = 0x10;
const NFCCTAP_GETRESPONSE: u8 = 0x11;
const NFCCTAP_CONTROL: u8 = 0x12;

/// The class of NFCCTAP's commands.
const NFCCTAP: u8 = 0x80;

/// The bit of P1 that says that the reader can ask again (§11.3.7.1).
const CAN_POLL: u8 = 0x80;

/// The P1 that ends what is polled for (§11.3.7.2).
const CANCEL: u8 = 0x11;

/// The P1 of NFCCTAP_CONTROL that ends the session (§11.3.7.3).
const END: u8 = 0x01;

/// The longest command, its parts together.
const MOST_DATA: usize = 7609 + 1024;

/// The bytes of a short answer.
const SHORT: usize = 256;

/// The most bytes of an answer that a virtual reader takes in one message, the status word apart: a lie may have more.
const LONG: usize = 65_535 - 2;

/// What a command leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// This is the answer.
    Answer(Vec<u8>),
    /// The authenticator has to answer; [`Applet::done`] makes an answer to the card's reader of it. If it was started with
    /// something before, nobody waits for that any more.
    Start {
        /// What the request is.
        kind: Kind,
        /// The request.
        request: Vec<u8>,
        /// Whether the reader asks again where it takes time.
        can_poll: bool,
    },
    /// The reader asks whether what was started is done.
    Poll,
    /// What was started is to end without its user; the answer is still to come.
    Cancel,
}

/// The applet.
#[derive(Debug)]
pub struct Applet {
    offers: Offers,
    selected: bool,
    chain: Option<Command>,
    /// What is left of an answer.
    left: Vec<u8>,
    running: bool,
    /// The most bytes that the reader takes at a time.
    most: usize,
}

impl Applet {
    /// The applet of a card that has just come into the field.
    #[must_use]
    pub fn new(offers: Offers) -> Self {
        Self { offers, selected: false, chain: None, left: Vec::new(), running: false, most: SHORT }
    }

    /// The card has left the field and come back.
    pub fn power_cycle(&mut self) {
        *self = Self::new(self.offers);
    }

    /// Takes a command.
    pub fn command(&mut self, bytes: &[u8]) -> Step {
        let Some(command) = Command::read(bytes) else {
            self.chain = None;
            return status_alone(status::WRONG_LENGTH);
        };
        let Some(command) = self.chained(command) else {
            return status_alone(status::OK);
        };
        match command {
            Ok(command) => self.whole(command),
            Err(status) => status_alone(status),
        }
    }

    /// The whole command when its last part has come; `None` while more has to follow.
    fn chained(&mut self, part: Command) -> Option<Result<Command, u16>> {
        let more = part.class & CHAINED != 0;
        let class = part.class & !CHAINED;
        let mut whole = match self.chain.take() {
            Some(begun)
                if (begun.class, begun.instruction, begun.parameters)
                    != (class, part.instruction, part.parameters) =>
            {
                return Some(Err(status::LAST_OF_CHAIN_EXPECTED));
            }
            Some(begun) => Command { data: [begun.data, part.data].concat(), ..part },
            None => part,
        };
        whole.class = class;
        if whole.data.len() > MOST_DATA {
            return Some(Err(status::WRONG_LENGTH));
        }
        match more {
            true => {
                self.chain = Some(whole);
                None
            }
            false => Some(Ok(whole)),
        }
    }

    fn whole(&mut self, command: Command) -> Step {
        let Command { class, instruction, parameters, data, expected, extended } = command;
        let [first, _] = parameters;
        // An answer to a command in the extended form comes in one piece.
        let most = match (extended, expected) {
            (true, _) => usize::MAX,
            (false, 0) => SHORT,
            (false, expected) => expected,
        };
        let is_get_response = matches!((class, instruction), (0 | NFCCTAP, GET_RESPONSE));
        if !is_get_response {
            self.left.clear();
        }
        match (class, instruction) {
            (0, SELECT) => self.select(&data),
            _ if !self.selected => status_alone(status::CONDITIONS_NOT_SATISFIED),
            _ if is_get_response && self.left.is_empty() => status_alone(status::CONDITIONS_NOT_SATISFIED),
            _ if is_get_response => Step::Answer(self.next_part(most)),
            (NFCCTAP, NFCCTAP_MSG) if !self.offers.cbor => status_alone(status::INVALID_INSTRUCTION),
            (NFCCTAP, NFCCTAP_MSG) if data.is_empty() => status_alone(status::WRONG_LENGTH),
            (NFCCTAP, NFCCTAP_MSG) => self.begin(Kind::Cbor, data, most, first & CAN_POLL != 0),
            (NFCCTAP, NFCCTAP_GETRESPONSE) if !self.running => status_alone(status::CONDITIONS_NOT_SATISFIED),
            (NFCCTAP, NFCCTAP_GETRESPONSE) => match first {
                0 => Step::Poll,
                CANCEL => Step::Cancel,
                _ => status_alone(status::WRONG_PARAMETERS),
            },
            (NFCCTAP, NFCCTAP_CONTROL) if first == END => {
                self.power_cycle();
                status_alone(status::OK)
            }
            (NFCCTAP, NFCCTAP_CONTROL) => status_alone(status::WRONG_PARAMETERS),
            (0, _) if self.offers.msg => {
                // U2F's messages have the extended form over all transports but this one.
                let apdu = Command { class, instruction, parameters, data, expected: 65_536, extended: true };
                self.begin(Kind::Msg, apdu.to_bytes(), most, false)
            }
            (0 | NFCCTAP, _) => status_alone(status::INVALID_INSTRUCTION),
            _ => status_alone(status::INVALID_CLASS),
        }
    }

    fn select(&mut self, identifier: &[u8]) -> Step {
        self.selected = identifier == FIDO_AID;
        let version: &[u8] = if self.offers.msg { b"U2F_V2" } else { b"FIDO_2_0" };
        match self.selected {
            true => Step::Answer(answer(version, status::OK)),
            false => status_alone(status::NOT_FOUND),
        }
    }

    fn begin(&mut self, kind: Kind, request: Vec<u8>, most: usize, can_poll: bool) -> Step {
        self.running = true;
        self.most = most;
        Step::Start { kind, request, can_poll }
    }

    /// The sign of life of a request that is not done.
    #[must_use]
    pub fn keep_alive(status: u8) -> Vec<u8> {
        answer(&[status], status::KEEPALIVE)
    }

    /// The authenticator has answered what it was [started](Step::Start) with.
    pub fn done(&mut self, kind: Kind, response: &[u8]) -> Vec<u8> {
        self.running = false;
        // U2F's answers have their status words already.
        self.left = match kind {
            Kind::Cbor => answer(response, status::OK),
            Kind::Msg => response.to_vec(),
        };
        self.next_part(self.most)
    }

    /// Up to so many bytes of what is left.
    fn next_part(&mut self, most: usize) -> Vec<u8> {
        // The status word stands at the end of what is left.
        let data = self.left.len().saturating_sub(2);
        let taken = data.min(most).min(LONG);
        let rest = self.left.split_off(taken);
        let part = std::mem::replace(&mut self.left, rest);
        let data_left = data - taken;
        if data_left == 0 {
            let status = std::mem::take(&mut self.left);
            return [part, status].concat();
        }
        let low = u16::try_from(data_left).unwrap_or(u16::MAX).min(256) % 256;
        answer(&part, status::BYTES_LEFT | low)
    }
}

fn status_alone(word: u16) -> Step {
    Step::Answer(answer(&[], word))
}
