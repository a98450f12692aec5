use std::collections::HashMap;

use super::*;
use crate::crypto::KeyPair;
use crate::crypto::private_key::PrivateKey;

/// What `tests/vectors/signatures.py` has written.
fn vectors() -> Vec<HashMap<String, String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/signatures.json");
    let entries: Vec<serde_json::Value> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    entries
        .iter()
        .map(|entry| {
            entry.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
        })
        .collect()
}

fn hex(text: &str) -> Vec<u8> {
    base16ct::mixed::decode_vec(text).unwrap()
}

fn key(pkcs8: &[u8], algorithm: Algorithm) -> RsaKey {
    let pair = KeyPair::from_pkcs8_der(pkcs8).unwrap().with_algorithm(algorithm).unwrap();
    let PrivateKey::Rsa(key) = pair.private() else { panic!("{pair:?}") };
    key.clone()
}

/// A generator that gives these bytes, once.
struct Given(Vec<u8>);

impl rand_core::TryRng for Given {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        panic!("a salt is bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        panic!("a salt is bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        out.copy_from_slice(&std::mem::take(&mut self.0));
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Given {}

/// With the salt of an OpenSSL signature, ours is the same, whatever the length of the modulus.
#[test]
fn pss_with_a_given_salt_is_what_openssl_makes() {
    let mut seen = 0;
    for vector in vectors().iter().filter(|vector| vector.contains_key("salt")) {
        let algorithm = Algorithm::from_name(&vector["algorithm"]).unwrap();
        let key = key(&hex(&vector["pkcs8"]), algorithm);
        let (message, mut salt) = (hex(&vector["message"]), Given(hex(&vector["salt"])));
        let signature = match algorithm {
            Algorithm::Ps256 => key.pss_with_salt_of::<Sha256>(&mut salt, &[&message]),
            Algorithm::Ps384 => key.pss_with_salt_of::<Sha384>(&mut salt, &[&message]),
            _ => key.pss_with_salt_of::<Sha512>(&mut salt, &[&message]),
        };
        let name = &vector["source"];
        assert_eq!(signature, Ok(hex(&vector["signature"])), "{name} {algorithm}");
        seen += 1;
    }
    assert!(seen > 12, "only {seen} vectors");
}

/// What signs by itself is held against the padding and the public arithmetic of `rsa`.
#[test]
fn pss_with_its_own_salt_is_verified_by_rsa() {
    for vector in vectors().iter().filter(|vector| vector.contains_key("salt")) {
        let algorithm = Algorithm::from_name(&vector["algorithm"]).unwrap();
        let key = key(&hex(&vector["pkcs8"]), algorithm);
        let signature = key.sign(&[b"mess", b"age"]);
        assert_eq!(signature, key.sign(&[b"message"]), "the same each time");
        assert_ne!(signature, key.sign(&[b"Message"]));
        let public = key.key.as_public_key();
        let verified = match algorithm {
            Algorithm::Ps256 => public.pss_verify::<Sha256>(b"message", &signature),
            Algorithm::Ps384 => public.pss_verify::<Sha384>(b"message", &signature),
            _ => public.pss_verify::<Sha512>(b"message", &signature),
        };
        assert_eq!(verified, Ok(()), "{} {algorithm}", vector["source"]);
    }
}

#[test]
fn refuses_a_modulus_without_room_for_the_padding() {
    let vectors = vectors();
    let source = |source: &str| {
        let vector = vectors.iter().find(|vector| vector["source"] == source).unwrap();
        key(&hex(&vector["pkcs8"]), Algorithm::Rs256)
    };
    let refused = KeyError::ModulusLength { found: 1033, least: 1034, most: 8192 };
    assert!(matches!(source("OpenSSL, 1033 bits").with_algorithm(Algorithm::Ps512), Err(e) if e == refused));
    assert!(source("OpenSSL, 1034 bits").with_algorithm(Algorithm::Ps512).is_ok());
    assert!(source("OpenSSL, 1033 bits").with_algorithm(Algorithm::Ps384).is_ok());
}

#[test]
fn refuses_a_key_whose_factors_are_no_primes() {
    // Two more than this prime is none.
    let vectors = vectors();
    let vector = vectors.iter().find(|vector| vector["source"] == "OpenSSL, 2048 bits").unwrap();
    let good = key(&hex(&vector["pkcs8"]), Algorithm::Rs256);
    let [p, q] = good.key.primes() else { panic!("two primes") };
    let composite =
        Components::from_p_q(p.as_ref() + rsa::BoxedUint::from(2u8), q.as_ref().clone(), 65_537u64.into());
    let composite = RsaKey::new(Algorithm::Rs256, composite.unwrap()).unwrap();
    let refused = KeyError::Unreadable("found an RSA key whose factors are no primes".into());
    assert_eq!(composite.public_key(), Err(refused.clone()));
    // Wherever a key pair is made of it.
    let secret = composite.to_pkcs1_der();
    assert_eq!(KeyPair::from_secret(Algorithm::Rs256, &secret), Err(refused.clone()));
    #[cfg(feature = "store")]
    {
        let public = composite.public_key_unchecked();
        assert_eq!(KeyPair::from_parts(PrivateKey::Rsa(composite), public), Err(refused));
    }
    assert_eq!(good.public_key(), Ok(good.public_key_unchecked()));
}

#[test]
fn what_is_generated_has_2048_bits_and_signs() {
    let mut random = derived_rng(b"generate", &[]);
    let key = RsaKey::generate(Algorithm::Rs256, &mut random).unwrap();
    assert_eq!(key.modulus_bits(), 2048);
    let PublicKey::Rsa { e, .. } = key.public_key().unwrap() else { panic!("RSA") };
    assert_eq!(e, [1, 0, 1]);
    let again = RsaKey::from_pkcs1_der(Algorithm::Rs256, &key.to_pkcs1_der()).unwrap();
    assert!(again == key);
}
