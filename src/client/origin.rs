//! Origins.

use std::borrow::Cow;

use url::{Host, Url};

use crate::webauthn::InputError;

/// Where the page lives.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// A tuple origin.
    At {
        /// As in client data: no default port, the host in ASCII.
        serialized: String,
        host: Host<String>,
    },
    /// `https://` and the RP ID of the options.
    OfRpId,
}

impl Origin {
    /// Reads `https://host[:port]`; `http` only for localhost, which is trustworthy without.
    pub(super) fn parse(text: &str) -> Result<Self, InputError> {
        let expected = "an origin: https://host[:port], or http://localhost[:port]";
        let error = |found: String| InputError { path: "origin".into(), found, expected: expected.into() };
        let url = Url::parse(text).map_err(|why| error(format!("{text:?} ({why})")))?;
        let bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url.host().map(|host| host.to_owned());
        let (Some(host), true) = (host, bare) else { return Err(error(format!("{text:?}"))) };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            _ => return Err(error(format!("{text:?}"))),
        }
        Ok(Origin::At { serialized: url.origin().ascii_serialization(), host })
    }

    /// The origin as client data has it.
    pub(super) fn serialized(&self, rp_id: &str) -> Cow<'_, str> {
        match self {
            Origin::At { serialized, .. } => Cow::Borrowed(serialized),
            Origin::OfRpId => Cow::Owned(format!("https://{rp_id}")),
        }
    }
}

/// Whether plain http is trustworthy there (Secure Contexts §3.1).
fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Domain(domain) => domain == "localhost" || domain.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}
