//! Same seed, same bytes: `packages/transcript.json` is played here and by the package of every language.
//!
//! `STUNTKEY_BLESS=1 cargo test -p stuntkey-door --test transcript` writes it anew. That says nothing about its answers being
//! right, which other tests do; it says that every host gives the same.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use stuntkey_door::Door;

const ORIGIN: &str = "https://login.example.com";
/// A host's time, in milliseconds since 1970.
const NOW: u64 = 1_790_000_000_000;

#[test]
fn the_transcript_is_played_as_it_stands() {
    let mut door = Door::new();
    // Until there is one, no number is taken for it.
    let mut client = None;
    let exchanges: Vec<Value> = requests()
        .into_iter()
        .map(|request| {
            let text = with_handle(&request, client);
            let answer = door.call(&text);
            if request["op"] == "client.new"
                && let Some(made) = serde_json::from_str::<Value>(&answer).unwrap()["ok"]["client"].as_u64()
            {
                client = Some(made);
            }
            let answer = match client {
                Some(client) => answer.replace(&u64::to_string(&client), "$client"),
                None => answer,
            };
            json!({ "request": request, "answer": answer })
        })
        .collect();
    let what = "Requests to the door and its answers, letter by letter. $client stands for the handle that the last client.new gave.";
    let written = format!(
        "{}\n",
        serde_json::to_string_pretty(&json!({ "what": what, "exchanges": exchanges })).unwrap()
    );
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packages/transcript.json");
    if std::env::var_os("STUNTKEY_BLESS").is_some() {
        fs::write(&file, &written).unwrap();
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    assert!(known == written, "{} differs from what the door answers", file.display());
}

/// The request's text, with the handle as a number.
fn with_handle(request: &Value, client: Option<u64>) -> String {
    match client {
        Some(client) => request.to_string().replace("\"$client\"", &client.to_string()),
        None => request.to_string(),
    }
}

fn requests() -> Vec<Value> {
    let mut requests = vec![
        json!({ "op": "models" }),
        json!({ "op": "attestation.root" }),
        json!({ "op": "attestation.root", "seed": "transcript" }),
        json!({ "op": "faults", "id": "client-data/origin" }),
        // What is wrong, and what to do.
        json!({ "op": "client.nw" }),
        json!({ "op": "client.new", "modle": "phone", "now": NOW }),
        json!({ "op": "client.new", "model": { "base": "phone", "counter": "sideways" } }),
        json!({ "op": "client.new", "origin": "login.example.com", "now": NOW }),
        json!({ "op": "client.register", "client": 1, "options": {} }),
    ];
    requests.extend(ceremonies("ES256 and a packed statement", json!("platform"), &["ES256"]));
    for algorithm in ["ES384", "ES512", "ES256K", "EdDSA", "Ed448", "RS256", "PS256", "ML-DSA-44"] {
        requests.extend(ceremonies(algorithm, json!({ "algorithms": [algorithm] }), &[algorithm]));
    }
    for format in
        ["none", "packed-self", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "compound"]
    {
        requests.extend(ceremonies(format, json!({ "attestation": { "format": format } }), &["ES256"]));
    }
    requests.extend(ceremonies("the whole of CTAP 2.3", json!("full"), &["ES256"]));
    requests.extend([
        json!({ "op": "client.capabilities", "client": "$client" }),
        json!({ "op": "credentials.list", "client": "$client" }),
        json!({ "op": "credentials.add", "client": "$client", "rpId": "example.com", "userHandle": "AQID", "userName": "ada" }),
        json!({ "op": "credentials.export", "client": "$client", "as": "webdriver" }),
        json!({ "op": "credentials.remove", "client": "$client" }),
        json!({ "op": "credentials.remove", "client": "$client", "userName": "ada" }),
        json!({ "op": "attestation.metadata", "client": "$client", "now": NOW }),
        // authenticatorGetInfo.
        json!({ "op": "ctap", "client": "$client", "request": "BA" }),
        // No command, and one that is cut short.
        json!({ "op": "ctap", "client": "$client", "request": "" }),
        json!({ "op": "ctap", "client": "$client", "request": "AaE" }),
        json!({ "op": "client.free", "client": "$client" }),
        json!({ "op": "inspect", "input": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUA" }),
    ]);
    requests
}

/// A client of this model, and what it makes of creation and request options, soundly and otherwise.
fn ceremonies(name: &str, model: Value, algorithms: &[&str]) -> Vec<Value> {
    let algorithms: Vec<Value> = algorithms
        .iter()
        .map(|name| {
            let algorithm: stuntkey::crypto::Algorithm = name.parse().unwrap();
            json!({ "type": "public-key", "alg": algorithm.cose_identifier() })
        })
        .collect();
    let creation = json!({
        "rp": { "id": "example.com", "name": "Example" },
        "user": { "id": "dHJhbnNjcmlwdA", "name": "ada@example.com", "displayName": "Ada" },
        "challenge": "Y3JlYXRpb24gY2hhbGxlbmdl",
        "pubKeyCredParams": algorithms,
        "authenticatorSelection": { "residentKey": "preferred", "userVerification": "preferred" },
        "attestation": "direct",
        "extensions": { "credProps": true },
    });
    let request = json!({
        "rpId": "example.com",
        "challenge": "cmVxdWVzdCBjaGFsbGVuZ2U",
        "userVerification": "preferred",
    });
    vec![
        json!({ "op": "client.new", "seed": format!("transcript, {name}"), "model": model, "origin": ORIGIN, "pin": "1234", "now": NOW }),
        json!({ "op": "client.register", "client": "$client", "options": creation, "now": NOW }),
        json!({ "op": "client.register", "client": "$client", "options": creation, "fault": "client-data/origin/subdomain", "now": NOW }),
        json!({ "op": "client.register", "client": "$client", "options": creation, "user": "denied", "now": NOW }),
        json!({ "op": "client.authenticate", "client": "$client", "options": request, "now": NOW }),
        json!({ "op": "client.authenticate", "client": "$client", "options": request, "origin": "https://evil.example", "now": NOW }),
    ]
}
