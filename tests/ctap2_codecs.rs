//! CTAP2 messages in both directions: what one side writes, the other reads.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use std::borrow::Cow;

use ciborium::Value as Cbor;
use proptest::prelude::*;
use stuntkey::Authenticator;
use stuntkey::ctap2::{
    Command, EnterpriseAttestation, GetAssertionRequest, GetAssertionResponse, GetInfoResponse,
    MakeCredentialRequest, MakeCredentialResponse, PinUvAuth, Status,
};
use stuntkey::webauthn::{CredentialDescriptor, User};

fn bytes(least: usize, most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), least..=most)
}

fn descriptors() -> impl Strategy<Value = Vec<CredentialDescriptor>> {
    let descriptor = bytes(1, 40).prop_map(|id| CredentialDescriptor { id, transports: vec![] });
    prop::collection::vec(descriptor, 0..3)
}

fn make_credential() -> impl Strategy<Value = MakeCredentialRequest<'static>> {
    let user = (bytes(1, 64), ".{0,9}", ".{0,9}").prop_map(|(id, name, display_name)| User {
        id,
        name,
        display_name,
    });
    let enterprise = prop_oneof![
        Just(None),
        Just(Some(EnterpriseAttestation::VendorFacilitated)),
        Just(Some(EnterpriseAttestation::PlatformManaged)),
        Just(Some(EnterpriseAttestation::Unknown(7))),
    ];
    let lists =
        (prop::collection::vec(any::<i64>(), 0..4), descriptors(), prop::collection::vec(".{0,9}", 0..3));
    let flags = (any::<[bool; 2]>(), pin_uv_auth());
    (any::<[u8; 32]>(), "[a-z.]{0,20}", user, lists, enterprise, flags).prop_map(
        |(
            client_data_hash,
            rp_id,
            user,
            (algorithms, exclude, formats),
            enterprise_attestation,
            (flags, auth),
        )| {
            let mut request =
                MakeCredentialRequest::new(client_data_hash, rp_id, Cow::Owned(user), algorithms);
            request.exclude_list = exclude.into();
            request.enterprise_attestation = enterprise_attestation;
            request.attestation_formats_preference = formats.into();
            [request.resident_key, request.user_verification] = flags;
            request.pin_uv_auth = auth;
            request
        },
    )
}

fn pin_uv_auth() -> impl Strategy<Value = Option<PinUvAuth<'static>>> {
    prop::option::of((bytes(0, 33), prop::option::of(0..4_u64)))
        .prop_map(|auth| auth.map(|(param, protocol)| PinUvAuth { param: Cow::Owned(param), protocol }))
}

fn get_assertion() -> impl Strategy<Value = GetAssertionRequest<'static>> {
    ("[a-z.]{0,20}", any::<[u8; 32]>(), prop::option::of(descriptors()), any::<[bool; 2]>(), pin_uv_auth())
        .prop_map(|(rp_id, client_data_hash, allow_list, flags, auth)| {
            let mut request = GetAssertionRequest::new(client_data_hash, rp_id);
            request.allow_list = allow_list.map(Cow::Owned);
            [request.user_presence, request.user_verification] = flags;
            request.pin_uv_auth = auth;
            request
        })
}

proptest! {
    #[test]
    fn requests_come_back_as_they_were_written(make in make_credential(), get in get_assertion()) {
        prop_assert_eq!(MakeCredentialRequest::from_cbor(&make.to_cbor()).unwrap(), make);
        prop_assert_eq!(GetAssertionRequest::from_cbor(&get.to_cbor()).unwrap(), get);
    }

    #[test]
    fn readers_of_responses_take_any_bytes(bytes in bytes(0, 60)) {
        let _ = MakeCredentialResponse::from_cbor(&bytes);
        let _ = GetAssertionResponse::from_cbor(&bytes);
        let _ = GetInfoResponse::from_cbor(&bytes);
    }
}

