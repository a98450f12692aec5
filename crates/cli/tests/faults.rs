//! `faults`, `--fault`, and metadata.

mod common;

use common::{creation_options, json, listed, request_options, run, stderr, stdout, stuntkey};
use serde_json::Value;

/// What `inspect` refuses first in a registration reply.
fn first_failure(store: &std::path::Path, reply: &[u8], more: &[&str]) -> (i32, String) {
    let options = store.with_extension("options.json");
    std::fs::write(&options, creation_options("login.example.com", "dXNlcg")).unwrap();
    let mut command = stuntkey(store);
    command.args(["inspect", "--json", "--origin", "https://login.example.com", "--options"]).arg(&options);
    let output = run(command.args(more), reply);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = document["verification"]["steps"].as_array().unwrap();
    let failed =
        steps.iter().find(|step| step["verdict"] == "failed").map(|step| &step["failures"][0]["check"]);
    (output.status.code().unwrap(), failed.map_or("", |check| check.as_str().unwrap()).to_owned())
}

#[test]
fn a_fault_is_refused_at_the_check_that_its_id_begins_with() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let options = creation_options("login.example.com", "dXNlcg");
    let root = directory.path().join("root.pem");
    std::fs::write(&root, run(stuntkey(&store).args(["attestation", "root"]), b"").stdout).unwrap();
    let trust = ["--trust", root.to_str().unwrap()];
    for (fault, check) in [
        ("client-data/origin/subdomain", "client-data/origin"),
        ("authenticator-data/user-present/clear", "authenticator-data/user-present"),
        ("packed/certificate/aaguid/other", "packed/certificate/aaguid"),
        ("tpm/cert-info/magic/other", "tpm/cert-info/magic"),
        ("android-key/origin/imported", "android-key/origin"),
        ("apple/nonce/other", "apple/nonce"),
        ("trust/path-length/two-below-zero", "trust/path-length"),
    ] {
        let reply = run(stuntkey(&store).args(["register", "--fault", fault]), options.as_bytes());
        assert_eq!(reply.status.code(), Some(0), "{fault}: {}", stderr(&reply));
        assert_eq!(first_failure(&store, &reply.stdout, &trust), (1, check.to_owned()), "{fault}");
    }
    let valid = run(stuntkey(&store).arg("register"), options.as_bytes());
    assert_eq!(first_failure(&store, &valid.stdout, &trust), (0, String::new()));
}

#[test]
fn the_list_has_every_fault_with_its_steps_and_takes_the_beginning_of_ids() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let all = json(&run(stuntkey(&store).args(["faults", "--json"]), b""));
    let all = all["faults"].as_array().unwrap();
    assert_eq!(all.len(), stuntkey::fault::Fault::all().count());
    let origin = run(stuntkey(&store).args(["faults", "client-data/origin"]), b"");
    assert!(
        stdout(&origin)
            .lines()
            .all(|line| line.starts_with("client-data/origin/") && line.contains("§7.1 9"))
    );
    let nothing = run(stuntkey(&store).args(["faults", "client-data/orig"]), b"");
    assert_eq!((nothing.status.code(), stdout(&nothing).as_str()), (Some(4), ""));
}

#[test]
fn a_fault_of_the_other_ceremony_or_of_none_is_misuse_and_stores_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let options = creation_options("login.example.com", "dXNlcg");
    for fault in ["signature/value/corrupted", "signature/value/no-such"] {
        let output = run(stuntkey(&store).args(["register", "--fault", fault]), options.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    }
    let request = request_options("login.example.com");
    let output = run(stuntkey(&store).args(["authenticate", "--fault", "tpm/ver/1.2"]), request.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("one for `stuntkey register`"), "{}", stderr(&output));
    assert!(listed(&store).is_empty());
}

#[test]
fn metadata_names_the_model_and_the_root_and_a_blob_is_a_token() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let aaguid = "00112233-4455-6677-8899-aabbccddeeff";
    let statement = json(&run(stuntkey(&store).args(["attestation", "metadata", "--aaguid", aaguid]), b""));
    assert_eq!(statement["aaguid"], aaguid);
    assert_eq!(statement["schema"], 3);
    let pem = stdout(&run(stuntkey(&store).args(["attestation", "root"]), b""));
    let root: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    assert_eq!(statement["attestationRootCertificates"], serde_json::json!([root]));
    for algorithm in ["RS256", "ES256"] {
        let blob =
            run(stuntkey(&store).args(["attestation", "metadata", "--blob", "--blob-alg", algorithm]), b"");
        assert_eq!(stdout(&blob).trim().split('.').count(), 3);
    }
    assert!(!store.exists());
}
