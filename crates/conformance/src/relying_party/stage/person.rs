//! Somebody at a browser.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use stuntkey::Client;
use stuntkey::authenticator::Credential;
use stuntkey::client::{Request, find_creation_options, find_request_options};
use stuntkey::draft::Edit;
use stuntkey::encoding::json::Json;
use stuntkey::fault::Fault;
use stuntkey::webauthn::{
    AttestationConveyance, Ceremony, CreationOptions, RequestOptions, ResidentKey, UserVerification,
};

use super::{Answered, Stage};
use crate::core::clock::{Clock, Moment};
use crate::core::exchange::Exchange;
use crate::core::outcome::{Outcome, Stop};
use crate::core::run::text_of;
use crate::relying_party::need::Need;
use crate::relying_party::target::{Answer, AuthenticationRequest, RegistrationRequest, Session};

/// Somebody with a name, an authenticator and a session with the target.
pub(crate) struct Person<'a> {
    session: Box<dyn Session + 'a>,
    client: Client,
    user_name: String,
    /// What the case needs of the target; its options show whether it has it.
    needs: Rc<[Need]>,
    /// What follows the names of requests, if they go to another relying party than most.
    place: &'static str,
    log: Rc<RefCell<Vec<Exchange>>>,
    clock: Arc<dyn Clock>,
    ends: Rc<Cell<Moment>>,
    /// How long the whole case may take.
    deadline: Duration,
    /// When the options that came last are no longer good, if they say so.
    expires: Option<Moment>,
    /// Whether the target can be told a name when a login begins.
    by_name: bool,
    pub(crate) wants: Wants,
}

/// What the options are asked to ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wants {
    pub(crate) user_verification: UserVerification,
    pub(crate) resident_key: ResidentKey,
    pub(crate) attestation: AttestationConveyance,
    pub(crate) conditional: bool,
    pub(crate) extensions: &'static str,
}

/// A ceremony that has begun: the body with its options, and the options.
pub(crate) struct Begun<O> {
    pub(crate) body: String,
    pub(crate) options: O,
}

impl<'a> Person<'a> {
    pub(super) fn new(stage: &Stage<'a>, client: Client, user_name: String) -> Self {
        let mut wants = Wants {
            user_verification: UserVerification::Required,
            resident_key: ResidentKey::Required,
            attestation: AttestationConveyance::Direct,
            conditional: false,
            extensions: "{}",
        };
        for need in stage.needs.iter() {
            match need {
                Need::NoAttestation => wants.attestation = AttestationConveyance::None,
                Need::NotDiscoverable => wants.resident_key = ResidentKey::Discouraged,
                Need::UserVerification(_, wanted) => wants.user_verification = *wanted,
                Need::ConditionalCreate => {
                    wants.conditional = true;
                    // A conditional create shows nothing, so it can verify nobody.
                    wants.user_verification = UserVerification::Preferred;
                }
                _ => {}
            }
        }
        Self {
            session: stage.target.session(),
            client,
            user_name,
            needs: Rc::clone(&stage.needs),
            place: stage.place,
            log: Rc::clone(&stage.log),
            clock: Arc::clone(&stage.settings.clock),
            ends: Rc::clone(&stage.ends),
            deadline: stage.settings.deadline,
            expires: None,
            by_name: stage.target.logs_in_by_name(),
            wants,
        }
    }

    pub(crate) fn user_name(&self) -> &str {
        &self.user_name
    }

    pub(crate) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Sits down at another client, with the authenticator that it has. Returns the one before.
    pub(crate) fn replace_client(&mut self, client: Client) -> Client {
        std::mem::replace(&mut self.client, client)
    }

    /// The newest credential that the authenticator holds.
    pub(crate) fn credential(&mut self) -> Result<Credential, Stop> {
        let credentials = self.client.authenticator().credentials();
        let credentials = credentials.map_err(|error| Stop::error(error.to_string()))?;
        credentials.into_iter().next().ok_or_else(|| Stop::error("the authenticator holds no credential"))
    }

