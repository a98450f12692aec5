//! What an authenticator keeps besides credentials: set by one on a file, it is there for the next one on that file.

#![cfg(all(feature = "ctap", feature = "store"))]

mod common;

use ciborium::Value;
use common::codes::{permission, status};
use common::credentials::{CREDENTIALS, METADATA, of};
use common::device::{PIN, Person, model};
use common::management::{bytes, map};
use common::platform::{OK, Platform};
use stuntkey::authenticator::{Answer, FileStore, Model};
use stuntkey::ctap2::{Command, PinUvAuthProtocol};
use tempfile::TempDir;

const HERE: Option<&str> = Some("example.org");

/// A file, and the authenticators on it.
struct File(TempDir);

impl File {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The next authenticator on the file: the model `full`, changed.
    fn open_as(&self, person: &Person, change: impl FnOnce(&mut Model)) -> Platform {
        let mut model = model("full");
        change(&mut model);
        let store = FileStore::open(self.0.path().join("store")).unwrap();
        let authenticator = model.builder().store(store).user(person.clone()).build().unwrap();
        Platform::new(authenticator, PinUvAuthProtocol::Two)
    }

    fn open(&self) -> Platform {
        self.open_as(&Person::new(Answer::Verified), |_| ())
    }

    /// An authenticator that sets the PIN.
    fn with_pin(&self) -> Platform {
        let mut key = self.open();
        assert_eq!(key.set_pin(PIN), OK);
        key
    }
}

fn configure(key: &mut Platform, sub: u8, parameters: Option<Value>) {
    let token = key.permitted(permission::CONFIGURE, None).unwrap();
    assert_eq!(key.configure(sub, parameters, Some(&token)), OK, "{sub}");
}

/// An array of large blobs with one byte of its own.
fn array(byte: u8) -> Vec<u8> {
    let contents = [0x81, byte];
    [&contents, &common::sha256(&contents)[..16]].concat()
}

#[test]
fn the_pin_and_its_retries_are_kept() {
    let file = File::new();
    let mut key = file.with_pin();
    assert_eq!(key.token("0000").unwrap_err(), status::PIN_INVALID);
    assert_eq!(key.token("0000").unwrap_err(), status::PIN_INVALID);
    drop(key);
    let mut key = file.open();
    assert_eq!((key.option("clientPin"), key.retries()), (Some(true), 6));
    assert_eq!(key.set_pin("5678"), status::PIN_AUTH_INVALID, "one is set");
    assert_eq!(
        key.token("0000").unwrap_err(),
        status::PIN_INVALID,
        "the first in a row since the power came"
    );
    drop(key);
    let mut key = file.open();
    assert_eq!(key.retries(), 5);
    key.token(PIN).unwrap();
    drop(key);
    assert_eq!(file.open().retries(), 8);
}

#[test]
fn a_pin_that_is_blocked_stays_so() {
    let file = File::new();
    file.with_pin();
    for left in (0..8).rev() {
        let mut key = file.open();
        assert!(key.token("0000").is_err());
        assert_eq!(key.retries(), left);
    }
    assert_eq!(file.open().token(PIN).unwrap_err(), status::PIN_BLOCKED);
}

#[test]
fn retries_of_built_in_verification_are_kept() {
    let file = File::new();
    let person = Person::new(Answer::Present);
    let open = || {
        file.open_as(&person, |model| {
            (model.bio_enrollment, model.uv_bio_enroll) = (false, false);
            (model.max_uv_retries, model.preferred_platform_uv_attempts) = (3, Some(3));
        })
    };
    for left in [2, 1, 0] {
        let mut key = open();
        assert!(key.permitted_by_uv(permission::MANAGE, None).is_err());
        drop(key);
        assert_eq!(open().uv_retries(), left);
    }
    person.will(Answer::Verified);
    let mut key = open();
    assert_eq!(key.permitted_by_uv(permission::MANAGE, None).unwrap_err(), status::UV_BLOCKED);
    assert_eq!(key.set_pin(PIN), OK);
    key.permitted(permission::MANAGE, None).unwrap();
    drop(key);
    open().permitted_by_uv(permission::MANAGE, None).unwrap();
}

#[test]
fn a_token_is_not_kept() {
    let file = File::new();
    let mut key = file.with_pin();
    let token = key.permitted(permission::MANAGE, None).unwrap();
    key.manage(METADATA, None, Some(&token)).unwrap();
    drop(key);
    let refused = file.open().manage(METADATA, None, Some(&token)).unwrap_err();
    assert_eq!(refused, status::PIN_AUTH_INVALID);
}

