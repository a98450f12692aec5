//! Related origins: pages of other sites that use the same RP ID.

use stuntkey::encoding::json::{self, Json};
use stuntkey::webauthn::Ceremony;
use url::Url;

use super::play::registers_and_logs_in;
use crate::core::case::Level;
use crate::core::outcome::Stop;
use crate::relying_party::stage::Stage;
use crate::relying_party::suite::{Case, L3_ONLY};
use crate::relying_party::target::Target;

/// A browser looks at five sites of a list at least (§5.11).
const MOST_TRIED: usize = 5;

pub(super) fn cases() -> Vec<Case> {
    let cases = [
        Case::of(
            Ceremony::Create,
            "options/related-origins",
            "send related origins as an object with a list of origins",
            "WebAuthn L3 §5.11",
            |stage| {
                let document = document(stage)?;
                let found =
                    json::parse(&document).map_err(|error| Stop::fail(format!("no JSON: {error}")))?;
                let origins = found.member("origins").and_then(items);
                let is_origin =
                    |origin: &Json<'_>| origin.as_str().is_some_and(|text| origin_of(text).is_some());
                match origins {
                    None => Err(Stop::fail("`origins` is not there, or no array")),
                    Some([]) => Err(Stop::fail("`origins` is empty")),
                    Some(origins) => match origins.iter().find(|origin| !is_origin(origin)) {
                        Some(other) => Err(Stop::fail(format!("found {other} among them, expected origins"))),
                        None => Ok(()),
                    },
                }
            },
        ),
        Case::of(
            Ceremony::Create,
            "accepts/origin/related",
            "accept pages at its related origins, or refuse them without breaking",
            "WebAuthn L3 §5.11; §7.1 step 9",
            |stage| {
                let document = document(stage)?;
                for origin in listed(&document).iter().take(MOST_TRIED) {
                    let mut person = stage.person_at(&origin.origin().ascii_serialization())?;
                    registers_and_logs_in(&mut person)?;
                }
                Ok(())
            },
        )
        // Another site may have a server of its own.
        .with_level(Level::May),
    ];
    cases.into_iter().map(|case| case.only_in(L3_ONLY)).collect()
}

/// The text of the target's document of related origins.
fn document(stage: &Stage<'_>) -> Result<String, Stop> {
    let document = document_of(stage.target());
    document.ok_or_else(|| {
        Stop::skip("the target has no related origins at /.well-known/webauthn")
            .testable_by(Some("send related origins at /.well-known/webauthn".into()))
    })
}

/// The text of a target's document of related origins. A page that a server sends for any path is none.
pub(crate) fn document_of(target: &dyn Target) -> Option<String> {
    let (content_type, text) = target.related_origins()?;
    content_type.to_ascii_lowercase().starts_with("application/json").then_some(text)
}

/// The origins that a document of related origins lists; what is none is left out, as by a browser.
pub(crate) fn listed(document: &str) -> Vec<Url> {
    let Ok(found) = json::parse(document) else { return Vec::new() };
    let origins = found.member("origins").and_then(items).unwrap_or_default();
    origins.iter().filter_map(Json::as_str).filter_map(origin_of).collect()
}

/// An origin as a URL without a path.
fn origin_of(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (url.has_host() && url.path() == "/" && url.query().is_none()).then_some(url)
}

fn items<'j>(value: &'j Json<'j>) -> Option<&'j [Json<'j>]> {
    match value {
        Json::Array(items) => Some(items),
        _ => None,
    }
}