    /// Puts a credential into the authenticator, or changes the one with its id.
    pub(crate) fn keep(&mut self, credential: &Credential) -> Result<(), Stop> {
        let mut put = || {
            let mut transaction = self.client.authenticator().store().begin()?;
            transaction.put(credential)?;
            transaction.commit()
        };
        put().map_err(|error| Stop::error(error.to_string()))
    }

    /// Registers, from options to result.
    pub(crate) fn register(&mut self) -> Result<Answered, Stop> {
        let begun = self.begin_registration()?;
        let reply = self.create(&begun.body)?;
        self.finish_registration(&reply)
    }

    /// Logs in by name, from options to result.
    pub(crate) fn log_in(&mut self) -> Result<Answered, Stop> {
        let begun = self.begin_authentication(true)?;
        let reply = self.get(&begun.body)?;
        self.finish_authentication(&reply)
    }

    /// Asks for creation options, which the case builds upon.
    pub(crate) fn begin_registration(&mut self) -> Result<Begun<CreationOptions>, Stop> {
        let body = self.ask_to_register()?.required("creation options")?;
        let options = find_creation_options(&body)
            .map_err(|error| Stop::error(format!("no creation options: {error}")))?;
        self.set_timeout(options.timeout);
        let is_conditional = || Request::find(&body).is_ok_and(|request| request.is_conditional());
        self.needs.iter().try_for_each(|need| need.expect_in_creation(&options, &is_conditional))?;
        Ok(Begun { body, options })
    }

    /// Asks for creation options.
    pub(crate) fn ask_to_register(&mut self) -> Result<Answered, Stop> {
        let left = self.time_left()?;
        let wanted = RegistrationRequest {
            username: &self.user_name,
            display_name: &self.user_name,
            user_verification: self.wants.user_verification,
            resident_key: self.wants.resident_key,
            attestation: self.wants.attestation,
            conditional: self.wants.conditional,
            extensions: self.wants.extensions,
        };
        let answer = unless_it_panics(|| self.session.registration_options(&wanted));
        let asked = format!("username {}, display name {}", wanted.username, wanted.display_name);
        Ok(self.note("registration options", &asked, answer, left))
    }

    /// What the browser makes of creation options.
    pub(crate) fn create(&mut self, body: &str) -> Result<String, Stop> {
        let reply = self.client.register(body);
        reply.map(|reply| reply.to_string()).map_err(|error| no_reply("registration", &error))
    }

    /// What the browser makes of creation options, with these edits.
    pub(crate) fn create_edited(
        &mut self,
        edits: impl IntoIterator<Item = Edit>,
        body: &str,
    ) -> Result<String, Stop> {
        self.create_edited_with(edits, body, |_| true)
    }

