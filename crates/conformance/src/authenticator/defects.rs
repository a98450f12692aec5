//! What is wrong with an authenticator that fails a case, what comes of it, and what to do about it.
//!
//! A case belongs to the last entry whose id is its own, or a beginning of it at a slash.

mod ceremonies;
mod extensions;
mod management;
mod messages;
mod pins;

use crate::core::defect::{Defect, Severity};
use crate::core::filter;

const fn defect(
    id: &'static str,
    severity: Severity,
    title: &'static str,
    consequence: &'static str,
    remedy: &'static str,
) -> Defect {
    Defect { id, title, consequence, remedy, severity, explained_by: None }
}

/// Every entry, by what it is about.
const CHAPTERS: &[&[Defect]] =
    &[ceremonies::DEFECTS, pins::DEFECTS, extensions::DEFECTS, management::DEFECTS, messages::DEFECTS];

/// A test holds that no case has it.
const UNKNOWN: Defect = defect(
    "unknown",
    Severity::Medium,
    "the requirement is not met",
    "the case says what it is about",
    "follow the clause that the case cites",
);

fn all() -> impl DoubleEndedIterator<Item = &'static Defect> {
    CHAPTERS.iter().flat_map(|chapter| chapter.iter())
}

/// What is wrong with an authenticator that fails the case of this id.
pub(crate) fn of(case: &str) -> &'static Defect {
    all().rev().find(|defect| filter::matches(defect.id, case)).unwrap_or(&UNKNOWN)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_case_has_a_defect_and_every_defect_a_case() {
        let found: BTreeSet<&str> =
            super::super::catalogue::all().iter().map(|case| case.defect().id).collect();
        assert!(!found.contains(UNKNOWN.id));
        let ids: BTreeSet<&str> = all().map(|defect| defect.id).collect();
        assert_eq!(ids.len(), all().count());
        assert_eq!(found, ids);
    }

    #[test]
    fn a_defect_is_told_in_plain_sentences() {
        for defect in all() {
            for text in [defect.title, defect.consequence, defect.remedy] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", defect.id);
            }
        }
    }
}
