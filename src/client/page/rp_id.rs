//! Which RP IDs an origin may use (WebAuthn L3 §5.1.3 step 8, §5.1.4 step 8, §5.11).

use std::borrow::Cow;
use std::fmt::Display;

#[cfg(fuzzing)]
use last_label::{domain_str, suffix_str};
#[cfg(not(fuzzing))]
use psl::{domain_str, suffix_str};
use url::{Host, Url};

use super::super::error::{Error, Refusal};
use super::origin::Origin;
use super::related::RelatedOrigins;
use crate::webauthn::{InputError, Leniency, NextStep, Notice};

/// How many registrable origin labels count in a list of related origins (§5.11.1).
const MAX_LABELS: usize = 5;

/// The RP ID in effect: the one asked for if the origin may use it, else the origin's effective domain. `path` is
/// where it stands. Without an origin the page is at `https://` and the RP ID.
pub(super) fn effective<'a>(
    origin: Option<&Origin>,
    asked: Option<&'a str>,
    related_origins: &RelatedOrigins,
    path: &dyn Display,
    notices: &mut Vec<Notice>,
) -> Result<Cow<'a, str>, Error> {
    let Some(origin) = origin else {
        let Some(asked) = asked else {
            let error = InputError::new(path.to_string(), "no RP ID", "one, as no origin is given");
            return Err(error.with_hint(NextStep::GiveOrigin).into());
        };
        return match canonical(asked, path, notices) {
            Some(rp_id) => Ok(rp_id),
            None => {
                Err(Refusal::RpIdMismatch { rp_id: asked.into(), origin: format!("https://{asked}") }.into())
            }
        };
    };
    let Host::Domain(host) = origin.host() else {
        return Err(Refusal::OriginNotADomain(origin.to_string()).into());
    };
    match asked {
        None => Ok(Cow::Owned(host.clone())),
        // The host is canonical, so an RP ID that equals it is, too.
        Some(asked) if asked == host => Ok(Cow::Borrowed(asked)),
        Some(asked) => match canonical(asked, path, notices) {
            Some(rp_id)
                if is_registrable_suffix_or_equal(&rp_id, host)
                    || is_related(origin.as_str(), host, &related_origins.of(&rp_id)) =>
            {
                Ok(rp_id)
            }
            _ => Err(Refusal::RpIdMismatch { rp_id: asked.into(), origin: origin.to_string() }.into()),
        },
    }
}

/// The RP ID as a domain in ASCII lower case, with a notice where that changes it; `None` if it is not a domain.
fn canonical<'a>(asked: &'a str, path: &dyn Display, notices: &mut Vec<Notice>) -> Option<Cow<'a, str>> {
    let Ok(Host::Domain(domain)) = Host::parse(asked) else { return None };
    if domain == asked {
        return Some(Cow::Borrowed(asked));
    }
    notices.push(Notice { path: path.to_string(), leniency: Leniency::RpIdNotAscii(domain.clone()) });
    Some(Cow::Owned(domain))
}

/// HTML, "is a registrable domain suffix of or is equal to", for two domains in ASCII lower case.
fn is_registrable_suffix_or_equal(suffix: &str, host: &str) -> bool {
    if suffix == host {
        return true;
    }
    // The public suffix list has no trailing dots. A host may have one, and then its suffix has to have one.
    let (suffix, host) = match (suffix.strip_suffix('.'), host.strip_suffix('.')) {
        (Some(suffix), Some(host)) => (suffix, host),
        (None, None) => (suffix, host),
        _ => return false,
    };
    let below = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|head| head.ends_with('.'));
    below(host, suffix)
        && suffix_str(suffix).is_none_or(|public| public != suffix)
        && suffix_str(host).is_none_or(|public| !below(public, suffix))
}

/// Whether `origin` is on the RP ID's list of related origins, the list being `{"origins": […]}` at
/// `https://RP-ID/.well-known/webauthn` (§5.11.1).
fn is_related(origin: &str, host: &str, related_origins: &[String]) -> bool {
    let mut labels: Vec<String> = Vec::new();
    if registrable_label(host).is_none() {
        return false;
    }
    for item in related_origins {
        let Ok(url) = Url::parse(item) else { continue };
        let Some(label) = url.domain().and_then(registrable_label) else { continue };
        if !labels.iter().any(|known| known == label) {
            if labels.len() == MAX_LABELS {
                continue;
            }
            labels.push(label.to_owned());
        }
        if url.origin().ascii_serialization() == origin {
            return true;
        }
    }
    false
}

/// Whether the AppID is one of the origin's (WebAuthn L3 §10.1.1): a URL by https of the same registrable domain. No list of
/// trusted facets is fetched.
pub(super) fn is_app_id_of(origin: &Origin, app_id: &str) -> bool {
    let Host::Domain(host) = origin.host() else { return false };
    let Some(url) = Url::parse(app_id).ok().filter(|url| url.scheme() == "https") else { return false };
    url.domain().is_some_and(|domain| {
        domain == host || domain_str(domain).is_some_and(|domain| domain_str(host) == Some(domain))
    })
}

/// The label before the public suffix.
fn registrable_label(domain: &str) -> Option<&str> {
    domain_str(domain)?.split('.').next()
}

/// In the place of the public suffix list for fuzzing: every last label is a public suffix. The list is code with thousands
/// of branches. To watch them all takes a fuzzer minutes to build, and slows down each run, though no target is about the
/// list.
#[cfg(fuzzing)]
mod last_label {
    pub(super) fn suffix_str(domain: &str) -> Option<&str> {
        domain.rsplit('.').next()
    }

