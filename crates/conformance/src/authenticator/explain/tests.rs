//! The pages of the cases for authenticators in `docs/cases/authenticators/`: one for each chapter, and one that lists them.
//! `STUNTKEY_BLESS=1 cargo test -p stuntkey-conformance pages_of_the_cases` writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::explain;
use crate::authenticator::catalogue;
use crate::authenticator::suite::{AuthenticatorCase, AuthenticatorProfile};
use crate::core::case::Level;
use crate::core::explanation::pages::{hold, section};

#[test]
fn the_pages_of_the_cases_for_authenticators_are_current() {
    hold("docs/cases/authenticators", &pages());
}

fn pages() -> BTreeMap<String, String> {
    let mut chapters: Vec<(String, Vec<AuthenticatorCase>)> = Vec::new();
    for case in catalogue::all() {
        let chapter = case.id().split('/').next().unwrap_or_default().to_owned();
        match chapters.iter_mut().find(|(known, _)| *known == chapter) {
            Some((_, cases)) => cases.push(case),
            None => chapters.push((chapter, vec![case])),
        }
    }
    let mut pages = BTreeMap::new();
    for (chapter, cases) in &chapters {
        let mut page = format!("# {chapter}\n\n[All chapters](README.md)\n");
        for case in cases {
            let title = case.id().split_once('/').map_or(case.id(), |(_, rest)| rest);
            let mut explanation = explain(case);
            // What comes by CTAPHID and from a card, packet by packet, is another each time.
            if ["hid", "nfc"].contains(&chapter.as_str()) {
                explanation.steps.clear();
            }
            page.push_str(&section(title, &explanation, None, "a sound authenticator"));
        }
        pages.insert(format!("{chapter}.md"), page);
    }
    pages.insert("README.md".into(), index(&chapters));
    pages
}

fn index(chapters: &[(String, Vec<AuthenticatorCase>)]) -> String {
    let all = || chapters.iter().flat_map(|(_, cases)| cases);
    let mut index = format!(
        "# The cases for authenticators\n\nThe {} cases that `stuntkey conform` plays before an authenticator, by chapter, \
         and how many of each there are by profile and by level. `stuntkey conform explain ID` shows the same on a \
         terminal.\nWritten by `STUNTKEY_BLESS=1 cargo test -p stuntkey-conformance pages_of_the_cases`, and checked by the \
         tests.\n\n| chapter | cases |",
        all().count()
    );
    let profiles = AuthenticatorProfile::ALL;
    let levels = [Level::Must, Level::Should, Level::May];
    profiles.iter().for_each(|profile| write!(index, " {} |", profile.name()).unwrap());
    levels.iter().for_each(|level| write!(index, " {} |", level.name()).unwrap());
    index.push_str("\n| --- |");
    index.push_str(&" ---: |".repeat(1 + profiles.len() + levels.len()));
    index.push('\n');
    let mut row = |name: &str, cases: &[&AuthenticatorCase]| {
        write!(index, "| {name} | {} |", cases.len()).unwrap();
        for profile in profiles {
            let count = cases.iter().filter(|case| case.profiles().contains(profile)).count();
            write!(index, " {count} |").unwrap();
        }
        for level in levels {
            let newest = |case: &AuthenticatorCase| case.profiles().last().map(|newest| case.level(*newest));
            let count = cases.iter().filter(|case| newest(case) == Some(level)).count();
            write!(index, " {count} |").unwrap();
        }
        index.push('\n');
    };
    for (chapter, cases) in chapters {
        row(&format!("[{chapter}]({chapter}.md)"), &cases.iter().collect::<Vec<_>>());
    }
    row("all", &all().collect::<Vec<_>>());
    index
}
