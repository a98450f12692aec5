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

/// The signature count of a login.
fn log_in(store: &Path, rp_id: &str) -> u32 {
    let reply = json(&run(stuntkey(store).arg("authenticate"), request_options(rp_id).as_bytes()));
    let data = reply["response"]["authenticatorData"].as_str().unwrap();
    let data = stuntkey::encoding::base64url::decode(data).unwrap();
    u32::from_be_bytes(data[33..37].try_into().unwrap())
}

#[test]
fn a_round_trip_through_either_form_keeps_counting_and_keeps_the_user_name() {
    for form in ["webdriver", "playwright"] {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("s");
        filled(&store);
        assert_eq!((log_in(&store, "example.org"), log_in(&store, "example.org")), (1, 2));
        let exported = run(stuntkey(&store).args(["credentials", "export", "--as", form]), b"");
        let before = listed(&store);
        let imported = run(stuntkey(&store).args(["credentials", "import"]), &exported.stdout);
        assert!(imported.status.success());
        assert_eq!(listed(&store), before, "{form}");
        assert_eq!(log_in(&store, "example.org"), 3, "{form}");
    }
}

#[test]
fn a_list_longer_than_any_body_is_imported() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (directory.path().join("1"), directory.path().join("2"));
    filled(&one);
    let exported = stdout(&run(stuntkey(&one).args(["credentials", "export"]), b""));
    let long = exported.replacen('[', &format!("[{}", " ".repeat(5 << 20)), 1);
    let imported = run(stuntkey(&two).args(["credentials", "import"]), long.as_bytes());
    assert_eq!(stderr(&imported), "stuntkey: note: 3 credentials imported\n");
}

#[test]
fn no_bad_private_key_is_shown() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    filled(&store);
    let exported =
        stdout(&run(stuntkey(&store).args(["credentials", "export", "--rp-id", "example.org"]), b""));
    let bad = exported.replacen("\"privateKey\":\"MI", "\"privateKey\":\"!I", 1);
    let output = run(stuntkey(&store).args(["credentials", "import"]), bad.as_bytes());
    assert_eq!(
        stderr(&output),
        "stuntkey: error: $[0].privateKey: found a string that is no base64url: '!' at offset 0, expected base64url of \
         a PKCS#8 private key\n"
    );
}

#[test]
fn an_import_with_an_rp_id_that_no_browser_has_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    filled(&store);
    let exported =
        stdout(&run(stuntkey(&store).args(["credentials", "export", "--rp-id", "example.org"]), b""));
    let bad = exported.replacen("example.org", "https://example.org", 1);
    let output = run(stuntkey(&store).args(["credentials", "import"]), bad.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("$[0].rpId: found the string \"https://example.org\", expected an RP ID"),
        "{}",
        stderr(&output)
    );
}

#[cfg(unix)]
#[test]
fn exported_keys_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    filled(&store);
    let mode = |file: &Path| std::fs::metadata(file).unwrap().permissions().mode() & 0o777;
    let export = |arguments: &str| {
        let script = format!("umask 000; exec \"$0\" credentials export {arguments}");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_stuntkey")]).current_dir(directory.path());
        run(command.env("STUNTKEY_STORE", &store), b"")
    };
    let exported = directory.path().join("exported");
    std::fs::write(&exported, "old").unwrap();
    let output = export("--output exported");
    assert_eq!(
        (stdout(&output), stderr(&output)),
        (String::new(), "stuntkey: note: 3 credentials written to exported\n".into())
    );
    assert_eq!(mode(&exported), 0o600);
    let text = std::fs::read_to_string(&exported).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap().as_array().unwrap().len(), 3);
    let names: Vec<_> =
        std::fs::read_dir(directory.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing else is left: {names:?}");
    // Where the shell makes the file, it is too late.
    let output = export("> redirected");
    assert_eq!(
        stderr(&output),
        "stuntkey: warning: private keys go to standard output, which is a file that others can read; --output FILE \
         writes a file that is private\n"
    );
    assert_eq!(std::fs::read_to_string(directory.path().join("redirected")).unwrap(), text);
    assert_eq!(stderr(&export("| cat")), "");
    assert_eq!(export("--output no/such/file").status.code(), Some(3));
}
