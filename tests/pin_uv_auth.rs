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

/// What a token authenticates for each command: values by a program in Python that knows nothing of this library.
#[test]
fn the_messages_of_each_command_have_the_values_of_another_implementation() {
    let token: Vec<u8> = (0..32).collect();
    let all_ones = [0xff; 32];
    // {1: SHA-256("example.com")}, {1: 8}, {3: 10000}
    let rp_id_hash = [&[0xa1, 0x01, 0x58, 0x20][..], &sha256("example.com")].concat();
    let (length, timeout) = ([0xa1, 0x01, 0x08], [0xa1, 0x03, 0x19, 0x27, 0x10]);
    // The array without an element.
    let mut array = vec![0x80];
    array.extend_from_slice(&Sha256::digest([0x80])[..16]);
    let array: [u8; 32] = Sha256::digest(&array).into();
    for (message, expected) in [
        (&[&[0x01][..]][..], "9b4c8120a4823a95f47cde17a244f4507244ee6e3957d1fab9fa29b44d3829b7"),
        (&[&[0x02]], "4304c22c84a53755ab08ead8d97a8d429be5efa480682d7ad1da27f73e1fbe1d"),
        (&[&[0x04], &rp_id_hash], "297e215b5ce8e700cdfed6d105d18a5b2494ae4688d772d60bba4060b247aed8"),
        (&[&all_ones, &[0x0d, 0x02]], "32cf0f9234e40e7ac115bf2eef1a33b55404f74cb39063c9e46037fc672fd963"),
        (
            &[&all_ones, &[0x0d, 0x03], &length],
            "6c0574ef437749cdb7172f8d3222b55d628987d51c659f00c7a266c3cc026d76",
        ),
        (&[&[0x01, 0x04]], "a7e619f5f020a118a25cb911cd2fdcbf450cbdc57f7d1bd5d1dc5831d12e5e86"),
        (&[&[0x01, 0x01], &timeout], "6bbb0881a5b91af3083def9018f2f8dbfeda0759009de0d50d66a57688db35ca"),
        (
            &[&all_ones, &[0x0c, 0x00], &[0; 4], &array],
            "008b5df6adffc88a1ed8861176ccd3e55277ab04720916aaf5d3c176b15dee38",
        ),
    ] {
        let param = PinUvAuthProtocol::Two.authenticate(&token, message);
        assert_eq!(hex(&param), expected, "{message:x?}");
        assert_eq!(PinUvAuthProtocol::One.authenticate(&token, message), param[..16]);
    }
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
