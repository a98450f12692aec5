//! What goes back to the server, preset by preset, and the standard response inside.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use std::collections::{BTreeMap, BTreeSet};

use ciborium::Value as Cbor;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stuntkey::authenticator::Authenticator;
use stuntkey::client::{ClientBuilder, Preset};
use stuntkey::encoding::base64url;
use stuntkey::webauthn::{AuthenticationResponse, RegistrationResponse, Transport};
use stuntkey::{Client, Reply};

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

#[test]
fn the_standard_registration_response_is_consistent() {
    let transports = [Transport::Usb, Transport::Internal, Transport::Nfc];
    let authenticator = Authenticator::builder().transports(transports).build().unwrap();
    let mut client = Client::builder("https://example.com").authenticator(authenticator).build().unwrap();
    let reply = client.register(&creation().to_string()).unwrap();
    let json = json_of(&reply);
    assert_eq!(json, serde_json::from_str::<Value>(&reply.json().unwrap().to_string()).unwrap());
    assert_eq!(json, serde_json::from_str::<Value>(&reply.response().to_json().to_string()).unwrap());
    assert_eq!((&json["type"], &json["authenticatorAttachment"]), (&json!("public-key"), &json!("platform")));
    assert_eq!((&json["rawId"], &json["clientExtensionResults"]), (&json["id"], &json!({})));
    let response = &json["response"];
    assert_eq!(response["transports"], json!(["internal", "nfc", "usb"]), "in order: §5.2.1");
    assert_eq!(response["publicKeyAlgorithm"], -7);
    let client_data = r#"{"type":"webauthn.create","challenge":"AAECAwQFBgcICQoLDA0ODw","#.to_owned()
        + r#""origin":"https://example.com","crossOrigin":false}"#;
    assert_eq!(String::from_utf8(bytes(&response["clientDataJSON"])).unwrap(), client_data);

    let object: Cbor = ciborium::from_reader(&bytes(&response["attestationObject"])[..]).unwrap();
    let Cbor::Map(members) = &object else { panic!("no map: {object:?}") };
    let member = |name: &str| &members.iter().find(|(key, _)| key.as_text() == Some(name)).unwrap().1;
    assert_eq!(
        (member("fmt").as_text(), member("attStmt"), members.len()),
        (Some("none"), &Cbor::Map(vec![]), 3)
    );
    let data = member("authData").as_bytes().unwrap();
    assert_eq!(*data, bytes(&response["authenticatorData"]));

    // §6.1: RP ID hash, flags UP, UV and AT, counter, AAGUID, the length of the credential id, the id, the key.
    assert_eq!(data[..32], Sha256::digest(b"example.com")[..]);
    assert_eq!((data[32], &data[33..37]), (0x45, &[0; 4][..]));
    let (length, rest) = data[53..].split_at(2);
    let (id, key) = rest.split_at(usize::from(u16::from_be_bytes([length[0], length[1]])));
    assert_eq!(id, bytes(&json["id"]));
    let key: BTreeMap<i64, Cbor> = ciborium::from_reader::<Cbor, _>(key)
        .unwrap()
        .into_map()
        .unwrap()
        .into_iter()
        .map(|(label, value)| (label.as_integer().unwrap().try_into().unwrap(), value))
        .collect();
    let number = |label| i128::from(key[&label].as_integer().unwrap());
    assert_eq!((number(1), number(3), number(-1), key.len()), (2, -7, 1, 5), "EC2, ES256, P-256");
    // RFC 5480: SEQUENCE { SEQUENCE { id-ecPublicKey, secp256r1 }, BIT STRING { 04, x, y } }.
    let head = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    let spki: String = [key[&-2].as_bytes().unwrap(), key[&-3].as_bytes().unwrap()]
        .into_iter()
        .flatten()
        .fold(head.to_owned(), |text, byte| format!("{text}{byte:02x}"));
    assert_eq!(bytes(&response["publicKey"]).iter().map(|b| format!("{b:02x}")).collect::<String>(), spki);
}

