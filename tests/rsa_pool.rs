//! Where an authenticator's RSA keys come from.
#![cfg(feature = "rsa")]

use stuntkey::authenticator::{Authenticator, AuthenticatorBuilder};
use stuntkey::client::Client;
use stuntkey::crypto::{Algorithm, KeyPair, PublicKey};

/// The RSA key of a new credential.
fn made(builder: AuthenticatorBuilder) -> PublicKey {
    let mut client = Client::builder("https://example.com")
        .authenticator(builder.algorithms([Algorithm::Ps256]))
        .build()
        .unwrap();
    let options = r#"{"rp":{"id":"example.com","name":"E"},"user":{"id":"YQ","name":"a","displayName":"A"},
        "challenge":"AAAAAAAAAAAAAAAAAAAAAA","pubKeyCredParams":[{"type":"public-key","alg":-37}]}"#;
    client.register(options).unwrap();
    client.authenticator().credentials().unwrap()[0].key.public_key().clone()
}

fn pool() -> Vec<PublicKey> {
    let mut random = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::from_seed([3; 32]);
    (0..100)
        .map(|_| KeyPair::from_rsa_pool(Algorithm::Ps256, &mut random).unwrap().public_key().clone())
        .collect()
}

#[test]
fn a_seed_takes_from_the_pool_and_chooses_alike() {
    let key = made(Authenticator::builder().seed("a"));
    assert_eq!(key, made(Authenticator::builder().seed("a")));
    assert!(pool().contains(&key));
    assert!(pool().contains(&made(Authenticator::builder().rsa_pool(true))));
}

#[test]
fn without_a_seed_or_a_pool_the_key_is_fresh() {
    assert!(!pool().contains(&made(Authenticator::builder())));
    assert!(!pool().contains(&made(Authenticator::builder().seed("a").rsa_pool(false))));
}
