//! The cookies of one host, as a browser keeps them (RFC 6265).

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use super::cookie::SetCookie;

/// The cookies of one browser. They are all of one host, which the caller sees to. One that is for secure connections alone
/// goes over others, too: an application that is tested in its own test framework has no TLS.
#[derive(Debug, Default)]
pub(crate) struct Jar(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    expires: Option<Duration>,
}

impl Jar {
    /// Keeps what a header of an answer from this URL sets (RFC 6265 §5.3).
    pub(crate) fn keep(&mut self, header: &str, url: &Url, now: Duration) {
        let Some(set) = SetCookie::parse(header, now) else { return };
        let host = url.host_str().unwrap_or_default();
        let is_own = |domain: &str| {
            let domain = domain.to_ascii_lowercase();
            host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
        };
        if set.domain.is_some_and(|domain| !is_own(domain)) {
            return;
        }
        let path = set.path.unwrap_or_else(|| default_path(url)).to_owned();
        let place = self.0.iter().position(|known| known.name == set.name && known.path == path);
        let cookie = || Cookie {
            name: set.name.to_owned(),
            value: set.value.to_owned(),
            path: path.clone(),
            expires: set.expires,
        };
        match (place, set.is_over(now)) {
            (Some(place), true) => drop(self.0.remove(place)),
            (None, true) => {}
            (place, false) => match place.and_then(|place| self.0.get_mut(place)) {
                Some(known) => *known = cookie(),
                None => self.0.push(cookie()),
            },
        }
    }

    /// The header for a request to this URL: the longer paths first (RFC 6265 §5.4). `None` if no cookie goes with it.
    pub(crate) fn header(&self, url: &Url, now: Duration) -> Option<String> {
        let mut sent: Vec<&Cookie> =
            self.valid(now).filter(|cookie| is_below(url.path(), &cookie.path)).collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> =
            sent.into_iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Every name and value.
    pub(crate) fn all(&self, now: Duration) -> BTreeMap<String, String> {
        self.valid(now).map(|cookie| (cookie.name.clone(), cookie.value.clone())).collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn valid(&self, now: Duration) -> impl Iterator<Item = &Cookie> {
        self.0.iter().filter(move |cookie| cookie.expires.is_none_or(|expires| expires > now))
    }
}

/// The path of a cookie that names none (RFC 6265 §5.1.4).
fn default_path(url: &Url) -> &str {
    match url.path().rfind('/') {
        None | Some(0) => "/",
        Some(end) => url.path().get(..end).unwrap_or("/"),
    }
}

/// Whether a cookie of a path goes with a request to another (RFC 6265 §5.1.4).
fn is_below(path: &str, of_cookie: &str) -> bool {
    let rest = path.strip_prefix(of_cookie);
    rest.is_some_and(|rest| rest.is_empty() || of_cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_767_225_600);

    fn url(text: &str) -> Url {
        Url::parse("http://localhost/").unwrap().join(text).unwrap()
    }

    fn sent(jar: &Jar, to: &str) -> String {
        jar.header(&url(to), NOW).unwrap_or_default()
    }

    #[test]
    fn a_cookie_goes_to_its_path_and_below() {
        let mut jar = Jar::default();
        jar.keep("a=1; Path=/", &url("/x/y"), NOW);
        jar.keep("b=2", &url("/x/y"), NOW);
        jar.keep("c=3; Path=/x/y; HttpOnly; Secure", &url("/"), NOW);
        assert_eq!(sent(&jar, "/x/y"), "c=3; b=2; a=1");
        assert_eq!(sent(&jar, "/x"), "b=2; a=1");
        assert_eq!(sent(&jar, "/xy"), "a=1");
        assert_eq!(jar.all(NOW).len(), 3);
        jar.clear();
        assert_eq!(jar.header(&url("/"), NOW), None);
    }

    #[test]
    fn a_cookie_is_replaced_and_taken_back() {
        let mut jar = Jar::default();
        for (header, left) in [
            ("a=1; Path=/", "a=1"),
            ("a=2; Path=/; Max-Age=60", "a=2"),
            ("a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ""),
            ("a=3; Path=/", "a=3"),
            // The age goes before the date.
            ("a=4; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=1", "a=4"),
            ("a=5; Path=/; Max-Age=0", ""),
        ] {
            jar.keep(header, &url("/"), NOW);
            assert_eq!(sent(&jar, "/"), left, "{header}");
        }
        jar.keep("a=6; Max-Age=60", &url("/"), NOW);
        assert_eq!(jar.header(&url("/"), NOW + Duration::from_secs(60)), None);
    }

    #[test]
    fn another_host_sets_nothing() {
        let mut jar = Jar::default();
        let page = Url::parse("http://login.example.org/").unwrap();
        for (header, is_kept) in [
            ("a=1; Domain=example.com", false),
            ("a=1; Domain=ogin.example.org", false),
            ("nothing", false),
            ("=1", false),
            ("a=1; Domain=.Example.org", true),
        ] {
            jar.keep(header, &page, NOW);
            assert_eq!(!jar.all(NOW).is_empty(), is_kept, "{header}");
        }
    }
}