#[test]
fn a_transport_stands_once_in_a_response() {
    // §5.2.1: "zero or more unique DOMStrings in lexicographical order".
    let authenticator = Authenticator::builder().transports([Transport::Usb, Transport::Nfc, Transport::Usb]);
    let builder = Client::builder("https://example.com").authenticator(authenticator.build().unwrap());
    let reply = builder.build().unwrap().register(&creation().to_string()).unwrap();
    assert_eq!(json_of(&reply)["response"]["transports"], json!(["nfc", "usb"]));
}

#[test]
fn the_standard_authentication_response_verifies_and_names_the_user() {
    let mut client = Client::new("https://example.com").unwrap();
    let registration = client.register(&creation().to_string()).unwrap();
    let reply = client.authenticate(&request().to_string()).unwrap();
    let json = json_of(&reply);
    assert_eq!(json, serde_json::from_str::<Value>(&reply.response().to_json().to_string()).unwrap());
    assert_eq!(
        (&json["id"], &json["rawId"]),
        (&json!(base64url::encode(&registration.response().id)), &json["id"])
    );
    assert_eq!((&json["type"], &json["authenticatorAttachment"]), (&json!("public-key"), &json!("platform")));
    assert_eq!(
        (&json["clientExtensionResults"], &json["response"]["userHandle"]),
        (&json!({}), &json!("YWxpY2U"))
    );
    let client_data = bytes(&json["response"]["clientDataJSON"]);
    assert!(
        client_data.starts_with(br#"{"type":"webauthn.get","challenge":"EBESExQVFhcYGRobHB0eHw","origin":"#)
    );
    assert_signed(registration.response(), reply.response());
}

#[test]
fn a_server_side_credential_names_no_user() {
    let mut options = creation();
    options["authenticatorSelection"]["residentKey"] = json!("discouraged");
    for preset in ["l3", "nevis", "fido", "hanko"] {
        let mut client = client_for(preset, "");
        let registration = client.register(&options.to_string()).unwrap();
        let reply = client.authenticate(&allowing(&registration).to_string()).unwrap();
        assert_eq!(reply.response().user_handle, None);
        assert_eq!(json_of(&reply)["response"].get("userHandle"), None, "absent, and not null");
        assert_signed(registration.response(), reply.response());
    }
}

#[test]
fn nevis_wants_a_user_handle_and_its_absence_is_told() {
    // seed/nevis.md: "userHandle must be present and non-empty".
    let mut options = creation();
    options["authenticatorSelection"]["residentKey"] = json!("discouraged");
    let mut client = client_for("nevis", "+statusToken=t");
    let registration = client.register(&options.to_string()).unwrap();
    let reply = client.authenticate(&allowing(&registration).to_string()).unwrap();
    assert!(reply.missing().contains(&"userHandle"), "{reply}");
}

#[test]
fn a_number_to_carry_over_comes_back_as_a_number() {
    let body = json!({ "challengeId": 5, "options": creation() }).to_string();
    let reply = Client::new("https://example.com").unwrap().register(&body).unwrap();
    assert_eq!(reply.missing(), [""; 0]);
    assert_eq!(json_of(&reply)["challengeId"], 5);
}

fn creation() -> Value {
    json!({
        "rp": { "id": "example.com", "name": "Example" },
        "user": { "id": "YWxpY2U", "name": "alice", "displayName": "Alice" },
        "challenge": "AAECAwQFBgcICQoLDA0ODw",
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
        "authenticatorSelection": { "residentKey": "required" },
    })
}

fn request() -> Value {
    json!({ "challenge": "EBESExQVFhcYGRobHB0eHw", "rpId": "example.com" })
}

fn allowing(registration: &Reply<RegistrationResponse>) -> Value {
    let mut request = request();
    let id = base64url::encode(&registration.response().id);
    request["allowCredentials"] = json!([{ "type": "public-key", "id": id }]);
    request
}

/// The body that a shape makes of options: `@`, `..` for their members, `'@'` for their text as a JSON string.
fn shaped(shape: &str, options: &Value) -> String {
    let text = options.to_string();
    match shape.split('\'').collect::<Vec<_>>()[..] {
        [before, quoted, after] => format!("{before}{}{after}", json!(quoted.replace('@', &text))),
        _ => shape.replace('@', &text).replace("..", &text[1..text.len() - 1]),
    }
}

/// A client that replies as `preset` and fills `+name=value,…`; without the plus, a value is to be carried.
fn client_for(preset: &str, filled: &str) -> Client {
    let builder = Client::builder("https://example.com").reply(Preset::from_name(preset).unwrap());
    let fill = |builder: ClientBuilder, (name, value): (&str, &str)| match name.strip_prefix('+') {
        Some(name) => builder.reply_member(name, value),
        None => builder,
    };
    pairs(filled).fold(builder, fill).build().unwrap()
}

fn pairs(filled: &str) -> impl Iterator<Item = (&str, &str)> {
    filled.split(',').filter_map(|pair| pair.split_once('='))
}

fn json_of<R>(reply: &Reply<R>) -> Value {
    serde_json::from_str(&reply.to_string()).unwrap()
}

fn form<R>(reply: &Reply<R>) -> BTreeMap<String, String> {
    let text = reply.to_string();
    let pairs: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let form: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(form.len(), pairs.len(), "a field stands twice: {text}");
    form
}

/// The leaves of a reply by their paths; a JSON string with an object or array inside is opened and marked `!`.
fn opened<R>(reply: &Reply<R>) -> BTreeMap<String, Value> {
    fn walk(value: &Value, path: String, leaves: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (name, member) in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    walk(member, format!("{path}{dot}{name}"), leaves);
                }
            }
            Value::String(text) if text.starts_with(['{', '[']) => {
                walk(&serde_json::from_str(text).unwrap(), format!("{path}!"), leaves);
            }
            leaf => drop(leaves.insert(path, leaf.clone())),
        }
    }
    let mut leaves = BTreeMap::new();
    walk(&json_of(reply), String::new(), &mut leaves);
    leaves
}

