//! `credentials list|export|import|delete`.

mod common;

use std::path::Path;

use common::{creation_options, json, listed, request_options, run, stderr, stdout, stuntkey};

/// A store with three accounts at two relying parties.
fn filled(store: &Path) {
    for (rp_id, user) in [("example.com", "YQ"), ("example.com", "Yg"), ("example.org", "YQ")] {
        let options = creation_options(rp_id, user);
        assert!(
            run(stuntkey(store).args(["register", "--seed", rp_id]), options.as_bytes()).status.success()
        );
    }
}

#[test]
fn list_is_aligned_and_shows_no_private_key() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let empty = run(stuntkey(&store).args(["credentials", "list"]), b"");
    assert_eq!(
        (stdout(&empty).as_str(), stderr(&empty).as_str()),
        ("", "stuntkey: note: the store is empty\n")
    );
    filled(&store);
    let output = run(stuntkey(&store).args(["credentials", "list"]), b"");
    let text = stdout(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("RP ID        USER  COUNT  KIND          CREDENTIAL ID"), "{text}");
    assert!(lines[1].starts_with("example.org  YQ    0      discoverable  "), "newest first: {text}");
    for credential in listed(&store) {
        let members: Vec<&String> = credential.as_object().unwrap().keys().collect();
        assert!(!members.iter().any(|name| name.to_lowercase().contains("private")));
        assert!(text.contains(credential["id"].as_str().unwrap()));
    }
}

#[test]
fn what_is_exported_and_imported_elsewhere_logs_in() {
    for form in ["webdriver", "playwright"] {
        let directory = tempfile::tempdir().unwrap();
        let (one, two) = (directory.path().join("1"), directory.path().join("2"));
        filled(&one);
        let exported = run(stuntkey(&one).args(["credentials", "export", "--as", form]), b"");
        assert_eq!(json(&exported).as_array().unwrap().len(), 3);
        let imported = run(stuntkey(&two).args(["credentials", "import"]), &exported.stdout);
        assert_eq!(stderr(&imported), "stuntkey: note: 3 credentials imported\n");
        let login = run(stuntkey(&two).arg("authenticate"), request_options("example.org").as_bytes());
        assert_eq!(json(&login)["response"]["userHandle"], "YQ");
        let again =
            run(stuntkey(&two).args(["credentials", "export", "--as", form, "--rp-id", "example.com"]), b"");
        assert_eq!(json(&again).as_array().unwrap().len(), 2);
    }
}

#[test]
fn import_keeps_the_order_and_tells_what_it_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (directory.path().join("1"), directory.path().join("2"));
    filled(&one);
    let exported = run(stuntkey(&one).args(["credentials", "export"]), b"");
    run(stuntkey(&two).args(["credentials", "import"]), &exported.stdout);
    assert_eq!(listed(&two), listed(&one));
    let again = run(stuntkey(&two).args(["credentials", "import"]), &exported.stdout);
    assert_eq!(
        stderr(&again),
        "stuntkey: note: 3 credentials imported, 3 of the same id or account replaced\n"
    );
}

#[test]
fn looking_makes_no_store_and_neither_does_a_bad_body() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    assert!(listed(&store).is_empty());
    assert_eq!(run(stuntkey(&store).arg("register"), b"{}").status.code(), Some(2));
    assert!(!store.exists());
}

#[test]
fn a_pem_key_goes_out_and_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (directory.path().join("1"), directory.path().join("2"));
    filled(&one);
    let several = run(stuntkey(&one).args(["credentials", "export", "--as", "pkcs8"]), b"");
    assert_eq!(several.status.code(), Some(2));
    let args = ["credentials", "export", "--as", "pkcs8", "--rp-id", "example.org"];
    let pem = run(stuntkey(&one).args(args), b"");
    assert!(stdout(&pem).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    let without = run(stuntkey(&two).args(["credentials", "import"]), &pem.stdout);
    assert_eq!(without.status.code(), Some(2));
    let args = ["credentials", "import", "--rp-id", "example.org", "--id", "AAAA", "--user-handle", "YQ"];
    assert!(run(stuntkey(&two).args(args), &pem.stdout).status.success());
    let args = ["credentials", "export", "--as", "pkcs8", "--id", "AAAA"];
    assert_eq!(stdout(&run(stuntkey(&two).args(args), b"")), stdout(&pem));
}

#[test]
fn delete_takes_what_is_chosen_and_tells_if_nothing_is() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    filled(&store);
    let delete = |args: &[&str]| {
        let output = run(stuntkey(&store).args(["credentials", "delete"]).args(args), b"");
        (output.status.code().unwrap(), stderr(&output))
    };
    assert_eq!(delete(&["--rp-id", "example.net"]), (4, "stuntkey: error: no credential matches\n".into()));
    assert_eq!(delete(&["--id", "AAAA"]), (4, "stuntkey: error: no credential has the id AAAA\n".into()));
    assert_eq!(delete(&[]).0, 2);
    assert_eq!(listed(&store).len(), 3);
    let id = listed(&store)[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(delete(&["--id", &id]), (0, "stuntkey: note: 1 credential deleted\n".into()));
    assert_eq!(delete(&["--user-name", "Yg"]), (0, "stuntkey: note: 1 credential deleted\n".into()));
    assert_eq!(delete(&["--all"]), (0, "stuntkey: note: 1 credential deleted\n".into()));
    assert!(listed(&store).is_empty());
}

#[test]
fn bad_credentials_are_refused_whole() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    filled(&store);
    let exported = stdout(&run(stuntkey(&store).args(["credentials", "export"]), b""));
    let target = directory.path().join("2");
    let broken = exported.replacen("\"rpId\":\"example.com\"", "\"rpId\":7", 1);
    let output = run(stuntkey(&target).args(["credentials", "import"]), broken.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr(&output), "stuntkey: error: $[1].rpId: found the number 7, expected a string\n");
    assert!(listed(&target).is_empty());
}
