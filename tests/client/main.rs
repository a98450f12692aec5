//! The ceremonies of WebAuthn L3 §5.1.3 and §5.1.4: who is asked, what is refused, what the flags say.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod helpers;
mod state;

use serde_json::{Value, json};
use stuntkey::Client;
use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::{Answer, AuthenticatorBuilder, ConsentRequest};
use stuntkey::client::DomException::{
    ConstraintError, InvalidStateError, NotAllowedError, NotSupportedError,
};
use stuntkey::client::Refusal;
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::{Attachment, Ceremony, Flags, RegistrationResponse};

use helpers::{
    SELECTION, allowing, attestation_of, client, client_with, create, creation, excluding, get, key, refusal,
    request, resident, scripted, stored, with,
};

/// id-fido-gen-ce-sernum, 1.3.6.1.4.1.45724.1.1.2, as DER.
const SERIAL_NUMBER: [u8; 13] =
    [0x06, 0x0b, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x02];

#[test]
fn an_excluded_credential_is_told_only_to_a_user_who_consents() {
    let mut client =
        scripted([Answer::Verified, Answer::Denied, Answer::NoAnswer, Answer::Verified, Answer::Verified]);
    let excluded = excluding(&create(&mut client, &creation()).unwrap().id);
    assert_eq!(create(&mut client, &excluded).unwrap_err(), NotAllowedError, "denied");
    assert_eq!(create(&mut client, &excluded).unwrap_err(), NotAllowedError, "no answer");
    assert_eq!(create(&mut client, &excluded).unwrap_err(), InvalidStateError);
    assert_eq!(stored(&mut client).len(), 1);
    create(&mut client, &excluding(b"another id")).unwrap();
}

#[test]
fn a_credential_is_excluded_for_its_own_rp_id_only() {
    let mut client = Client::new("https://login.example.com").unwrap();
    let excluded = excluding(&create(&mut client, &creation()).unwrap().id);
    create(&mut client, &with(excluded.clone(), "/rp/id", json!("login.example.com"))).unwrap();
    assert_eq!(create(&mut client, &excluded).unwrap_err(), InvalidStateError);
}

#[test]
fn user_verification_is_what_was_asked_for_and_what_the_key_can_do() {
    use Answer::{Present, Verified};
    let (up, both) = (Flags::UP.0, Flags::UP.with(Flags::UV, true).0);
    for (requirement, can, answer, at_create, at_get) in [
        ("required", true, Verified, Ok(both), Ok(both)),
        ("required", true, Present, Err(NotAllowedError), Err(NotAllowedError)),
        ("required", false, Verified, Err(ConstraintError), Err(NotAllowedError)),
        ("preferred", true, Verified, Ok(both), Ok(both)),
        ("preferred", false, Verified, Ok(up), Ok(up)),
        ("discouraged", true, Verified, Ok(up), Ok(up)),
        ("discouraged", true, Present, Ok(up), Ok(up)),
        ("discouraged", false, Present, Ok(up), Ok(up)),
    ] {
        let case = format!("{requirement}, the key can: {can}, {answer:?}");
        let mut client = client_with(key().user_verification(can).user(answer));
        let options = with(creation(), SELECTION, json!({ "userVerification": requirement }));
        let flags = create(&mut client, &options).map(|r| r.authenticator_data[32] & both);
        assert_eq!(flags, at_create, "create: {case}");

        let selection = json!({ "userVerification": "discouraged", "residentKey": "required" });
        create(&mut client, &with(creation(), SELECTION, selection)).unwrap();
        let options = with(request(), "/userVerification", json!(requirement));
        let flags = get(&mut client, &options).map(|r| r.authenticator_data[32] & both);
        assert_eq!(flags, at_get, "get: {case}");
    }
}

#[test]
fn preferred_is_the_default_verification() {
    let mut client = client();
    assert_eq!(create(&mut client, &resident("alice")).unwrap().authenticator_data[32] & 5, 5);
    assert_eq!(get(&mut client, &request()).unwrap().authenticator_data[32] & 5, 5);
}

