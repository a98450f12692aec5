//! Decides whose requests are answered. Pages of other origins are refused, also if DNS rebinding makes a browser believe
//! that they belong to this server.

use std::net::SocketAddr;

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use url::{Host, Url};

/// The names and origins that the server answers to.
pub(super) struct Guard {
    /// `None` if other machines can reach the address: then it may have any name.
    hosts: Option<Vec<String>>,
    origins: Vec<String>,
}

impl Guard {
    /// The guard of a server at this address, whose pages are at these origins, and whose RP ID is this name.
    pub(super) fn new(address: SocketAddr, origins: &[String], rp_id: Option<&str>) -> Self {
        let mut origins = origins.to_vec();
        origins.extend(["localhost".to_owned(), address.ip().to_string()].map(|host| {
            let host = if host.contains(':') { format!("[{host}]") } else { host };
            format!("http://{host}:{}", address.port())
        }));
        let of_origins =
            origins.iter().filter_map(|origin| Some(Url::parse(origin).ok()?.host()?.to_string()));
        let usual = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into_iter();
        let hosts: Vec<String> = usual.chain(of_origins).chain(rp_id.map(str::to_owned)).collect();
        Self { hosts: address.ip().is_loopback().then_some(hosts), origins }
    }

    /// Checks the headers of a request. The error is the status and message to answer with.
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

/// Checks that the body is declared as JSON. A page of another origin can send other types without asking (CORS).
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), (u16, String)> {
    let found = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default()).unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    match essence.eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err((415, format!("Content-Type: found {found:?}, expected \"application/json\""))),
    }
}
