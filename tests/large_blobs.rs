//! authenticatorLargeBlobs, step by step (CTAP 2.1 §6.10.2).

#![cfg(feature = "ctap")]

mod common;

use ciborium::Value;
use common::codes::{permission, status};
use common::device::{device, with_pin};
use common::management::{bytes, map, with};
use common::platform::{OK, Platform};
use common::sha256;
use stuntkey::authenticator::Model;
use stuntkey::ctap2::Command;

/// The array without an element: 80 and the beginning of its SHA-256.
const INITIAL: &str = "8076be8b528d0075f7aae98d6fa57a6d3c";
/// What a message of 1,024 bytes leaves for a fragment.
const FRAGMENT: usize = 960;
const ROOM: usize = 4096;

fn model(model: &mut Model) {
    (model.max_msg_size, model.large_blobs) = (1024, Some(4096));
}

fn open() -> Platform {
    device("security_key_ctap2_3", model)
}

fn protected() -> Platform {
    with_pin("security_key_ctap2_3", model)
}

/// An array of this length: its contents are nobody's business.
fn array(length: usize) -> Vec<u8> {
    let mut array: Vec<u8> = (0..=250).cycle().take(length - 16).collect();
    array.extend_from_slice(&sha256(&array)[..16]);
    array
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Everything that is stored.
fn stored(key: &mut Platform) -> Vec<u8> {
    let mut stored = Vec::new();
    loop {
        let part = key.read_blobs(960, stored.len().try_into().unwrap()).unwrap();
        stored.extend_from_slice(&part);
        if part.len() < FRAGMENT {
            return stored;
        }
    }
}

fn fragments(key: &mut Platform, array: &[u8], token: Option<&[u8]>) -> Vec<u8> {
    let mut statuses = Vec::new();
    for (index, fragment) in array.chunks(FRAGMENT).enumerate() {
        let length = (index == 0).then_some(array.len());
        let request = key.writing(u32::try_from(index * FRAGMENT).unwrap(), length, fragment, token);
        statuses.push(key.refusal(Command::LargeBlobs, &request));
    }
    statuses
}

fn status(key: &mut Platform, request: &Value) -> u8 {
    key.refusal(Command::LargeBlobs, request)
}

#[test]
fn the_array_is_empty_at_first_and_after_a_reset() {
    let mut key = open();
    assert_eq!(hex(&stored(&mut key)), INITIAL);
    assert_eq!(key.write_blobs(&array(100), None), OK);
    assert_eq!(stored(&mut key), array(100));
    key.authenticator.reset().unwrap();
    assert_eq!(hex(&stored(&mut key)), INITIAL);
}

#[test]
fn a_read_gives_what_is_there() {
    let mut key = open();
    let written = array(100);
    assert_eq!(key.write_blobs(&written, None), OK);
    assert_eq!(key.read_blobs(10, 20).unwrap(), written[20..30]);
    assert_eq!(key.read_blobs(960, 90).unwrap(), written[90..]);
    assert_eq!(key.read_blobs(1, 100).unwrap(), [0_u8; 0]);
    assert_eq!(key.read_blobs(1, 101).unwrap_err(), status::INVALID_PARAMETER);
    assert_eq!(key.read_blobs(961, 0).unwrap_err(), status::INVALID_LENGTH);
}

#[test]
fn a_read_names_its_place_and_nothing_of_a_write() {
    let mut key = open();
    let read = map([(1, Some(1.into())), (3, Some(0.into()))]);
    assert_eq!(status(&mut key, &read), OK);
    for (member, value) in [
        (1, None),
        (2, Some(bytes(&[1]))),
        (3, None),
        (4, Some(1.into())),
        (5, Some(bytes(&[0; 32]))),
        (6, Some(2.into())),
    ] {
        let changed = with(&read, member, value);
        assert_eq!(status(&mut key, &changed), status::INVALID_PARAMETER, "{changed:?}");
    }
}

#[test]
fn nobody_needs_a_token_to_read() {
    let mut key = protected();
    assert_eq!(hex(&stored(&mut key)), INITIAL);
}

#[test]
fn an_array_is_written_in_one_fragment_or_in_several() {
    let mut key = open();
    for length in [17, 100, FRAGMENT, FRAGMENT + 1, 2 * FRAGMENT, ROOM] {
        let array = array(length);
        assert!(fragments(&mut key, &array, None).iter().all(|status| *status == OK), "{length}");
        assert_eq!(stored(&mut key), array, "{length}");
    }
}

#[test]
fn a_write_begins_with_the_length_of_the_array() {
    let mut key = open();
    let old = array(20);
    assert_eq!(key.write_blobs(&old, None), OK);
    let whole = array(100);
    let first = |length| open().writing(0, length, &whole[..50], None);
    assert_eq!(status(&mut key, &first(None)), status::INVALID_PARAMETER);
    assert_eq!(status(&mut key, &first(Some(16))), status::INVALID_PARAMETER);
    assert_eq!(status(&mut key, &first(Some(ROOM + 1))), status::LARGE_BLOB_STORAGE_FULL);
    assert_eq!(status(&mut key, &first(Some(49))), status::INVALID_PARAMETER, "longer than all");
    let without_offset = with(&first(Some(100)), 3, None);
    assert_eq!(status(&mut key, &without_offset), status::INVALID_PARAMETER);
    assert_eq!(status(&mut key, &first(Some(100))), OK);
    let later = key.writing(50, Some(100), &whole[50..], None);
    assert_eq!(status(&mut key, &later), status::INVALID_PARAMETER, "the length comes once");
    assert_eq!(stored(&mut key), old);
}

#[test]
fn a_fragment_fits_a_message() {
    let mut key = open();
    let whole = array(2000);
    let most = key.writing(0, Some(2000), &whole[..FRAGMENT], None);
    assert_eq!(status(&mut key, &most), OK);
    // The message would have room for one byte more, but 64 bytes are kept for the rest of it.
    let more = key.writing(0, Some(2000), &whole[..=FRAGMENT], None);
    assert_eq!(status(&mut key, &more), status::INVALID_LENGTH);
}

#[test]
fn fragments_come_in_their_order() {
    let mut key = open();
    let whole = array(100);
    let part = |from: usize, to: usize| {
        open().writing(u32::try_from(from).unwrap(), (from == 0).then_some(100), &whole[from..to], None)
    };
    assert_eq!(status(&mut key, &part(50, 100)), status::INVALID_SEQ, "nothing began");
    assert_eq!(status(&mut key, &part(0, 50)), OK);
    assert_eq!(status(&mut key, &part(51, 100)), status::INVALID_SEQ, "a gap");
    // A write begins again.
    assert_eq!(status(&mut key, &part(0, 40)), OK);
    assert_eq!(status(&mut key, &part(40, 80)), OK);
    let beyond = key.writing(80, None, &[0; 21], None);
    assert_eq!(status(&mut key, &beyond), status::INVALID_PARAMETER);
    assert_eq!(status(&mut key, &part(0, 60)), OK);
    assert_eq!(status(&mut key, &part(60, 100)), OK);
    assert_eq!(stored(&mut key), whole);
    assert_eq!(status(&mut key, &part(60, 100)), status::INVALID_SEQ, "it is over");
}

#[test]
fn power_drops_what_is_half_written_and_keeps_what_is_stored() {
    let mut key = open();
    let [old, new] = [array(60), array(100)];
    assert_eq!(key.write_blobs(&old, None), OK);
    let first = key.writing(0, Some(100), &new[..50], None);
    assert_eq!(status(&mut key, &first), OK);
    assert_eq!(stored(&mut key), old);
    key.authenticator.power_cycle();
    let second = key.writing(50, None, &new[50..], None);
    assert_eq!(status(&mut key, &second), status::INVALID_SEQ);
    assert_eq!(stored(&mut key), old);
}

#[test]
fn an_array_that_does_not_end_in_its_hash_is_refused_and_the_old_one_kept() {
    let mut key = open();
    let old = array(60);
    assert_eq!(key.write_blobs(&old, None), OK);
    let mut wrong = array(100);
    wrong[99] ^= 1;
    assert_eq!(key.write_blobs(&wrong, None), status::INTEGRITY_FAILURE);
    let mut wrong = array(2000);
    wrong[0] ^= 1;
    assert_eq!(fragments(&mut key, &wrong, None), [OK, OK, status::INTEGRITY_FAILURE]);
    assert_eq!(stored(&mut key), old);
}

#[test]
fn a_write_takes_a_token_where_something_is_protected() {
    let mut key = protected();
    let new = array(100);
    let token = key.permitted(permission::WRITE_BLOBS, None).unwrap();
    let request = key.writing(0, Some(100), &new, Some(&token));
    assert_eq!(status(&mut key, &with(&request, 5, None)), status::PUAT_REQUIRED);
    assert_eq!(status(&mut key, &with(&request, 6, None)), status::MISSING_PARAMETER);
    assert_eq!(status(&mut key, &with(&request, 6, Some(9.into()))), status::INVALID_PARAMETER);
    assert_eq!(status(&mut key, &with(&request, 5, Some(bytes(&[0; 32])))), status::PIN_AUTH_INVALID);
    assert_eq!(hex(&stored(&mut key)), INITIAL);
    assert_eq!(status(&mut key, &request), OK);
    assert_eq!(stored(&mut key), new);
    let other = key.permitted(permission::MANAGE, None).unwrap();
    assert_eq!(key.write_blobs(&new, Some(&other)), status::PIN_AUTH_INVALID);
}

/// Every fragment is proved, by its place and its contents.
#[test]
fn a_proof_is_of_the_fragment_and_of_its_place() {
    let mut key = protected();
    let whole = array(2000);
    let token = key.permitted(permission::WRITE_BLOBS, None).unwrap();
    assert_eq!(fragments(&mut key, &whole, Some(&token)), [OK, OK, OK]);
    assert_eq!(stored(&mut key), whole);
    let first = key.writing(0, Some(2000), &whole[..900], Some(&token));
    let second = key.writing(900, None, &whole[900..1800], Some(&token));
    let elsewhere = key.writing(901, None, &whole[900..1800], Some(&token));
    let param = |request: &Value| {
        let members = request.as_map().unwrap();
        members.iter().find(|(member, _)| *member == Value::from(5)).unwrap().1.clone()
    };
    let moved = with(&second, 5, Some(param(&elsewhere)));
    let another = with(&second, 2, Some(bytes(&[0; 900])));
    for (request, expected) in
        [(moved, status::PIN_AUTH_INVALID), (another, status::PIN_AUTH_INVALID), (second, OK)]
    {
        assert_eq!(status(&mut key, &first), OK);
        assert_eq!(status(&mut key, &request), expected);
    }
}

#[test]
fn an_authenticator_without_large_blobs_does_not_know_the_command() {
    let mut key = device("security_key_ctap2_0", |_| ());
    let read = map([(1, Some(1.into())), (3, Some(0.into()))]);
    assert_eq!(status(&mut key, &read), status::INVALID_COMMAND);
}
