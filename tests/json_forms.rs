//! The standard's JSON forms, in both directions: typed, and through serde.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use stuntkey::encoding::json::parse;
use stuntkey::webauthn::{
    Attachment, AttestationConveyance, AuthenticationResponse, AuthenticatorSelection, CreationOptions,
    CredentialDescriptor, Extensions, Hint, RegistrationResponse, RelyingParty, RequestOptions, ResidentKey,
    Transport, User, UserVerification,
};

/// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn L3 §5.1.8) with every member that this library knows.
fn creation_json() -> Value {
    json!({
        "rp": {"id": "example.org", "name": "Example"},
        "user": {"id": "AQI", "name": "alice", "displayName": "Alice"},
        "challenge": "AAECAwQFBgcICQoLDA0ODw",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
        "timeout": 60000,
        "excludeCredentials": [{"type": "public-key", "id": "BAUG", "transports": ["usb", "nfc"]}],
        "authenticatorSelection": {
            "authenticatorAttachment": "cross-platform",
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "discouraged",
        },
        "hints": ["security-key"],
        "attestation": "direct",
        "attestationFormats": ["packed", "tpm"],
        "extensions": {"credProps": true},
    })
}

/// `PublicKeyCredentialRequestOptionsJSON` (§5.1.9).
fn request_json() -> Value {
    json!({
        "challenge": "AAECAwQFBgcICQoLDA0ODw",
        "timeout": 60000,
        "rpId": "example.org",
        "allowCredentials": [{"type": "public-key", "id": "BAUG"}],
        "userVerification": "required",
        "hints": ["hybrid"],
    })
}

/// The W3C's registrations and authentications as `toJSON` (§5.1.8) gives them.
fn vectors() -> Vec<(Value, Option<Value>)> {
    let sections: Value = serde_json::from_str(include_str!("vectors/webauthn-l3-vectors.json")).unwrap();
    let text = |block: &Value, name: &str| {
        let hex = block[name].as_str().unwrap();
        stuntkey::encoding::base64url::encode(&base16ct::mixed::decode_vec(hex).unwrap())
    };
    let sections = sections.as_array().unwrap().iter().map(|section| &section["blocks"]);
    let ceremonies = sections.filter(|blocks| blocks[0].get("attestationObject").is_some());
    ceremonies
        .map(|blocks| {
            let id = text(&blocks[0], "credential_id");
            let credential = |response: Value| {
                json!({
                    "id": id, "rawId": id, "type": "public-key", "response": response,
                    "authenticatorAttachment": "platform", "clientExtensionResults": {},
                })
            };
            let registration = credential(json!({
                "clientDataJSON": text(&blocks[0], "clientDataJSON"),
                "attestationObject": text(&blocks[0], "attestationObject"),
                "authenticatorData": "AAAA",
                "transports": ["internal", "usb"],
                "publicKeyAlgorithm": -7,
            }));
            let authentication = blocks.get(1).map(|block| {
                credential(json!({
                    "clientDataJSON": text(block, "clientDataJSON"),
                    "authenticatorData": text(block, "authenticatorData"),
                    "signature": text(block, "signature"),
                    "userHandle": "AQI",
                }))
            });
            (registration, authentication)
        })
        .collect()
}

fn value(json: &impl ToString) -> Value {
    serde_json::from_str(&json.to_string()).unwrap()
}

#[test]
fn options_and_responses_come_back_in_the_form_of_the_standard() {
    let mut notices = Vec::new();
    let text = creation_json().to_string();
    let creation = CreationOptions::from_json(&parse(&text).unwrap(), "$", &mut notices).unwrap();
    assert_eq!(value(&creation.to_json()), creation_json());
    let text = request_json().to_string();
    let request = RequestOptions::from_json(&parse(&text).unwrap(), "$", &mut notices).unwrap();
    assert_eq!(value(&request.to_json()), request_json());
    let vectors = vectors();
    assert!(vectors.len() > 12, "{}", vectors.len());
    for (registration, authentication) in vectors {
        let text = registration.to_string();
        let read = RegistrationResponse::from_json(&parse(&text).unwrap(), "$", &mut notices).unwrap();
        assert_eq!(value(&read.to_json()), registration);
        let Some(authentication) = authentication else { continue };
        let text = authentication.to_string();
        let read = AuthenticationResponse::from_json(&parse(&text).unwrap(), "$", &mut notices).unwrap();
        assert_eq!(value(&read.to_json()), authentication);
    }
    assert!(notices.is_empty(), "{notices:?}");
}

