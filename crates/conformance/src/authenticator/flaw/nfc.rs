//! Commands to a card that are lost or changed on the way, and answers.

mod before_reader;

use stuntkey_transport::{Reader, TransportError};

use super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::status as s;

/// What happens between a reader and a card.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CardChange {
    /// What the card takes a command for, which it may remember.
    command: fn(&mut Vec<u8>, &[u8]) -> Vec<u8>,
    /// What becomes of the answer to a command.
    answer: fn(&[u8], &mut Vec<u8>),
}

/// A way to a card that changes what goes by.
pub(crate) struct FlawedReader<R> {
    reader: R,
    change: CardChange,
    memory: Vec<u8>,
}

impl<R: Reader> FlawedReader<R> {
    pub(crate) fn new(reader: R, change: CardChange) -> Self {
        Self { reader, change, memory: Vec::new() }
    }
}

impl<R: Reader> Reader for FlawedReader<R> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let mut answer = self.reader.transmit(&(self.change.command)(&mut self.memory, command))?;
        (self.change.answer)(command, &mut answer);
        Ok(answer)
    }
}

/// An answer that is changed.
const fn answers(
    id: &'static str,
    sentence: &'static str,
    answer: fn(&[u8], &mut Vec<u8>),
) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(
        id,
        sentence,
        Change::Card(CardChange { command: |_, command| command.to_vec(), answer }),
    )
}

/// A command that is taken for another.
const fn takes(
    id: &'static str,
    sentence: &'static str,
    command: fn(&mut Vec<u8>, &[u8]) -> Vec<u8>,
) -> AuthenticatorFlaw {
    AuthenticatorFlaw::new(id, sentence, Change::Card(CardChange { command, answer: |_, _| {} }))
}

/// Answers one status word where it should be another.
fn instead(answer: &mut Vec<u8>, right: u16, wrong: u16) {
    if answer.ends_with(&right.to_be_bytes()) {
        answer.truncate(answer.len() - 2);
        answer.extend(wrong.to_be_bytes());
    }
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    answers("nfc/select/version", "says that it speaks a version that there is not", |command, answer| {
        if command.get(1) == Some(&0xa4) && answer.ends_with(&[0x90, 0]) {
            *answer = b"FIDO_9_9\x90\x00".to_vec();
        }
    }),
    takes("nfc/select/other", "takes every application's name for its own", |_, command| {
        match command.get(1) {
            Some(0xa4) => crate::authenticator::wire::card::SELECT.to_vec(),
            _ => command.to_vec(),
        }
    }),
    answers("nfc/instruction", "says that all is well where it knows no instruction", |_, answer| {
        instead(answer, 0x6d00, 0x9000);
    }),
    takes("nfc/class", "does not look at the class", |_, command| {
        let mut command = command.to_vec();
        if let Some(class @ 0xe0) = command.first_mut() {
            *class = 0x80;
        }
        command
    }),
    answers("nfc/length", "says that the class is wrong where the length is", |_, answer| {
        instead(answer, 0x6700, 0x6e00);
    }),
    answers("nfc/u2f", "knows no message of U2F", |command, answer| {
        if command.get(..2) == Some(&[0, 3]) {
            *answer = vec![0x6d, 0x00];
        }
    }),
    answers("nfc/chaining", "takes no command in parts", |command, answer| {
        if command.first() == Some(&0x90) {
            *answer = vec![0x68, 0x84];
        }
    }),
    takes(
        "nfc/chaining/broken",
        "puts a part of a command and what comes much later together",
        |part, command| match command {
            [0x90, _, _, _, _, data @ ..] => {
                *part = data.to_vec();
                command.to_vec()
            }
            [0x80, 0x10, first, second, length, data @ ..] if !part.is_empty() => {
                let length = length.saturating_add(u8::try_from(part.len()).unwrap_or_default());
                [&[0x80, 0x10, *first, *second, length], part.as_slice(), data].concat()
            }
            _ => command.to_vec(),
        },
    ),
    answers("nfc/get-response", "loses what does not fit", |_, answer| {
        if let [.., 0x61, _] = answer.as_slice() {
            answer.truncate(answer.len() - 2);
            answer.extend([0x90, 0x00]);
        }
    }),
    answers("nfc/extended", "takes no command in the extended form", |command, answer| {
        if command.len() > 7 && command.get(4) == Some(&0) {
            *answer = vec![0x67, 0x00];
        }
    }),
    answers("nfc/error", "tells errors by status words", |_, answer| {
        if answer.first() == Some(&s::INVALID_COMMAND) && answer.len() == 3 {
            *answer = vec![0x6a, 0x80];
        }
    }),
    answers("nfc/no-polling", "lets a reader wait that cannot ask again", |command, answer| {
        if command.get(..3) == Some(&[0x80, 0x10, 0x00]) {
            *answer = vec![1, 0x91, 0x00];
        }
    }),
    answers("nfc/end", "does not let the reader end the session", |command, answer| {
        if command.get(1) == Some(&0x12) {
            *answer = vec![0x6d, 0x00];
        }
    }),
    answers("nfc/poll/idle", "says that all is well where nothing was asked", |command, answer| {
        if command.get(1) == Some(&0x11) {
            instead(answer, 0x6985, 0x9000);
        }
    }),
    answers("nfc/poll/status", "does not say what it is at", |_, answer| {
        if let [status, 0x91, 0x00] = answer.as_mut_slice() {
            *status = 9;
        }
    }),
    answers("nfc/poll/answer", "has forgotten what it was asked", |command, answer| {
        if command.get(1) == Some(&0x11) && answer.ends_with(&[0x90, 0x00]) {
            *answer = vec![0x69, 0x85];
        }
    }),
    answers("nfc/poll/cancel", "says nothing of why a request ended", |_, answer| {
        if answer.first() == Some(&s::KEEPALIVE_CANCEL) {
            *answer = vec![0x69, 0x85];
        }
    }),
];
