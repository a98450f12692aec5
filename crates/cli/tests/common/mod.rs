//! Running the binary.
#![allow(dead_code, unreachable_pub, reason = "each test file takes what it needs")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A command with a store of its own and nothing from the environment of whoever runs the tests.
pub fn stuntkey(store: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stuntkey"));
    command.env("STUNTKEY_STORE", store).stdin(Stdio::null());
    command
}

/// Runs with this standard input.
pub fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses a long body stops reading; that is no failure of the test.
    drop(child.stdin.take().unwrap().write_all(input));
    child.wait_with_output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The JSON on standard output of a command that did its work.
pub fn json(output: &Output) -> serde_json::Value {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn nevis() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/nevis-enroll-response.json")
}

/// Creation options of a relying party for a user.
pub fn creation_options(rp_id: &str, user: &str) -> String {
    serde_json::json!({
        "rp": {"id": rp_id, "name": "RP"},
        "user": {"id": user, "name": user, "displayName": user},
        "challenge": "GVeXqotfQOWSaaWZuWj94Q",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "authenticatorSelection": {"residentKey": "required"},
        "attestation": "direct",
    })
    .to_string()
}

pub fn request_options(rp_id: &str) -> String {
    serde_json::json!({"rpId": rp_id, "challenge": "GVeXqotfQOWSaaWZuWj94Q"}).to_string()
}

/// The credentials that `credentials list` shows.
pub fn listed(store: &Path) -> Vec<serde_json::Value> {
    let output = run(stuntkey(store).args(["credentials", "list", "--json"]), b"");
    json(&output).as_array().unwrap().clone()
}
