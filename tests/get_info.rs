//! What getInfo tells: the rules of CTAP 2.1 §6.4 and §9, in every model that is ready to use.

#![cfg(feature = "ctap")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use ciborium::Value;
use common::codes::{permission, status};
use common::device::{PIN, device};
use common::information::check;
use common::management::{bytes, encoded, map, with};
use common::platform::OK;
use stuntkey::authenticator::{CtapVersion, Model};
use stuntkey::ctap2::Command;
use stuntkey::webauthn::{AuthenticatorData, CredentialDescriptor};

/// The models that speak CTAP2.
fn models() -> impl Iterator<Item = &'static str> {
    Model::names().map(|(name, _)| name).filter(|name| *name != "u2f_only")
}

#[test]
fn every_model_keeps_the_rules_in_every_state() {
    for name in models() {
        let mut key = device(name, |_| ());
        check(&mut key, name);
        if key.option("clientPin").is_none() {
            continue;
        }
        assert_eq!(key.option("clientPin"), Some(false), "{name}");
        assert_eq!(key.set_pin(PIN), OK);
        assert_eq!(key.option("clientPin"), Some(true), "{name}");
        check(&mut key, &format!("{name} with a PIN"));
        if key.option("bioEnroll").is_some() {
            key.enroll_finger();
            check(&mut key, &format!("{name} with a finger"));
        }
        if key.option("alwaysUv").is_some() {
            let token = key.permitted(permission::CONFIGURE, None).unwrap();
            assert_eq!(key.configure(0x02, None, Some(&token)), OK);
            check(&mut key, &format!("{name}, always verifying"));
        }
        key.authenticator.reset().unwrap();
        assert_eq!(key.option("clientPin"), Some(false), "{name}");
        check(&mut key, &format!("{name} after a reset"));
    }
}

#[test]
fn every_model_tells_its_version_and_its_extensions() {
    for name in models() {
        let mut key = device(name, |_| ());
        let info = key.info();
        let expected = match key.authenticator.model().ctap_version {
            CtapVersion::V2_3 => "FIDO_2_3",
            CtapVersion::V2_1 => "FIDO_2_1",
            _ => "FIDO_2_0",
        };
        assert!(info.versions.contains(&expected.into()), "{name}: {:?}", info.versions);
        let told: BTreeSet<_> = info.extensions.iter().map(|extension| extension.as_ref()).collect();
        let had = key.authenticator.model().extensions.iter().map(|extension| extension.name());
        assert_eq!(told, had.collect(), "{name}");
        assert_eq!(info.aaguid, device(name, |_| ()).info().aaguid);
    }
}

/// The members 01 to 06 and five options are CTAP 2.0's (§5.4); whatever else is told came with CTAP 2.1.
#[test]
fn an_authenticator_of_ctap_2_0_tells_nothing_that_came_later() {
    let told = |name: &str| -> (BTreeSet<u8>, Vec<String>) {
        let cbor = device(name, |_| ()).command(Command::GetInfo, &[]).unwrap();
        let members: BTreeMap<u8, Value> =
            ciborium::from_reader::<Value, _>(&cbor[..]).unwrap().deserialized().unwrap();
        let options: BTreeMap<String, bool> = members[&0x04].deserialized().unwrap();
        (members.into_keys().collect(), options.into_keys().collect())
    };
    let (members, options) = told("security_key_ctap2_0");
    assert!(members.is_subset(&(0x01..=0x06).collect()), "{members:?}");
    let known = ["plat", "rk", "clientPin", "up", "uv"];
    assert!(options.iter().all(|option| known.contains(&option.as_str())), "{options:?}");
    assert_eq!(device("security_key_ctap2_0", |_| ()).info().pin_uv_auth_protocols, [1]);
    let (members, _) = told("security_key_ctap2_1");
    assert!(members.is_superset(&[0x07, 0x08].into()), "{members:?}");
}

#[test]
fn it_is_told_to_anybody_at_any_time() {
    let mut key = device("security_key_ctap2_3", |_| ());
    let before = key.info();
    assert_eq!(key.info(), before);
    assert_eq!(key.set_pin(PIN), OK);
    for _ in 0..8 {
        key.authenticator.power_cycle();
        assert!(key.token("0000").is_err());
    }
    assert_eq!(key.retries(), 0);
    assert_eq!(key.info().versions, before.versions);
}

#[test]
fn a_credential_is_of_the_model_that_is_told_and_its_id_is_not_too_long() {
    for name in models() {
        let mut key = device(name, |_| ());
        let info = key.info();
        let made = key.make_with(None, |request| request.resident_key = false).unwrap();
        let data = AuthenticatorData::parse(&made.auth_data).unwrap().attested_credential_data.unwrap();
        assert_eq!(data.aaguid, info.aaguid, "{name}");
        let longest = info.max_credential_id_length.unwrap_or(1023);
        assert!((16..=longest).contains(&data.credential_id.len().try_into().unwrap()), "{name}");
    }
}

/// Lists have as many credentials as is told, and no more.
#[test]
fn a_list_that_is_too_long_is_refused() {
    let mut key = device("security_key_ctap2_3", |model| model.max_credential_count_in_list = 3);
    assert_eq!(key.info().max_credential_count_in_list, Some(3));
    let list = |count: u8| -> Vec<CredentialDescriptor> {
        (0..count).map(|byte| CredentialDescriptor { id: vec![byte; 32], transports: Vec::new() }).collect()
    };
    for (count, make, get) in
        [(3, OK, status::NO_CREDENTIALS), (4, status::LIMIT_EXCEEDED, status::LIMIT_EXCEEDED)]
    {
        let made = key.make_with(None, |request| request.exclude_list = list(count).into());
        assert_eq!(made.err().unwrap_or(OK), make, "{count}");
        let got = key.get_with(None, |request| request.allow_list = Some(list(count).into()));
        assert_eq!(got.unwrap_err(), get, "{count}");
    }
}

#[test]
fn a_message_that_is_too_long_is_refused() {
    let mut key = device("security_key_ctap2_3", |model| model.max_msg_size = 1024);
    assert_eq!(key.info().max_msg_size, Some(1024));
    // A member that has no meaning fills the message: its key, and the three bytes before a byte string.
    let request = map([(1, Some(1.into())), (3, Some(0.into()))]);
    let room = 1024 - 1 - encoded(&request).len() - 4;
    for (length, expected) in [(room, OK), (room + 1, status::REQUEST_TOO_LARGE)] {
        let request = with(&request, 0x17, Some(bytes(&vec![0; length])));
        assert_eq!(1 + encoded(&request).len(), 1024 + length - room);
        assert_eq!(key.refusal(Command::LargeBlobs, &request), expected);
    }
}

#[test]
fn there_is_room_for_as_many_credentials_as_is_told() {
    let mut key = device("security_key_ctap2_3", |model| model.max_credentials = Some(2));
    for user in [1, 2] {
        let left = key.info().remaining_discoverable_credentials.unwrap();
        assert!((1..=u64::from(3 - user)).contains(&left), "{left}");
        key.user = user;
        key.make(None).unwrap();
    }
    assert_eq!(key.info().remaining_discoverable_credentials, Some(0));
    key.user = 3;
    assert_eq!(key.make(None), Err(status::KEY_STORE_FULL));
    // What takes the place of another, and what is not discoverable, needs no room.
    key.user = 2;
    key.make(None).unwrap();
    key.make_with(None, |request| request.resident_key = false).unwrap();
}
