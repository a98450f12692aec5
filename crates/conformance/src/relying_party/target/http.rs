//! A relying party over HTTP(S).

mod agent;
mod names;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use stuntkey::client::Preset;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::transport::DefaultConnector;

use super::described::{DescribedServer, DescribedSession, HttpTargetError, USER_AGENT};
use super::description::Description;
use super::user_names::UserNames;
use super::{Session, Target};
use crate::core::clock::SystemClock;
use agent::Browser;
use names::Names;

/// A relying party at a URL, spoken to as a [`Description`] tells.
pub struct HttpTarget {
    server: DescribedServer,
    tls: TlsConfig,
    names: Names,
    /// Another relying party of the same server, and the origin of its pages.
    second: Option<(Box<HttpTarget>, String)>,
}

impl fmt::Debug for HttpTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTarget").field("server", &self.server).finish_non_exhaustive()
    }
}

impl HttpTarget {
    /// The server at this URL. The certificates of the operating system are trusted.
    ///
    /// # Errors
    /// [`HttpTargetError`]: no `http` or `https` URL.
    pub fn new(url: &str, description: Description) -> Result<Self, HttpTargetError> {
        let server = DescribedServer::new(url, description, Arc::new(SystemClock))?;
        let roots = match server.base().starts_with("https:") {
            true => rustls_native_certs::load_native_certs().certs,
            false => Vec::new(),
        };
        let roots: Vec<Certificate<'static>> =
            roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
        Ok(Self { server, tls: tls(roots), names: Names::default(), second: None })
    }

    /// Gives a name of the description a value.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.server.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A header for every request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.server.headers.push((name.to_owned(), value.to_owned()));
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
        self.server.timeout = timeout;
        self
    }

    /// How long one request waits at most because the server answers 429 (Too Many Requests). Default: as long as the
    /// description says, or else a minute.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.server.patience = patience;
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
        self.server.description.reply
    }

    /// The library that the description says the server stands on.
    #[must_use]
    pub fn library(&self) -> Option<&'static str> {
        self.server.description.library
    }

    /// The form of user names that the description asks for.
    #[must_use]
    pub fn user_names(&self) -> Option<&UserNames> {
        self.server.description.user_names.as_ref()
    }

    /// With cookies and connections of its own.
    fn browser(&self) -> Browser {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Followed by hand, as headers may be secrets.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(self.tls.clone())
            .user_agent(USER_AGENT)
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::default(), self.names.clone());
        Browser { agent, clock: Arc::clone(&self.server.clock) }
    }

    /// The names that need a value and have none.
    #[must_use]
    pub fn missing_variables(&self) -> Vec<String> {
        self.server.missing_variables()
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
        Box::new(DescribedSession::new(&self.server, self.browser()))
    }

    fn logs_in_by_name(&self) -> bool {
        self.server.description.logs_in_by_name()
    }

    fn related_origins(&self) -> Option<(String, String)> {
        self.server.related_origins(self.browser())
    }

    fn second(&self) -> Option<(&dyn Target, &str)> {
        let (target, origin) = self.second.as_ref()?;
        Some((target.as_ref(), origin))
    }
}
