//! The relying party of a run whose requests somebody else carries out.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::answer::StepAnswer;
use super::record::{Record, Sent};
use super::step::StepRequest;
use crate::core::clock::{Clock, VirtualClock};
use crate::relying_party::target::described::{
    Counts, DescribedServer, DescribedSession, Incoming, Jar, LONGEST_ANSWER, Outgoing, Transport, USER_AGENT,
};
use crate::relying_party::target::{
    Answer, Ask, Asked, AuthenticationRequest, Description, HttpTargetError, RegistrationRequest, Session,
    Target,
};

/// A relying party whose requests somebody else carries out, such as the test framework of its own language.
#[derive(Debug)]
pub struct StepTarget {
    kind: Kind,
    /// Another relying party of the same server, and the origin of its pages.
    second: Option<(Box<StepTarget>, String)>,
}

#[derive(Debug)]
enum Kind {
    /// One that speaks HTTP, and what was counted when the part of the run began.
    Described(Box<DescribedServer>, Counts),
    /// One that is asked in a few words of JSON.
    Asked,
}

impl StepTarget {
    /// An application that is spoken to as the description tells, by requests to URLs that begin with this one.
    ///
    /// # Errors
    /// [`HttpTargetError`]: no `http` or `https` URL.
    pub fn described(url: &str, description: Description) -> Result<Self, HttpTargetError> {
        // A run sets its own clock.
        let server = DescribedServer::new(url, description, Arc::new(VirtualClock::new(Duration::ZERO)))?;
        Ok(Self { kind: Kind::Described(Box::new(server), Counts::default()), second: None })
    }

    /// A relying party without HTTP: it is asked what a [`Session`] is asked.
    #[must_use]
    pub fn asked() -> Self {
        Self { kind: Kind::Asked, second: None }
    }

    /// Gives a name of the description a value.
    #[must_use]
    pub fn variable(self, name: &str, value: &str) -> Self {
        self.with_server(|server| {
            server.variables.insert(name.to_owned(), value.to_owned());
        })
    }

    /// A header for every request.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with_server(|server| server.headers.push((name.to_owned(), value.to_owned())))
    }

    /// How long one request waits at most because the application answers 429 (Too Many Requests). Default: as long as the
    /// description says, or else a minute.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        self.with_server(|server| server.patience = patience)
    }

    /// Another relying party of the same application, with an RP ID and users of its own, and the origin of its pages.
    #[must_use]
    pub fn with_second(mut self, target: StepTarget, origin: &str) -> Self {
        self.second = Some((Box::new(target), origin.to_owned()));
        self
    }

    /// The names of the description that need a value and have none.
    #[must_use]
    pub fn missing_variables(&self) -> Vec<String> {
        self.server().map(DescribedServer::missing_variables).unwrap_or_default()
    }

    /// How it is spoken to, if a description says so.
    pub(in crate::relying_party) fn description(&self) -> Option<&Description> {
        self.server().map(|server| &server.description)
    }

    fn server(&self) -> Option<&DescribedServer> {
        match &self.kind {
            Kind::Described(server, _) => Some(server),
            Kind::Asked => None,
        }
    }

    fn with_server(mut self, change: impl FnOnce(&mut DescribedServer)) -> Self {
        if let Kind::Described(server, _) = &mut self.kind {
            change(server);
        }
        self
    }

    /// Goes by this clock.
    pub(super) fn set_clock(&mut self, clock: &Arc<Record>) {
        if let Kind::Described(server, _) = &mut self.kind {
            server.clock = Arc::<Record>::clone(clock);
        }
        if let Some((second, _)) = &mut self.second {
            second.set_clock(clock);
        }
    }

    /// Begins the next part of the run.
    pub(super) fn begin_part(&mut self) {
        if let Kind::Described(server, counts) = &mut self.kind {
            *counts = server.counts();
        }
        if let Some((second, _)) = &mut self.second {
            second.begin_part();
        }
    }

    /// Goes back to the beginning of the part.
    pub(super) fn go_back(&self) {
        if let Kind::Described(server, counts) = &self.kind {
            server.set_counts(*counts);
        }
        if let Some((second, _)) = &self.second {
            second.go_back();
        }
    }
}

/// The relying party as a part of a run meets it: what it answers is in the record.
pub(super) struct Recorded<'r> {
    target: &'r StepTarget,
    record: &'r Record,
    second: Option<(Box<Recorded<'r>>, &'r str)>,
}

impl<'r> Recorded<'r> {
    pub(super) fn new(target: &'r StepTarget, record: &'r Record) -> Self {
        let second = target.second.as_ref();
        let second = second.map(|(second, origin)| (Box::new(Self::new(second, record)), origin.as_str()));
        Self { target, record, second }
    }

    fn browser(&self, server: &DescribedServer) -> Browser<'r> {
        let host = Url::parse(server.base()).ok().and_then(|base| base.host_str().map(str::to_owned));
        Browser { record: self.record, session: self.record.new_session(), host, jar: RefCell::default() }
    }
}

