//! A room of the library uses those below it and none above.

use std::fs;
use std::path::{Path, PathBuf};

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
            assert_eq!(line.trim(), "use crate::crypto::Algorithm;", "{}", file.display());
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

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
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
