//! Origins.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use crate::webauthn::InputError;

/// The origin of a page: `https://host[:port]`, or `http://` where the host is localhost or a loopback address. It is
/// read with [`FromStr`] and prints as client data has it: the host in ASCII, without the scheme's default port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    serialized: String,
    host: Host<String>,
}

impl Origin {
    /// The origin as client data has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.serialized
    }

    pub(super) fn host(&self) -> &Host<String> {
        &self.host
    }
}

impl FromStr for Origin {
    type Err = InputError;

    fn from_str(text: &str) -> Result<Self, InputError> {
        let error = |found: String| {
            let expected = "an origin: https://host[:port], or http://localhost[:port]";
            InputError::new("origin", found, expected)
        };
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
        Ok(Self { serialized: url.origin().ascii_serialization(), host })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.serialized)
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
