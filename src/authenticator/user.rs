//! The user: presence and verification.

use std::collections::VecDeque;

use crate::webauthn::Ceremony;

/// A question to the user.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ConsentRequest<'a> {
    /// The ceremony; `None` for a touch that belongs to no ceremony (reset, selection).
    pub ceremony: Option<Ceremony>,
    /// The RP ID of the relying party that asks.
    pub rp_id: &'a str,
    /// The name of the account, where it is known.
    pub user_name: Option<&'a str>,
    /// Whether the user is to be verified, and not only present.
    pub user_verification: bool,
    /// Whether the touch has to be a long one (CTAP 2.3 §7.7).
    pub long_touch: bool,
}

impl ConsentRequest<'_> {
    /// A touch that belongs to no ceremony.
    pub(super) const fn touch() -> Self {
        Self { ceremony: None, rp_id: "", user_name: None, user_verification: false, long_touch: false }
    }
}

/// What the user does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// Agrees, and passes verification where it is asked for.
    Verified,
    /// Agrees, but fails verification where it is asked for.
    Present,
    /// Says no.
    Denied,
    /// Does nothing until the time is over.
    NoAnswer,
}

impl Answer {
    /// Every answer.
    pub const ALL: &[Answer] = &[Answer::Verified, Answer::Present, Answer::Denied, Answer::NoAnswer];

    /// Its name: `verified`, `present`, `denied`, `none`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Answer::Verified => "verified",
            Answer::Present => "present",
            Answer::Denied => "denied",
            Answer::NoAnswer => "none",
        }
    }
}

/// Somebody who answers for the user: a closure, a fixed [`Answer`], or a [`Script`].
pub trait User: Send {
    /// Answers one request.
    fn answer(&mut self, request: &ConsentRequest<'_>) -> Answer;
}

impl<F: FnMut(&ConsentRequest<'_>) -> Answer + Send> User for F {
    fn answer(&mut self, request: &ConsentRequest<'_>) -> Answer {
        self(request)
    }
}

/// Gives the same answer each time.
impl User for Answer {
    fn answer(&mut self, _: &ConsentRequest<'_>) -> Answer {
        *self
    }
}

/// A user who gives one answer after the other. When the answers are used up, the user does not answer any more.
#[derive(Debug, Clone, Default)]
pub struct Script(VecDeque<Answer>);

impl Script {
    /// A user who gives these answers in turn.
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self(answers.into_iter().collect())
    }
}

impl User for Script {
    fn answer(&mut self, _: &ConsentRequest<'_>) -> Answer {
        self.0.pop_front().unwrap_or(Answer::NoAnswer)
    }
}
