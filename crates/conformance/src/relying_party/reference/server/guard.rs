//! Who may ask: a page elsewhere may not, even where a browser was led to believe that it is at home here (DNS
//! rebinding).

use std::net::SocketAddr;

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use url::{Host, Url};

use super::super::Settings;

/// The names and origins that the server answers to.
pub(super) struct Guard {
    /// `None` where the address can be reached from elsewhere: then any name may lead to it.
    hosts: Option<Vec<String>>,
    origins: Vec<String>,
}

impl Guard {
    pub(super) fn new(address: SocketAddr, settings: &Settings) -> Self {
        let mut origins = settings.origins.clone();
        origins.extend(["localhost".to_owned(), address.ip().to_string()].map(|host| {
            let host = if host.contains(':') { format!("[{host}]") } else { host };
            format!("http://{host}:{}", address.port())
        }));
        let of_origins =
            origins.iter().filter_map(|origin| Some(Url::parse(origin).ok()?.host()?.to_string()));
        let usual = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into_iter();
        let hosts: Vec<String> = usual.chain(of_origins).chain([settings.rp_id.clone()]).collect();
        Self { hosts: address.ip().is_loopback().then_some(hosts), origins }
    }

    /// Whether a request with these headers is answered, and why not.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), (u16, String)> {
        let header = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        if let (Some(hosts), Some(found)) = (&self.hosts, header(HOST)) {
            let host = Url::parse(&format!("http://{found}")).ok();
            let host = host.as_ref().and_then(Url::host).map(|host: Host<&str>| host.to_string());
            if host.is_none_or(|host| !hosts.contains(&host)) {
                return Err((421, format!("Host: found {found:?}, expected {}", hosts.join(", "))));
            }
        }
        match header(ORIGIN) {
            Some(found) if !self.origins.iter().any(|origin| origin == found) => {
                Err((403, format!("Origin: found {found:?}, expected {}", self.origins.join(", "))))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the body says that it is JSON. A page elsewhere can send other bodies unasked.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), (u16, String)> {
    let found = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default()).unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    match essence.eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err((415, format!("Content-Type: found {found:?}, expected \"application/json\""))),
    }
}
