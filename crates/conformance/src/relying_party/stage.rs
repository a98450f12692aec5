//! Where a case is played: people with authenticators, each in a browser session with the target.

mod person;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use stuntkey::Client;
use stuntkey::attestation::{AttestationFormat, CertificateAuthority, Clock};
use stuntkey::authenticator::{AuthenticatorBuilder, Model};
use stuntkey::verifier::Check;

pub(crate) use person::Person;

use crate::core::verdict::Verdict;
use crate::relying_party::target::{Answer, Exchange, Target};

/// What a case comes to: nothing to say, or why it stopped.
pub(crate) type Scene = Result<(), Halt>;

/// Why a case did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Halt {
    pub(crate) verdict: Verdict,
    pub(crate) why: String,
    pub(crate) cause: Cause,
}

/// What a target did that stopped a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It refused something sound in an orderly way, which it may do where the requirement is a MAY.
    Refused,
    /// It hung.
    Hung,
    /// It could not be reached.
    Gone,
    /// Something else.
    Other,
}

impl Halt {
    fn new(verdict: Verdict, cause: Cause, why: impl Into<String>) -> Self {
        Self { verdict, why: why.into(), cause }
    }

    pub(crate) fn fail(why: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, Cause::Other, why)
    }

    pub(crate) fn weak(why: impl Into<String>) -> Self {
        Self::new(Verdict::Weak, Cause::Other, why)
    }

    pub(crate) fn skip(why: impl Into<String>) -> Self {
        Self::new(Verdict::Skip, Cause::Other, why)
    }

    pub(crate) fn error(why: impl Into<String>) -> Self {
        Self::new(Verdict::Error, Cause::Other, why)
    }

    pub(crate) fn hung(why: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, Cause::Hung, why)
    }

    fn gone(why: impl Into<String>) -> Self {
        Self::new(Verdict::Error, Cause::Gone, why)
    }
}

/// What every case of a run shares.
#[derive(Debug, Clone)]
pub(crate) struct Scenery {
    /// The page's origin.
    pub(crate) origin: String,
    /// What everything random on our side follows from.
    pub(crate) seed: String,
    /// The beginning of every user name.
    pub(crate) user_prefix: String,
    /// The shape of replies, unless it follows from the options.
    pub(crate) reply: Option<stuntkey::client::Preset>,
    /// The authenticators that people have, where a case is not about another.
    pub(crate) model: Model,
    /// Whom attestation leads to.
    pub(crate) authority: CertificateAuthority,
    /// The attestation that plain registrations have, if the default is not accepted.
    pub(crate) plain_format: Option<AttestationFormat>,
    /// How long a case may take.
    pub(crate) deadline: Duration,
    /// How long a case may wait for a challenge to expire.
    pub(crate) longest_wait: Duration,
}