    /// The same, if the reply's JSON is such that it takes a change.
    pub(crate) fn create_edited_with(
        &mut self,
        edits: impl IntoIterator<Item = Edit>,
        body: &str,
        takes: impl FnOnce(&Json<'_>) -> bool,
    ) -> Result<String, Stop> {
        let reply = self.client.edited(edits, |client| client.register(body));
        let reply = reply.map_err(|error| no_reply("registration", &error))?;
        match reply.json().is_some_and(|json| takes(&json)) {
            true => Ok(reply.to_string()),
            false => Err(other_shape()),
        }
    }

    pub(crate) fn finish_registration(&mut self, reply: &str) -> Result<Answered, Stop> {
        let left = self.time_left()?;
        let is_late = self.is_late();
        let answer = unless_it_panics(|| self.session.register(reply));
        Ok(self.note("registration result", reply, answer, left).late(is_late))
    }

    /// Asks for request options, which the case builds upon; by name if the target takes one, or without.
    pub(crate) fn begin_authentication(&mut self, by_name: bool) -> Result<Begun<RequestOptions>, Stop> {
        let what = if by_name { "request options" } else { "request options for a login without a name" };
        let body = self.ask_to_log_in(by_name)?.required(what)?;
        let options = find_request_options(&body)
            .map_err(|error| Stop::error(format!("no request options: {error}")))?;
        self.set_timeout(options.timeout);
        if by_name {
            self.needs.iter().try_for_each(|need| need.expect_in_request(&options))?;
        }
        Ok(Begun { body, options })
    }

    /// Asks for request options.
    pub(crate) fn ask_to_log_in(&mut self, by_name: bool) -> Result<Answered, Stop> {
        let left = self.time_left()?;
        let wanted = AuthenticationRequest {
            username: (by_name && self.by_name).then_some(self.user_name.as_str()),
            user_verification: self.wants.user_verification,
        };
        let answer = unless_it_panics(|| self.session.authentication_options(&wanted));
        let asked =
            wanted.username.map_or_else(|| "no username".to_owned(), |name| format!("username {name}"));
        Ok(self.note("authentication options", &asked, answer, left))
    }

    /// What the browser makes of request options.
    pub(crate) fn get(&mut self, body: &str) -> Result<String, Stop> {
        let reply = self.client.authenticate(body);
        reply.map(|reply| reply.to_string()).map_err(|error| no_reply("login", &error))
    }

    /// What the browser makes of creation options, with this fault.
    pub(crate) fn create_faulty(&mut self, fault: &Fault, body: &str) -> Result<String, Stop> {
        self.expect_sent(Ceremony::Create, fault)?;
        let reply = self.client.faulty(fault, |client| client.register(body)).and_then(|reply| reply);
        reply.map(|reply| reply.to_string()).map_err(|error| no_reply("registration", &error))
    }

    /// What the browser makes of request options, with this fault.
    pub(crate) fn get_faulty(&mut self, fault: &Fault, body: &str) -> Result<String, Stop> {
        self.expect_sent(Ceremony::Get, fault)?;
        let reply = self.client.faulty(fault, |client| client.authenticate(body)).and_then(|reply| reply);
        reply.map(|reply| reply.to_string()).map_err(|error| no_reply("login", &error))
    }

    /// The target is sent the member of the reply that the fault is about; otherwise the case changes nothing.
    fn expect_sent(&self, ceremony: Ceremony, fault: &Fault) -> Outcome {
        match member_at_fault(fault.id()) {
            Some(member) if !self.session.sends(ceremony, member) => {
                let what = if member.is_empty() { "the reply as it is" } else { member };
                Err(Stop::skip(format!("the target is not sent {what}")))
            }
            _ => Ok(()),
        }
    }

    /// What the browser makes of request options, with these edits.
    pub(crate) fn get_edited(
        &mut self,
        edits: impl IntoIterator<Item = Edit>,
        body: &str,
    ) -> Result<String, Stop> {
        self.get_edited_with(edits, body, |_| true)
    }

    /// The same, if the reply's JSON is such that it takes a change.
    pub(crate) fn get_edited_with(
        &mut self,
        edits: impl IntoIterator<Item = Edit>,
        body: &str,
        takes: impl FnOnce(&Json<'_>) -> bool,
    ) -> Result<String, Stop> {
        let reply = self.client.edited(edits, |client| client.authenticate(body));
        let reply = reply.map_err(|error| no_reply("login", &error))?;
        match reply.json().is_some_and(|json| takes(&json)) {
            true => Ok(reply.to_string()),
            false => Err(other_shape()),
        }
    }

    pub(crate) fn finish_authentication(&mut self, reply: &str) -> Result<Answered, Stop> {
        let left = self.time_left()?;
        let is_late = self.is_late();
        let answer = unless_it_panics(|| self.session.authenticate(reply));
        Ok(self.note("authentication result", reply, answer, left).late(is_late))
    }

    /// Ends the ceremony by two replies at the same moment.
    pub(crate) fn finish_at_once(
        &mut self,
        ceremony: Ceremony,
        replies: [&str; 2],
    ) -> Result<[Answered; 2], Stop> {
        let left = self.time_left()?;
        let action = match ceremony {
            Ceremony::Create => "registration result",
            Ceremony::Get => "authentication result",
        };
        let Some(answers) = self.session.finish_at_once(ceremony, replies) else {
            return Err(Stop::skip("the target takes one request after the other"));
        };
        let [first, second] = answers;
        let mut both = [(replies[0], first), (replies[1], second)];
        // The one that was accepted comes first, so that a report does not depend on which was faster.
        both.sort_by_key(|(_, (answer, _))| !matches!(answer, Answer::Accepted(_)));
        Ok(both.map(|(reply, (answer, exchange))| self.record(action, reply, answer, exchange, left)))
    }

    /// What the browser shows to be logged in.
    pub(crate) fn login_session(&self) -> Option<String> {
        self.session.login_session()
    }

    /// Notes for how many milliseconds options are good that have just come.
    fn set_timeout(&mut self, timeout: Option<u64>) {
        self.expires =
            timeout.and_then(|timeout| self.clock.now().checked_add(Duration::from_millis(timeout)));
    }

    fn is_late(&self) -> bool {
        self.expires.is_some_and(|expires| expires <= self.clock.now())
    }

    /// How much of the case's time is left for a request.
    fn time_left(&mut self) -> Result<Duration, Stop> {
        let ends = self.ends.get();
        let left = ends.since(self.clock.now());
        if left.is_zero() {
            // Every answer came in time, so the target is not to blame.
            return Err(Stop::busy(
                "the case's time was over before its last request: --deadline gives more",
            ));
        }
        self.session.set_time_left(left);
        Ok(left)
    }

    fn note(&mut self, action: &str, sent: &str, answer: Answer, left: Duration) -> Answered {
        let exchange = self.session.last_exchange();
        self.record(action, sent, answer, exchange, left)
    }

    /// Notes what came of a request; `exchange` is what went over the wire, if there was more to it than the bodies.
    fn record(
        &mut self,
        action: &str,
        sent: &str,
        answer: Answer,
        exchange: Option<Exchange>,
        left: Duration,
    ) -> Answered {
        // A target that is given only the rest of the case's time does not hang because it needs longer.
        let answer = match answer {
            Answer::Hung(how) if left < self.deadline / 2 => {
                Answer::Busy(format!("{how}, which was the rest of the case's time: --deadline gives more"))
            }
            answer => answer,
        };
        // Waiting because the target asked for it is not the target's slowness.
        self.ends.set(self.ends.get() + self.session.last_wait());
        let mut exchange = exchange.unwrap_or_else(|| {
            let received = match &answer {
                Answer::Accepted(body) => body.clone(),
                Answer::Refused(why) => format!("refused: {why}"),
                Answer::Crashed(how) => format!("broke down: {how}"),
                Answer::Hung(how) => format!("hung: {how}"),
                Answer::Busy(how) => format!("too busy: {how}"),
                Answer::Unreachable(why) => format!("not reached: {why}"),
            };
            Exchange { sent: sent.to_owned(), received, ..Exchange::default() }
        });
        exchange.action = format!("{action}{}", self.place);
        self.log.borrow_mut().push(exchange);
        Answered::last(answer, &self.log)
    }
}

/// The member that a fault of the reply's JSON changes.
fn member_at_fault(id: &str) -> Option<&'static str> {
    let mut words = id.strip_prefix("reply/")?.split('/');
    Some(match (words.next()?, words.next()?) {
        ("id", "other-than-raw-id") => "rawId",
        ("id", _) => "id",
        ("type", _) => "type",
        ("client-extension-results", _) => "clientExtensionResults",
        ("client-data-json", _) => "response/clientDataJSON",
        ("attestation-object", _) => "response/attestationObject",
        ("authenticator-data", _) => "response/authenticatorData",
        ("signature", _) => "response/signature",
        ("user-handle", _) => "response/userHandle",
        _ => "",
    })
}

/// A target in the same process breaks down by a panic.
fn unless_it_panics(request: impl FnOnce() -> Answer) -> Answer {
    catch_unwind(AssertUnwindSafe(request))
        .unwrap_or_else(|panic| Answer::Crashed(format!("panic: {}", text_of(&*panic))))
}

/// What a browser would refuse, too, is nothing that the target has done.
fn no_reply(ceremony: &str, error: &stuntkey::Error) -> Stop {
    let why = format!("no {ceremony} with the target's options: {error}");
    match error {
        // An edit without effect: with this target's options the case would have tried nothing.
        stuntkey::Error::Refused(_) | stuntkey::Error::Edit(_) => Stop::skip(why),
        _ => Stop::error(why),
    }
}

fn other_shape() -> Stop {
    Stop::skip("the target's replies have another shape, which lacks the member")
}
