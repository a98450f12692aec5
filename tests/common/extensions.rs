//! Extensions in the ceremonies of a security key of CTAP 2.3 that has a PIN.

use ciborium::Value;
use stuntkey::ctap2::{
    GetAssertionRequest, MakeCredentialExtensions, MakeCredentialRequest, MakeCredentialResponse,
};
use stuntkey::webauthn::{AuthenticatorData, CredentialDescriptor, Flags};

use super::codes::permission;
use super::device::with_pin;
use super::platform::Platform;

pub const HERE: Option<&str> = Some("example.org");

pub fn key() -> Platform {
    with_pin("security_key_ctap2_3", |_| ())
}

/// The extension outputs, by another implementation of CBOR; none where the flag ED is not set.
pub fn outputs(auth_data: &[u8]) -> Option<Value> {
    let data = AuthenticatorData::parse(auth_data).unwrap();
    assert_eq!(data.flags.contains(Flags::ED), data.extensions.is_some());
    Some(ciborium::from_reader(&data.extensions?[..]).unwrap())
}

/// Makes a discoverable credential with a token.
pub fn make(
    key: &mut Platform,
    change: impl FnOnce(&mut MakeCredentialRequest<'static>),
) -> Result<MakeCredentialResponse, u8> {
    let token = key.permitted(permission::MAKE, HERE).unwrap();
    key.make_with(Some(&token), change)
}

pub fn made(
    key: &mut Platform,
    change: impl FnOnce(&mut MakeCredentialExtensions),
) -> (MakeCredentialResponse, Option<Value>) {
    let made = make(key, |request| change(&mut request.extensions)).unwrap();
    let outputs = outputs(&made.auth_data);
    (made, outputs)
}

pub fn allow(request: &mut GetAssertionRequest<'static>, id: &[u8]) {
    request.allow_list = Some(vec![CredentialDescriptor { id: id.to_vec(), transports: Vec::new() }].into());
}
