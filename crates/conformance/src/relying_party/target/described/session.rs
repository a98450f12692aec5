//! One browser's session with a server.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use stuntkey::webauthn::Ceremony;
use url::Url;

use super::answer::Judged;
use super::send::{Incoming, Outgoing, send};
use super::{DescribedServer, Transport};
use crate::core::clock::Moment;
use crate::core::exchange::Exchange;
use crate::core::seed::hex;
use crate::relying_party::target::description::{
    Call, Description, Flow, Options, Part, Place, Values, fill, only_name,
};
use crate::relying_party::target::{
    Answer, AuthenticationRequest, BEFORE_THE_OPTIONS, RegistrationRequest, Session,
};

/// How much of an answer a report keeps, in characters.
const KEPT: usize = 4096;
/// How long to wait before a status is asked for again.
const POLLING: Duration = Duration::from_millis(200);

/// What the requests of a ceremony are for.
struct Actions {
    before: &'static str,
    options: &'static str,
    result: &'static str,
    confirm: &'static str,
}

const REGISTRATION: Actions = Actions {
    before: "before the registration options",
    options: "registration options",
    result: "registration result",
    confirm: "confirmation of the registration",
};

const AUTHENTICATION: Actions = Actions {
    before: "before the authentication options",
    options: "authentication options",
    result: "authentication result",
    confirm: "confirmation of the authentication",
};

/// The requests of a ceremony: what each is for, and how it is made.
fn ceremony_of(description: &Description, ceremony: Ceremony) -> (&'static Actions, &Flow) {
    match ceremony {
        Ceremony::Create => (&REGISTRATION, &description.registration),
        Ceremony::Get => (&AUTHENTICATION, &description.authentication),
    }
}

pub(crate) struct DescribedSession<'a, T> {
    target: &'a DescribedServer,
    transport: T,
    values: Values,
    deadline: Option<Moment>,
    /// How long the last request waited: for its turn, because the server answered 429, and for the requests before it.
    waited: Duration,
    last: Option<Exchange>,
}

impl<T: Transport> Session for DescribedSession<'_, T> {
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
        let require = wanted.resident_key == stuntkey::webauthn::ResidentKey::Required;
        self.set_user(wanted.username);
        self.set("display_name", wanted.display_name);
        self.set("user_verification", wanted.user_verification.as_str());
        self.set("resident_key", wanted.resident_key.as_str());
        self.set("require_resident_key", if require { "true" } else { "false" });
        self.set("attestation", wanted.attestation.as_str());
        self.set("mediation", if wanted.conditional { "conditional" } else { "optional" });
        self.set("extensions", wanted.extensions);
        self.begin(Ceremony::Create)
    }

    fn register(&mut self, reply: &str) -> Answer {
        self.finish(Ceremony::Create, reply)
    }

    fn authentication_options(&mut self, wanted: &AuthenticationRequest<'_>) -> Answer {
        self.set_user(wanted.username.unwrap_or_default());
        self.set("user_verification", wanted.user_verification.as_str());
        self.begin(Ceremony::Get)
    }

    fn authenticate(&mut self, reply: &str) -> Answer {
        self.finish(Ceremony::Get, reply)
    }

    fn finish_at_once(
        &mut self,
        ceremony: Ceremony,
        replies: [&str; 2],
    ) -> Option<[(Answer, Option<Exchange>); 2]> {
        // Another connection of the same browser, with the same cookies.
        let transport = self.transport.beside()?;
        let mut beside = Self { transport, values: self.values.clone(), last: None, ..*self };
        let [first, second] = replies;
        Some(thread::scope(|scope| {
            let second = scope.spawn(move || (beside.finish(ceremony, second), beside.last));
            let first = (self.finish(ceremony, first), self.last.take());
            let broken = || (Answer::Crashed("the second request broke down".into()), None);
            [first, second.join().unwrap_or_else(|_| broken())]
        }))
    }

    fn login_session(&self) -> Option<String> {
        self.transport.cookies().remove(self.target.description.session_cookie.as_ref()?)
    }

    fn sends(&self, ceremony: Ceremony, member: &str) -> bool {
        self.target.description.sends(ceremony, member)
    }

    fn set_time_left(&mut self, left: Duration) {
        self.deadline = Some(self.now() + left);
    }

    fn last_wait(&mut self) -> Duration {
        std::mem::take(&mut self.waited)
    }

    fn renew(&mut self) -> bool {
        self.transport.forget_cookies();
        self.values = self.target.values();
        self.set_user("");
        self.deadline = None;
        true
    }

    fn last_exchange(&mut self) -> Option<Exchange> {
        self.last.take()
    }
}

impl<'a, T: Transport> DescribedSession<'a, T> {
    pub(crate) fn new(target: &'a DescribedServer, transport: T) -> Self {
        let mut session = Self {
            target,
            transport,
            values: target.values(),
            deadline: None,
            waited: Duration::ZERO,
            last: None,
        };
        session.set_user("");
        session
    }

