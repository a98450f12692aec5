//! A relying party over HTTP(S).

mod send;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use stuntkey::client::Preset;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use url::Url;

use super::description::{Call, Description, Flow, Place, Values, fill};
use super::{Answer, AuthenticationRequest, RegistrationRequest, Session, Target};
use crate::core::exchange::Exchange;
use send::{Incoming, Outgoing, send};

/// How much of an answer a report keeps, in characters.
const KEPT: usize = 4096;
/// How long to wait before a status is asked for again.
const POLLING: Duration = Duration::from_millis(200);
/// How long a request waits at most because the server answers 429.
const PATIENCE: Duration = Duration::from_secs(60);

/// A relying party at a URL, spoken to as a [`Description`] tells.
pub struct HttpTarget {
    base: String,
    description: Description,
    variables: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
    timeout: Duration,
    patience: Duration,
    tls: TlsConfig,
}

/// Why a target cannot be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpTargetError(String);

impl fmt::Display for HttpTargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HttpTargetError {}

/// Values may be secrets.
impl fmt::Debug for HttpTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTarget").field("base", &self.base).finish_non_exhaustive()
    }
}

impl HttpTarget {
    /// The server at this URL. The certificates of the operating system are trusted.
    ///
    /// # Errors
    /// [`HttpTargetError`]: no `http` or `https` URL.
    pub fn new(url: &str, description: Description) -> Result<Self, HttpTargetError> {
        let parsed = url::Url::parse(url)
            .map_err(|error| HttpTargetError(format!("found {url:?}, expected a URL ({error})")))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
            return Err(HttpTargetError(format!("found {url:?}, expected http://… or https://…")));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(HttpTargetError(format!("found {url:?}, expected a URL without ? and #")));
        }
        let roots = match parsed.scheme() {
            "https" => rustls_native_certs::load_native_certs().certs,
            _ => Vec::new(),
        };
        let roots: Vec<Certificate<'static>> =
            roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
        let variables = description.variables.clone();
        Ok(Self {
            base: parsed.as_str().trim_end_matches('/').to_owned(),
            description,
            variables,
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            patience: PATIENCE,
            tls: tls(roots),
        })
    }

    /// Gives a name of the description a value.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A header for every request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Trusts these certificates for HTTPS, PEM, and no others.
    ///
    /// # Errors
    /// [`HttpTargetError`]: there are none.
    pub fn trust(mut self, pem: &str) -> Result<Self, HttpTargetError> {
        let mut roots = Vec::new();
        for item in ureq::tls::parse_pem(pem.as_bytes()) {
            if let ureq::tls::PemItem::Certificate(root) =
                item.map_err(|error| HttpTargetError(format!("not PEM: {error}")))?
            {
                roots.push(root);
            }
        }
        if roots.is_empty() {
            return Err(HttpTargetError("found no certificate, expected one in PEM".into()));
        }
        self.tls = tls(roots);
        Ok(self)
    }

    /// How long one request may take. Default: ten seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one request waits at most because the server answers 429 (Too Many Requests). Default: a minute.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The shape of replies that the description asks for.
    #[must_use]
    pub fn reply(&self) -> Option<Preset> {
        self.description.reply
    }

    /// What templates are filled with, before anything is captured.
    fn values(&self) -> Values {
        let literal = BTreeMap::from([("base".to_owned(), self.base.clone())]);
        Values { literal, variables: self.variables.clone() }
    }

    /// The names that need a value and have none.
    #[must_use]
    pub fn missing_variables(&self) -> Vec<String> {
        let needed = self.description.needed_variables().into_iter();
        needed.filter(|name| !self.variables.contains_key(name)).collect()
    }
}

fn tls(roots: Vec<Certificate<'static>>) -> TlsConfig {
    TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls_graviola::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .build()
}

impl Target for HttpTarget {
    fn session(&self) -> Box<dyn Session + '_> {
        // With cookies and connections of its own.
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // Followed by hand, as headers may be secrets.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(self.tls.clone())
            .user_agent(concat!("stuntkey/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Box::new(HttpSession {
            target: self,
            agent,
            values: self.values(),
            deadline: None,
            waited: Duration::ZERO,
            last: None,
        })
    }

    fn logs_in_by_name(&self) -> bool {
        self.description.logs_in_by_name()
    }
}