#[test]
fn what_the_client_makes_comes_back_from_its_json() {
    let mut client = stuntkey::Client::new("https://example.org").unwrap();
    let made = client.register(&creation_json().to_string().replace("cross-platform", "platform")).unwrap();
    let read = RegistrationResponse::from_json(&made.json().unwrap(), "$", &mut Vec::new()).unwrap();
    assert_eq!(&read, made.response());
    assert_eq!(read.extension_results.cred_props_rk, Some(true));
    let request = json!({"challenge": "AAECAwQFBgcICQoLDA0ODw"}).to_string();
    let made = client.authenticate(&request).unwrap();
    let read = AuthenticationResponse::from_json(&made.json().unwrap(), "$", &mut Vec::new()).unwrap();
    assert_eq!(&read, made.response());
}

#[test]
fn a_response_that_is_not_whole_is_refused_where_it_is_not() {
    let (registration, authentication) = vectors().swap_remove(0);
    let refused = |pointer: &str, new: Value, path: &str| {
        for (valid, is_registration) in [(&registration, true), (authentication.as_ref().unwrap(), false)] {
            let mut changed = valid.clone();
            *changed.pointer_mut(pointer).unwrap() = new.clone();
            let text = changed.to_string();
            let tree = parse(&text).unwrap();
            let error = match is_registration {
                true => RegistrationResponse::from_json(&tree, "$", &mut Vec::new()).unwrap_err(),
                false => AuthenticationResponse::from_json(&tree, "$", &mut Vec::new()).unwrap_err(),
            };
            assert_eq!(error.path, path, "{error}");
        }
    };
    refused("/id", json!("AAAA"), "$.id");
    refused("/rawId", json!("A"), "$.rawId");
    refused("/type", json!("password"), "$.type");
    refused("/response", json!([]), "$.response");
    refused("/response/clientDataJSON", json!(7), "$.response.clientDataJSON");
    refused("/response/authenticatorData", Value::Null, "$.response.authenticatorData");
    refused("/clientExtensionResults", json!("x"), "$.clientExtensionResults");
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = T> {
    (0..values.len()).prop_map(|index| values[index])
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..=most)
}

fn descriptor() -> impl Strategy<Value = CredentialDescriptor> {
    (bytes(40), prop::collection::vec(any_of(Transport::ALL), 0..3))
        .prop_map(|(id, transports)| CredentialDescriptor { id, transports })
}

fn creation() -> impl Strategy<Value = CreationOptions> {
    let rp = (proptest::option::of("[a-z]{1,9}"), ".{0,9}").prop_map(|(id, name)| RelyingParty { id, name });
    let user =
        (bytes(64), ".{0,9}", ".{0,9}").prop_map(|(id, name, display_name)| User { id, name, display_name });
    let selection = (
        proptest::option::of(any_of(Attachment::ALL)),
        any_of(ResidentKey::ALL),
        any_of(UserVerification::ALL),
    );
    let selection = selection.prop_map(|(attachment, resident_key, user_verification)| {
        let mut selection = AuthenticatorSelection::default();
        selection.attachment = attachment;
        selection.resident_key = resident_key;
        selection.user_verification = user_verification;
        selection
    });
    let required = (rp, user, bytes(64), prop::collection::vec(any::<i64>(), 0..4));
    let optional = (
        proptest::option::of(0..=i64::MAX),
        prop::collection::vec(descriptor(), 0..3),
        prop::collection::vec(any_of(Hint::ALL), 0..3),
        any_of(AttestationConveyance::ALL),
        prop::collection::vec(".{0,9}", 0..3),
        any::<bool>(),
    );
    (required, selection, optional).prop_map(|((rp, user, challenge, algorithms), selection, optional)| {
        let (timeout, exclude, hints, attestation, formats, cred_props) = optional;
        let mut options = CreationOptions::new(rp, user, challenge, algorithms);
        options.timeout = timeout.map(i64::unsigned_abs);
        options.exclude_credentials = exclude;
        options.authenticator_selection = selection;
        options.hints = hints;
        options.attestation = attestation;
        options.attestation_formats = formats;
        options.extensions.cred_props = cred_props;
        options
    })
}

