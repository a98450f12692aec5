//! Pages of explained cases in the documentation, which tests hold to be current.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::Explanation;

/// Holds that a folder of the repository has these pages and no others, by file name; with `STUNTKEY_BLESS` it writes them.
pub(crate) fn hold(folder: &str, pages: &BTreeMap<String, String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let found = || -> Vec<String> {
        let entries = fs::read_dir(&path).into_iter().flatten().map(|entry| entry.unwrap());
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        let mut names: Vec<String> = files.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    };
    if std::env::var_os("STUNTKEY_BLESS").is_some() {
        for name in found() {
            fs::remove_file(path.join(name)).unwrap();
        }
        fs::create_dir_all(&path).unwrap();
        for (name, text) in pages {
            fs::write(path.join(name), text).unwrap();
        }
    }
    assert_eq!(found(), pages.keys().cloned().collect::<Vec<_>>(), "{folder} has other pages");
    for (name, text) in pages {
        let is = fs::read_to_string(path.join(name)).unwrap();
        let differs = is.lines().zip(text.lines()).find(|(is, wanted)| is != wanted);
        assert!(is == *text, "{folder}/{name} is not current: {differs:?}");
    }
}

/// The section of a page about one case. `before` says what its steps are played before.
pub(crate) fn section(title: &str, explanation: &Explanation, url: Option<&str>, before: &str) -> String {
    let mut out = format!("\n## {title}\n\n{}\n\n", explanation.sentence);
    for (name, value) in &explanation.facts {
        let value = match (*name, url) {
            ("clause", Some(url)) => format!("[{value}]({url})"),
            ("catches", _) => match value.split_once(": ") {
                Some((id, sentence)) => format!("the flaw `{id}`, which {sentence}"),
                None => format!("the flaw `{value}`"),
            },
            _ => value.clone(),
        };
        writeln!(out, "- {name}: {value}").unwrap();
    }
    if !explanation.steps.is_empty() {
        writeln!(out, "\nBefore {before}:\n").unwrap();
    }
    for (number, step) in explanation.steps.iter().enumerate() {
        writeln!(out, "{}. {step}", number + 1).unwrap();
    }
    writeln!(out, "\n    {}", explanation.command).unwrap();
    out
}