#[test]
fn a_preferred_verification_that_fails_fails_the_ceremony() {
    // §5.1.3 and §5.1.4.2: on a key that can verify, "preferred" makes requireUserVerification true; §6.3.2 and
    // §6.3.3: NotAllowedError if that fails.
    let preferred = json!({ "userVerification": "preferred" });
    let discouraged = json!({ "userVerification": "discouraged", "residentKey": "required" });
    let mut client = client_with(key().user(Answer::Present));
    let created = create(&mut client, &with(creation(), SELECTION, preferred));
    create(&mut client, &with(creation(), SELECTION, discouraged)).unwrap();
    let asserted = get(&mut client, &with(request(), "/userVerification", json!("preferred")));
    let flags = (created.map(|r| r.authenticator_data[32]), asserted.map(|r| r.authenticator_data[32]));
    assert_eq!(flags, (Err(NotAllowedError), Err(NotAllowedError)));
}

#[test]
fn credentials_are_discoverable_as_asked_for_and_cred_props_says_so() {
    for (selection, able, unable) in [
        (json!({}), Ok(false), Ok(false)),
        (json!({ "residentKey": "required" }), Ok(true), Err(ConstraintError)),
        (json!({ "residentKey": "preferred" }), Ok(true), Ok(false)),
        (json!({ "residentKey": "discouraged" }), Ok(false), Ok(false)),
        (json!({ "requireResidentKey": true }), Ok(true), Err(ConstraintError)),
        (json!({ "requireResidentKey": false }), Ok(false), Ok(false)),
        (json!({ "residentKey": "discouraged", "requireResidentKey": true }), Ok(false), Ok(false)),
        (json!({ "residentKey": "required", "requireResidentKey": false }), Ok(true), Err(ConstraintError)),
    ] {
        for (can, expected) in [(true, able), (false, unable)] {
            let mut client = client_with(key().resident_key(can));
            let options = with(creation(), SELECTION, selection.clone());
            let options = with(options, "/extensions", json!({ "credProps": true }));
            let told = create(&mut client, &options)
                .map(|response| response.extension_results.cred_props_rk.unwrap());
            assert_eq!(told, expected, "{selection}, the key can: {can}");
            let kept: Vec<bool> =
                stored(&mut client).iter().map(|credential| credential.discoverable).collect();
            assert_eq!(kept, Vec::from_iter(expected.ok()), "{selection}, the key can: {can}");
        }
    }
    for extensions in [json!({ "credProps": false }), json!({})] {
        let reply = client().register(&with(creation(), "/extensions", extensions).to_string()).unwrap();
        let reply: Value = serde_json::from_str(&reply.to_string()).unwrap();
        assert_eq!(reply["clientExtensionResults"], json!({}));
    }
    let options = with(resident("alice"), "/extensions", json!({ "credProps": true }));
    let reply = client().register(&options.to_string()).unwrap();
    let reply: Value = serde_json::from_str(&reply.to_string()).unwrap();
    assert_eq!(reply["clientExtensionResults"], json!({ "credProps": { "rk": true } }));
}

#[test]
fn the_attachment_has_to_match_unless_a_hint_contradicts_it() {
    let platform = || client_with(key().attachment(Attachment::Platform));
    let roaming = || client_with(key().attachment(Attachment::CrossPlatform));
    for (attachment, hints, on_platform, on_roaming) in [
        (json!(null), json!([]), true, true),
        (json!("platform"), json!([]), true, false),
        (json!("cross-platform"), json!([]), false, true),
        (json!("platform"), json!(["client-device"]), true, false),
        (json!("cross-platform"), json!(["hybrid"]), false, true),
        (json!(null), json!(["security-key"]), true, true), // a hint alone is no requirement: §5.8.7
        (json!(null), json!(["client-device"]), true, true),
    ] {
        for (mut client, passes) in [(platform(), on_platform), (roaming(), on_roaming)] {
            let options = with(creation(), SELECTION, json!({ "authenticatorAttachment": attachment }));
            let result = create(&mut client, &with(options, "/hints", hints.clone()));
            let found = client.authenticator().attachment();
            let expected = if passes { Ok(Some(found)) } else { Err(NotAllowedError) };
            assert_eq!(
                result.map(|response| response.attachment),
                expected,
                "{attachment} {hints} on {found:?}"
            );
        }
    }
    // §5.8.7: where a hint contradicts the attachment, the hint takes precedence.
    for (attachment, hint, mut client) in [
        ("platform", "security-key", roaming()),
        ("platform", "hybrid", roaming()),
        ("cross-platform", "client-device", platform()),
    ] {
        let options = with(creation(), SELECTION, json!({ "authenticatorAttachment": attachment }));
        create(&mut client, &with(options, "/hints", json!([hint]))).unwrap();
    }
}

