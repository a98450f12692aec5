//! CTAP1: U2F raw messages, and credentials that both generations use (CTAP 2.1 §10, FIDO U2F Raw Message Formats 1.2).

#![cfg(feature = "ctap")]

mod common;

use common::codes::{permission, status};
use common::device::{PIN, attended, with_pin};
use common::platform::{OK, Platform};
use common::{sha256, verifies};
use der::{Decode, Encode};
use stuntkey::authenticator::Answer;
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::{AuthenticatorData, CredentialDescriptor, Flags};
use x509_cert::Certificate;

const CHALLENGE: [u8; 32] = [7; 32];

const NO_ERROR: u16 = 0x9000;
const WRONG_LENGTH: u16 = 0x6700;
const CONDITIONS_NOT_SATISFIED: u16 = 0x6985;
const COMMAND_NOT_ALLOWED: u16 = 0x6986;
const WRONG_DATA: u16 = 0x6a80;
const INSTRUCTION_NOT_SUPPORTED: u16 = 0x6d00;
const CLASS_NOT_SUPPORTED: u16 = 0x6e00;

const CHECK: u8 = 0x07;
const ENFORCE: u8 = 0x03;
const DO_NOT_ENFORCE: u8 = 0x08;

fn application() -> [u8; 32] {
    sha256(b"example.org")
}

/// An APDU in extended encoding.
fn apdu(class: u8, instruction: u8, p1: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    [&[class, instruction, p1, 0, 0][..], &length, data, &[0, 0]].concat()
}

/// The data, or the status.
fn send(key: &mut Platform, apdu: &[u8]) -> Result<Vec<u8>, u16> {
    let mut answer = key.authenticator.u2f(apdu);
    let status = answer.split_off(answer.len() - 2);
    match u16::from_be_bytes([status[0], status[1]]) {
        NO_ERROR => Ok(answer),
        status => {
            assert!(answer.is_empty(), "an error has no data");
            Err(status)
        }
    }
}

fn registering() -> Vec<u8> {
    apdu(0, 0x01, 0, &[CHALLENGE, application()].concat())
}

fn authenticating(control: u8, application: [u8; 32], handle: &[u8]) -> Vec<u8> {
    let length = [u8::try_from(handle.len()).unwrap()];
    apdu(0, 0x02, control, &[&CHALLENGE[..], &application, &length, handle].concat())
}

struct Registered {
    /// 04, x and y.
    public_key: Vec<u8>,
    handle: Vec<u8>,
    certificate: Certificate,
    signature: Vec<u8>,
}

fn register(key: &mut Platform) -> Registered {
    let answer = send(key, &registering()).unwrap();
    assert_eq!((answer[0], answer[1]), (0x05, 0x04));
    let (public_key, rest) = answer[1..].split_at(65);
    let (handle, rest) = rest[1..].split_at(rest[0].into());
    // A SEQUENCE whose length takes two bytes.
    assert_eq!(rest[..2], [0x30, 0x82]);
    let (certificate, signature) = rest.split_at(4 + usize::from(u16::from_be_bytes([rest[2], rest[3]])));
    Registered {
        public_key: public_key.to_vec(),
        handle: handle.to_vec(),
        certificate: Certificate::from_der(certificate).unwrap(),
        signature: signature.to_vec(),
    }
}

/// Whether the signature of an authentication is one of the key. Gives the presence byte and the counter.
fn authenticated(public_key: &[u8], answer: &[u8]) -> (u8, u32) {
    use p256::ecdsa::signature::Verifier;
    let (signed, signature) = answer.split_at(5);
    let message = [&application()[..], signed, &CHALLENGE].concat();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(public_key).unwrap();
    let signature = p256::ecdsa::DerSignature::try_from(signature).unwrap();
    key.verify(&message, &signature).unwrap();
    (signed[0], u32::from_be_bytes(signed[1..].try_into().unwrap()))
}

