//! Which addresses a host's name has.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long an answer is good.
const GOOD: Duration = Duration::from_secs(5);

/// Asks the operating system, and remembers the answer for a while. Without that, each request would ask, over a
/// connection that is open too, and in a thread of its own, so that the asking cannot outlast the request: more work than
/// all the rest of a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(Arc<Mutex<HashMap<Uri, (Instant, ResolvedSocketAddrs)>>>);

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let Some(host) = host_of(uri) else {
            return DefaultResolver::default().resolve(uri, config, timeout);
        };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&host).cloned();
        if let Some((at, addresses)) = known
            && at.elapsed() < GOOD
        {
            return Ok(addresses);
        }
        let addresses = DefaultResolver::default().resolve(uri, config, timeout)?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(host, (Instant::now(), addresses.clone()));
        Ok(addresses)
    }
}

/// The scheme, the host and the port alone.
fn host_of(uri: &Uri) -> Option<Uri> {
    let host = Uri::builder().scheme(uri.scheme()?.clone()).authority(uri.authority()?.clone());
    host.path_and_query("/").build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_asked_for_once() {
        let names = Names::default();
        let agent = ureq::Agent::new_with_defaults();
        let resolve = |uri: &'static str| {
            let found = names.resolve(&Uri::from_static(uri), agent.config(), NextTimeout::default());
            found.map(|found| found.to_vec())
        };
        let found = resolve("http://localhost:8080/a").unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 8080));
        assert_eq!(resolve("http://localhost:8080/b?c").unwrap(), found);
        assert!(resolve("http://localhost:81/").unwrap().iter().all(|address| address.port() == 81));
        assert_eq!(names.0.lock().unwrap().len(), 2);
    }
}