#[test]
fn the_attestation_is_what_was_asked_for_unless_a_format_is_forced() {
    use AttestationFormat::{None as Empty, Packed, PackedSelf};
    // The statement's format, and how many certificates it has.
    let (none, certified, own) = (("none", 0), ("packed", 1), ("packed", 0));
    for (attestation, formats, forced, expected) in [
        ("none", json!([]), None, none),
        ("none", json!(["packed"]), None, none),
        ("indirect", json!([]), None, certified),
        ("direct", json!([]), None, certified),
        ("enterprise", json!([]), None, certified),
        ("direct", json!(["packed", "none"]), None, certified),
        ("direct", json!(["none", "packed"]), None, none),
        ("direct", json!(["tpm", "packed"]), None, certified),
        ("direct", json!(["tpm", "none"]), None, none),
        ("direct", json!(["tpm", "fido-u2f"]), None, certified),
        ("none", json!([]), Some(Packed), certified),
        ("direct", json!(["none"]), Some(Packed), certified),
        ("none", json!(["none"]), Some(PackedSelf), own),
        ("direct", json!([]), Some(PackedSelf), own),
        ("direct", json!(["packed"]), Some(Empty), none),
        ("enterprise", json!([]), Some(Empty), none),
    ] {
        let mut client = client_with(forced.into_iter().fold(key(), AuthenticatorBuilder::format));
        let options = with(creation(), "/attestation", json!(attestation));
        let response = create(&mut client, &with(options, "/attestationFormats", formats.clone())).unwrap();
        let (fmt, certificates) = attestation_of(&response);
        assert_eq!((fmt.as_str(), certificates.len()), expected, "{attestation} {formats} {forced:?}");
    }
    assert_eq!(attestation_of(&create(&mut client(), &creation()).unwrap()).0, "none", "the default");
}

#[test]
fn an_enterprise_attestation_names_the_device_to_listed_rp_ids_only() {
    for (attestation, able, listed, named) in [
        ("enterprise", true, "example.com", true),
        ("enterprise", true, "example.org", false),
        ("enterprise", false, "example.com", false), // §6.3.2: a key MAY give one, it need not
        ("direct", true, "example.com", false),
    ] {
        let case = format!("{attestation}, the key can: {able}, listed: {listed}");
        let builder = if able { key().enterprise_attestation(b"device 7") } else { key() };
        let builder = Client::builder("https://example.com").authenticator(builder.build().unwrap());
        let mut client = builder.enterprise_rp_ids([listed]).build().unwrap();
        let response = create(&mut client, &with(creation(), "/attestation", json!(attestation)));
        let response = response.unwrap_or_else(|exception| panic!("{case}: {exception}"));
        let (fmt, certificates) = attestation_of(&response);
        assert_eq!((fmt.as_str(), certificates.len()), ("packed", 1));
        let found = certificates[0].windows(SERIAL_NUMBER.len()).any(|window| window == SERIAL_NUMBER);
        assert_eq!(found, named, "{case}");
    }
}

#[test]
fn a_conditional_create_neither_wants_presence_nor_can_verify() {
    let conditional = |options: Value| json!({ "mediation": "conditional", "publicKey": options });
    let mut client = client();
    let up = |response: RegistrationResponse| Flags(response.authenticator_data[32]).contains(Flags::UP);
    assert_eq!(create(&mut client, &conditional(creation())).map(up), Ok(false));
    assert_eq!(
        create(&mut client, &json!({ "mediation": "optional", "publicKey": creation() })).map(up),
        Ok(true)
    );
    let required = with(creation(), SELECTION, json!({ "userVerification": "required" }));
    assert_eq!(create(&mut client, &conditional(required)).unwrap_err(), ConstraintError);

    let mut never = Client::builder("https://example.com").conditional(false).build().unwrap();
    assert_eq!(create(&mut never, &conditional(creation())).map(up), Ok(true));
    let mut always = Client::builder("https://example.com").conditional(true).build().unwrap();
    assert_eq!(create(&mut always, &creation()).map(up), Ok(false));
}

