//! Lies of an authenticator: named single changes to its answers, for tests of clients.
//!
//! A [`Fault`](super::Fault) is for relying parties: what follows a change is computed from it. These are for those who speak
//! CTAP to an authenticator: one answer is another than the sound one, and nothing else is.

mod client_pin;
mod encoding;
mod get_assertion;
mod get_info;
mod make_credential;

use std::fmt;

use crate::authenticator::Authenticator;
use crate::ctap2::Command;
use crate::encoding::cbor::Item;
use crate::webauthn::AuthenticatorData;

/// One named lie.
#[derive(Clone, Copy)]
pub struct AnswerFault {
    id: &'static str,
    sentence: &'static str,
    clause: &'static str,
    /// The command whose answers are changed; `None` for those of every command but getInfo.
    command: Option<Command>,
    change: Change,
}

/// What is changed of an answer whose status is OK.
#[derive(Clone, Copy)]
enum Change {
    /// Its map.
    Body(fn(&mut Item, &Told)),
    /// Its bytes, the status among them.
    Bytes(fn(&mut Vec<u8>)),
    /// There is none.
    Silence,
}

/// What a change may look at.
struct Told {
    /// The parameters of the request.
    request: Option<Item>,
    /// How many answers were changed before.
    before: u32,
}

impl AnswerFault {
    const fn body(
        id: &'static str,
        command: Command,
        clause: &'static str,
        sentence: &'static str,
        change: fn(&mut Item, &Told),
    ) -> Self {
        Self { id, sentence, clause, command: Some(command), change: Change::Body(change) }
    }

    const fn bytes(
        id: &'static str,
        clause: &'static str,
        sentence: &'static str,
        change: fn(&mut Vec<u8>),
    ) -> Self {
        Self { id, sentence, clause, command: None, change: Change::Bytes(change) }
    }

    /// Every one, by chapter.
    pub fn all() -> impl Iterator<Item = &'static AnswerFault> {
        CHAPTERS.iter().copied().flatten()
    }

    /// The one of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<&'static AnswerFault> {
        Self::all().find(|fault| fault.id == id)
    }

    /// A stable name, such as `get-assertion/credential/not-allowed`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// What is wrong, in one sentence without its full stop.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        self.sentence
    }

    /// The clause that the answer violates: document and section.
    #[must_use]
    pub const fn clause(&self) -> &'static str {
        self.clause
    }

    /// The command whose answers are changed; `None` for those of every command but getInfo.
    #[must_use]
    pub const fn command(&self) -> Option<Command> {
        self.command
    }
}

impl fmt::Debug for AnswerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnswerFault({})", self.id)
    }
}

/// The id and the sentence.
impl fmt::Display for AnswerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.sentence)
    }
}

/// An authenticator that tells one lie, again and again.
#[derive(Debug)]
pub struct LyingAuthenticator {
    authenticator: Authenticator,
    fault: &'static AnswerFault,
    lies: u32,
}

impl LyingAuthenticator {
    /// This authenticator, with a fault in its answers.
    #[must_use]
    pub fn new(authenticator: Authenticator, fault: &'static AnswerFault) -> Self {
        Self { authenticator, fault, lies: 0 }
    }

    /// The authenticator, which is sound, to look at.
    #[must_use]
    pub const fn sound(&self) -> &Authenticator {
        &self.authenticator
    }

    /// The authenticator, which is sound.
    pub fn authenticator(&mut self) -> &mut Authenticator {
        &mut self.authenticator
    }

    /// How many answers were other than the sound ones. A test in which there was none says nothing.
    #[must_use]
    pub const fn lies(&self) -> u32 {
        self.lies
    }

    /// Answers one CTAP2 request, as [`Authenticator::call`] does; `None` for no answer at all.
    #[must_use]
    pub fn call(&mut self, channel: u32, request: &[u8]) -> Option<Vec<u8>> {
        let sound = self.authenticator.call(channel, request);
        let (command, parameters) = match request.split_first() {
            Some((number, parameters)) => (Command::from_number(*number), parameters),
            None => (None, request),
        };
        let concerns = match self.fault.command {
            Some(wanted) => command == Some(wanted),
            None => command.is_some_and(|command| command != Command::GetInfo),
        };
        if !concerns || sound.first() != Some(&0) {
            return Some(sound);
        }
        let told = Told { request: Item::read(parameters).ok(), before: self.lies };
        let mut answer = sound.clone();
        match self.fault.change {
            Change::Silence => {
                self.lies = self.lies.saturating_add(1);
                return None;
            }
            Change::Bytes(change) => change(&mut answer),
            Change::Body(change) => {
                if let Some(mut body) = sound.get(1..).and_then(|body| Item::read(body).ok()) {
                    change(&mut body, &told);
                    answer = [&[0][..], &body.to_bytes()].concat();
                }
            }
        }
        self.lies = self.lies.saturating_add(u32::from(answer != sound));
        Some(answer)
    }
}

/// By what is wrong.
const CHAPTERS: [&[AnswerFault]; 5] =
    [encoding::FAULTS, get_info::FAULTS, client_pin::FAULTS, make_credential::FAULTS, get_assertion::FAULTS];

/// Changes the authenticator data under a key. Data that cannot be read stay.
fn data(body: &mut Item, key: i64, change: impl FnOnce(&mut AuthenticatorData)) {
    raw_data(body, key, |bytes| {
        if let Ok(mut data) = AuthenticatorData::parse(bytes) {
            change(&mut data);
            *bytes = data.to_bytes();
        }
    });
}

/// Changes the bytes under a key.
fn raw_data(body: &mut Item, key: i64, change: impl FnOnce(&mut Vec<u8>)) {
    if let Some(bytes) = body.member_mut(key).and_then(Item::bytes_mut) {
        change(bytes);
    }
}

/// The coordinates of a point that everybody knows: the base point of P-256.
fn known_point() -> [[u8; 32]; 2] {
    match super::changes::GENERATOR.as_rchunks().1 {
        [.., x, y] => [*x, *y],
        _ => [[0; 32]; 2],
    }
}

/// Takes a member out.
fn without(body: &mut Item, key: impl Into<Item>) {
    body.remove(key);
}
