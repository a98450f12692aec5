//! What to do about a defect in code, where the target's library is known. `hints.toml` has the hints.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::core::report::{Finding, Hint};

/// The libraries by their names, and their hints by the ids of defects.
static LIBRARIES: LazyLock<BTreeMap<String, Library>> =
    LazyLock::new(|| toml::from_str(include_str!("hints.toml")).expect("a test reads it"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Library {
    /// What the hints were checked against.
    #[cfg_attr(not(test), expect(dead_code, reason = "for those who edit the file"))]
    checked: String,
    hints: BTreeMap<String, String>,
}

/// The libraries that hints are known for.
pub fn libraries() -> impl Iterator<Item = &'static str> {
    LIBRARIES.keys().map(String::as_str)
}

/// The library of this name, in upper or lower case.
#[must_use]
pub fn library_named(name: &str) -> Option<&'static str> {
    libraries().find(|known| known.eq_ignore_ascii_case(name))
}

/// The findings with the hints that are known for the library.
pub(crate) fn with_hints(mut findings: Vec<Finding>, library: &str) -> Vec<Finding> {
    for finding in &mut findings {
        let code = hint(library, &finding.defect);
        finding.hint = code.map(|code| Hint { library: library.to_owned(), code: code.to_owned() });
    }
    findings
}

/// The hint for a defect in a library.
fn hint(library: &str, defect: &str) -> Option<&'static str> {
    LIBRARIES.get(library)?.hints.get(defect).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_hint_is_for_a_defect_and_says_where_it_was_checked() {
        let defects: BTreeSet<&str> = crate::cases().iter().map(|case| case.defect().id).collect();
        for (name, library) in LIBRARIES.iter() {
            assert!(!library.checked.is_empty(), "{name}");
            for (defect, hint) in &library.hints {
                assert!(defects.contains(defect.as_str()), "{name}: there is no defect {defect}");
                assert!(!hint.is_empty() && !hint.ends_with('.') && !hint.contains('\n'), "{name}: {hint}");
            }
        }
    }

    #[test]
    fn a_library_is_known_by_its_name_in_any_case() {
        assert_eq!(library_named("simplewebauthn"), Some("SimpleWebAuthn"));
        assert_eq!(library_named("nobody"), None);
        assert!(hint("SimpleWebAuthn", "client-data/origin").unwrap().contains("expectedOrigin"));
        assert_eq!(hint("SimpleWebAuthn", "client-data/type"), None);
    }
}