    pub(super) fn domain_str(domain: &str) -> Option<&str> {
        let (before, _) = domain.rsplit_once('.')?;
        let label = before.rsplit('.').next()?;
        domain.get(before.len() - label.len()..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> RelatedOrigins {
        RelatedOrigins::Known(Vec::new())
    }

    fn rp_id<'a>(origin: &str, asked: Option<&'a str>) -> Result<Cow<'a, str>, Error> {
        effective(Some(&origin.parse().unwrap()), asked, &none(), &"$.rp.id", &mut Vec::new())
    }

    #[track_caller]
    fn accepts(origin: &str, asked: &str) {
        assert_eq!(rp_id(origin, Some(asked)).unwrap(), asked, "{origin}");
    }

    #[track_caller]
    fn refuses(origin: &str, asked: &str) {
        let error = rp_id(origin, Some(asked)).unwrap_err().to_string();
        assert!(error.starts_with("SecurityError: "), "{origin} {asked}: {error}");
    }

    #[test]
    fn the_host_and_its_registrable_suffixes_will_do() {
        accepts("https://login.example.com", "login.example.com");
        accepts("https://login.example.com", "example.com");
        accepts("https://login.example.com:8443", "example.com");
        accepts("https://a.b.example.co.uk", "example.co.uk");
        accepts("http://localhost:8080", "localhost");
        assert_eq!(rp_id("https://login.example.com", None).unwrap(), "login.example.com");
    }

    #[test]
    fn a_dot_marks_the_boundary() {
        refuses("https://badexample.com", "example.com");
        refuses("https://example.com", "login.example.com");
        refuses("https://example.com.evil.org", "example.com");
        refuses("https://example.com", ".example.com");
        refuses("https://example.com", "example.com.");
        refuses("https://login.example.com.", "example.com");
        accepts("https://login.example.com.", "example.com.");
    }

    #[test]
    fn a_public_suffix_will_not_do_unless_it_is_the_host_itself() {
        refuses("https://example.com", "com");
        refuses("https://a.example.co.uk", "co.uk");
        refuses("https://user.github.io", "github.io");
        refuses("https://a.com.", "com.");
        refuses("https://a.co.uk.", "co.uk.");
        refuses("http://app.localhost", "localhost");
        accepts("https://github.io", "github.io");
        // `*.ck` but `!www.ck` in the public suffix list: a suffix above a public suffix.
        refuses("https://a.b.ck", "ck");
        accepts("https://a.www.ck", "www.ck");
    }

    #[test]
    fn ip_addresses_are_no_domains() {
        refuses("https://127.0.0.1", "127.0.0.1");
        refuses("https://[::1]:8443", "::1");
        refuses("https://example.com", "93.184.216.34");
        assert!(matches!(
            rp_id("http://127.0.0.1:3000", None),
            Err(Error::Refused(Refusal::OriginNotADomain(_)))
        ));
    }

    #[test]
    fn ports_paths_and_schemes_are_no_part_of_an_rp_id() {
        refuses("https://example.com:8443", "example.com:8443");
        refuses("https://example.com", "https://example.com");
        refuses("https://example.com", "example.com/");
        refuses("https://example.com", "exa mple.com");
    }

    #[test]
    fn unicode_and_capitals_are_mended_with_a_notice() {
        let mut notices = Vec::new();
        let origin = "https://login.bücher.example".parse().unwrap();
        let rp_id =
            effective(Some(&origin), Some("Bücher.example"), &none(), &"$.rp.id", &mut notices).unwrap();
        assert_eq!(rp_id, "xn--bcher-kva.example");
        assert_eq!(notices[0].leniency, Leniency::RpIdNotAscii(rp_id.into_owned()));
        assert_eq!(origin.as_str(), "https://login.xn--bcher-kva.example");
    }

    #[test]
    fn a_label_before_the_public_suffix_is_found_with_and_without_a_last_dot() {
        for (domain, label) in [
            ("example.com", Some("example")),
            ("a.b.example.co.uk", Some("example")),
            ("example.com.", Some("example")),
            ("co.uk", None),
        ] {
            assert_eq!(registrable_label(domain), label, "{domain}");
        }
    }

    #[test]
    fn related_origins_will_do_up_to_five_labels() {
        let related = |list: &[&str]| {
            let list: Vec<String> = list.iter().map(|s| (*s).to_owned()).collect();
            let origin = "https://shop.example.de".parse().unwrap();
            let list = RelatedOrigins::Known(list);
            effective(Some(&origin), Some("example.com"), &list, &"$", &mut Vec::new()).is_ok()
        };
        assert!(related(&["https://example.fr", "https://shop.example.de"]));
        assert!(!related(&["https://example.de"]));
        assert!(!related(&["https://shop.example.de:444", "http://shop.example.de"]));
        let five = ["https://a.com", "https://b.com", "https://c.com", "https://d.com", "https://e.com"];
        assert!(!related(&[&five[..], &["https://shop.example.de"]].concat()));
        assert!(related(&[&five[..4], &["https://a.de", "https://shop.example.de"]].concat()));
    }

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        let serialized = |text: &str| text.parse().map(|origin: Origin| origin.to_string()).ok();
        assert_eq!(serialized("https://Example.com:443/").as_deref(), Some("https://example.com"));
        assert_eq!(serialized("http://localhost:8080").as_deref(), Some("http://localhost:8080"));
        for wrong in
            ["example.com", "http://example.com", "https://a/b", "https://u@a", "https://a?x", "ftp://a", ""]
        {
            assert_eq!(serialized(wrong), None, "{wrong}");
        }
    }
}
