//! A key that others hold, from end to end: an authenticator with its user at one end of a wire, and a client at the other.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod common;
#[path = "common/held.rs"]
mod held;

use std::thread;
use std::time::Instant;

use common::hid::ms;
use common::numbers::error;
use held::{GET_INFO, LONG, SELECTION, until_it_waits, waiting, willing};
use stuntkey::authenticator::Answer;
use stuntkey::client::{Device, DeviceError};
use stuntkey::ctap2::Status;
use stuntkey::webauthn::{AttestationObject, AuthenticatorData, Flags};
use stuntkey::{Client, Error};
use stuntkey_transport::TransportError;
use stuntkey_transport::ctaphid::Command;
use stuntkey_transport::host::{Event, Notice, Presence};

const CREATION: &str = r#"{"challenge":"AAECAwQFBgcICQoLDA0ODw","rp":{"name":"Example"},
    "user":{"id":"AQ","name":"alice","displayName":"Alice"},
    "pubKeyCredParams":[{"type":"public-key","alg":-7}],
    "authenticatorSelection":{"userVerification":"VERIFICATION"}}"#;

fn creation(verification: &str) -> String {
    CREATION.replace("VERIFICATION", verification)
}

fn request(id: &[u8], verification: &str) -> String {
    let id = stuntkey::encoding::base64url::encode(id);
    format!(
        r#"{{"challenge":"EBESExQVFhcYGRobHB0eHw","rpId":"example.org","userVerification":"{verification}",
            "allowCredentials":[{{"type":"public-key","id":"{id}"}}]}}"#
    )
}

/// Registers and logs in, and says whether the user was verified both times.
fn ceremonies<D: Device>(client: &mut Client<D>, verification: &str) -> Result<bool, Error> {
    let registered = client.register(&creation(verification))?;
    let made = registered.response().attestation_object.clone();
    let made = AttestationObject::parse(&made).unwrap();
    let id = registered.response().id.clone();
    let reply = client.authenticate(&request(&id, verification))?;
    assert_eq!(reply.response().id, id);
    let asserted = AuthenticatorData::parse(&reply.response().authenticator_data).unwrap();
    let registered = AuthenticatorData::parse(&made.auth_data).unwrap();
    assert_eq!(asserted.rp_id_hash, registered.rp_id_hash);
    assert!(asserted.sign_count > registered.sign_count);
    Ok(asserted.flags.contains(Flags::UV) && registered.flags.contains(Flags::UV))
}

/// Waits for the user's answer with a touch from another thread.
fn touched<T>(presence: &Presence, act: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        scope.spawn(|| {
            until_it_waits(presence, true);
            presence.give(Answer::Verified);
        });
        act()
    })
}

#[test]
fn a_client_registers_and_logs_in_over_every_wire() {
    for scheme in ["udp", "tcp"] {
        for model in ["security_key_ctap2_1", "security_key_ctap2_3", "u2f_only"] {
            let held = willing(model, scheme);
            let mut client = Client::builder("https://example.org").build_with(held.client()).unwrap();
            assert!(!ceremonies(&mut client, "discouraged").unwrap(), "{model} over {scheme}");
        }
    }
}

#[test]
fn a_pin_is_set_used_and_missed() {
    let held = willing("security_key_ctap2_1", "tcp");
    let client = |pin| Client::builder("https://example.org").pin(pin);
    let mut right = client("correct horse").sets_pin(true).build_with(held.client()).unwrap();
    assert!(ceremonies(&mut right, "required").unwrap());
    let mut wrong = client("wrong").build_with(held.client()).unwrap();
    let refused = wrong.register(&creation("required")).unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
    let statuses: Vec<(String, String)> = held
        .notices
        .try_iter()
        .filter_map(|notice| match notice {
            Notice::Served(served) => Some((served.request, served.status)),
            _ => None,
        })
        .collect();
    assert!(statuses.iter().any(|(_, status)| status == "PinInvalid"), "{statuses:?}");
    assert!(ceremonies(&mut right, "required").unwrap(), "it goes on with the right one");
}