/// One case's stage.
pub(crate) struct Stage<'a> {
    target: &'a dyn Target,
    scenery: &'a Scenery,
    case: String,
    clients: u32,
    ends: Rc<Cell<Instant>>,
    log: Rc<RefCell<Vec<Exchange>>>,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(target: &'a dyn Target, scenery: &'a Scenery, case: &str) -> Self {
        let ends = Rc::new(Cell::new(Instant::now() + scenery.deadline));
        Self { target, scenery, case: case.to_owned(), clients: 0, ends, log: Rc::default() }
    }

    /// What went over the wire, in order.
    pub(crate) fn into_exchanges(self) -> Vec<Exchange> {
        self.log.take()
    }

    pub(crate) fn scenery(&self) -> &Scenery {
        self.scenery
    }

    /// Gives the case as much longer as it has to wait.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.ends.set(self.ends.get() + time);
        std::thread::sleep(time);
    }

    /// Somebody new, with an authenticator as it comes.
    pub(crate) fn person(&mut self) -> Result<Person<'a>, Halt> {
        self.person_with(|authenticator| authenticator)
    }

    /// Somebody new, with an authenticator of this kind.
    pub(crate) fn person_with(
        &mut self,
        kind: impl FnOnce(AuthenticatorBuilder) -> AuthenticatorBuilder,
    ) -> Result<Person<'a>, Halt> {
        let client = self.client(kind, false)?;
        let user_name = self.user_name();
        Ok(self.enter(client, user_name))
    }

    /// Somebody new at a browser that lets a page use any RP ID.
    pub(crate) fn person_with_any_rp_id(&mut self) -> Result<Person<'a>, Halt> {
        let client = self.client(|authenticator| authenticator, true)?;
        let user_name = self.user_name();
        Ok(self.enter(client, user_name))
    }

    /// Somebody new who is registered, which the case builds upon.
    pub(crate) fn registered(&mut self) -> Result<Person<'a>, Halt> {
        self.registered_with(|authenticator| authenticator)
    }

    /// The same, with an authenticator of this kind.
    pub(crate) fn registered_with(
        &mut self,
        kind: impl FnOnce(AuthenticatorBuilder) -> AuthenticatorBuilder,
    ) -> Result<Person<'a>, Halt> {
        let mut person = self.person_with(kind)?;
        let answer = person.register()?;
        require(answer, "a registration")?;
        Ok(person)
    }

    /// The same person in another browser, with another authenticator.
    pub(crate) fn elsewhere(&mut self, person: &Person<'a>) -> Result<Person<'a>, Halt> {
        let client = self.client(|authenticator| authenticator, false)?;
        Ok(self.enter(client, person.user_name().to_owned()))
    }

    /// Gives a person another authenticator, in the same session. Returns the client with the one they had.
    pub(crate) fn reequip(
        &mut self,
        person: &mut Person<'a>,
        kind: impl FnOnce(AuthenticatorBuilder) -> AuthenticatorBuilder,
    ) -> Result<Client, Halt> {
        Ok(person.replace_client(self.client(kind, false)?))
    }

    fn enter(&self, client: Client, user_name: String) -> Person<'a> {
        Person::new(self.target.session(), client, user_name, Rc::clone(&self.log), Rc::clone(&self.ends))
    }

    fn user_name(&self) -> String {
        format!("{}-{}-{}", self.scenery.user_prefix, self.case.replace('/', "-"), self.clients)
    }

    /// Another one than every other of the case: its authenticator's seed has its number.
    fn client(
        &mut self,
        kind: impl FnOnce(AuthenticatorBuilder) -> AuthenticatorBuilder,
        any_rp_id: bool,
    ) -> Result<Client, Halt> {
        self.clients += 1;
        let scenery = self.scenery;
        let mut authenticator = scenery
            .model
            .clone()
            .builder()
            .seed(&format!("{}/{}/{}", scenery.seed, self.case, self.clients))
            .clock(Clock::System)
            .attestation_authority(scenery.authority.clone());
        if let Some(format) = scenery.plain_format {
            authenticator = authenticator.format(format);
        }
        let authenticator = kind(authenticator).build().map_err(|error| Halt::error(error.to_string()))?;
        let mut client = Client::builder(&scenery.origin).authenticator(authenticator).any_rp_id(any_rp_id);
        if let Some(preset) = scenery.reply {
            client = client.reply(preset);
        }
        client.build().map_err(|error| Halt::error(error.to_string()))
    }
}

/// The answer has to be an acceptance, as the requirement says; gives its body.
pub(crate) fn expect_accepted(answer: Answer, what: &str) -> Result<String, Halt> {
    match answer {
        Answer::Accepted(body) => Ok(body),
        Answer::Refused(why) => {
            Err(Halt { cause: Cause::Refused, ..Halt::fail(format!("{what} was refused: {why}")) })
        }
        Answer::Crashed(how) => Err(Halt::fail(format!("{what} made the target break: {how}"))),
        Answer::Hung(how) => Err(Halt::hung(format!("{what} made the target hang: {how}"))),
        Answer::Unreachable(why) => Err(Halt::gone(why)),
    }
}

