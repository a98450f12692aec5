//! Secrets come from an option, a file or the environment, and no help shows them.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use common::{creation_options, json, run, stderr, stdout, stuntkey};

/// The id of a credential that is registered with these arguments and variables in a store of its own.
fn registered(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let mut command = stuntkey(&directory.path().join("s"));
    command.arg("register").args(arguments).envs(variables.iter().copied());
    json(&run(&mut command, creation_options("example.com", "dQ").as_bytes()))["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_seed_comes_from_an_option_a_file_or_the_environment_in_this_order() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("seed");
    fs::write(&file, "in a file\r\n").unwrap();
    let file = file.to_str().unwrap();
    let [one, other, last] =
        ["in a file", "an option", "a variable"].map(|seed| registered(&["--seed", seed], &[]));
    let variable = [("STUNTKEY_SEED", "a variable")];
    assert_eq!(registered(&["--seed-file", file], &[]), one);
    assert_eq!(registered(&["--seed-file", file], &variable), one);
    assert_eq!(registered(&["--seed", "an option"], &variable), other);
    assert_eq!(registered(&[], &variable), last);
    assert_ne!(registered(&[], &[("STUNTKEY_SEED", "")]), registered(&[], &[]), "an empty variable is none");
}

#[test]
fn the_root_of_a_seed_that_is_not_an_argument_is_the_seeds() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let root = |arguments: &[&str], seed: &str| {
        let args = ["attestation", "root"];
        stdout(&run(stuntkey(&store).args(args).args(arguments).env("STUNTKEY_SEED", seed), b""))
    };
    assert_eq!(root(&[], "x"), root(&["--seed", "x"], ""));
    assert_ne!(root(&[], "x"), root(&[], ""));
    let authority = stuntkey::attestation::CertificateAuthority::seeded("somebody's");
    let file = directory.path().join("ca.pem");
    fs::write(&file, &*authority.to_pem()).unwrap();
    let ca = ["--attestation-ca", file.to_str().unwrap()];
    assert_eq!(root(&ca, "x"), authority.certificate_pem(), "an argument comes before the environment");
    let both = run(stuntkey(&store).args(["attestation", "root", "--seed", "x"]).args(ca), b"");
    assert_eq!(both.status.code(), Some(2), "{}", stderr(&both));
}

#[test]
fn the_secret_of_credentials_without_storage_comes_from_a_file_or_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let file = directory.path().join("secret");
    fs::write(&file, "hush\n").unwrap();
    let mut options: serde_json::Value =
        serde_json::from_str(&creation_options("example.com", "dQ")).unwrap();
    options["authenticatorSelection"]["residentKey"] = "discouraged".into();
    let made = json(&run(
        stuntkey(&store).args(["register", "--stateless-file"]).arg(&file),
        options.to_string().as_bytes(),
    ));
    let request = serde_json::json!({"rpId": "example.com", "challenge": "GVeXqotfQOWSaaWZuWj94Q",
        "allowCredentials": [{"type": "public-key", "id": made["id"]}]});
    let login = |secret: &str| {
        let mut command = stuntkey(&store);
        run(command.arg("authenticate").env("STUNTKEY_STATELESS", secret), request.to_string().as_bytes())
    };
    assert_eq!(json(&login("hush"))["id"], made["id"]);
    assert_eq!(login("another").status.code(), Some(1));
}

/// A server that refuses every request, and the heads of the requests.
fn refusing_server() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (heads, seen) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            drop(heads.send(head.join("\n")));
            drop(
                stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
            );
        }
    });
    (url, seen)
}

#[test]
fn headers_come_from_an_option_a_file_or_standard_input() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let file = directory.path().join("headers");
    fs::write(&file, "X-Key: hush: hush\r\n\nx-other:  2 \n").unwrap();
    let (url, seen) = refusing_server();
    let in_file = format!("@{}", file.display());
    for (arguments, input, expected) in [
        (vec!["--header", &in_file], "", &["x-key: hush: hush", "x-other: 2"][..]),
        (vec!["--header", "X-One: 1", "--header", &in_file], "", &["x-one: 1", "x-other: 2"]),
        (vec!["--header", "@-"], "X-Key: from a pipe", &["x-key: from a pipe"]),
    ] {
        for command in ["conform", "load"] {
            let output = run(stuntkey(&store).args([command, &url]).args(&arguments), input.as_bytes());
            assert_ne!(output.status.code(), Some(2), "{command}: {}", stderr(&output));
            let head = seen.recv().unwrap();
            let has = |header: &&str| head.lines().any(|line| line.eq_ignore_ascii_case(header));
            assert!(expected.iter().all(has), "{command} {arguments:?}: {head}");
            assert!(!(stdout(&output) + &stderr(&output)).contains("hush"), "{command}");
            // Only the first request matters.
            while seen.try_recv().is_ok() {}
        }
    }
}

