//! What goes back to the server, preset by preset, and the standard response inside.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod helpers;
mod standard;

use std::collections::BTreeSet;

use serde_json::json;
use stuntkey::Client;
use stuntkey::authenticator::Authenticator;
use stuntkey::client::Preset;
use stuntkey::encoding::base64url;
use stuntkey::webauthn::Transport;

use helpers::{
    assert_members, assert_text, client_for, creation, decoded, form, json_of, name_of, opened, request,
    shaped,
};

const REGISTRATION: &str = "id rawId type authenticatorAttachment clientExtensionResults response.clientDataJSON \
    response.authenticatorData response.transports response.publicKey response.publicKeyAlgorithm \
    response.attestationObject";
const AUTHENTICATION: &str = "id rawId type authenticatorAttachment clientExtensionResults response.clientDataJSON \
    response.authenticatorData response.signature response.userHandle";

#[test]
fn the_presets_are_those_of_the_table() {
    let table = "l3 fido nevis okta okta-myaccount spring cognito graph authsignal corbado supabase auth0 hanko \
        stytch keycloak";
    let names: BTreeSet<&str> = Preset::all().map(Preset::name).collect();
    assert_eq!(names, table.split_whitespace().collect());
    for preset in Preset::all() {
        assert_eq!(Preset::from_name(preset.name()), Some(preset));
    }
    assert_eq!(Preset::from_name("L3"), None);
}

