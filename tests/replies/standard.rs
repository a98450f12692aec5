//! The standard response inside a reply.

use std::collections::BTreeMap;

use ciborium::Value as Cbor;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stuntkey::Client;
use stuntkey::authenticator::Authenticator;
use stuntkey::encoding::base64url;
use stuntkey::webauthn::Transport;

use super::helpers::{allowing, assert_signed, bytes, client_for, creation, json_of, request};

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
    let head = base16ct::lower::decode_vec(head).unwrap();
    let spki =
        [&head, key[&-2].as_bytes().unwrap(), key[&-3].as_bytes().unwrap()].map(Vec::as_slice).concat();
    assert_eq!(bytes(&response["publicKey"]), spki);
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