#[test]
fn a_file_of_headers_is_misuse_where_a_line_is_none_and_the_line_is_not_shown() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let file = directory.path().join("headers");
    fs::write(&file, "X-Key: 1\n\nhush\n").unwrap();
    let command = ["conform", "http://127.0.0.1:9", "--header"];
    let refused = |header: String| {
        let output = run(stuntkey(&store).args(command).arg(header), b"");
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        stderr(&output)
    };
    let text = refused(format!("@{}", file.display()));
    assert!(text.contains("headers:3: found no colon") && !text.contains("hush"), "{text}");
    let text = refused(format!("@{}", directory.path().join("none").display()));
    assert!(text.contains("none: cannot read"), "{text}");
    assert!(refused("no colon".into()).contains("expected NAME: VALUE, or @FILE"));
}

#[test]
fn a_file_without_a_secret_is_misuse() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let empty = directory.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    for (command, option) in [
        (&["attestation", "root"][..], "--seed-file"),
        (&["register"], "--stateless-file"),
        (&["register"], "--pin-file"),
        (&["relying-party", "--port", "0"], "--access-key-file"),
        (&["conform", "http://127.0.0.1:9"], "--bearer-file"),
    ] {
        let output = run(stuntkey(&store).args(command).arg(option).arg(&empty), b"{}");
        assert_eq!(output.status.code(), Some(2), "{option}: {}", stderr(&output));
        assert!(stderr(&output).contains(&format!("{option}: found nothing in ")), "{}", stderr(&output));
        let both = run(
            stuntkey(&store)
                .args(command)
                .arg(option)
                .arg(&empty)
                .args([option.trim_end_matches("-file"), "x"]),
            b"{}",
        );
        assert_eq!(both.status.code(), Some(2), "{option}: {}", stderr(&both));
        assert!(stderr(&both).contains("cannot be used with"), "{}", stderr(&both));
    }
}

#[test]
fn no_help_shows_a_secret_of_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let names =
        ["STUNTKEY_SEED", "STUNTKEY_STATELESS", "STUNTKEY_PIN", "STUNTKEY_BEARER", "STUNTKEY_ACCESS_KEY"];
    let mut named = Vec::new();
    for command in ["register", "conform", "load", "enroll", "relying-party"] {
        let mut help = stuntkey(&directory.path().join("s"));
        help.args([command, "--help"]).envs(names.map(|name| (name, "hush-hush")));
        let text = stdout(&run(&mut help, b""));
        assert!(!text.contains("hush-hush"), "{command}");
        named.extend(names.iter().filter(|name| text.contains(**name)));
    }
    assert!(names.iter().all(|name| named.contains(&name)), "{named:?}");
}

#[test]
fn a_security_key_takes_the_pin_of_its_user() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let options = r#"{"challenge":"AAECAwQFBgcICQoLDA0ODw","rp":{"id":"example.org","name":"Example"},
        "user":{"id":"AQ","name":"alice","displayName":"Alice"},
        "pubKeyCredParams":[{"type":"public-key","alg":-7}],
        "authenticatorSelection":{"userVerification":"required"}}"#;
    let register = |pin: &[(&str, &str)], user: &str| {
        let mut command = stuntkey(&store);
        command.args(["register", "--model", "security_key_ctap2_3"]).envs(pin.iter().copied());
        run(&mut command, options.replace("AQ", user).as_bytes())
    };
    let unknown = register(&[], "AQ");
    assert_eq!(unknown.status.code(), Some(1), "{}", stderr(&unknown));
    assert!(stderr(&unknown).contains("asks for its PIN") && stderr(&unknown).contains("--pin PIN"));
    // The first PIN is set, and then it has to be the right one.
    assert_eq!(register(&[("STUNTKEY_PIN", "1234")], "AQ").status.code(), Some(0));
    let wrong = register(&[("STUNTKEY_PIN", "4321")], "Ag");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        stderr(&wrong).contains("the PIN is wrong") && !stderr(&wrong).contains("4321"),
        "{}",
        stderr(&wrong)
    );
    assert_eq!(register(&[("STUNTKEY_PIN", "1234")], "Ag").status.code(), Some(0));
}
