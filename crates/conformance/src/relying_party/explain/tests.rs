//! The pages of the cases in `docs/cases/`: one for each chapter of a ceremony, and one that lists them.
//! `STUNTKEY_BLESS=1 cargo test -p stuntkey-conformance pages_of_the_cases` writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::explain;
use crate::relying_party::catalogue;
use crate::relying_party::report::clause_url;
use crate::relying_party::suite::{Case, Profile};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cases")
}

#[test]
fn the_pages_of_the_cases_are_current() {
    let pages = pages();
    let folder = folder();
    if std::env::var_os("STUNTKEY_BLESS").is_some() {
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in &pages {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let mut found: Vec<String> = fs::read_dir(&folder)
        .map(|entries| entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect())
        .unwrap_or_default();
    found.sort_unstable();
    assert_eq!(found, pages.keys().cloned().collect::<Vec<_>>(), "docs/cases has other pages");
    for (name, text) in &pages {
        let is = fs::read_to_string(folder.join(name)).unwrap();
        let differs = is.lines().zip(text.lines()).find(|(is, wanted)| is != wanted);
        assert!(is == *text, "docs/cases/{name} is not current: {differs:?}");
    }
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
            page.push_str(&section(case));
        }
        pages.insert(name, page);
    }
    pages.insert("README.md".into(), index);
    pages
}

fn section(case: &Case) -> String {
    let explanation = explain(case);
    let anchor: Vec<&str> = case.id().split('/').skip(2).collect();
    let mut out = format!("\n## {}\n\n{}\n\n", anchor.join("/"), explanation.sentence);
    for (name, value) in &explanation.facts {
        let value = match (*name, clause_url(&case.clause(Profile::L3))) {
            ("clause", Some(url)) => format!("[{value}]({url})"),
            ("catches", _) => match value.split_once(": ") {
                Some((id, sentence)) => format!("the flaw `{id}`, which {sentence}"),
                None => format!("the flaw `{value}`"),
            },
            _ => value.clone(),
        };
        writeln!(out, "- {name}: {value}").unwrap();
    }
    writeln!(out, "\nBefore a sound relying party:\n").unwrap();
    for (number, step) in explanation.steps.iter().enumerate() {
        writeln!(out, "{}. {step}", number + 1).unwrap();
    }
    writeln!(out, "\n    {}", explanation.command).unwrap();
    out
}
