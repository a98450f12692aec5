//! Where a case is played: people with authenticators, each in a browser session with the target.

mod answer;
mod person;
mod runtime_error;
mod settings;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use stuntkey::Client;
use stuntkey::attestation::{self, AttestationFormat};
use stuntkey::authenticator::AuthenticatorBuilder;
use url::Url;

pub(crate) use answer::{Answered, Reason, cited_step};
pub(crate) use person::{Begun, Person};
pub(crate) use settings::RunSettings;

use super::need::Need;
use super::target::Target;
use crate::core::clock::{Clock, Moment};
use crate::core::exchange::Exchange;
use crate::core::outcome::Stop;
use crate::core::seed::hex;

/// So many people may be given the same key by chance before a case gives up.
const MOST_TWINS: usize = 32;

/// One case's stage.
pub struct Stage<'a> {
    target: &'a dyn Target,
    /// The origin of the target's pages.
    origin: &'a str,
    /// What requests at the stage are noted with.
    place: &'static str,
    settings: &'a RunSettings,
    /// What sets the people of this stage apart from those of others: the case's id.
    name: String,
    needs: Rc<[Need]>,
    clients: u32,
    ends: Rc<Cell<Moment>>,
    log: Rc<RefCell<Vec<Exchange>>>,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(target: &'a dyn Target, settings: &'a RunSettings, name: &str, needs: &[Need]) -> Self {
        let ends = Rc::new(Cell::new(settings.clock.now() + settings.deadline));
        let (name, needs) = (name.to_owned(), needs.into());
        let origin = &settings.origin;
        Self { target, origin, place: "", settings, name, needs, clients: 0, ends, log: Rc::default() }
    }

    /// The stage at the other relying party of the same server, with people of its own. Its requests are those of the same case.
    pub(crate) fn second(&self) -> Result<Stage<'a>, Stop> {
        let Some((target, origin)) = self.target.second() else {
            return Err(Need::SecondRelyingParty.skip());
        };
        Ok(Self {
            target,
            origin,
            place: " at the other relying party",
            settings: self.settings,
            name: format!("{}, at the other relying party", self.name),
            needs: Rc::clone(&self.needs),
            clients: 0,
            ends: Rc::clone(&self.ends),
            log: Rc::clone(&self.log),
        })
    }

    /// What went over the wire, in order.
    pub(crate) fn into_exchanges(self) -> Vec<Exchange> {
        self.log.take()
    }

    pub(crate) fn target(&self) -> &'a dyn Target {
        self.target
    }

    pub(crate) fn settings(&self) -> &RunSettings {
        self.settings
    }

    /// The host of the target's pages.
    pub(crate) fn host(&self) -> Option<String> {
        Url::parse(self.origin).ok()?.host_str().map(str::to_owned)
    }

    /// Gives the case as much longer as it has to wait.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.ends.set(self.ends.get() + time);
        self.settings.clock.wait(time);
    }

    /// Somebody new, with an authenticator as it comes.
    pub(crate) fn person(&mut self) -> Result<Person<'a>, Stop> {
        self.person_with(|authenticator| authenticator)
    }

    /// Somebody new, with an authenticator of this kind.
    pub(crate) fn person_with(
        &mut self,
        kind: impl FnOnce(AuthenticatorBuilder) -> AuthenticatorBuilder,
    ) -> Result<Person<'a>, Stop> {
        let client = self.client(kind, false)?;
        let user_name = self.user_name();
        Ok(self.enter(client, user_name))
    }

    /// Somebody new at a browser that lets a page use any RP ID.
    pub(crate) fn person_with_any_rp_id(&mut self) -> Result<Person<'a>, Stop> {
        let client = self.client(|authenticator| authenticator, true)?;
        let user_name = self.user_name();
        Ok(self.enter(client, user_name))
    }

    /// Somebody new at a page of another origin, whose browser lets it use any RP ID.
    pub(crate) fn person_at(&mut self, origin: &str) -> Result<Person<'a>, Stop> {
        let mut person = self.person_with_any_rp_id()?;
        person.client().navigate(origin).map_err(|error| Stop::error(error.to_string()))?;
        Ok(person)
    }

    /// Somebody new who is registered, which the case builds upon.
    pub(crate) fn registered(&mut self) -> Result<Person<'a>, Stop> {
        self.registered_with(|authenticator| authenticator)
    }

    /// The same, with an authenticator of this kind.
    pub(crate) fn registered_with(
        &mut self,
        kind: impl FnOnce(AuthenticatorBuilder) -> AuthenticatorBuilder,
    ) -> Result<Person<'a>, Stop> {
        let mut person = self.person_with(kind)?;
        person.register()?.required("a registration")?;
        Ok(person)
    }

    /// Somebody new who is registered with another key than this person. RSA keys come out of a small pool.
    pub(crate) fn registered_with_another_key(
        &mut self,
        person: &mut Person<'a>,
    ) -> Result<Person<'a>, Stop> {
        let key = person.credential()?.key.public_key().clone();
        for _ in 0..MOST_TWINS {
            let mut other = self.registered()?;
            if *other.credential()?.key.public_key() != key {
                return Ok(other);
            }
        }
        Err(Stop::error("everybody has the same key"))
    }

    /// The same person in another browser, with another authenticator.
    pub(crate) fn elsewhere(&mut self, person: &Person<'a>) -> Result<Person<'a>, Stop> {
        let client = self.client(|authenticator| authenticator, false)?;
        Ok(self.enter(client, person.user_name().to_owned()))
    }

    /// Gives a person another authenticator, in the same session. Returns the client with the one they had.
    pub(crate) fn reequip(
        &mut self,
        person: &mut Person<'a>,
        kind: impl FnOnce(AuthenticatorBuilder) -> AuthenticatorBuilder,
    ) -> Result<Client, Stop> {
        Ok(person.replace_client(self.client(kind, false)?))
    }

    fn enter(&self, client: Client, user_name: String) -> Person<'a> {
        Person::new(self, client, user_name)
    }

    /// Short, as some products allow no long names. The case's id is hashed into it.
    fn user_name(&self) -> String {
        let tag = |text: &str| hex(Sha256::digest(text).get(..4).unwrap_or_default());
        let unique = format!("stuntkey-{}-{}-{}", tag(&self.settings.seed), tag(&self.name), self.clients);
        self.settings.user_names.name(&unique)
    }

    /// Another one than every other of the case: its authenticator's seed has its number.
    fn client(
        &mut self,
        kind: impl FnOnce(AuthenticatorBuilder) -> AuthenticatorBuilder,
        any_rp_id: bool,
    ) -> Result<Client, Stop> {
        self.clients += 1;
        let settings = self.settings;
        let mut authenticator = settings
            .model
            .clone()
            .builder()
            .seed(&format!("{}/{}/{}", settings.seed, self.name, self.clients))
            .clock(clock_of_statements(&*settings.clock))
            .attestation_authority(settings.authority.clone());
        if let Some(attachment) = settings.attachment {
            authenticator = authenticator.attachment(attachment);
        }
        if let Some(format) = settings.plain_format {
            authenticator = authenticator.format(format);
        }
        for need in self.needs.iter() {
            authenticator = match need {
                Need::Algorithm(algorithm) => authenticator.algorithms([*algorithm]),
                Need::NoAttestation => authenticator.format(AttestationFormat::None),
                _ => authenticator,
            };
        }
        let authenticator =
            kind(authenticator).build().map_err(|error| match cfg!(feature = "all-algorithms") {
                true => Stop::error(error.to_string()),
                // That the harness lacks an algorithm says nothing about the target.
                false => Stop::skip(error.to_string()),
            })?;
        let mut client = Client::builder(self.origin).authenticator(authenticator).any_rp_id(any_rp_id);
        if let Some(preset) = settings.reply {
            client = client.reply(preset);
        }
        client.build().map_err(|error| Stop::error(error.to_string()))
    }
}

/// What attestation statements that state a time go by.
fn clock_of_statements(clock: &dyn Clock) -> attestation::Clock {
    match clock.stands_still() {
        true => attestation::Clock::Fixed(u64::try_from(clock.since_1970().as_millis()).unwrap_or(u64::MAX)),
        false => attestation::Clock::System,
    }
}
