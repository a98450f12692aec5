use super::*;
use crate::crypto::asn1::{OCTET_STRING, unsigned};

#[test]
fn pkcs8_and_pem_come_back_as_the_same_key() {
    let pair = KeyPair::from_p256_scalar(&[7; 32]).unwrap();
    assert_eq!(KeyPair::from_pkcs8_der(&pair.to_pkcs8_der()).unwrap(), pair);
    assert_eq!(KeyPair::from_pem(&pair.to_pkcs8_pem()).unwrap(), pair);
}

/// `openssl ecparam -name prime256v1 -genkey` and its public key by `openssl ec -pubout`.
const SEC1: &str = "-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEILmz/JbjzLCsgjuX9mpkqgH1nOtsPau7DIRfQS0PGEtAoAoGCCqGSM49
AwEHoUQDQgAEUioRs8rcAwkCPokZVUm6iYcxd0z9h7D7nmacJkkzE8SXHThr0jq5
djdwWesLRx0NQt7JjczWfyHK5lSLQcxbdg==
-----END EC PRIVATE KEY-----
";
const SEC1_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUioRs8rcAwkCPokZVUm6iYcxd0z9
h7D7nmacJkkzE8SXHThr0jq5djdwWesLRx0NQt7JjczWfyHK5lSLQcxbdg==
-----END PUBLIC KEY-----
";

/// `openssl genrsa -traditional 1024`
#[cfg(feature = "rsa")]
const PKCS1: &str = "-----BEGIN RSA PRIVATE KEY-----
MIICWwIBAAKBgQDIdnsIo0aRTiypEC+FjloQB6hru2fjw7xcs1WatrvxL32tAUT9
muVlMsTXg1ziEXB9pvWZYdKyAS2D3inoLGl67cUi1hekQEJMfckTLPFSqubhNQfJ
sdCMD3zX5dmoc73T0VGPIjZGhJXijFN05CSXYfpKgEB9Pr06fA3koYlo3wIDAQAB
AoGAe8IJuw9yJYrpr4Y6kG2N1I+lvrz4KnlQ9LoSg22FIiV7pS8/dIIIVS2+sH58
/WRe2nQU9BichyCLBPpHTPr+MrmVMg7IKME2GzPUih3BbafjsV4FD4g4ohP8in46
4EHQTdOavohlXc8wB33Cenqjd+zIJILtRFhsGkzeapXqwGECQQD2sbFh+8H8NruI
ZR16ZTAmwX28o9qvXzjI5Sm2iaWh/1XpxM3LWOw/neBaCB7g7+Ig+YnB6IXycUMM
iokB1dqlAkEA0AZV3e/ZZiS++7gmeoQqjlzBr0Ul6/4au00A2gNCMET8X7aNVbn0
7csK/h69d+seYr1FZMOVkcrStMd3vW5SMwJAepPIg9tIhD3d6OP1Rb/JsTgrdfQk
0UcLPCdCFsVGW7w3wDRd3VCN8v5LX/DxBuuq/J+BZ6xWAiVtH2omsZbFUQJASd52
D2FkaYkS6H/z6f2UvwjhHkQHu014YJpvevs9PbbBh5tjhNWLzAUV2jdAQJ0VJSrg
wW9SZXsIZ3mNY48RUQJADIQnFgs8CvAUCZTEg/Pl5lge1iYjM4cgmgUl+p7ILHiN
9cmTMvQ6/GD534dI1Sq+jnybE9dg/kcvbwTPepnONA==
-----END RSA PRIVATE KEY-----
";

#[test]
fn reads_sec_1_behind_other_blocks() {
    let pair = KeyPair::from_pem(SEC1).unwrap();
    assert!(pem_body(SEC1_PUBLIC) == pair.public_key().to_spki_der());
}

#[cfg(feature = "rsa")]
#[test]
fn reads_pkcs_1() {
    let pair = KeyPair::from_pem(PKCS1).unwrap();
    assert_eq!(pair.algorithm(), Algorithm::Rs256);
    assert_eq!(pem_body(PKCS1), *pair.private().to_bytes());
}

fn pem_body(text: &str) -> Vec<u8> {
    pem::decode_vec(text.as_bytes()).unwrap().1
}