    /// The content type and the text of a document of the target's, if it has one at this path.
    pub(super) fn get(&mut self, action: &'static str, path: &str) -> Option<(String, String)> {
        let url = Url::parse(&self.target.base).ok()?.join(path).ok()?;
        let request = Outgoing {
            action,
            method: "GET".into(),
            url,
            headers: Vec::new(),
            body: String::new(),
            follow: true,
        };
        let answer = send(
            &self.transport,
            &*self.target.clock,
            &request,
            self.target.timeout,
            self.target.patience,
            &mut self.waited,
        )
        .ok()?;
        let content_type = answer.header("content-type").unwrap_or_default().to_owned();
        (answer.status == 200).then_some((content_type, answer.body))
    }

    fn now(&self) -> Moment {
        self.target.clock.now()
    }

    fn set(&mut self, name: &str, value: &str) {
        self.values.literal.insert(name.to_owned(), value.to_owned());
    }

    /// The user's name, and what else forms ask for: the same for the same name, in every session. What is for once is
    /// another in each ceremony.
    fn set_user(&mut self, name: &str) {
        let digest = hex(&Sha256::digest(format!("stuntkey user {name}")));
        let unique = digest.get(..16).unwrap_or_default();
        self.set("username", name);
        self.set("unique", unique);
        let ceremony = self.target.ceremonies.fetch_add(1, Ordering::Relaxed);
        let once = hex(&Sha256::digest(format!("stuntkey ceremony {ceremony} {name}")));
        self.set("once", once.get(..16).unwrap_or_default());
        // With every kind of character that servers ask for.
        self.set("password", &format!("Aa1!{unique}"));
    }

    /// Asks for options, after what comes before.
    fn begin(&mut self, ceremony: Ceremony) -> Answer {
        let (actions, flow) = ceremony_of(&self.target.description, ceremony);
        if flow.new_session {
            self.transport.forget_cookies();
        }
        for call in &flow.before {
            let (began, waited) = (self.now(), self.waited);
            let answer = self.call(actions.before, call);
            // What a product needs before is not what a case is about, and may take long: a sign-up hashes passwords.
            let took = self.now().since(began);
            self.lengthen(took.saturating_sub(self.waited.saturating_sub(waited)));
            match answer {
                Answer::Accepted(_) => {}
                Answer::Refused(why) => return Answer::Refused(format!("{BEFORE_THE_OPTIONS}{why}")),
                other => return other,
            }
        }
        self.call(actions.options, &flow.options)
    }

    fn finish(&mut self, ceremony: Ceremony, reply: &str) -> Answer {
        let (actions, flow) = ceremony_of(&self.target.description, ceremony);
        self.set("reply", reply);
        let answer = self.call(actions.result, &flow.result);
        match (&flow.confirm, &answer) {
            (Some(confirm), Answer::Accepted(_)) => {
                let result = self.last.take();
                let confirmed = self.poll(actions.confirm, confirm);
                // A report shows the result, and of the confirmation what it says.
                let said = self.last.take().map(|last| last.received).unwrap_or_default();
                self.last = result.map(|mut result| {
                    result.received = format!("{}\nconfirmed by: {said}", result.received);
                    result
                });
                confirmed
            }
            _ => answer,
        }
    }

    /// Asks until the answer is no longer that it is pending, or the time is over.
    fn poll(&mut self, action: &'static str, call: &Call) -> Answer {
        let ends = self.deadline.unwrap_or_else(|| self.now() + self.target.timeout);
        loop {
            let answer = match self.exchange(action, call) {
                Ok(answer) => answer,
                Err(answer) => return answer,
            };
            if !Judged::new(call, &self.url(), &answer).is_pending() {
                return self.judge(call, answer);
            }
            if self.now() + POLLING >= ends {
                return Answer::Hung("still pending when the time was over".into());
            }
            self.target.clock.wait(POLLING);
        }
    }

    /// Sends a request, and judges its answer.
    fn call(&mut self, action: &'static str, call: &Call) -> Answer {
        match self.exchange(action, call) {
            Ok(answer) => self.judge(call, answer),
            Err(answer) => answer,
        }
    }

    /// Sends a request, and notes what came back.
    fn exchange(&mut self, action: &'static str, call: &Call) -> Result<Incoming, Answer> {
        let request = self.request(action, call).map_err(Answer::Unreachable)?;
        let turn = self.target.pace.wait_for_turn(&*self.target.clock);
        self.lengthen(turn);
        let left = self.deadline.map(|deadline| deadline.since(self.now()));
        let timeout = left.unwrap_or(self.target.timeout).min(self.target.timeout);
        let mut waited = Duration::ZERO;
        let sent =
            send(&self.transport, &*self.target.clock, &request, timeout, self.target.patience, &mut waited);
        self.lengthen(waited);
        if let Some(last) = &mut self.last {
            request.action.clone_into(&mut last.action);
            match &sent {
                Ok(answer) => {
                    last.status = Some(answer.status);
                    last.received = beginning(&answer.body).to_owned();
                    // A redirect says where to, and has nothing in its body.
                    if let (300..400, Some(location)) = (answer.status, answer.header("location")) {
                        last.received = format!("location: {location}\n{}", last.received);
                    }
                }
                Err(
                    Answer::Crashed(how) | Answer::Hung(how) | Answer::Busy(how) | Answer::Unreachable(how),
                ) => last.received.clone_from(how),
                Err(_) => {}
            }
        }
        sent
    }