fn request() -> impl Strategy<Value = RequestOptions> {
    (
        bytes(64),
        proptest::option::of(0..=i64::MAX),
        proptest::option::of("[a-z]{1,9}"),
        proptest::option::of(prop::collection::vec(descriptor(), 0..3)),
        any_of(UserVerification::ALL),
        prop::collection::vec(any_of(Hint::ALL), 0..3),
    )
        .prop_map(|(challenge, timeout, rp_id, allow_credentials, user_verification, hints)| {
            let mut options = RequestOptions::new(challenge);
            options.timeout = timeout.map(i64::unsigned_abs);
            options.rp_id = rp_id;
            options.allow_credentials = allow_credentials;
            options.user_verification = user_verification;
            options.hints = hints;
            options
        })
}

proptest! {
    #[test]
    fn creation_options_come_back_from_their_json(options in creation()) {
        let read = CreationOptions::from_json(&options.to_json(), "$", &mut Vec::new());
        prop_assert_eq!(read.unwrap(), options.clone());
        let found = stuntkey::client::find_creation_options(&options.to_json().to_string());
        prop_assert_eq!(found.unwrap(), options);
    }

    #[test]
    fn request_options_come_back_from_their_json(options in request()) {
        let read = RequestOptions::from_json(&options.to_json(), "$", &mut Vec::new());
        prop_assert_eq!(read.unwrap(), options.clone());
        let found = stuntkey::client::find_request_options(&options.to_json().to_string());
        prop_assert_eq!(found.unwrap(), options);
    }
}

#[cfg(feature = "serde")]
mod with_serde {
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::*;

    fn comes_back<T: Serialize + DeserializeOwned>(json: Value) {
        let read: T = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        let read: T = serde_json::from_str(&json.to_string()).unwrap();
        assert_eq!(value(&serde_json::to_string(&read).unwrap()), json);
    }

    #[test]
    fn every_type_comes_back_in_the_form_of_the_standard() {
        let creation = creation_json();
        comes_back::<RelyingParty>(creation["rp"].clone());
        comes_back::<User>(creation["user"].clone());
        comes_back::<CredentialDescriptor>(creation["excludeCredentials"][0].clone());
        comes_back::<AuthenticatorSelection>(creation["authenticatorSelection"].clone());
        comes_back::<Extensions>(creation["extensions"].clone());
        comes_back::<CreationOptions>(creation);
        comes_back::<RequestOptions>(request_json());
        comes_back::<Vec<Transport>>(json!(["usb", "nfc", "ble", "smart-card", "hybrid", "internal"]));
        comes_back::<Vec<UserVerification>>(json!(["required", "preferred", "discouraged"]));
        for (registration, authentication) in vectors() {
            comes_back::<RegistrationResponse>(registration);
            authentication.into_iter().for_each(comes_back::<AuthenticationResponse>);
        }
    }

    #[test]
    fn what_the_client_would_mend_is_refused() {
        let refused = |pointer: &str, new: Value, why: &str| {
            let mut changed = creation_json();
            *changed.pointer_mut(pointer).unwrap() = new;
            let error = serde_json::from_value::<CreationOptions>(changed).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        };
        refused("/user/id", json!("AQI="), "$.user.id: found padded base64url");
        refused("/user/displayName", Value::Null, "$.user.displayName: found null");
        refused("/timeout", json!("60000"), "$.timeout: found a number given as text");
        refused("/rp/id", json!(""), "$.rp.id: found an empty RP ID");
        let twice = creation_json().to_string().replacen('{', r#"{"timeout":1,"#, 1);
        let error = serde_json::from_str::<CreationOptions>(&twice).unwrap_err().to_string();
        assert!(error.contains("$.timeout: found a second member"), "{error}");
        assert!(serde_json::from_value::<Transport>(json!("USB")).is_err());
    }

    #[test]
    fn what_the_standard_tells_clients_to_ignore_is_ignored() {
        let mut json = creation_json();
        json["unknown"] = json!({"x": 1});
        json["hints"] = json!(["telepathy", "hybrid"]);
        json["attestation"] = json!("sideways");
        json["challenge"] = json!("AAEC");
        let read: CreationOptions = serde_json::from_value(json).unwrap();
        assert_eq!((read.hints, read.attestation), (vec![Hint::Hybrid], AttestationConveyance::None));
    }
}
