//! The extension `largeBlob` (CTAP 2.3 §12.4): a blob with each credential, in outputs that are not signed.

#![cfg(feature = "ctap")]

mod common;

use ciborium::{Value, cbor};
use common::codes::{permission, status};
use common::device::with_pin;
use common::extensions::{HERE, allow};
use common::management::{descriptor, encoded, map, with};
use common::platform::Platform;
use stuntkey::authenticator::Extension;
use stuntkey::ctap2::{
    Command, GetAssertionResponse, LargeBlobInput, LargeBlobSupport, MakeCredentialResponse,
};
use stuntkey::webauthn::AuthenticatorData;

/// It takes the place of the command and of keys for it.
fn key() -> Platform {
    with_pin("security_key_ctap2_3", |model| {
        model.extensions.retain(|extension| *extension != Extension::LargeBlobKey);
        model.extensions.push(Extension::LargeBlob);
        model.large_blobs = None;
    })
}

fn make(key: &mut Platform, support: Option<&str>) -> MakeCredentialResponse {
    let token = key.permitted(permission::MAKE, HERE).unwrap();
    let made = key.make_with(Some(&token), |request| {
        request.extensions.large_blob = support.map(LargeBlobSupport::new);
    });
    let made = made.unwrap();
    assert_eq!(AuthenticatorData::parse(&made.auth_data).unwrap().extensions, None, "nothing is signed");
    made
}

/// Asserts with a verified user.
fn get(key: &mut Platform, id: Option<&[u8]>, input: LargeBlobInput) -> Result<GetAssertionResponse, u8> {
    let token = key.permitted(permission::GET, HERE).unwrap();
    key.get_with(Some(&token), |request| {
        if let Some(id) = id {
            allow(request, id);
        }
        request.extensions.large_blob = Some(input);
    })
}

/// The output of the extension, and no other.
fn output(outputs: Option<Vec<u8>>) -> Option<Value> {
    let outputs: Value = ciborium::from_reader(&outputs?[..]).unwrap();
    let outputs = outputs.into_map().unwrap();
    assert_eq!(outputs.len(), 1);
    Some(common::member(&outputs, "largeBlob").clone())
}

fn write(blob: &[u8], original_size: u64) -> LargeBlobInput {
    LargeBlobInput::Write { blob: blob.to_vec(), original_size }
}

#[test]
fn it_excludes_the_command() {
    let info = key().info();
    assert!(info.extensions.contains(&"largeBlob".into()));
    assert!(!info.extensions.contains(&"largeBlobKey".into()));
    assert_ne!(info.options.get("largeBlobs"), Some(true));
    assert_eq!(info.max_serialized_large_blob_array, None);
}

#[test]
fn support_is_told_to_those_who_ask() {
    let mut key = key();
    for support in ["required", "preferred"] {
        let told = output(make(&mut key, Some(support)).unsigned_extension_outputs);
        assert_eq!(told, Some(cbor!({"supported" => true}).unwrap()), "{support}");
    }
    assert_eq!(make(&mut key, None).unsigned_extension_outputs, None);
}

#[test]
fn what_is_written_is_read() {
    let mut key = key();
    let id = make(&mut key, Some("required")).credential_id;
    let none = get(&mut key, Some(&id), LargeBlobInput::Read).unwrap();
    assert_eq!(none.unsigned_extension_outputs, None, "nothing is stored");
    for (blob, size) in [(&[1, 2, 3][..], 10), (&[9; 100], 1000)] {
        let written = get(&mut key, Some(&id), write(blob, size)).unwrap();
        assert_eq!(AuthenticatorData::parse(&written.auth_data).unwrap().extensions, None);
        let written = output(written.unsigned_extension_outputs);
        assert_eq!(written, Some(cbor!({"written" => true}).unwrap()));
        let read = output(get(&mut key, Some(&id), LargeBlobInput::Read).unwrap().unsigned_extension_outputs);
        let expected = cbor!({"blob" => Value::Bytes(blob.to_vec()), "originalSize" => size});
        assert_eq!(read, expected.ok());
    }
    key.authenticator.power_cycle();
    let read = get(&mut key, Some(&id), LargeBlobInput::Read).unwrap();
    assert!(output(read.unsigned_extension_outputs).is_some());
}

#[test]
fn each_credential_has_its_own() {
    let mut key = key();
    let one = make(&mut key, Some("required")).credential_id;
    key.user = 2;
    let other = make(&mut key, Some("required")).credential_id;
    get(&mut key, Some(&one), write(&[1], 1)).unwrap();
    let none = get(&mut key, Some(&other), LargeBlobInput::Read).unwrap();
    assert_eq!(none.unsigned_extension_outputs, None);
    // A read needs no list, a write does.
    let read = get(&mut key, None, LargeBlobInput::Read).unwrap();
    assert_eq!((read.credential_id, read.unsigned_extension_outputs), (other, None));
    assert!(get(&mut key, None, write(&[2], 1)).is_err());
    let read = output(get(&mut key, Some(&one), LargeBlobInput::Read).unwrap().unsigned_extension_outputs);
    assert_eq!(read, cbor!({"blob" => Value::Bytes(vec![1]), "originalSize" => 1}).ok());
}

#[test]
fn an_input_reads_or_writes() {
    let mut key = key();
    let id = make(&mut key, Some("required")).credential_id;
    let request = map([
        (1, Some("example.org".into())),
        (2, Some(Value::Bytes(vec![2; 32]))),
        (3, Some(Value::Array(vec![descriptor(&id)]))),
    ]);
    let blob = || Value::Bytes(vec![1]);
    for (input, refused) in [
        (cbor!({}), true),
        (cbor!({"read" => true}), false),
        (cbor!({"read" => false}), true),
        (cbor!({"read" => true, "write" => blob()}), true),
        (cbor!({"read" => true, "write" => blob(), "originalSize" => 1}), true),
        (cbor!({"write" => blob()}), true),
        (cbor!({"originalSize" => 1}), true),
    ] {
        let request = with(&request, 4, Some(cbor!({"largeBlob" => input.unwrap()}).unwrap()));
        let status = key.command(Command::GetAssertion, &encoded(&request)).err();
        assert_eq!(status, refused.then_some(status::INVALID_CBOR), "{request:?}");
    }
}
