//! The store under kills and under many processes.

mod common;

use std::io::{BufRead, Read};
use std::process::{Child, Command, Stdio};

use common::{creation_options, json, listed, run, stderr, stuntkey};
use stuntkey::authenticator::FileStore;

fn user(number: usize) -> String {
    stuntkey::encoding::base64url::encode(&u32::try_from(number).unwrap().to_be_bytes())
}

/// A registration under way. Its options stand in a file, so that nothing waits for a pipe.
fn start(directory: &std::path::Path, number: usize) -> Child {
    let input = directory.join(format!("options-{number}.json"));
    std::fs::write(&input, creation_options("example.com", &user(number))).unwrap();
    stuntkey(&directory.join("s"))
        .arg("register")
        .arg(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The credential id of a reply that was written to its end.
fn acknowledged(child: &mut Child) -> Option<String> {
    let mut reply = String::new();
    child.stdout.take().unwrap().read_to_string(&mut reply).unwrap();
    child.wait().unwrap();
    let reply = reply.strip_suffix('\n')?;
    let reply: serde_json::Value = serde_json::from_str(reply).unwrap();
    Some(reply["id"].as_str().unwrap().to_owned())
}

fn ids(directory: &std::path::Path) -> Vec<String> {
    listed(&directory.join("s")).iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
}

/// `STUNTKEY_KILLS=300 cargo test -p stuntkey-cli --test store kills` kills more often.
#[test]
fn kills_lose_no_acknowledged_credential() {
    let kills: usize = std::env::var("STUNTKEY_KILLS").map_or(200, |kills| kills.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    // How long one takes undisturbed, so that the kills fall all over it.
    let begin = std::time::Instant::now();
    assert!(acknowledged(&mut start(directory.path(), 0)).is_some());
    let whole = begin.elapsed();
    std::fs::remove_file(directory.path().join("s")).unwrap();
    let mut kept = Vec::new();
    for number in 0..kills {
        let mut child = start(directory.path(), number);
        // From before the process has begun to well after it is done.
        let part = u32::try_from(number % 50).unwrap();
        std::thread::sleep(whole * part / 33);
        child.kill().unwrap();
        kept.extend(acknowledged(&mut child));
        if number % 20 == 19 {
            let stored = ids(directory.path());
            assert!(kept.iter().all(|id| stored.contains(id)), "after {number} kills");
        }
    }
    println!("{kills} kills: {} acknowledged, {} stored", kept.len(), ids(directory.path()).len());
    assert!(
        kept.len() > 10 && kept.len() < kills - 10,
        "{} of {kills} were acknowledged: the kills fell wrong",
        kept.len()
    );
    // Every credential that is there can be used.
    for id in ids(directory.path()) {
        let request = serde_json::json!({"rpId": "example.com", "challenge": "GVeXqotfQOWSaaWZuWj94Q",
            "allowCredentials": [{"type": "public-key", "id": id}]});
        let output =
            run(stuntkey(&directory.path().join("s")).arg("authenticate"), request.to_string().as_bytes());
        assert_eq!(json(&output)["id"], id.as_str());
    }
}

#[test]
fn eight_processes_at_once_lose_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut kept = Vec::new();
    for round in 0..5 {
        let children: Vec<Child> = (0..8).map(|n| start(directory.path(), 8 * round + n)).collect();
        for mut child in children {
            kept.push(acknowledged(&mut child).expect("each one waits for its turn"));
        }
    }
    let mut stored = ids(directory.path());
    stored.sort_unstable();
    kept.sort_unstable();
    assert_eq!(stored, kept);
    assert_eq!(kept.len(), 40);
}

#[test]
fn eight_logins_at_once_use_eight_counts() {
    let directory = tempfile::tempdir().unwrap();
    acknowledged(&mut start(directory.path(), 0)).unwrap();
    let input = directory.path().join("request.json");
    std::fs::write(&input, common::request_options("example.com")).unwrap();
    let children: Vec<Child> = (0..8)
        .map(|_| {
            stuntkey(&directory.path().join("s"))
                .arg("authenticate")
                .arg(&input)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut counts: Vec<u32> = children
        .into_iter()
        .map(|child| {
            let reply = json(&child.wait_with_output().unwrap());
            let data = reply["response"]["authenticatorData"].as_str().unwrap().to_owned();
            let data = stuntkey::encoding::base64url::decode(&data).unwrap();
            u32::from_be_bytes(data[33..37].try_into().unwrap())
        })
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7, 8]);
}

/// A store that this process holds until it is dropped.
fn held(file: &std::path::Path) -> (FileStore, String) {
    let store = FileStore::exclusive(file).unwrap();
    (store, format!("process {}", std::process::id()))
}

#[test]
fn a_held_store_is_waited_for_with_a_word() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let (holder, name) = held(&file);
    let input = directory.path().join("options.json");
    std::fs::write(&input, creation_options("example.com", "YQ")).unwrap();
    let mut child = stuntkey(&file)
        .arg("register")
        .arg(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(
        line,
        format!("stuntkey: note: waiting for {name}, which holds {}, for 30s at most\n", file.display())
    );
    assert!(child.try_wait().unwrap().is_none(), "it must wait");
    drop(holder);
    assert!(acknowledged(&mut child).is_some());
}

#[test]
fn a_held_store_is_given_up_after_the_time_that_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let (_holder, name) = held(&file);
    let output = run(stuntkey(&file).args(["credentials", "list", "--lock-timeout", "50ms"]), b"");
    assert_eq!(output.status.code(), Some(3));
    let expected =
        format!("stuntkey: error: {}: {name} holds the credential store, waited 0.", file.display());
    assert!(stderr(&output).starts_with(&expected), "{}", stderr(&output));
}

#[test]
fn a_store_in_memory_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let home = |command: &mut Command| {
        command.env("HOME", directory.path()).env_remove("XDG_DATA_HOME").current_dir(directory.path());
    };
    let mut command = stuntkey("memory".as_ref());
    home(&mut command);
    let reply = json(&run(command.arg("register"), creation_options("example.com", "YQ").as_bytes()));
    assert!(reply["id"].is_string());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    let mut command = stuntkey("memory".as_ref());
    home(&mut command);
    let output = run(command.args(["credentials", "list"]), b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--store: found memory, which keeps nothing"), "{}", stderr(&output));
}

#[test]
fn an_empty_file_becomes_a_store_and_that_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    std::fs::write(&file, b"").unwrap();
    let warning =
        format!("stuntkey: warning: {}: the file is empty, and is taken for a new store\n", file.display());
    let output = run(stuntkey(&file).args(["credentials", "list"]), b"");
    assert_eq!(stderr(&output), format!("{warning}stuntkey: note: the store is empty\n"));
    assert_eq!(std::fs::metadata(&file).unwrap().len(), 0, "looking makes no store");
    let options = creation_options("example.com", "YQ");
    let output = run(stuntkey(&file).arg("register"), options.as_bytes());
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), warning));
    assert_eq!(listed(&file).len(), 1);
}

