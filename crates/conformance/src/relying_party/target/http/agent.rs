//! Carries requests over connections, and tells what it says of the target that there is no answer.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::http::Request;

use crate::core::clock::Clock;
use crate::relying_party::target::Answer;
use crate::relying_party::target::described::{Incoming, LONGEST_ANSWER, Outgoing, Transport};

/// The cookies and connections of one browser.
pub(super) struct Browser {
    pub(super) agent: Agent,
    pub(super) clock: Arc<dyn Clock>,
}

impl Transport for Browser {
    fn carry(&self, request: &Outgoing, timeout: Duration) -> Result<Incoming, Answer> {
        let began = self.clock.now();
        self.once(request, timeout).map_err(|error| failure(&error, self.clock.now().since(began)))
    }

    fn cookies(&self) -> BTreeMap<String, String> {
        let jar = self.agent.cookie_jar_lock();
        jar.iter().map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned())).collect()
    }

    fn forget_cookies(&self) {
        self.agent.cookie_jar_lock().clear();
    }

    fn beside(&self) -> Option<Self> {
        Some(Self { agent: self.agent.clone(), clock: Arc::clone(&self.clock) })
    }
}

impl Browser {
    fn once(&self, request: &Outgoing, timeout: Duration) -> Result<Incoming, ureq::Error> {
        let mut builder = Request::builder().method(request.method.as_str()).uri(request.url.as_str());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let request = builder.body(request.body.as_str())?;
        let request = self.agent.configure_request(request).timeout_global(Some(timeout)).build();
        let mut response = self.agent.run(request)?;
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec()?;
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Incoming::new(status, headers, body, self.clock.since_1970()))
    }
}

/// What a request that brought no answer says of the target.
fn failure(error: &ureq::Error, took: Duration) -> Answer {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error {
        ureq::Error::Timeout(_) => Answer::Hung(format!("no answer within {:.1} s", took.as_secs_f32())),
        ureq::Error::Io(error)
            if matches!(error.kind(), ConnectionAborted | ConnectionReset | BrokenPipe | UnexpectedEof) =>
        {
            Answer::Crashed(format!("the connection was dropped ({error})"))
        }
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            Answer::Hung(format!("no answer within {:.1} s", took.as_secs_f32()))
        }
        ureq::Error::Protocol(error) => Answer::Crashed(format!("the answer is no HTTP: {error}")),
        ureq::Error::BodyExceedsLimit(limit) => {
            Answer::Crashed(format!("an answer of more than {limit} bytes"))
        }
        ureq::Error::Http(error) => Answer::Unreachable(format!("the request cannot be made: {error}")),
        error => Answer::Unreachable(format!("cannot be reached: {error}")),
    }
}
