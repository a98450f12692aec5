//! Certificate paths that OpenSSL made and judged: the verifier says the same, and at which check.
#![cfg(feature = "verifier")]

use stuntkey::verifier::internals::examine_path;

const FILE: &str = include_str!("vectors/paths.json");

fn der(value: &serde_json::Value) -> Vec<u8> {
    use base64ct::{Base64, Encoding};
    Base64::decode_vec(value.as_str().unwrap()).unwrap()
}

#[test]
fn a_path_is_valid_if_openssl_says_so() {
    let cases: Vec<serde_json::Value> = serde_json::from_str(FILE).unwrap();
    let root = cases.iter().find_map(|case| case.get("root")).map(der).unwrap();
    let mut count = 0;
    for case in cases.iter().filter(|case| case.get("id").is_some()) {
        let id = case["id"].as_str().unwrap();
        let x5c: Vec<Vec<u8>> = case["x5c"].as_array().unwrap().iter().map(der).collect();
        let failed = examine_path(&x5c, std::slice::from_ref(&root));
        let first = failed.first().map_or("", |failed| failed.check.id());
        assert_eq!(failed.is_empty(), case["valid"], "{id}: {failed:?}");
        assert_eq!(first, case["check"], "{id}: {failed:?}");
        // Without the root, or with one of its name alone, there is no path.
        assert!(!examine_path(&x5c, &[]).is_empty(), "{id}");
        // A changed byte in the leaf's signature.
        let mut forged = x5c.clone();
        *forged[0].last_mut().unwrap() ^= 1;
        assert!(!examine_path(&forged, std::slice::from_ref(&root)).is_empty(), "{id}");
        count += 1;
    }
    assert!(count >= 14, "{count}");
}