#[test]
fn a_persons_key_is_given_no_pin() {
    let held = willing("security_key_ctap2_1", "udp");
    let builder = Client::builder("https://example.org").pin("correct horse").sets_pin(false);
    let mut client = builder.build_with(held.client()).unwrap();
    let refused = client.register(&creation("required")).unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
    assert_eq!(held.client().get_info().unwrap().options.get("clientPin"), Some(false));
}

#[test]
fn a_key_waits_for_the_touch_of_its_user() {
    let held = waiting("security_key_ctap2_1", LONG);
    let mut client = Client::builder("https://example.org").build_with(held.client()).unwrap();
    touched(&held.presence, || client.register(&creation("discouraged")).unwrap());
    let waits = held.notices.try_iter().filter(|notice| matches!(notice, Notice::Waits { .. })).count();
    assert_eq!(waits, 1);
    assert!(!held.presence.waits());
    // A touch is good for one request.
    let (mut raw, _) = held.raw();
    let begun = Instant::now();
    thread::scope(|scope| {
        let second = scope.spawn(|| raw.exchange(Command::Cbor, SELECTION).unwrap());
        held.until_it_waits();
        assert!(!second.is_finished());
        held.presence.give(Answer::Denied);
        assert_eq!(second.join().unwrap(), [Status::OperationDenied.code()]);
    });
    assert!(begun.elapsed() < LONG);
}

#[test]
fn a_user_who_does_nothing_lets_the_time_go_by() {
    let held = waiting("security_key_ctap2_1", ms(300));
    let (mut raw, _) = held.raw();
    let status = raw.exchange(Command::Cbor, SELECTION).unwrap();
    // CTAP 2.1 §6.9.
    assert!(
        [[Status::UserActionTimeout.code()], [Status::OperationDenied.code()]]
            .contains(&status[..].try_into().unwrap()),
        "{status:x?}"
    );
    let mut client = Client::builder("https://example.org").build_with(held.client()).unwrap();
    let refused = client.register(&creation("discouraged")).unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
    assert_eq!(raw.exchange(Command::Cbor, GET_INFO).unwrap()[0], 0, "it goes on");
}

#[test]
fn u2f_is_asked_again_until_its_user_touches_it() {
    let held = waiting("u2f_only", LONG);
    let mut client = Client::builder("https://example.org").build_with(held.client()).unwrap();
    let registered = thread::scope(|scope| {
        let client = &mut client;
        let registering = scope.spawn(move || client.register(&creation("discouraged")).unwrap());
        // The first question, which U2F does not wait for.
        let (request, status) = held.served();
        assert!(request.contains("REGISTER"), "{request}");
        assert_eq!(status, "ConditionsNotSatisfied");
        held.presence.give(Answer::Present);
        registering.join().unwrap()
    });
    let id = registered.response().id.clone();
    thread::scope(|scope| {
        let client = &mut client;
        let id = &id;
        let asking = scope.spawn(move || client.authenticate(&request(id, "discouraged")).unwrap());
        thread::sleep(ms(100));
        assert!(!asking.is_finished(), "the touch was for the registration");
        held.presence.give(Answer::Present);
        assert_eq!(asking.join().unwrap().response().id, id[..]);
    });
}

#[test]
fn without_power_channels_are_gone_and_credentials_are_not() {
    let held = willing("security_key_ctap2_1", "udp");
    let mut client = Client::builder("https://example.org").build_with(held.client()).unwrap();
    let id = client.register(&creation("discouraged")).unwrap().response().id.clone();
    let (mut raw, _) = held.raw();
    assert_eq!(raw.exchange(Command::Ping, &[5]).unwrap(), [5]);
    held.events.send(Event::PowerCycle).unwrap();
    let gone = raw.exchange(Command::Ping, &[5]);
    assert!(matches!(gone, Err(TransportError::Hid(error::INVALID_CHANNEL))), "{gone:?}");
    let error = client.authenticate(&request(&id, "discouraged")).unwrap_err();
    assert!(matches!(&error, Error::Device(DeviceError::Transport(_))), "{error:?}");
    let mut again = Client::builder("https://example.org").build_with(held.client()).unwrap();
    assert_eq!(again.authenticate(&request(&id, "discouraged")).unwrap().response().id, id);
}
