//! Options out of every body shape that is known, what is mended on the way, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod helpers;
mod refused;

use serde_json::{Value, json};
use stuntkey::authenticator::{Answer, Authenticator};
use stuntkey::client::{DomException, Refusal};
use stuntkey::encoding::base64url;
use stuntkey::encoding::json::{Json, MAX_BODY_LENGTH};
use stuntkey::webauthn::{CreationOptions, Leniency, RequestOptions};
use stuntkey::{Client, Error};

use helpers::{
    CHALLENGE, NEVIS, assert_mended, assert_told, challenge_of, client, client_with_credential, creation,
    input_error, path_of, registration_error, request, shaped, stored, strict_client, with, without,
};

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
