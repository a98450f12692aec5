//! The PIN/UV auth protocols, by values that were computed elsewhere.

#![cfg(feature = "ctap")]

mod common;

use sha2::{Digest, Sha256};
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{PinUvAuthProtocol, SharedSecret};

/// A generator of the bytes 0, 1, 2 and so on.
fn counting() -> common::Scripted {
    common::Scripted((0..=u8::MAX).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn padded(pin: &str) -> [u8; 64] {
    let mut padded = [0; 64];
    padded[..pin.len()].copy_from_slice(pin.as_bytes());
    padded
}

fn secret(protocol: PinUvAuthProtocol) -> SharedSecret {
    let platform = KeyAgreement::from_scalar(&sha256("ctap-ref platform")).unwrap();
    let authenticator = KeyAgreement::from_scalar(&sha256("ctap-ref authenticator")).unwrap();
    let [x, y] = authenticator.public_key();
    let z = platform.agree([&x, &y]).unwrap();
    assert_eq!(hex(&*z), "7f0634bb31b698ff73d0741a8911f5a4f3c141f4c0ba314f2fc076d961320742");
    protocol.shared_secret(&z)
}

/// Values by a program in Python that knows nothing of this library.
#[test]
fn protocol_one_has_the_values_of_another_implementation() {
    let secret = secret(PinUvAuthProtocol::One);
    let random = &mut counting();
    let new_pin_enc = secret.encrypt(&padded("1234"), random).unwrap();
    assert_eq!(
        hex(&new_pin_enc),
        "7b42d2d6488020e57ec7d30eaef0c6f021139a771a98352c400c263b3f9237362277a933760a99aaf206799171a70491fe81\
         27372ca67269daa9f3c92b74042a"
    );
    assert_eq!(hex(&secret.authenticate(&[&new_pin_enc])), "dfd4d3a6ef9586ca5a9ade39ef9108b0");
    let pin_hash_enc = secret.encrypt(&sha256("1234")[..16], random).unwrap();
    assert_eq!(hex(&pin_hash_enc), "c9a44dd8d4c5dade76cf772c641b3098");
    let both = secret.authenticate(&[&new_pin_enc, &pin_hash_enc]);
    assert_eq!(hex(&both), "5eb7001e4d333e8355c022975a793a30");
    let token: Vec<u8> = (0..32).collect();
    assert_eq!(
        hex(&secret.encrypt(&token, random).unwrap()),
        "b538766685ba7ee7efae0daecd9f0c6448b10acbfa46546576a4e0065565ff8a"
    );
    assert_eq!(*secret.decrypt(&new_pin_enc).unwrap(), padded("1234"));
}

#[test]
fn protocol_two_has_the_values_of_another_implementation() {
    let secret = secret(PinUvAuthProtocol::Two);
    let new_pin_enc = secret.encrypt(&padded("1234"), &mut counting()).unwrap();
    assert_eq!(
        hex(&Sha256::digest(&new_pin_enc)),
        "24a5bc5e140c04afc945d801dae5852fa21f34af34b800c0fd99e4be07f5f669"
    );
    assert_eq!(
        hex(&secret.authenticate(&[&new_pin_enc])),
        "29175e83a75581bbd15cb37c4342262090c4ae4faa7557fdf81a9e6ff4b2c98e"
    );
    let pin_hash_enc = secret.encrypt(&sha256("1234")[..16], &mut counting()).unwrap();
    assert_eq!(hex(&pin_hash_enc), "000102030405060708090a0b0c0d0e0f571abc692e262747904ed7041c2edf97");
    assert_eq!(
        hex(&secret.authenticate(&[&new_pin_enc, &pin_hash_enc])),
        "48b483a03d3feb95f678376228bf760dfbaf5688e46f41250a55898e6c092dfe"
    );
    let token: Vec<u8> = (0..32).collect();
    assert_eq!(
        hex(&secret.encrypt(&token, &mut counting()).unwrap()),
        "000102030405060708090a0b0c0d0e0f28b9f22173383acf868fb444dd084b4317e130ea3f728b81a55b92fabd945a84"
    );
    let client_data_hash = sha256("clientData");
    let param = PinUvAuthProtocol::Two.authenticate(&token, &[&client_data_hash]);
    assert_eq!(hex(&param), "3eb3b64517d28c84b7f061b981ee3ca9f1acacd13846630368b7d88f165e5849");
    assert_eq!(PinUvAuthProtocol::One.authenticate(&token, &[&client_data_hash]), param[..16]);
    assert!(PinUvAuthProtocol::Two.verify(&token, &[&client_data_hash], &param));
    assert!(!PinUvAuthProtocol::Two.verify(&token, &[&client_data_hash], &param[..16]));
    assert!(!PinUvAuthProtocol::One.verify(&token, &[&client_data_hash], &param));
}

#[test]
fn what_no_protocol_makes_is_not_decrypted() {
    for protocol in PinUvAuthProtocol::ALL {
        let secret = secret(*protocol);
        for length in [1, 15, 17, 31, 33] {
            assert!(secret.decrypt(&vec![0; length]).is_none(), "{protocol:?}: {length}");
        }
        assert!(secret.encrypt(&[0; 15], &mut counting()).is_none());
    }
    assert!(secret(PinUvAuthProtocol::Two).decrypt(&[]).is_none());
    let own = KeyAgreement::from_scalar(&[1; 32]).unwrap();
    assert!(own.agree([&[1; 32], &[1; 32]]).is_none(), "no point of the curve");
    assert!(KeyAgreement::from_scalar(&[0; 32]).is_none());
    assert!(KeyAgreement::from_scalar(&[0xff; 32]).is_none());
}
