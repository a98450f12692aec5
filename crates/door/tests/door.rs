//! What comes through the door.

use serde_json::{Value, json};
use stuntkey_door::Door;

const ORIGIN: &str = "https://login.example.com";

struct Tester(Door);

impl Tester {
    fn new() -> Self {
        Self(Door::new())
    }

    fn call(&mut self, request: &Value) -> Value {
        serde_json::from_str(&self.0.call(&request.to_string())).unwrap()
    }

    fn ok(&mut self, request: Value) -> Value {
        let mut answer = self.call(&request);
        assert!(answer.get("error").is_none(), "{request}: {answer}");
        answer["ok"].take()
    }

    /// The refusal's name; it has to have a message.
    fn refusal(&mut self, request: Value) -> (String, Value) {
        let mut answer = self.call(&request);
        assert!(answer.get("ok").is_none(), "{request}: {answer}");
        let error = answer["error"].take();
        assert!(!error["message"].as_str().unwrap().is_empty());
        (error["name"].as_str().unwrap().to_owned(), error)
    }

    fn client(&mut self, members: Value) -> u64 {
        let mut request = json!({ "op": "client.new", "origin": ORIGIN });
        for (name, value) in members.as_object().unwrap() {
            request[name] = value.clone();
        }
        self.ok(request)["client"].as_u64().unwrap()
    }
}

fn creation() -> Value {
    json!({
        "rp": { "id": "example.com", "name": "Example" },
        "user": { "id": "AQID", "name": "ada", "displayName": "Ada" },
        "challenge": "Y3JlYXRpb24gY2hhbGxlbmdl",
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
        "authenticatorSelection": { "residentKey": "required", "userVerification": "required" },
        "attestation": "direct",
    })
}

fn request() -> Value {
    json!({ "rpId": "example.com", "challenge": "cmVxdWVzdCBjaGFsbGVuZ2U", "userVerification": "required" })
}

#[test]
fn a_registration_and_a_login_are_verified() {
    let mut door = Tester::new();
    let client = door.client(json!({}));
    let made = door.ok(json!({ "op": "client.register", "client": client, "options": creation() }));
    let registered = door.ok(json!({
        "op": "verify.registration", "response": made["response"], "options": creation(), "origin": ORIGIN, "trust": "test-root",
        "steps": true,
    }));
    assert_eq!(registered["verified"], true, "{registered}");
    assert_eq!(registered["format"], "packed");
    assert_eq!(registered["steps"].as_array().unwrap().len(), 29);
    let signed = door.ok(json!({ "op": "client.authenticate", "client": client, "options": request() }));
    let verify = |credential: &Value| {
        json!({
            "op": "verify.authentication", "response": signed["body"], "options": request(), "origin": ORIGIN,
            "credentials": credential,
        })
    };
    let first = door.ok(verify(&registered["credential"]));
    assert_eq!(first["verified"], true, "{first}");
    assert_eq!(first["credential"]["signCount"], 1);
    // Once more, it is a replay by its counter.
    let second = door.ok(verify(&first["credential"]));
    assert_eq!(second["verified"], false);
    assert_eq!(second["failure"]["step"], 22, "{second}");
    assert!(second.get("credential").is_none());
}

