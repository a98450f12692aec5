//! What is refused, and how it is said.

use serde_json::json;
use stuntkey::Client;
use stuntkey::encoding::base64url;
use stuntkey::encoding::json::{MAX_BODY_LENGTH, MAX_DEPTH};
use stuntkey::webauthn::Leniency;

use super::helpers::{
    assert_told, client, client_with_credential, creation, input_error, path_of, registration_error, request,
    shaped, strict_client, with, without,
};

#[test]
fn names_each_required_member_that_is_missing() {
    for pointer in "/rp/name /user /user/id /user/name /pubKeyCredParams /pubKeyCredParams/0/type \
        /pubKeyCredParams/0/alg /excludeCredentials/0/type /excludeCredentials/0/id"
        .split_whitespace()
    {
        let (gone, path) = (without(creation(), pointer), path_of(pointer));
        assert_eq!(
            registration_error(&shaped("{\"publicKey\":@}", &gone)).path,
            path.replace('$', "$.publicKey")
        );
        assert_eq!(registration_error(&gone.to_string()).path, path);
        assert_eq!(registration_error(&with(creation(), pointer, json!(null)).to_string()).path, path);
    }
    for pointer in ["/allowCredentials/0/type", "/allowCredentials/0/id"] {
        let full = with(request(), "/allowCredentials", json!([{ "type": "public-key", "id": "AAAA" }]));
        let error = input_error(client().authenticate(&without(full, pointer).to_string()), pointer);
        assert_eq!(error.path, path_of(pointer));
    }
}

#[test]
fn names_each_member_of_a_wrong_type() {
    let texts = "/rp/id /rp/name /user/name /user/displayName /pubKeyCredParams/0/type /hints/0 /attestation \
        /attestationFormats/0 /authenticatorSelection/residentKey /authenticatorSelection/userVerification \
        /authenticatorSelection/authenticatorAttachment /excludeCredentials/0/transports/0";
    let objects = "/rp /user /pubKeyCredParams/0 /excludeCredentials/0 /authenticatorSelection /extensions";
    let arrays =
        "/pubKeyCredParams /excludeCredentials /excludeCredentials/0/transports /hints /attestationFormats";
    for (expected, wrong, found, pointers) in [
        ("string", json!(42), "42", texts),
        ("string", json!(["x"]), "array", texts),
        ("object", json!("pigeon"), "pigeon", objects),
        ("object", json!([]), "array", objects),
        ("array", json!("pigeon"), "pigeon", arrays),
        ("array", json!({}), "object", arrays),
        ("base64url", json!(42), "42", "/challenge /user/id /excludeCredentials/0/id"),
        ("base64url", json!([1, 2, 3]), "array", "/challenge /user/id /excludeCredentials/0/id"),
        ("number", json!("soon"), "soon", "/timeout"),
        ("number", json!(true), "true", "/timeout"),
        ("COSE", json!("ES256"), "ES256", "/pubKeyCredParams/0/alg"),
        ("true", json!(1), "1", "/extensions/credProps"),
    ] {
        for pointer in pointers.split_whitespace() {
            let error = registration_error(&with(creation(), pointer, wrong.clone()).to_string());
            assert_eq!(error.path, path_of(pointer));
            assert!(error.found.contains(found) && error.expected.contains(expected), "{error}");
        }
    }
    for pointer in "/rpId /timeout /allowCredentials /userVerification /hints".split_whitespace() {
        let body = with(request(), pointer, json!(true)).to_string();
        assert_eq!(input_error(client_with_credential().authenticate(&body), &body).path, path_of(pointer));
    }
}

#[test]
fn refuses_what_is_no_base64() {
    for text in ["!!!!", "AAAA*AAAAAAAAAAAAAAAAAAAAA", "AAAAA", "AA=A", "====", "\u{1F511}", "AAAA\u{0}"] {
        for pointer in ["/challenge", "/user/id", "/excludeCredentials/0/id"] {
            let error = registration_error(&with(creation(), pointer, json!(text)).to_string());
            assert_eq!(error.path, path_of(pointer));
        }
        let allowed = json!([{ "type": "public-key", "id": "AAAA" }, { "type": "public-key", "id": text }]);
        let body = with(request(), "/allowCredentials", allowed).to_string();
        assert_eq!(
            input_error(client_with_credential().authenticate(&body), text).path,
            "$.allowCredentials[1].id"
        );
    }
}

#[test]
fn challenges_and_user_handles_have_their_limits() {
    for (pointer, passing, failing) in [("/challenge", [1, 1024], [0, 1025]), ("/user/id", [1, 64], [0, 65])]
    {
        let body =
            |length| with(creation(), pointer, json!(base64url::encode(&vec![0xA5; length]))).to_string();
        for length in passing {
            client().register(&body(length)).unwrap_or_else(|e| panic!("{pointer} of {length} bytes: {e}"));
        }
        for length in failing {
            assert_eq!(registration_error(&body(length)).path, path_of(pointer), "{length} bytes");
        }
    }
}

