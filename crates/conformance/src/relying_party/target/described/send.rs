//! Sends a request and reads its answer: follows redirects without giving secrets away, and waits where a server asks
//! for it.

use std::borrow::Cow;
use std::time::Duration;

use url::Url;

use super::Transport;
use super::cookie::SetCookie;
use crate::core::clock::Clock;
use crate::relying_party::target::Answer;

/// The longest answer that is read, in bytes.
pub(crate) const LONGEST_ANSWER: u64 = 1 << 20;
const MOST_REDIRECTS: usize = 5;
/// How long to wait the first time where a server does not say how long; then twice as long each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const TOO_MANY_REQUESTS: u16 = 429;

/// A request, whose headers and body may be secrets of the server that it is for.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// What it is for: "registration options", "registration result" …
    pub(crate) action: &'static str,
    pub(crate) method: String,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Whether a redirect is followed, rather than being the answer.
    pub(crate) follow: bool,
}

/// What came back.
pub(crate) struct Incoming {
    pub(super) status: u16,
    pub(super) body: String,
    /// Whether a redirect led to it.
    pub(super) is_redirected: bool,
    pub(super) headers: Vec<(String, String)>,
    /// The cookies that it sets, and those of the redirects that led to it: name and value, which is empty if the cookie
    /// is taken back.
    pub(super) cookies: Vec<(String, String)>,
}

impl Incoming {
    /// An answer that came at this time, counted from the beginning of 1970.
    pub(crate) fn new(status: u16, headers: Vec<(String, String)>, body: String, now: Duration) -> Self {
        let set = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let cookies = set.filter_map(|(_, value)| cookie(value, now)).collect();
        Self { status, body, is_redirected: false, headers, cookies }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// A date in its place (RFC 9110 §10.2.3) is rare, and our own waiting does as well.
    fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs)
    }
}

/// Sends a request. `patience` is the longest that it waits because the server answers 429; adds to `waited` how long it
/// did. Waiting does not count for the timeout.
///
/// # Errors
/// What it says of the target that there is no answer.
pub(super) fn send(
    transport: &impl Transport,
    clock: &dyn Clock,
    request: &Outgoing,
    timeout: Duration,
    patience: Duration,
    waited: &mut Duration,
) -> Result<Incoming, Answer> {
    let mut next = FIRST_WAIT;
    loop {
        let answer = follow(transport, clock, request, timeout)?;
        if answer.status != TOO_MANY_REQUESTS {
            return Ok(answer);
        }
        let wait = answer.retry_after().unwrap_or(next);
        if *waited + wait > patience {
            let waited = waited.as_secs();
            return Err(Answer::Busy(format!(
                "429 Too Many Requests from {}, after {waited} s of waiting; it asks for {} s more",
                request.url,
                wait.as_secs()
            )));
        }
        clock.wait(wait);
        *waited += wait;
        next = next.saturating_mul(2);
    }
}

fn follow(
    transport: &impl Transport,
    clock: &dyn Clock,
    request: &Outgoing,
    timeout: Duration,
) -> Result<Incoming, Answer> {
    let mut request = Cow::Borrowed(request);
    let began = clock.now();
    let mut cookies = Vec::new();
    for followed in 0..=MOST_REDIRECTS {
        let left = timeout.saturating_sub(clock.now().since(began)).max(Duration::from_millis(1));
        let mut answer = transport.carry(&request, left)?;
        cookies.append(&mut answer.cookies);
        let location = answer.header("location").filter(|_| request.follow && is_redirect(answer.status));
        let Some(location) = location else {
            return Ok(Incoming { cookies, is_redirected: followed > 0, ..answer });
        };
        let next = redirected(request.into_owned(), answer.status, location);
        request = Cow::Owned(next.map_err(Answer::Unreachable)?);
    }
    Err(Answer::Unreachable(format!("more than {MOST_REDIRECTS} redirects, one after the other")))
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The request that a redirect asks for (RFC 9110 §15.4). Another host is not told our headers, and is sent no body.
fn redirected(request: Outgoing, status: u16, location: &str) -> Result<Outgoing, String> {
    let url = request
        .url
        .join(location)
        .map_err(|error| format!("{} redirects to {location:?}, which is no URL: {error}", request.url))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{} redirects to {url}, expected http:// or https://", request.url));
    }
    let is_same = url.origin() == request.url.origin();
    let keeps_body = matches!(status, 307 | 308);
    if keeps_body && !is_same {
        return Err(format!(
            "{} redirects the request with its body to another host, {url}: give that as the target if it is right",
            request.url
        ));
    }
    let headers = if is_same { request.headers } else { Vec::new() };
    if keeps_body || matches!(request.method.as_str(), "GET" | "HEAD") {
        return Ok(Outgoing { url, headers, ..request });
    }
    let is_of_body = |name: &str| name.to_ascii_lowercase().starts_with("content-");
    let headers = headers.into_iter().filter(|(name, _)| !is_of_body(name)).collect();
    Ok(Outgoing { method: "GET".into(), url, headers, body: String::new(), ..request })
}

/// The name and the value of a cookie that is set. One whose time is over has no value.
fn cookie(header: &str, now: Duration) -> Option<(String, String)> {
    let set = SetCookie::parse(header, now)?;
    let value = if set.is_over(now) { "" } else { set.value.trim_matches('"') };
    Some((set.name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post() -> Outgoing {
        Outgoing {
            action: "registration result",
            method: "POST".into(),
            url: Url::parse("https://a.example/x/y").unwrap(),
            headers: vec![
                ("content-type".into(), "application/json".into()),
                ("X-Key".into(), "secret".into()),
            ],
            body: "{}".into(),
            follow: true,
        }
    }

    #[test]
    fn secrets_do_not_follow_a_redirect_to_another_host() {
        for status in [301, 302, 303] {
            for other in ["https://b.example/", "http://a.example/x/y", "https://a.example:8443/"] {
                let there = redirected(post(), status, other).unwrap();
                assert_eq!((there.headers.len(), there.body.as_str()), (0, ""), "{status} {other}");
            }
            let here = redirected(post(), status, "z").unwrap();
            assert_eq!(here.url.as_str(), "https://a.example/x/z");
            assert_eq!((here.method.as_str(), here.body.as_str()), ("GET", ""));
            assert_eq!(here.headers, [("X-Key".to_owned(), "secret".to_owned())]);
        }
    }

    #[test]
    fn method_and_body_are_kept_within_the_host_only() {
        for status in [307, 308] {
            let here = redirected(post(), status, "/z").unwrap();
            assert_eq!((here.method.as_str(), here.body.as_str(), here.headers.len()), ("POST", "{}", 2));
            assert!(redirected(post(), status, "https://b.example/").unwrap_err().contains("another host"));
        }
        assert!(redirected(post(), 302, "file:///etc/passwd").unwrap_err().contains("expected http"));
    }

    #[test]
    fn a_cookie_whose_time_is_over_has_no_value() {
        let value = |header: &str| {
            cookie(header, Duration::from_secs(1 << 30)).map(|(name, value)| format!("{name}:{value}"))
        };
        for (header, found) in [
            ("session=a=b; Path=/; HttpOnly", "session:a=b"),
            ("session=\"a\"; Max-Age=3600", "session:a"),
            ("session=a; max-age=0", "session:"),
            ("session=; Path=/", "session:"),
            ("session=a; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "session:"),
        ] {
            assert_eq!(value(header).as_deref(), Some(found), "{header}");
        }
        assert_eq!(value("session"), None);
    }
}
