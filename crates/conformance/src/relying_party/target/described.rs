//! A server that is spoken to as a [`Description`] tells, whoever carries the requests.

mod answer;
mod cookie;
mod jar;
mod pace;
mod send;
mod session;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use url::Url;

use super::Answer;
use super::description::{Description, Values};
use crate::core::clock::{Clock, Moment};
pub(crate) use jar::Jar;
use pace::Pace;
pub(crate) use send::{Incoming, LONGEST_ANSWER, Outgoing};
pub(crate) use session::DescribedSession;

/// How the harness names itself to servers.
pub(crate) const USER_AGENT: &str = concat!("stuntkey/", env!("CARGO_PKG_VERSION"));

/// How long a request waits at most because the server answers 429.
const PATIENCE: Duration = Duration::from_secs(60);

/// Carries the requests of one browser, and keeps its cookies.
pub(crate) trait Transport: Send + Sized {
    /// Carries one request. A redirect is an answer as any other.
    ///
    /// # Errors
    /// What it says of the target that there is no answer.
    fn carry(&self, request: &Outgoing, timeout: Duration) -> Result<Incoming, Answer>;

    /// The cookies that the browser has: name and value.
    fn cookies(&self) -> BTreeMap<String, String>;

    fn forget_cookies(&self);

    /// Another connection of the same browser, with the same cookies. `None` if one request has to end before the next one
    /// begins.
    fn beside(&self) -> Option<Self>;
}

/// A server at a URL.
pub(crate) struct DescribedServer {
    base: String,
    pub(crate) description: Description,
    pub(crate) variables: BTreeMap<String, String>,
    /// For every request.
    pub(crate) headers: Vec<(String, String)>,
    /// How long one request may take.
    pub(crate) timeout: Duration,
    /// How long one request waits at most because the server answers 429.
    pub(crate) patience: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    pace: Pace,
    /// How many ceremonies have begun.
    ceremonies: AtomicU64,
}

/// What a server counts from request to request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    ceremonies: u64,
    next_turn: Option<Moment>,
}

/// Why a target cannot be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpTargetError(pub(super) String);

impl fmt::Display for HttpTargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HttpTargetError {}

/// Values may be secrets.
impl fmt::Debug for DescribedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DescribedServer").field("base", &self.base).finish_non_exhaustive()
    }
}

impl DescribedServer {
    /// The server at this URL.
    pub(crate) fn new(
        url: &str,
        description: Description,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, HttpTargetError> {
        let parsed = Url::parse(url)
            .map_err(|error| HttpTargetError(format!("found {url:?}, expected a URL ({error})")))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
            return Err(HttpTargetError(format!("found {url:?}, expected http://… or https://…")));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(HttpTargetError(format!("found {url:?}, expected a URL without ? and #")));
        }
        Ok(Self {
            base: parsed.as_str().trim_end_matches('/').to_owned(),
            variables: description.variables.clone(),
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            patience: description.patience.unwrap_or(PATIENCE),
            clock,
            pace: Pace::new(description.pace),
            ceremonies: AtomicU64::new(0),
            description,
        })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// What templates are filled with, before anything is captured.
    fn values(&self) -> Values {
        // What nothing brought yet is empty: who answers options that they never asked for has no flow's id to send.
        let captured = self.description.captured().filter(|name| !self.variables.contains_key(*name));
        let mut literal: BTreeMap<String, String> =
            captured.map(|name| (name.to_owned(), String::new())).collect();
        literal.insert("base".to_owned(), self.base.clone());
        Values { literal, variables: self.variables.clone(), ..Values::default() }
    }

    /// The names that need a value and have none.
    pub(crate) fn missing_variables(&self) -> Vec<String> {
        let needed = self.description.needed_variables().into_iter();
        needed.filter(|name| !self.variables.contains_key(name)).collect()
    }

    /// What stands at `/.well-known/webauthn`: the content type and the text.
    pub(crate) fn related_origins(&self, transport: impl Transport) -> Option<(String, String)> {
        DescribedSession::new(self, transport).get("related origins", "/.well-known/webauthn")
    }

    /// What was counted so far.
    pub(crate) fn counts(&self) -> Counts {
        Counts { ceremonies: self.ceremonies.load(Ordering::Relaxed), next_turn: self.pace.next_turn() }
    }

    /// Goes back to what was counted then.
    pub(crate) fn set_counts(&self, counts: Counts) {
        self.ceremonies.store(counts.ceremonies, Ordering::Relaxed);
        self.pace.set_next_turn(counts.next_turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::SystemClock;

    #[test]
    fn the_description_says_whether_a_login_begins_with_a_name() {
        let logs_in_by_name = |text: &str| Description::from_toml(text).unwrap().logs_in_by_name();
        let fido = include_str!("descriptions/fido.toml");
        assert!(logs_in_by_name(fido));
        let nameless = "[authentication]\nby_name = false\n[authentication.options]";
        assert!(!logs_in_by_name(&fido.replace("[authentication.options]", nameless)));
    }

    #[test]
    fn a_server_is_at_a_url_of_its_own() {
        for url in ["example.org", "file:///x", "http://example.org/?a", "http://example.org/#a"] {
            let description = Description::named("fido").unwrap();
            let error = DescribedServer::new(url, description, Arc::new(SystemClock)).unwrap_err();
            assert!(error.to_string().contains("expected"), "{error}");
        }
    }
}
