//! Operations on an authenticator in the same process.

use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use stuntkey::authenticator::Model;
use stuntkey::client::{Channel, RemoteDevice};
use stuntkey::crypto;
use stuntkey::{Authenticator, Client};

use crate::algorithm::Algorithm;
use crate::enroll::{Enroll, Enrolled, enroll};
use crate::failure::{Code, Failure};
use crate::flags::Flags;
use crate::key::{Key, sha256};
use crate::resident::load;
use crate::sign::{Sign, Signed, sign};

const BOTH: [Algorithm; 2] = [Algorithm::Ecdsa, Algorithm::Ed25519];
const PRESENCE: Flags = Flags::USER_PRESENCE_REQUIRED;
const VERIFIED: Flags = PRESENCE.or(Flags::USER_VERIFICATION_REQUIRED);
const RESIDENT: Flags = PRESENCE.or(Flags::RESIDENT_KEY);
const PIN: Option<&str> = Some("4711");

#[derive(Clone)]
struct InProcess(Rc<RefCell<Authenticator>>);

impl Channel for InProcess {
    fn has_cbor(&self) -> bool {
        self.0.borrow().model().ctap_version != stuntkey::authenticator::CtapVersion::U2f
    }

    fn cbor(&mut self, request: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        Ok(self.0.borrow_mut().call(1, request))
    }

    fn msg(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        Ok(self.0.borrow_mut().u2f(apdu))
    }
}

fn channel(model: &str) -> InProcess {
    let mut model = Model::named(model).unwrap();
    model.algorithms = vec![crypto::Algorithm::Es256, crypto::Algorithm::EdDsa];
    InProcess(Rc::new(RefCell::new(model.builder().seed("ssh").build().unwrap())))
}

fn key(model: &str) -> Key {
    Key::at(Box::new(channel(model))).unwrap()
}

/// A client sets the PIN when it needs one.
fn key_with_pin(model: &str) -> Key {
    let channel = channel(model);
    let device = RemoteDevice::open(channel.clone()).unwrap();
    let builder = Client::builder("https://example.com").pin("4711").sets_pin(true);
    let mut client = builder.build_with(device).unwrap();
    client
        .register(
            r#"{"rp": {"id": "example.com", "name": ""}, "user": {"id": "YQ", "name": "a", "displayName": ""},
                "challenge": "YQ", "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
                "authenticatorSelection": {"userVerification": "required"}}"#,
        )
        .unwrap();
    Key::at(Box::new(channel)).unwrap()
}

fn make(key: &mut Key, algorithm: Algorithm, flags: Flags, pin: Option<&str>) -> Result<Enrolled, Failure> {
    let asked =
        Enroll { algorithm, challenge: b"challenge", application: "ssh:", flags, pin, user_id: &[7; 32] };
    enroll(key, &asked)
}

fn use_key(
    key: &mut Key,
    algorithm: Algorithm,
    made: &Enrolled,
    flags: Flags,
    pin: Option<&str>,
) -> Result<Signed, Failure> {
    let key_handle = &made.key_handle;
    sign(key, &Sign { algorithm, data: b"data", application: "ssh:", key_handle, flags, pin })
}

/// As sshd does (PROTOCOL.u2f, "SSH U2F Signatures").
fn is_valid(made: &Enrolled, signed: &Signed) -> bool {
    let counter = signed.counter.to_be_bytes();
    let message = [&sha256(b"ssh:")[..], &[signed.flags], &counter, &sha256(b"data")].concat();
    let signature = Signature::from_slice(&[&signed.r[..], &signed.s].concat()).unwrap();
    VerifyingKey::from_sec1_bytes(&made.public_key).unwrap().verify(&message, &signature).is_ok()
}

#[test]
fn both_algorithms_make_keys_and_sign() {
    let mut key = key("full");
    for algorithm in BOTH {
        let made = make(&mut key, algorithm, PRESENCE, None).unwrap();
        let signed = use_key(&mut key, algorithm, &made, PRESENCE, None).unwrap();
        assert_eq!(signed.flags & 0x05, 0x01);
        match algorithm {
            Algorithm::Ecdsa => {
                assert_eq!(made.public_key.len(), 65);
                assert!(is_valid(&made, &signed));
                assert!(!is_valid(&made, &Signed { counter: signed.counter + 1, ..signed }));
            }
            Algorithm::Ed25519 => {
                assert_eq!((made.public_key.len(), signed.r.len(), signed.s.len()), (32, 64, 0));
            }
        }
    }
}

#[test]
fn authenticator_data_is_a_cbor_byte_string() {
    let made = make(&mut key("full"), Algorithm::Ecdsa, PRESENCE, None).unwrap();
    let [0x58, length, data @ ..] = &made.authenticator_data[..] else { panic!("no byte string") };
    assert_eq!(usize::from(*length), data.len());
    assert_eq!(data[..32], sha256(b"ssh:"));
    assert!(!made.signature.is_empty());
    assert_eq!(made.attestation_certificate[0], 0x30);
}

