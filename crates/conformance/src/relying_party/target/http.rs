//! A relying party over HTTP(S).

mod answer;
mod names;
mod pace;
mod send;
mod session;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use stuntkey::client::Preset;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::transport::DefaultConnector;

use super::description::{Description, Values};
use super::user_names::UserNames;
use super::{Session, Target};
use crate::core::clock::{Clock, SystemClock};
use names::Names;
use pace::Pace;
use session::HttpSession;

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
    pace: Pace,
    clock: Arc<dyn Clock>,
    /// How many ceremonies have begun.
    ceremonies: AtomicU64,
    tls: TlsConfig,
    names: Names,
    /// Another relying party of the same server, and the origin of its pages.
    second: Option<(Box<HttpTarget>, String)>,
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
        let patience = description.patience.unwrap_or(PATIENCE);
        let pace = Pace::new(description.pace);
        Ok(Self {
            base: parsed.as_str().trim_end_matches('/').to_owned(),
            description,
            variables,
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            patience,
            pace,
            clock: Arc::new(SystemClock),
            ceremonies: AtomicU64::new(0),
            tls: tls(roots),
            names: Names::default(),
            second: None,
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

    /// How long one request waits at most because the server answers 429 (Too Many Requests). Default: as long as the
    /// description says, or else a minute.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Another relying party of the same server, with an RP ID and users of its own, and the origin of its pages.
    #[must_use]
    pub fn with_second(mut self, target: HttpTarget, origin: &str) -> Self {
        self.second = Some((Box::new(target), origin.to_owned()));
        self
    }

    /// The shape of replies that the description asks for.
    #[must_use]
    pub fn reply(&self) -> Option<Preset> {
        self.description.reply
    }

    /// The library that the description says the server stands on.
    #[must_use]
    pub fn library(&self) -> Option<&'static str> {
        self.description.library
    }

    /// The form of user names that the description asks for.
    #[must_use]
    pub fn user_names(&self) -> Option<&UserNames> {
        self.description.user_names.as_ref()
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

    /// With cookies and connections of its own.
    fn agent(&self) -> Agent {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Followed by hand, as headers may be secrets.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(self.tls.clone())
            .user_agent(concat!("stuntkey/", env!("CARGO_PKG_VERSION")))
            .build();
        Agent::with_parts(config, DefaultConnector::default(), self.names.clone())
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
        Box::new(HttpSession::new(self, self.agent()))
    }

    fn logs_in_by_name(&self) -> bool {
        self.description.logs_in_by_name()
    }

    fn related_origins(&self) -> Option<(String, String)> {
        HttpSession::new(self, self.agent()).get("/.well-known/webauthn")
    }

    fn second(&self) -> Option<(&dyn Target, &str)> {
        let (target, origin) = self.second.as_ref()?;
        Some((target.as_ref(), origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
