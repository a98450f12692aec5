//! The verifier's parsers of structures inside statements: cut anywhere or with more behind, they refuse.
#![cfg(feature = "verifier")]

use stuntkey::verifier::internals::AndroidKeyDescription as KeyDescription;
use stuntkey_inspect::cbor::Stop;
use stuntkey_inspect::text::from_hex;
use stuntkey_inspect::tpm::{self, Structure};

const FILE: &str = include_str!("vectors/webauthn-l3-vectors.json");

/// A member of the attestation statement of a vector.
fn statement(id: &str) -> ciborium::Value {
    let sections: Vec<serde_json::Value> = serde_json::from_str(FILE).unwrap();
    let section = sections.iter().find(|s| s["id"] == format!("sctn-test-vectors-{id}")).unwrap();
    let hex = section["blocks"][0]["attestationObject"].as_str().unwrap();
    let bytes = from_hex(hex).unwrap();
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

/// A structure that is whole and alone, as the verifier wants it.
fn whole(structure: Structure<'_>) -> Result<Structure<'_>, Stop> {
    match structure.stop.clone() {
        Some(stop) => Err(stop),
        None if structure.rest.is_empty() => Ok(structure),
        None => Err(Stop { offset: structure.rest.start, why: "more".into() }),
    }
}

fn attest(bytes: &[u8]) -> Result<Structure<'_>, Stop> {
    whole(tpm::attest(bytes, 0..bytes.len()))
}

fn public(bytes: &[u8]) -> Result<Structure<'_>, Stop> {
    whole(tpm::public(bytes, 0..bytes.len()))
}

#[test]
fn a_cert_info_is_read_whole_or_not_at_all() {
    let cert_info = member(&statement("tpm-es256"), "certInfo").into_bytes().unwrap();
    refuses_every_cut(&cert_info, |bytes| attest(bytes).map(drop));
    let read = attest(&cert_info).unwrap();
    // WebAuthn L3, test vectors, tpm-es256: clockInfo.safe is 0x33.
    let number = |name| read.number(name).unwrap();
    assert_eq!((number("magic"), number("type"), number("safe")), (0xff54_4347, 0x8017, 0x33));
    assert!(attest(&cert_info[..5]).unwrap_err().why.contains("type"));
}

#[test]
fn a_pub_area_is_read_whole_or_not_at_all() {
    let pub_area = member(&statement("tpm-es256"), "pubArea").into_bytes().unwrap();
    refuses_every_cut(&pub_area, |bytes| public(bytes).map(drop));
    let read = public(&pub_area).unwrap();
    let length = |name| read.bytes(name).unwrap().len();
    assert_eq!(
        (read.number("parameters.curveID"), length("unique.x"), length("unique.y")),
        (Some(3), 32, 32)
    );
    let keyed_hash = [&[0x00, 0x08][..], &pub_area[2..]].concat();
    assert!(public(&keyed_hash).unwrap_err().why.contains("type"));
}

#[test]
fn a_key_description_is_read_whole_or_not_at_all() {
    // The extension of WebAuthn L3, test vectors, android-key-es256, as `openssl asn1parse` shows it.
    let hex = "30350202012c0a01000201000a01000420b435028d7b6a8f83bb461d41c19b053a9d3cdb30351a4f374cd4cde8dbefb606040030003000";
    let der = from_hex(hex).unwrap();
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