#[test]
fn a_key_without_a_touch_says_so() {
    let mut key = key("full");
    let made = make(&mut key, Algorithm::Ecdsa, Flags(0), None).unwrap();
    assert_eq!(use_key(&mut key, Algorithm::Ecdsa, &made, Flags(0), None).unwrap().flags & 0x01, 0);
}

#[test]
fn user_verification_asks_for_the_pin() {
    let mut key = key_with_pin("security_key_ctap2_1");
    assert_eq!(make(&mut key, Algorithm::Ecdsa, VERIFIED, None).unwrap_err().code, Code::PinRequired);
    let made = make(&mut key, Algorithm::Ecdsa, VERIFIED, PIN).unwrap();
    let mut signed = |pin| use_key(&mut key, Algorithm::Ecdsa, &made, VERIFIED, pin);
    let missing = signed(None).unwrap_err();
    assert_eq!((missing.code, missing.message), (Code::PinRequired, None));
    let wrong = signed(Some("1111")).unwrap_err();
    assert_eq!(wrong.code, Code::PinRequired);
    assert!(wrong.message.unwrap().contains("PinInvalid"));
    let verified = signed(PIN).unwrap();
    assert_eq!(verified.flags & 0x04, 0x04);
    assert!(is_valid(&made, &verified));
}

#[test]
fn a_key_that_verifies_its_user_needs_no_pin() {
    let mut key = key("platform");
    let made = make(&mut key, Algorithm::Ecdsa, VERIFIED, None).unwrap();
    let signed = use_key(&mut key, Algorithm::Ecdsa, &made, VERIFIED, None).unwrap();
    assert_eq!(signed.flags & 0x05, 0x05);
}

#[test]
fn resident_keys_are_listed_with_their_flags() {
    let mut key = key_with_pin("security_key_ctap2_1");
    assert_eq!(load(&mut key, None).unwrap_err().code, Code::PinRequired);
    assert_eq!(load(&mut key, PIN).unwrap(), []);
    let made = make(&mut key, Algorithm::Ed25519, RESIDENT.or(VERIFIED), PIN).unwrap();
    let other = Enroll {
        algorithm: Algorithm::Ecdsa,
        challenge: b"challenge",
        application: "ssh:other",
        flags: RESIDENT,
        pin: PIN,
        user_id: &[8; 32],
    };
    enroll(&mut key, &other).unwrap();
    // Another relying party's stays out.
    enroll(&mut key, &Enroll { application: "example.com", ..other }).unwrap();
    let mut found = load(&mut key, PIN).unwrap();
    found.sort_by(|a, b| a.application.cmp(&b.application));
    let [first, second] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&*first.application, first.algorithm), ("ssh:", Algorithm::Ed25519));
    assert_eq!((&first.key_handle, &first.public_key), (&made.key_handle, &made.public_key));
    assert_eq!((first.flags, &first.user_id[..]), (RESIDENT.or(VERIFIED), &[7; 32][..]));
    assert_eq!((&*second.application, second.algorithm), ("ssh:other", Algorithm::Ecdsa));
    assert_eq!(second.flags, RESIDENT);
}

#[test]
fn a_resident_key_is_overwritten_by_force_alone() {
    for model in ["security_key_ctap2_0", "security_key_ctap2_1"] {
        let mut key = key_with_pin(model);
        make(&mut key, Algorithm::Ecdsa, RESIDENT, PIN).unwrap();
        let exists = make(&mut key, Algorithm::Ecdsa, RESIDENT, PIN).unwrap_err();
        assert_eq!((exists.code, exists.message), (Code::CredentialExists, None), "{model}");
        assert!(
            make(&mut key, Algorithm::Ecdsa, RESIDENT.or(Flags::FORCE_OPERATION), PIN).is_ok(),
            "{model}"
        );
    }
}

#[test]
fn another_key_knows_no_such_credential() {
    let made = make(&mut key("full"), Algorithm::Ecdsa, PRESENCE, None).unwrap();
    let other = use_key(&mut key("full"), Algorithm::Ecdsa, &made, PRESENCE, None).unwrap_err();
    assert_eq!(other.code, Code::General);
    assert!(other.message.unwrap().contains("NoCredentials"));
}

#[test]
fn a_key_that_can_verify_nobody_is_not_asked_for_a_pin() {
    for model in ["no_pin", "u2f_only"] {
        for pin in [None, PIN] {
            let failure = make(&mut key(model), Algorithm::Ecdsa, VERIFIED, pin).unwrap_err();
            assert_eq!(failure.code, Code::Unsupported, "{model}");
        }
    }
}

#[test]
fn a_key_that_speaks_u2f_alone_signs() {
    let mut key = key("u2f_only");
    let made = make(&mut key, Algorithm::Ecdsa, PRESENCE, None).unwrap();
    let signed = use_key(&mut key, Algorithm::Ecdsa, &made, PRESENCE, None).unwrap();
    assert!(is_valid(&made, &signed));
    for (algorithm, flags) in [(Algorithm::Ed25519, PRESENCE), (Algorithm::Ecdsa, RESIDENT)] {
        assert_eq!(make(&mut key, algorithm, flags, None).unwrap_err().code, Code::Unsupported);
    }
}
