//! Options out of every body shape that is known, what is mended on the way, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use serde_json::{Value, json};
use stuntkey::authenticator::{Answer, Authenticator, Credential};
use stuntkey::client::{DomException, Refusal};
use stuntkey::encoding::base64url;
use stuntkey::encoding::json::{Json, MAX_BODY_LENGTH, MAX_DEPTH};
use stuntkey::webauthn::{CreationOptions, InputError, Leniency, Notice, RequestOptions};
use stuntkey::{Client, Error, Reply};

/// 16 bytes, `fb ff` eight times, whose text differs between the two alphabets and takes padding.
const CHALLENGE: &str = "-__7__v_-__7__v_-__7_w";
const NEVIS: &str = include_str!("../examples/nevis-enroll-response.json");

#[test]
fn finds_options_in_every_shape() {
    // `@` stands for the options, `..` for their members, `'@'` for their text as a JSON string.
    for (preset, creation_shape, request_shape) in [
        ("l3", "@", "@"),
        ("l3", r#"{"publicKey":@}"#, r#"{"publicKey":@}"#),
        ("l3", r#"{"mediation":"optional","publicKey":@}"#, r#"{"mediation":"conditional","publicKey":@}"#),
        ("l3", r#"{"some":[1,{"where":{"deep":@}}]}"#, "'@'"),
        ("fido", r#"{"status":"ok","errorMessage":"",..}"#, r#"{"status":"ok","errorMessage":"",..}"#),
        (
            "nevis",
            r#"{"enrollment":{"statusToken":"s","credentialCreationOptions":@}}"#,
            r#"{"transactionId":"t","statusToken":"s","credentialRequestOptions":@}"#,
        ),
        ("okta", r#"{"_embedded":{"activation":@}}"#, r#"{"_embedded":{"challenge":@}}"#),
        ("okta", r#"{"contextualData":{"activationData":@}}"#, r#"{"contextualData":{"challengeData":@}}"#),
        (
            "cognito",
            r#"{"CredentialCreationOptions":@}"#,
            r#"{"Session":"s","ChallengeParameters":{"CREDENTIAL_REQUEST_OPTIONS":'@'}}"#,
        ),
        ("graph", r#"{"challengeTimeoutDateTime":"2026-01-01T00:00:00Z","publicKey":@}"#, ""),
        ("authsignal", r#"{"challengeId":"c","options":@}"#, r#"{"challengeId":"c","options":@}"#),
        (
            "corbado",
            r#"{"attestationOptions":'{"publicKey":@}'}"#,
            r#"{"assertionOptions":'{"publicKey":@}'}"#,
        ),
        (
            "supabase",
            r#"{"challenge_id":"c","expires_at":1800000000,"options":@}"#,
            r#"{"challenge_id":"c","expires_at":1800000000,"options":@}"#,
        ),
        ("auth0", r#"{"auth_session":"s","authn_params_public_key":@}"#, r#"{"authn_params_public_key":@}"#),
        (
            "stytch",
            r#"{"user_id":"u","public_key_credential_creation_options":'@'}"#,
            r#"{"user_id":"u","public_key_credential_request_options":'@'}"#,
        ),
    ] {
        let mut client = strict_client();
        let body = shaped(creation_shape, &creation());
        let reply = client.register(&body).unwrap_or_else(|e| panic!("{body}: {e}"));
        assert_eq!((reply.preset().name(), reply.notices()), (preset, &[][..]), "{body}");
        assert_eq!(challenge_of(&reply.response().client_data_json), CHALLENGE, "{body}");
        let [credential] = &stored(&mut client)[..] else { panic!("one credential is stored: {body}") };
        assert_eq!((credential.rp_id.as_str(), &credential.user.id[..]), ("example.com", &b"alice"[..]));
        assert_eq!(credential.user.name, "alice@example.com");
        assert_eq!(credential.user.display_name, "Alice");
        if !request_shape.is_empty() {
            let body = shaped(request_shape, &request());
            let reply = client.authenticate(&body).unwrap_or_else(|e| panic!("{body}: {e}"));
            assert_eq!((reply.preset().name(), reply.notices()), (preset, &[][..]), "{body}");
            assert_eq!(challenge_of(&reply.response().client_data_json), CHALLENGE, "{body}");
        }
    }
}

#[test]
fn reads_the_nevis_example_as_it_comes() {
    let mut client = Client::new("https://login.example.com").unwrap();
    let reply = client.register(NEVIS).unwrap();
    let path = "$.enrollment.credentialCreationOptions.relyingParty";
    let (rp, id) = (Leniency::RelyingPartyForRp, Leniency::EmptyRpId);
    assert_told(reply.notices(), &[(path, rp), (&format!("{path}.id"), id)]);
    assert_eq!(reply.preset().name(), "nevis");
    assert_eq!(challenge_of(&reply.response().client_data_json), "GVeXqotfQOWSaaWZuWj94Q");
    let [credential] = &stored(&mut client)[..] else { panic!("one credential is stored") };
    assert_eq!((credential.rp_id.as_str(), credential.discoverable), ("login.example.com", true));
    assert_eq!(credential.user.id, b"31567ae2-2fb1-466e-84af-4dafa8f9ca78", "the text of the UUID");
    assert_eq!(credential.user.display_name, "John Doe");
}

#[test]
fn reads_what_the_keycloak_template_has() {
    let template = |algorithms: Value, exclude: &str| {
        json!({
            "challenge": CHALLENGE, "userid": "YWxpY2U", "username": "alice", "signatureAlgorithms": algorithms,
            "rpEntityName": "Example", "rpId": "example.com", "attestationConveyancePreference": "not specified",
            "authenticatorAttachment": "not specified", "residentKey": "not specified",
            "requireResidentKey": "Yes", "userVerificationRequirement": "not specified", "createTimeout": 45,
            "excludeCredentialIds": exclude,
        })
        .to_string()
    };
    for algorithms in
        [json!([-7, -257]), json!(["-7", "-257"]), json!("-7,-257"), json!("-257,-7"), json!("")]
    {
        let mut client = client();
        let body = template(algorithms, "");
        let reply = client.register(&body).unwrap_or_else(|e| panic!("{body}: {e}"));
        assert_eq!(reply.preset().name(), "keycloak");
        let [credential] = &stored(&mut client)[..] else { panic!("one credential is stored") };
        assert_eq!((&credential.user.id[..], credential.discoverable), (&b"alice"[..], true));
        let exclude = format!("AAAA,{}", base64url::encode(&credential.id));
        let error = client.register(&template(json!([-7]), &exclude)).unwrap_err();
        assert_eq!(error.dom_exception(), Some(DomException::InvalidStateError), "{error}");
    }
    let sleeper = Authenticator::builder().user(Answer::NoAnswer).build().unwrap();
    let mut client = Client::builder("https://example.com").authenticator(sleeper).build().unwrap();
    let error = client.register(&template(json!([-7]), "")).unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::TimedOut { milliseconds: 45_000 })), "seconds: {error}");
}

#[test]
fn takes_the_first_options_of_the_right_ceremony_depth_first() {
    let first = with(creation(), "/user/name", json!("first"));
    let mut client = client();
    client.register(&json!({ "a": { "x": { "y": first } }, "b": creation() }).to_string()).unwrap();
    assert_eq!(stored(&mut client)[0].user.name, "first");

    let both = json!({ "a": { "enrol": creation() }, "b": { "login": request() } }).to_string();
    client.register(&both).unwrap();
    client.authenticate(&both).unwrap();

    input_error(client.register(&shaped("{\"options\":'@'}", &json!(creation().to_string()))), "parsed once");
}

#[test]
fn tells_every_mend_and_refuses_it_in_strict_mode() {
    use Leniency::*;
    let unknown = UnknownValue("pigeon".to_owned());
    let lower = RpIdNotAscii("example.com".to_owned());
    let words = "/pubKeyCredParams/0/type /excludeCredentials/0/type /excludeCredentials/0/transports/0 /hints/0 \
        /authenticatorSelection/authenticatorAttachment /authenticatorSelection/residentKey \
        /authenticatorSelection/userVerification /attestation";
    let nulls = "/rp/id /user/displayName /timeout /excludeCredentials /authenticatorSelection /hints \
        /attestation /attestationFormats /extensions /excludeCredentials/0/transports";
    for (leniency, value, pointers) in [
        (EmptyRpId, json!(""), "/rp/id"),
        (lower.clone(), json!("EXAMPLE.com"), "/rp/id"),
        (StandardBase64, json!("+//7//v/+//7//v/+//7/w"), "/challenge /user/id /excludeCredentials/0/id"),
        (Base64Padding, json!("-__7__v_-__7__v_-__7_w=="), "/challenge /user/id /excludeCredentials/0/id"),
        (Base64WhiteSpace, json!(" -__7__v_\n-__7__v_\t-__7_w\r\n"), "/challenge /user/id"),
        (ShortChallenge(15), json!("AAECAwQFBgcICQoLDA0O"), "/challenge"),
        (NumberAsText, json!("-7"), "/pubKeyCredParams/1/alg"),
        (NumberAsText, json!("10000"), "/timeout"),
        (BooleanAsText, json!("true"), "/extensions/credProps"),
        (NullAsAbsent, json!(null), nulls),
        (unknown.clone(), json!("pigeon"), words),
    ] {
        for pointer in pointers.split_whitespace() {
            let body = with(creation(), pointer, value.clone());
            assert_mended(&body, &path_of(pointer), &leniency, Client::register);
        }
    }
    for (leniency, value, pointers) in [
        (EmptyRpId, json!(""), "/rpId"),
        (lower, json!("Example.COM"), "/rpId"),
        (StandardBase64, json!("+//7//v/+//7//v/+//7/w"), "/challenge"),
        (NumberAsText, json!("5"), "/timeout"),
        (NullAsAbsent, json!(null), "/rpId /timeout /allowCredentials /userVerification /hints"),
        (unknown, json!("pigeon"), "/userVerification /hints/0"),
    ] {
        for pointer in pointers.split_whitespace() {
            let body = with(request(), pointer, value.clone());
            assert_mended(&body, &path_of(pointer), &leniency, Client::authenticate);
        }
    }
    let selection = |json| with(without(creation(), "/hints"), "/authenticatorSelection", json);
    let body = selection(json!({ "requireResidentKey": "true" }));
    assert_mended(&body, "$.authenticatorSelection.requireResidentKey", &BooleanAsText, Client::register);
    let body = selection(json!({ "authenticatorAttachement": "platform" }));
    let path = "$.authenticatorSelection.authenticatorAttachement";
    assert_mended(&body, path, &MisspelledAttachment, Client::register);
    let body = without(creation(), "/user/displayName");
    assert_mended(&body, "$.user.displayName", &MissingDisplayName, Client::register);
}

#[test]
fn what_is_mended_still_counts() {
    let selection = |json| with(without(creation(), "/hints"), "/authenticatorSelection", json).to_string();
    let mut client = client();
    client.register(&selection(json!({ "requireResidentKey": "true" }))).unwrap();
    client.register(&selection(json!({ "requireResidentKey": "FALSE" }))).unwrap();
    client.register(&selection(json!({ "residentKey": "maybe", "requireResidentKey": true }))).unwrap();
    let discoverable: Vec<bool> = stored(&mut client).iter().map(|c| c.discoverable).collect();
    assert_eq!(discoverable, [true, false], "newest first; the third takes the place of the first");

    let error =
        client.register(&selection(json!({ "authenticatorAttachement": "cross-platform" }))).unwrap_err();
    assert_eq!(error.dom_exception(), Some(DomException::NotAllowedError), "{error}");
    let reply = client.register(&selection(json!({ "authenticatorAttachement": "platform" }))).unwrap();
    assert_eq!(reply.preset().name(), "hanko");
    client.register(&without(creation(), "/user/displayName").to_string()).unwrap();
    assert_eq!(stored(&mut client)[0].user.display_name, "alice@example.com");

    let plain = with(creation(), "/challenge", json!("+//7//v/+//7//v/+//7/w=="));
    let reply = client.register(&shaped("{\"attestationOptions\":'{\"publicKey\":@}'}", &plain)).unwrap();
    assert_eq!(challenge_of(&reply.response().client_data_json), CHALLENGE);
    let path = "$.attestationOptions.publicKey.challenge";
    assert_told(reply.notices(), &[(path, Leniency::StandardBase64), (path, Leniency::Base64Padding)]);
}

#[test]
fn what_nobody_asks_for_is_not_told() {
    let mut options = with(creation(), "/relyingParty", Value::Null);
    options = with(options, "/pubKeyCredParams/0", json!({"type": "other", "alg": null}));
    let notices = client().register(&options.to_string()).unwrap().notices().to_vec();
    assert_told(
        &notices,
        &[("$.pubKeyCredParams[0].type", Leniency::UnknownValue("the string \"other\"".into()))],
    );
}

#[test]
fn members_are_read_whose_names_are_escaped() {
    let text = creation().to_string().replace("\"challenge\"", "\"\\u0063hallenge\"");
    assert!(client().register(&text).unwrap().notices().is_empty());
    for twice in ["\"\\u0078\":1,\"x\":2", "\"x\":1,\"\\u0078\":2", "\"\\u0078\":1,\"\\u0078\":2"] {
        let error = registration_error(&text.replacen('{', &format!("{{{twice},"), 1));
        assert_eq!(
            (error.path.as_str(), error.found.as_str()),
            ("$.x", "a second member of this name"),
            "{twice}"
        );
    }
}

#[test]
fn what_is_written_on_the_way_may_be_longer_than_what_comes_in() {
    // A reply has what the body had, and more.
    let frame = json!({"credentialCreationOptions": creation(), "statusToken": ""}).to_string();
    let token = "a".repeat(MAX_BODY_LENGTH - frame.len());
    let body = frame.replace("\"statusToken\":\"\"", &format!("\"statusToken\":\"{token}\""));
    assert_eq!(body.len(), MAX_BODY_LENGTH);
    let reply = client().register(&body).unwrap();
    assert_eq!(reply.json().unwrap().member("statusToken").unwrap().as_str(), Some(token.as_str()));

    // Keycloak's list of ids becomes a list of descriptors.
    let ids = vec![base64url::encode(&[7; 16]); 90_000].join(",");
    let page = format!(
        "<script>x = {{ challenge: '{CHALLENGE}', rpId: 'example.com', isUserIdentified: true, \
         allowCredentialIds: '{ids}' }}</script>"
    );
    assert!(page.len() < MAX_BODY_LENGTH);
    let error = client().authenticate(&page).unwrap_err();
    assert!(
        matches!(error, Error::Refused(Refusal::NoCredentials { allowed: Some(90_000), .. })),
        "{}",
        error.to_string().chars().take(300).collect::<String>()
    );
}

#[test]
fn a_tree_is_read_as_its_text_would_be() {
    let tree = |text: &str| stuntkey::encoding::json::parse(text).unwrap().into_owned();
    let read = CreationOptions::from_json(&tree(&creation().to_string()), "$.publicKey", &mut Vec::new());
    assert_eq!(read.unwrap(), stuntkey::client::find_creation_options(&creation().to_string()).unwrap());

    let mut twice = tree(r#"{"a":1}"#);
    let Json::Object(members) = &mut twice else { panic!("an object") };
    members.push(("a".into(), 2.into()));
    let error = CreationOptions::from_json(&twice, "$.publicKey", &mut Vec::new()).unwrap_err();
    assert_eq!(error.path, "$.publicKey.a");
    let error = RequestOptions::from_json(&tree("{}"), "$.publicKey", &mut Vec::new()).unwrap_err();
    assert_eq!(error.path, "$.publicKey.challenge");
}

#[test]
fn unknown_members_pass_in_strict_mode_too() {
    let mut client = strict_client();
    for pointer in
        "/future /rp/icon /user/icon /authenticatorSelection/x /pubKeyCredParams/0/x /extensions/example \
        /excludeCredentials/0/x"
            .split_whitespace()
    {
        let body = with(creation(), pointer, json!({ "x": [null, 1], "y": "z" })).to_string();
        assert_eq!(client.register(&body).unwrap_or_else(|e| panic!("{pointer}: {e}")).notices(), []);
    }
    assert_eq!(client.authenticate(&with(request(), "/future", json!(7)).to_string()).unwrap().notices(), []);
}

#[test]
fn descriptors_of_unknown_type_do_not_make_an_allow_list_empty() {
    // WebAuthn L3 §5.8.3: if all are ignored, the ceremony fails, as an empty list means something else.
    let body = with(request(), "/allowCredentials", json!([{ "type": "password", "id": "AAAA" }]));
    let result = client_with_credential().authenticate(&body.to_string());
    assert!(result.is_err(), "signed with a credential that nobody allowed");
}

#[test]
fn algorithms_of_unknown_type_only_are_not_supported() {
    // WebAuthn L3 §5.1.3: NotSupportedError where nothing is left of a list that was not empty.
    let body = with(creation(), "/pubKeyCredParams", json!([{ "type": "quantum", "alg": -7 }])).to_string();
    let error = client().register(&body).unwrap_err();
    assert_eq!(error.dom_exception(), Some(DomException::NotSupportedError), "{error}");
}

#[test]
fn refuses_algorithms_that_it_has_not() {
    let algorithms = json!([{ "type": "public-key", "alg": -65536 }, { "type": "public-key", "alg": 1 }]);
    let mut client = client();
    let error = client.register(&with(creation(), "/pubKeyCredParams", algorithms).to_string()).unwrap_err();
    let Error::Refused(Refusal::NoUsableAlgorithm { path, found, .. }) = &error else { panic!("{error}") };
    assert_eq!((path.as_str(), &found[..]), ("$.pubKeyCredParams", &[-65536, 1][..]));
    assert_eq!(error.dom_exception(), Some(DomException::NotSupportedError));
    assert_eq!(stored(&mut client), []);
    let reply = client.register(&with(creation(), "/pubKeyCredParams", json!([])).to_string()).unwrap();
    assert_eq!(reply.response().public_key_algorithm, -7, "an empty list means ES256 and RS256");
}

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

/// Creation options with every member, that a strict client has nothing to say about.
fn creation() -> Value {
    json!({
        "rp": { "id": "example.com", "name": "Example" },
        "user": { "id": "YWxpY2U", "name": "alice@example.com", "displayName": "Alice" },
        "challenge": CHALLENGE,
        "pubKeyCredParams": [{ "type": "public-key", "alg": -257 }, { "type": "public-key", "alg": -7 }],
        "timeout": 60_000,
        "excludeCredentials": [{ "type": "public-key", "id": "AAAA", "transports": ["usb"] }],
        "authenticatorSelection": {
            "authenticatorAttachment": "platform", "residentKey": "required", "requireResidentKey": true,
            "userVerification": "preferred",
        },
        "hints": ["client-device"],
        "attestation": "none",
        "attestationFormats": ["packed"],
        "extensions": { "credProps": true },
    })
}

/// Request options that a strict client has nothing to say about.
fn request() -> Value {
    json!({
        "challenge": CHALLENGE, "timeout": 60_000, "rpId": "example.com", "userVerification": "preferred",
        "hints": ["client-device"], "extensions": {},
    })
}

/// The body that a shape makes of options.
fn shaped(shape: &str, options: &Value) -> String {
    let text = options.to_string();
    match shape.split('\'').collect::<Vec<_>>()[..] {
        [before, quoted, after] => format!("{before}{}{after}", json!(quoted.replace('@', &text))),
        _ => shape.replace('@', &text).replace("..", &text[1..text.len() - 1]),
    }
}

fn client() -> Client {
    Client::new("https://example.com").unwrap()
}

fn strict_client() -> Client {
    Client::builder("https://example.com").strict(true).build().unwrap()
}

fn client_with_credential() -> Client {
    let mut client = client();
    client.register(&creation().to_string()).unwrap();
    client
}

fn stored(client: &mut Client) -> Vec<Credential> {
    client.authenticator().store().begin().unwrap().all().unwrap()
}

/// `value` with another value at the JSON pointer, or a new member there.
fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = new,
        parent => parent[name] = new,
    }
    value
}

fn without(mut value: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    value
}

/// `/a/0/b` as `$.a[0].b`.
fn path_of(pointer: &str) -> String {
    pointer.split('/').skip(1).fold("$".to_owned(), |path, step| match step.parse::<usize>() {
        Ok(index) => format!("{path}[{index}]"),
        Err(_) => format!("{path}.{step}"),
    })
}

fn challenge_of(client_data: &[u8]) -> String {
    let client_data: Value = serde_json::from_slice(client_data).unwrap();
    client_data["challenge"].as_str().unwrap().to_owned()
}

/// Exactly these notices, in any order; an unknown value is told with its text.
fn assert_told(notices: &[Notice], expected: &[(&str, Leniency)]) {
    let same = |told: &Leniency, expected: &Leniency| match (told, expected) {
        (Leniency::UnknownValue(told), Leniency::UnknownValue(value)) => told.contains(value.as_str()),
        _ => told == expected,
    };
    let told = |(path, leniency): &(&str, Leniency)| {
        notices.iter().any(|notice| notice.path == *path && same(&notice.leniency, leniency))
    };
    let all = expected.iter().all(told) && notices.len() == expected.len();
    assert!(all, "told {notices:?}, expected {expected:?}");
}

/// A client takes the body and tells this one thing; a strict one refuses it for that and stores nothing.
fn assert_mended<R>(
    body: &Value,
    path: &str,
    leniency: &Leniency,
    ceremony: impl Fn(&mut Client, &str) -> Result<Reply<R>, Error>,
) {
    let body = body.to_string();
    let reply = ceremony(&mut client_with_credential(), &body).unwrap_or_else(|e| panic!("{body}: {e}"));
    assert_told(reply.notices(), &[(path, leniency.clone())]);

    let mut strict = strict_client();
    match ceremony(&mut strict, &body) {
        Err(Error::NotStrict(notices)) => assert_told(&notices, &[(path, leniency.clone())]),
        Err(error) => panic!("{body}: {error}"),
        Ok(_) => panic!("{body}: strict mode takes it"),
    }
    assert_eq!(stored(&mut strict), []);
}

/// The input error, with something in each of its fields.
fn input_error<T>(result: Result<T, Error>, what: &str) -> InputError {
    let Err(error) = result else { panic!("{what}: no error") };
    assert_eq!(error.dom_exception(), Some(DomException::TypeError), "{what}: {error}");
    let Error::Input(input) = error else { panic!("{what}: {error}") };
    assert!(
        input.path.starts_with('$') && !input.found.is_empty() && !input.expected.is_empty(),
        "{input:?}"
    );
    input
}

/// The input error of a registration that stores nothing.
fn registration_error(body: &str) -> InputError {
    let mut client = client();
    let error = input_error(client.register(body), body);
    assert_eq!(stored(&mut client), []);
    error
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
