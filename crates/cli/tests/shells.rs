//! `completions` and `man`.

mod common;

use std::process::Command;

use common::{run, stderr, stdout, stuntkey};

const COMMANDS: [&str; 12] = [
    "register",
    "authenticate",
    "inspect",
    "credentials",
    "attestation",
    "conform",
    "load",
    "relying-party",
    "enroll",
    "faults",
    "completions",
    "man",
];

#[cfg(unix)]
#[test]
fn bash_completes_commands_and_values() {
    let directory = tempfile::tempdir().unwrap();
    let completed = |line: &str| {
        let script = format!(
            r#"source <("$0" completions bash); COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            [[ '{line}' == *' ' ]] && COMP_WORDS+=('') && COMP_CWORD=$((COMP_CWORD + 1))
            _stuntkey stuntkey "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"; printf '%s\n' "${{COMPREPLY[@]}}""#
        );
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", &script, env!("CARGO_BIN_EXE_stuntkey")]).env("HOME", directory.path());
        let output = run(&mut bash, b"");
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{line}");
        stdout(&output).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let commands = completed("stuntkey ");
    assert!(COMMANDS.iter().all(|command| commands.iter().any(|c| c == command)), "{commands:?}");
    assert_eq!(completed("stuntkey reg"), ["register"]);
    assert_eq!(completed("stuntkey register --format android"), ["android-key", "android-safetynet"]);
    assert_eq!(completed("stuntkey credentials ex"), ["export"]);
}

#[test]
fn every_shell_has_its_completions() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(stuntkey(&store).args(["completions", shell]), b"");
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(COMMANDS.iter().all(|command| stdout(&output).contains(command)), "{shell}");
    }
    assert_eq!(run(stuntkey(&store).args(["completions", "cmd"]), b"").status.code(), Some(2));
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let pages = directory.path().join("man");
    std::fs::create_dir(&pages).unwrap();
    let written = run(stuntkey(&store).args(["man", "--directory"]).arg(&pages), b"");
    assert_eq!(written.status.code(), Some(0), "{}", stderr(&written));
    for command in COMMANDS {
        let page = std::fs::read_to_string(pages.join(format!("stuntkey-{command}.1"))).unwrap();
        assert_eq!(stdout(&run(stuntkey(&store).args(["man", command]), b"")), page, "{command}");
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{command}");
    }
    assert!(pages.join("stuntkey-credentials-list.1").exists());
    let top = stdout(&run(stuntkey(&store).arg("man"), b""));
    assert_eq!(top, std::fs::read_to_string(pages.join("stuntkey.1")).unwrap());
    let unknown = run(stuntkey(&store).args(["man", "credentials", "steal"]), b"");
    assert_eq!(unknown.status.code(), Some(4), "{}", stderr(&unknown));
}

/// Where groff is: `./check` installs it.
#[cfg(target_os = "linux")]
#[test]
fn a_page_of_the_manual_is_set_without_a_complaint() {
    if Command::new("groff").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI has groff");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let page = run(stuntkey(&directory.path().join("s")).args(["man", command]), b"");
        let set =
            run(Command::new("groff").args(["-man", "-Tutf8", "-ww", "-Kutf8", "-P-cbou"]), &page.stdout);
        assert_eq!((set.status.code(), stderr(&set).as_str()), (Some(0), ""), "{command}");
        // groff fills lines by widening the spaces between words.
        let text = stdout(&set).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("SYNOPSIS") && text.contains(&format!("stuntkey {command}")),
            "{command}: {text}"
        );
    }
}