/// The reason that a refusal is to have, for targets whose refusals cite one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reason<'a> {
    /// `7.1` or `7.2`, and the step.
    pub(crate) step: (&'a str, u8),
    /// The check of the verifier, if the case is about just one.
    pub(crate) check: Option<&'a str>,
}

impl<'a> Reason<'a> {
    pub(crate) fn step(section: &'a str, step: u8) -> Option<Self> {
        Some(Self { step: (section, step), check: None })
    }
}

/// The answer has to be a refusal, as the requirement says, for this reason if it cites one.
pub(crate) fn expect_refused(answer: Answer, what: &str, reason: Option<Reason<'_>>) -> Scene {
    match answer {
        Answer::Accepted(_) => Err(Halt::fail(format!("{what} was accepted"))),
        Answer::Refused(why) => match (reason, cited(&why)) {
            (Some(reason), Some(cited)) if !agree(reason, cited) => {
                Err(Halt::weak(format!("{what} was refused for another reason: {why}")))
            }
            _ => Ok(()),
        },
        Answer::Crashed(how) => Err(Halt::weak(format!("{what} made the target break: {how}"))),
        Answer::Hung(how) => Err(Halt::hung(format!("{what} made the target hang: {how}"))),
        Answer::Unreachable(why) => Err(Halt::gone(why)),
    }
}

fn agree(reason: Reason<'_>, cited: Reason<'_>) -> bool {
    let other_check = reason.check.zip(cited.check).is_some_and(|(wanted, found)| wanted != found);
    reason.step == cited.step && !other_check
}

/// Something that the case builds upon. If it is not accepted, the case says nothing.
pub(crate) fn require(answer: Answer, what: &str) -> Result<String, Halt> {
    match answer {
        Answer::Accepted(body) => Ok(body),
        Answer::Refused(why) => Err(Halt::skip(format!("{what} is refused: {why}"))),
        Answer::Crashed(how) => Err(Halt::skip(format!("{what} makes the target break: {how}"))),
        Answer::Hung(how) => Err(Halt::hung(format!("{what} makes the target hang: {how}"))),
        Answer::Unreachable(why) => Err(Halt::gone(why)),
    }
}

/// What a refusal names: `§7.1 step 9`, perhaps followed by a check of the verifier's.
fn cited(why: &str) -> Option<Reason<'_>> {
    let at = why.find("§7.")?;
    let (section, rest) = why.get(at + "§".len()..)?.split_once(" step ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(end);
    let id = rest.strip_prefix(": ").and_then(|rest| rest.split([':', ' ']).next());
    let check = id.filter(|id| Check::from_id(id).is_some());
    Some(Reason { step: (section, digits.parse().ok()?), check })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_for_another_reason_is_weak() {
        let refused = |why: &str| Answer::Refused(why.to_owned());
        let reason = Some(Reason { step: ("7.1", 22), check: Some("packed/syntax") });
        for same in ["no", "(§7.1 step 22)", "WebAuthn L3 §7.1 step 22: packed/syntax: found", "see §7.1"]
        {
            assert_eq!(expect_refused(refused(same), "it", reason), Ok(()), "{same}");
        }
        for other in ["§7.1 step 2", "§7.2 step 22", "§7.1 step 22: packed/signature in attStmt[0]: found"]
        {
            let halt = expect_refused(refused(other), "it", reason).unwrap_err();
            assert_eq!(halt.verdict, Verdict::Weak, "{other}");
        }
    }

    #[test]
    fn a_crash_is_no_refusal() {
        let crashed = expect_refused(Answer::Crashed("500".into()), "it", None).unwrap_err();
        assert_eq!(crashed.verdict, Verdict::Weak);
        let hung = expect_refused(Answer::Hung("10 s".into()), "it", None).unwrap_err();
        assert_eq!(hung.verdict, Verdict::Fail);
        let accepted = expect_refused(Answer::Accepted(String::new()), "it", None).unwrap_err();
        assert_eq!(accepted.verdict, Verdict::Fail);
        let gone = expect_refused(Answer::Unreachable("refused".into()), "it", None).unwrap_err();
        assert_eq!(gone.verdict, Verdict::Error);
    }
}
