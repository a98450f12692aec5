//! What is wrong with a relying party that fails a case: one missing check, what comes of it, and what to do about it.
//!
//! A case belongs to the last entry of the tables that names it. An entry names the cases whose ids, without the ceremony,
//! are or begin with its own id; or those of its patterns.

mod attestation;
mod ceremonies;
mod compatibility;
mod credentials;

use crate::core::defect::{Defect, Severity};
use crate::core::filter;

/// A defect, and the cases that find it.
struct Entry {
    defect: Defect,
    /// Beside the defect's id: ids, or their beginnings at a slash, without the ceremony or with it.
    cases: &'static [&'static str],
}

/// A defect that the cases below its id find.
const fn entry(
    id: &'static str,
    severity: Severity,
    title: &'static str,
    consequence: &'static str,
    remedy: &'static str,
) -> Entry {
    Entry { defect: Defect { id, title, consequence, remedy, severity, explained_by: None }, cases: &[] }
}

impl Entry {
    /// These cases find it, too.
    const fn cases(mut self, cases: &'static [&'static str]) -> Self {
        self.cases = cases;
        self
    }

    /// A relying party with this other defect has this one as a consequence.
    const fn explained_by(mut self, other: &'static str) -> Self {
        self.defect.explained_by = Some(other);
        self
    }

    fn names(&self, case: &str, check: &str) -> bool {
        let patterns = std::iter::once(&self.defect.id).chain(self.cases);
        patterns.into_iter().any(|pattern| filter::matches(pattern, check) || filter::matches(pattern, case))
    }
}

const TABLES: [&[Entry]; 4] =
    [ceremonies::DEFECTS, credentials::DEFECTS, attestation::DEFECTS, compatibility::DEFECTS];

/// What stands before a check in the ids of cases that look for it where no attestation is asked for.
pub(crate) const UNATTESTED: &str = "unattested/";

/// A test holds that no case has it.
const UNKNOWN: Defect = Defect {
    id: "unknown",
    title: "the requirement is not met",
    consequence: "the case says what it is about",
    remedy: "follow the clause that the case cites",
    severity: Severity::Medium,
    explained_by: None,
};

/// What is wrong with a relying party that fails the case of this id.
pub(crate) fn of(case: &str) -> &'static Defect {
    let check = case.split_once('/').map_or(case, |(_, check)| check);
    let check = check.strip_prefix(UNATTESTED).unwrap_or(check);
    let entries = TABLES.iter().rev().flat_map(|table| table.iter().rev());
    let mut named = entries.filter(|entry| entry.names(case, check));
    named.next().map_or(&UNKNOWN, |entry| &entry.defect)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_case_has_a_defect_and_every_defect_a_case() {
        let found: BTreeSet<&str> = crate::cases().iter().map(|case| case.defect().id).collect();
        assert!(!found.contains(UNKNOWN.id));
        let all: Vec<&str> = TABLES.iter().copied().flatten().map(|entry| entry.defect.id).collect();
        let unused: Vec<&&str> = all.iter().filter(|id| !found.contains(**id)).collect();
        assert!(unused.is_empty(), "{unused:?}");
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn a_defect_is_told_in_plain_sentences() {
        for Entry { defect, .. } in TABLES.iter().copied().flatten() {
            for text in [defect.title, defect.consequence, defect.remedy] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", defect.id);
            }
            if let Some(other) = defect.explained_by {
                let mut defects = TABLES.iter().copied().flatten().map(|entry| &entry.defect);
                let other = defects.find(|defect| defect.id == other);
                assert!(other.is_some_and(|other| other.explained_by.is_none()), "{}", defect.id);
            }
        }
    }

    #[test]
    fn one_missing_check_is_one_defect_in_both_ceremonies() {
        let ids = ["registration/client-data/origin/missing", "authentication/client-data/origin/suffix"];
        assert_eq!(ids.map(|id| of(id).id), ["client-data/origin"; 2]);
        assert_eq!(
            of("registration/unattested/authenticator-data/rp-id-hash/zero").id,
            "authenticator-data/rp-id-hash"
        );
        assert_eq!(of("registration/challenge/replayed").severity, Severity::High);
        assert_eq!(of("authentication/challenge/replayed").severity, Severity::Critical);
    }
}