#[test]
fn a_conditional_get_offers_discoverable_credentials_only() {
    let mut client = client();
    let server_side = create(&mut client, &creation()).unwrap().id;
    let conditional = |id: &[u8]| json!({ "mediation": "conditional", "publicKey": allowing(&[id]) });
    assert_eq!(get(&mut client, &allowing(&[&server_side])).unwrap().id, server_side);
    assert_eq!(get(&mut client, &conditional(&server_side)).unwrap_err(), NotAllowedError);
    let discoverable = create(&mut client, &resident("bob")).unwrap().id;
    create(&mut client, &resident("carol")).unwrap();
    let response = get(&mut client, &conditional(&discoverable)).unwrap();
    assert_eq!(response.id, discoverable, "§5.1.4: allowCredentials filters what was discovered");
    assert!(Flags(response.authenticator_data[32]).contains(Flags::UP));
}

#[test]
fn only_credentials_of_the_rp_id_that_are_allowed_can_log_in() {
    let mut client = Client::new("https://login.example.com").unwrap();
    assert_eq!(get(&mut client, &request()).unwrap_err(), NotAllowedError, "no credential at all");
    let server_side = create(&mut client, &creation()).unwrap().id;
    assert_eq!(get(&mut client, &request()).unwrap_err(), NotAllowedError, "no discoverable one");
    assert_eq!(get(&mut client, &allowing(&[b"unknown"])).unwrap_err(), NotAllowedError);
    assert_eq!(get(&mut client, &allowing(&[b"unknown", &server_side])).unwrap().id, server_side);
    let elsewhere = with(allowing(&[&server_side]), "/rpId", json!("login.example.com"));
    assert_eq!(get(&mut client, &elsewhere).unwrap_err(), NotAllowedError, "another RP ID");
}

#[test]
fn the_first_algorithm_that_the_key_has_is_used() {
    let offer = |ids: &[i64]| {
        let entries: Vec<Value> = ids.iter().map(|id| json!({ "type": "public-key", "alg": id })).collect();
        with(creation(), "/pubKeyCredParams", json!(entries))
    };
    let all: Vec<i64> = Algorithm::available().iter().map(|algorithm| algorithm.cose_identifier()).collect();
    for first in &all {
        let mut ids = vec![-65_536, *first];
        ids.extend(&all);
        let has = Algorithm::available().iter().copied().filter(|algorithm| *algorithm != Algorithm::Rs1);
        let mut client = client_with(key().algorithms(has).seed("RSA keys of the pool are quicker"));
        let used = if *first == Algorithm::Rs1.cose_identifier() { all[0] } else { *first };
        assert_eq!(create(&mut client, &offer(&ids)).unwrap().public_key_algorithm, used);
        // An authenticator has ES256 alone unless it is told otherwise, whatever the build has.
        assert_eq!(create(&mut client_with(key()), &offer(&ids)).unwrap().public_key_algorithm, -7);
    }
    assert_eq!(create(&mut client_with(key().algorithms([])), &offer(&all)).unwrap_err(), NotSupportedError);
}

#[test]
fn a_user_answers_each_question_in_turn() {
    let mut client = scripted([Answer::NoAnswer, Answer::Denied, Answer::Present, Answer::Verified]);
    let options = with(resident("alice"), "/authenticatorSelection/userVerification", json!("required"));
    let options = with(options, "/timeout", json!(12_345));
    assert_eq!(refusal(client.register(&options.to_string())), Refusal::TimedOut { milliseconds: 12_345 });
    assert_eq!(refusal(client.register(&options.to_string())), Refusal::Denied);
    assert_eq!(refusal(client.register(&options.to_string())), Refusal::NotVerified);
    create(&mut client, &options).unwrap();
    let options = with(request(), "/timeout", json!(54_321)).to_string();
    assert_eq!(refusal(client.authenticate(&options)), Refusal::TimedOut { milliseconds: 54_321 }, "used up");

    let user = |request: &ConsentRequest<'_>| {
        assert_eq!((request.rp_id, request.user_verification), ("example.com", true));
        match (request.ceremony, request.user_name) {
            (Some(Ceremony::Create), Some("alice")) => Answer::Verified,
            _ => Answer::Denied,
        }
    };
    let mut client = client_with(key().user(user));
    create(&mut client, &resident("alice")).unwrap();
    assert_eq!(refusal(client.register(&resident("bob").to_string())), Refusal::Denied);
    assert_eq!(refusal(client.authenticate(&request().to_string())), Refusal::Denied);
}