struct HttpSession<'a> {
    target: &'a HttpTarget,
    agent: Agent,
    values: Values,
    deadline: Option<Instant>,
    /// How long the last request waited because the server answered 429.
    waited: Duration,
    last: Option<Exchange>,
}

impl Session for HttpSession<'_> {
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
        let require = wanted.resident_key == stuntkey::webauthn::ResidentKey::Required;
        self.set("username", wanted.username);
        self.set("display_name", wanted.display_name);
        self.set("user_verification", wanted.user_verification.as_str());
        self.set("resident_key", wanted.resident_key.as_str());
        self.set("require_resident_key", if require { "true" } else { "false" });
        self.set("attestation", wanted.attestation.as_str());
        self.set("extensions", wanted.extensions);
        self.call(&self.target.description.registration.options)
    }

    fn register(&mut self, reply: &str) -> Answer {
        self.finish(&self.target.description.registration, reply)
    }

    fn authentication_options(&mut self, wanted: &AuthenticationRequest<'_>) -> Answer {
        self.set("username", wanted.username.unwrap_or_default());
        self.set("user_verification", wanted.user_verification.as_str());
        self.call(&self.target.description.authentication.options)
    }

    fn authenticate(&mut self, reply: &str) -> Answer {
        self.finish(&self.target.description.authentication, reply)
    }

    fn set_deadline(&mut self, at: Instant) {
        self.deadline = Some(at);
    }

    fn last_wait(&mut self) -> Duration {
        std::mem::take(&mut self.waited)
    }

    fn renew(&mut self) -> bool {
        self.agent.cookie_jar_lock().clear();
        self.values = self.target.values();
        self.deadline = None;
        true
    }

    fn last_exchange(&mut self) -> Option<Exchange> {
        self.last.take()
    }
}

