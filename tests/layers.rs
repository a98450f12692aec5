//! Arrows point down only: between crates, between the library's rooms, and between the files of every crate.

#[path = "layers/source.rs"]
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use source::{Crate, Module};

/// From the top down. A crate depends on those below it.
const CRATES: [(&str, &str); 7] = [
    ("stuntkey-cli", "crates/cli"),
    ("stuntkey-door", "crates/door"),
    ("stuntkey-conformance", "crates/conformance"),
    ("stuntkey-ssh-sk", "crates/ssh-sk"),
    ("stuntkey-transport", "crates/transport"),
    ("stuntkey", ""),
    ("stuntkey-inspect", "crates/inspect"),
];

/// Circles that are known, each with the files in it that have to part. The list only gets shorter.
const KNOWN_CIRCLES: [&[&str]; 0] = [];

/// Files with more lines than this are two files.
const MOST_LINES: usize = 500;

/// Files that are known to be longer. The list only gets shorter.
const KNOWN_LONG: [&str; 0] = [];

/// From the top down. The judge stands aside: see the test of its own.
const LAYERS: [&str; 10] = [
    "client",
    "fault",
    "verifier",
    "authenticator",
    "attestation",
    "draft",
    "ctap2",
    "webauthn",
    "encoding",
    "crypto",
];

#[test]
fn arrows_point_down_only() {
    let mut files = 0;
    let mut uphill = Vec::new();
    for (level, room) in LAYERS.iter().enumerate() {
        for file in files_of(room) {
            files += 1;
            let text = fs::read_to_string(&file).unwrap();
            for used in used_rooms(&text) {
                let Some(target) = LAYERS.iter().position(|room| *room == used) else {
                    panic!("{}: crate::{used} is no room of the library", file.display());
                };
                if target < level {
                    uphill.push(format!("{}: {room} uses {used}", file.display()));
                }
            }
        }
    }
    assert!(files > 30, "only {files} files were read");
    assert!(uphill.is_empty(), "upward: {uphill:#?}");
}

#[test]
fn every_room_is_in_the_list() {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let mut rooms: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    let mut layers = LAYERS.to_vec();
    rooms.sort_unstable();
    layers.sort_unstable();
    assert_eq!(rooms, layers);
}

/// The judge shares no code with the judged beyond the plain types, and nobody below or beside leans on it.
#[test]
fn the_verifier_stands_alone() {
    for file in files_of("verifier") {
        let text = fs::read_to_string(&file).unwrap();
        for used in used_rooms(&text) {
            assert!(
                ["verifier", "webauthn", "crypto"].contains(&used.as_str()),
                "{}: {used}",
                file.display()
            );
        }
        for line in text.lines().filter(|line| line.contains("crate::crypto")) {
            let plain = [
                "use crate::crypto::Algorithm;",
                "use crate::crypto::Backend;",
                "use crate::crypto::{Algorithm, Backend};",
                "use crate::crypto::UnknownName;",
            ];
            assert!(plain.contains(&line.trim()), "{}: {line}", file.display());
        }
    }
    for room in LAYERS.iter().filter(|room| **room != "verifier") {
        for file in files_of(room) {
            let used = used_rooms(&fs::read_to_string(&file).unwrap());
            assert!(!used.iter().any(|used| used == "verifier"), "{}", file.display());
        }
    }
}

#[test]
fn an_upward_use_would_be_seen() {
    let text =
        "use crate::client::Client;\nuse crate::{crypto::sha256, webauthn};\nlet x = crate::ctap2::Status;";
    assert_eq!(used_rooms(text), ["client", "crypto", "webauthn", "ctap2"]);
}