#[test]
fn says_what_kind_of_key_it_cannot_use() {
    let refused = |pem: &str| KeyPair::from_pem(pem).unwrap_err().to_string();
    // `openssl genpkey -algorithm ed25519`
    let ed25519 = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEIHxOQJ0UjTyGB6ZR4OzVnJzMt8Nn7iEcZjUEbM1IvW1j\n\
                   -----END PRIVATE KEY-----\n";
    match Algorithm::EdDsa.is_available() {
        true => assert_eq!(KeyPair::from_pem(ed25519).unwrap().algorithm(), Algorithm::EdDsa),
        false => assert_eq!(
            refused(ed25519).split(", expected").next(),
            Some("found EdDSA, which needs stuntkey's feature \"eddsa\"")
        ),
    }
    // `openssl genpkey -algorithm x25519`
    let x25519 = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIPicprCfrSmDv86mygqZrzBfjLD6nzuOMzzhDm6ZR0tq
-----END PRIVATE KEY-----
";
    assert!(refused(x25519).starts_with("found a key of the type 1.3.101.110, expected one for ES256"));
    // `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1`
    let brainpool = "-----BEGIN PRIVATE KEY-----
MIGIAgEAMBQGByqGSM49AgEGCSskAwMCCAEBBwRtMGsCAQEEIEx5J7Vkz1pwHsh2
DLRRkHjZ8ht0jWvEXOF4kUCArj3QoUQDQgAEozihjSw0bZ2FVwr7xDe04kyDnyJ1
xdsjtmiO4MglmEulMYaWl59d0whOGYX5M1Y/ctJu5UbAlSrSQKYiK0LImA==
-----END PRIVATE KEY-----
";
    let expected = "found a key of the type 1.2.840.10045.2.1 on the curve 1.3.36.3.3.2.8.1.1.7, expected";
    assert!(refused(brainpool).starts_with(expected), "{}", refused(brainpool));
    // `openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:1024`
    let pss = "-----BEGIN PRIVATE KEY-----
MIICdAIBADALBgkqhkiG9w0BAQoEggJgMIICXAIBAAKBgQDOsRmeZt91ASjM+Ca7
0axN//qsnDEyYWI8XjH2KiM7QRON4z8i4RYpdWEzxNLNQAB4Iwln1jgmJ31dYBkx
lHXyLc3YUL3lBF5rUAhKcZIRd1PYnq9ycStXu2ozIRceVGCxpH9WrTvd6nZRkpDy
Na6QDq9PWaXCDiO7AL5KgDhxLQIDAQABAoGAAYUn7RRQnGmvxSImFseJ/uDdFRvo
+LfioxMGRws0SyFFZYvAUR9arF9ioaDW9A9+cWPAk/TtYMp1j5Q/Wy/+VhA/ju6Q
rtfDB/CmeNfUdb6+82gqN/xaCbzk/8CGtHCG2hEOjxJETNvOPNQ5qsoCv8r8oC1k
aulgO1UdttIx9TkCQQD33n6j6p8R41ps+ku5ZLQfjrDD5iv/r+W8c1HTO7JjzLBV
W4MZNKiUZXOcKY3+yM+N0JWo9soIjCP6RXryB2tTAkEA1XjQlJkqF7nlgRwSvdvM
PNgx4mu3zNKAXzylAjIDL6Bv1KZp+lZHVou/+VO7fUAljnTx+rluCkvLa+QhZWmh
fwJAZ2FvJGLI8acHoghK6QotbjQPWcV4eG4evZjDefyeDK3kpdVDOpIR9cLSk0Fp
reiHWLi0kwJLhYEdyFaOTr/1bQJBAJNSvrhfABLBw6cX5cNLpqczGTJG3uEnQVr4
snRSaap70dHzS15uHuuWpNWAOPuWwpSPFtTPFida6be7CGVBwicCQCykkFmcndnI
hxhBX4q1NthrFaqVuYZODvdrHIsk45vzRoFHyNfM2KXKXh5b43EcVD6mhX/9pwFr
Ai7iuGCNGJs=
-----END PRIVATE KEY-----
";
    assert!(
        refused(pss).starts_with("found a key of the type 1.2.840.113549.1.1.10, expected"),
        "{}",
        refused(pss)
    );
    // `openssl genpkey -algorithm ed25519 -aes128 -pass pass:x`
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert!(refused(encrypted).starts_with("found no PEM block of an unencrypted private key, expected"));
}

#[test]
fn refuses_the_public_key_of_another() {
    let [one, other] = [[7; 32], [8; 32]].map(|scalar| KeyPair::from_p256_scalar(&scalar).unwrap());
    let PublicKey::P256 { x, .. } = other.public_key() else { panic!("P-256") };
    let PublicKey::P256 { x: mine, .. } = one.public_key() else { panic!("P-256") };
    let mut der = one.to_pkcs8_der().to_vec();
    let at = der.windows(32).position(|window| window == mine).unwrap();
    der[at..at + 32].copy_from_slice(x);
    let error = KeyPair::from_pkcs8_der(&der).unwrap_err();
    assert_eq!(error, KeyError::Unreadable("found the public key of another private key".into()));
}

/// RFC 5958 version 2: the public key stands beside the private key.
#[cfg(feature = "eddsa")]
#[test]
fn reads_version_2_and_holds_its_public_key_against_the_private_one() {
    // RFC 8410 §10.3, with the public key and an attribute.
    let pem = "-----BEGIN PRIVATE KEY-----\n\
        MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n\
        Z9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PRIVATE KEY-----\n";
    let pair = KeyPair::from_pem(pem).unwrap();
    let mut der = pem_body(pem);
    *der.last_mut().unwrap() ^= 1;
    assert!(KeyPair::from_pkcs8_der(&der).is_err());
    assert!(
        pair.public_key().to_spki_der().starts_with(&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70])
    );
}

/// RFC 9881 §6: beside the seed there may be the expanded key, and without a seed there is nothing to keep.
#[cfg(feature = "ml-dsa")]
#[test]
fn ml_dsa_keys_need_their_seed() {
    let pkcs8 = |key: &[u8]| {
        let identifier = tlv(SEQUENCE, &[algorithm_identifier(Algorithm::MlDsa44)]);
        tlv(SEQUENCE, &[&unsigned(&[]), &identifier, &tlv(OCTET_STRING, &[key])])
    };
    let expanded = tlv(OCTET_STRING, &[&[1; 2560]]);
    let both = tlv(SEQUENCE, &[&tlv(OCTET_STRING, &[&[5; 32]]), &expanded]);
    let seed_only = KeyPair::from_secret(Algorithm::MlDsa44, &[5; 32]).unwrap();
    assert_eq!(KeyPair::from_pkcs8_der(&pkcs8(&both)), Ok(seed_only));
    let error = KeyPair::from_pkcs8_der(&pkcs8(&expanded)).unwrap_err();
    assert_eq!(error, KeyError::UnsupportedKeyType("ML-DSA without its seed".into()));
    assert!(KeyPair::from_pkcs8_der(&pkcs8(&tlv(0x80, &[&[5; 31]]))).is_err());
}
