//! The two backends against each other, signing and verifying.

use stuntkey::crypto::{Algorithm, Backend, KeyPair, PublicKey};
use stuntkey::verifier::VerifyingKey;

/// The algorithms that both backends compute.
const COMMON: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa];

/// A key and a message of the bytes' choosing: both backends take or refuse the key, compute the same public key, verify
/// what either signed, and refuse the same changes of it.
pub fn backends(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    let algorithm = COMMON[usize::from(*choice) % COMMON.len()];
    let length = if algorithm == Algorithm::Es384 { 48 } else { 32 };
    let mut secret = vec![0; length];
    let (head, message) = rest.split_at(rest.len().min(length));
    secret[..head.len()].copy_from_slice(head);
    let pair = |backend| KeyPair::from_secret_with(backend, algorithm, &secret);
    let (portable, fast) = match (pair(Backend::RustCrypto), pair(Backend::Graviola)) {
        (Ok(portable), Ok(fast)) => (portable, fast),
        (portable, fast) => return assert_eq!(portable, fast, "one refuses what the other takes"),
    };
    assert_eq!(portable.public_key(), fast.public_key());
    let available = Backend::Graviola.is_available();
    assert_eq!(fast.backend() == Backend::Graviola, available);
    let (by_portable, by_fast) = (portable.sign(&[message]), fast.sign(&[message]));
    if algorithm == Algorithm::EdDsa {
        assert_eq!(by_portable, by_fast, "EdDSA has one signature a message");
    }
    let spki = portable.public_key().to_spki_der();
    let key = VerifyingKey::from_spki(&spki).expect("a public key");
    for signature in [&by_portable, &by_fast] {
        assert!(both_take(&key, algorithm, message, signature), "a sound signature");
        if available {
            assert!(graviola_takes(portable.public_key(), message, signature));
        }
        let other = [message, &[0]].concat();
        assert!(!both_take(&key, algorithm, &other, signature), "of another message");
    }
    changed_key_and_signature(algorithm, &spki, message, &by_portable);
}

/// A key, and a signature, with a bit flipped at each of a few places that the message chooses.
fn changed_key_and_signature(algorithm: Algorithm, spki: &[u8], message: &[u8], signature: &[u8]) {
    for choice in message.chunks_exact(2).take(4) {
        let place = |length: usize| usize::from(choice[0]) * 251 % length;
        let mut changed = signature.to_vec();
        changed[place(signature.len())] ^= 1 << (choice[1] & 7);
        let key = VerifyingKey::from_spki(spki).expect("a public key");
        assert!(!both_take(&key, algorithm, message, &changed), "a signature with a bit flipped");
        let mut other = spki.to_vec();
        other[place(spki.len())] ^= 1 << (choice[1] & 7);
        if let Ok(key) = VerifyingKey::from_spki(&other) {
            // A change of the algorithm's parameters may leave the key as it is.
            both_take(&key, algorithm, message, signature);
        }
    }
}

/// Whether the signature holds, about which both backends are of one mind.
fn both_take(key: &VerifyingKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let by = |backend| key.verify_with(backend, algorithm, &[message], signature).is_ok();
    let portable = by(Backend::RustCrypto);
    assert_eq!(by(Backend::Graviola), portable, "{algorithm}");
    portable
}

/// Whether Graviola finds the signature sound.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub fn graviola_takes(public: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    use graviola::hashing::{Sha256, Sha384};
    use graviola::signing::ecdsa::{P256, P384, VerifyingKey};
    use graviola::signing::eddsa::Ed25519VerifyingKey;
    match public {
        PublicKey::P256 { x, y } => VerifyingKey::<P256>::from_x962_uncompressed(&point(x, y))
            .is_ok_and(|key| key.verify_asn1::<Sha256>(&[message], signature).is_ok()),
        PublicKey::P384 { x, y } => VerifyingKey::<P384>::from_x962_uncompressed(&point(x, y))
            .is_ok_and(|key| key.verify_asn1::<Sha384>(&[message], signature).is_ok()),
        PublicKey::Ed25519(key) => {
            Ed25519VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify(signature, message).is_ok())
        }
        other => panic!("no key of Graviola's: {other:?}"),
    }
}

/// There is no Graviola for other processors.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub fn graviola_takes(_: &PublicKey, _: &[u8], _: &[u8]) -> bool {
    false
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn point(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}
