//! What is known of a target before a run: a known failure raises no alarm, an unexpected pass does.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::case::{Case, Suite};
use super::filter;
use super::verdict::Verdict;

/// What is expected of some cases.
///
/// As TOML:
///
/// ```toml
/// [[expect]]
/// cases = "registration/trust/*"    # an id, its beginning at a slash, or a glob
/// verdict = "fail"
/// reason = "the library does not look at certificate paths"
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectations(Vec<Entry>);

/// What is expected of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

impl Expected {
    /// Whether this verdict was expected. A failure that is expected may come as `advice`: that is its verdict where the
    /// profile only advises what the case requires.
    pub(crate) fn is(&self, verdict: Verdict) -> bool {
        self.verdict == verdict || (self.verdict, verdict) == (Verdict::Fail, Verdict::Advice)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    cases: String,
    verdict: Verdict,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    expect: Vec<Entry>,
}

/// Why expectations could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectationError(String);

impl fmt::Display for ExpectationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExpectationError {}

impl Expectations {
    /// Reads them from TOML. `cases` are those that an entry may name.
    ///
    /// # Errors
    /// [`ExpectationError`]: malformed, or an entry that names no case.
    pub fn from_toml<S: Suite>(text: &str, cases: &[Case<S>]) -> Result<Self, ExpectationError> {
        let file: File = toml::from_str(text).map_err(|error| ExpectationError(error.to_string()))?;
        for entry in &file.expect {
            if !cases.iter().any(|case| case.matches(&entry.cases)) {
                return Err(ExpectationError(format!(
                    "{:?} is no case, and no case is below it",
                    entry.cases
                )));
            }
            if entry.reason.trim().is_empty() {
                return Err(ExpectationError(format!("{:?} has no reason", entry.cases)));
            }
        }
        Ok(Self(file.expect))
    }

    /// What is expected of the case with this id: the last entry that names it.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<Expected> {
        let entry = self.0.iter().rev().find(|entry| filter::matches(&entry.cases, id))?;
        Some(Expected { verdict: entry.verdict, reason: entry.reason.clone() })
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::core::case::Suite;
    use crate::core::defect::Defect;

    enum Nothing {}

    impl Suite for Nothing {
        type Stage<'a> = ();
        type Profile = ();
        type Need = String;

        fn defect(case: &str) -> &'static Defect {
            unreachable!("nobody asks what is wrong with {case}")
        }

        fn clause(clause: &str, (): ()) -> Cow<'_, str> {
            Cow::Borrowed(clause)
        }
    }

    fn read(text: &str) -> Result<Expectations, ExpectationError> {
        let case = |id: &str| {
            Case::<Nothing>::new(id.to_owned(), "refuse it", "§1", &[], String::new(), |()| Ok(()))
        };
        let ids = ["registration/trust/expired/leaf", "registration/trust/signature/leaf"];
        Expectations::from_toml(text, &ids.map(case))
    }

    fn entry(cases: &str, verdict: &str, reason: &str) -> String {
        format!("[[expect]]\ncases = {cases:?}\nverdict = {verdict:?}\nreason = {reason:?}\n")
    }

    #[test]
    fn the_last_entry_that_fits_counts() {
        let text =
            entry("registration/trust", "fail", "a") + &entry("registration/trust/expired/*", "weak", "b");
        let expectations = read(&text).unwrap();
        assert_eq!(expectations.of("registration/trust/expired/leaf").unwrap().verdict, Verdict::Weak);
        assert_eq!(expectations.of("registration/trust/signature/leaf").unwrap().reason, "a");
        assert_eq!(expectations.of("registration/packed/signature/zero"), None);
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let error = |text: &str| read(text).unwrap_err().to_string();
        assert!(error(&entry("registration/nonsense", "fail", "a")).contains("is no case"));
        assert!(error(&entry("registration", "fail", " ")).contains("has no reason"));
        assert!(error(&entry("registration", "failed", "a")).contains("unknown variant"));
        assert!(error("[[expected]]\n").contains("unknown field"));
        assert!(read("").unwrap().0.is_empty());
    }
}
