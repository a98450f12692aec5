//! A client over devices that are not the authenticator in the same process.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use std::error::Error as _;
use std::io;

use stuntkey::authenticator::AuthenticatorError;
use stuntkey::client::{Abilities, Candidate, Device, DeviceError, DomException};
use stuntkey::crypto::Algorithm;
use stuntkey::ctap2::{
    GetAssertionRequest, GetAssertionResponse, MakeCredentialRequest, MakeCredentialResponse, Status,
};
use stuntkey::draft::Edit;
use stuntkey::webauthn::{Attachment, CredentialDescriptor, Transport};
use stuntkey::{Authenticator, Client, Error};

const CREATION: &str = r#"{"challenge":"AAECAwQFBgcICQoLDA0ODw","rp":{"name":"Example"},
    "user":{"id":"AQ","name":"alice","displayName":"Alice"},
    "pubKeyCredParams":[{"type":"public-key","alg":-7}],"authenticatorSelection":{"residentKey":"required"}}"#;
const REQUEST: &str = r#"{"challenge":"EBESExQVFhcYGRobHB0eHw","rpId":"example.org"}"#;

#[test]
fn any_device_takes_the_place_of_the_authenticator() {
    let seeded = || Authenticator::builder().seed("the same").build().unwrap();
    let builder = || Client::builder("https://example.org");
    let mut typed = builder().authenticator(seeded()).build().unwrap();
    let device: Box<dyn Device> = Box::new(seeded());
    let mut boxed = builder().build_with(device).unwrap();
    assert_eq!(typed.register(CREATION).unwrap(), boxed.register(CREATION).unwrap());
    assert_eq!(typed.authenticate(REQUEST).unwrap(), boxed.authenticate(REQUEST).unwrap());
    let mut choosing = builder().account("alice").build_with(boxed.device()).unwrap();
    choosing.authenticate(REQUEST).unwrap();
}

#[test]
fn a_status_becomes_the_exception_that_a_browser_raises() {
    for (status, at_create, at_get) in [
        (Status::CredentialExcluded, DomException::InvalidStateError, DomException::InvalidStateError),
        (Status::UnsupportedAlgorithm, DomException::NotSupportedError, DomException::UnknownError),
        (Status::OperationDenied, DomException::NotAllowedError, DomException::NotAllowedError),
        (Status::UserActionTimeout, DomException::NotAllowedError, DomException::NotAllowedError),
        (Status::NoCredentials, DomException::UnknownError, DomException::NotAllowedError),
        (Status::KeyStoreFull, DomException::UnknownError, DomException::UnknownError),
    ] {
        let mut client = Client::builder("https://example.org").build_with(Failing(Some(status))).unwrap();
        assert_eq!(client.register(CREATION).unwrap_err().dom_exception(), Some(at_create), "{status}");
        assert_eq!(client.authenticate(REQUEST).unwrap_err().dom_exception(), Some(at_get), "{status}");
    }
}

#[test]
fn the_cause_of_a_broken_transport_can_be_asked_for() {
    let mut client = Client::builder("https://example.org").build_with(Failing(None)).unwrap();
    let error = client.authenticate(REQUEST).unwrap_err();
    assert_eq!(error.to_string(), "UnknownError: the device could not be reached");
    let source = error.source().unwrap();
    assert_eq!(source.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn an_error_of_the_authenticator_that_no_refusal_names_keeps_what_it_was() {
    let error = DeviceError::from(AuthenticatorError::NoPendingAssertions);
    assert!(matches!(error, DeviceError::Authenticator(AuthenticatorError::NoPendingAssertions)));
}

#[test]
fn a_foreign_device_takes_no_edits_but_the_clients() {
    let build =
        |edit| Client::builder("https://example.org").edit(edit).build_with(Failing(None)).map(|_| ());
    build(Edit::client_data(|data| data.challenge.clear())).unwrap();
    let error = build(Edit::authenticator_data(|data| data.sign_count = 7)).unwrap_err();
    assert!(matches!(&error, Error::Input(input) if input.found == "AuthenticatorData"), "{error}");
}

/// A device that always fails: with a status, or without one because it is out of reach.
struct Failing(Option<Status>);

impl Failing {
    fn error(&self) -> DeviceError {
        match self.0 {
            Some(status) => DeviceError::Status(status),
            None => DeviceError::Transport(Box::new(io::Error::from(io::ErrorKind::BrokenPipe))),
        }
    }
}

impl Device for Failing {
    fn abilities(&self) -> Abilities<'_> {
        Abilities::new(&[Algorithm::Es256], Attachment::CrossPlatform, &[Transport::Usb])
    }

    fn make_credential(
        &mut self,
        _: MakeCredentialRequest<'_>,
    ) -> Result<MakeCredentialResponse, DeviceError> {
        Err(self.error())
    }

    fn get_assertion(&mut self, _: &GetAssertionRequest<'_>) -> Result<GetAssertionResponse, DeviceError> {
        Err(self.error())
    }

    fn candidates(
        &mut self,
        _: &str,
        _: Option<&[CredentialDescriptor]>,
    ) -> Result<Vec<Candidate>, DeviceError> {
        Err(self.error())
    }
}

#[test]
fn an_edit_of_the_clients_that_changes_nothing_leaves_nothing_in_any_device() {
    let device: Box<dyn Device> = Box::new(Authenticator::builder().build().unwrap());
    let builder = Client::builder("https://example.org").edit(Edit::client_data(|_| {}));
    let mut edited = builder.build_with(device).unwrap();
    assert!(matches!(edited.register(CREATION), Err(Error::Edit(_))));
    let mut plain = Client::builder("https://example.org").build_with(edited.device()).unwrap();
    let error = plain.authenticate(REQUEST).unwrap_err();
    assert_eq!(error.dom_exception(), Some(DomException::NotAllowedError), "{error}");
}