impl HttpSession<'_> {
    fn set(&mut self, name: &str, value: &str) {
        self.values.literal.insert(name.to_owned(), value.to_owned());
    }

    fn finish(&mut self, flow: &Flow, reply: &str) -> Answer {
        self.set("reply", reply);
        let answer = self.call(&flow.result);
        match (&flow.confirm, &answer) {
            (Some(confirm), Answer::Accepted(_)) => {
                let result = self.last.take();
                let confirmed = self.poll(confirm);
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
    fn poll(&mut self, call: &Call) -> Answer {
        let ends = self.deadline.unwrap_or_else(|| Instant::now() + self.target.timeout);
        loop {
            let answer = self.call(call);
            let last = self.last.as_ref().map(|last| last.received.as_str()).unwrap_or_default();
            let json: Value = serde_json::from_str(last).unwrap_or_default();
            let is_pending = call.pending.iter().any(|(pointer, value)| json.pointer(pointer) == Some(value));
            match is_pending {
                true if Instant::now() + POLLING < ends => std::thread::sleep(POLLING),
                true => return Answer::Hung("still pending when the time was over".into()),
                false => return answer,
            }
        }
    }

    /// Sends a request, and judges its answer.
    fn call(&mut self, call: &Call) -> Answer {
        let request = match self.request(call) {
            Ok(request) => request,
            Err(why) => return Answer::Unreachable(why),
        };
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let timeout = left.unwrap_or(self.target.timeout).min(self.target.timeout);
        let sent = send(&self.agent, &request, timeout, self.target.patience, &mut self.waited);
        match sent {
            Ok(Incoming { status, body, .. }) => {
                if let Some(last) = &mut self.last {
                    last.status = Some(status);
                    last.received = body.chars().take(KEPT).collect();
                }
                self.judge(call, status, body)
            }
            Err(answer) => {
                if let (
                    Some(last),
                    Answer::Crashed(how) | Answer::Hung(how) | Answer::Busy(how) | Answer::Unreachable(how),
                ) = (&mut self.last, &answer)
                {
                    last.received.clone_from(how);
                }
                answer
            }
        }
    }

    fn request(&mut self, call: &Call) -> Result<Outgoing, String> {
        let url = fill(&call.url, &self.values, Place::Url)?;
        let place = match call.content_type.contains("json") {
            true => Place::JsonBody,
            false => Place::FormBody,
        };
        let takes_body = !matches!(call.method.as_str(), "GET" | "HEAD");
        let body = if takes_body { fill(&call.body, &self.values, place)? } else { String::new() };
        let parsed = Url::parse(&url).map_err(|error| format!("{url:?} is no URL: {error}"))?;
        let mut headers = Vec::new();
        if takes_body {
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
        self.last = Some(Exchange {
            method: call.method.clone(),
            url,
            headers: shown,
            sent: body.clone(),
            ..Exchange::default()
        });
        Ok(Outgoing { method: call.method.clone(), url: parsed, headers, body })
    }

    fn judge(&mut self, call: &Call, status: u16, body: String) -> Answer {
        let json: Option<Value> = serde_json::from_str(&body).ok();
        let url = self.last.as_ref().map(|last| last.url.clone()).unwrap_or_default();
        let member = |pointer: &str| json.as_ref().and_then(|json| json.pointer(pointer));
        let reason = || {
            let usual = ["/errorMessage", "/error", "/message", "/detail"];
            let pointers = call.reason.iter().map(String::as_str).chain(usual);
            let text = pointers.filter_map(member).filter_map(Value::as_str).find(|text| !text.is_empty());
            match text {
                Some(text) => format!("{status} {text}"),
                None => format!("{status} from {url}: {}", shown(&body)),
            }
        };
        match status {
            500.. => return Answer::Crashed(reason()),
            200..300 => {}
            _ => return Answer::Refused(reason()),
        }
        for (pointer, wanted) in &call.accepted {
            match member(pointer) {
                Some(found) if found == wanted => {}
                // Text that is no JSON, or has another shape, is no answer of such a server.
                None if json.is_none() => return Answer::Crashed(format!("no JSON: {}", reason())),
                _ => return Answer::Refused(reason()),
            }
        }
        for (name, pointer) in &call.capture {
            let Some(value) = member(pointer) else {
                return Answer::Refused(format!("the answer has no {pointer}: {}", reason()));
            };
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.values.literal.insert(name.clone(), text);
        }
        Answer::Accepted(body)
    }
}

/// A body in a line. An error page says little beside its title.
fn shown(body: &str) -> String {
    let start: String = body.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    if !start.starts_with("<!doctype html") && !start.starts_with("<html") {
        return body.chars().take(200).collect();
    }
    let lower = body.to_ascii_lowercase();
    let title = lower.find("<title>").map(|at| at + "<title>".len()).and_then(|begin| {
        let end = lower.get(begin..)?.find("</title>")?;
        body.get(begin..begin + end)
    });
    match title.map(str::trim).filter(|title| !title.is_empty()) {
        Some(title) => format!("an HTML page, {:?}", title.chars().take(80).collect::<String>()),
        None => "an HTML page".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Description, HttpTarget, Target, shown};

    #[test]
    fn the_description_says_whether_a_login_begins_with_a_name() {
        let logs_in_by_name = |text: &str| {
            let description = Description::from_toml(text).unwrap();
            HttpTarget::new("http://localhost:1", description).unwrap().logs_in_by_name()
        };
        let fido = include_str!("descriptions/fido.toml");
        assert!(logs_in_by_name(fido));
        let nameless = "[authentication]\nby_name = false\n[authentication.options]";
        assert!(!logs_in_by_name(&fido.replace("[authentication.options]", nameless)));
    }

    #[test]
    fn of_an_error_page_the_title_is_shown() {
        let page = "<!doctype html>\n<html><head><title> Not Found </title></head>\n<body>…</body></html>";
        assert_eq!(shown(page), "an HTML page, \"Not Found\"");
        assert_eq!(shown("<html>\n<p>x"), "an HTML page");
        assert_eq!(shown("no such user"), "no such user");
    }
}