#[test]
fn registration_replies_have_exactly_the_members_of_their_preset() {
    let bare = "id type response.clientDataJSON response.attestationObject";
    let graph = "displayName publicKeyCredential.id publicKeyCredential.clientExtensionResults \
        publicKeyCredential.response.clientDataJSON publicKeyCredential.response.attestationObject";
    // `*` stands for the members of the standard response; `!` for what a JSON string holds; `|` for "or".
    for (preset, shape, filled, members) in [
        ("l3", "@", "", "*"),
        ("l3", r#"{"publicKey":@}"#, "", "*"),
        ("fido", r#"{"status":"ok","errorMessage":"",..}"#, "", &format!("{bare} getClientExtensionResults")),
        (
            "nevis",
            r#"{"enrollment":{"statusToken":"abc","credentialCreationOptions":@}}"#,
            "statusToken=abc",
            &format!("{bare} statusToken"),
        ),
        ("okta", r#"{"_embedded":{"activation":@}}"#, "", "attestation clientData"),
        ("okta-myaccount", "@", "", "attestation clientData transports! clientExtensions!"),
        ("spring", "@", "+label=My key", "publicKey.credential.* publicKey.label"),
        ("cognito", r#"{"CredentialCreationOptions":@}"#, "+AccessToken=t", "AccessToken Credential.*"),
        ("graph", r#"{"challengeTimeoutDateTime":"2026","publicKey":@}"#, "+displayName=Key", graph),
        (
            "authsignal",
            r#"{"challengeId":"c","options":@}"#,
            "challengeId=c",
            "challengeId registrationCredential.*",
        ),
        ("corbado", r#"{"attestationOptions":'{"publicKey":@}'}"#, "", "attestationResponse!.*"),
        (
            "supabase",
            r#"{"challenge_id":"c","expires_at":1,"options":@}"#,
            "challenge_id=c",
            "challenge_id *|challenge_id credential.*",
        ),
        (
            "auth0",
            r#"{"auth_session":"s","authn_params_public_key":@}"#,
            "auth_session=s",
            "auth_session authn_response.*",
        ),
        ("hanko", r#"{"publicKey":@}"#, "", "*"),
        (
            "stytch",
            r#"{"user_id":"u","public_key_credential_creation_options":'@'}"#,
            "user_id=u",
            "!.*|public_key_credential!.*|user_id public_key_credential!.*",
        ),
    ] {
        let mut client = client_for(preset, filled);
        let reply = client.register(&shaped(shape, &creation())).unwrap_or_else(|e| panic!("{preset}: {e}"));
        assert_eq!((reply.preset().name(), reply.missing()), (preset, &[][..]));
        assert_eq!(reply.content_type(), "application/json");
        let found = opened(&reply);
        assert_members(preset, &found, members, REGISTRATION);
        let response = reply.response();
        for (path, value) in &found {
            let bytes = match name_of(path) {
                "id" | "rawId" => &response.id,
                "clientDataJSON" | "clientData" => &response.client_data_json,
                "attestationObject" | "attestation" => &response.attestation_object,
                "authenticatorData" => &response.authenticator_data,
                "publicKey" => &response.public_key,
                _ => {
                    assert_text(preset, path, value, filled);
                    continue;
                }
            };
            assert_eq!(decoded(preset, value), *bytes, "{preset} {path}");
        }
    }
}

#[test]
fn authentication_replies_have_exactly_the_members_of_their_preset() {
    let bare =
        "id type response.clientDataJSON response.authenticatorData response.signature response.userHandle";
    for (preset, shape, filled, members) in [
        ("l3", "@", "", "*"),
        ("fido", r#"{"status":"ok","errorMessage":"",..}"#, "", &format!("{bare} getClientExtensionResults")),
        (
            "nevis",
            r#"{"statusToken":"abc","credentialRequestOptions":@}"#,
            "statusToken=abc",
            &format!("{bare} statusToken"),
        ),
        (
            "okta",
            r#"{"contextualData":{"challengeData":@}}"#,
            "",
            "authenticatorData clientData signatureData",
        ),
        ("spring", "@", "", "*"),
        (
            "authsignal",
            r#"{"challengeId":"c","options":@}"#,
            "challengeId=c",
            "challengeId authenticationCredential.*",
        ),
        ("corbado", r#"{"assertionOptions":'{"publicKey":@}'}"#, "", "assertionResponse!.*"),
        (
            "supabase",
            r#"{"challenge_id":"c","options":@}"#,
            "challenge_id=c",
            "challenge_id *|challenge_id credential.*",
        ),
        (
            "auth0",
            r#"{"auth_session":"s","authn_params_public_key":@}"#,
            "auth_session=s",
            "auth_session authn_response.*",
        ),
        ("hanko", r#"{"publicKey":@}"#, "", "*"),
        ("stytch", r#"{"public_key_credential_request_options":'@'}"#, "", "!.*|public_key_credential!.*"),
    ] {
        let mut client = client_for(preset, filled);
        client.register(&creation().to_string()).unwrap();
        let reply =
            client.authenticate(&shaped(shape, &request())).unwrap_or_else(|e| panic!("{preset}: {e}"));
        assert_eq!((reply.preset().name(), reply.missing()), (preset, &[][..]));
        let found = opened(&reply);
        assert_members(preset, &found, members, AUTHENTICATION);
        let response = reply.response();
        for (path, value) in &found {
            let bytes = match name_of(path) {
                "id" | "rawId" => &response.id,
                "clientDataJSON" | "clientData" => &response.client_data_json,
                "authenticatorData" => &response.authenticator_data,
                "signature" | "signatureData" => &response.signature,
                "userHandle" => response.user_handle.as_ref().unwrap(),
                _ => {
                    assert_text(preset, path, value, filled);
                    continue;
                }
            };
            assert_eq!(decoded(preset, value), *bytes, "{preset} {path}");
        }
    }
}

#[test]
fn presets_without_a_login_of_their_own_still_send_the_assertion() {
    for preset in ["cognito", "graph"] {
        let mut client = client_for(preset, "");
        client.register(&creation().to_string()).unwrap();
        let reply = client.authenticate(&request().to_string()).unwrap();
        let response = reply.response();
        for bytes in [&response.client_data_json, &response.authenticator_data, &response.signature] {
            assert!(reply.to_string().contains(&base64url::encode(bytes)), "{preset}: {reply}");
        }
    }
}

#[test]
fn keycloak_replies_are_form_posts() {
    let authenticator =
        Authenticator::builder().transports([Transport::Usb, Transport::Nfc]).build().unwrap();
    let builder = Client::builder("https://example.com").authenticator(authenticator);
    let label = "Käy & co = 100 % +1";
    let builder =
        builder.reply(Preset::from_name("keycloak").unwrap()).reply_member("authenticatorLabel", label);
    let mut client = builder.build().unwrap();
    let reply = client.register(&creation().to_string()).unwrap();
    assert_eq!((reply.content_type(), reply.json()), ("application/x-www-form-urlencoded", None));
    let response = reply.response();
    let expected = [
        ("attestationObject", base64url::encode(&response.attestation_object)),
        ("authenticatorAttachment", "platform".to_owned()),
        ("authenticatorLabel", label.to_owned()),
        ("clientDataJSON", base64url::encode(&response.client_data_json)),
        ("publicKeyCredentialId", base64url::encode(&response.id)),
        ("transports", "nfc,usb".to_owned()),
    ];
    assert_eq!(form(&reply), expected.map(|(name, value)| (name.to_owned(), value)).into());
}

#[test]
fn keycloak_logins_are_form_posts() {
    // The hidden fields of the template webauthn-authenticate.ftl; `error` stays empty.
    let mut client = client_for("keycloak", "");
    client.register(&creation().to_string()).unwrap();
    let reply = client.authenticate(&request().to_string()).unwrap();
    let response = reply.response();
    let mut login = form(&reply);
    login.retain(|name, value| name != "error" || !value.is_empty());
    let expected = [
        ("authenticatorData", &response.authenticator_data),
        ("clientDataJSON", &response.client_data_json),
        ("credentialId", &response.id),
        ("signature", &response.signature),
        ("userHandle", response.user_handle.as_ref().unwrap()),
    ];
    assert_eq!(login, expected.map(|(name, value)| (name.to_owned(), base64url::encode(value))).into());
}

#[test]
fn reply_members_fill_what_is_optional_and_override_what_was_carried() {
    let members = "+statusToken=mine,+userFriendlyName=Key 1,+userAgent=stuntkey/1";
    let mut client = client_for("nevis", members);
    let body =
        shaped(r#"{"enrollment":{"statusToken":"theirs","credentialCreationOptions":@}}"#, &creation());
    let reply = json_of(&client.register(&body).unwrap());
    assert_eq!(reply["statusToken"], "mine");
    assert_eq!((&reply["userFriendlyName"], &reply["userAgent"]), (&json!("Key 1"), &json!("stuntkey/1")));

    let body = shaped(r#"{"statusToken":"theirs","credentialRequestOptions":@}"#, &request());
    let reply = json_of(&client.authenticate(&body).unwrap());
    assert_eq!((&reply["statusToken"], &reply["userAgent"]), (&json!("mine"), &json!("stuntkey/1")));
    assert_eq!(reply.get("userFriendlyName"), None, "an assertion names no key");

    let mut client = client_for("supabase", "+challenge_id=mine");
    let body = shaped(r#"{"challenge_id":"theirs","options":@}"#, &creation());
    assert_eq!(json_of(&client.register(&body).unwrap())["challenge_id"], "mine");
}

#[test]
fn the_session_of_nevis_fido_comes_back() {
    // seed/nevis.md: the FIDO binding "with fido2SessionId in the results".
    let shape = r#"{"status":"ok","errorMessage":"","fido2SessionId":"7e",..}"#;
    let mut client = Client::new("https://example.com").unwrap();
    assert_eq!(json_of(&client.register(&shaped(shape, &creation())).unwrap())["fido2SessionId"], "7e");
    assert_eq!(json_of(&client.authenticate(&shaped(shape, &request())).unwrap())["fido2SessionId"], "7e");
}

#[test]
fn tells_the_members_that_nobody_gave_and_leaves_them_out() {
    let wanted = [
        ("nevis", "statusToken", "statusToken"),
        ("cognito", "AccessToken", ""),
        ("authsignal", "challengeId", "challengeId"),
        ("supabase", "challenge_id", "challenge_id"),
        ("auth0", "auth_session", "auth_session"),
    ];
    for preset in Preset::all().map(Preset::name) {
        let mut client = client_for(preset, "");
        let created = client.register(&creation().to_string()).unwrap();
        let got = client.authenticate(&request().to_string()).unwrap();
        for (missing, text) in [(created.missing(), created.to_string()), (got.missing(), got.to_string())] {
            assert!(missing.iter().all(|name| !text.contains(name)), "{preset}: {text}");
        }
        match wanted.iter().find(|(name, _, _)| *name == preset) {
            // What the table does not say: the members of a login at Cognito.
            Some((_, creation, "")) => assert_eq!(created.missing(), [*creation], "{preset}"),
            Some((_, creation, request)) => {
                assert_eq!(
                    (created.missing(), got.missing()),
                    (&[*creation][..], &[*request][..]),
                    "{preset}"
                );
            }
            None if ["spring", "graph", "keycloak", "stytch"].contains(&preset) => {}
            None => assert_eq!((created.missing(), got.missing()), (&[][..], &[][..]), "{preset}"),
        }
    }
}

#[test]
fn a_label_that_nobody_gave_has_some_text_or_is_told() {
    for (preset, label) in [("spring", "label"), ("graph", "displayName"), ("keycloak", "authenticatorLabel")]
    {
        let reply = client_for(preset, "").register(&creation().to_string()).unwrap();
        let text = match preset {
            "keycloak" => form(&reply).get(label).cloned(),
            "spring" => json_of(&reply)["publicKey"][label].as_str().map(str::to_owned),
            _ => json_of(&reply)[label].as_str().map(str::to_owned),
        };
        assert_eq!(reply.missing().contains(&label), text.is_none(), "{preset}: {reply}");
        assert_ne!(text.as_deref(), Some(""), "{preset}");
    }
}
