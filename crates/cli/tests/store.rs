//! The store under kills and under many processes.

mod common;

use std::io::Read;
use std::process::{Child, Stdio};
use std::time::Duration;

use common::{creation_options, json, listed, run, stuntkey};

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

#[test]
fn two_hundred_kills_lose_no_acknowledged_credential() {
    let directory = tempfile::tempdir().unwrap();
    // How long one takes undisturbed, so that the kills fall all over it.
    let begin = std::time::Instant::now();
    assert!(acknowledged(&mut start(directory.path(), 0)).is_some());
    let whole = begin.elapsed();
    std::fs::remove_file(directory.path().join("s")).unwrap();
    let mut kept = Vec::new();
    for number in 0..200_usize {
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
    println!("200 kills: {} acknowledged, {} stored", kept.len(), ids(directory.path()).len());
    assert!(
        kept.len() > 10 && kept.len() < 190,
        "{} of 200 were acknowledged: the kills fell wrong",
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

#[test]
fn a_held_store_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    acknowledged(&mut start(directory.path(), 0)).unwrap();
    let holder = std::fs::File::open(&file).unwrap();
    holder.lock().unwrap();
    let mut child = start(directory.path(), 1);
    std::thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "it must wait");
    holder.unlock().unwrap();
    assert!(acknowledged(&mut child).is_some());
}