#[test]
fn every_fault_is_refused_by_the_verifier() {
    let mut door = Tester::new();
    let mut refused = 0;
    for ceremony in ["registration", "authentication"] {
        let faults = door.ok(json!({ "op": "faults", "ceremony": ceremony }));
        for fault in faults.as_array().unwrap() {
            let id = fault["id"].as_str().unwrap();
            let algorithm = fault["algorithm"].as_str().unwrap_or("ES256");
            let algorithm: stuntkey::crypto::Algorithm = algorithm.parse().unwrap();
            let policy = fault.get("policy").cloned().unwrap_or(json!({}));
            let mut creation = creation();
            creation["pubKeyCredParams"][0]["alg"] = algorithm.cose_identifier().into();
            let client = door.client(json!({ "preparedFor": id, "seed": id }));
            let root = door.ok(json!({ "op": "attestation.root", "client": client }));
            let register = |faulty: bool| {
                let mut register = json!({ "op": "client.register", "client": client, "options": creation });
                if faulty {
                    register["fault"] = id.into();
                }
                register
            };
            let verify = |made: &Value, policy: &Value| {
                json!({
                    "op": "verify.registration", "response": made["body"], "options": creation, "origin": ORIGIN,
                    "trust": root["pem"], "now": 1_767_225_600_000_u64, "policy": policy,
                    "credentials": [{ "id": "KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio", "publicKey": "" }],
                })
            };
            let outcome = match ceremony {
                "registration" => {
                    let made = door.ok(register(true));
                    door.ok(verify(&made, &policy))
                }
                _ => {
                    let made = door.ok(register(false));
                    let registered = door.ok(verify(&made, &json!({})));
                    assert_eq!(registered["verified"], true, "{id}: {registered}");
                    let mut record = registered["credential"].clone();
                    let mut request = request();
                    match id {
                        _ if id.starts_with("policy/sign-count/") => record["signCount"] = 1.into(),
                        _ if id.starts_with("policy/backup-") => record["backupEligible"] = true.into(),
                        _ if id.starts_with("user/allowed-credential/") => {
                            request["allowCredentials"] =
                                json!([{ "type": "public-key", "id": record["id"] }]);
                        }
                        _ => {}
                    }
                    let signed = door.ok(
                        json!({ "op": "client.authenticate", "client": client, "options": request, "fault": id }),
                    );
                    door.ok(json!({
                        "op": "verify.authentication", "response": signed["body"], "options": request, "origin": ORIGIN,
                        "credentials": record, "policy": policy,
                    }))
                }
            };
            assert_eq!(outcome["verified"], false, "{id} ({ceremony}) is let pass");
            refused += 1;
            door.ok(json!({ "op": "client.free", "client": client }));
        }
    }
    assert!(refused > 150, "{refused} faults");
}

#[test]
fn a_handle_is_of_one_door_alone() {
    let (mut one, mut other) = (Tester::new(), Tester::new());
    let client = one.client(json!({}));
    other.client(json!({}));
    for (mine, client) in [(false, client), (true, 1), (true, 0), (true, u64::MAX)] {
        let door = if mine { &mut one } else { &mut other };
        let (name, error) = door.refusal(json!({ "op": "client.capabilities", "client": client }));
        assert_eq!((name.as_str(), error["path"].as_str()), ("HandleError", Some("$.client")));
        assert!(error["hint"].as_str().unwrap().contains("client.new"));
    }
    one.ok(json!({ "op": "client.free", "client": client }));
    assert_eq!(one.refusal(json!({ "op": "client.free", "client": client })).0, "HandleError");
}

#[test]
fn the_user_answers_as_told_for_one_ceremony() {
    let mut door = Tester::new();
    let client = door.client(json!({}));
    let register = json!({ "op": "client.register", "client": client, "options": creation() });
    let mut denied = register.clone();
    denied["user"] = "denied".into();
    assert_eq!(door.refusal(denied).0, "NotAllowedError");
    assert_eq!(door.ok(json!({ "op": "credentials.list", "client": client })), json!([]));
    door.ok(register);
}

#[test]
fn the_host_s_time_is_the_authenticator_s() {
    let mut door = Tester::new();
    let client = door.client(json!({ "model": { "attestation": { "format": "android-safetynet" } } }));
    let made = door.ok(json!({
        "op": "client.register", "client": client, "options": creation(), "now": 1_790_000_000_000_u64,
    }));
    let verify = |now: u64| {
        json!({
            "op": "verify.registration", "response": made["response"], "options": creation(), "origin": ORIGIN,
            "trust": "test-root", "now": now,
        })
    };
    assert_eq!(door.ok(verify(1_790_000_010_000))["verified"], true);
    let late = door.ok(verify(1_790_009_000_000));
    assert_eq!(late["verified"], false, "a SafetyNet response of hours ago is not new");
}

