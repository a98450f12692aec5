//! Which account logs in, what counters, flags and client data say, and what a failure leaves behind.

use std::sync::{Arc, Mutex};

use serde_json::json;
use stuntkey::authenticator::{Answer, Authenticator, ConsentRequest, CounterPolicy, FlagOverrides};
use stuntkey::client::DomException::{NotAllowedError, SecurityError};
use stuntkey::client::{ClientBuilder, Refusal};
use stuntkey::webauthn::Flags;
use stuntkey::{Client, Error};

use super::helpers::{
    allowing, client, client_with, count, create, creation, excluding, get, key, origin_of, refusal, request,
    resident, stored, with,
};

#[test]
fn the_newest_account_logs_in_unless_another_is_chosen() {
    for (account, expected) in
        [(None, Ok("carol")), (Some("alice"), Ok("alice")), (Some("dave"), Err(NotAllowedError))]
    {
        let builder = Client::builder("https://example.com");
        let mut client = account.into_iter().fold(builder, ClientBuilder::account).build().unwrap();
        for name in ["alice", "bob", "carol"] {
            create(&mut client, &resident(name)).unwrap();
        }
        let handle = get(&mut client, &request()).map(|response| response.user_handle.unwrap());
        assert_eq!(handle, expected.map(|name| name.as_bytes().to_vec()), "{account:?}");
        if account == Some("dave") {
            let refused = refusal(client.authenticate(&request().to_string()));
            assert_eq!(refused, Refusal::NoSuchAccount("dave".to_owned()));
        }
    }
}

#[test]
fn a_chosen_account_logs_in_from_an_allow_list_too() {
    // §6.3.3 step 7: the user selects among all that the list allows.
    let mut client = Client::builder("https://example.com").account("alice").build().unwrap();
    let [alice, bob] = ["alice", "bob"].map(|name| create(&mut client, &resident(name)).unwrap().id);
    assert_eq!(get(&mut client, &allowing(&[&bob, &alice])).unwrap().id, alice);
}

#[test]
fn a_new_discoverable_credential_replaces_the_one_of_the_same_account() {
    let mut client = Client::new("https://login.example.com").unwrap();
    let server_side = create(&mut client, &creation()).unwrap().id;
    let first = create(&mut client, &resident("alice")).unwrap().id;
    let elsewhere =
        create(&mut client, &with(resident("alice"), "/rp/id", json!("login.example.com"))).unwrap().id;
    let other = create(&mut client, &resident("bob")).unwrap().id;
    let second = create(&mut client, &resident("alice")).unwrap().id;
    let ids: Vec<Vec<u8>> = stored(&mut client).into_iter().map(|credential| credential.id).collect();
    assert_eq!(ids, [second, other, elsewhere, server_side], "newest first");
    assert_eq!(get(&mut client, &allowing(&[&first])).unwrap_err(), NotAllowedError);
}

#[test]
fn counters_follow_their_policy_and_never_fall() {
    for (policy, registrations, logins) in [
        (CounterPolicy::PerCredential, [0, 0], [1, 2, 1, 3]),
        (CounterPolicy::Global, [1, 2], [3, 4, 5, 6]),
        (CounterPolicy::Zero, [0, 0], [0, 0, 0, 0]),
    ] {
        let mut client = client_with(key().counter(policy));
        let [alice, bob] = ["alice", "bob"].map(|name| create(&mut client, &resident(name)).unwrap());
        assert_eq!([&alice, &bob].map(|made| count(&made.authenticator_data)), registrations, "{policy:?}");
        let found = [&alice, &alice, &bob, &alice]
            .map(|made| count(&get(&mut client, &allowing(&[&made.id])).unwrap().authenticator_data));
        assert_eq!(found, logins, "{policy:?}");
    }
}