fn allow(id: &[u8]) -> Vec<CredentialDescriptor> {
    vec![CredentialDescriptor { id: id.to_vec(), transports: Vec::new() }]
}

fn key() -> Platform {
    attended("security_key_ctap2_1", |_| ()).0
}

#[test]
fn the_version_is_told() {
    for name in ["security_key_ctap2_1", "u2f_only"] {
        let mut key = attended(name, |_| ()).0;
        assert_eq!(send(&mut key, &apdu(0, 0x03, 0, &[])).unwrap(), b"U2F_V2");
        // In short encoding, with and without the length of the answer.
        assert_eq!(send(&mut key, &[0, 3, 0, 0]).unwrap(), b"U2F_V2");
        assert_eq!(send(&mut key, &[0, 3, 0, 0, 0]).unwrap(), b"U2F_V2");
    }
}

#[test]
fn a_registration_is_signed_by_the_key_of_its_certificate() {
    for name in ["security_key_ctap2_1", "u2f_only"] {
        let mut key = attended(name, |_| ()).0;
        let registered = register(&mut key);
        let Registered { public_key, handle, certificate, signature } = &registered;
        let message = [&[0][..], &application(), &CHALLENGE, handle, public_key].concat();
        let spki = certificate.tbs_certificate().subject_public_key_info().to_der().unwrap();
        assert_eq!(verifies(&spki, Algorithm::Es256, &message, signature), Some(true));
        let other = [&[1][..], &message[1..]].concat();
        assert_eq!(verifies(&spki, Algorithm::Es256, &other, signature), Some(false));
        let again = register(&mut key);
        assert_ne!(again.handle, registered.handle);
        assert_ne!(again.public_key, registered.public_key);
    }
}

#[test]
fn an_authentication_is_signed_by_the_registered_key_and_counted() {
    let mut key = key();
    let Registered { public_key, handle, .. } = register(&mut key);
    let request = authenticating(ENFORCE, application(), &handle);
    let (presence, first) = authenticated(&public_key, &send(&mut key, &request).unwrap());
    assert_eq!(presence, 1);
    let (_, second) = authenticated(&public_key, &send(&mut key, &request).unwrap());
    assert!(second > first);
}

#[test]
fn without_a_touch_nothing_is_registered_or_signed() {
    let (mut key, person) = attended("security_key_ctap2_1", |_| ());
    let Registered { public_key, handle, .. } = register(&mut key);
    let request = authenticating(ENFORCE, application(), &handle);
    for answer in [Answer::NoAnswer, Answer::Denied] {
        person.will(answer);
        assert_eq!(send(&mut key, &registering()), Err(CONDITIONS_NOT_SATISFIED));
        assert_eq!(send(&mut key, &request), Err(CONDITIONS_NOT_SATISFIED));
    }
    // Where no touch is to be enforced, the signature says that there was none.
    person.will(Answer::NoAnswer);
    let request = authenticating(DO_NOT_ENFORCE, application(), &handle);
    let answer = send(&mut key, &request).unwrap();
    assert_eq!(authenticated(&public_key, &answer).0, 0);
}

#[test]
fn a_check_tells_whose_a_handle_is_and_asks_nobody() {
    let (mut key, person) = attended("security_key_ctap2_1", |_| ());
    let handle = register(&mut key).handle;
    person.questions();
    let mut changed = handle.clone();
    changed[0] ^= 1;
    let elsewhere = sha256(b"example.com");
    for (application, handle, expected) in [
        (application(), &handle, CONDITIONS_NOT_SATISFIED),
        (elsewhere, &handle, WRONG_DATA),
        (application(), &changed, WRONG_DATA),
        (application(), &Vec::new(), WRONG_DATA),
    ] {
        assert_eq!(send(&mut key, &authenticating(CHECK, application, handle)), Err(expected));
    }
    assert_eq!(person.questions(), 0);
    assert_eq!(send(&mut key, &authenticating(ENFORCE, elsewhere, &handle)), Err(WRONG_DATA));
    assert_eq!(send(&mut key, &authenticating(DO_NOT_ENFORCE, elsewhere, &handle)), Err(WRONG_DATA));
}

