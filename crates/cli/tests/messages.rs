//! What the command line says when it does not do what was asked: one line of error, one that says what to do next.

mod common;

use std::fs;
use std::process::Command;

use common::{creation_options, json, request_options, run, stderr, stdout, stuntkey};
use serde_json::Value;

/// The lines of standard error.
fn lines(output: &std::process::Output) -> Vec<String> {
    stderr(output).lines().map(str::to_owned).collect()
}

#[test]
fn options_for_the_other_command_name_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let output = run(stuntkey(&store).arg("register"), request_options("example.com").as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(lines(&output)[1], "stuntkey: hint: `stuntkey authenticate` answers request options");
    let options = creation_options("example.com", "dQ");
    let output = run(stuntkey(&store).arg("authenticate"), options.as_bytes());
    assert_eq!(lines(&output)[1], "stuntkey: hint: `stuntkey register` answers creation options");
}

#[test]
fn an_excluded_credential_names_the_store_and_the_ways_out() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let options = creation_options("example.com", "dQ");
    let made = json(&run(stuntkey(&store).arg("register"), options.as_bytes()));
    let mut again: Value = serde_json::from_str(&options).unwrap();
    again["excludeCredentials"] = serde_json::json!([{"type": "public-key", "id": made["id"]}]);
    let output = run(stuntkey(&store).arg("register"), again.to_string().as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let hint = &lines(&output)[1];
    for way_out in [store.to_str().unwrap(), "stuntkey credentials delete", "--store FILE"] {
        assert!(hint.contains(way_out), "{hint}");
    }
}

#[test]
fn an_error_in_json_names_the_file_that_it_is_in() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let file = directory.path().join("options.json");
    let name = file.to_str().unwrap();
    fs::write(&file, "{\"rp\":").unwrap();
    for command in [&["register", name][..], &["authenticate", name], &["credentials", "import", name]] {
        let output = run(stuntkey(&store).args(command), b"");
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        assert!(
            lines(&output)[0].starts_with(&format!("stuntkey: error: {name}: $: found ")),
            "{command:?}: {}",
            stderr(&output)
        );
        let output = run(stuntkey(&store).arg("--json").args(command), b"");
        let message: Value = serde_json::from_str(&stderr(&output)).unwrap();
        assert_eq!((&message["file"], &message["path"]), (&name.into(), &"$".into()), "{command:?}");
    }
}

#[test]
fn as_json_the_exception_has_a_member_of_its_own_and_is_not_repeated() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let args = ["--json", "register", "--user", "denied"];
    let output = run(stuntkey(&store).args(args), creation_options("example.com", "dQ").as_bytes());
    let message: Value = serde_json::from_str(&stderr(&output)).unwrap();
    assert_eq!(message["exception"], "NotAllowedError");
    assert_eq!(message["message"], "the user said no");
    assert_eq!(message["hint"], "--user verified agrees, and passes verification");
}

#[test]
fn misuse_as_json_says_which_arguments_are_missing() {
    let directory = tempfile::tempdir().unwrap();
    let output =
        run(stuntkey(&directory.path().join("s")).args(["--json", "enroll", "https://a.example"]), b"");
    assert_eq!(output.status.code(), Some(2));
    let message: Value = serde_json::from_str(&stderr(&output)).unwrap();
    let text = message["message"].as_str().unwrap();
    assert_eq!(text, "the following required arguments were not provided: --username <NAME>");
    let output = run(stuntkey(&directory.path().join("s")).args(["--json", "registr"]), b"");
    let message: Value = serde_json::from_str(&stderr(&output)).unwrap();
    assert_eq!(message["message"], "unrecognized subcommand 'registr'");
    assert!(message["hint"].as_str().unwrap().contains("'register'"), "{message}");
}

#[test]
fn a_message_of_several_lines_keeps_them() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let file = directory.path().join("target.toml");
    fs::write(&file, "about = \"x\"\nabout = \n").unwrap();
    let args = ["conform", "http://127.0.0.1:9", "--target", file.to_str().unwrap()];
    let output = run(stuntkey(&store).args(args), b"");
    assert_eq!(output.status.code(), Some(2));
    let lines = lines(&output);
    assert!(lines.len() > 2 && lines[1..].iter().all(|line| line.starts_with("    ")), "{lines:#?}");
    assert!(!stderr(&output).contains('\u{fffd}'), "{lines:#?}");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let colored = |arguments: &[&str]| {
        let output = run(stuntkey(&store).args(arguments).env("NO_COLOR", "1"), b"{}");
        stderr(&output).contains('\u{1b}')
    };
    assert!(!colored(&["register"]) && !colored(&["register", "--color", "never"]));
    assert!(!colored(&["frobnicate"]) && !colored(&["frobnicate", "--color=never"]));
    for arguments in [
        &["register", "--color", "always"][..],
        &["--color", "always", "register"],
        &["frobnicate", "--color=always"],
        &["credentials", "export", "--id", "AAAA", "--color", "always"],
    ] {
        assert!(colored(arguments), "{arguments:?}");
    }
}