/// A request by its parts of CTAP 2.1 §6.1, read by another implementation of CBOR.
#[test]
fn a_request_has_the_members_of_the_document() {
    let alice = User { id: vec![1], name: "alice".into(), display_name: "Alice".into() };
    let mut request = MakeCredentialRequest::new([7; 32], "example.org", Cow::Owned(alice), vec![-7]);
    request.exclude_list = vec![CredentialDescriptor { id: vec![9], transports: vec![] }].into();
    request.enterprise_attestation = Some(EnterpriseAttestation::PlatformManaged);
    request.attestation_formats_preference = vec!["packed".to_owned()].into();
    [request.resident_key, request.user_verification] = [true; 2];
    request.pin_uv_auth = Some(PinUvAuth::selection());
    let read: Cbor = ciborium::from_reader(&request.to_cbor()[..]).unwrap();
    let text = |text: &str| Cbor::Text(text.into());
    let map = |members: &[(&str, Cbor)]| {
        Cbor::Map(members.iter().map(|(name, value)| (text(name), value.clone())).collect())
    };
    let key = text("public-key");
    let members = [
        (1, Cbor::Bytes(vec![7; 32])),
        (2, map(&[("id", text("example.org"))])),
        (3, map(&[("id", Cbor::Bytes(vec![1])), ("name", text("alice")), ("displayName", text("Alice"))])),
        (4, Cbor::Array(vec![map(&[("alg", Cbor::Integer((-7).into())), ("type", key.clone())])])),
        (5, Cbor::Array(vec![map(&[("id", Cbor::Bytes(vec![9])), ("type", key)])])),
        (7, map(&[("rk", Cbor::Bool(true)), ("uv", Cbor::Bool(true))])),
        (8, Cbor::Bytes(vec![])),
        (9, Cbor::Integer(1.into())),
        (10, Cbor::Integer(2.into())),
        (11, Cbor::Array(vec![text("packed")])),
    ];
    let members = members.into_iter().map(|(key, value)| (Cbor::Integer(key.into()), value));
    assert_eq!(read, Cbor::Map(members.collect()));
}

/// What the typed methods return is what the byte codec carries.
#[test]
fn responses_come_back_as_the_authenticator_made_them() {
    let authenticator =
        || Authenticator::builder().seed("the same").enterprise_attestation(b"1").build().unwrap();
    let (mut typed, mut wire) = (authenticator(), authenticator());
    let info = typed.get_info().unwrap();
    assert_eq!(GetInfoResponse::from_cbor(&call(&mut wire, Command::GetInfo, &[]).unwrap()).unwrap(), info);
    assert_eq!(GetInfoResponse::from_cbor(&info.to_cbor()).unwrap(), info);

    let make = |name: &str| {
        let user = User { id: name.into(), name: name.into(), display_name: String::new() };
        let mut request = MakeCredentialRequest::new([7; 32], "example.org", Cow::Owned(user), vec![-7]);
        request.enterprise_attestation = (name == "bob").then_some(EnterpriseAttestation::PlatformManaged);
        request.attestation_formats_preference = vec!["packed".to_owned()].into();
        [request.resident_key, request.user_verification] = [true; 2];
        request
    };
    for name in ["alice", "bob"] {
        let answer = call(&mut wire, Command::MakeCredential, &make(name).to_cbor()).unwrap();
        let made = typed.make_credential(make(name)).unwrap();
        assert_eq!(MakeCredentialResponse::from_cbor(&answer).unwrap(), made);
        assert_eq!((made.ep_att, made.to_cbor()), (name == "bob", answer));
    }
    let mut get = GetAssertionRequest::new([8; 32], "example.org");
    get.user_verification = true;
    let answer = call(&mut wire, Command::GetAssertion, &get.to_cbor()).unwrap();
    let got = typed.get_assertion(&get).unwrap();
    assert_eq!(GetAssertionResponse::from_cbor(&answer).unwrap(), got);
    assert_eq!((got.number_of_credentials, got.to_cbor()), (Some(2), answer));
    let next = call(&mut wire, Command::GetNextAssertion, &[]).unwrap();
    assert_eq!(GetAssertionResponse::from_cbor(&next).unwrap(), typed.get_next_assertion().unwrap());
    assert_eq!(call(&mut wire, Command::GetNextAssertion, &[]), Err(Status::NotAllowed.code()));
}

#[test]
fn a_response_that_cannot_be_read_names_the_member() {
    let path = |hex: &[u8]| MakeCredentialResponse::from_cbor(hex).unwrap_err().path;
    assert_eq!(path(&[0x80]), "response");
    assert_eq!(path(&[0xa0]), "authData");
    assert_eq!(path(&[0xa1, 0x02, 0x60]), "authData");
    let path = |hex: &[u8]| GetAssertionResponse::from_cbor(hex).unwrap_err().path;
    assert_eq!(path(&[0xa1, 0x01, 0xa0]), "credential.id");
    assert_eq!(path(&[0xa2, 0x02, 0x40, 0x03, 0x60]), "signature");
    assert_eq!(path(&[0xa3, 0x02, 0x40, 0x03, 0x40, 0x05, 0x20]), "numberOfCredentials");
    assert_eq!(GetInfoResponse::from_cbor(&[0xa2, 0x01, 0x80, 0x03, 0x41, 0x00]).unwrap_err().path, "aaguid");
}

/// One request through the byte codec: the response's CBOR, or the status.
fn call(authenticator: &mut Authenticator, command: Command, parameters: &[u8]) -> Result<Vec<u8>, u8> {
    let response = authenticator.call(1, &[&[command.number()], parameters].concat());
    match response.split_first() {
        Some((0, cbor)) => Ok(cbor.to_vec()),
        other => Err(*other.unwrap().0),
    }
}
