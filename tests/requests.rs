//! Requests as values: found in a body, answered by a client; and what to do next where there are none.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use stuntkey::client::{NextStep, Options, Preset, Request, Response};
use stuntkey::webauthn::{Ceremony, Leniency, Transport};
use stuntkey::{Authenticator, Client, Error};

const ENROLMENT: &str = include_str!("../examples/nevis-enroll-response.json");
const CREATION: &str = r#"{"mediation":"conditional","publicKey":{"challenge":"AAECAwQFBgcICQoLDA0ODw",
    "rp":{"name":"Example","id":null},"user":{"id":"AQ","name":"alice","displayName":"Alice"},
    "pubKeyCredParams":[{"type":"public-key","alg":-7}]}}"#;
const REQUEST: &str = r#"{"challenge":"EBESExQVFhcYGRobHB0eHw","rpId":"example.org"}"#;
const KEYCLOAK: &str = r#"{"challenge":"EBESExQVFhcYGRobHB0eHw","userid":"AQ","username":"alice",
    "signatureAlgorithms":["ES256"],"residentKey":"required","rpEntityName":"Example","rpId":"example.org"}"#;

#[test]
fn an_answered_request_is_the_same_as_a_body() {
    for (origin, body) in [
        ("https://login.example.com", ENROLMENT),
        ("https://example.org", CREATION),
        ("https://example.org", KEYCLOAK),
        ("https://example.org", REQUEST),
    ] {
        let client = || {
            let authenticator = Authenticator::builder().seed("the same").build().unwrap();
            let mut client = Client::builder(origin).authenticator(authenticator).build().unwrap();
            if body == REQUEST {
                client.register(KEYCLOAK).unwrap();
            }
            client
        };
        let request = Request::find(body).unwrap();
        let notices = request.notices().to_vec();
        let answered = client().answer(request.clone()).unwrap();
        let (text, preset) = match request.ceremony() {
            Ceremony::Create => {
                let reply = client().register(body).unwrap();
                assert_eq!(answered.response(), &Response::Registration(reply.response().clone()));
                assert_eq!(reply.notices(), notices);
                (reply.to_string(), reply.preset())
            }
            Ceremony::Get => {
                let reply = client().authenticate(body).unwrap();
                assert_eq!(answered.response(), &Response::Authentication(reply.response().clone()));
                (reply.to_string(), reply.preset())
            }
        };
        assert_eq!((answered.to_string(), answered.preset()), (text, preset), "{body}");
        assert_eq!((answered.notices(), request.preset()), (&notices[..], preset));
        assert!(answered.missing().is_empty());
    }
}

#[test]
fn a_request_says_where_it_stood_and_how() {
    let request = Request::find(CREATION).unwrap();
    assert_eq!((request.path(), request.preset().name()), ("$.publicKey", "l3"));
    assert!(request.is_conditional() && matches!(request.options(), Options::Creation(_)));
    assert_eq!(request.notices()[0].path, "$.publicKey.rp.id");
    assert_eq!(request.notices()[0].leniency, Leniency::NullAsAbsent);
    let request = Request::find(ENROLMENT).unwrap();
    assert_eq!((request.ceremony(), request.preset().name()), (Ceremony::Create, "nevis"));
}

#[test]
fn typed_options_are_a_request_of_the_standards_shape() {
    let options = stuntkey::client::find_creation_options(CREATION).unwrap();
    let mut client = Client::new("https://example.org").unwrap();
    let reply = client.answer(Request::from(options).conditional(true)).unwrap();
    assert_eq!(reply.preset(), Preset::from_name("l3").unwrap());
    let Response::Registration(response) = reply.into_response() else { panic!("a registration") };
    // A conditional create asks for no touch.
    assert_eq!(response.authenticator_data[32] & 1, 0);
}

#[test]
fn an_error_says_what_to_do_next() {
    let without_origin = || Client::builder_without_origin().build().unwrap();
    let at = |origin: &str| Client::new(origin).unwrap();
    let no_rp_id = CREATION.replace("\"id\":null", "\"icon\":\"\"");
    let hint = |result: Result<String, Error>| result.unwrap_err().hint();
    let register = |mut client: Client, body: &str| client.register(body).map(|reply| reply.to_string());
    let log_in = |mut client: Client, body: &str| client.authenticate(body).map(|reply| reply.to_string());

    assert_eq!(hint(register(without_origin(), &no_rp_id)), Some(NextStep::GiveOrigin));
    assert_eq!(hint(register(at("https://example.org"), REQUEST)), Some(NextStep::Authenticate));
    assert_eq!(hint(log_in(at("https://example.org"), CREATION)), Some(NextStep::Register));
    assert_eq!(hint(log_in(at("https://example.org"), REQUEST)), Some(NextStep::RegisterFirst));
    let fitting = NextStep::UseOrigin("https://example.org".into());
    assert_eq!(hint(log_in(at("https://example.com"), REQUEST)), Some(fitting));
    let named = NextStep::UseOrigin("http://localhost:8080".into());
    assert_eq!(hint(register(at("http://127.0.0.1:8080"), &no_rp_id)), Some(named));
    assert_eq!(hint(register(at("https://example.org"), "[]")), None);

    let strict = Client::builder("https://example.org").strict(true).build().unwrap();
    assert_eq!(hint(register(strict, CREATION)), Some(NextStep::BeLenient));
    let mut client = at("https://example.org");
    let id = client.register(KEYCLOAK).unwrap().into_response().id;
    let id = stuntkey::encoding::base64url::encode(&id);
    let again = KEYCLOAK.replacen('{', &format!("{{\"excludeCredentialIds\":\"{id}\","), 1);
    assert_eq!(hint(register(client, &again)), Some(NextStep::ForgetCredential));
}

#[test]
fn names_are_read_with_a_reason() {
    let error = "nevi".parse::<Preset>().unwrap_err();
    assert_eq!((error.found.as_str(), &error.expected[..2]), ("nevi", &["nevis", "fido"][..]));
    assert!("usb".parse::<Transport>().is_ok() && "SMART-CARD".parse() == Ok(Transport::SmartCard));
    let error = "usb3".parse::<Transport>().unwrap_err().to_string();
    assert!(error.contains("usb3") && error.contains("smart-card"), "{error}");
    assert_eq!("okta".parse::<Preset>().unwrap().to_string(), "okta");
}
