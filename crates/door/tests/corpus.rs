//! The seeds of the door's fuzz target: replayed, and held against the code that makes them.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

#[expect(unreachable_pub, reason = "public for the fuzz workspace, whose library this file is part of")]
#[path = "../../../fuzz/src/door.rs"]
mod target;

#[test]
fn every_seed_passes_its_target() {
    for (name, target) in target::TARGETS {
        let files: Vec<PathBuf> = fs::read_dir(fuzz().join("corpus").join(name))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert!(files.len() >= 3, "{name} has only {} seeds", files.len());
        for file in files {
            target(&fs::read(file).unwrap());
        }
    }
}

/// The seeds are written by `STUNTKEY_BLESS=1 cargo test -p stuntkey-door --test corpus`.
#[test]
fn the_seeds_are_current() {
    for (name, lines) in seeds() {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let file = fuzz().join("corpus/door").join(name);
        if std::env::var_os("STUNTKEY_BLESS").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        assert!(fs::read_to_string(&file).unwrap() == text, "{} is not what the code makes", file.display());
    }
}

/// Every operation's name is a word that the fuzzer knows.
#[test]
fn the_dictionary_is_current() {
    let words = stuntkey_door::operations().map(|(name, _)| name).chain([
        "$client",
        "$reply",
        "$credential",
        "$run",
        "op",
        "client",
        "options",
        "origin",
        "model",
        "base",
        "seed",
        "fault",
        "preparedFor",
        "user",
        "denied",
        "challenge",
        "response",
        "credentials",
        "trust",
        "test-root",
        "rpId",
        "id",
        "as",
        "pkcs8",
        "input",
        "kind",
        "request",
        "now",
        "policy",
    ]);
    let text: String = words.map(|word| format!("\"{word}\"\n")).collect();
    let file = fuzz().join("dictionaries/door.dict");
    if std::env::var_os("STUNTKEY_BLESS").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn seeds() -> Vec<(&'static str, Vec<Value>)> {
    let origin = "https://a.example";
    let creation = json!({
        "rp": { "id": "a.example", "name": "A" }, "user": { "id": "AQ", "name": "a", "displayName": "a" }, "challenge": "AAAA",
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }], "attestation": "direct",
    });
    let request = json!({ "rpId": "a.example", "challenge": "AAAA" });
    let new = json!({ "op": "client.new", "origin": origin, "seed": "1" });
    let register = json!({ "op": "client.register", "client": "$client", "options": creation });
    let verify = json!({
        "op": "verify.registration", "response": "$reply", "options": creation, "origin": origin, "trust": "test-root",
    });
    let log_in =
        json!({ "op": "client.authenticate", "client": "$client", "options": request, "user": "present" });
    let verify_login = json!({
        "op": "verify.authentication", "response": "$reply", "challenge": "AAAA", "rpId": "a.example", "origin": [origin],
        "credentials": "$credential", "steps": true,
    });
    vec![
        ("ceremonies", vec![new.clone(), register.clone(), verify, log_in, verify_login]),
        (
            "models",
            vec![
                json!({ "op": "client.new", "model": { "base": "phone", "counter": "zero", "attestation": { "format": "tpm" } } }),
                json!({ "op": "client.new", "model": "full", "pin": "1234", "preparedFor": "tpm/ver/1.2" }),
                json!({ "op": "client.navigate", "client": "$client", "origin": origin, "topOrigin": "https://b.example" }),
                register.clone(),
                json!({ "op": "client.capabilities", "client": "$client" }),
                json!({ "op": "attestation.metadata", "client": "$client", "blob": "ES256" }),
                json!({ "op": "ctap", "client": "$client", "request": "BA" }),
            ],
        ),
        (
            "credentials",
            vec![
                new,
                json!({ "op": "credentials.add", "client": "$client", "rpId": "a.example", "userHandle": "AQ" }),
                json!({ "op": "credentials.export", "client": "$client", "as": "playwright" }),
                json!({ "op": "credentials.import", "client": "$client", "credentials": "[]" }),
                json!({ "op": "credentials.remove", "client": "$client", "all": true }),
                json!({ "op": "client.free", "client": "$client" }),
                json!({ "op": "inspect", "input": "o2NmbXQ", "kind": "cbor" }),
                json!({ "op": "faults", "ceremony": "registration", "id": "client-data/" }),
            ],
        ),
    ]
}