#[test]
fn crates_depend_on_those_below_only() {
    let mut folders: Vec<String> = fs::read_dir(repository().join("crates"))
        .unwrap()
        .map(|entry| format!("crates/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|folder| repository().join(folder).join("Cargo.toml").exists())
        .chain([String::new()])
        .collect();
    let mut known = CRATES.map(|(_, folder)| folder.to_owned());
    folders.sort_unstable();
    known.sort_unstable();
    assert_eq!(folders, known, "every crate is in the list");
    for (level, (name, folder)) in CRATES.iter().enumerate() {
        let manifest = fs::read_to_string(repository().join(folder).join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "{folder}");
        let dependencies = manifest.split("\n[").filter_map(|section| section.strip_prefix("dependencies]"));
        for line in dependencies.flat_map(str::lines) {
            let used = line.split([' ', '=', '.']).next().unwrap();
            let target = CRATES.iter().position(|(other, _)| *other == used);
            assert!(target.is_none_or(|target| target > level), "{name} depends on {used}");
        }
    }
}

/// Two files that use each other are one thing in two places. A parent may use its children, and they their parent.
#[test]
fn no_files_but_parent_and_child_use_each_other() {
    let mut circles = Vec::new();
    for (_, folder) in CRATES {
        let all = Crate::read(&repository(), format!("{folder}/src").trim_start_matches('/'));
        assert!(all.len() > 5, "{folder}: only {} files were read", all.len());
        let mut uses = all.uses();
        for (file, used) in &mut uses {
            used.retain(|used| !used.starts_with(file) && !file.starts_with(used));
        }
        let names = |circle: BTreeSet<Module>| -> Vec<String> {
            circle.iter().map(|module| all.name(module).to_owned()).collect()
        };
        circles.extend(circles_of(&uses).into_iter().map(names));
    }
    let known = |circle: &&Vec<String>| {
        KNOWN_CIRCLES.iter().any(|known| circle.iter().all(|file| known.contains(&file.as_str())))
    };
    let new: Vec<&Vec<String>> = circles.iter().filter(|circle| !known(circle)).collect();
    assert!(new.is_empty(), "{new:#?}");
}

/// Sets of more than one file, each of which leads to each.
fn circles_of(uses: &BTreeMap<Module, Vec<Module>>) -> BTreeSet<BTreeSet<Module>> {
    let reached = |from: &Module| {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&Module> = uses[from].iter().collect();
        while let Some(module) = next.pop() {
            if reached.insert(module.clone()) {
                next.extend(&uses[module]);
            }
        }
        reached
    };
    let reached: BTreeMap<&Module, BTreeSet<Module>> =
        uses.keys().map(|from| (from, reached(from))).collect();
    let circle = |from: &Module| {
        reached[from].iter().filter(|other| reached[other].contains(from)).cloned().collect::<BTreeSet<_>>()
    };
    uses.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn a_circle_would_be_seen() {
    let module = |name: &str| vec![name.to_owned()];
    let uses = [("a", &["b"][..]), ("b", &["c"]), ("c", &["a", "d"]), ("d", &[])];
    let uses = uses.map(|(from, to)| (module(from), to.iter().map(|to| module(to)).collect())).into();
    assert_eq!(circles_of(&uses), [["a", "b", "c"].map(module).into()].into());
}

#[test]
fn no_file_is_long() {
    let ours = ["src", "tests", "benches", "examples", "fuzz", "crates"];
    let of_interop = ["interop/rust/src", "interop/authenticators/rust/src"];
    let mut folders: Vec<PathBuf> = ours.iter().chain(&of_interop).map(|f| repository().join(f)).collect();
    let (mut files, mut long) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files += 1;
                if fs::read_to_string(&path).unwrap().lines().count() > MOST_LINES {
                    long.push(path.strip_prefix(repository()).unwrap().to_str().unwrap().replace('\\', "/"));
                }
            }
        }
    }
    assert!(files > 200, "only {files} files were read");
    long.retain(|file| !KNOWN_LONG.contains(&file.as_str()));
    assert!(long.is_empty(), "{long:#?}");
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn source() -> PathBuf {
    repository().join("src")
}

/// `room.rs` and all below `room/`.
fn files_of(room: &str) -> Vec<PathBuf> {
    let mut files = vec![source().join(format!("{room}.rs"))];
    let mut directories = vec![source().join(room)];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|e| e.to_str()) {
                Some("rs") => files.push(path),
                _ if path.is_dir() => directories.push(path),
                _ => {}
            }
        }
    }
    files
}

/// The rooms named after `crate::`, in code and not in comments.
fn used_rooms(text: &str) -> Vec<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let word =
            |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned();
        match rest.strip_prefix('{') {
            // A list: the first word of each item at the first level.
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && !c.is_whitespace() => {
                            rooms.push(word(&list[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => rooms.push(word(rest)),
        }
    }
    rooms
}