    /// Time that was waited because the target wants it so does not count.
    fn lengthen(&mut self, wait: Duration) {
        self.waited += wait;
        self.deadline = self.deadline.map(|deadline| deadline + wait);
    }

    fn url(&self) -> String {
        self.last.as_ref().map(|last| last.url.clone()).unwrap_or_default()
    }

    fn request(&mut self, action: &'static str, call: &Call) -> Result<Outgoing, String> {
        self.values.cookies = self.transport.cookies();
        let parsed = self.address(&call.url)?;
        let place = match call.content_type.contains("json") {
            true => Place::JsonBody,
            false => Place::FormBody,
        };
        let body = call.body().map(|body| fill(body, &self.values, place)).transpose()?;
        let mut headers = Vec::new();
        let has_type = call.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        if body.is_some() && !has_type {
            headers.push(("content-type".to_owned(), call.content_type.clone()));
        }
        let mut shown = headers.clone();
        for (name, template) in &call.headers {
            headers.push((name.clone(), fill(template, &self.values, Place::Header)?));
            // With its names, but not with their values, which may be secrets.
            shown.push((name.clone(), template.clone()));
        }
        for (name, value) in &self.target.headers {
            headers.push((name.clone(), value.clone()));
            shown.push((name.clone(), "…".to_owned()));
        }
        let body = body.unwrap_or_default();
        self.last = Some(Exchange {
            method: call.method.clone(),
            url: parsed.to_string(),
            headers: shown,
            sent: body.clone(),
            ..Exchange::default()
        });
        let follow = !call.accepted.is_about_a_redirect();
        Ok(Outgoing { action, method: call.method.clone(), url: parsed, headers, body, follow })
    }

    /// The URL of a request. One that the target gave, such as a form's action, may be relative and has to be the target's.
    fn address(&self, template: &str) -> Result<Url, String> {
        let given = only_name(template).and_then(|name| self.values.literal.get(name));
        let malformed = |url: &str, error: url::ParseError| format!("{url:?} is no URL: {error}");
        let Some(given) = given else {
            let url = fill(template, &self.values, Place::Url)?;
            return Url::parse(&url).map_err(|error| malformed(&url, error));
        };
        let base = Url::parse(&self.target.base).map_err(|error| malformed(&self.target.base, error))?;
        let url = base.join(given).map_err(|error| malformed(given, error))?;
        match url.origin() == base.origin() {
            true => Ok(url),
            false => Err(format!("{template}: found {url}, expected a URL of {}", self.target.base)),
        }
    }

    /// Whether an answer is an acceptance. Keeps what the description wants to be kept of it.
    fn judge(&mut self, call: &Call, answer: Incoming) -> Answer {
        let url = self.url();
        let judged = Judged::new(call, &url, &answer);
        if let Err(other) = judged.verdict() {
            return other;
        }
        for (name, part) in &call.capture {
            let value = judged.value(part).or_else(|| self.cookie(part).map(Value::from));
            match value {
                Some(value) => self.keep(name, value),
                None => {
                    return Answer::Refused(judged.reason(Some(&format!("the answer has no {part}"))));
                }
            }
        }
        match &call.options {
            None => {}
            Some(Options::In(part)) => {
                return match judged.value(part).map(text) {
                    Some(options) => Answer::Accepted(options),
                    None => Answer::Refused(judged.reason(Some(&format!("the answer has no {part}")))),
                };
            }
            Some(Options::Template(template)) => {
                return fill(template, &self.values, Place::JsonBody)
                    .map_or_else(Answer::Unreachable, Answer::Accepted);
            }
        }
        Answer::Accepted(answer.body)
    }

    /// Keeps what an answer brought.
    fn keep(&mut self, name: &str, value: Value) {
        match value.is_object() || value.is_array() {
            true => self.values.structures.insert(name.to_owned()),
            false => self.values.structures.remove(name),
        };
        self.set(name, &text(value));
    }

    /// The cookie that the session has, if the part is one.
    fn cookie(&self, part: &Part) -> Option<String> {
        let Part::Cookie(name) = part else { return None };
        self.transport.cookies().remove(name)
    }
}

/// As much of an answer as a report keeps.
fn beginning(body: &str) -> &str {
    let end = body.char_indices().nth(KEPT).map(|(end, _)| end);
    end.and_then(|end| body.get(..end)).unwrap_or(body)
}

/// A value of an answer as text: a text itself, anything else as JSON.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
