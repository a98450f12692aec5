//! The verifier's parsers of structures inside statements: cut anywhere or with more behind, they refuse.
#![cfg(feature = "verifier")]

use stuntkey::verifier::{Attest, KeyDescription, Public, PublicParameters};

const FILE: &str = include_str!("vectors/webauthn-l3-vectors.json");

/// A member of the attestation statement of a vector.
fn statement(id: &str) -> ciborium::Value {
    let sections: Vec<serde_json::Value> = serde_json::from_str(FILE).unwrap();
    let section = sections.iter().find(|s| s["id"] == format!("sctn-test-vectors-{id}")).unwrap();
    let hex = section["blocks"][0]["attestationObject"].as_str().unwrap();
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
    let object: ciborium::Value = ciborium::from_reader(bytes.as_slice()).unwrap();
    member(&object, "attStmt")
}

fn member(map: &ciborium::Value, name: &str) -> ciborium::Value {
    map.as_map().unwrap().iter().find(|(key, _)| key.as_text() == Some(name)).unwrap().1.clone()
}

fn refuses_every_cut<T, E>(whole: &[u8], parse: impl Fn(&[u8]) -> Result<T, E>) {
    assert!(parse(whole).is_ok());
    for length in 0..whole.len() {
        assert!(parse(&whole[..length]).is_err(), "{length} of {} bytes", whole.len());
    }
    assert!(parse(&[whole, &[0]].concat()).is_err(), "a byte more");
}

#[test]
fn a_cert_info_is_read_whole_or_not_at_all() {
    let cert_info = member(&statement("tpm-es256"), "certInfo").into_bytes().unwrap();
    refuses_every_cut(&cert_info, Attest::parse);
    let attest = Attest::parse(&cert_info).unwrap();
    // WebAuthn L3, test vectors, tpm-es256: clockInfo.safe is 0x33.
    assert_eq!((attest.magic, attest.structure, attest.clock_info[16]), (0xff54_4347, 0x8017, 0x33));
    assert_eq!(Attest::parse(&cert_info[..5]).unwrap_err().field, "type");
}

#[test]
fn a_pub_area_is_read_whole_or_not_at_all() {
    let pub_area = member(&statement("tpm-es256"), "pubArea").into_bytes().unwrap();
    refuses_every_cut(&pub_area, Public::parse);
    let public = Public::parse(&pub_area).unwrap();
    assert!(
        matches!(&public.parameters, PublicParameters::Ecc { curve: 3, x, y } if (x.len(), y.len()) == (32, 32))
    );
    let keyed_hash = [&[0x00, 0x08][..], &pub_area[2..]].concat();
    assert_eq!(Public::parse(&keyed_hash).unwrap_err().field, "type");
}

#[test]
fn a_key_description_is_read_whole_or_not_at_all() {
    // The extension of WebAuthn L3, test vectors, android-key-es256, as `openssl asn1parse` shows it.
    let hex = "30350202012c0a01000201000a01000420b435028d7b6a8f83bb461d41c19b053a9d3cdb30351a4f374cd4cde8dbefb606040030003000";
    let der: Vec<u8> =
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
    refuses_every_cut(&der, KeyDescription::parse);
    let description = KeyDescription::parse(&der).unwrap();
    assert_eq!((description.attestation_version, description.attestation_security_level), (300, 0));
    assert!(description.tee_enforced.tags.is_empty() && description.software_enforced.origin.is_none());
}

#[test]
fn authorizations_come_in_order_and_once() {
    let description = |list: &[u8]| {
        let head = [2, 1, 4, 10, 1, 1, 2, 1, 4, 10, 1, 1, 4, 0, 4, 0, 0x30, 0, 0x30];
        let fields = [&head[..], &[u8::try_from(list.len()).unwrap()], list].concat();
        KeyDescription::parse(&[&[0x30, u8::try_from(fields.len()).unwrap()], fields.as_slice()].concat())
    };
    let (purpose, origin) = ([0xa1, 5, 0x31, 3, 2, 1, 2], [0xbf, 0x85, 0x3e, 3, 2, 1, 0]);
    let read = description(&[purpose, origin].concat()).unwrap().tee_enforced;
    assert_eq!((read.purpose, read.origin, read.tags), (Some(vec![2]), Some(0), vec![1, 702]));
    assert!(description(&[origin, purpose].concat()).is_err(), "in another order");
    assert!(description(&[purpose, purpose].concat()).is_err(), "twice");
    assert!(description(&[0xa1, 5, 0x31, 3, 2, 1, 0xff]).is_err(), "a negative purpose");
    assert!(description(&[0x02, 1, 0]).is_err(), "no tag");
}