#[test]
fn what_is_no_message_has_its_status() {
    let mut key = key();
    let handle = register(&mut key).handle;
    let mut status = |apdu: &[u8]| send(&mut key, apdu).err().unwrap_or(NO_ERROR);
    assert_eq!(status(&apdu(0x00, 0x04, 0, &[])), INSTRUCTION_NOT_SUPPORTED);
    assert_eq!(status(&apdu(0x80, 0x03, 0, &[])), CLASS_NOT_SUPPORTED);
    assert_eq!(status(&apdu(0, 0x01, 0, &[0; 63])), WRONG_LENGTH);
    assert_eq!(status(&apdu(0, 0x01, 0, &[0; 65])), WRONG_LENGTH);
    assert_eq!(status(&[0, 3]), WRONG_LENGTH);
    let cut = [&CHALLENGE[..], &application(), &[32], &handle[..31]].concat();
    assert!([WRONG_LENGTH, WRONG_DATA].contains(&status(&apdu(0, 0x02, ENFORCE, &cut))));
    let reserved = status(&authenticating(0x05, application(), &handle));
    assert!([WRONG_DATA, 0x6a86, INSTRUCTION_NOT_SUPPORTED].contains(&reserved), "{reserved:#x}");
    assert_eq!(status(&authenticating(ENFORCE, application(), &handle)), NO_ERROR);
    // P1 of a registration has no meaning.
    assert_eq!(status(&apdu(0, 0x01, 0x03, &[CHALLENGE, application()].concat())), NO_ERROR);
}

#[test]
fn a_handle_is_a_credential_of_the_relying_party_whose_hash_is_its_application() {
    let mut key = with_pin("security_key_ctap2_1", |_| ());
    let Registered { public_key, handle, .. } = register(&mut key);
    let got = key.get_with(None, |request| request.allow_list = Some(allow(&handle).into())).unwrap();
    let spki = [
        // id-ecPublicKey on P-256, and the point as a BIT STRING.
        &[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01][..],
        &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00],
        &public_key,
    ]
    .concat();
    let message = [&got.auth_data[..], &[2; 32]].concat();
    assert_eq!(verifies(&spki, Algorithm::Es256, &message, &got.signature), Some(true));
    let elsewhere = key.get_with(None, |request| {
        request.rp_id = "example.com".into();
        request.allow_list = Some(allow(&handle).into());
    });
    assert_eq!(elsewhere.unwrap_err(), status::NO_CREDENTIALS);
    // It is not discoverable, and so neither found without its handle nor listed.
    assert_eq!(key.get(None), Err(status::NO_CREDENTIALS));
    let token = key.permitted(permission::MANAGE, None).unwrap();
    assert_eq!(key.manage(0x02, None, Some(&token)).unwrap_err(), status::NO_CREDENTIALS);
    // It is excluded like any other.
    let token = key.permitted(permission::MAKE, Some("example.org")).unwrap();
    let made = key.make_with(Some(&token), |request| request.exclude_list = allow(&handle).into());
    assert_eq!(made.unwrap_err(), status::CREDENTIAL_EXCLUDED);
}