#[test]
fn a_time_that_no_clock_reaches_is_misuse() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    for command in [
        &["conform", "http://127.0.0.1:9", "--deadline"][..],
        &["conform", "http://127.0.0.1:9", "--wait"],
        &["load", "http://127.0.0.1:9", "--duration"],
        &["load", "http://127.0.0.1:9", "--ramp-up"],
        &["enroll", "http://127.0.0.1:9", "--username", "a", "--bearer", "t", "--deadline"],
        &["relying-party", "--timeout"],
    ] {
        let output = run(stuntkey(&store).args(command).arg("18446744073709551615s"), b"");
        assert_eq!(output.status.code(), Some(2), "{command:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("at most 365 days"), "{command:?}: {}", stderr(&output));
    }
}

#[test]
fn help_puts_the_store_under_the_options_and_breaks_no_line_early() {
    let directory = tempfile::tempdir().unwrap();
    let help = |arguments: &[&str]| {
        stdout(&run(stuntkey(&directory.path().join("s")).args(arguments).env("COLUMNS", "100"), b""))
    };
    let enroll = help(&["enroll", "--help"]);
    let target = enroll.split("\nTarget:\n").nth(1).unwrap().split("\nAuthenticator:\n").next().unwrap();
    assert!(!target.contains("--store"), "{enroll}");
    let top = help(&["--help"]);
    for status in 0..=5 {
        assert!(top.contains(&format!("\n  {status}  ")), "{top}");
    }
    assert!(!help(&["faults", "--help"]).lines().any(|line| line.chars().count() > 100));
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn an_argument_that_is_no_text_is_misuse() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("s");
        for arguments in [&[b"--bogus\xff".as_slice(), b"--json"][..], &[b"register", b"--fault", b"\xff"]] {
            let arguments = arguments.iter().map(|argument| OsStr::from_bytes(argument));
            let output = run(stuntkey(&store).args(arguments), b"");
            assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
            assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
        }
    }

    #[test]
    fn a_file_beyond_the_limit_of_the_process_is_an_error_with_a_message() {
        let directory = tempfile::tempdir().unwrap();
        let script = format!(
            "ulimit -f 1; exec {} faults >{}",
            env!("CARGO_BIN_EXE_stuntkey"),
            directory.path().join("faults.txt").display()
        );
        let output = run(Command::new("sh").args(["-c", &script]), b"");
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(
            stderr(&output).starts_with("stuntkey: error: standard output: cannot write: "),
            "{output:?}"
        );
    }
}

/// `script` gives a program a terminal, `setsid` takes it away.
#[cfg(target_os = "linux")]
mod terminal {
    use super::*;

    #[test]
    fn without_a_file_on_a_terminal_nobody_waits() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("s");
        for command in ["register", "authenticate"] {
            let line = format!("{} {command} </dev/tty", env!("CARGO_BIN_EXE_stuntkey"));
            let mut script = Command::new("script");
            script.args(["-qec", &line, "/dev/null"]).env("STUNTKEY_STORE", &store);
            let output = run(&mut script, b"");
            let text = stdout(&output);
            assert_eq!(output.status.code(), Some(2), "{text}");
            assert!(text.contains("expected FILE, or the server's answer on standard input"), "{text}");
            assert!(text.contains(&format!("stuntkey {command} options.json")), "{text}");
        }
    }

    #[test]
    fn a_user_who_cannot_be_asked_is_told_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("s");
        let mut command = Command::new("setsid");
        command.arg("--wait").arg(env!("CARGO_BIN_EXE_stuntkey")).args(["register", "--user", "ask"]);
        let options = creation_options("example.com", "dQ");
        let output = run(command.env("STUNTKEY_STORE", &store), options.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        let lines = lines(&output);
        assert!(lines[0].contains("--user ask: this process has no terminal"), "{lines:?}");
        assert!(lines[1].contains("--user verified"), "{lines:?}");
    }
}