/// One changed byte in the header once made a store empty.
#[test]
fn a_damaged_store_is_not_an_empty_one() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let options = creation_options("example.com", "YQ");
    assert!(run(stuntkey(&file).arg("register"), options.as_bytes()).status.success());
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[15] = 0;
    std::fs::write(&file, bytes).unwrap();
    let output = run(stuntkey(&file).args(["credentials", "list"]), b"");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        stderr(&output),
        format!(
            "stuntkey: error: {}: the credential store is damaged: the header is not as it was written: its checksum \
             is wrong; restore the file from a copy, or remove it and register anew\n",
            file.display()
        )
    );
}

#[cfg(unix)]
#[test]
fn the_default_directory_is_its_owners_alone_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mode = || std::fs::metadata(data.join("stuntkey")).unwrap().permissions().mode() & 0o777;
    let list = || {
        let script = "umask 000; exec \"$0\" credentials list";
        let status = Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_stuntkey")])
            .env_remove("STUNTKEY_STORE")
            .env("XDG_DATA_HOME", &data)
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success());
    };
    list();
    assert_eq!(mode(), 0o700);
    std::fs::set_permissions(data.join("stuntkey"), std::fs::Permissions::from_mode(0o777)).unwrap();
    list();
    assert_eq!(mode(), 0o700);
}