/// A credential of CTAP2 that is not discoverable works over U2F, unless it asks for verification (CTAP 2.1 §12.1).
#[test]
fn a_credential_of_ctap2_is_a_handle_unless_its_user_has_to_be_verified() {
    let mut key = with_pin("security_key_ctap2_1", |_| ());
    for (level, expected) in [(1, CONDITIONS_NOT_SATISFIED), (3, WRONG_DATA)] {
        let token = key.permitted(permission::MAKE, Some("example.org")).unwrap();
        let made = key.make_with(Some(&token), |request| {
            request.resident_key = false;
            request.extensions.cred_protect = Some(level);
        });
        let made = made.unwrap();
        let check = authenticating(CHECK, application(), &made.credential_id);
        assert_eq!(send(&mut key, &check), Err(expected), "{level}");
        let answer = send(&mut key, &authenticating(ENFORCE, application(), &made.credential_id));
        match expected {
            WRONG_DATA => assert_eq!(answer, Err(WRONG_DATA)),
            _ => {
                let spki = made.public_key.to_spki_der();
                authenticated(&spki[spki.len() - 65..], &answer.unwrap());
            }
        }
    }
}

/// CTAP 2.1 §7.2.4: who is always verified cannot be by a touch.
#[test]
fn u2f_is_off_while_users_are_always_verified_and_cannot_be_by_the_device() {
    let mut key = with_pin("security_key_ctap2_1", |_| ());
    let handle = register(&mut key).handle;
    let u2f_v2 = |key: &mut Platform| key.info().versions.contains(&"U2F_V2".into());
    assert!(u2f_v2(&mut key));
    let toggle = |key: &mut Platform| {
        let token = key.permitted(permission::CONFIGURE, None).unwrap();
        assert_eq!(key.configure(0x02, None, Some(&token)), OK);
    };
    toggle(&mut key);
    assert!(!u2f_v2(&mut key));
    assert_eq!(send(&mut key, &registering()), Err(COMMAND_NOT_ALLOWED));
    for control in [CHECK, ENFORCE, DO_NOT_ENFORCE] {
        let request = authenticating(control, application(), &handle);
        assert_eq!(send(&mut key, &request), Err(COMMAND_NOT_ALLOWED), "{control}");
    }
    toggle(&mut key);
    assert!(u2f_v2(&mut key));
    send(&mut key, &authenticating(ENFORCE, application(), &handle)).unwrap();
}

#[test]
fn power_leaves_handles_and_a_reset_ends_them() {
    let mut key = with_pin("security_key_ctap2_1", |_| ());
    let handle = register(&mut key).handle;
    key.authenticator.power_cycle();
    send(&mut key, &authenticating(ENFORCE, application(), &handle)).unwrap();
    key.authenticator.reset().unwrap();
    assert_eq!(send(&mut key, &authenticating(ENFORCE, application(), &handle)), Err(WRONG_DATA));
    let got = key.get_with(None, |request| request.allow_list = Some(allow(&handle).into()));
    assert_eq!(got.unwrap_err(), status::NO_CREDENTIALS);
    assert_eq!(key.set_pin(PIN), OK);
    let handle = register(&mut key).handle;
    let got = key.get_with(None, |request| request.allow_list = Some(allow(&handle).into())).unwrap();
    assert_eq!(AuthenticatorData::parse(&got.auth_data).unwrap().flags, Flags::UP);
}

#[test]
fn an_authenticator_without_u2f_answers_no_message() {
    let mut key = attended("security_key_ctap2_3", |_| ()).0;
    for apdu in [registering(), apdu(0, 0x03, 0, &[])] {
        assert_eq!(send(&mut key, &apdu), Err(INSTRUCTION_NOT_SUPPORTED));
    }
}

/// What stands for the application of a handle in the store is no RP ID of anybody's.
#[test]
fn an_rp_id_that_looks_like_a_hash_finds_no_handle() {
    let mut key = with_pin("security_key_ctap2_1", |_| ());
    let handle = register(&mut key).handle;
    let hex: String = application().iter().map(|byte| format!("{byte:02x}")).collect();
    let looks = format!("sha256:{hex}");
    let got = key.get_with(None, |request| {
        request.rp_id = looks.clone().into();
        request.allow_list = Some(allow(&handle).into());
    });
    assert_eq!(got.unwrap_err(), status::NO_CREDENTIALS);
}