#[test]
fn a_failed_ceremony_stores_nothing_and_moves_no_counter() {
    for (policy, before, after) in [(CounterPolicy::PerCredential, 0, 1), (CounterPolicy::Global, 1, 2)] {
        let answer = Arc::new(Mutex::new(Answer::Verified));
        let user = Arc::clone(&answer);
        let mut client =
            client_with(key().counter(policy).user(move |_: &ConsentRequest<'_>| *user.lock().unwrap()));
        let first = create(&mut client, &resident("alice")).unwrap();
        assert_eq!(count(&first.authenticator_data), before);
        let verify = json!("required");
        let creation = with(resident("alice"), "/authenticatorSelection/userVerification", verify.clone());
        let login = with(request(), "/userVerification", verify);
        for unwilling in [Answer::Denied, Answer::NoAnswer, Answer::Present] {
            *answer.lock().unwrap() = unwilling;
            assert_eq!(create(&mut client, &creation).unwrap_err(), NotAllowedError);
            assert_eq!(get(&mut client, &login).unwrap_err(), NotAllowedError);
        }
        *answer.lock().unwrap() = Answer::Verified;
        let unusable = json!([{ "type": "public-key", "alg": -65536 }]);
        create(&mut client, &with(resident("bob"), "/pubKeyCredParams", unusable)).unwrap_err();
        create(&mut client, &with(resident("bob"), "/rp/id", json!("example.org"))).unwrap_err();
        create(&mut client, &excluding(&first.id)).unwrap_err();
        get(&mut client, &allowing(&[b"unknown"])).unwrap_err();
        client.register("{}").unwrap_err();
        let [credential] = &stored(&mut client)[..] else { panic!("one credential is stored") };
        assert_eq!((&credential.id, credential.sign_count), (&first.id, before));
        assert_eq!(count(&get(&mut client, &request()).unwrap().authenticator_data), after, "{policy:?}");
    }
}

#[test]
fn flags_can_be_forced_either_way() {
    for (_, flag) in Flags::NAMED {
        for on in [true, false] {
            let mut client =
                client_with(key().backup(true, true).flags(FlagOverrides::default().force(flag, on)));
            let created = create(&mut client, &resident("alice")).unwrap().authenticator_data;
            let asserted = get(&mut client, &request()).unwrap().authenticator_data;
            let natural = Flags::UP.0 | Flags::UV.0 | Flags::BE.0 | Flags::BS.0;
            for (data, natural) in [(&created, natural | Flags::AT.0), (&asserted, natural)] {
                assert_eq!(data[32], Flags(natural).with(flag, on).0, "{flag:?} {on}");
            }
            assert_eq!((created.len() > 37 + 18, asserted.len()), (true, 37), "only the bit changes");
        }
    }
    for (eligible, state, flags) in [(false, false, 0), (true, false, 0x08), (true, true, 0x18)] {
        let response = create(&mut client_with(key().backup(eligible, state)), &creation()).unwrap();
        assert_eq!(response.authenticator_data[32] & 0x18, flags);
    }
}

#[test]
fn extension_data_ends_authenticator_data() {
    let map = b"\xa1\x65hello\xf5"; // { "hello": true }
    let mut client = client_with(key().extension_data(map).unwrap());
    let created = create(&mut client, &resident("alice")).unwrap().authenticator_data;
    let asserted = get(&mut client, &request()).unwrap().authenticator_data;
    assert_eq!(asserted.len(), 37 + map.len());
    for data in [created, asserted] {
        assert!(Flags(data[32]).contains(Flags::ED) && data.ends_with(map));
    }
    for no_map in [&b""[..], b"\x01", b"\xa1\x65hello", b"\xbf\xff", b"\xa0\x00"] {
        assert!(key().extension_data(no_map).is_err(), "{no_map:x?}");
    }
}

#[test]
fn client_data_tells_the_frame_and_what_else_is_wanted() {
    let common =
        r#"{"type":"webauthn.create","challenge":"AAECAwQFBgcICQoLDA0ODw","origin":"https://example.com","#;
    let builder = || Client::builder("https://example.com");
    for (builder, rest) in [
        (builder(), r#""crossOrigin":false}"#),
        (builder().cross_origin(true), r#""crossOrigin":true}"#),
        (
            builder().top_origin("https://top.example:8443"),
            r#""crossOrigin":true,"topOrigin":"https://top.example:8443"}"#,
        ),
        (
            builder().client_data_member("extraData", r#""é""#).client_data_member("n", "[1,{}]"),
            r#""crossOrigin":false,"extraData":"é","n":[1,{}]}"#,
        ),
    ] {
        let response = create(&mut builder.build().unwrap(), &creation()).unwrap();
        let text = String::from_utf8(response.client_data_json).unwrap();
        assert_eq!(text, format!("{common}{rest}"));
    }
    assert!(matches!(builder().client_data_member("x", "{").build(), Err(Error::Input(_))));
}

#[test]
fn an_origin_may_use_its_own_rp_ids_and_those_it_is_related_to() {
    for (origin, rp_id, related, expected) in [
        ("https://example.com", "example.com", "", Ok("https://example.com")),
        ("https://example.com:8443", "example.com", "", Ok("https://example.com:8443")),
        ("https://a.b.example.com", "example.com", "", Ok("https://a.b.example.com")),
        ("https://a.b.example.com", "b.example.com", "", Ok("https://a.b.example.com")),
        ("http://localhost:3000", "localhost", "", Ok("http://localhost:3000")),
        ("https://example.com", "login.example.com", "", Err(SecurityError)),
        ("https://example.com", "com", "", Err(SecurityError)),
        ("https://example.co.uk", "co.uk", "", Err(SecurityError)),
        ("https://notexample.com", "example.com", "", Err(SecurityError)),
        ("https://127.0.0.1", "127.0.0.1", "", Err(SecurityError)),
        ("https://example.net", "example.com", "", Err(SecurityError)),
        ("https://example.net", "example.com", "https://example.net", Ok("https://example.net")),
        ("https://example.net", "example.com", "https://example.net:8443", Err(SecurityError)),
        ("https://example.net", "example.com", "https://login.example.net", Err(SecurityError)),
    ] {
        let case = format!("{rp_id} at {origin}, related {related:?}");
        let builder = Client::builder(origin).related_origins(related.split_whitespace());
        let mut client = builder.build().unwrap();
        let options = with(resident("alice"), "/rp/id", json!(rp_id));
        let found = create(&mut client, &options).map(|response| origin_of(&response.client_data_json));
        assert_eq!(found, expected.map(str::to_owned), "create: {case}");
        let options = with(request(), "/rpId", json!(rp_id));
        let found = get(&mut client, &options).map(|response| origin_of(&response.client_data_json));
        assert_eq!(found, expected.map(str::to_owned), "get: {case}");
    }
}

#[test]
fn without_an_origin_the_rp_id_makes_one() {
    let mut client = Client::builder_without_origin().build().unwrap();
    let response = create(&mut client, &creation()).unwrap();
    assert_eq!(origin_of(&response.client_data_json), "https://example.com");
    let response = create(&mut client, &with(resident("bob"), "/rp/id", json!("id.example.org"))).unwrap();
    assert_eq!(origin_of(&response.client_data_json), "https://id.example.org");
    for origin in ["", "example.com", "ftp://example.com", "http://example.com", "https://"] {
        assert!(matches!(Client::new(origin), Err(Error::Input(_))), "{origin:?}");
    }
}

#[test]
fn a_seed_makes_equal_bytes_and_another_seed_others() {
    let run = |seed: &str| {
        let mut client = client_with(Authenticator::builder().seed(seed));
        let creation = with(resident("alice"), "/attestation", json!("direct")).to_string();
        let registration = client.register(&creation).unwrap().to_string();
        (registration, client.authenticate(&request().to_string()).unwrap().to_string())
    };
    let (first, second) = (run("one"), run("two"));
    assert_eq!(first, run("one"));
    assert!(first.0 != second.0 && first.1 != second.1);
}

#[test]
fn a_client_can_move_to_another_thread() {
    let mut client = client();
    std::thread::spawn(move || create(&mut client, &creation())).join().unwrap().unwrap();
}
