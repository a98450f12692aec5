//! Authenticators of models that are ready to use, and those who use them.

use std::sync::{Arc, Mutex};

use stuntkey::authenticator::{Answer, Clock, ConsentRequest, Model};
use stuntkey::ctap2::PinUvAuthProtocol;

use super::platform::{OK, Platform};

/// The time when the authenticators of [`device`] are built, in milliseconds since 1970.
pub const START: u64 = 1_767_225_600_000;

pub const PIN: &str = "1234";

/// A user whose answer a test changes, and who counts the questions.
#[derive(Clone)]
pub struct Person(Arc<Mutex<(Answer, usize)>>);

impl Person {
    pub fn new(answer: Answer) -> Self {
        Self(Arc::new(Mutex::new((answer, 0))))
    }

    /// What is answered from now on.
    pub fn will(&self, answer: Answer) {
        self.0.lock().unwrap().0 = answer;
    }

    /// How many questions there were since this was last asked.
    pub fn questions(&self) -> usize {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }
}

impl stuntkey::authenticator::User for Person {
    fn answer(&mut self, _: &ConsentRequest<'_>) -> Answer {
        let mut person = self.0.lock().unwrap();
        person.1 += 1;
        person.0
    }
}

/// A model that is ready to use, with the algorithms that this build has.
pub fn model(name: &str) -> Model {
    let mut model = Model::named(name).unwrap();
    model.algorithms.retain(|algorithm| algorithm.is_available());
    model
}

/// An authenticator of a model that is ready to use, changed, whose user always consents.
pub fn device(name: &str, change: impl FnOnce(&mut Model)) -> Platform {
    attended(name, change).0
}

/// The same, and its user.
pub fn attended(name: &str, change: impl FnOnce(&mut Model)) -> (Platform, Person) {
    let mut model = model(name);
    change(&mut model);
    let protocol = match model.pin_uv_auth_protocols.as_deref() {
        Some(&[only]) => only,
        _ => PinUvAuthProtocol::Two,
    };
    let person = Person::new(Answer::Verified);
    let builder = model.builder().clock(Clock::Fixed(START)).user(person.clone());
    (Platform::new(builder.build().unwrap(), protocol), person)
}

/// As [`device`], with the PIN.
pub fn with_pin(name: &str, change: impl FnOnce(&mut Model)) -> Platform {
    let mut platform = device(name, change);
    assert_eq!(platform.set_pin(PIN), OK);
    platform
}
