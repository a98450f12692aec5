//! A client that a door keeps, and the user of its authenticator.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Deserializer};
use stuntkey::Client;
use stuntkey::authenticator::{Answer, ConsentRequest, User};

use crate::words::named;

/// A client, and what it was made of.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) client: Client,
    /// Whether its authenticator tells the time that the host gives with each call.
    pub(crate) follows_host: bool,
    pub(crate) person: Person,
}

/// The authenticator's user, whose next answers a caller can set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    next: Arc<Mutex<Option<Answer>>>,
}

/// What the model says a user answers, unless the caller said otherwise for one ceremony.
pub(crate) struct Obedient {
    pub(crate) person: Person,
    pub(crate) model: Box<dyn User>,
}

impl User for Obedient {
    fn answer(&mut self, request: &ConsentRequest<'_>) -> Answer {
        let told = *self.person.next.lock().unwrap_or_else(PoisonError::into_inner);
        told.unwrap_or_else(|| self.model.answer(request))
    }
}

impl Person {
    /// What the user answers until it is told otherwise; `None`: as the model says.
    pub(crate) fn tell(&self, answer: Option<Answer>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }
}

/// What the user does, as the setting `user` of a model has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserAnswer(pub(crate) Answer);

impl<'de> Deserialize<'de> for UserAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named(deserializer, Answer::ALL, Answer::name).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for UserAnswer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "UserAnswer".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Answer::ALL.iter().map(|answer| answer.name()).collect();
        schemars::json_schema!({ "enum": names, "description": "What the user does." })
    }
}

impl fmt::Debug for Obedient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Obedient").finish_non_exhaustive()
    }
}

impl Held {
    /// Lets the user answer so until the next call.
    pub(crate) fn tell_user(&self, answer: Option<UserAnswer>) {
        self.person.tell(answer.map(|answer| answer.0));
    }
}
