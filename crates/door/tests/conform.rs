//! A run of the suite, carried out through the door.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stuntkey::webauthn::{AttestationConveyance, ResidentKey, UserVerification};
use stuntkey_conformance::{
    Answer, AuthenticationRequest, Flaw, ReferenceRelyingParty, RegistrationRequest, Session, Settings,
    Target,
};
use stuntkey_door::Door;

const ORIGIN: &str = "https://login.example.com";

fn ok(door: &mut Door, request: &Value) -> Value {
    let mut answer: Value = serde_json::from_str(&door.call(&request.to_string())).unwrap();
    assert!(answer.get("error").is_none(), "{request}: {answer}");
    answer["ok"].take()
}

fn error(door: &mut Door, request: &Value) -> Value {
    let mut answer: Value = serde_json::from_str(&door.call(&request.to_string())).unwrap();
    assert!(answer.get("ok").is_none(), "{request}: {answer}");
    answer["error"].take()
}

/// Carries out every step of a run of these cases by the reference relying party: the last step, and the verdicts.
fn run(reference: &ReferenceRelyingParty, only: &[&str]) -> (Value, Vec<(String, String)>) {
    let mut door = Door::new();
    let mut sessions: BTreeMap<u64, Box<dyn Session + '_>> = BTreeMap::new();
    let new =
        json!({ "op": "conform.new", "origin": ORIGIN, "seed": "door", "only": only, "longestWait": 0 });
    let made = ok(&mut door, &new);
    let mut next = json!({ "op": "conform.next", "run": made["run"] });
    let mut verdicts = Vec::new();
    loop {
        let stepped = ok(&mut door, &next);
        for case in stepped["ended"].as_array().unwrap() {
            let text = |name: &str| case[name].as_str().unwrap().to_owned();
            verdicts.push((text("id"), text("verdict")));
        }
        let step = &stepped["step"];
        next["answer"] = Value::Null;
        match step["step"].as_str().unwrap() {
            "ask" => {
                let session =
                    sessions.entry(step["session"].as_u64().unwrap()).or_insert_with(|| reference.session());
                next["answer"] = asked(session.as_mut(), step);
            }
            "wait" => {}
            "done" => {
                let report =
                    ok(&mut door, &json!({ "op": "conform.report", "run": made["run"], "format": "xml" }));
                assert!(report["text"].as_str().unwrap().starts_with("<?xml"));
                assert_eq!(error(&mut door, &next)["path"], "$.answer", "the run is over");
                assert_eq!(made["cases"].as_u64(), u64::try_from(verdicts.len()).ok());
                return (step.clone(), verdicts);
            }
            other => panic!("{other}: {step}"),
        }
    }
}