fn assert_members(preset: &str, found: &BTreeMap<String, Value>, allowed: &str, standard: &str) {
    let found: Vec<&str> = found.keys().map(String::as_str).collect();
    let expand = |member: &str| match member.strip_suffix('*') {
        Some(prefix) => standard.split_whitespace().map(|name| format!("{prefix}{name}")).collect(),
        None => vec![member.to_owned()],
    };
    let fits = allowed.split('|').any(|members| {
        let mut members: Vec<String> = members.split_whitespace().flat_map(expand).collect();
        members.sort_unstable();
        members == found
    });
    assert!(fits, "{preset}: found {found:?}, expected {allowed}");
}

fn name_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap().trim_end_matches('!')
}

/// A leaf that is not binary has the value that the standard, or whoever filled it, gives it.
fn assert_text(preset: &str, path: &str, value: &Value, filled: &str) {
    let expected = match name_of(path) {
        "type" => json!("public-key"),
        "authenticatorAttachment" => json!("platform"),
        "transports" => json!(["internal"]),
        "publicKeyAlgorithm" => json!(-7),
        "clientExtensionResults" | "getClientExtensionResults" | "clientExtensions" => json!({}),
        name => match pairs(filled).find(|(filled, _)| filled.trim_start_matches('+') == name) {
            Some((_, value)) => json!(value),
            None => panic!("{preset}: {path} is not in the table"),
        },
    };
    assert_eq!(*value, expected, "{preset} {path}");
}

/// Binary data: unpadded base64url, but that the table says nothing about Okta's.
fn decoded(preset: &str, value: &Value) -> Vec<u8> {
    match preset {
        "okta" => base64url::decode_lenient(value.as_str().unwrap()).unwrap().0,
        _ => bytes(value),
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    base64url::decode(value.as_str().unwrap()).unwrap()
}

/// §7.2 step 21: the signature is over authenticator data and the hash of client data.
fn assert_signed(registration: &RegistrationResponse, response: &AuthenticationResponse) {
    assert_eq!(registration.id, response.id);
    let key = VerifyingKey::from_sec1_bytes(&registration.public_key[26..]).unwrap();
    let signature = DerSignature::try_from(&response.signature[..]).unwrap();
    let mut signed = response.authenticator_data.clone();
    signed.extend_from_slice(&Sha256::digest(&response.client_data_json));
    key.verify(&signed, &signature).unwrap();
}