#[test]
fn credentials_go_to_another_door() {
    let (mut one, mut other) = (Tester::new(), Tester::new());
    let from = one.client(json!({}));
    one.ok(json!({ "op": "client.register", "client": from, "options": creation() }));
    for form in ["webdriver", "playwright"] {
        let credentials = one.ok(json!({ "op": "credentials.export", "client": from, "as": form }));
        let to = other.client(json!({}));
        let imported =
            other.ok(json!({ "op": "credentials.import", "client": to, "credentials": credentials }));
        assert_eq!(imported["imported"], 1);
        other.ok(json!({ "op": "client.authenticate", "client": to, "options": request() }));
    }
    let pem = one.ok(json!({ "op": "credentials.export", "client": from, "as": "pkcs8" }));
    assert!(pem[0].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
}

#[test]
fn a_credential_that_no_ceremony_made_logs_in() {
    let mut door = Tester::new();
    let client = door.client(json!({}));
    let added = door.ok(json!({
        "op": "credentials.add", "client": client, "rpId": "example.com", "userHandle": "AQID", "userName": "ada",
    }));
    let signed = door.ok(json!({ "op": "client.authenticate", "client": client, "options": request() }));
    let outcome = door.ok(json!({
        "op": "verify.authentication", "response": signed["response"], "options": request(), "origin": ORIGIN,
        "credentials": { "id": added["id"], "publicKey": added["publicKey"], "userHandle": "AQID" },
    }));
    assert_eq!(outcome["verified"], true, "{outcome}");
}

#[test]
fn misuse_is_told_with_its_place() {
    let mut door = Tester::new();
    let client = door.client(json!({}));
    for (request, name, path) in [
        (json!({}), "RequestError", Some("$.op")),
        (json!({ "op": 5 }), "RequestError", Some("$.op")),
        (json!({ "op": "verify" }), "RequestError", Some("$.op")),
        (json!({ "op": "version", "now": "late" }), "RequestError", Some("$.now")),
        (json!({ "op": "version", "now": -1 }), "RequestError", Some("$.now")),
        (json!({ "op": "version", "more": 1 }), "RequestError", Some("$.more")),
        (json!({ "op": "client.new", "model": 5 }), "RequestError", Some("$.model")),
        (json!({ "op": "client.new", "model": "toaster" }), "RequestError", Some("$.model")),
        (json!({ "op": "client.new", "model": { "base": "toaster" } }), "RequestError", Some("$.model.base")),
        (
            json!({ "op": "client.new", "model": { "attestation": { "format": "paper" } } }),
            "RequestError",
            Some("$.model.attestation.format"),
        ),
        (json!({ "op": "client.new", "fault": "no/such" }), "FaultError", Some("$.fault")),
        (json!({ "op": "client.register", "client": client }), "RequestError", Some("$")),
        (
            json!({ "op": "client.register", "client": client, "options": "no options" }),
            "TypeError",
            Some("$"),
        ),
        (json!({ "op": "client.register", "client": client, "options": request() }), "TypeError", Some("$")),
        (
            json!({ "op": "client.register", "client": client, "options": creation(), "user": "asleep" }),
            "RequestError",
            Some("$.user"),
        ),
        (
            json!({ "op": "client.register", "client": client, "options": creation(), "topOrigin": ORIGIN }),
            "RequestError",
            Some("$.topOrigin"),
        ),
        (json!({ "op": "ctap", "client": client, "request": "===" }), "RequestError", Some("$.request")),
        (json!({ "op": "credentials.remove", "client": client }), "RequestError", Some("$")),
        (json!({ "op": "inspect", "input": "AA", "kind": "soup" }), "RequestError", Some("$.kind")),
    ] {
        let (found, error) = door.refusal(request.clone());
        assert_eq!(found, name, "{request}: {error}");
        assert_eq!(error["path"].as_str(), path, "{request}: {error}");
    }
    for text in ["", "null", "[]", "\"op\"", "{\"op\":", "\u{0}", &"[".repeat(100_000)] {
        assert!(door.0.call(text).starts_with("{\"error\":{\"name\":\"RequestError\""), "{text:.20}");
    }
}