fn asked(session: &mut dyn Session, step: &Value) -> Value {
    let text = |name: &str| step[name].as_str().unwrap_or_default();
    let reply = match &step["reply"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let verification: UserVerification =
        serde_json::from_value(step["userVerification"].clone()).unwrap_or(UserVerification::Preferred);
    let answer = match text("do") {
        "registration options" => session.registration_options(&RegistrationRequest {
            username: text("username"),
            display_name: text("displayName"),
            user_verification: verification,
            resident_key: serde_json::from_value(step["residentKey"].clone())
                .unwrap_or(ResidentKey::Discouraged),
            attestation: serde_json::from_value(step["attestation"].clone())
                .unwrap_or(AttestationConveyance::None),
            conditional: text("mediation") == "conditional",
            extensions: &step["extensions"].to_string(),
        }),
        "registration result" => session.register(&reply),
        "authentication options" => session.authentication_options(&AuthenticationRequest {
            username: step["username"].as_str(),
            user_verification: verification,
        }),
        "authentication result" => session.authenticate(&reply),
        other => panic!("{other}"),
    };
    match answer {
        Answer::Accepted(body) => json!({ "accepted": body }),
        Answer::Refused(why) => json!({ "refused": why }),
        other => json!({ "crashed": format!("{other:?}") }),
    }
}

fn reference(flaws: &[&str]) -> ReferenceRelyingParty {
    let mut settings = Settings::new("example.com", ORIGIN);
    for flaw in flaws {
        settings = settings.flaw(Flaw::from_id(flaw).unwrap());
    }
    ReferenceRelyingParty::new(settings).unwrap()
}

#[test]
fn a_sound_relying_party_conforms_and_one_with_a_flaw_does_not() {
    let only = ["registration/client-data", "authentication/client-data/origin"];
    let (done, verdicts) = run(&reference(&[]), &only);
    assert_eq!(done["conforms"], true, "{done}");
    assert!(
        verdicts.len() > 10 && verdicts.iter().all(|(_, verdict)| verdict == "pass" || verdict == "skip"),
        "{verdicts:?}"
    );
    let (done, verdicts) = run(&reference(&["client-data/origin"]), &only);
    assert_eq!(done["conforms"], false);
    assert!(
        done["summary"].as_str().unwrap().contains("registration/client-data/origin/subdomain"),
        "{done}"
    );
    assert!(
        verdicts.contains(&("registration/client-data/origin/subdomain".into(), "fail".into())),
        "{verdicts:?}"
    );
}

#[test]
fn an_application_is_sent_requests_of_http() {
    let mut door = Door::new();
    let made = ok(
        &mut door,
        &json!({ "op": "conform.new", "origin": "http://localhost", "description": "fido", "only": "registration" }),
    );
    let mut next = json!({ "op": "conform.next", "run": made["run"] });
    let step = ok(&mut door, &next)["step"].take();
    assert_eq!((step["step"].as_str(), step["method"].as_str()), (Some("request"), Some("POST")), "{step}");
    assert_eq!(step["pathAndQuery"], "/attestation/options");
    for wrong in [json!({ "accepted": {} }), json!({ "statuscode": 200 }), json!({})] {
        next["answer"] = wrong;
        assert_eq!(error(&mut door, &next)["path"], "$.answer");
    }
    next["answer"] =
        json!({ "status": 404, "headers": { "content-type": "text/plain" }, "body": "nothing here" });
    let mut steps = 0;
    let done = loop {
        let stepped = ok(&mut door, &next);
        if stepped["step"]["step"] == "done" {
            break stepped["step"].clone();
        }
        steps += 1;
        assert!(steps < 50, "a server that has nothing is given up");
    };
    assert_eq!(done["conforms"], false);
    assert_eq!(
        error(&mut door, &json!({ "op": "conform.report", "run": made["run"], "format": "pdf" }))["path"],
        "$.format"
    );
    ok(&mut door, &json!({ "op": "conform.free", "run": made["run"] }));
    assert_eq!(error(&mut door, &json!({ "op": "conform.free", "run": made["run"] }))["name"], "HandleError");
}

#[test]
fn misuse_is_told_with_its_place() {
    let mut door = Door::new();
    for (members, path) in [
        (json!({}), "$"),
        (json!({ "origin": "" }), "$.origin"),
        (json!({ "origin": "login.example.com" }), "$.origin"),
        (json!({ "description": "toaster" }), "$.description"),
        (json!({ "description": "about = 5" }), "$.description"),
        (json!({ "description": "fido", "url": "ftp://localhost" }), "$.url"),
        (json!({ "only": "no/such/case" }), "$.only"),
        (json!({ "profile": "l9" }), "$.profile"),
        (json!({ "failOn": "whim" }), "$.failOn"),
        (json!({ "allow": ["everything"] }), "$.allow"),
        (
            json!({ "expectations": "[[expect]]\ncases = \"no/such\"\nverdict = \"fail\"\nreason = \"x\"" }),
            "$.expectations",
        ),
        (json!({ "userNames": "alice" }), "$.userNames"),
        (json!({ "library": "toaster" }), "$.library"),
        (json!({ "more": 1 }), "$.more"),
    ] {
        let mut request = members.clone();
        request["op"] = "conform.new".into();
        if path != "$" && request.get("origin").is_none() {
            request["origin"] = ORIGIN.into();
        }
        let error = error(&mut door, &request);
        assert_eq!(error["path"], path, "{request}: {error}");
    }
    let cases = ok(&mut door, &json!({ "op": "cases", "only": "registration/client-data" }));
    assert!(
        cases
            .as_array()
            .unwrap()
            .iter()
            .all(|case| case["clause"].as_str().unwrap().starts_with("WebAuthn L3"))
    );
}