#[test]
fn the_persistent_token_is_kept_until_the_pin_changes() {
    let file = File::new();
    let mut key = file.with_pin();
    let token = key.permitted(permission::READ, None).unwrap();
    drop(key);
    let mut key = file.open();
    key.manage(METADATA, None, Some(&token)).unwrap();
    let info = key.info();
    assert!(info.enc_identifier.is_some() && info.enc_cred_store_state.is_some());
    assert_eq!(key.permitted(permission::READ, None).unwrap(), token);
    assert_eq!(key.change_pin(PIN, "5678"), OK);
    drop(key);
    let mut key = file.open();
    assert_eq!(key.manage(METADATA, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
    assert_eq!(key.info().enc_identifier, None);
}

#[test]
fn what_is_configured_is_kept() {
    let file = File::new();
    let mut key = file.with_pin();
    configure(&mut key, 0x01, None);
    configure(&mut key, 0x02, None);
    configure(&mut key, 0x04, None);
    let parameters = map([
        (1, Some(6.into())),
        (2, Some(Value::Array(vec!["example.org".into()]))),
        (4, Some(true.into())),
    ]);
    configure(&mut key, 0x03, Some(parameters));
    drop(key);
    let mut key = file.open();
    let info = key.info();
    assert_eq!((info.min_pin_length, info.force_pin_change), (Some(6), Some(true)));
    assert_eq!((info.pin_complexity_policy, info.long_touch_for_reset), (Some(true), Some(true)));
    assert_eq!((info.options.get("ep"), info.options.get("alwaysUv")), (Some(true), Some(true)));
    assert_eq!(key.permitted(permission::MANAGE, None).unwrap_err(), status::PIN_POLICY_VIOLATION);
    assert_eq!(key.change_pin(PIN, "12345"), status::PIN_POLICY_VIOLATION);
    assert_eq!(key.change_pin(PIN, "Tr0ub4dor&3"), OK);
    drop(key);
    let mut key = file.open();
    assert_ne!(key.info().force_pin_change, Some(true));
    let token = key.token("Tr0ub4dor&3").unwrap();
    let made = key.make_with(Some(&token), |request| request.extensions.min_pin_length = true).unwrap();
    let data = stuntkey::webauthn::AuthenticatorData::parse(&made.auth_data).unwrap();
    // {"minPinLength": 6}
    assert_eq!(data.extensions.unwrap(), [&[0xa1, 0x6c][..], b"minPinLength", &[0x06]].concat());
}

#[test]
fn fingers_and_their_names_are_kept() {
    let file = File::new();
    let mut key = file.with_pin();
    let finger = key.enroll_finger();
    let token = key.permitted(permission::ENROLL, None).unwrap();
    let parameters = map([(1, Some(bytes(&finger))), (2, Some("thumb".into()))]);
    key.enroll(0x05, Some(parameters), Some(&token)).unwrap();
    drop(key);
    let mut key = file.open();
    assert_eq!((key.option("uv"), key.option("bioEnroll")), (Some(true), Some(true)));
    let token = key.permitted_by_uv(permission::ENROLL, None).unwrap();
    let templates = key.enroll(0x04, None, Some(&token)).unwrap().template_infos.unwrap();
    assert_eq!(templates.len(), 1);
    assert_eq!((&templates[0].template_id, &*templates[0].template_friendly_name), (&finger, "thumb"));
    key.enroll(0x06, Some(map([(1, Some(bytes(&finger)))])), Some(&token)).unwrap();
    drop(key);
    assert_eq!(file.open().option("uv"), Some(false));
}

#[test]
fn large_blobs_are_kept_and_half_of_a_write_is_not() {
    let file = File::new();
    let mut key = file.with_pin();
    let token = key.permitted(permission::WRITE_BLOBS, None).unwrap();
    assert_eq!(key.write_blobs(&array(1), Some(&token)), OK);
    let half = key.writing(0, Some(18), &array(2)[..9], Some(&token));
    assert_eq!(key.refusal(Command::LargeBlobs, &half), OK);
    drop(key);
    let mut key = file.open();
    assert_eq!(key.read_blobs(100, 0).unwrap(), array(1));
    let token = key.permitted(permission::WRITE_BLOBS, None).unwrap();
    let rest = key.writing(9, None, &array(2)[9..], Some(&token));
    assert_eq!(key.refusal(Command::LargeBlobs, &rest), status::INVALID_SEQ);
}

#[test]
fn what_extensions_keep_with_a_credential_is_there() {
    let file = File::new();
    let mut key = file.with_pin();
    let token = key.permitted(permission::MAKE, HERE).unwrap();
    let made = key.make_with(Some(&token), |request| {
        request.extensions.cred_protect = Some(2);
        request.extensions.cred_blob = Some(vec![1, 2, 3]);
        request.extensions.large_blob_key = Some(true);
        request.extensions.third_party_payment = true;
    });
    let made = made.unwrap();
    drop(key);
    let mut key = file.open();
    assert_eq!(key.get(None), Err(status::NO_CREDENTIALS), "protected");
    let token = key.permitted(permission::MANAGE, None).unwrap();
    let listed = key.manage(CREDENTIALS, of("example.org"), Some(&token)).unwrap();
    assert_eq!(listed.credential_id.unwrap().id, made.credential_id);
    assert_eq!((listed.cred_protect, listed.third_party_payment), (Some(2), Some(true)));
    assert_eq!(listed.large_blob_key, made.large_blob_key);
    let token = key.permitted(permission::GET, HERE).unwrap();
    let got = key.get_with(Some(&token), |request| request.extensions.cred_blob = true).unwrap();
    let data = stuntkey::webauthn::AuthenticatorData::parse(&got.auth_data).unwrap();
    // {"credBlob": 010203}
    assert_eq!(data.extensions.unwrap(), [&[0xa1, 0x68][..], b"credBlob", &[0x43, 1, 2, 3]].concat());
}

#[test]
fn a_reset_brings_the_factory_back_for_the_next_one_too() {
    let file = File::new();
    let mut key = file.open();
    let factory = key.info();
    assert_eq!(key.set_pin(PIN), OK);
    let persistent = key.permitted(permission::READ, None).unwrap();
    key.enroll_finger();
    key.make_at("example.org", 1);
    let token = key.permitted(permission::WRITE_BLOBS, None).unwrap();
    assert_eq!(key.write_blobs(&array(1), Some(&token)), OK);
    configure(&mut key, 0x02, None);
    configure(&mut key, 0x04, None);
    configure(&mut key, 0x03, Some(map([(1, Some(6.into())), (4, Some(true.into()))])));
    assert_eq!(key.token("0000").unwrap_err(), status::PIN_INVALID);
    drop(key);
    let mut key = file.open();
    assert_ne!(key.info(), factory);
    key.command(Command::Reset, &[]).unwrap();
    for mut key in [key, file.open()] {
        let mut info = key.info();
        // A reset leaves it off, whatever the factory had (§7.1).
        assert_eq!(info.options.get("ep"), Some(false));
        info.options.set("ep", factory.options.get("ep").unwrap());
        assert_eq!(info, factory);
        assert_eq!((key.retries(), key.uv_retries()), (8, 5));
        assert_eq!(key.read_blobs(100, 0).unwrap(), [&[0x80][..], &common::sha256(&[0x80])[..16]].concat());
        assert_eq!(key.get(None), Err(status::NO_CREDENTIALS));
        assert_eq!(key.manage(METADATA, None, Some(&persistent)).unwrap_err(), status::PIN_AUTH_INVALID);
        drop(key);
    }
    let mut key = file.open();
    assert_eq!(key.set_pin(PIN), OK);
    assert_eq!(key.manage(METADATA, None, Some(&persistent)).unwrap_err(), status::PIN_AUTH_INVALID);
}

/// Two at once on one file are one device.
#[test]
fn what_one_sets_another_at_the_same_time_finds() {
    let file = File::new();
    let (mut one, mut other) = (file.open(), file.open());
    assert_eq!(one.set_pin(PIN), OK);
    assert_eq!(other.option("clientPin"), Some(true));
    configure(&mut other, 0x02, None);
    assert_eq!(one.option("alwaysUv"), Some(true));
    let token = one.permitted(permission::READ, None).unwrap();
    other.manage(METADATA, None, Some(&token)).unwrap();
    let write = other.permitted(permission::WRITE_BLOBS, None).unwrap();
    assert_eq!(other.write_blobs(&array(3), Some(&write)), OK);
    assert_eq!(one.read_blobs(100, 0).unwrap(), array(3));
    assert_eq!(one.change_pin(PIN, "5678"), OK);
    assert_eq!(other.write_blobs(&array(4), Some(&write)), status::PIN_AUTH_INVALID, "of the old PIN");
    assert_eq!(other.manage(METADATA, None, Some(&token)).unwrap_err(), status::PIN_AUTH_INVALID);
}
