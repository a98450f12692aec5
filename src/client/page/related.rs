//! Related origins (WebAuthn L3 §5.11): the list that a relying party serves at its well-known URL.

use std::fmt;

use crate::encoding::json::{self, Json};

/// What was found at a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The status of the response.
    pub status: u16,
    /// The value of `Content-Type`.
    pub content_type: String,
    /// The body.
    pub body: String,
}

/// Fetches a URL without credentials and without a referrer, and follows redirects by https; `None` where nothing comes.
pub type Fetch = Box<dyn Fn(&str) -> Option<Fetched> + Send>;

/// Where the list comes from.
pub(in crate::client) enum RelatedOrigins {
    /// It is known.
    Known(Vec<String>),
    /// It is fetched where it is needed.
    Fetched(Fetch),
}

impl RelatedOrigins {
    /// The list of this RP ID; empty where there is none.
    pub(super) fn of(&self, rp_id: &str) -> Vec<String> {
        match self {
            Self::Known(list) => list.clone(),
            Self::Fetched(fetch) => {
                let found = fetch(&format!("https://{rp_id}/.well-known/webauthn"));
                found.and_then(|found| list(&found)).unwrap_or_default()
            }
        }
    }
}

impl fmt::Debug for RelatedOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(list) => f.debug_tuple("Known").field(list).finish(),
            Self::Fetched(_) => f.write_str("Fetched"),
        }
    }
}

/// The member `origins` of a sound document (§5.11.1 steps 1 to 4).
fn list(found: &Fetched) -> Option<Vec<String>> {
    let essence = found.content_type.split(';').next().unwrap_or_default().trim();
    if found.status != 200 || !essence.eq_ignore_ascii_case("application/json") {
        return None;
    }
    let document = json::parse(&found.body).ok()?;
    let Json::Array(origins) = document.member("origins")? else { return None };
    origins.iter().map(|origin| origin.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_taken_only_if_it_is_sound() {
        let sound = Fetched {
            status: 200,
            content_type: "application/json; charset=utf-8".into(),
            body: r#"{"origins":["https://example.de"],"other":1}"#.into(),
        };
        assert_eq!(list(&sound), Some(vec!["https://example.de".to_owned()]));
        let with_body = |body: &str| Fetched { body: body.into(), ..sound.clone() };
        for wrong in [
            Fetched { status: 404, ..sound.clone() },
            Fetched { content_type: "text/html".into(), ..sound.clone() },
            with_body("no JSON"),
            with_body("[]"),
            with_body("{}"),
            with_body(r#"{"origins":"https://example.de"}"#),
            with_body(r#"{"origins":["https://example.de",1]}"#),
        ] {
            assert_eq!(list(&wrong), None, "{wrong:?}");
        }
    }
}