#[test]
fn refuses_bodies_without_the_options_asked_for() {
    let html = "<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1></body></html>";
    let failed = r#"{"status":"failed","errorMessage":"no such user"}"#;
    let (text, truncated) = (creation().to_string(), creation().to_string().replace("}}", "}"));
    let trailing = format!("{text} {text}");
    for body in
        ["", " \n", html, "not JSON", "null", "42", "{}", "[]", r#""""#, failed, &truncated, &trailing]
    {
        registration_error(body);
        input_error(client_with_credential().authenticate(body), body);
    }
    for body in [request(), without(creation(), "/challenge"), without(creation(), "/rp")] {
        registration_error(&body.to_string());
    }
    input_error(client_with_credential().authenticate(&text), "creation options");
}

#[test]
fn refuses_duplicate_members_at_any_depth() {
    let text = creation().to_string();
    let doubled = |at: &str, member: &str| {
        assert_eq!(text.matches(at).count(), 1);
        text.replace(at, &format!("{at}{member},"))
    };
    for (body, path) in [
        (format!(r#"{{"challenge":"AAAA",{}"#, &text[1..]), "$.challenge"),
        (doubled(r#""rp":{"#, r#""id":"example.com""#), "$.rp.id"),
        (doubled(r#""rp":{"#, r#""\u0069d":"example.com""#), "$.rp.id"),
        (doubled(r#""user":{"#, r#""name":null"#), "$.user.name"),
        (doubled(r#""pubKeyCredParams":[{"#, r#""alg":-7"#), "$.pubKeyCredParams[0].alg"),
        (format!(r#"{{"x":[0,{{"y":{{"z":1,"z":1}}}}],{}"#, &text[1..]), "$.x[1].y.z"),
    ] {
        assert_eq!(registration_error(&body).path, path, "{body}");
    }
}

#[test]
fn refuses_duplicate_members_in_a_string_and_says_where() {
    let inner = format!(r#"{{"challenge":"AAAA",{}"#, &creation().to_string()[1..]);
    let error = registration_error(&json!({ "attestationOptions": inner }).to_string());
    assert_eq!(error.path, "$.attestationOptions.challenge", "{error}");
}

#[test]
fn refuses_bodies_that_are_too_deep_or_too_long() {
    for deep in ["[".repeat(1 << 20), r#"{"a":"#.repeat(1 << 18), format!("\"{}\"", "[".repeat(1 << 20))] {
        registration_error(&deep);
        input_error(client().authenticate(&deep), "1 MiB of nesting");
    }
    let text = creation().to_string();
    let body = |depth| format!(r#"{{"x":{}{},{}"#, "[".repeat(depth), "]".repeat(depth), &text[1..]);
    client().register(&body(MAX_DEPTH - 1)).unwrap();
    registration_error(&body(MAX_DEPTH));

    assert_eq!(MAX_BODY_LENGTH, 4 << 20);
    let long = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    client().register(&long(MAX_BODY_LENGTH)).unwrap();
    registration_error(&long(MAX_BODY_LENGTH + 1));
}

#[test]
fn request_options_beside_an_account_are_request_options() {
    let mut client = client();
    client.register(&creation().to_string()).unwrap();
    client
        .register(&with(creation(), "/authenticatorSelection/residentKey", json!("required")).to_string())
        .unwrap();
    for pointer in ["/user", "/future"] {
        let body = with(request(), pointer, json!("alice")).to_string();
        client.authenticate(&body).unwrap_or_else(|error| panic!("{pointer}: {error}"));
    }
}

#[test]
fn a_byte_order_mark_is_told() {
    let body = format!("\u{feff}{}", creation());
    assert_told(client().register(&body).unwrap().notices(), &[("$", Leniency::ByteOrderMark)]);
    assert!(strict_client().register(&body).is_err());
    assert!(client().register(&format!("\u{feff}{body}")).is_err(), "one mark, not two");
}

#[test]
fn a_client_keeps_its_secrets_and_its_client_data_whole() {
    let builder = Client::builder("https://example.com").reply_member("AccessToken", "SECRET");
    let shown = format!("{builder:?}");
    assert!(shown.contains("AccessToken") && !shown.contains("SECRET"), "{shown}");
    for name in ["type", "challenge", "origin", "crossOrigin", "topOrigin"] {
        let error = Client::builder("https://example.com").client_data_member(name, "1").build().unwrap_err();
        assert!(error.to_string().contains("a name that is taken"), "{error}");
    }
    let twice =
        Client::builder("https://example.com").client_data_member("a", "1").client_data_member("a", "2");
    assert!(twice.build().is_err());
}