impl Target for Recorded<'_> {
    fn session(&self) -> Box<dyn Session + '_> {
        match self.target.server() {
            Some(server) => Box::new(DescribedSession::new(server, self.browser(server))),
            None => Box::new(AskedSession { record: self.record, session: self.record.new_session() }),
        }
    }

    fn logs_in_by_name(&self) -> bool {
        self.target.description().is_none_or(Description::logs_in_by_name)
    }

    fn related_origins(&self) -> Option<(String, String)> {
        let server = self.target.server()?;
        server.related_origins(self.browser(server))
    }

    fn second(&self) -> Option<(&dyn Target, &str)> {
        let (second, origin) = self.second.as_ref()?;
        Some((second.as_ref(), origin))
    }
}

/// The cookies of one browser, whose requests are answered from the record.
struct Browser<'r> {
    record: &'r Record,
    session: u64,
    /// The host whose cookies they are.
    host: Option<String>,
    jar: RefCell<Jar>,
}

impl Browser<'_> {
    /// The cookies, if they are those of the URL's host.
    fn jar_for(&self, url: &Url) -> Option<RefMut<'_, Jar>> {
        (url.host_str() == self.host.as_deref()).then(|| self.jar.borrow_mut())
    }

    fn headers(&self, request: &Outgoing, now: Duration) -> Vec<(String, String)> {
        let mut headers = request.headers.clone();
        for (name, value) in [("accept", "*/*"), ("user-agent", USER_AGENT)] {
            if !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        let cookies = self.jar_for(&request.url).and_then(|jar| jar.header(&request.url, now));
        headers.extend(cookies.map(|cookies| ("cookie".to_owned(), cookies)));
        headers
    }
}

impl Transport for Browser<'_> {
    fn carry(&self, request: &Outgoing, _timeout: Duration) -> Result<Incoming, Answer> {
        let now = self.record.since_1970();
        let url = &request.url;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let sent = StepRequest {
            // The run numbers what leaves it.
            number: 0,
            session: self.session,
            action: request.action.to_owned(),
            method: request.method.clone(),
            url: url.to_string(),
            path_and_query: format!("{}{query}", url.path()),
            headers: self.headers(request, now),
            body: request.body.clone(),
        };
        match self.record.answer_to(Sent::Request(sent)) {
            Some(StepAnswer::Response { body, .. })
                if u64::try_from(body.len()).is_ok_and(|length| length > LONGEST_ANSWER) =>
            {
                Err(Answer::Crashed(format!("an answer of more than {LONGEST_ANSWER} bytes")))
            }
            Some(StepAnswer::Response { status, headers, body }) => {
                if let Some(mut jar) = self.jar_for(url) {
                    let set = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
                    set.for_each(|(_, value)| jar.keep(value, url, now));
                }
                Ok(Incoming::new(status, headers, body, now))
            }
            other => Err(no_response(other)),
        }
    }

    fn cookies(&self) -> BTreeMap<String, String> {
        self.jar.borrow().all(self.record.since_1970())
    }

    fn forget_cookies(&self) {
        self.jar.borrow_mut().clear();
    }

    fn beside(&self) -> Option<Self> {
        None
    }
}

/// The session of somebody who asks without HTTP.
struct AskedSession<'r> {
    record: &'r Record,
    session: u64,
}

impl AskedSession<'_> {
    fn ask(&self, ask: Ask) -> Answer {
        match self.record.answer_to(Sent::Ask(Asked { session: self.session, ask })) {
            Some(StepAnswer::Accepted(body)) => Answer::Accepted(body),
            Some(StepAnswer::Refused(why)) => Answer::Refused(why),
            Some(StepAnswer::Crashed(how)) => Answer::Crashed(how),
            other => no_response(other),
        }
    }
}

impl Session for AskedSession<'_> {
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
        self.ask(Ask::to_register(wanted))
    }

    fn register(&mut self, reply: &str) -> Answer {
        self.ask(Ask::to_end_registration(reply))
    }

    fn authentication_options(&mut self, wanted: &AuthenticationRequest<'_>) -> Answer {
        self.ask(Ask::to_log_in(wanted))
    }

    fn authenticate(&mut self, reply: &str) -> Answer {
        self.ask(Ask::to_end_login(reply))
    }
}

/// What it says of the relying party that it gave no response. Without an answer, the part of the run is to end here, and
/// whatever comes of it is thrown away.
fn no_response(answer: Option<StepAnswer>) -> Answer {
    match answer {
        Some(StepAnswer::Failed(why)) => Answer::Crashed(format!("it gave no answer: {why}")),
        Some(StepAnswer::Hung) => Answer::Hung("no answer in time".into()),
        // A run takes no answer of another kind.
        Some(other) => Answer::Crashed(format!("an answer of another kind, {}", other.name())),
        None => Answer::Unreachable("not answered yet".into()),
    }
}
