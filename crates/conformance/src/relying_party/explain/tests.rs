//! The pages of the cases for relying parties in `docs/cases/`: one for each chapter of a ceremony, and one that lists them.
//! `STUNTKEY_BLESS=1 cargo test -p stuntkey-conformance pages_of_the_cases` writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::explain;
use crate::core::explanation::pages::{hold, section};
use crate::relying_party::catalogue;
use crate::relying_party::report::clause_url;
use crate::relying_party::suite::{Case, Profile};

#[test]
fn the_pages_of_the_cases_are_current() {
    hold("docs/cases", &pages());
}

fn pages() -> BTreeMap<String, String> {
    let mut chapters: BTreeMap<(String, String), Vec<Case>> = BTreeMap::new();
    for case in catalogue::all() {
        let ceremony = case.id().split('/').next().unwrap_or_default().to_owned();
        chapters.entry((ceremony, case.chapter().to_owned())).or_default().push(case);
    }
    let count: usize = chapters.values().map(Vec::len).sum();
    let mut index = format!(
        "# The cases\n\nThe {count} cases that `stuntkey conform` plays before a relying party, by ceremony and chapter. \
         `stuntkey conform explain ID` shows the same on a terminal.\nWritten by `STUNTKEY_BLESS=1 cargo test -p \
         stuntkey-conformance pages_of_the_cases`, and checked by the tests.\n\n| chapter | cases |\n| --- | ---: |\n"
    );
    let mut pages = BTreeMap::new();
    for ((ceremony, chapter), cases) in &chapters {
        let name = format!("{ceremony}-{chapter}.md");
        writeln!(index, "| [{ceremony}/{chapter}]({name}) | {} |", cases.len()).unwrap();
        let mut page = format!("# {ceremony}/{chapter}\n\n[All chapters](README.md)\n");
        for case in cases {
            let anchor: Vec<&str> = case.id().split('/').skip(2).collect();
            let url = clause_url(&case.clause(Profile::L3));
            page.push_str(&section(
                &anchor.join("/"),
                &explain(case),
                url.as_deref(),
                "a sound relying party",
            ));
        }
        pages.insert(name, page);
    }
    index.push_str("\nThose for authenticators have [pages of their own](authenticators/README.md).\n");
    pages.insert("README.md".into(), index);
    pages
}
