//! Bad input: one clear line with the JSON path, what was found and what was expected; exit 2; nothing stored.

mod common;

use common::{creation_options, listed, run, stderr, stdout, stuntkey};
use serde_json::{Value, json};

/// Good options with one member replaced, or removed by `null`.
fn with(member: &str, value: Value) -> String {
    let mut options: Value = serde_json::from_str(&creation_options("example.com", "dQ")).unwrap();
    let mut place = &mut options;
    let mut names = member.split('.').peekable();
    while let Some(name) = names.next() {
        if names.peek().is_none() {
            match value {
                Value::Null => drop(place.as_object_mut().unwrap().remove(name)),
                value => place[name] = value,
            }
            break;
        }
        place = &mut place[name];
    }
    options.to_string()
}

#[test]
fn every_bad_body_has_its_line() {
    let good = creation_options("example.com", "dQ");
    let challenge = "expected base64url of 16 to 1024 bytes";
    let cases: Vec<(&str, String, String)> = [
        ("empty", String::new(), "$: found an empty text, expected JSON (EOF while parsing a value at line 1 column 0)"),
        ("not JSON", "hello".into(), "$: found \"hello\", expected JSON (expected value at line 1 column 1)"),
        ("a page", "<html>502</html>".into(), "$: found \"<html>502</html>\", expected JSON (expected value at line 1 column 1)"),
        ("cut short", good[..20].into(), "$: found \"{\\\"attestation\\\":\\\"dire\", expected JSON (EOF while parsing a string at line 1 column 20)"),
        ("no options inside", r#"{"a":1,"b":{}}"#.into(), "$: found an object with a, b, expected creation options: an object with challenge, rp, user and pubKeyCredParams"),
        ("a server's refusal", r#"{"status":"failed","errorMessage":"no such user"}"#.into(), "$: found errorMessage \"no such user\", expected creation options: an object with challenge, rp, user and pubKeyCredParams"),
        ("request options", r#"{"publicKey":{"challenge":"AAAA","rpId":"a.b"}}"#.into(), "$.publicKey: found request options, expected creation options: an object with challenge, rp, user and pubKeyCredParams"),
        ("rp missing", with("rp", Value::Null), "$.rp: found nothing, expected an object with a name"),
        ("rp wrongly typed", with("rp", json!("example.com")), "$.rp: found the string \"example.com\", expected an object"),
        ("rp.name missing", with("rp.name", Value::Null), "$.rp.name: found nothing, expected a string"),
        ("rp.id wrongly typed", with("rp.id", json!(1)), "$.rp.id: found the number 1, expected a string"),
        ("user missing", with("user", Value::Null), "$.user: found nothing, expected an object with id, name and displayName"),
        ("user.id missing", with("user.id", Value::Null), "$.user.id: found nothing, expected base64url of 1 to 64 bytes"),
        ("user.id not base64url", with("user.id", json!("a!b")), "$.user.id: found the string \"a!b\": '!' at offset 1, expected base64url of 1 to 64 bytes"),
        ("user.id empty", with("user.id", json!("")), "$.user.id: found 0 bytes, expected a user handle of 1 to 64 bytes"),
        ("user.id over-long", with("user.id", json!("A".repeat(87))), "$.user.id: found 65 bytes, expected a user handle of 1 to 64 bytes"),
        ("user.name wrongly typed", with("user.name", json!([])), "$.user.name: found an array of 0, expected a string"),
        ("challenge missing", with("challenge", Value::Null), &format!("$.challenge: found nothing, {challenge}")),
        ("challenge wrongly typed", with("challenge", json!({"a": 1})), &format!("$.challenge: found an object, {challenge}")),
        ("challenge not base64url", with("challenge", json!("Zm9vY")), &format!("$.challenge: found the string \"Zm9vY\": a length that no byte string has, {challenge}")),
        ("challenge empty", with("challenge", json!("")), &format!("$.challenge: found an empty challenge, {challenge}")),
        ("challenge over-long", with("challenge", json!("A".repeat(1368))), &format!("$.challenge: found 1026 bytes, {challenge}")),
        ("pubKeyCredParams missing", with("pubKeyCredParams", Value::Null), "$.pubKeyCredParams: found nothing, expected an array of {type, alg}"),
        ("pubKeyCredParams wrongly typed", with("pubKeyCredParams", json!(-7)), "$.pubKeyCredParams: found the number -7, expected an array"),
        ("alg missing", with("pubKeyCredParams", json!([{"type": "public-key"}])), "$.pubKeyCredParams[0].alg: found nothing, expected a COSE algorithm identifier"),
        ("alg wrongly typed", with("pubKeyCredParams", json!([{"type": "public-key", "alg": "ES256"}])), "$.pubKeyCredParams[0].alg: found the string \"ES256\", expected a COSE algorithm identifier"),
        ("no usable algorithm", with("pubKeyCredParams", json!([{"type": "public-key", "alg": -65536}])), "NotSupportedError: $.pubKeyCredParams: found the algorithms [-65536], expected at least one of -7 (ES256), -35 (ES384), -36 (ES512), -47 (ES256K), -8 (EdDSA), -53 (Ed448), -257 (RS256), -258 (RS384), -259 (RS512), -37 (PS256), -38 (PS384), -39 (PS512), -48 (ML-DSA-44), -49 (ML-DSA-65), -50 (ML-DSA-87)"),
        ("no entry of a known type", with("pubKeyCredParams", json!([{"type": "magic", "alg": -7}])), "NotSupportedError: $.pubKeyCredParams: found no entry of type \"public-key\", expected at least one"),
        ("timeout wrongly typed", with("timeout", json!("soon")), "$.timeout: found the string \"soon\", expected a number of milliseconds"),
        ("excludeCredentials wrongly typed", with("excludeCredentials", json!({})), "$.excludeCredentials: found an object, expected an array"),
        ("excludeCredentials id missing", with("excludeCredentials", json!([{"type": "public-key"}])), "$.excludeCredentials[0].id: found nothing, expected base64url"),
        ("authenticatorSelection wrongly typed", with("authenticatorSelection", json!(true)), "$.authenticatorSelection: found true, expected an object"),
        ("userVerification wrongly typed", with("authenticatorSelection.userVerification", json!(1)), "$.authenticatorSelection.userVerification: found the number 1, expected a string"),
        ("requireResidentKey wrongly typed", with("authenticatorSelection", json!({"requireResidentKey": 1})), "$.authenticatorSelection.requireResidentKey: found the number 1, expected true or false"),
        ("attestation wrongly typed", with("attestation", json!({})), "$.attestation: found an object, expected a string"),
        ("extensions wrongly typed", with("extensions", json!([])), "$.extensions: found an array of 0, expected an object"),
        ("a duplicate key", good.replacen("\"name\"", "\"id\":\"x\",\"name\"", 1), "$.rp.id: found a second member of this name, expected one"),
        ("1 MiB of nesting", "[".repeat(1 << 20), "$[0][0][0][0][0][0][0][0]…: found more than 64 levels of nesting, expected at most 64 levels"),
        ("100 MiB", " ".repeat(100 << 20), "$: found a body of more than 4 MiB, expected at most 4 MiB"),
    ]
    .into_iter()
    .map(|(name, body, line)| (name, body, line.to_owned()))
    .collect();

    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    for (name, body, line) in cases {
        let output = run(stuntkey(&store).arg("register"), body.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{name}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{name}");
        let errors: Vec<String> = stderr(&output)
            .lines()
            .filter_map(|l| l.strip_prefix("stuntkey: error: "))
            .map(str::to_owned)
            .collect();
        assert_eq!(errors, [line], "{name}");
        if std::env::var_os("STUNTKEY_TABLE").is_some() {
            println!("| {name} | `{}` |", errors[0]);
        }
    }
    assert!(listed(&store).is_empty());
}

#[test]
fn bytes_that_are_no_text_have_their_line() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let output = run(stuntkey(&store).arg("register"), b"{\"a\":\"\xff\"}");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "stuntkey: error: $: found a byte that is not UTF-8 at offset 6, expected JSON in UTF-8\n"
    );
}

#[test]
fn a_body_cannot_drive_the_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let body = with("timeout", json!("\u{1b}[2J\u{9b}1m"));
    let output = run(stuntkey(&store).arg("register"), body.as_bytes());
    assert!(!stderr(&output).trim_end().chars().any(char::is_control), "{:?}", stderr(&output));
}

#[test]
fn what_is_not_an_origin_is_refused_with_what_one_looks_like() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    for command in [
        &["register", "--origin", "x", "options.json"][..],
        &["register", "--top-origin", "x", "options.json"],
        &["register", "--related-origin", "x", "options.json"],
        &["authenticate", "--origin", "http://example.com", "options.json"],
        &["enroll", "http://localhost:9", "--username", "alice", "--origin", "x"],
        &["conform", "http://localhost:9", "--origin", "x"],
        &["load", "http://localhost:9", "--origin", "x"],
        &["relying-party", "--port", "0", "--origin", "x"],
    ] {
        let output = run(stuntkey(&store).args(command), b"");
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{command:?}");
        let said = stderr(&output);
        assert!(
            said.contains("expected an origin: https://host[:port], or http://localhost[:port]"),
            "{said}"
        );
    }
    assert!(!store.exists());
}
